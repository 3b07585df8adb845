/* SPDX-License-Identifier: Apache-2.0 */
/* Following patterns word by word. */
#include "config/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void lines_are_split_at_blanks(void **state)
{
	struct pattern_line line;

	(void)state;
	assert_true(pattern_split("  ip\tnhrp  map \r\n", &line));
	assert_int_equal(line.n, 3);
	assert_int_equal(line.word[1].at, 5);
	assert_int_equal(line.word[1].len, 4);
	assert_int_equal(line.end, 14);
	assert_true(pattern_split("", &line));
	assert_int_equal(line.n, 0);
}

static void tokens_are_told_apart(void **state)
{
	const char *pattern = "ip {A.B.C.D|x} [<1-2>] LINE";

	(void)state;
	assert_int_equal(pattern_token_len(pattern), 2);
	assert_int_equal(pattern_slot(pattern, 2), SLOT_KEYWORD);
	assert_int_equal(pattern_token_len(pattern + 4), 7);
	assert_int_equal(pattern_slot(pattern + 4, 7), SLOT_ADDR);
	assert_int_equal(pattern_slot("<1-2>", 5), SLOT_NUMBER);
	assert_int_equal(pattern_slot("A.B.C.D/M", 9), SLOT_PREFIX);
	assert_int_equal(pattern_slot("INTERFACE", 9), SLOT_INTERFACE);
	assert_false(pattern_is_choice(pattern, 0));
	assert_true(pattern_is_choice(pattern, 4));
	assert_true(pattern_is_choice(pattern, 12));
	assert_false(pattern_is_choice(pattern, 23));
}

/* The tokens of the present generation, a line each: "ROW:OFFSET". */
static void expect_states(const struct pattern_run *run, const char *text)
{
	char got[256] = "";

	for (size_t i = run->first; i < run->n; i++)
		snprintf(got + strlen(got), sizeof got - strlen(got), "%zu:%u%s ",
		         run->state[i].row, run->state[i].at, run->state[i].half ? "+" : "");
	assert_string_equal(got, text);
}

static void generations_lead_into_and_past_choices(void **state)
{
	static const struct grammar_row rows[] = {
		{ "a {b|c [d]} e", "" },
		{ "a [b] INTERFACE", "" },
		{ "z", "" },
	};
	const struct grammar g = { rows, 3, sizeof rows[0], NULL, 0 };
	struct pattern_run run;
	struct pattern_line line;
	bool took_line;

	(void)state;
	pattern_split("a c tunnel 0", &line);
	pattern_start(&run, &g, NULL, NULL);
	expect_states(&run, "0:0 1:0 2:0 ");
	assert_int_equal(pattern_step(&run, &line, 0, &took_line), GRAMMAR_OK);
	expect_states(&run, "0:3 0:5 1:3 1:6 ");
	assert_int_equal(pattern_step(&run, &line, 1, &took_line), GRAMMAR_OK);
	expect_states(&run, "0:8 0:12 ");
	assert_int_equal(pattern_step(&run, &line, 2, &took_line), GRAMMAR_INVALID);
	pattern_fini(&run);

	pattern_split("a b tunnel 0", &line);
	pattern_start(&run, &g, NULL, NULL);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pattern_step(&run, &line, i, &took_line), GRAMMAR_OK);
	expect_states(&run, "1:6+ ");
	assert_int_equal(pattern_step(&run, &line, 3, &took_line), GRAMMAR_OK);
	expect_states(&run, "1:15 ");
	assert_false(took_line);
	pattern_fini(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_split_at_blanks),
		cmocka_unit_test(tokens_are_told_apart),
		cmocka_unit_test(generations_lead_into_and_past_choices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
