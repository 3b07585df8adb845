/* SPDX-License-Identifier: Apache-2.0 */
#include "esp/outer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "crypto/test_hex.h"
#include "util/checksum.h"

static void expect_built(const struct esp_outer *o, const char *payload, const char *want)
{
	uint8_t bytes[ESP_OUTER_MAX + 64], golden[TEST_HEX_MAX];
	uint8_t *at = bytes + ESP_OUTER_MAX;
	size_t len = strlen(payload), golden_len = test_unhex(want, golden);

	memcpy(at, payload, len);
	assert_int_equal(esp_outer_build(o, 0x1234, at, len), golden_len);
	assert_int_equal(esp_outer_len(o), golden_len);
	assert_memory_equal(at - golden_len, golden, golden_len);
	assert_memory_equal(at, payload, len);
}

static const struct addr v4_a = { ADDR_V4, { 192, 0, 2, 1 } };
static const struct addr v4_b = { ADDR_V4, { 192, 0, 2, 2 } };
static const struct addr v6_a = { ADDR_V6, { 0x20, 1, 0xd, 0xb8, [15] = 1 } };
static const struct addr v6_b = { ADDR_V6, { 0x20, 1, 0xd, 0xb8, [15] = 2 } };

static void headers_of_ipv4(void **state)
{
	struct esp_outer o = { .from = v4_a,
		               .to = v4_b,
		               .protocol = ESP_PROTOCOL,
		               .tos = 0xc0,
		               .ttl = 255,
		               .df = true };

	(void)state;
	expect_built(&o, "payload!", "45c0001c 12344000 ff32e4b7 c0000201 c0000202");
	o.protocol = 47, o.df = false;
	expect_built(&o, "payload!", "45c0001c 12340000 ff2f24bb c0000201 c0000202");
	o.udp_from = o.udp_to = ESP_UDP_PORT;
	expect_built(&o, "payload!",
	             "45c00024 12340000 ff1124d1 c0000201 c0000202 1194119400100000");
}

static void headers_of_ipv6(void **state)
{
	struct esp_outer o = {
		.from = v6_a, .to = v6_b, .protocol = ESP_PROTOCOL, .tos = 0xc0, .ttl = 64
	};
	uint8_t bytes[ESP_OUTER_MAX + 5] = { 0 }, *at = bytes + ESP_OUTER_MAX;

	(void)state;
	expect_built(&o, "payload!",
	             "6c000000 00083240 20010db8000000000000000000000001"
	             "20010db8000000000000000000000002");
	/* Its checksum makes the sum over pseudo header and datagram come out even. */
	o.udp_from = 4500, o.udp_to = 1025;
	memcpy(at, "odd!!", 5);
	assert_int_equal(esp_outer_build(&o, 0, at, 5), 48);
	uint8_t pseudo[8] = { 0, 0, 0, 13, 0, 0, 0, 17 };
	uint32_t sum = checksum_add(0, bytes + 8, 32);
	sum = checksum_add(sum, pseudo, 8);
	assert_int_equal(checksum_finish(checksum_add(sum, bytes + 40, 13)), 0);
	assert_true(bytes[46] || bytes[47]);
}

static void too_long_for_ip(void **state)
{
	static uint8_t bytes[ESP_OUTER_MAX + 65536];
	struct esp_outer o = { .from = v4_a, .to = v4_b, .udp_to = 4500, .ttl = 1 };

	(void)state;
	assert_int_equal(esp_outer_build(&o, 0, bytes + ESP_OUTER_MAX, 65535 - 28), 28);
	assert_int_equal(esp_outer_build(&o, 0, bytes + ESP_OUTER_MAX, 65535 - 27), 0);
}

static void what_comes_to_port_4500(void **state)
{
	(void)state;
	assert_int_equal(esp_udp_kind((const uint8_t *)"\xff", 1), ESP_UDP_KEEPALIVE);
	assert_int_equal(esp_udp_kind((const uint8_t *)"\xfe", 1), ESP_UDP_BAD);
	assert_int_equal(esp_udp_kind((const uint8_t *)"", 0), ESP_UDP_BAD);
	assert_int_equal(esp_udp_kind((const uint8_t *)"\0\0\0\0", 4), ESP_UDP_BAD);
	assert_int_equal(esp_udp_kind((const uint8_t *)"\0\0\0\0x", 5), ESP_UDP_IKE);
	assert_int_equal(esp_udp_kind((const uint8_t *)"\0\0\1\0x", 5), ESP_UDP_ESP);
	assert_int_equal(esp_udp_kind((const uint8_t *)"\xff\xff\xff\xffx", 5), ESP_UDP_ESP);
}

/* The inner header of tunnel mode: ours, read back. */
static void inner_there_and_back(void **state)
{
	const struct esp_outer headers[] = {
		{ .from = v4_a, .to = v4_b, .protocol = 47, .tos = 0xb8, .ttl = 254, .df = true },
		{ .from = v6_a, .to = v6_b, .protocol = 47, .tos = 0xb8, .ttl = 254 },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct esp_outer *o = &headers[i];
		uint8_t bytes[ESP_OUTER_MAX + 20] = { 0 };
		struct esp_inner in;
		size_t header_len = esp_outer_build(o, 7, bytes + ESP_OUTER_MAX, 10);
		const uint8_t *at = bytes + ESP_OUTER_MAX - header_len;
		/* With traffic flow padding behind. */
		assert_true(esp_inner_parse(at, header_len + 20, &in));
		assert_int_equal(in.len, header_len + 10);
		assert_int_equal(in.header_len, header_len);
		assert_memory_equal(&in.from, &o->from, sizeof in.from);
		assert_memory_equal(&in.to, &o->to, sizeof in.to);
		assert_int_equal(in.protocol, 47);
		assert_int_equal(in.tos, 0xb8);
		assert_int_equal(in.ttl, 254);
		assert_false(in.fragment);
		for (size_t len = 0; len < header_len + 10; len++)
			assert_false(esp_inner_parse(at, len, &in));
	}
}

static void no_inner_packet(void **state)
{
	uint8_t bytes[20], good[20];
	struct esp_inner in = { .protocol = 99 };

	(void)state;
	test_unhex("45c00014 12344000 ff32e4bf c0000201 c0000202", good);
	assert_true(esp_inner_parse(good, 20, &in));
	in.protocol = 99;
	for (int i = 0; i < 20; i++) {
		memcpy(bytes, good, 20);
		bytes[i] ^= 0x21;
		assert_false(esp_inner_parse(bytes, 20, &in));
	}
	assert_int_equal(in.protocol, 99);
	/* A fragment is told. */
	test_unhex("45c00014 12342001 ff3204bf c0000201 c0000202", bytes);
	assert_true(esp_inner_parse(bytes, 20, &in));
	assert_true(in.fragment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_of_ipv4),      cmocka_unit_test(headers_of_ipv6),
		cmocka_unit_test(too_long_for_ip),      cmocka_unit_test(what_comes_to_port_4500),
		cmocka_unit_test(inner_there_and_back), cmocka_unit_test(no_inner_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
