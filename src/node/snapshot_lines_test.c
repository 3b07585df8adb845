/* SPDX-License-Identifier: Apache-2.0 */
#include "node/snapshot_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void lines_stay_sorted_by_place(void **state)
{
	struct snap_lines l = { 0 };

	(void)state;
	snap_lines_place(&l, "second", 20);
	snap_lines_place(&l, "first", 10);
	snap_lines_place(&l, "third", 20);
	assert_string_equal(l.line[0].text, "first");
	assert_string_equal(l.line[1].text, "second");
	assert_string_equal(l.line[2].text, "third");
	snap_lines_del(&l, 1);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.line[1].text, "third");
	snap_lines_fini(&l);
	assert_int_equal(l.n, 0);
	assert_null(l.line);
}

static void copies_are_deep(void **state)
{
	struct snap_lines l = { 0 };

	(void)state;
	snap_lines_add(&l, "line");
	struct snap_lines copy = snap_lines_copy(&l);
	snap_lines_fini(&l);
	assert_int_equal(copy.n, 1);
	assert_string_equal(copy.line[0].text, "line");
	snap_lines_fini(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_stay_sorted_by_place),
		cmocka_unit_test(copies_are_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
