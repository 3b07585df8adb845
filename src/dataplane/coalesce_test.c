/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/test_packets.h"

#include "dataplane/coalesce.h"
#include "dataplane/tables.h"
#include "util/strbuf.h"

enum { PACKETS = 80, ROOM = 2048, MTU = 1400 };

static const uint8_t eth[ETH_LEN] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 8, 0 };

struct fixture {
	struct coalesce c;
	struct slot slot[2];
	uint8_t packet[PACKETS][ROOM];
	unsigned n;
	struct strbuf trace;
	uint8_t frame[70000]; /* the last one written */
	size_t len;
	struct virtio_net_hdr_v1 vnet;
};

/* A line for each frame: slot, IP length, GSO size and kind, flags of TCP. */
static void on_write(void *ctx, struct slot *slot, const struct iovec *iov, int n_iov)
{
	struct fixture *f = ctx;

	f->len = 0;
	for (int i = 0; i < n_iov; i++) {
		memcpy(f->frame + f->len, iov[i].iov_base, iov[i].iov_len);
		f->len += iov[i].iov_len;
	}
	memcpy(&f->vnet, f->frame, VNET_LEN);
	assert_memory_equal(f->frame + VNET_LEN, eth, ETH_LEN);
	strbuf_printf(&f->trace, "%d: %zu gso %u/%u %s\n", (int)(slot - f->slot),
	              f->len - VNET_LEN - ETH_LEN, f->vnet.gso_size, f->vnet.gso_type,
	              f->vnet.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM ? "partial" : "whole");
}

static struct fixture *setup(void)
{
	static struct fixture f;

	memset(&f, 0, sizeof f);
	strbuf_init(&f.trace);
	f.c.write = on_write;
	f.c.ctx = &f;
	return &f;
}

static void add_bytes(struct fixture *f, unsigned slot, size_t len)
{
	const struct coalesce_packet p = {
		.slot = &f->slot[slot],
		.eth = eth,
		.bytes = f->packet[f->n],
		.in = test_parse(f->packet[f->n], len),
		.mtu_bytes = MTU,
	};

	f->n++;
	coalesce_add(&f->c, &p);
}

static void add(struct fixture *f, const struct tcp_spec *spec)
{
	add_bytes(f, 0, test_tcp(f->packet[f->n], spec));
}

static void data(struct fixture *f, uint32_t seq, size_t len, uint8_t flags)
{
	const struct tcp_spec spec = { .seq = seq, .payload_len = len, .flags = flags };

	add(f, &spec);
}

static void expect(struct fixture *f, const char *want)
{
	coalesce_flush(&f->c);
	assert_string_equal(f->trace.text, want);
	strbuf_fini(&f->trace);
}

static void test_joins_in_order(void **state)
{
	struct fixture *f = setup();

	(void)state;
	data(f, 100, 1000, TCP_ACK);
	data(f, 1100, 1000, TCP_ACK);
	data(f, 2100, 1000, TCP_ACK);
	expect(f, "0: 3040 gso 1000/1 partial\n");
	const uint8_t *ip = f->frame + VNET_LEN + ETH_LEN;
	assert_int_equal(checksum(ip, 20), 0);
	assert_int_equal(f->vnet.csum_start, ETH_LEN + 20);
	assert_int_equal(f->vnet.csum_offset, 16);
	assert_int_equal(f->vnet.hdr_len, ETH_LEN + 40);
	struct inner in = test_parse(ip, 3040);
	assert_true(inner_checksum_is_partial(ip, &in));
	for (size_t i = 0; i < 3000; i++)
		assert_int_equal(ip[40 + i], (uint8_t)(100 + i));
}

static void test_psh_and_short_end_a_frame(void **state)
{
	struct fixture *f = setup();

	(void)state;
	data(f, 100, 1000, TCP_ACK);
	data(f, 1100, 1000, TCP_ACK | TCP_PSH);
	assert_int_equal(f->frame[VNET_LEN + ETH_LEN + 33], TCP_ACK | TCP_PSH);
	data(f, 2100, 1000, TCP_ACK);
	data(f, 3100, 10, TCP_ACK);
	data(f, 3110, 1000, TCP_ACK);
	expect(f,
	       "0: 2040 gso 1000/1 partial\n0: 1050 gso 1000/1 partial\n0: 1040 gso 0/0 whole\n");
}

static void test_longer_starts_anew(void **state)
{
	struct fixture *f = setup();

	(void)state;
	data(f, 100, 1000, TCP_ACK);
	data(f, 1100, 1200, TCP_ACK);
	expect(f, "0: 1040 gso 0/0 whole\n0: 1240 gso 0/0 whole\n");
}

static void test_gap_and_repetition(void **state)
{
	struct fixture *f = setup();

	(void)state;
	data(f, 100, 1000, TCP_ACK);
	data(f, 2100, 1000, TCP_ACK);
	data(f, 2100, 1000, TCP_ACK);
	expect(f, "0: 1040 gso 0/0 whole\n0: 1040 gso 0/0 whole\n0: 1040 gso 0/0 whole\n");
}

/* What says more than "next data" is written as it came, behind the data held so far. */
static void test_other_flags_keep_order(void **state)
{
	struct fixture *f = setup();

	(void)state;
	data(f, 100, 1000, TCP_ACK);
	data(f, 1100, 1000, TCP_ACK);
	data(f, 2100, 0, TCP_ACK);
	data(f, 2100, 500, TCP_ACK | TCP_FIN);
	expect(f, "0: 2040 gso 1000/1 partial\n0: 40 gso 0/0 whole\n0: 540 gso 0/0 whole\n");
}

