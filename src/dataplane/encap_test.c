/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/test_packets.h"

#include "dataplane/encap.h"

static void test_golden(void **state)
{
	const struct encap e = {
		.from = addr_v4(192, 0, 2, 1),
		.to = addr_v4(192, 0, 2, 2),
		.tos = 0xc0,
		.ttl = 255,
		.gre = { 0x20, 0, 0, 0, 0, 0, 0, 9 },
		.gre_len = 8,
	};
	const uint8_t want[] = { 0x45, 0xc0, 0, 32, 0x12, 0x34, 0,    0,    255,  47,   0x24,
		                 0xb7, 192,  0, 2,  1,    192,  0,    2,    2,    0x20, 0,
		                 0x20, 0x01, 0, 0,  0,    9,    0xaa, 0xbb, 0xcc, 0xdd };
	const uint8_t payload[] = { 0xaa, 0xbb, 0xcc, 0xdd };
	static struct tx_packet p;

	(void)state;
	encap_start(&p, &e, GRE_PROTO_NHRP);
	p.payload = payload;
	p.payload_len = sizeof payload;
	assert_int_equal(p.head_len, GRE_OFFSET + 8);
	assert_true(encap_finish(&p, 0x1234));
	assert_int_equal(encap_outer_len(&p), 32);
	assert_int_equal(checksum(p.own_head + OUTER_OFFSET, 20), 0);
	assert_memory_equal(p.own_head + OUTER_OFFSET, want, 28);
}

static void test_too_long(void **state)
{
	static const uint8_t payload[OUTER_MAX];
	const struct encap e = { .from = addr_v4(1, 1, 1, 1),
		                 .to = addr_v4(2, 2, 2, 2),
		                 .gre_len = 4 };
	static struct tx_packet p;

	(void)state;
	encap_start(&p, &e, GRE_PROTO_IPV4);
	p.payload = payload;
	p.payload_len = OUTER_MAX - 24;
	assert_true(encap_finish(&p, 0));
	p.payload_len++;
	assert_false(encap_finish(&p, 0));
}

static void test_esp_in_udp(void **state)
{
	const struct encap e = {
		.from = addr_v4(192, 0, 2, 1), .to = addr_v4(192, 0, 2, 2), .ttl = 255, .gre_len = 4
	};
	const uint8_t want[] = {
		0x45, 0, 0,   32, 0, 0, 0x40, 0,    255,  17,   0xf7, 0xc8, 192, 0,
		2,    1, 192, 0,  2, 2, 0x11, 0x94, 0x9c, 0x40, 0,    12,   0,   0
	};
	uint8_t room[ENCAP_HEAD_SEALED + 4] = { 0 }, *esp = room + ENCAP_HEAD_SEALED;
	struct iovec piece[2];
	static struct tx_packet p;

	(void)state;
	encap_start(&p, &e, GRE_PROTO_IPV4);
	p.sa = (const struct sa *)&p; /* not looked at */
	p.udp_to = 40000;
	p.df = true;
	encap_wrap(&p, esp, 4);
	assert_true(encap_finish(&p, 0));
	assert_int_equal(encap_outer_len(&p), 32);
	assert_int_equal(checksum(room + OUTER_OFFSET, 20), 0);
	assert_memory_equal(room + OUTER_OFFSET, want, sizeof want);
	assert_ptr_equal(p.payload, esp);
	assert_int_equal(encap_pieces(&p, OUTER_OFFSET, piece), 1);
	assert_ptr_equal(piece[0].iov_base, room + OUTER_OFFSET);
	assert_int_equal(piece[0].iov_len, 32);
	p.udp_to = 0;
	encap_wrap(&p, esp, 4);
	assert_true(encap_finish(&p, 0));
	assert_int_equal(encap_outer_len(&p), 24);
	assert_int_equal(encap_head(&p)[OUTER_OFFSET + 9], IP_PROTO_ESP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_esp_in_udp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
