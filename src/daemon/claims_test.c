/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/claims.h"

/* A device name that no other run of this test uses. */
static const char *device(int n)
{
	static char text[2][32];

	snprintf(text[n], sizeof text[n], "claim-%d-%d", (int)getpid(), n);
	return text[n];
}

static bool keeps_first(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, device(0)) == 0;
}

static void two_cannot_have_one_device(void **state)
{
	struct claims a = { 0 }, b = { 0 };

	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: only root's claims count\n");
		skip();
	}
	assert_int_equal(claims_take(&a, device(0)), 0);
	assert_int_equal(claims_take(&a, device(1)), 0);
	assert_int_equal(claims_take(&a, device(0)), 0);
	assert_int_equal(claims_take(&b, device(0)), -EADDRINUSE);
	claims_release(&a, keeps_first, NULL);
	assert_int_equal(claims_take(&b, device(0)), -EADDRINUSE);
	assert_int_equal(claims_take(&b, device(1)), 0);
	claims_release(&a, NULL, NULL);
	assert_int_equal(claims_take(&b, device(0)), 0);
	claims_release(&b, NULL, NULL);
}

/* In the child: occupies the name as nobody, tells the parent, and waits to be ended. */
static void squat(int tell, int wait)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char byte = 0;
	int len = snprintf(at.sun_path + 1, sizeof at.sun_path - 1, "dmvpnd/squatted-%d",
	                   (int)getppid());
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (setuid(65534) == 0 &&
	    bind(fd, (struct sockaddr *)&at,
	         (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len)) == 0 &&
	    listen(fd, 1) == 0)
		byte = 1;
	if (write(tell, &byte, 1) == 1)
		(void)!read(wait, &byte, 1);
	_exit(0);
}

static void a_squatter_does_not_count(void **state)
{
	struct claims c = { 0 };
	char name[64], byte = 0;
	int told[2], waits[2];

	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: needs root to become nobody\n");
		skip();
	}
	assert_int_equal(pipe(told), 0);
	assert_int_equal(pipe(waits), 0);
	pid_t child = fork();
	if (child == 0)
		squat(told[1], waits[0]);
	assert_int_equal(read(told[0], &byte, 1), 1);
	assert_int_equal(byte, 1);
	snprintf(name, sizeof name, "squatted-%d", (int)getpid());
	assert_int_equal(claims_take(&c, name), 0);
	claims_release(&c, NULL, NULL);
	assert_int_equal(write(waits[1], &byte, 1), 1);
	waitpid(child, NULL, 0);
	for (int i = 0; i < 2; i++) {
		close(told[i]);
		close(waits[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_cannot_have_one_device),
		cmocka_unit_test(a_squatter_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
