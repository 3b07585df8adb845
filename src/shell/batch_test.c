/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shell/batch.h"
#include "shell/fake_daemon.h"

static void expect_run(struct fake_daemon *d, const char *commands[2], int status,
                       const char *printed)
{
	struct capture capture;
	char *const arguments[] = { (char *)commands[0], (char *)commands[1] };

	capture_start(&capture);
	const int got = batch_commands(&d->client, arguments, commands[1] ? 2 : 1);
	char *text = capture_end(&capture);
	assert_string_equal(text, printed);
	assert_int_equal(got, status);
	free(text);
}

static void test_commands(void **state)
{
	const char *commands[] = { "show a", "conf t\nhostname X\r" };
	struct fake_daemon d;

	(void)state;
	fake_daemon_open(&d);
	fake_daemon_ready(&d, 0, 24);
	fake_daemon_say(&d, PROTOCOL_OUTPUT, "a\n");
	fake_daemon_say(&d, PROTOCOL_OUTPUT, "b\n");
	fake_daemon_ready(&d, 0, 24);
	fake_daemon_ready(&d, 0, 24);
	fake_daemon_ready(&d, 0, 24);
	expect_run(&d, commands, 0, "a\nb\n");
	fake_daemon_expect(&d, PROTOCOL_EXEC, "show a");
	fake_daemon_expect(&d, PROTOCOL_EXEC, "conf t");
	fake_daemon_expect(&d, PROTOCOL_EXEC, "hostname X");
	fake_daemon_expect_silence(&d);
	fake_daemon_close(&d);
}

static void test_a_refusal_ends_it(void **state)
{
	const char *commands[] = { "bogus", "reload" };
	struct fake_daemon d;

	(void)state;
	fake_daemon_open(&d);
	fake_daemon_ready(&d, 0, 24);
	fake_daemon_say(&d, PROTOCOL_OUTPUT, "% no\n");
	fake_daemon_ready(&d, PROTOCOL_REFUSED, 24);
	expect_run(&d, commands, BATCH_EXIT_REFUSED, "% no\n");
	fake_daemon_expect(&d, PROTOCOL_EXEC, "bogus");
	fake_daemon_expect_silence(&d);
	fake_daemon_close(&d);
}

/* The end of the commands is that of the configuration, as if `end` had been among them. */
static void test_the_last_command_leaves_configuration(void **state)
{
	const char *commands[] = { "conf t\ninterface Tunnel7", NULL };
	struct fake_daemon d;

	(void)state;
	fake_daemon_open(&d);
	fake_daemon_ready(&d, 0, 24);
	fake_daemon_say(&d, PROTOCOL_READY, "R1(config)#");
	fake_daemon_say(&d, PROTOCOL_READY, "R1(config-if)#");
	fake_daemon_ready(&d, 0, 24);
	expect_run(&d, commands, 0, "");
	fake_daemon_expect(&d, PROTOCOL_EXEC, "conf t");
	fake_daemon_expect(&d, PROTOCOL_EXEC, "interface Tunnel7");
	fake_daemon_expect(&d, PROTOCOL_INTERRUPT, "");
	fake_daemon_expect_silence(&d);
	fake_daemon_close(&d);
}

/* Not so one that is refused: the daemon takes what was begun for unfinished. */
static void test_a_refused_line_does_not_leave_configuration(void **state)
{
	const char *commands[] = { "interface Tunnel7\ntunel protection", NULL };
	const struct protocol_message refused = { .type = PROTOCOL_READY,
		                                  .flags = PROTOCOL_REFUSED,
		                                  .text = "R1(config-if)#",
		                                  .text_len = 14 };
	struct fake_daemon d;
	struct strbuf frame;

	(void)state;
	fake_daemon_open(&d);
	fake_daemon_ready(&d, 0, 24);
	fake_daemon_say(&d, PROTOCOL_READY, "R1(config-if)#");
	strbuf_init(&frame);
	protocol_encode(&refused, &frame);
	assert_int_equal(write(d.fd, frame.text, frame.len), (ssize_t)frame.len);
	strbuf_fini(&frame);
	expect_run(&d, commands, BATCH_EXIT_REFUSED, "");
	fake_daemon_expect(&d, PROTOCOL_EXEC, "interface Tunnel7");
	fake_daemon_expect(&d, PROTOCOL_EXEC, "tunel protection");
	fake_daemon_expect_silence(&d);
	fake_daemon_close(&d);
}

