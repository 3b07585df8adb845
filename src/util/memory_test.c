/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

static void test_new_is_zeroed(void **state)
{
	static const uint8_t zero[300];
	uint8_t *bytes = memory_new(100, 3);

	(void)state;
	assert_memory_equal(bytes, zero, sizeof zero);
	free(bytes);
}

static void test_lines_are_its_own(void **state)
{
	static const uint8_t zero[2 * MEMORY_LINE];
	uint8_t *bytes = memory_new_lines(MEMORY_LINE + 1);

	(void)state;
	assert_int_equal((uintptr_t)bytes % MEMORY_LINE, 0);
	assert_memory_equal(bytes, zero, sizeof zero);
	free(bytes);
}

static void test_resize_keeps_what_was_there(void **state)
{
	uint32_t *number = memory_resize(NULL, 1, sizeof *number);

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		number = memory_resize(number, i + 1, sizeof *number);
		number[i] = i;
	}
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(number[i], i);
	free(number);
}

static void test_strdup(void **state)
{
	char text[] = "dmvpn";
	char *copy = memory_strdup(text);

	(void)state;
	text[0] = 'x';
	assert_string_equal(copy, "dmvpn");
	free(copy);
	assert_null(memory_strdup(NULL));
}

static void test_copy(void **state)
{
	uint16_t from[] = { 1, 2, 3 };
	uint16_t *copy = memory_copy(from, 3, sizeof *from);

	(void)state;
	from[2] = 9;
	assert_int_equal(copy[0] + copy[1] + copy[2], 6);
	free(copy);
	assert_null(memory_copy(from, 0, sizeof *from));
}

static void test_wipe(void **state)
{
	static const char zero[8];
	char secret[8] = "s3cret";

	(void)state;
	memory_wipe(secret, sizeof secret);
	assert_memory_equal(secret, zero, sizeof zero);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_is_zeroed),
		cmocka_unit_test(test_lines_are_its_own),
		cmocka_unit_test(test_resize_keeps_what_was_there),
		cmocka_unit_test(test_strdup),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_wipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
