/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static void expect_time(int64_t seconds, const char *text)
{
	char buf[SHOW_TIME_SIZE];

	assert_string_equal(show_time(seconds, buf), text);
}

static void times_as_ios_prints_them(void **state)
{
	enum { HOUR = 3600, DAY = 24 * HOUR, WEEK = 7 * DAY };

	(void)state;
	expect_time(0, "00:00:00");
	expect_time(691, "00:11:31");
	expect_time(DAY - 1, "23:59:59");
	expect_time(DAY, "1d00h");
	expect_time(DAY + 2 * HOUR + 59, "1d02h");
	expect_time(3 * DAY + 18 * HOUR, "3d18h");
	expect_time(WEEK - 1, "6d23h");
	expect_time(WEEK, "1w0d");
	expect_time(3 * WEEK + 5 * DAY, "3w5d");
	expect_time(10 * WEEK + 2 * DAY, "10w2d");
	expect_time(365 * DAY + WEEK, "1y1w");
	expect_time(-1, "never");
}

static void the_longest_time_fits(void **state)
{
	(void)state;
	expect_time(INT64_MAX, "999y0w");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_as_ios_prints_them),
		cmocka_unit_test(the_longest_time_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
