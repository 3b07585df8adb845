/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/check.h"

static void explain(int number, const char *path, struct strbuf *error)
{
	switch (number) {
	case ENOENT:
	case ECONNREFUSED:
		strbuf_printf(error, "dmvpnd is not running: nobody answers at %s", path);
		break;
	case EACCES:
	case EPERM:
		strbuf_printf(
			error,
			"No permission to open %s: be root, or a member of the socket's group",
			path);
		break;
	default:
		strbuf_printf(error, "Cannot reach dmvpnd at %s: %s", path, strerror(number));
	}
}

bool client_connect(struct client *c, const char *run_dir, struct strbuf *error)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	const int len = snprintf(sa.sun_path, sizeof sa.sun_path, "%s/dmvpnd.sock", run_dir);

	if (len < 0 || (size_t)len >= sizeof sa.sun_path) {
		strbuf_printf(error, "The run directory's name is too long for a socket: %s",
		              run_dir);
		return false;
	}
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&sa, sizeof sa) < 0) {
		explain(errno, sa.sun_path, error);
		if (fd >= 0)
			close(fd);
		return false;
	}
	client_init(c, fd);
	return true;
}

void client_init(struct client *c, int fd)
{
	*c = (struct client){ .fd = fd };
	strbuf_init(&c->in);
}

void client_fini(struct client *c)
{
	close(c->fd);
	strbuf_fini(&c->in);
}

bool client_configures(const struct client *c)
{
	const size_t len = strlen(c->prompt);

	return len > 1 && strcmp(c->prompt + len - 2, ")#") == 0;
}

bool client_send(struct client *c, enum protocol_type type, uint8_t flags, const char *text)
{
	const struct protocol_message message = { .type = type,
		                                  .version = PROTOCOL_VERSION,
		                                  .flags = flags,
		                                  .text = text,
		                                  .text_len = strlen(text) };
	struct strbuf frame;
	size_t sent = 0;

	strbuf_init(&frame);
	protocol_encode(&message, &frame);
	while (sent < frame.len) {
		const ssize_t n = send(c->fd, frame.text + sent, frame.len - sent, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			sent += (size_t)n;
	}
	const bool whole = sent == frame.len;
	strbuf_fini(&frame);
	return whole;
}

static void note_ready(struct client *c, const struct protocol_message *ready)
{
	snprintf(c->prompt, sizeof c->prompt, "%.*s", (int)ready->text_len, ready->text);
	c->page_lines = ready->page_lines;
	c->refused = ready->flags & PROTOCOL_REFUSED;
	c->streaming = ready->flags & PROTOCOL_STREAMING;
}

enum client_result client_next(struct client *c, struct protocol_message *ret)
{
	switch (protocol_decode(c->in.text + c->taken, c->in.len - c->taken, PROTOCOL_OUTPUT_MAX,
	                        ret)) {
	case PROTOCOL_MORE:
		return CLIENT_NOTHING;
	case PROTOCOL_BAD:
		return CLIENT_BROKEN;
	case PROTOCOL_MESSAGE:
		break;
	}
	c->taken += ret->frame_len;
	if (ret->type == PROTOCOL_READY)
		note_ready(c, ret);
	return CLIENT_MESSAGE;
}

bool client_read(struct client *c)
{
	char bytes[PROTOCOL_OUTPUT_MAX];
	const ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (n == 0)
		return false;
	const size_t left = c->in.len - c->taken;
	if (c->taken) {
		memmove(c->in.text, c->in.text + c->taken, left);
		strbuf_truncate(&c->in, left);
		c->taken = 0;
	}
	strbuf_add(&c->in, bytes, (size_t)n);
	return true;
}
