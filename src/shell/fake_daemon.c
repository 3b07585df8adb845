/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/fake_daemon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/memory.h"

void fake_daemon_open(struct fake_daemon *d)
{
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	d->fd = fd[1];
	d->taken = 0;
	strbuf_init(&d->received);
	client_init(&d->client, fd[0]);
}

void fake_daemon_close(struct fake_daemon *d)
{
	client_fini(&d->client);
	strbuf_fini(&d->received);
	if (d->fd >= 0)
		close(d->fd);
}

static void send_message(struct fake_daemon *d, const struct protocol_message *m)
{
	struct strbuf frame;

	strbuf_init(&frame);
	protocol_encode(m, &frame);
	assert_int_equal(write(d->fd, frame.text, frame.len), (ssize_t)frame.len);
	strbuf_fini(&frame);
}

void fake_daemon_say(struct fake_daemon *d, enum protocol_type type, const char *text)
{
	const struct protocol_message m = { .type = type, .text = text, .text_len = strlen(text) };

	send_message(d, &m);
}

void fake_daemon_ready(struct fake_daemon *d, uint8_t flags, uint16_t page_lines)
{
	const struct protocol_message m = { .type = PROTOCOL_READY,
		                            .flags = flags,
		                            .page_lines = page_lines,
		                            .text = "R1#",
		                            .text_len = 3 };

	send_message(d, &m);
}

void fake_daemon_expect(struct fake_daemon *d, enum protocol_type type, const char *text)
{
	struct protocol_message m;
	char bytes[4096];

	while (protocol_decode(d->received.text + d->taken, d->received.len - d->taken,
	                       PROTOCOL_REQUEST_MAX, &m) != PROTOCOL_MESSAGE) {
		const ssize_t n = read(d->fd, bytes, sizeof bytes);
		assert_true(n > 0);
		strbuf_add(&d->received, bytes, (size_t)n);
	}
	d->taken += m.frame_len;
	assert_int_equal(m.type, type);
	assert_int_equal(m.text_len, strlen(text));
	if (m.text_len)
		assert_memory_equal(m.text, text, m.text_len);
}

void fake_daemon_expect_silence(struct fake_daemon *d)
{
	char byte;

	assert_int_equal(d->taken, d->received.len);
	assert_true(recv(d->fd, &byte, 1, MSG_DONTWAIT) <= 0);
}

void capture_start(struct capture *c)
{
	fflush(stdout);
	c->saved = dup(STDOUT_FILENO);
	c->file = memfd_create("stdout", MFD_CLOEXEC);
	assert_true(c->saved >= 0 && c->file >= 0);
	assert_true(dup2(c->file, STDOUT_FILENO) >= 0);
}

char *capture_end(struct capture *c)
{
	fflush(stdout);
	assert_true(dup2(c->saved, STDOUT_FILENO) >= 0);
	const off_t len = lseek(c->file, 0, SEEK_END);
	char *text = memory_new((size_t)len + 1, 1);
	assert_int_equal(pread(c->file, text, (size_t)len, 0), len);
	close(c->saved);
	close(c->file);
	return text;
}
