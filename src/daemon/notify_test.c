/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/notify.h"

static int listen_at(const char *name, size_t len)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(at.sun_path, name, len);
	assert_int_equal(bind(fd, (struct sockaddr *)&at,
	                      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
	                 0);
	return fd;
}

static void expect_ready(int fd)
{
	char text[64];
	ssize_t n = recv(fd, text, sizeof text, MSG_DONTWAIT);

	assert_int_equal(n, strlen("READY=1"));
	assert_memory_equal(text, "READY=1", (size_t)n);
	close(fd);
}

static void reaches_a_path(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof path, "/tmp/notify-test-%d", (int)getpid());
	int fd = listen_at(path, strlen(path));
	setenv("NOTIFY_SOCKET", path, 1);
	assert_int_equal(notify_send("READY=1"), 0);
	expect_ready(fd);
	unlink(path);
}

static void reaches_an_abstract_name(void **state)
{
	char name[64];

	(void)state;
	snprintf(name, sizeof name, "@notify-test-%d", (int)getpid());
	setenv("NOTIFY_SOCKET", name, 1);
	name[0] = '\0';
	int fd = listen_at(name, 1 + strlen(name + 1));
	assert_int_equal(notify_send("READY=1"), 0);
	expect_ready(fd);
}

static void refuses_nonsense(void **state)
{
	char name[200];

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify_send("READY=1"), 0);
	setenv("NOTIFY_SOCKET", "relative", 1);
	assert_int_equal(notify_send("READY=1"), -EINVAL);
	memset(name, '/', sizeof name);
	name[sizeof name - 1] = '\0';
	setenv("NOTIFY_SOCKET", name, 1);
	assert_int_equal(notify_send("READY=1"), -EINVAL);
	setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1);
	assert_int_equal(notify_send("READY=1"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reaches_a_path),
		cmocka_unit_test(reaches_an_abstract_name),
		cmocka_unit_test(refuses_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
