/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_seal and esp_open in memory, on one core, beside bare ipsec-mb calls on the same buffers: the
 * library's own functions with everything filled in beforehand, no packet, sequence number, IV or
 * padding. Rounds of both alternate, so that a machine that changes its clock changes both. A round
 * is told by its median burst, since other programs take the processor away now and then; what is
 * printed are medians of rounds.
 *
 *     esp_bench [payload bytes [openssl]]      openssl: ours without ipsec-mb
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bare.h"
#include "crypto/crypto.h"
#include "util/check.h"
#include "util/entropy.h"

enum {
	ROUNDS = 15,
	ROUND_PACKETS = 1024,
	SAS_MAX = BARE_SAS_MAX,
	KEY_MAX = 64,
};

enum work { SEAL, OPEN, BARE_SEAL, BARE_OPEN, WORKS_N };

struct bench {
	struct esp_library *library;
	struct esp_engine *engine;
	struct esp_sa *out[SAS_MAX], *in[SAS_MAX];
	struct bare bare;
	uint8_t buffers[ESP_BURST][BARE_STRIDE] __attribute__((aligned(64)));
	const struct suite *suite;
	size_t len, burst, n_sas;
	struct esp_packet packets[ESP_BURST];
	double clock_ns;
};

/* ---- ours ---- */

static void make_sas(struct bench *b)
{
	static const uint8_t key[KEY_MAX] = { 1, 2, 3 };
	struct prng prng;
	uint8_t cipher_key[ESP_CIPHER_KEY_MAX], iv_key[ESP_IV_KEY_LEN];

	prng_seed(&prng, 1);
	struct entropy e = prng_entropy(&prng);
	for (size_t i = 0; i < b->n_sas; i++) {
		struct esp_sa_config c = {
			.spi = (uint32_t)(ESP_SPI_MIN + i),
			.outbound = true,
			.cipher = b->suite->cipher,
			.auth = b->suite->auth,
			.cipher_key = cipher_key,
			.auth_key = key,
			.iv_key = iv_key,
			.replay_packets = 64,
		};
		enum esp_sa_error error;
		e.fill(e.ctx, cipher_key, sizeof cipher_key);
		e.fill(e.ctx, iv_key, sizeof iv_key);
		b->out[i] = esp_sa_new(b->library, &c, &error);
		c.outbound = false;
		b->in[i] = esp_sa_new(b->library, &c, &error);
		check(b->out[i] && b->in[i]);
	}
}

static void free_sas(struct bench *b)
{
	for (size_t i = 0; i < b->n_sas; i++) {
		esp_sa_free(b->out[i]);
		esp_sa_free(b->in[i]);
	}
}

static void ours(struct bench *b, double ret_ns[static WORKS_N])
{
	double seal[ROUND_PACKETS], open[ROUND_PACKETS];
	size_t n = 0;

	for (size_t done = 0; done < ROUND_PACKETS; done += b->burst) {
		for (size_t i = 0; i < b->burst; i++)
			b->packets[i] = (struct esp_packet){
				.sa = b->out[(done + i) % b->n_sas],
				.bytes = b->buffers[i] + ESP_HEADROOM,
				.len = b->len,
				.headroom = ESP_HEADROOM,
				.tailroom = BARE_STRIDE - ESP_HEADROOM - b->len,
				.next_header = 47,
			};
		double t0 = bench_now_ns();
		esp_seal(b->engine, b->packets, b->burst);
		double t1 = bench_now_ns();
		for (size_t i = 0; i < b->burst; i++)
			b->packets[i].sa = b->in[(done + i) % b->n_sas];
		double t2 = bench_now_ns();
		esp_open(b->engine, b->packets, b->burst);
		double t3 = bench_now_ns();
		for (size_t i = 0; i < b->burst; i++)
			check(b->packets[i].drop == ESP_DROP_NONE);
		seal[n] = t1 - t0;
		open[n++] = t3 - t2;
	}
	ret_ns[SEAL] = (bench_median(seal, n) - b->clock_ns) / (double)b->burst;
	ret_ns[OPEN] = (bench_median(open, n) - b->clock_ns) / (double)b->burst;
}

