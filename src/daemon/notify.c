/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static ssize_t send_with(int socket_fd, struct msghdr *message, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof fd)];
		struct cmsghdr align;
	} rights = { 0 };

	if (fd >= 0) {
		message->msg_control = rights.bytes;
		message->msg_controllen = sizeof rights.bytes;
		struct cmsghdr *c = CMSG_FIRSTHDR(message);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(c), &fd, sizeof fd);
	}
	return sendmsg(socket_fd, message, MSG_NOSIGNAL);
}

int notify_send(const char *text)
{
	return notify_send_fd(text, -1);
}

int notify_send_fd(const char *text, int stored_fd)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	if (!path || !*path)
		return 0;
	size_t len = strlen(path);
	if ((path[0] != '/' && path[0] != '@') || len >= sizeof to.sun_path)
		return -EINVAL;
	memcpy(to.sun_path, path, len);
	if (path[0] == '@') /* an abstract name */
		to.sun_path[0] = '\0';

	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	socklen_t to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	struct iovec part = { .iov_base = (char *)(uintptr_t)text, .iov_len = strlen(text) };
	struct msghdr message = {
		.msg_name = &to, .msg_namelen = to_len, .msg_iov = &part, .msg_iovlen = 1
	};
	int result = send_with(fd, &message, stored_fd) < 0 ? -errno : 0;
	close(fd);
	return result;
}
