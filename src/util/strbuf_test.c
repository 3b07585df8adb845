/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "util/strbuf.h"

static void test_empty(void **state)
{
	struct strbuf b;

	(void)state;
	strbuf_init(&b);
	assert_string_equal(b.text, "");
	strbuf_adds(&b, "");
	strbuf_add(&b, "xyz", 0);
	strbuf_truncate(&b, 0);
	assert_string_equal(b.text, "");
	assert_int_equal(b.len, 0);
	char *text = strbuf_take(&b);
	assert_string_equal(text, "");
	free(text);
	strbuf_fini(&b);
}

static void test_add(void **state)
{
	struct strbuf b;

	(void)state;
	strbuf_init(&b);
	strbuf_adds(&b, "Tunnel");
	strbuf_addc(&b, '0');
	strbuf_add(&b, ", and more", 2);
	strbuf_printf(&b, "%s/%u", "10.0.0.0", 8u);
	assert_string_equal(b.text, "Tunnel0, 10.0.0.0/8");
	assert_int_equal(b.len, strlen(b.text));
	strbuf_truncate(&b, 7);
	assert_string_equal(b.text, "Tunnel0");
	strbuf_printf(&b, "%s", "");
	strbuf_addc(&b, '!');
	assert_string_equal(b.text, "Tunnel0!");
	strbuf_fini(&b);
	assert_string_equal(b.text, "");
	strbuf_addc(&b, 'x');
	assert_string_equal(b.text, "x");
	strbuf_fini(&b);
}

static void test_growth(void **state)
{
	struct strbuf b;

	(void)state;
	strbuf_init(&b);
	for (int i = 0; i < 10000; i++)
		strbuf_printf(&b, "%04d", i);
	assert_int_equal(b.len, 40000);
	assert_memory_equal(b.text + 4 * 1234, "1234", 4);
	assert_int_equal(b.text[b.len], '\0');
	assert_true(b.room < 2 * 40001);
	strbuf_fini(&b);
}

/* Sizes at and round the room that is there: no byte is lost and none is written behind it. */
static void test_edges(void **state)
{
	(void)state;
	for (int len = 250; len < 262; len++) {
		struct strbuf b;
		strbuf_init(&b);
		strbuf_printf(&b, "%*s", len, "x");
		assert_int_equal(b.len, len);
		assert_int_equal(b.text[len - 1], 'x');
		assert_int_equal(b.text[len], '\0');
		assert_true(b.room > b.len);
		strbuf_fini(&b);
	}
}

static void test_take(void **state)
{
	struct strbuf b;

	(void)state;
	strbuf_init(&b);
	strbuf_adds(&b, "taken");
	char *text = strbuf_take(&b);
	assert_string_equal(text, "taken");
	assert_string_equal(b.text, "");
	strbuf_adds(&b, "more");
	assert_string_equal(text, "taken");
	free(text);
	strbuf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),  cmocka_unit_test(test_add),
		cmocka_unit_test(test_growth), cmocka_unit_test(test_edges),
		cmocka_unit_test(test_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