/* ---- bare ---- */

static void bare(struct bench *b, double ret_ns[static WORKS_N])
{
	double seal[ROUND_PACKETS], open[ROUND_PACKETS];
	size_t n = 0;

	for (size_t done = 0; done < ROUND_PACKETS; done += b->burst) {
		double t0 = bench_now_ns();
		bare_run(&b->bare, true, done);
		double t1 = bench_now_ns();
		bare_run(&b->bare, false, done);
		double t2 = bench_now_ns();
		seal[n] = t1 - t0;
		open[n++] = t2 - t1;
	}
	ret_ns[BARE_SEAL] = (bench_median(seal, n) - b->clock_ns) / (double)b->burst;
	ret_ns[BARE_OPEN] = (bench_median(open, n) - b->clock_ns) / (double)b->burst;
}

/* ---- the table ---- */

static void print_row(double (*ns)[WORKS_N], const struct bench *b)
{
	double values[ROUNDS];

	printf("%-22s %5zu %4zu", b->suite->name, b->burst, b->n_sas);
	for (int w = SEAL; w <= OPEN; w++) {
		for (int both = 0; both < 2; both++) {
			for (int r = 0; r < ROUNDS; r++)
				values[r] = ns[r][both ? w + BARE_SEAL : w];
			printf("  %7.0f", bench_median(values, ROUNDS));
		}
		for (int r = 0; r < ROUNDS; r++)
			values[r] = ns[r][w + BARE_SEAL] / ns[r][w];
		printf("  %5.2f", bench_median(values, ROUNDS));
	}
	printf("\n");
}

static void measure(struct bench *b)
{
	double ns[ROUNDS][WORKS_N];
	uint8_t *esp = b->buffers[0] + ESP_HEADROOM - b->suite->header_len;
	const struct bare_bursts bursts = {
		.suite = b->suite,
		.len = b->len,
		.burst = b->burst,
		.n_sas = b->n_sas,
		.seal = esp,
		.open = esp,
	};

	make_sas(b);
	bare_fill(&b->bare, &bursts);
	ours(b, ns[0]);
	bare(b, ns[0]);
	for (int r = 0; r < ROUNDS; r++) {
		ours(b, ns[r]);
		bare(b, ns[r]);
	}
	print_row(ns, b);
	free_sas(b);
}

int main(int argc, char **argv)
{
	static const size_t bursts[] = { 1, 2, 4, 8, 16, 32, 64 }, sas[] = { 1, SAS_MAX };
	struct bench *b = aligned_alloc(64, sizeof *b);
	struct crypto *crypto = crypto_new();

	check(b && crypto);
	memset(b, 0, sizeof *b);
	b->len = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 1400;
	check(b->len <= BARE_STRIDE - ESP_HEADROOM - ESP_TAILROOM);
	b->library = esp_library_new(crypto, argc < 3 || strcmp(argv[2], "openssl") != 0);
	b->engine = esp_engine_new(b->library);
	b->clock_ns = bench_clock_ns();
	bare_init(&b->bare);
	printf("%zu bytes of payload; ns for each packet, and bare ns / our ns\n", b->len);
	printf("%-22s %5s %4s  %7s  %7s  %5s  %7s  %7s  %5s\n", "", "burst", "SAs", "seal", "bare",
	       "ratio", "open", "bare", "ratio");
	for (size_t s = 0; s < SUITES_N; s++)
		for (size_t k = 0; k < 2; k++)
			for (size_t n = 0; n < sizeof bursts / sizeof *bursts; n++) {
				b->suite = &suites[s];
				b->n_sas = sas[k];
				b->burst = bursts[n];
				measure(b);
			}
	bare_fini(&b->bare);
	esp_engine_free(b->engine);
	esp_library_free(b->library);
	crypto_free(crypto);
	free(b);
	return 0;
}
