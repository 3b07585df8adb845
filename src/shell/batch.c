/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs commands one after another and copies their output. Ctrl-C arrives through a signalfd: the
 * first stops a running command, whose output is then complete, and ends the run; the second ends
 * it at once.
 */
#include "shell/batch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { LINE_MAX_LEN = PROTOCOL_REQUEST_MAX };

struct batch {
	struct client *client;
	int signals; /* signalfd */
	int status;  /* exit status, once ended */
	bool ended;
	bool interrupted; /* Ctrl-C has come once */
};

static void end(struct batch *b, int status)
{
	b->ended = true;
	b->status = status;
}

static void fail(struct batch *b, const char *sentence)
{
	fflush(stdout);
	fprintf(stderr, "dmvpnsh: %s\n", sentence);
	end(b, EXIT_FAILURE);
}

static void catch_interrupt(struct batch *b)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	b->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Prints what has been read. True: READY was among it. */
static bool print_messages(struct batch *b)
{
	struct protocol_message m;
	enum client_result result;
	bool ready = false;

	while (!b->ended && !ready && (result = client_next(b->client, &m)) != CLIENT_NOTHING) {
		if (result == CLIENT_BROKEN) {
			fail(b, "dmvpnd does not speak dmvpnsh's protocol");
			break;
		}
		if (m.type == PROTOCOL_READY)
			ready = true;
		else if (m.type == PROTOCOL_BYE && m.text_len)
			fprintf(stderr, "%% %.*s\n", (int)m.text_len, m.text);
		else if (m.type == PROTOCOL_OUTPUT || m.type == PROTOCOL_LOG)
			fwrite(m.text, 1, m.text_len, stdout);
		if (m.type == PROTOCOL_LOG)
			putchar('\n');
		if (m.type == PROTOCOL_BYE)
			end(b, m.text_len ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	if (fflush(stdout) == EOF)
		fail(b, "cannot write the output");
	return ready;
}

static void handle_interrupt(struct batch *b, bool running)
{
	struct signalfd_siginfo info;

	if (read(b->signals, &info, sizeof info) < 0)
		return;
	if (b->interrupted || !running || !client_send(b->client, PROTOCOL_INTERRUPT, 0, ""))
		end(b, running ? BATCH_EXIT_INTERRUPTED : EXIT_SUCCESS);
	b->interrupted = true;
}

/* Waits for the daemon, Ctrl-C, or (unless it is -1) input. True: there is input. */
static bool wait_for(struct batch *b, int input, bool running)
{
	struct pollfd fd[] = { { .fd = b->client->fd, .events = POLLIN },
		               { .fd = b->signals, .events = POLLIN },
		               { .fd = input, .events = POLLIN } };

	if (poll(fd, 3, -1) < 0)
		return false;
	if (fd[1].revents)
		handle_interrupt(b, running);
	if (fd[0].revents && !b->ended && !client_read(b->client))
		fail(b, "dmvpnd has gone");
	return fd[2].revents;
}

static void wait_ready(struct batch *b)
{
	while (!print_messages(b) && !b->ended)
		(void)wait_for(b, -1, true);
}

static void run_line(struct batch *b, const char *line)
{
	if (!client_send(b->client, PROTOCOL_EXEC, 0, line)) {
		fail(b, "dmvpnd has gone");
		return;
	}
	wait_ready(b);
	if (!b->ended && b->client->refused)
		end(b, BATCH_EXIT_REFUSED);
	if (!b->ended && b->interrupted)
		end(b, BATCH_EXIT_INTERRUPTED);
}

/* A command of several lines is as many commands. */
static void run_command(struct batch *b, const char *command)
{
	char *copy = strdup(command), *rest = copy;

	if (!copy) {
		fail(b, strerror(errno));
		return;
	}
	for (char *line = strsep(&rest, "\n"); line && !b->ended; line = strsep(&rest, "\n")) {
		line[strcspn(line, "\r")] = '\0';
		if (strlen(line) >= LINE_MAX_LEN) {
			fail(b, "a command is too long");
			break;
		}
		run_line(b, line);
	}
	free(copy);
}

/*
 * All is there that was to come: a configuration that does not end in `end` is complete all the
 * same. A run that breaks off says nothing, and the daemon takes a new tunnel for unfinished.
 */
static void finish(struct batch *b)
{
	if (b->ended || !client_configures(b->client))
		return;
	if (!client_send(b->client, PROTOCOL_INTERRUPT, PROTOCOL_IDLE, ""))
		fail(b, "dmvpnd has gone");
	else
		wait_ready(b);
}

int batch_commands(struct client *c, char *const *commands, size_t n)
{
	struct batch b = { .client = c };

	catch_interrupt(&b);
	wait_ready(&b);
	for (size_t i = 0; i < n && !b.ended; i++)
		run_command(&b, commands[i]);
	finish(&b);
	while (!b.ended && c->streaming) {
		(void)print_messages(&b);
		if (!b.ended)
			(void)wait_for(&b, -1, false);
	}
	close(b.signals);
	return b.status;
}

/* Runs the whole lines of what was read, and at the end of input the rest too. */
static void run_lines(struct batch *b, struct strbuf *in, bool at_end)
{
	size_t done = 0;

	while (!b->ended && done < in->len) {
		char *line = in->text + done;
		char *newline = memchr(line, '\n', in->len - done);
		if (!newline && !at_end)
			break;
		const size_t len = newline ? (size_t)(newline - line) : in->len - done;
		line[len] = '\0';
		run_command(b, line);
		done += len + 1;
	}
	const size_t left = done < in->len ? in->len - done : 0;
	memmove(in->text, in->text + done, left);
	strbuf_truncate(in, left);
}

static bool is_in_interface(const struct client *c)
{
	static const char prompt[] = "(config-if)#";
	const size_t len = strlen(c->prompt), suffix = sizeof prompt - 1;

	return len >= suffix && strcmp(c->prompt + len - suffix, prompt) == 0;
}

/*
 * Runs the last line, which may have no newline. A connection that breaks, as ssh's, ends the text
 * like its sender does. In the block of an interface the lines that protect a tunnel may have been
 * to come.
 */
static void end_input(struct batch *b, struct strbuf *in)
{
	run_lines(b, in, true);
	if (!b->ended && is_in_interface(b->client))
		fputs("dmvpnsh: the text stops within an interface, where it may have been cut: "
		      "a new tunnel stays down; let it end in 'end'\n",
		      stderr);
	else
		finish(b);
	if (!b->ended)
		end(b, EXIT_SUCCESS);
}

int batch_stdin(struct client *c)
{
	struct batch b = { .client = c };
	struct strbuf in;
	char bytes[LINE_MAX_LEN];

	strbuf_init(&in);
	catch_interrupt(&b);
	wait_ready(&b);
	while (!b.ended) {
		(void)print_messages(&b);
		if (b.ended || !wait_for(&b, STDIN_FILENO, false) || b.ended)
			continue;
		const ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			fail(&b, strerror(errno));
		if (n > 0) {
			strbuf_add(&in, bytes, (size_t)n);
			run_lines(&b, &in, false);
		}
		if (n == 0)
			end_input(&b, &in);
		if (in.len >= LINE_MAX_LEN && !b.ended)
			fail(&b, "a line is too long");
	}
	strbuf_fini(&in);
	close(b.signals);
	return b.status;
}
