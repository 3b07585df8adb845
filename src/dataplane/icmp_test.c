/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/test_packets.h"

#include "dataplane/icmp.h"

static const struct tcp_spec big = { .payload_len = 1400 };

static struct icmp_too_big about_v4(void)
{
	return (struct icmp_too_big){ addr_v4(10, 0, 0, 254), 1400 };
}

static void test_fragmentation_needed(void **state)
{
	uint8_t p[2048], answer[ICMP_TOO_BIG_MAX];
	size_t len = test_tcp(p, &big);
	struct inner in = test_parse(p, len), got;
	struct icmp_too_big about = about_v4();
	size_t n = icmp_too_big(&about, p, &in, answer);

	(void)state;
	assert_int_equal(n, 576);
	got = test_parse(answer, n);
	assert_int_equal(got.proto, IP_PROTO_ICMP);
	assert_int_equal(checksum(answer, 20), 0);
	assert_int_equal(checksum(answer + 20, n - 20), 0);
	assert_int_equal(answer[20], 3);
	assert_int_equal(answer[21], 4);
	assert_int_equal(bytes_u16(answer + 26), 1400);
	assert_memory_equal(answer + 28, p, n - 28);
	assert_memory_equal(answer + 12, about.source.bytes, 4);
	assert_memory_equal(answer + 16, p + 12, 4);
}

static void test_packet_too_big(void **state)
{
	uint8_t p[2048], answer[ICMP_TOO_BIG_MAX];
	struct tcp_spec spec = big;
	struct icmp_too_big about = { .mtu_bytes = 1400 };

	(void)state;
	spec.family = ADDR_V6;
	size_t len = test_tcp(p, &spec);
	struct inner in = test_parse(p, len);
	assert_int_equal(icmp_too_big(&about, p, &in, answer), 0);
	assert_true(addr_parse("2001:db8::fe", &about.source));
	size_t n = icmp_too_big(&about, p, &in, answer);
	assert_int_equal(n, 576);
	assert_int_equal(answer[6], IP_PROTO_ICMPV6);
	assert_int_equal(answer[40], 2);
	assert_int_equal(bytes_u32(answer + 44), 1400);
	assert_int_equal(test_l4_checksum(answer, n), 0);
	assert_memory_equal(answer + 48, p, n - 48);
}

static void expect_silence(const uint8_t *p, size_t len)
{
	uint8_t answer[ICMP_TOO_BIG_MAX];
	struct inner in = test_parse(p, len);
	struct icmp_too_big about = about_v4();

	assert_int_equal(icmp_too_big(&about, p, &in, answer), 0);
}

static void test_no_answer(void **state)
{
	uint8_t p[2048];
	size_t len = test_tcp(p, &big);

	(void)state;
	bytes_set_u16(p + 6, 5); /* a later fragment */
	expect_silence(p, len);
	len = test_tcp(p, &big);
	p[16] = 224; /* to a group */
	expect_silence(p, len);
	len = test_tcp(p, &big);
	memset(p + 12, 0, 4);
	expect_silence(p, len);
	test_ip(p, ADDR_V4, IP_PROTO_ICMP, 1400);
	p[20] = 11; /* time exceeded */
	expect_silence(p, 1420);
}

static void test_echo_is_answered(void **state)
{
	uint8_t p[2048], answer[ICMP_TOO_BIG_MAX];
	struct icmp_too_big about = about_v4();

	(void)state;
	test_ip(p, ADDR_V4, IP_PROTO_ICMP, 1400);
	p[20] = 8;
	struct inner in = test_parse(p, 1420);
	assert_int_equal(icmp_too_big(&about, p, &in, answer), 576);
}

static void test_redirects(void **state)
{
	uint8_t p[256] = { 0 };
	const struct addr own = addr_v4(10, 0, 0, 1), other = addr_v4(10, 0, 0, 9);

	(void)state;
	test_ip(p, ADDR_V4, IP_PROTO_ICMP, 36);
	p[20] = 5;
	struct inner in = test_parse(p, 56);
	assert_true(icmp_is_redirect(p, &in, &own));
	assert_false(icmp_is_redirect(p, &in, &other));
	p[20] = 8;
	assert_false(icmp_is_redirect(p, &in, &own));
	test_ip(p, ADDR_V6, IP_PROTO_ICMPV6, 40);
	p[40] = 137;
	in = test_parse(p, 80);
	assert_true(icmp_is_redirect(p, &in, &own));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fragmentation_needed),
		cmocka_unit_test(test_packet_too_big),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_echo_is_answered),
		cmocka_unit_test(test_redirects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
