/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker does with a protected packet, all but its system calls, in memory and on one core,
 * beside bare ipsec-mb on the same buffers, just written to as well:
 *
 *	seal: a frame as the TAP gives it, adjacency and association found, GRE, ESP, outer header
 *	open: an outer packet as the socket gives it, association found, ESP, GRE, a frame for the
 *TAP
 *
 * Transport mode, bursts over 1 and over 64 associations. Rounds alternate as in esp_bench.c.
 *
 *	path_bench [inner bytes]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bare.h"
#include "crypto/crypto.h"
#include "dataplane/bytes.h"
#include "dataplane/forward.h"
#include "dataplane/inner.h"
#include "dataplane/open.h"
#include "dataplane/receive.h"
#include "dataplane/segment.h"
#include "util/check.h"
#include "util/checksum.h"
#include "util/clock.h"
#include "util/memory.h"

enum {
	ROUNDS = 15,
	ROUND_PACKETS = 1024,
	SAS_MAX = BARE_SAS_MAX,
	KEY_LEN = 64,
	TUNNEL = 3,
	UDP_HEADER_LEN = 8,
	GRE_LEN = 4,
	FRAME_STRIDE = BARE_STRIDE,
	FRAME_AT = FORWARD_HEADROOM + GRE_LEN, /* as in worker.c */
	LEN_MIN = IPV4_LEN + UDP_HEADER_LEN,
	LEN_MAX = 1400,
};

enum work { SEAL, OPEN, BARE_SEAL, BARE_OPEN, WORKS_N };

/* One end: its tables, and one worker's half of the work. */
struct side {
	struct tables *tables;
	struct slot *slot;
	struct punt_ring punts;
};

struct bench {
	struct crypto *crypto;
	struct esp_library *library;
	struct esp_engine *engine;
	struct bare bare;
	const struct suite *suite;
	size_t len, burst, n_sas, n_outer, n_written;
	double clock_ns;
	struct side sender, receiver;
	struct forward forward;
	struct seal seal;
	struct receive receive;
	struct open open;
	uint8_t mac[SAS_MAX][DP_MAC_LEN];
	uint8_t frame[ESP_BURST][FRAME_STRIDE];
	uint8_t model[SAS_MAX][FRAME_STRIDE]; /* of the frames, which are sealed where they lie */
	uint8_t outer[ESP_BURST][BARE_STRIDE];
	size_t outer_len[ESP_BURST];
};

static struct addr hub(void)
{
	return addr_v4(192, 0, 2, 1);
}

static struct addr spoke(size_t i)
{
	return addr_v4(198, 51, 100, (uint8_t)(i + 1));
}

/* ---- what stands in for the system calls ---- */

static void take_sent(void *ctx, struct tx_packet *packets, unsigned n)
{
	struct bench *b = ctx;

	for (unsigned i = 0; i < n; i++) {
		struct tx_packet *p = &packets[i];
		uint8_t *at = b->outer[b->n_outer];
		size_t head_len = p->head_len - OUTER_OFFSET;
		memcpy(at, encap_head(p) + OUTER_OFFSET, head_len);
		memcpy(at + head_len, p->payload, p->payload_len);
		b->outer_len[b->n_outer++] = head_len + p->payload_len;
	}
}

/* The port's work is not ours to measure: only what it is given. */
static void drop_sent(void *ctx, struct tx_packet *packets, unsigned n)
{
	struct bench *b = ctx;

	(void)packets;
	b->n_outer += n;
}

static void take_written(void *ctx, struct slot *slot, const struct iovec *iov, int n_iov)
{
	struct bench *b = ctx;

	(void)slot;
	(void)iov;
	(void)n_iov;
	b->n_written++;
}

/* ---- tables ---- */

static void open_side(struct side *s, const struct addr *source)
{
	const struct dp_tunnel tunnel = {
		.number = TUNNEL,
		.source = *source,
		.up = true,
		.protected = true,
		.mtu_bytes = LEN_MAX,
	};

	punt_ring_init(&s->punts);
	s->tables = tables_new(1);
	sa_table_init(&s->tables->sas, 1);
	s->slot = tables_slot_new(s->tables, TUNNEL);
	check(s->slot);
	tables_set(s->tables, s->slot, &tunnel);
}

