/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/privileges.h"

static const char control_variable[] = "DMVPND_CONTROL_FD";

enum { NUMBER_SIZE = 16 };

/* A descriptor above standard error that is open; else 0. */
static int passed_control(void)
{
	const char *text = getenv(control_variable);
	char *end = NULL;
	long fd = text && *text ? strtol(text, &end, 10) : 0;

	if (end && *end)
		fd = 0;
	unsetenv(control_variable);
	return fd > STDERR_FILENO && fd <= INT_MAX && fcntl((int)fd, F_GETFD) >= 0 ? (int)fd : 0;
}

void handover_init(struct handover *h)
{
	ssize_t n = readlink("/proc/self/exe", h->program, sizeof h->program - 1);

	h->program[n > 0 ? n : 0] = '\0';
	h->control_fd = passed_control();
}

bool handover_possible(const struct handover *h, struct strbuf *why)
{
	if (!h->program[0])
		strbuf_adds(why, "/proc does not say which file this program is");
	else if (access(h->program, X_OK) < 0)
		strbuf_printf(why, "%s: %s", h->program, strerror(errno));
	return why->len == 0;
}

void handover_signals(int how)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		sigaddset(&set, signals[i]);
	pthread_sigmask(how, &set, NULL);
}

/* Above the descriptors that those of the holds will have. */
static int pass_control(struct handover *h, const struct holds *holds)
{
	char text[NUMBER_SIZE];

	if (!h->control_fd)
		return 0;
	int fd = fcntl(h->control_fd, F_DUPFD, STDERR_FILENO + 1 + (int)holds->n);
	if (fd < 0)
		return -errno;
	close(h->control_fd);
	h->control_fd = fd;
	snprintf(text, sizeof text, "%d", fd);
	return setenv(control_variable, text, 1) < 0 ? -errno : 0;
}

int handover_execute(struct handover *h, const struct options *o, struct holds *holds)
{
	int result = privileges_pass_on();

	if (result == 0)
		result = pass_control(h, holds);
	if (result == 0)
		result = holds_pass_on(holds);
	if (result == 0) {
		execv(h->program, o->argv);
		result = -errno;
	}
	return result;
}
