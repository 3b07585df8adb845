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
#include <intel-ipsec-mb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/crypto.h"
#include "esp/esp.h"
#include "util/check.h"
#include "util/entropy.h"

enum {
	ROUNDS = 15,
	ROUND_PACKETS = 1024,
	STRIDE = 1664, /* a multiple of 64 that spreads over the cache's sets */
	SAS_MAX = 64,
	NARROW_MAX = 8, /* as in src/esp: smaller bursts go to the SSE manager */
	KEY_MAX = 64,
};

enum work { SEAL, OPEN, BARE_SEAL, BARE_OPEN, WORKS_N };

struct suite {
	const char *name;
	enum esp_cipher cipher;
	enum esp_auth auth;
	IMB_HASH_ALG hash;
	uint32_t header_len, icv_len, align;
};

static const struct suite suites[] = {
	{ "AES-128-CBC, SHA-1", ESP_AES128, ESP_SHA1_96, IMB_AUTH_HMAC_SHA_1, 24, 12, 16 },
	{ "AES-128-CBC, SHA-256", ESP_AES128, ESP_SHA256_128, IMB_AUTH_HMAC_SHA_256, 24, 16, 16 },
	{ "AES-128-GCM", ESP_GCM128, ESP_AUTH_NONE, IMB_AUTH_NULL, 16, 16, 4 },
};

struct bare {
	IMB_MGR *wide, *narrow;
	uint8_t encrypt[15 * 16], decrypt[15 * 16], pads[2][64];
	struct gcm_key_data gcm_key;
	struct gcm_context_data gcm;
	IMB_JOB jobs[ESP_BURST];
	uint8_t tags[ESP_BURST][64];
} __attribute__((aligned(64)));

struct bench {
	struct esp_library *library;
	struct esp_engine *engine;
	struct esp_sa *out[SAS_MAX], *in[SAS_MAX];
	struct bare bare;
	const struct suite *suite;
	size_t len, burst, n_sas;
	struct esp_packet packets[ESP_BURST];
	uint8_t buffers[ESP_BURST][STRIDE] __attribute__((aligned(64)));
	double clock_ns; /* what reading the clock takes */
};

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof *values, compare);
	return values[n / 2];
}

static double calibrate(void)
{
	enum { N = 1001 };
	double took[N];

	for (int i = 0; i < N; i++) {
		double start = now_ns();
		took[i] = now_ns() - start;
	}
	return median(took, N);
}

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
				.tailroom = STRIDE - ESP_HEADROOM - b->len,
				.next_header = 47,
			};
		double t0 = now_ns();
		esp_seal(b->engine, b->packets, b->burst);
		double t1 = now_ns();
		for (size_t i = 0; i < b->burst; i++)
			b->packets[i].sa = b->in[(done + i) % b->n_sas];
		double t2 = now_ns();
		esp_open(b->engine, b->packets, b->burst);
		double t3 = now_ns();
		for (size_t i = 0; i < b->burst; i++)
			check(b->packets[i].drop == ESP_DROP_NONE);
		seal[n] = t1 - t0;
		open[n++] = t3 - t2;
	}
	ret_ns[SEAL] = (median(seal, n) - b->clock_ns) / (double)b->burst;
	ret_ns[OPEN] = (median(open, n) - b->clock_ns) / (double)b->burst;
}

/* ---- bare ---- */

static void make_bare(struct bare *bare)
{
	static const uint8_t key[16] = { 1, 2, 3 };
	IMB_ARCH arch;

	bare->wide = alloc_mb_mgr(0);
	bare->narrow = alloc_mb_mgr(0);
	check(bare->wide && bare->narrow);
	init_mb_mgr_auto(bare->wide, &arch);
	init_mb_mgr_sse(bare->narrow);
	IMB_AES_KEYEXP_128(bare->wide, key, bare->encrypt, bare->decrypt);
	IMB_AES128_GCM_PRE(bare->wide, key, &bare->gcm_key);
}

