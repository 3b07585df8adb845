/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/test_packets.h"

#include "dataplane/mss.h"

static const uint8_t mss_1460[] = { 2, 4, 0x05, 0xb4 };
static const uint8_t odd[] = { 1, 2, 4, 0x05, 0xb4, 1, 1, 1 };

static size_t syn(uint8_t *p, uint8_t family, const uint8_t *options, size_t options_len)
{
	const struct tcp_spec spec = {
		.family = family,
		.flags = TCP_SYN,
		.options = options,
		.options_len = options_len,
	};

	return test_tcp(p, &spec);
}

static void test_lowers_and_keeps_checksum(void **state)
{
	uint8_t p[256];
	size_t len = syn(p, ADDR_V4, mss_1460, sizeof mss_1460);
	struct inner in = test_parse(p, len);

	(void)state;
	assert_true(mss_clamp(p, &in, 1360, false));
	assert_int_equal(bytes_u16(p + 42), 1360);
	assert_int_equal(test_l4_checksum(p, len), 0);
	assert_false(mss_clamp(p, &in, 1360, false));
}

static void test_odd_place(void **state)
{
	uint8_t p[256];
	size_t len = syn(p, ADDR_V4, odd, sizeof odd);
	struct inner in = test_parse(p, len);

	(void)state;
	assert_true(mss_clamp(p, &in, 1000, false));
	assert_int_equal(bytes_u16(p + 43), 1000);
	assert_int_equal(test_l4_checksum(p, len), 0);
}

static void test_v6_gets_less(void **state)
{
	uint8_t p[256];
	size_t len = syn(p, ADDR_V6, mss_1460, sizeof mss_1460);
	struct inner in = test_parse(p, len);

	(void)state;
	assert_true(mss_clamp(p, &in, 1360, false));
	assert_int_equal(bytes_u16(p + 62), 1340);
	assert_int_equal(test_l4_checksum(p, len), 0);
}

static void test_partial_checksum_stays(void **state)
{
	uint8_t p[256];
	size_t len = syn(p, ADDR_V4, mss_1460, sizeof mss_1460);
	struct inner in = test_parse(p, len);

	(void)state;
	test_make_partial(p, len);
	assert_true(mss_clamp(p, &in, 1360, true));
	assert_true(inner_checksum_is_partial(p, &in));
}

static void expect_untouched(uint8_t *p, size_t len)
{
	uint8_t before[256];
	struct inner in = test_parse(p, len);

	memcpy(before, p, len);
	assert_false(mss_clamp(p, &in, 536, false));
	assert_memory_equal(p, before, len);
}

static void test_leaves_alone(void **state)
{
	static const uint8_t too_long[] = { 2, 40, 0x05, 0xb4 }, no_length[] = { 2, 0, 0x05, 0xb4 };
	static const uint8_t cut[] = { 1, 1, 1, 2 }, ended[] = { 0, 2, 4, 0xff };
	uint8_t p[256];
	const struct tcp_spec data = { .flags = TCP_ACK, .options = mss_1460, .options_len = 4 };

	(void)state;
	expect_untouched(p, test_tcp(p, &data));
	expect_untouched(p, test_udp(p, 60));
	expect_untouched(p, syn(p, ADDR_V4, too_long, 4));
	expect_untouched(p, syn(p, ADDR_V4, no_length, 4));
	expect_untouched(p, syn(p, ADDR_V4, cut, 4));
	expect_untouched(p, syn(p, ADDR_V4, ended, 4));
	expect_untouched(p, syn(p, ADDR_V4, NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lowers_and_keeps_checksum),
		cmocka_unit_test(test_odd_place),
		cmocka_unit_test(test_v6_gets_less),
		cmocka_unit_test(test_partial_checksum_stays),
		cmocka_unit_test(test_leaves_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
