/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/holds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/notify.h"
#include "util/strbuf.h"

enum {
	FIRST_FD = 3, /* SD_LISTEN_FDS_START */
	NUMBER_SIZE = 16,
};

static struct hold *find(struct holds *h, const char *device)
{
	for (size_t i = 0; i < h->n; i++) {
		if (strcmp(h->hold[i].device, device) == 0)
			return &h->hold[i];
	}
	return NULL;
}

/*
 * FDPOLL=0: a queue that gets no frames polls as an error, and the manager would close it. What it
 * refuses, or has no place for, is held by this process alone.
 */
static void tell_store(const struct hold *hold)
{
	char text[64 + LEDGER_DEVICE_SIZE];

	snprintf(text, sizeof text, "FDSTORE=1\nFDNAME=%s\nFDPOLL=0", hold->device);
	(void)notify_send_fd(text, hold->fd);
}

static void remove_from_store(const char *device)
{
	char text[64 + LEDGER_DEVICE_SIZE];

	snprintf(text, sizeof text, "FDSTOREREMOVE=1\nFDNAME=%s", device);
	(void)notify_send(text);
}

static void add(struct holds *h, const char *device, int fd)
{
	struct hold *hold = &h->hold[h->n++];

	snprintf(hold->device, sizeof hold->device, "%s", device);
	hold->fd = fd;
}

int holds_take(struct holds *h, const char *device)
{
	if (find(h, device))
		return 0;
	if (h->n == HOLDS_MAX)
		return -ENOSPC;
	int fd = h->open(device);
	if (fd < 0)
		return fd;
	add(h, device, fd);
	tell_store(&h->hold[h->n - 1]);
	return 0;
}

void holds_release(struct holds *h, const char *device)
{
	struct hold *hold = find(h, device);

	if (!hold)
		return;
	remove_from_store(hold->device);
	close(hold->fd);
	*hold = h->hold[--h->n];
}

void holds_release_all(struct holds *h)
{
	while (h->n)
		holds_release(h, h->hold[h->n - 1].device);
}

void holds_close(struct holds *h)
{
	while (h->n)
		close(h->hold[--h->n].fd);
}

/* A positive number in the environment, or 0. */
static int number_of(const char *variable)
{
	const char *text = getenv(variable);
	char *end;

	if (!text || !*text)
		return 0;
	long n = strtol(text, &end, 10);
	return *end || n < 0 || n > INT32_MAX ? 0 : (int)n;
}

static void inherit(struct holds *h, const char *device, int fd)
{
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return;
	if (*device && strlen(device) < LEDGER_DEVICE_SIZE && h->n < HOLDS_MAX &&
	    !find(h, device) && h->still_holds(fd, device)) {
		add(h, device, fd);
		return;
	}
	if (*device && !find(h, device))
		remove_from_store(device);
	close(fd);
}

size_t holds_inherit(struct holds *h)
{
	int n = number_of("LISTEN_PID") == (int)getpid() ? number_of("LISTEN_FDS") : 0;
	const char *names = getenv("LISTEN_FDNAMES");
	char *left = names ? strdup(names) : NULL, *at = left;

	for (int i = 0; i < n && i < HOLDS_MAX && at; i++)
		inherit(h, strsep(&at, ":"), FIRST_FD + i);
	free(left);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return h->n;
}

static int set_number(const char *variable, int n)
{
	char text[NUMBER_SIZE];

	snprintf(text, sizeof text, "%d", n);
	return setenv(variable, text, 1) < 0 ? -errno : 0;
}

/* Out of the way first: a descriptor may lie where another one must go. */
static int move_up(struct holds *h)
{
	for (size_t i = 0; i < h->n; i++) {
		int fd = fcntl(h->hold[i].fd, F_DUPFD_CLOEXEC, FIRST_FD + (int)h->n);
		if (fd < 0)
			return -errno;
		close(h->hold[i].fd);
		h->hold[i].fd = fd;
	}
	return 0;
}

int holds_pass_on(struct holds *h)
{
	struct strbuf names;
	int result = move_up(h);

	strbuf_init(&names);
	for (size_t i = 0; i < h->n && result == 0; i++) {
		int fd = FIRST_FD + (int)i;
		if (dup2(h->hold[i].fd, fd) < 0)
			result = -errno;
		strbuf_printf(&names, "%s%s", i ? ":" : "", h->hold[i].device);
	}
	if (result == 0)
		result = set_number("LISTEN_PID", (int)getpid());
	if (result == 0)
		result = set_number("LISTEN_FDS", (int)h->n);
	if (result == 0 && setenv("LISTEN_FDNAMES", names.text, 1) < 0)
		result = -errno;
	strbuf_fini(&names);
	return result;
}
