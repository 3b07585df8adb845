/* SPDX-License-Identifier: Apache-2.0 */
/* Remarks as `--check` prints them. */
#include "config/remarks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void remarks_print_with_line_and_caret(void **state)
{
	static const char text[] = "hostname R1\n"
				   "router ospf 1\n"
				   "interface Tunnel0\n"
				   "\tip nhrp network-id 0\n"
				   " ip nhrp connect 5\n"
				   " tunnel source Fa0/0\n";
	struct config_remarks remarks;
	struct strbuf out;

	(void)state;
	snapshot_free(config_parse(text, strlen(text), &remarks));
	strbuf_init(&out);
	config_remarks_print(&remarks, "r1.cfg", &out);
	assert_string_equal(out.text, "r1.cfg:2: note: not ours: kept as it stands\n"
	                              "router ospf 1\n"
	                              "^\n"
	                              "r1.cfg:3: warning: the tunnel has no destination\n"
	                              "interface Tunnel0\n"
	                              "^\n"
	                              "r1.cfg:4: error: invalid input, expected <1-4294967295>\n"
	                              "\tip nhrp network-id 0\n"
	                              "\t                   ^\n"
	                              "r1.cfg:5: warning: known, not yet in force\n"
	                              " ip nhrp connect 5\n"
	                              " ^\n");
	assert_int_equal(remarks.n_errors, 1);
	assert_int_equal(remarks.n_warnings, 2);
	assert_int_equal(remarks.n_notes, 1);
	strbuf_fini(&out);
	config_remarks_fini(&remarks);
	assert_int_equal(remarks.n, 0);
}

static void too_many_are_counted(void **state)
{
	struct config_remarks remarks = { 0 };
	struct strbuf out;

	(void)state;
	for (size_t i = 0; i < CONFIG_REMARKS_MAX + 7; i++) {
		struct config_remark m = { .severity = CONFIG_ERROR,
			                   .line_number = CONFIG_REMARKS_MAX - i % 100,
			                   .line = (char *)"x",
			                   .text = (char *)"y" };
		remarks_add(&remarks, &m);
	}
	assert_int_equal(remarks.n, CONFIG_REMARKS_MAX);
	assert_int_equal(remarks.n_lost, 7);
	assert_int_equal(remarks.n_errors, CONFIG_REMARKS_MAX + 7);
	remarks_sort(&remarks);
	for (size_t i = 1; i < remarks.n; i++)
		assert_true(remarks.remark[i - 1].line_number <= remarks.remark[i].line_number);
	strbuf_init(&out);
	config_remarks_print(&remarks, "f", &out);
	assert_non_null(strstr(out.text, "f: 7 more remarks\n"));
	strbuf_fini(&out);
	config_remarks_fini(&remarks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remarks_print_with_line_and_caret),
		cmocka_unit_test(too_many_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
