/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "cli/pipe.h"

static const char config[] = "hostname R1\n"
			     "!\n"
			     "interface Tunnel0\n"
			     " ip address 10.10.10.1 255.255.255.0\n"
			     " tunnel key 100\n"
			     "!\n"
			     "interface FastEthernet0/0\n"
			     " ip address 1.1.1.2 255.255.255.0\n"
			     "end\n";

static void expect(const char *filters, const char *expected)
{
	struct pipe_error error;
	struct pipe pipe;
	struct strbuf text;

	strbuf_init(&text);
	strbuf_adds(&text, "kept\n");
	strbuf_adds(&text, config);
	assert_true(pipe_parse(filters, &pipe, &error));
	pipe_run(&pipe, &text, 5);
	assert_memory_equal(text.text, "kept\n", 5);
	assert_string_equal(text.text + 5, expected);
	pipe_fini(&pipe);
	strbuf_fini(&text);
}

static void expect_refused(const char *filters, enum grammar_result result, size_t column,
                           const char *text)
{
	struct pipe_error error;
	struct pipe pipe;

	assert_false(pipe_parse(filters, &pipe, &error));
	assert_int_equal(error.result, result);
	if (result == GRAMMAR_OK)
		assert_string_equal(error.text, text);
	else
		assert_int_equal(error.column, column);
}

static void test_filters(void **state)
{
	(void)state;
	expect("| include ^interface", "interface Tunnel0\ninterface FastEthernet0/0\n");
	expect("|inc key|hostname", "hostname R1\n tunnel key 100\n");
	expect("| exclude ^ |!",
	       "hostname R1\ninterface Tunnel0\ninterface FastEthernet0/0\nend\n");
	expect("| begin Fast",
	       "interface FastEthernet0/0\n ip address 1.1.1.2 255.255.255.0\nend\n");
	expect("| count address", "Number of lines which match regexp = 2\n");
	expect("| count nothing", "Number of lines which match regexp = 0\n");
	expect("| i nothing", "");
}

static void test_section(void **state)
{
	(void)state;
	expect("| section interface Tunnel",
	       "interface Tunnel0\n ip address 10.10.10.1 255.255.255.0\n tunnel key 100\n");
	expect("| sec include Fast",
	       "interface FastEthernet0/0\n ip address 1.1.1.2 255.255.255.0\n");
	expect("| section exclude interface", "hostname R1\n!\n!\nend\n");
	/* A section may begin at an indented line. */
	expect("| section key", " tunnel key 100\n");
}

static void test_chains(void **state)
{
	(void)state;
	expect("| section interface | include address | count 1\\.1\\.1",
	       "Number of lines which match regexp = 1\n");
	/* Without blanks round it, and before what is no filter, "|" belongs to the pattern. */
	expect("| include R1|count x", "hostname R1\n");
	expect("| include hostname | nofilter", "hostname R1\n");
}

static void test_json_is_first(void **state)
{
	struct pipe_error error;
	struct pipe pipe;

	(void)state;
	assert_true(pipe_parse("| json | include x", &pipe, &error));
	assert_true(pipe.json);
	assert_int_equal(pipe.n, 1);
	pipe_fini(&pipe);
	expect_refused("| include x | json", GRAMMAR_OK, 0, "json must be the first filter");
}

static void test_refusals(void **state)
{
	(void)state;
	expect_refused("| frobnicate x", GRAMMAR_INVALID, 2, NULL);
	expect_refused("| include", GRAMMAR_INCOMPLETE, 9, NULL);
	expect_refused("|", GRAMMAR_INCOMPLETE, 1, NULL);
	expect_refused("| include x | exclude y | json z", GRAMMAR_INVALID, 31, NULL);
}

static void test_bad_expressions(void **state)
{
	(void)state;
	expect_refused("| include (", GRAMMAR_OK, 0,
	               "Invalid regular expression: Unmatched ( or \\(");
	expect_refused("| include a[", GRAMMAR_OK, 0,
	               "Invalid regular expression: Invalid regular expression");
	expect_refused("| include (a)\\1", GRAMMAR_OK, 0,
	               "Invalid regular expression: back-references are not supported");
	expect_refused("| include ((a{100}){100}){100}", GRAMMAR_OK, 0,
	               "Invalid regular expression: it repeats too often");
	expect_refused("| include a{1,99999999999999999999}", GRAMMAR_OK, 0,
	               "Invalid regular expression: it repeats too often");
	expect("| include [0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.2 ",
	       " ip address 1.1.1.2 255.255.255.0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filters),  cmocka_unit_test(test_section),
		cmocka_unit_test(test_chains),   cmocka_unit_test(test_json_is_first),
		cmocka_unit_test(test_refusals), cmocka_unit_test(test_bad_expressions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
