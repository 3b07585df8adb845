/* SPDX-License-Identifier: Apache-2.0 */
/* Every word that is explained is one of some row, and the tables give the rows. */
#include "config/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool is_in_some_row(const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i < config_n_rows; i++) {
		const char *at = config_rows[i].yes.pattern;
		for (; at && (at = strstr(at, word)); at += len) {
			bool starts = at == config_rows[i].yes.pattern || strchr(" [{|", at[-1]);
			if (starts && (!at[len] || strchr(" ]}|", at[len])))
				return true;
		}
	}
	return false;
}

static void words_belong_to_rows(void **state)
{
	const struct grammar g = config_table(TABLE_ROWS);

	(void)state;
	assert_true(g.n_words > 20);
	for (size_t i = 0; i < g.n_words; i++) {
		bool used =
			is_in_some_row(g.words[i].word) || strcmp(g.words[i].word, "crypto") == 0;
		if (!used)
			print_error("%s\n", g.words[i].word);
		assert_true(used);
	}
}

static void tables_give_heads_of_rows(void **state)
{
	const struct grammar yes = config_table(TABLE_ROWS), no = config_table(TABLE_NO);
	const struct grammar foreign = config_table(TABLE_FOREIGN);

	(void)state;
	assert_ptr_equal(yes.rows, &config_rows[0].yes);
	assert_ptr_equal(no.rows, &config_rows[0].no);
	assert_int_equal(yes.n_rows, config_n_rows);
	assert_int_equal(no.stride, sizeof(struct row));
	assert_int_equal(foreign.n_rows, config_n_foreign_rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_belong_to_rows),
		cmocka_unit_test(tables_give_heads_of_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
