/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "util/addr.h"

static struct addr ip(const char *text)
{
	struct addr a;

	assert_true(addr_parse(text, &a));
	return a;
}

static struct prefix net(const char *text, uint8_t len)
{
	return (struct prefix){ ip(text), len };
}

static void expect_text(struct addr a, const char *want)
{
	char text[ADDR_TEXT_LEN];

	assert_string_equal(addr_format(&a, text), want);
}

static void test_text(void **state)
{
	static const char *const good[] = {
		"0.0.0.0",         "192.0.2.1",
		"255.255.255.255", "::",
		"2001:db8::1",     "fe80::1",
		"::ffff:1.2.3.4",  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
	};
	static const char *const bad[] = {
		"",          " ",        "1.2.3", "1.2.3.256", "1.2.3.4 ",         "1.2.3.4/24",
		"01.2.3.4x", "2001:db8", ":::",   "none",      "1:2:3:4:5:6:7:8:9"
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		expect_text(ip(good[i]), good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct addr a = addr_v4(9, 9, 9, 9);
		assert_false(addr_parse(bad[i], &a));
		expect_text(a, "9.9.9.9");
	}
	expect_text(ADDR_ANY_NONE, "none");
}

static void test_numbers(void **state)
{
	const struct addr a = addr_v4(192, 0, 2, 1);
	const struct addr again = addr_from_u32(0xc0000201);

	(void)state;
	assert_true(addr_equal(&a, &again));
	assert_int_equal(addr_to_u32(&a), 0xc0000201);
	assert_int_equal(addr_len(&a), 4);
	assert_int_equal(addr_bits(&a), 32);
	const struct addr six = ip("::1");
	assert_int_equal(addr_len(&six), 16);
	assert_int_equal(addr_bits(&six), 128);
	assert_int_equal(addr_len(&ADDR_ANY_NONE), 0);
	assert_int_equal(addr_bits(&ADDR_ANY_NONE), 0);
}

static void test_kinds(void **state)
{
	const struct addr zero = ip("0.0.0.0"), zero6 = ip("::"), host = ip("10.0.0.1");
	const struct addr group = ip("224.0.0.5"), last = ip("239.255.255.255"),
			  e = ip("240.0.0.1");
	const struct addr group6 = ip("ff02::5");

	(void)state;
	assert_true(addr_is_none(&ADDR_ANY_NONE));
	assert_false(addr_is_none(&zero));
	assert_true(addr_is_unspecified(&zero) && addr_is_unspecified(&zero6));
	assert_false(addr_is_unspecified(&ADDR_ANY_NONE) || addr_is_unspecified(&host));
	assert_true(addr_is_multicast(&group) && addr_is_multicast(&last));
	assert_true(addr_is_multicast(&group6));
	assert_false(addr_is_multicast(&e) || addr_is_multicast(&host) ||
	             addr_is_multicast(&ADDR_ANY_NONE));
}

static void test_order(void **state)
{
	static const char *const sorted[] = { "0.0.0.0",   "9.255.0.0", "10.0.0.0", "10.0.0.1",
		                              "200.0.0.1", "::",        "::1",      "2001:db8::" };

	(void)state;
	for (size_t i = 0; i < sizeof sorted / sizeof *sorted; i++)
		for (size_t k = 0; k < sizeof sorted / sizeof *sorted; k++) {
			const struct addr a = ip(sorted[i]), b = ip(sorted[k]);
			int order = addr_compare(&a, &b);
			assert_int_equal(order < 0, i < k);
			assert_int_equal(order > 0, i > k);
			assert_int_equal(addr_equal(&a, &b), i == k);
			assert_int_equal(addr_hash(&a) == addr_hash(&b), i == k);
		}
}

static void test_prefix(void **state)
{
	const struct prefix p = net("192.168.5.77", 20), host = prefix_host(&p.addr);
	const struct prefix network = prefix_network(&p), want = net("192.168.0.0", 20);
	const struct addr in = ip("192.168.15.255"), out = ip("192.168.16.0"), six = ip("::1");
	char text[PREFIX_TEXT_LEN];

	(void)state;
	assert_true(prefix_equal(&network, &want));
	assert_false(prefix_equal(&p, &want));
	assert_true(prefix_contains(&p, &in));
	assert_false(prefix_contains(&p, &out) || prefix_contains(&p, &six));
	assert_int_equal(host.len, 32);
	assert_string_equal(prefix_format(&p, text), "192.168.5.77/20");
	const struct prefix all = net("0.0.0.0", 0), all6 = net("::", 0);
	assert_true(prefix_contains(&all, &in) && prefix_contains(&all6, &six));
	assert_false(prefix_contains(&all, &six));
	const struct prefix six_net = net("2001:db8:0:8000::", 49);
	const struct addr six_in = ip("2001:db8:0:ffff::1"), six_out = ip("2001:db8:0:7fff::1");
	assert_true(prefix_contains(&six_net, &six_in));
	assert_false(prefix_contains(&six_net, &six_out));
}

static void test_masks(void **state)
{
	(void)state;
	for (uint8_t len = 0; len <= 32; len++) {
		const struct addr mask = prefix_mask_v4(len);
		uint8_t again = 99;
		assert_true(prefix_len_from_mask_v4(&mask, &again));
		assert_int_equal(again, len);
	}
	expect_text(prefix_mask_v4(0), "0.0.0.0");
	expect_text(prefix_mask_v4(20), "255.255.240.0");
	expect_text(prefix_mask_v4(32), "255.255.255.255");
	static const char *const bad[] = { "255.0.255.0", "0.255.255.255", "255.255.255.253",
		                           "::" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const struct addr mask = ip(bad[i]);
		uint8_t len = 99;
		assert_false(prefix_len_from_mask_v4(&mask, &len));
		assert_int_equal(len, 99);
	}
}

static void expect_broadcast(struct prefix p, const char *want)
{
	expect_text(prefix_broadcast_v4(&p), want);
}

static void test_broadcast(void **state)
{
	(void)state;
	expect_broadcast(net("192.168.0.2", 24), "192.168.0.255");
	expect_broadcast(net("10.1.2.3", 30), "10.1.2.3");
	expect_broadcast(net("10.1.2.3", 31), "none");
	expect_broadcast(net("10.1.2.3", 32), "none");
	expect_broadcast(net("10.1.2.3", 0), "255.255.255.255");
	expect_broadcast(net("fd00::1", 24), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),      cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_kinds),     cmocka_unit_test(test_order),
		cmocka_unit_test(test_prefix),    cmocka_unit_test(test_masks),
		cmocka_unit_test(test_broadcast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