static void close_side(struct side *s)
{
	sa_table_fini(&s->tables->sas);
	tables_free(s->tables);
	punt_ring_fini(&s->punts);
}

static struct sa *add_sa(struct bench *b, struct side *s, size_t i, bool outbound)
{
	static const uint8_t key[KEY_LEN] = { 1, 2, 3 };
	const struct dp_sa config = {
		.id = (uint32_t)(i + 1),
		.tunnel = TUNNEL,
		.local = hub(),
		.nbma = spoke(i),
		.remote = spoke(i),
		.config = { .spi = (uint32_t)(ESP_SPI_MIN + i),
		            .outbound = outbound,
		            .mode = ESP_TRANSPORT,
		            .cipher = b->suite->cipher,
		            .auth = b->suite->auth,
		            .cipher_key = key,
		            .auth_key = key,
		            .iv_key = key,
		            .replay_packets = 64 },
	};
	enum esp_sa_error error;
	struct esp_sa *esp = esp_sa_new(b->library, &config.config, &error);

	check(esp && sa_table_add(&s->tables->sas, &config, esp, s->slot->at) == 0);
	return sa_table_by_id(&s->tables->sas, config.id);
}

/* The inner packets go to spokes by turns; UDP, so that nothing is put together. */
static void make_frames(struct bench *b)
{
	for (size_t i = 0; i < SAS_MAX; i++) {
		uint8_t *eth = b->model[i] + FRAME_AT + VNET_LEN, *ip = eth + ETH_LEN;
		memset(b->model[i], 0, sizeof b->model[i]);
		memcpy(eth, b->mac[i % b->n_sas], DP_MAC_LEN);
		bytes_set_u16(eth + 12, ETH_PROTO_IPV4);
		ip[0] = 0x45;
		bytes_set_u16(ip + 2, (uint16_t)b->len);
		ip[8] = 64;
		ip[9] = IP_PROTO_UDP;
		ip[12] = ip[16] = 10;
		bytes_set_u16(ip + 10, checksum(ip, IPV4_LEN));
		bytes_set_u16(ip + IPV4_LEN + 4, (uint16_t)(b->len - IPV4_LEN));
		/* Not 0, which would say that there is none. */
		bytes_set_u16(ip + IPV4_LEN + 6, 0x1234);
	}
}

static void open_all(struct bench *b)
{
	const struct addr source = hub();

	open_side(&b->sender, &source);
	open_side(&b->receiver, &source);
	for (size_t i = 0; i < b->n_sas; i++) {
		const struct addr nbma = spoke(i);
		check(tables_adjacency_add(b->sender.tables, b->sender.slot, &nbma, b->mac[i]) ==
		      0);
		check(tables_protect(b->sender.tables, TUNNEL, &nbma,
		                     add_sa(b, &b->sender, i, true)) == 0);
		(void)add_sa(b, &b->receiver, i, false);
	}
	seal_init(&b->seal, b->engine);
	open_init(&b->open, b->engine);
	b->forward = (struct forward){ .tables = b->sender.tables,
		                       .punts = &b->sender.punts,
		                       .now_ns = NS_PER_S,
		                       .ctx = b,
		                       .seal = &b->seal };
	b->receive = (struct receive){ .tables = b->receiver.tables,
		                       .punts = &b->receiver.punts,
		                       .now_ns = NS_PER_S,
		                       .coalesce = { .write = take_written, .ctx = b },
		                       .ctx = b,
		                       .open = &b->open };
	make_frames(b);
}

static void close_all(struct bench *b)
{
	close_side(&b->sender);
	close_side(&b->receiver);
}

/* ---- the two ways ---- */

/* What the TAP does. done: packets before this burst. */
static void read_frames(struct bench *b, size_t done)
{
	for (size_t i = 0; i < b->burst; i++)
		memcpy(b->frame[i] + FRAME_AT, b->model[(done + i) % SAS_MAX] + FRAME_AT,
		       VNET_LEN + ETH_LEN + b->len);
}

