/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
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

/* What the daemon is asked, and its prompt after it. Without a line: the end of the configuration.
 */
struct step {
	const char *line, *prompt;
};

struct script {
	const char *prompt; /* the first */
	const struct step *steps;
	size_t n;
};

/* A daemon in a child, which takes so many steps. It fails, but for an answer, if there are more.
 */
static pid_t fork_daemon(struct fake_daemon *d, const struct script *script)
{
	const pid_t pid = fork();

	char byte;

	if (pid)
		return pid;
	close(d->client.fd);
	fake_daemon_say(d, PROTOCOL_READY, script->prompt);
	for (size_t i = 0; i < script->n; i++) {
		const struct step *step = &script->steps[i];
		fake_daemon_expect(d, step->line ? PROTOCOL_EXEC : PROTOCOL_INTERRUPT,
		                   step->line ? step->line : "");
		fake_daemon_say(d, PROTOCOL_READY, step->prompt);
	}
	if (d->taken == d->received.len && recv(d->fd, &byte, 1, 0) == 0)
		_exit(0);
	fake_daemon_ready(d, 0, 24);
	_exit(1);
}

/* Runs with standard input from there, which is closed. */
static void expect_stdin(int input, const struct script *script, int status)
{
	struct capture capture;
	struct fake_daemon d;
	int ended = 0;
	const int saved = dup(STDIN_FILENO);

	assert_true(dup2(input, STDIN_FILENO) >= 0);
	close(input);
	fake_daemon_open(&d);
	const pid_t daemon = fork_daemon(&d, script);
	capture_start(&capture);
	const int got = batch_stdin(&d.client);
	shutdown(d.client.fd, SHUT_WR);
	free(capture_end(&capture));
	assert_int_equal(got, status);
	assert_int_equal(waitpid(daemon, &ended, 0), daemon);
	assert_int_equal(ended, 0);
	fake_daemon_close(&d);
	assert_true(dup2(saved, STDIN_FILENO) >= 0 || saved < 0);
	if (saved >= 0)
		close(saved);
}

static int input_of(const char *text)
{
	const ssize_t len = (ssize_t)strlen(text);
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(write(pipes[1], text, (size_t)len), len);
	close(pipes[1]);
	return pipes[0];
}

static void test_standard_input(void **state)
{
	static const struct step steps[] = { { "show a", "R1#" },
		                             { "", "R1#" },
		                             { "show b", "R1#" } };

	(void)state;
	expect_stdin(input_of("show a\r\n\nshow b"), &(struct script){ "R1#", steps, 3 }, 0);
}

static void test_the_end_of_input_leaves_configuration(void **state)
{
	static const struct step steps[] = { { "interface Tunnel7", "R1(config-if)#" },
		                             { "exit", "R1(config)#" },
		                             { NULL, "R1#" } };
	static const struct step other[] = { { "hostname R1", "R1(config)#" }, { NULL, "R1#" } };

	(void)state;
	/* No block is open that more lines might belong to. */
	expect_stdin(input_of("interface Tunnel7\nexit\n"),
	             &(struct script){ "R1(config)#", steps, 3 }, 0);
	expect_stdin(input_of("hostname R1"), &(struct script){ "R1(config)#", other, 2 }, 0);
}

/* The rest of it may be lost, and with it the line that protects the tunnel. */
static void test_input_that_breaks_off_does_not(void **state)
{
	static const struct step steps[] = { { "interface Tunnel7", "R1(config-if)#" },
		                             { "tunnel key 1", "R1(config-if)#" } };

	(void)state;
	expect_stdin(input_of("interface Tunnel7\ntunnel key 1"),
	             &(struct script){ "R1(config)#", steps, 2 }, 0);
	expect_stdin(input_of("interface Tunnel7\ntunnel key 1\n"),
	             &(struct script){ "R1(config)#", steps, 2 }, 0);
	expect_stdin(open("/", O_RDONLY | O_CLOEXEC), &(struct script){ "R1(config-if)#", NULL, 0 },
	             EXIT_FAILURE);
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
		cmocka_unit_test(test_the_end_of_input_leaves_configuration),
		cmocka_unit_test(test_input_that_breaks_off_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
