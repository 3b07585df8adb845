/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/test_packets.h"

#include "dataplane/want.h"

static const struct addr none;

static void arp(uint8_t *p, uint8_t op, uint8_t sender, uint8_t target)
{
	const uint8_t head[] = { 0, 1, 8, 0, 6, 4, 0, op };

	memset(p, 0, 28);
	memcpy(p, head, sizeof head);
	if (sender) {
		const uint8_t from[] = { 10, 0, 0, sender };
		memcpy(p + 14, from, 4);
	}
	const uint8_t to[] = { 10, 0, 0, target };
	memcpy(p + 24, to, 4);
}

static void test_arp_request(void **state)
{
	uint8_t p[28];
	const struct addr own = addr_v4(10, 0, 0, 1), want = addr_v4(10, 0, 0, 7);
	struct addr target;

	(void)state;
	arp(p, 1, 1, 7);
	assert_true(want_from_arp(p, sizeof p, &own, &target));
	assert_true(addr_equal(&target, &want));
	for (size_t cut = 0; cut < sizeof p; cut++)
		assert_false(want_from_arp(p, cut, &own, &target));
}

static void test_arp_that_is_no_question(void **state)
{
	uint8_t p[28];
	const struct addr own = addr_v4(10, 0, 0, 1);
	struct addr target = none;

	(void)state;
	arp(p, 1, 0, 7); /* probe, RFC 5227 */
	assert_false(want_from_arp(p, sizeof p, &own, &target));
	arp(p, 1, 7, 7); /* announcement */
	assert_false(want_from_arp(p, sizeof p, &own, &target));
	arp(p, 2, 1, 7); /* reply */
	assert_false(want_from_arp(p, sizeof p, &own, &target));
	arp(p, 1, 9, 1); /* for our own */
	assert_false(want_from_arp(p, sizeof p, &own, &target));
	arp(p, 1, 1, 7);
	p[2] = 0x86; /* not IPv4 */
	assert_false(want_from_arp(p, sizeof p, &own, &target));
	assert_true(addr_equal(&target, &none));
}

static void test_solicitation(void **state)
{
	uint8_t p[64];
	struct addr target, want;

	(void)state;
	assert_true(addr_parse("2001:db8::7", &want));
	test_ip(p, ADDR_V6, IP_PROTO_ICMPV6, 24);
	memset(p + 40, 0, 24);
	p[40] = 135;
	memcpy(p + 48, want.bytes, 16);
	struct inner in = test_parse(p, 64);
	assert_true(want_from_solicitation(p, &in, &none, &target));
	assert_true(addr_equal(&target, &want));
	assert_false(want_from_solicitation(p, &in, &want, &target));
	memset(p + 8, 0, 16); /* duplicate address detection */
	assert_false(want_from_solicitation(p, &in, &none, &target));
	test_ip(p, ADDR_V6, IP_PROTO_ICMPV6, 20);
	in = test_parse(p, 60);
	assert_false(want_from_solicitation(p, &in, &none, &target));
}

static void test_discovery(void **state)
{
	uint8_t p[64];

	(void)state;
	test_ip(p, ADDR_V6, IP_PROTO_ICMPV6, 24);
	struct inner in = test_parse(p, 64);
	for (int type = 0; type < 256; type++) {
		p[40] = (uint8_t)type;
		assert_int_equal(want_is_discovery(p, &in), type >= 133 && type <= 137);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arp_request),
		cmocka_unit_test(test_arp_that_is_no_question),
		cmocka_unit_test(test_solicitation),
		cmocka_unit_test(test_discovery),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