static void send_burst(struct bench *b, void (*send)(void *, struct tx_packet *, unsigned))
{
	b->n_outer = 0;
	b->forward.send = send;
	for (size_t i = 0; i < b->burst; i++)
		forward_frame(&b->forward, b->sender.slot, b->frame[i] + FRAME_AT,
		              VNET_LEN + ETH_LEN + b->len);
	forward_flush(&b->forward);
	check(b->n_outer == b->burst);
}

static void receive_burst(struct bench *b)
{
	b->n_written = 0;
	for (size_t i = 0; i < b->burst; i++)
		open_packet(&b->receive, b->outer[i], b->outer_len[i]);
	open_flush(&b->receive);
	receive_flush(&b->receive);
	check(b->n_written == b->burst);
}

static void ours(struct bench *b, double ret_ns[static WORKS_N])
{
	double seal[ROUND_PACKETS], open[ROUND_PACKETS];
	size_t n = 0;

	for (size_t done = 0; done < ROUND_PACKETS; done += b->burst) {
		read_frames(b, done);
		double t0 = bench_now_ns();
		send_burst(b, drop_sent);
		double t1 = bench_now_ns();
		read_frames(b, done);
		send_burst(b, take_sent);
		double t2 = bench_now_ns();
		receive_burst(b);
		double t3 = bench_now_ns();
		seal[n] = t1 - t0;
		open[n++] = t3 - t2;
	}
	ret_ns[SEAL] = (bench_median(seal, n) - b->clock_ns) / (double)b->burst;
	ret_ns[OPEN] = (bench_median(open, n) - b->clock_ns) / (double)b->burst;
}

/* Bare calls do not care what they seal or open, only where: what ours left there will do. */
static void bare(struct bench *b, double ret_ns[static WORKS_N])
{
	double seal[ROUND_PACKETS], open[ROUND_PACKETS];
	size_t n = 0;

	for (size_t done = 0; done < ROUND_PACKETS; done += b->burst) {
		read_frames(b, done);
		double t0 = bench_now_ns();
		bare_run(&b->bare, true, done);
		double t1 = bench_now_ns();
		for (size_t i = 0; i < b->burst; i++)
			memcpy(b->outer[i], b->frame[i], b->outer_len[i]);
		double t2 = bench_now_ns();
		bare_run(&b->bare, false, done);
		double t3 = bench_now_ns();
		seal[n] = t1 - t0;
		open[n++] = t3 - t2;
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
	const struct bare_bursts bursts = {
		.suite = b->suite,
		.len = GRE_LEN + b->len,
		.burst = b->burst,
		.n_sas = b->n_sas,
		.seal = b->frame[0] + FRAME_AT + VNET_LEN + ETH_LEN - GRE_LEN -
		        b->suite->header_len,
		.open = b->outer[0] + IPV4_LEN,
	};

	open_all(b);
	bare_fill(&b->bare, &bursts);
	ours(b, ns[0]);
	bare(b, ns[0]);
	for (int r = 0; r < ROUNDS; r++) {
		ours(b, ns[r]);
		bare(b, ns[r]);
	}
	print_row(ns, b);
	close_all(b);
}

int main(int argc, char **argv)
{
	static const size_t bursts[] = { 1, 8, 32, 64 }, sas[] = { 1, SAS_MAX };
	struct bench *b = aligned_alloc(64, (sizeof *b + 63) & ~(size_t)63);

	check(b);
	memset(b, 0, sizeof *b);
	b->len = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : LEN_MAX;
	if (argc > 2 || b->len < LEN_MIN || b->len > LEN_MAX) {
		fprintf(stderr, "path_bench [inner bytes, %d to %d]\n", LEN_MIN, LEN_MAX);
		return 2;
	}
	rcu_register_thread();
	b->crypto = crypto_new();
	b->library = esp_library_new(b->crypto, true);
	b->engine = esp_engine_new(b->library);
	b->clock_ns = bench_clock_ns();
	bare_init(&b->bare);
	printf("%zu bytes of inner packet; ns for each, and bare ns / our ns\n", b->len);
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
	crypto_free(b->crypto);
	rcu_unregister_thread();
	free(b);
	return 0;
}
