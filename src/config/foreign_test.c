/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks that are not ours, as a list by head line. */
#include "config/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void blocks_are_found_by_their_heads(void **state)
{
	struct snapshot *s = snapshot_new();

	(void)state;
	assert_true(foreign_add(s, "router ospf 1\n network 10.0.0.0", LINE_FOREIGN_LATE));
	assert_true(foreign_add(s, "router ospf 10", LINE_FOREIGN_LATE));
	assert_true(foreign_add(s, "version 15.4", LINE_FOREIGN_EARLY));
	assert_true(foreign_add(s, "router ospf 1\n network 10.1.0.0", LINE_FOREIGN_LATE));
	assert_true(foreign_append(s, "router ospf 10", " passive-interface default"));
	assert_false(foreign_append(s, "router ospf", " x"));
	assert_int_equal(s->foreign.n, 3);
	assert_string_equal(s->foreign.line[0].text, "version 15.4");
	assert_string_equal(s->foreign.line[1].text,
	                    "router ospf 1\n network 10.0.0.0\n network 10.1.0.0");
	assert_string_equal(s->foreign.line[2].text, "router ospf 10\n passive-interface default");
	assert_true(foreign_add(s, "no router ospf 1", LINE_FOREIGN_LATE));
	assert_int_equal(s->foreign.n, 2);
	assert_string_equal(s->foreign.line[1].text, "router ospf 10\n passive-interface default");
	snapshot_free(s);
}

static void a_line_and_its_no_form_replace_each_other(void **state)
{
	struct snapshot *s = snapshot_new();

	(void)state;
	foreign_add(s, "no ip http server", LINE_FOREIGN_LATE);
	foreign_add(s, "no ip http server", LINE_FOREIGN_LATE);
	assert_int_equal(s->foreign.n, 1);
	foreign_add(s, "ip http server", LINE_FOREIGN_LATE);
	assert_int_equal(s->foreign.n, 1);
	assert_string_equal(s->foreign.line[0].text, "ip http server");
	foreign_add(s, "no ip http server", LINE_FOREIGN_LATE);
	assert_int_equal(s->foreign.n, 0);
	snapshot_free(s);
}

static void a_banner_replaces_the_one_of_its_kind(void **state)
{
	struct snapshot *s = snapshot_new();

	(void)state;
	foreign_add(s, "banner motd ^C\none\n^C", LINE_FOREIGN_LATE);
	foreign_add(s, "banner login #hello#", LINE_FOREIGN_LATE);
	foreign_add(s, "banner motd ^C\ntwo\n^C", LINE_FOREIGN_LATE);
	assert_int_equal(s->foreign.n, 2);
	assert_string_equal(s->foreign.line[1].text, "banner motd ^C\ntwo\n^C");
	snapshot_free(s);
}

static void there_is_a_limit(void **state)
{
	struct snapshot *s = snapshot_new();
	char line[32];

	(void)state;
	for (int i = 0; i < LINE_KEPT_MAX; i++) {
		snprintf(line, sizeof line, "alias exec %d", i);
		assert_true(foreign_add(s, line, LINE_FOREIGN_LATE));
	}
	assert_false(foreign_add(s, "alias exec more", LINE_FOREIGN_LATE));
	snapshot_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_found_by_their_heads),
		cmocka_unit_test(a_line_and_its_no_form_replace_each_other),
		cmocka_unit_test(a_banner_replaces_the_one_of_its_kind),
		cmocka_unit_test(there_is_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
