/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/test_packets.h"

static void test_v4(void **state)
{
	uint8_t p[2048];
	const struct tcp_spec spec = { .tos = 0xb8, .payload_len = 100 };
	size_t len = test_tcp(p, &spec);

	(void)state;
	memset(p + len, 0, 6); /* padding of a short Ethernet frame */
	struct inner in = test_parse(p, len + 6);
	assert_int_equal(in.family, ADDR_V4);
	assert_int_equal(in.tos, 0xb8);
	assert_int_equal(in.len, 140);
	assert_int_equal(in.l4_offset, 20);
	assert_true(in.dont_fragment);
	assert_false(in.fragment);
	assert_int_equal(inner_tcp_len(p, &in), 20);
	struct addr source = inner_source(p, &in), want = addr_v4(10, 0, 0, 1);
	assert_true(addr_equal(&source, &want));
	assert_int_equal(test_l4_checksum(p, len), 0);
}

static void test_v6(void **state)
{
	uint8_t p[2048];
	const struct tcp_spec spec = { .family = ADDR_V6, .payload_len = 7 };
	size_t len = test_tcp(p, &spec);

	(void)state;
	p[0] = 0x6b;
	p[1] = 0x80;
	struct inner in = test_parse(p, len);
	assert_int_equal(in.family, ADDR_V6);
	assert_int_equal(in.tos, 0xb8);
	assert_int_equal(in.len, 67);
	assert_true(in.dont_fragment);
	struct addr to = inner_destination(p, &in);
	assert_int_equal(to.family, ADDR_V6);
	assert_int_equal(to.bytes[15], 2);
}

/* Every cut of a packet is refused, and lengths that lie are. */
static void test_short(void **state)
{
	uint8_t p[256];
	const struct tcp_spec spec = { .payload_len = 10 };
	struct inner in;

	(void)state;
	for (int family = ADDR_V4; family <= ADDR_V6; family += ADDR_V6 - ADDR_V4) {
		struct tcp_spec s = spec;
		s.family = (uint8_t)family;
		size_t len = test_tcp(p, &s);
		for (size_t cut = 0; cut < len; cut++)
			assert_false(inner_parse(p, cut, &in));
	}
	size_t len = test_tcp(p, &spec);
	p[0] = 0x44; /* header of 16 bytes */
	assert_false(inner_parse(p, len, &in));
	p[0] = 0x55;
	assert_false(inner_parse(p, len, &in));
	p[0] = 0x45;
	p[2] = 0;
	p[3] = 19; /* total length below the header's */
	assert_false(inner_parse(p, len, &in));
}

static void test_tcp_header_must_fit(void **state)
{
	uint8_t p[256];
	const struct tcp_spec spec = { .payload_len = 0 };
	size_t len = test_tcp(p, &spec);
	struct inner in = test_parse(p, len);

	(void)state;
	p[32] = 0x60; /* 24 bytes of 20 */
	assert_int_equal(inner_tcp_len(p, &in), 0);
	p[32] = 0x40;
	assert_int_equal(inner_tcp_len(p, &in), 0);
}

static void test_partial(void **state)
{
	uint8_t p[256];
	size_t len = test_udp(p, 33);
	struct inner in = test_parse(p, len);

	(void)state;
	assert_false(inner_checksum_is_partial(p, &in));
	test_make_partial(p, len);
	assert_true(inner_checksum_is_partial(p, &in));
	bytes_set_u16(p + 26, 0); /* UDP without a checksum */
	assert_false(inner_checksum_is_partial(p, &in));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v4),      cmocka_unit_test(test_v6),
		cmocka_unit_test(test_short),   cmocka_unit_test(test_tcp_header_must_fit),
		cmocka_unit_test(test_partial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
