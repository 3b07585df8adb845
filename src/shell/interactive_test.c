/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shell on a pseudo-terminal, in a child, with a daemon whose answers are given step by step
 * here. pty_test.py tries much more, against real sessions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shell/fake_daemon.h"
#include "shell/interactive.h"

struct desk {
	struct fake_daemon daemon;
	int terminal;
	pid_t shell;
	struct strbuf seen;
};

static void desk_open(struct desk *d)
{
	setenv("TERM", "dumb", 1);
	fake_daemon_open(&d->daemon);
	strbuf_init(&d->seen);
	d->shell = forkpty(&d->terminal, NULL, NULL, NULL);
	assert_true(d->shell >= 0);
	if (!d->shell) {
		close(d->daemon.fd);
		const int status = interactive_run(&d->daemon.client);
		client_fini(&d->daemon.client);
		exit(status);
	}
	fake_daemon_ready(&d->daemon, 0, 0);
}

static int desk_close(struct desk *d)
{
	int status = 0;

	assert_int_equal(waitpid(d->shell, &status, 0), d->shell);
	close(d->terminal);
	strbuf_fini(&d->seen);
	fake_daemon_close(&d->daemon);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void type(struct desk *d, const char *text)
{
	assert_int_equal(write(d->terminal, text, strlen(text)), (ssize_t)strlen(text));
}

/* Waits until a text stands on the terminal, and forgets what came up to it. */
static void expect_seen(struct desk *d, const char *text)
{
	enum { PATIENCE_MS = 10000 };
	char bytes[1024];
	const char *at;

	while (!(at = strstr(d->seen.text, text))) {
		struct pollfd fd = { .fd = d->terminal, .events = POLLIN };
		if (poll(&fd, 1, PATIENCE_MS) <= 0)
			fail_msg("no \"%s\" in \"%s\"", text, d->seen.text);
		const ssize_t n = read(d->terminal, bytes, sizeof bytes);
		if (n <= 0)
			fail_msg("no \"%s\" in \"%s\"", text, d->seen.text);
		strbuf_add(&d->seen, bytes, (size_t)n);
	}
	const size_t left = d->seen.len - (size_t)(at - d->seen.text) - strlen(text);
	memmove(d->seen.text, at + strlen(text), left);
	strbuf_truncate(&d->seen, left);
}

static void test_a_line(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	expect_seen(&d, "R1#");
	type(&d, "show clock\n");
	fake_daemon_expect(&d.daemon, PROTOCOL_EXEC, "show clock");
	fake_daemon_say(&d.daemon, PROTOCOL_OUTPUT, "noon\n");
	fake_daemon_ready(&d.daemon, 0, 0);
	expect_seen(&d, "noon");
	expect_seen(&d, "R1#");
	/* An empty line is not worth a question. */
	type(&d, "\nexit\n");
	fake_daemon_expect(&d.daemon, PROTOCOL_EXEC, "exit");
	fake_daemon_say(&d.daemon, PROTOCOL_BYE, "");
	assert_int_equal(desk_close(&d), 0);
}

static void test_help_and_completion(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	expect_seen(&d, "R1#");
	type(&d, "show ?");
	fake_daemon_expect(&d.daemon, PROTOCOL_HELP, "show ");
	fake_daemon_say(&d.daemon, PROTOCOL_OUTPUT, "  clock  Time\n");
	fake_daemon_ready(&d.daemon, 0, 0);
	expect_seen(&d, "  clock  Time");
	expect_seen(&d, "R1#show ");
	type(&d, "cl\t");
	fake_daemon_expect(&d.daemon, PROTOCOL_COMPLETE, "show cl");
	fake_daemon_say(&d.daemon, PROTOCOL_OUTPUT, "clock\n");
	fake_daemon_ready(&d.daemon, 0, 0);
	expect_seen(&d, "ock ");
	type(&d, "\n");
	fake_daemon_expect(&d.daemon, PROTOCOL_EXEC, "show clock ");
	fake_daemon_say(&d.daemon, PROTOCOL_BYE, "Enough");
	expect_seen(&d, "% Enough");
	assert_int_equal(desk_close(&d), 1);
}

static void test_a_log_line_while_typing(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	expect_seen(&d, "R1#");
	type(&d, "show clo");
	expect_seen(&d, "show clo");
	fake_daemon_say(&d.daemon, PROTOCOL_LOG, "%TEST-5-LINE: here");
	expect_seen(&d, "%TEST-5-LINE: here\r\n");
	expect_seen(&d, "R1#show clo");
	type(&d, "ck\n");
	fake_daemon_expect(&d.daemon, PROTOCOL_EXEC, "show clock");
	fake_daemon_say(&d.daemon, PROTOCOL_BYE, "");
	assert_int_equal(desk_close(&d), 0);
}

static void test_ctrl_c(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	expect_seen(&d, "R1#");
	type(&d, "ping 10.0.0.1\n");
	fake_daemon_expect(&d.daemon, PROTOCOL_EXEC, "ping 10.0.0.1");
	fake_daemon_say(&d.daemon, PROTOCOL_OUTPUT, "!!!");
	expect_seen(&d, "!!!");
	type(&d, "\003");
	fake_daemon_expect(&d.daemon, PROTOCOL_INTERRUPT, "");
	fake_daemon_ready(&d.daemon, 0, 0);
	expect_seen(&d, "R1#");
	type(&d, "half a li\003");
	fake_daemon_expect(&d.daemon, PROTOCOL_INTERRUPT, "");
	fake_daemon_ready(&d.daemon, 0, 0);
	expect_seen(&d, "R1#");
	type(&d, "\004");
	assert_int_equal(desk_close(&d), 0);
}

static void test_the_daemon_goes(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	expect_seen(&d, "R1#");
	close(d.daemon.fd);
	d.daemon.fd = -1;
	expect_seen(&d, "dmvpnd has gone");
	assert_int_equal(desk_close(&d), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line),
		cmocka_unit_test(test_help_and_completion),
		cmocka_unit_test(test_a_log_line_while_typing),
		cmocka_unit_test(test_ctrl_c),
		cmocka_unit_test(test_the_daemon_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
