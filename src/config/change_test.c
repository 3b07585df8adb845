/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of text as change.c compares them, and what a single edit does. */
#include "config/change.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"
#include "config/line.h"

static void negation_and_beginnings(void **state)
{
	(void)state;
	assert_string_equal(line_behind_no("no  ip redirects"), "ip redirects");
	assert_string_equal(line_behind_no("NO\tx"), "x");
	assert_null(line_behind_no("nothing"));
	assert_null(line_behind_no("no "));
	assert_null(line_behind_no("no"));
	assert_true(line_begins_with("ip  route vrf RED 10.0.0.0", "IP route vrf"));
	assert_true(line_begins_with("ip route", "ip route"));
	assert_false(line_begins_with("ip route", "ip route vrf"));
	assert_false(line_begins_with("ip router", "ip route"));
}

static void of_many_lines_one_goes_or_all_that_a_beginning_names(void **state)
{
	const char *known = "known, not yet in force";
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type_warned(&d, "ipv6 route ::/0 2001:db8::1", known);
	desk_type_warned(&d, "ipv6 route ::/0 2001:db8::1", known);
	desk_type_warned(&d, "ipv6 route ::/0 2001:db8::1 10", known);
	desk_type_warned(&d, "ipv6 route 2001:db8:1::/48 Null0", known);
	assert_int_equal(d.s->kept.n, 3);
	desk_type(&d, "no ipv6 route ::/0 2001:db8::1 10");
	assert_int_equal(d.s->kept.n, 2);
	desk_type(&d, "no ipv6 route");
	assert_int_equal(d.s->kept.n, 0);
	desk_close(&d);
}

static void kept_lines_have_a_limit(void **state)
{
	struct desk d;
	char line[64];

	(void)state;
	desk_open(&d);
	for (int i = 0; i < LINE_KEPT_MAX; i++) {
		snprintf(line, sizeof line, "ipv6 route 2001:db8:%x::/48 Null0", i);
		snap_lines_place(&d.s->kept, line, 0);
	}
	desk_type_refused(&d, "ipv6 route ::/0 Null0", "too many lines that are not in force");
	desk_close(&d);
}

/* What stands below a line of an interface that is not ours goes with it, and stays with it. */
static void lines_below_a_line_that_is_not_ours(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_load(&d, "interface Tunnel0\n cts manual\n  policy static sgt 2\n cts manual\n"
	              "  policy dynamic\n ip ospf cost 5\n");
	const char *text = desk_print(&d);
	const char *head = strstr(text, " cts manual\n  policy static sgt 2\n  policy dynamic\n");
	assert_non_null(head);
	assert_null(strstr(head + strlen(" cts"), "cts manual"));
	desk_type(&d, "interface Tunnel0");
	desk_type_warned(&d, "no cts manual", "not ours: kept as it stands");
	assert_null(strstr(desk_print(&d), "policy"));
	assert_non_null(strstr(desk_print(&d), "ip ospf cost 5"));
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(negation_and_beginnings),
		cmocka_unit_test(of_many_lines_one_goes_or_all_that_a_beginning_names),
		cmocka_unit_test(kept_lines_have_a_limit),
		cmocka_unit_test(lines_below_a_line_that_is_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
