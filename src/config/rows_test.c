/* SPDX-License-Identifier: Apache-2.0 */
/* The table itself: every row is explained, in one class, and makes sense to the engine. */
#include "config/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/pattern.h"

static void every_row_has_one_class_and_an_explanation(void **state)
{
	struct config_manual m;
	size_t n[3] = { 0 };

	(void)state;
	for (size_t i = 0; config_manual(i, &m); i++) {
		assert_non_null(m.pattern);
		assert_true(m.help && strlen(m.help) >= 3);
		assert_int_not_equal(m.block, CONFIG_FOREIGN);
		n[m.class]++;
		for (size_t k = 0; k < i; k++) {
			struct config_manual other;
			config_manual(k, &other);
			bool same = strcmp(m.pattern, other.pattern) == 0 && m.block == other.block;
			if (same)
				print_error("twice: %s\n", m.pattern);
			assert_false(same);
		}
	}
	assert_true(n[CONFIG_WORKS] >= 30);
	assert_true(n[CONFIG_KNOWN] >= 120);
	assert_true(n[CONFIG_NOT_OURS] >= 300);
}

/* Brackets pair up; slots are ones that the engine knows; words are lower case but for a few of
 * IOS. */
static void check_pattern(const char *pattern)
{
	int depth = 0;

	for (const char *at = pattern; *at;) {
		size_t len = pattern_token_len(at);
		if (!len) {
			depth += (*at == '[' || *at == '{') - (*at == ']' || *at == '}');
			assert_true(depth >= 0);
			assert_true(*at != '|' || depth > 0);
			at++;
			continue;
		}
		if (pattern_slot(at, len) == SLOT_NUMBER) {
			unsigned long long low, high;
			assert_int_equal(sscanf(at, "<%llu-%llu>", &low, &high), 2);
			assert_true(low <= high);
		}
		at += len;
	}
	assert_int_equal(depth, 0);
}

static void patterns_are_well_formed(void **state)
{
	(void)state;
	for (size_t i = 0; i < config_n_rows; i++) {
		if (config_rows[i].yes.pattern)
			check_pattern(config_rows[i].yes.pattern);
		if (config_rows[i].no.pattern)
			check_pattern(config_rows[i].no.pattern);
	}
}

static void each_kind_of_row_has_what_it_needs(void **state)
{
	(void)state;
	for (size_t i = 0; i < config_n_rows; i++) {
		const struct row *row = &config_rows[i];
		switch (row->kind) {
		case ROW_CUSTOM:
			assert_true(row->set && row->clear && row->no.pattern);
			break;
		case ROW_NUMBER:
			assert_true(row->field.size == 1 || row->field.size == 2 ||
			            row->field.size == 4);
			assert_non_null(row->no.pattern);
			break;
		case ROW_FLAG:
		case ROW_NO:
			assert_int_equal(row->field.size, sizeof(bool));
			assert_non_null(row->no.pattern);
			break;
		case ROW_KEPT:
			assert_true(row->class == CONFIG_KNOWN || row->flags & ROW_OPENS ||
			            strcmp(row->yes.pattern, "description LINE") == 0);
			assert_non_null(row->no.pattern);
			break;
		case ROW_MODE:
			assert_null(row->no.pattern);
			break;
		case ROW_MARK:
			assert_null(row->yes.pattern);
			break;
		}
	}
}

/* What a command prints must not be taken by a row before it: the whole stem of each row names that
 * row. */
static void the_stem_of_a_row_is_not_ambiguous(void **state)
{
	const struct grammar g = config_table(TABLE_ROWS);

	(void)state;
	for (size_t i = 0; i < config_n_rows; i++) {
		struct grammar_args args;
		char line[256];
		size_t row, column;
		const char *pattern = config_rows[i].yes.pattern;
		if (!pattern)
			continue;
		snprintf(line, sizeof line, "%.*s", (int)strcspn(pattern, "[{<ALMWIX"), pattern);
		enum grammar_result result =
			grammar_match(&g, line, NULL, NULL, &row, &args, &column);
		if (result == GRAMMAR_AMBIGUOUS || result == GRAMMAR_INVALID)
			print_error("%s\n", line);
		assert_true(result == GRAMMAR_OK || result == GRAMMAR_INCOMPLETE ||
		            result == GRAMMAR_EMPTY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_has_one_class_and_an_explanation),
		cmocka_unit_test(patterns_are_well_formed),
		cmocka_unit_test(each_kind_of_row_has_what_it_needs),
		cmocka_unit_test(the_stem_of_a_row_is_not_ambiguous),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
