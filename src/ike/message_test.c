/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ike/message.h"

static size_t two_payloads(uint8_t *bytes, size_t size)
{
	const struct isakmp_header header = { .icookie = 0x0102030405060708,
		                              .rcookie = 0x1112131415161718,
		                              .exchange = ISAKMP_MAIN,
		                              .message_id = 0xcafebabe };
	struct isakmp_builder b;

	isakmp_begin(&b, bytes, size, &header);
	isakmp_add(&b, ISAKMP_NONCE, "nonce", 5);
	isakmp_open(&b, ISAKMP_VENDOR);
	write_u16(&b.w, 0xaabb);
	isakmp_close(&b);
	return isakmp_end(&b, 16);
}

static void golden_bytes(void **state)
{
	static const uint8_t golden[] = {
		1,    2,    3,    4,    5,    6,    7,    8,    0x11, 0x12, 0x13,
		0x14, 0x15, 0x16, 0x17, 0x18, /* cookies */
		10,   0x10, 2,    0,    0xca, 0xfe, 0xba, 0xbe, 0,    0,    0,
		44,   13,   0,    0,    9,    'n',  'o',  'n',  'c',  'e', /* filled up to 16 bytes
		                                                              behind the header */
		0,    0,    0,    6,    0xaa, 0xbb, 0,
	};
	uint8_t bytes[64];

	(void)state;
	assert_int_equal(two_payloads(bytes, sizeof bytes), sizeof golden);
	assert_memory_equal(bytes, golden, sizeof golden);
}

static void what_is_written_is_read(void **state)
{
	uint8_t bytes[64];
	size_t len = two_payloads(bytes, sizeof bytes);
	struct isakmp_message m;

	(void)state;
	assert_true(isakmp_parse(bytes, len, &m));
	assert_int_equal(m.header.icookie, 0x0102030405060708);
	assert_int_equal(m.header.rcookie, 0x1112131415161718);
	assert_int_equal(m.header.message_id, 0xcafebabe);
	assert_int_equal(m.n, 2);
	assert_int_equal(m.used, 43);
	assert_int_equal(isakmp_find(&m, ISAKMP_VENDOR)->len, 2);
	assert_memory_equal(isakmp_find(&m, ISAKMP_NONCE)->body, "nonce", 5);
	assert_null(isakmp_find(&m, ISAKMP_SA));
}

static void every_cut_is_refused(void **state)
{
	uint8_t bytes[64];
	size_t len = two_payloads(bytes, sizeof bytes);
	struct isakmp_message m;

	(void)state;
	for (size_t cut = 0; cut < len; cut++)
		assert_false(isakmp_parse(bytes, cut, &m));
	for (size_t cut = 28; cut < 43; cut++) {
		bytes[27] = (uint8_t)cut;
		assert_false(isakmp_parse(bytes, len, &m));
	}
	bytes[27] = 44;
	bytes[31] = 3; /* a payload shorter than its own header */
	assert_false(isakmp_parse(bytes, len, &m));
}

static void a_message_that_does_not_fit_has_no_length(void **state)
{
	uint8_t bytes[40];

	(void)state;
	assert_int_equal(two_payloads(bytes, sizeof bytes), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_bytes),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(a_message_that_does_not_fit_has_no_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
