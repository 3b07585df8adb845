/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/test_packets.h"

#include "dataplane/decap.h"

/* Outer packet with the GRE bytes given. Returns its length. */
static size_t outer(uint8_t *p, const uint8_t *gre, size_t gre_len)
{
	test_ip(p, ADDR_V4, IP_PROTO_GRE, gre_len);
	memcpy(p + IPV4_LEN, gre, gre_len);
	return IPV4_LEN + gre_len;
}

static void test_key_and_sequence(void **state)
{
	const uint8_t gre[] = { 0x30, 0, 8, 0, 0, 0, 0, 7, 0, 0, 0, 3, 0x45, 0x46 };
	uint8_t p[64];
	size_t len = outer(p, gre, sizeof gre);
	struct decap d;
	enum dp_drop drop;

	(void)state;
	assert_true(decap_parse(p, len, &d, &drop));
	assert_int_equal(addr_to_u32(&d.from), 0x0a000001);
	assert_int_equal(addr_to_u32(&d.to), 0x0a000002);
	assert_int_equal(d.gre.key, 7);
	assert_int_equal(d.gre.sequence, 3);
	assert_int_equal(d.payload_len, 2);
	assert_ptr_equal(d.payload, p + 32);
}

static void test_garbage(void **state)
{
	const uint8_t gre[] = { 0x30, 0, 8, 0, 0, 0, 0, 7, 0, 0, 0, 3 };
	const uint8_t pptp[] = { 0x00, 1, 8, 0 };
	uint8_t p[64];
	size_t len = outer(p, gre, sizeof gre);
	struct decap d;
	enum dp_drop drop;

	(void)state;
	for (size_t cut = 0; cut < len; cut++) {
		assert_false(decap_parse(p, cut, &d, &drop));
		assert_int_equal(drop, DP_DROP_GRE);
	}
	assert_false(decap_parse(p, outer(p, pptp, sizeof pptp), &d, &drop));
	len = outer(p, gre, sizeof gre);
	p[9] = IP_PROTO_UDP;
	assert_false(decap_parse(p, len, &d, &drop));
}

/* Outer congestion, inner capable: marked, and the checksum still right. */
static void test_congestion(void **state)
{
	uint8_t p[64];

	(void)state;
	test_ip(p, ADDR_V4, IP_PROTO_TCP, 20);
	assert_true(decap_congestion(0x02, p, ADDR_V4));
	assert_int_equal(p[1], 0);
	assert_false(decap_congestion(0x03, p, ADDR_V4));
	p[1] = 0xba; /* EF, ECT(0) */
	bytes_set_u16(p + 10, 0);
	bytes_set_u16(p + 10, checksum(p, 20));
	assert_true(decap_congestion(0x03, p, ADDR_V4));
	assert_int_equal(p[1], 0xbb);
	assert_int_equal(checksum(p, 20), 0);
	test_ip(p, ADDR_V6, IP_PROTO_TCP, 20);
	assert_false(decap_congestion(0x03, p, ADDR_V6));
	p[1] = 0x15;
	assert_true(decap_congestion(0x03, p, ADDR_V6));
	assert_int_equal(p[0], 0x60);
	assert_int_equal(p[1], 0x35);
}

static void test_sequence(void **state)
{
	struct gre_sequence s = { 0 };

	(void)state;
	assert_true(gre_sequence_check(&s, 0xfffffffe));
	assert_true(gre_sequence_check(&s, 0xffffffff));
	assert_false(gre_sequence_check(&s, 0xffffffff));
	assert_true(gre_sequence_check(&s, 0)); /* wraps round */
	assert_false(gre_sequence_check(&s, 0xffffff00));
	assert_true(gre_sequence_check(&s, 5));
	assert_false(gre_sequence_check(&s, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key_and_sequence),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_congestion),
		cmocka_unit_test(test_sequence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
