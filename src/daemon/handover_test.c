/* SPDX-License-Identifier: Apache-2.0 */
/* The file that is executed anew is this test itself, in a child. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/handover.h"

enum { STATUS_AGAIN = 42 };

static int open_held(const char *device)
{
	(void)device;
	return eventfd(1, EFD_CLOEXEC);
}

static bool holds_one(int fd, const char *device)
{
	uint64_t count = 0;

	return strcmp(device, "Tunnel0") == 0 && read(fd, &count, sizeof count) > 0 && count == 1;
}

static void knows_what_stands_in_the_way(void **state)
{
	struct handover h = { 0 };
	struct strbuf why;

	(void)state;
	strbuf_init(&why);
	assert_false(handover_possible(&h, &why));
	strbuf_truncate(&why, 0);
	handover_init(&h);
	assert_true(handover_possible(&h, &why));
	snprintf(h.program, sizeof h.program, "/nonexistent/dmvpnd");
	assert_false(handover_possible(&h, &why));
	assert_string_equal(why.text, "/nonexistent/dmvpnd: No such file or directory");
	strbuf_fini(&why);
}

static void executed_anew_with_what_is_held(void **state)
{
	char *argv[] = { "handover", "again", NULL };
	int status;

	(void)state;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		struct options o = { .argv = argv };
		struct holds *holds = calloc(1, sizeof *holds);
		struct handover h = { 0 };

		handover_init(&h);
		holds->open = open_held;
		h.control_fd = eventfd(7, 0); /* where a hold is about to go */
		unsetenv("NOTIFY_SOCKET");
		if (holds_take(holds, "Tunnel0") < 0)
			_exit(1);
		handover_signals(SIG_BLOCK);
		raise(SIGTERM); /* waits for the next handler */
		(void)handover_execute(&h, &o, holds);
		_exit(2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), STATUS_AGAIN);
}

static void on_term(int number)
{
	(void)number;
	_exit(STATUS_AGAIN);
}

/* What the next one finds. */
static int again(void)
{
	struct holds *holds = calloc(1, sizeof *holds);
	struct handover h = { 0 };
	uint64_t count = 0;

	holds->still_holds = holds_one;
	if (holds_inherit(holds) != 1)
		return 3;
	free(holds);
	handover_init(&h);
	if (!h.control_fd || getenv("DMVPND_CONTROL_FD") ||
	    read(h.control_fd, &count, sizeof count) < 0 || count != 7)
		return 5;
	signal(SIGTERM, on_term);
	handover_signals(SIG_UNBLOCK);
	return 4;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_what_stands_in_the_way),
		cmocka_unit_test(executed_anew_with_what_is_held),
	};

	if (argc > 1 && strcmp(argv[1], "again") == 0)
		return again();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
