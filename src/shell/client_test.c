/* SPDX-License-Identifier: Apache-2.0 */
/* The client against a daemon played by the other end of a socket pair. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shell/client.h"

static void expect_error(const char *run_dir, const char *sentence)
{
	struct client c;
	struct strbuf error;

	strbuf_init(&error);
	assert_false(client_connect(&c, run_dir, &error));
	assert_string_equal(error.text, sentence);
	strbuf_fini(&error);
}

static void test_no_daemon(void **state)
{
	(void)state;
	expect_error("/nonexistent/directory", "dmvpnd is not running: nobody answers at "
	                                       "/nonexistent/directory/dmvpnd.sock");
}

static void test_long_directory(void **state)
{
	char name[200];
	struct client c;
	struct strbuf error;

	(void)state;
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	strbuf_init(&error);
	assert_false(client_connect(&c, name, &error));
	assert_non_null(strstr(error.text, "too long"));
	strbuf_fini(&error);
}

static void test_frames_byte_by_byte(void **state)
{
	const struct protocol_message output = { .type = PROTOCOL_OUTPUT,
		                                 .text = "hello\n",
		                                 .text_len = 6 };
	const struct protocol_message ready = { .type = PROTOCOL_READY,
		                                .flags = PROTOCOL_REFUSED | PROTOCOL_STREAMING,
		                                .page_lines = 30,
		                                .text = "R1#",
		                                .text_len = 3 };
	struct protocol_message got;
	struct strbuf frames;
	struct client c;
	size_t n = 0;
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	client_init(&c, fd[0]);
	strbuf_init(&frames);
	protocol_encode(&output, &frames);
	protocol_encode(&ready, &frames);
	for (size_t i = 0; i < frames.len; i++) {
		assert_int_equal(write(fd[1], frames.text + i, 1), 1);
		assert_true(client_read(&c));
		if (client_next(&c, &got) == CLIENT_MESSAGE)
			assert_int_equal(got.type, n++ ? PROTOCOL_READY : PROTOCOL_OUTPUT);
	}
	assert_int_equal(n, 2);
	assert_string_equal(c.prompt, "R1#");
	assert_int_equal(c.page_lines, 30);
	assert_true(c.refused && c.streaming);

	close(fd[1]);
	assert_false(client_read(&c));
	assert_false(client_send(&c, PROTOCOL_EXEC, 0, "show clock"));
	strbuf_fini(&frames);
	client_fini(&c);
}

static void test_garbage(void **state)
{
	struct protocol_message got;
	struct client c;
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	client_init(&c, fd[0]);
	assert_int_equal(write(fd[1], "SSH-2.0-x\n", 10), 10);
	assert_true(client_read(&c));
	assert_int_equal(client_next(&c, &got), CLIENT_BROKEN);
	client_fini(&c);
	close(fd[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_daemon),
		cmocka_unit_test(test_long_directory),
		cmocka_unit_test(test_frames_byte_by_byte),
		cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
