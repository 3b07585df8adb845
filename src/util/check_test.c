/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/check.h"

static int twice(int *n)
{
	return ++*n;
}

static void test_true_is_silent_and_evaluated_once(void **state)
{
	int n = 0;

	(void)state;
	check(twice(&n) == 1);
	assert_int_equal(n, 1);
}

static void test_false_aborts_with_the_expression(void **state)
{
	char text[256] = "";
	int pipe_fd[2], status;

	(void)state;
	assert_int_equal(pipe(pipe_fd), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		dup2(pipe_fd[1], STDERR_FILENO);
		check(1 + 1 == 3);
		_exit(0);
	}
	close(pipe_fd[1]);
	assert_true(read(pipe_fd[0], text, sizeof text - 1) > 0);
	close(pipe_fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_non_null(strstr(text, "check_test.c:"));
	assert_non_null(strstr(text, ": check failed: 1 + 1 == 3\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_true_is_silent_and_evaluated_once),
		cmocka_unit_test(test_false_aborts_with_the_expression),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
