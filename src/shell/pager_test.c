/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "shell/pager.h"

static size_t fit(struct pager *p, const char *text)
{
	return pager_fit(p, text, strlen(text));
}

static void test_a_page_keeps_a_row_for_more(void **state)
{
	struct pager p;

	(void)state;
	pager_start(&p, 4, 80);
	assert_int_equal(fit(&p, "1\n2\n3\n4\n5\n"), 6);
	/* Nothing more until the reader says so. */
	assert_int_equal(fit(&p, "4\n5\n"), 0);
	pager_more(&p, 1);
	assert_int_equal(fit(&p, "4\n5\n"), 2);
	pager_more(&p, 3);
	assert_int_equal(fit(&p, "5\n6\n7\n8\n"), 6);
}

static void test_text_that_just_fits_is_whole(void **state)
{
	struct pager p;

	(void)state;
	pager_start(&p, 4, 80);
	assert_int_equal(fit(&p, "1\n2\n3\n"), 6);
}

static void test_no_paging(void **state)
{
	struct pager p;

	(void)state;
	pager_start(&p, 0, 80);
	assert_int_equal(fit(&p, "1\n2\n3\n4\n5\n"), 10);
}

static void test_long_lines_take_rows(void **state)
{
	struct pager p;

	(void)state;
	pager_start(&p, 3, 4);
	assert_int_equal(fit(&p, "abcdefghij\n"), 8);

	pager_start(&p, 3, 4);
	/* A full row and its newline are one row. */
	assert_int_equal(fit(&p, "abcd\nefgh\nij\n"), 10);
}

static void test_tabs_and_utf8(void **state)
{
	struct pager p;

	(void)state;
	pager_start(&p, 3, 8);
	assert_int_equal(fit(&p, "\ta\tb"), 3);
	pager_start(&p, 2, 2);
	assert_int_equal(fit(&p, "\xc3\xa4\xc3\xb6"), 4);
	assert_int_equal(p.row, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_page_keeps_a_row_for_more),
		cmocka_unit_test(test_text_that_just_fits_is_whole),
		cmocka_unit_test(test_no_paging),
		cmocka_unit_test(test_long_lines_take_rows),
		cmocka_unit_test(test_tabs_and_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