static void test_exit(void **state)
{
	const char *commands[] = { "exit", "show a" };
	struct fake_daemon d;

	(void)state;
	fake_daemon_open(&d);
	fake_daemon_ready(&d, 0, 24);
	fake_daemon_say(&d, PROTOCOL_BYE, "");
	expect_run(&d, commands, 0, "");
	fake_daemon_close(&d);
}

static void test_the_daemon_goes(void **state)
{
	const char *commands[] = { "show a", NULL };
	struct fake_daemon d;

	(void)state;
	fake_daemon_open(&d);
	fake_daemon_ready(&d, 0, 24);
	fake_daemon_say(&d, PROTOCOL_OUTPUT, "half");
	shutdown(d.fd, SHUT_WR);
	expect_run(&d, commands, 1, "half");
	fake_daemon_close(&d);
}

static void test_streaming_lasts_until_interrupted(void **state)
{
	const char *commands[] = { "terminal monitor", NULL };
	struct fake_daemon d;

	(void)state;
	fake_daemon_open(&d);
	fake_daemon_ready(&d, 0, 24);
	fake_daemon_ready(&d, PROTOCOL_STREAMING, 24);
	fake_daemon_say(&d, PROTOCOL_LOG, "one");
	fake_daemon_say(&d, PROTOCOL_LOG, "two");
	fake_daemon_say(&d, PROTOCOL_BYE, "");
	expect_run(&d, commands, 0, "one\ntwo\n");
	fake_daemon_close(&d);
}

/* Blocked as batch.c blocks it, the signal waits for the first poll. */
static void test_interrupt(void **state)
{
	const char *commands[] = { "ping 10.0.0.1", "show a" };
	struct fake_daemon d;
	sigset_t set;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fake_daemon_open(&d);
	fake_daemon_ready(&d, 0, 24);
	raise(SIGINT);
	fake_daemon_say(&d, PROTOCOL_OUTPUT, "!!!\n");
	fake_daemon_ready(&d, 0, 24);
	expect_run(&d, commands, BATCH_EXIT_INTERRUPTED, "!!!\n");
	fake_daemon_close(&d);
}

/* A daemon in a child that takes three lines. */
static pid_t fork_daemon(struct fake_daemon *d)
{
	static const char *const lines[] = { "show a", "", "show b" };
	const pid_t pid = fork();

	if (pid)
		return pid;
	fake_daemon_ready(d, 0, 24);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		fake_daemon_expect(d, PROTOCOL_EXEC, lines[i]);
		fake_daemon_ready(d, 0, 24);
	}
	_exit(0);
}

static void test_standard_input(void **state)
{
	static const char text[] = "show a\r\n\nshow b";
	struct capture capture;
	struct fake_daemon d;
	int pipes[2];

	(void)state;
	const int saved = dup(STDIN_FILENO);
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(write(pipes[1], text, sizeof text - 1), sizeof text - 1);
	close(pipes[1]);
	assert_true(dup2(pipes[0], STDIN_FILENO) >= 0);
	close(pipes[0]);
	fake_daemon_open(&d);
	const pid_t daemon = fork_daemon(&d);
	int ended = 0;
	capture_start(&capture);
	const int status = batch_stdin(&d.client);
	free(capture_end(&capture));
	assert_int_equal(status, 0);
	assert_int_equal(waitpid(daemon, &ended, 0), daemon);
	assert_int_equal(ended, 0);
	fake_daemon_close(&d);
	assert_true(dup2(saved, STDIN_FILENO) >= 0 || saved < 0);
	if (saved >= 0)
		close(saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_a_refusal_ends_it),
		cmocka_unit_test(test_the_last_command_leaves_configuration),
		cmocka_unit_test(test_a_refused_line_does_not_leave_configuration),
		cmocka_unit_test(test_exit),
		cmocka_unit_test(test_the_daemon_goes),
		cmocka_unit_test(test_streaming_lasts_until_interrupted),
		cmocka_unit_test(test_interrupt),
		cmocka_unit_test(test_standard_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
