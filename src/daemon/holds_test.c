/* SPDX-License-Identifier: Apache-2.0 */
/* The store is a socket of the test, which keeps what it is given as a service manager does. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/holds.h"

static int refusal;

static int open_held(const char *device)
{
	(void)device;
	return refusal ? refusal : eventfd(0, EFD_CLOEXEC);
}

static bool still_holds(int fd, const char *device)
{
	struct stat st;

	return fstat(fd, &st) == 0 && strcmp(device, "Tunnel9") != 0;
}

static struct holds *new_holds(void)
{
	struct holds *h = calloc(1, sizeof *h);

	h->open = open_held;
	h->still_holds = still_holds;
	return h;
}

static int open_store(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char name[64];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	int len = snprintf(name, sizeof name, "@holds-test-%d", (int)getpid());
	setenv("NOTIFY_SOCKET", name, 1);
	memcpy(at.sun_path + 1, name + 1, (size_t)len - 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&at,
	                      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)len)),
	                 0);
	return fd;
}

/* The next message must be this; the descriptor that came with it, or -1. */
static int expect_message(int store, const char *text)
{
	char bytes[256] = "", control[CMSG_SPACE(sizeof(int))];
	struct iovec part = { .iov_base = bytes, .iov_len = sizeof bytes - 1 };
	struct msghdr message = { .msg_iov = &part,
		                  .msg_iovlen = 1,
		                  .msg_control = control,
		                  .msg_controllen = sizeof control };
	int fd = -1;

	(void)recvmsg(store, &message, MSG_DONTWAIT);
	assert_string_equal(bytes, text);
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}

static void expect_silence(int store)
{
	char c;

	assert_int_equal(recv(store, &c, 1, MSG_DONTWAIT), -1);
}

static bool same_file(int a, int b)
{
	const uint64_t one = 1;
	uint64_t count = 0;

	fcntl(b, F_SETFL, O_NONBLOCK);
	assert_int_equal(write(a, &one, sizeof one), sizeof one);
	return read(b, &count, sizeof count) == sizeof count && count == one;
}

static void store_has_each_while_it_is_held(void **state)
{
	struct holds *h = new_holds();
	int store = open_store();

	(void)state;
	assert_int_equal(holds_take(h, "Tunnel0"), 0);
	int fd = expect_message(store, "FDSTORE=1\nFDNAME=Tunnel0\nFDPOLL=0");
	assert_true(same_file(h->hold[0].fd, fd));
	close(fd);
	assert_int_equal(holds_take(h, "Tunnel0"), 0); /* once is enough */
	expect_silence(store);
	refusal = -ENODEV;
	assert_int_equal(holds_take(h, "Tunnel1"), -ENODEV);
	refusal = 0;
	assert_int_equal(holds_take(h, "Tunnel1"), 0);
	close(expect_message(store, "FDSTORE=1\nFDNAME=Tunnel1\nFDPOLL=0"));
	holds_release(h, "Tunnel7");
	expect_silence(store);
	holds_release(h, "Tunnel0");
	assert_int_equal(expect_message(store, "FDSTOREREMOVE=1\nFDNAME=Tunnel0"), -1);
	holds_release_all(h);
	assert_int_equal(expect_message(store, "FDSTOREREMOVE=1\nFDNAME=Tunnel1"), -1);
	assert_int_equal(holds_take(h, "Tunnel2"), 0);
	close(expect_message(store, "FDSTORE=1\nFDNAME=Tunnel2\nFDPOLL=0"));
	holds_close(h); /* the process ends, the store does not */
	expect_silence(store);
	free(h);
	close(store);
}

static void bounded(void **state)
{
	struct holds *h = new_holds();
	char name[16];

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	refusal = 0;
	for (int i = 0; i < HOLDS_MAX; i++) {
		snprintf(name, sizeof name, "Tunnel%d", i);
		h->n++;
		snprintf(h->hold[i].device, sizeof h->hold[i].device, "%s", name);
		h->hold[i].fd = -1;
	}
	assert_int_equal(holds_take(h, "Tunnel5000"), -ENOSPC);
	free(h);
}

/* In a child: what was passed on is there under its name; what holds nothing any more is dropped.
 */
static int inherits(int store)
{
	struct holds *from = new_holds(), *to = new_holds();

	assert_int_equal(holds_take(from, "Tunnel0"), 0);
	assert_int_equal(holds_take(from, "Tunnel9"), 0);
	assert_int_equal(holds_take(from, "Tunnel3"), 0);
	for (int i = 0; i < 3; i++)
		while (recv(store, &(char){ 0 }, 1, MSG_DONTWAIT) > 0)
			;
	int copy = fcntl(from->hold[2].fd, F_DUPFD, 100);
	assert_int_equal(holds_pass_on(from), 0);
	assert_string_equal(getenv("LISTEN_FDNAMES"), "Tunnel0:Tunnel9:Tunnel3");
	assert_int_equal(fcntl(5, F_GETFD) & FD_CLOEXEC, 0);
	assert_int_equal(holds_inherit(to), 2);
	assert_int_equal(expect_message(store, "FDSTOREREMOVE=1\nFDNAME=Tunnel9"), -1);
	assert_string_equal(to->hold[1].device, "Tunnel3");
	assert_int_equal(to->hold[1].fd, 5);
	assert_true(same_file(copy, 5));
	assert_int_not_equal(fcntl(5, F_GETFD) & FD_CLOEXEC, 0);
	assert_null(getenv("LISTEN_FDS"));
	assert_int_equal(holds_take(to, "Tunnel3"), 0); /* it is held already, and in the store */
	expect_silence(store);
	return 0;
}

static void passes_on(void **state)
{
	int status;

	(void)state;
	fflush(stdout);
	pid_t pid = fork(); /* descriptors 3 to 5 may be the test's own */
	if (pid == 0) {
		int store = open_store();
		int up = fcntl(store, F_DUPFD_CLOEXEC, 50);
		_exit(inherits(up));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void what_is_for_another_process_is_not_taken(void **state)
{
	struct holds *h = new_holds();

	(void)state;
	setenv("LISTEN_PID", "1", 1);
	setenv("LISTEN_FDS", "1", 1);
	setenv("LISTEN_FDNAMES", "Tunnel0", 1);
	assert_int_equal(holds_inherit(h), 0);
	assert_null(getenv("LISTEN_PID"));
	free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(store_has_each_while_it_is_held),
		cmocka_unit_test(bounded),
		cmocka_unit_test(passes_on),
		cmocka_unit_test(what_is_for_another_process_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