static void test_headers_that_differ(void **state)
{
	struct fixture *f = setup();
	const struct tcp_spec tos = {
		.seq = 1100, .payload_len = 1000, .flags = TCP_ACK, .tos = 8
	};
	const struct tcp_spec options = {
		.seq = 2100, .payload_len = 1000, .flags = TCP_ACK, .options_len = 12
	};

	(void)state;
	data(f, 100, 1000, TCP_ACK);
	add(f, &tos);
	add(f, &options);
	expect(f, "0: 1040 gso 0/0 whole\n0: 1040 gso 0/0 whole\n0: 1052 gso 0/0 whole\n");
}

static void test_wrong_checksum_is_left_to_the_kernel(void **state)
{
	struct fixture *f = setup();
	const struct tcp_spec spec = { .seq = 1100, .payload_len = 1000, .flags = TCP_ACK };

	(void)state;
	data(f, 100, 1000, TCP_ACK);
	size_t len = test_tcp(f->packet[f->n], &spec);
	f->packet[f->n][500] ^= 1;
	add_bytes(f, 0, len);
	data(f, 2100, 1000, TCP_ACK);
	expect(f, "0: 1040 gso 0/0 whole\n0: 1040 gso 0/0 whole\n0: 1040 gso 0/0 whole\n");
}

static void test_flows_side_by_side(void **state)
{
	struct fixture *f = setup();

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		for (uint16_t port = 1; port <= 2; port++) {
			const struct tcp_spec spec = {
				.seq = 1000 * i, .port = port, .payload_len = 1000, .flags = TCP_ACK
			};
			add(f, &spec);
		}
	expect(f, "0: 3040 gso 1000/1 partial\n0: 3040 gso 1000/1 partial\n");
}

static void test_slots_do_not_mix(void **state)
{
	struct fixture *f = setup();
	const struct tcp_spec spec = { .seq = 1100, .payload_len = 1000, .flags = TCP_ACK };

	(void)state;
	data(f, 100, 1000, TCP_ACK);
	add_bytes(f, 1, test_tcp(f->packet[f->n], &spec));
	expect(f, "0: 1040 gso 0/0 whole\n1: 1040 gso 0/0 whole\n");
}

static void test_more_flows_than_room(void **state)
{
	struct fixture *f = setup();

	(void)state;
	for (uint16_t port = 1; port <= COALESCE_FLOWS + 1; port++) {
		const struct tcp_spec spec = { .port = port, .payload_len = 10, .flags = TCP_ACK };
		add(f, &spec);
	}
	assert_string_equal(f->trace.text, "0: 50 gso 0/0 whole\n");
	coalesce_flush(&f->c);
	strbuf_fini(&f->trace);
}

static void test_64_kb_is_the_end(void **state)
{
	struct fixture *f = setup();

	(void)state;
	for (uint32_t i = 0; i < 50; i++)
		data(f, i * 1360, 1360, TCP_ACK);
	expect(f, "0: 65320 gso 1360/1 partial\n0: 2760 gso 1360/1 partial\n");
}

static void test_v6(void **state)
{
	struct fixture *f = setup();

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		const struct tcp_spec spec = {
			.family = ADDR_V6, .seq = i * 900, .payload_len = 900, .flags = TCP_ACK
		};
		add(f, &spec);
	}
	expect(f, "0: 1860 gso 900/4 partial\n");
	const uint8_t *ip = f->frame + VNET_LEN + ETH_LEN;
	struct inner in = test_parse(ip, 1860);
	assert_true(inner_checksum_is_partial(ip, &in));
}

/* Another card's aggregate, or a checksum left to hardware. */
static void test_unfinished_checksums(void **state)
{
	struct fixture *f = setup();
	const struct tcp_spec spec = { .payload_len = 1900, .flags = TCP_ACK };

	(void)state;
	size_t len = test_tcp(f->packet[0], &spec);
	test_make_partial(f->packet[0], len);
	add_bytes(f, 0, len);
	len = test_udp(f->packet[1], 100);
	test_make_partial(f->packet[1], len);
	add_bytes(f, 0, len);
	assert_int_equal(f->vnet.csum_offset, 6);
	add_bytes(f, 0, test_udp(f->packet[2], 100));
	expect(f, "0: 1940 gso 1360/1 partial\n0: 128 gso 0/0 partial\n0: 128 gso 0/0 whole\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_joins_in_order),
		cmocka_unit_test(test_psh_and_short_end_a_frame),
		cmocka_unit_test(test_longer_starts_anew),
		cmocka_unit_test(test_gap_and_repetition),
		cmocka_unit_test(test_other_flags_keep_order),
		cmocka_unit_test(test_headers_that_differ),
		cmocka_unit_test(test_wrong_checksum_is_left_to_the_kernel),
		cmocka_unit_test(test_flows_side_by_side),
		cmocka_unit_test(test_slots_do_not_mix),
		cmocka_unit_test(test_more_flows_than_room),
		cmocka_unit_test(test_64_kb_is_the_end),
		cmocka_unit_test(test_v6),
		cmocka_unit_test(test_unfinished_checksums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