static void fill_jobs(struct bench *b)
{
	const struct suite *s = b->suite;
	uint32_t text_len = (uint32_t)(b->len + 2 + s->align - 1) & ~(s->align - 1);

	for (size_t i = 0; i < b->burst; i++) {
		uint8_t *esp = b->buffers[i] + ESP_HEADROOM - s->header_len;
		b->bare.jobs[i] = (IMB_JOB){
			.enc_keys = b->bare.encrypt,
			.dec_keys = b->bare.decrypt,
			.key_len_in_bytes = 16,
			.src = esp,
			.dst = esp + s->header_len,
			.cipher_start_src_offset_in_bytes = s->header_len,
			.msg_len_to_cipher_in_bytes = text_len,
			.msg_len_to_hash_in_bytes = s->header_len + text_len,
			.iv = esp + 8,
			.iv_len_in_bytes = 16,
			.auth_tag_output = b->bare.tags[i],
			.auth_tag_output_len_in_bytes = s->icv_len,
			.u.HMAC._hashed_auth_key_xor_ipad = b->bare.pads[0],
			.u.HMAC._hashed_auth_key_xor_opad = b->bare.pads[1],
		};
	}
}

static void bare_gcm(struct bench *b, bool seal)
{
	struct bare *bare = &b->bare;
	aes_gcm_enc_dec_t run = seal ? bare->wide->gcm128_enc : bare->wide->gcm128_dec;

	for (size_t i = 0; i < b->burst; i++) {
		const IMB_JOB *j = &bare->jobs[i];
		run(&bare->gcm_key, &bare->gcm, j->dst, j->dst, j->msg_len_to_cipher_in_bytes,
		    j->src, j->src, 8, j->auth_tag_output, 16);
	}
}

static void bare_cbc(struct bench *b, bool seal)
{
	struct bare *bare = &b->bare;
	IMB_MGR *mgr = b->burst <= NARROW_MAX ? bare->narrow : bare->wide;
	uint32_t n = (uint32_t)b->burst;

	if (seal)
		IMB_SUBMIT_CIPHER_BURST_NOCHECK(mgr, bare->jobs, n, IMB_CIPHER_CBC, IMB_DIR_ENCRYPT,
		                                IMB_KEY_128_BYTES);
	IMB_SUBMIT_HASH_BURST_NOCHECK(mgr, bare->jobs, n, b->suite->hash);
	if (!seal)
		IMB_SUBMIT_CIPHER_BURST_NOCHECK(mgr, bare->jobs, n, IMB_CIPHER_CBC, IMB_DIR_DECRYPT,
		                                IMB_KEY_128_BYTES);
}

static void bare(struct bench *b, double ret_ns[static WORKS_N])
{
	void (*run)(struct bench *, bool) = b->suite->auth == ESP_AUTH_NONE ? bare_gcm : bare_cbc;
	double seal[ROUND_PACKETS], open[ROUND_PACKETS];
	size_t n = 0;

	for (size_t done = 0; done < ROUND_PACKETS; done += b->burst) {
		double t0 = now_ns();
		run(b, true);
		double t1 = now_ns();
		run(b, false);
		double t2 = now_ns();
		seal[n] = t1 - t0;
		open[n++] = t2 - t1;
	}
	ret_ns[BARE_SEAL] = (median(seal, n) - b->clock_ns) / (double)b->burst;
	ret_ns[BARE_OPEN] = (median(open, n) - b->clock_ns) / (double)b->burst;
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
			printf("  %7.0f", median(values, ROUNDS));
		}
		for (int r = 0; r < ROUNDS; r++)
			values[r] = ns[r][w + BARE_SEAL] / ns[r][w];
		printf("  %5.2f", median(values, ROUNDS));
	}
	printf("\n");
}

static void measure(struct bench *b)
{
	double ns[ROUNDS][WORKS_N];

	make_sas(b);
	fill_jobs(b);
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
	check(b->len <= STRIDE - ESP_HEADROOM - ESP_TAILROOM);
	b->library = esp_library_new(crypto, argc < 3 || strcmp(argv[2], "openssl") != 0);
	b->engine = esp_engine_new(b->library);
	b->clock_ns = calibrate();
	make_bare(&b->bare);
	printf("%zu bytes of payload; ns for each packet, and bare ns / our ns\n", b->len);
	printf("%-22s %5s %4s  %7s  %7s  %5s  %7s  %7s  %5s\n", "", "burst", "SAs", "seal", "bare",
	       "ratio", "open", "bare", "ratio");
	for (size_t s = 0; s < sizeof suites / sizeof *suites; s++)
		for (size_t k = 0; k < 2; k++)
			for (size_t n = 0; n < sizeof bursts / sizeof *bursts; n++) {
				b->suite = &suites[s];
				b->n_sas = sas[k];
				b->burst = bursts[n];
				measure(b);
			}
	free_mb_mgr(b->bare.wide);
	free_mb_mgr(b->bare.narrow);
	esp_engine_free(b->engine);
	esp_library_free(b->library);
	crypto_free(crypto);
	free(b);
	return 0;
}
