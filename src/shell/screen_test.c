/* SPDX-License-Identifier: Apache-2.0 */
/* Pages on a screen that is a file, with keys from a pipe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/protocol.h"
#include "shell/fake_daemon.h"
#include "shell/screen.h"

#define MORE " --More-- "
#define GONE "\r          \r"

static void expect(const char *keys, uint16_t lines, const char *text, const char *expected)
{
	struct capture capture;
	struct screen screen;
	int pipes[2];
	const int saved = dup(STDIN_FILENO);

	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(write(pipes[1], keys, strlen(keys)), (ssize_t)strlen(keys));
	close(pipes[1]);
	assert_true(dup2(pipes[0], STDIN_FILENO) >= 0);
	close(pipes[0]);
	capture_start(&capture);
	screen_start(&screen, lines);
	screen_write(&screen, text, strlen(text));
	screen_write(&screen, "end\n", 4);
	char *got = capture_end(&capture);
	assert_string_equal(got, expected);
	free(got);
	if (saved >= 0) {
		assert_true(dup2(saved, STDIN_FILENO) >= 0);
		close(saved);
	}
}

static void test_no_paging(void **state)
{
	(void)state;
	expect("", 0, "1\n2\n3\n4\n5\n", "1\n2\n3\n4\n5\nend\n");
}

static void test_pages_and_lines(void **state)
{
	(void)state;
	expect(" ", 3, "1\n2\n3\n", "1\n2\n" MORE GONE "3\nend\n");
	expect("\r ", 3, "1\n2\n3\n4\n", "1\n2\n" MORE GONE "3\n" MORE GONE "4\nend\n");
	expect("\n\n", 3, "1\n2\n3\n", "1\n2\n" MORE GONE "3\n" MORE GONE "end\n");
}

static void test_any_other_key_is_enough(void **state)
{
	(void)state;
	expect("q", 3, "1\n2\n3\n", "1\n2\n" MORE GONE);
	expect("\003", 3, "1\n2\n3\n", "1\n2\n" MORE GONE);
	/* No key will come. */
	expect("", 3, "1\n2\n3\n", "1\n2\n" MORE GONE);
}

/* What is no terminal counts as one of 24 rows. */
static void test_as_many_lines_as_the_terminal_has(void **state)
{
	char text[64] = "", expected[128];

	(void)state;
	for (int i = 0; i < 23; i++)
		strncat(text, "\n", sizeof text - strlen(text) - 1);
	memcpy(expected, text, sizeof text);
	strncat(expected, MORE GONE, sizeof expected - strlen(expected) - 1);
	expect("q", PROTOCOL_PAGE_AUTO, text, expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_paging),
		cmocka_unit_test(test_pages_and_lines),
		cmocka_unit_test(test_any_other_key_is_enough),
		cmocka_unit_test(test_as_many_lines_as_the_terminal_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
