/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gre/gre.h"

static void expect_error(enum gre_error want, const uint8_t *bytes, size_t len)
{
	struct gre_header h = { .proto = 0x1234 };
	size_t header_len = 77;

	assert_int_equal(gre_parse(bytes, len, &h, &header_len), want);
	assert_int_equal(h.proto, 0x1234);
	assert_int_equal(header_len, 77);
}

static void expect_round_trip(const struct gre_header *h, const uint8_t *golden, size_t len)
{
	uint8_t bytes[GRE_LEN_KEYED];
	struct gre_header again;
	size_t header_len;

	assert_int_equal(gre_build(h, bytes), len);
	assert_memory_equal(bytes, golden, len);
	assert_int_equal(gre_parse(bytes, len, &again, &header_len), GRE_OK);
	assert_int_equal(header_len, len);
	assert_int_equal(again.proto, h->proto);
	assert_int_equal(again.has_key, h->has_key);
	assert_int_equal(again.key, h->key);
	assert_false(again.has_checksum);
	assert_false(again.has_sequence);
}

static void test_what_ios_sends(void **state)
{
	(void)state;
	expect_round_trip(&(struct gre_header){ .proto = GRE_PROTO_NHRP },
	                  (const uint8_t[]){ 0x00, 0x00, 0x20, 0x01 }, 4);
	expect_round_trip(
		&(struct gre_header){ .proto = GRE_PROTO_IPV4, .has_key = true, .key = 1000 },
		(const uint8_t[]){ 0x20, 0x00, 0x08, 0x00, 0x00, 0x00, 0x03, 0xe8 }, 8);
	expect_round_trip(
		&(struct gre_header){ .proto = GRE_PROTO_IPV6, .has_key = true, .key = UINT32_MAX },
		(const uint8_t[]){ 0x20, 0x00, 0x86, 0xdd, 0xff, 0xff, 0xff, 0xff }, 8);
}

static void test_key_zero_is_a_key(void **state)
{
	(void)state;
	expect_round_trip(&(struct gre_header){ .proto = GRE_PROTO_IPV4, .has_key = true },
	                  (const uint8_t[]){ 0x20, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00 }, 8);
}

/* Checksum, key, sequence number and two bytes of payload. */
static const uint8_t all_fields[] = { 0xb0, 0x00, 0x08, 0x00, 0x46, 0xf6, 0x00, 0x00, 0x00,
	                              0x00, 0x00, 0x07, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00 };

static void test_all_fields(void **state)
{
	struct gre_header h;
	size_t len;

	(void)state;
	assert_int_equal(gre_parse(all_fields, sizeof all_fields, &h, &len), GRE_OK);
	assert_int_equal(len, GRE_LEN_MAX);
	assert_true(h.has_checksum && h.has_key && h.has_sequence);
	assert_int_equal(h.key, 7);
	assert_int_equal(h.sequence, 0x102);
}

static void test_wrong_checksum(void **state)
{
	uint8_t bytes[sizeof all_fields];

	(void)state;
	for (size_t i = 2; i < sizeof all_fields; i++) {
		for (size_t k = 0; k < sizeof bytes; k++)
			bytes[k] = all_fields[k];
		bytes[i] ^= 0x10;
		expect_error(GRE_CHECKSUM, bytes, sizeof bytes);
	}
}

static void test_short(void **state)
{
	(void)state;
	for (size_t len = 0; len < GRE_LEN_MAX; len++)
		expect_error(GRE_SHORT, all_fields, len);
}

static void test_bits(void **state)
{
	struct gre_header h;
	size_t len;

	(void)state;
	for (uint8_t version = 1; version < 8; version++)
		expect_error(GRE_VERSION, (const uint8_t[]){ 0x00, version, 0x08, 0x00 }, 4);
	expect_error(GRE_RESERVED, (const uint8_t[]){ 0x40, 0x00, 0x08, 0x00 }, 4);
	expect_error(GRE_RESERVED, (const uint8_t[]){ 0x08, 0x00, 0x08, 0x00 }, 4);
	expect_error(GRE_RESERVED, (const uint8_t[]){ 0x04, 0x00, 0x08, 0x00 }, 4);
	/* RFC 2784 2.3: bits 6 to 12 MUST be ignored. */
	assert_int_equal(gre_parse((const uint8_t[]){ 0x03, 0xf8, 0x08, 0x00 }, 4, &h, &len),
	                 GRE_OK);
	assert_int_equal(len, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_ios_sends), cmocka_unit_test(test_key_zero_is_a_key),
		cmocka_unit_test(test_all_fields),     cmocka_unit_test(test_wrong_checksum),
		cmocka_unit_test(test_short),          cmocka_unit_test(test_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
