/* SPDX-License-Identifier: Apache-2.0 */
/* Golden bytes, a round trip of every type cut at every byte, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "cli/protocol.h"
#include "util/memory.h"

static void test_golden(void **state)
{
	static const uint8_t expected[] = {
		1, 0, 0, 0, 0, 0, 0, 3, 0, 1, 1,                 /* HELLO, version 1, echoed */
		6, 0, 0, 0, 0, 0, 0, 6, 1, 0, 24, 'R', '1', '#', /* READY, refused, 24 lines */
	};
	const struct protocol_message hello = { .type = PROTOCOL_HELLO, .version = 1, .flags = 1 };
	const struct protocol_message ready = {
		.type = PROTOCOL_READY, .flags = 1, .page_lines = 24, .text = "R1#", .text_len = 3
	};
	struct strbuf out;

	(void)state;
	strbuf_init(&out);
	protocol_encode(&hello, &out);
	protocol_encode(&ready, &out);
	assert_int_equal(out.len, sizeof expected);
	assert_memory_equal(out.text, expected, sizeof expected);
	strbuf_fini(&out);
}

static void expect_same(const struct protocol_message *a, const struct protocol_message *b)
{
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->version, b->version);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->page_lines, b->page_lines);
	assert_int_equal(a->text_len, b->text_len);
	if (a->text_len)
		assert_memory_equal(a->text, b->text, a->text_len);
}

static const struct protocol_message samples[] = {
	{ .type = PROTOCOL_HELLO, .version = 0xfffe, .flags = 1 },
	{ .type = PROTOCOL_EXEC, .text = "show ip nhrp", .text_len = 12 },
	{ .type = PROTOCOL_EXEC, .text = "", .text_len = 0 },
	{ .type = PROTOCOL_HELP, .text = "sh ", .text_len = 3 },
	{ .type = PROTOCOL_COMPLETE, .text = "sh", .text_len = 2 },
	{ .type = PROTOCOL_INTERRUPT, .flags = PROTOCOL_IDLE },
	{ .type = PROTOCOL_READY, .page_lines = 0xffff, .text = "R1>", .text_len = 3 },
	{ .type = PROTOCOL_OUTPUT, .text = "a\0b", .text_len = 3 },
	{ .type = PROTOCOL_LOG, .text = "%SYS-5-CONFIG_I: x", .text_len = 18 },
	{ .type = PROTOCOL_BYE, .text = "full", .text_len = 4 },
};

static void test_round_trip(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		struct protocol_message got;
		struct strbuf out;

		strbuf_init(&out);
		protocol_encode(&samples[i], &out);
		for (size_t len = 0; len < out.len; len++) {
			/* Exactly as long as the bytes, so that a read behind them is caught. */
			char *cut = memory_new(len + 1, 1);
			memcpy(cut + 1, out.text, len);
			assert_int_equal(protocol_decode(cut + 1, len, 64, &got), PROTOCOL_MORE);
			free(cut);
		}
		assert_int_equal(protocol_decode(out.text, out.len, 64, &got), PROTOCOL_MESSAGE);
		assert_int_equal(got.frame_len, out.len);
		expect_same(&samples[i], &got);
		strbuf_fini(&out);
	}
}

static void test_long_output_is_split(void **state)
{
	const size_t total = 2 * PROTOCOL_OUTPUT_MAX + 7;
	char *text = memory_new(total, 1);
	const struct protocol_message message = { .type = PROTOCOL_OUTPUT,
		                                  .text = text,
		                                  .text_len = total };
	struct strbuf out;
	size_t at = 0, n = 0, sum = 0;

	(void)state;
	memset(text, 'x', total);
	strbuf_init(&out);
	protocol_encode(&message, &out);
	while (at < out.len) {
		struct protocol_message got;
		assert_int_equal(
			protocol_decode(out.text + at, out.len - at, PROTOCOL_OUTPUT_MAX, &got),
			PROTOCOL_MESSAGE);
		at += got.frame_len;
		sum += got.text_len;
		n++;
	}
	assert_int_equal(n, 3);
	assert_int_equal(sum, total);
	strbuf_fini(&out);
	free(text);
}

static void expect_bad(const uint8_t *bytes, size_t len)
{
	struct protocol_message got;

	assert_int_equal(protocol_decode(bytes, len, 16, &got), PROTOCOL_BAD);
}

static void test_bad(void **state)
{
	static const uint8_t type_0[] = { 0, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t type_10[] = { 10, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t reserved[] = { 5, 0, 1, 0, 0, 0, 0, 0 };
	static const uint8_t too_long[] = { 2, 0, 0, 0, 0, 0, 0, 17 };
	static const uint8_t huge[] = { 2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff };
	static const uint8_t short_hello[] = { 1, 0, 0, 0, 0, 0, 0, 2, 0, 1 };
	static const uint8_t long_hello[] = { 1, 0, 0, 0, 0, 0, 0, 4, 0, 1, 1, 0 };
	static const uint8_t flags_4[] = { 1, 0, 0, 0, 0, 0, 0, 3, 0, 1, 4 };
	static const uint8_t interrupt_text[] = { 5, 0, 0, 0, 0, 0, 0, 2, 0, 'x' };

	(void)state;
	expect_bad(type_0, sizeof type_0);
	expect_bad(type_10, sizeof type_10);
	expect_bad(reserved, sizeof reserved);
	expect_bad(too_long, sizeof too_long);
	expect_bad(huge, sizeof huge);
	expect_bad(short_hello, sizeof short_hello);
	expect_bad(long_hello, sizeof long_hello);
	expect_bad(flags_4, sizeof flags_4);
	expect_bad(interrupt_text, sizeof interrupt_text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_long_output_is_split),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
