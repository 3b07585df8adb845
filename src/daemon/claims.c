/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/claims.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <uthash.h>

#include "util/memory.h"

struct claim {
	char *device;
	int fd; /* -1: the name is occupied by somebody who does not count */
	UT_hash_handle hh;
};

static socklen_t name(const char *device, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	int len = snprintf(ret->sun_path + 1, sizeof ret->sun_path - 1, "dmvpnd/%s", device);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
}

/* Whether the holder of a name runs as root. */
static bool is_roots(const struct sockaddr_un *at, socklen_t len)
{
	struct ucred peer;
	socklen_t peer_len = sizeof peer;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return true;
	bool roots = connect(fd, (const struct sockaddr *)at, len) < 0
	                     ? errno == EAGAIN
	                     : getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &peer_len) == 0 &&
	                               peer.uid == 0;
	close(fd);
	return roots;
}

/* A listening socket under the name. -EADDRINUSE, or another negative errno. */
static int occupy(const char *device)
{
	struct sockaddr_un at;
	socklen_t len = name(device, &at);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&at, len) == 0 && listen(fd, 1) == 0)
		return fd;
	int error = -errno;
	close(fd);
	return error == -EADDRINUSE && !is_roots(&at, len) ? -EPERM : error;
}

int claims_take(struct claims *c, const char *device)
{
	struct claim *claim;

	HASH_FIND_STR(c->claim, device, claim);
	if (claim)
		return 0;
	int fd = occupy(device);
	if (fd < 0 && fd != -EPERM)
		return fd;
	claim = memory_new(1, sizeof *claim);
	claim->device = memory_strdup(device);
	claim->fd = fd < 0 ? -1 : fd;
	HASH_ADD_KEYPTR(hh, c->claim, claim->device, strlen(claim->device), claim);
	return 0;
}

void claims_release(struct claims *c, bool (*keep)(void *ctx, const char *device), void *ctx)
{
	struct claim *claim, *next;

	HASH_ITER (hh, c->claim, claim, next) {
		if (keep && keep(ctx, claim->device))
			continue;
		HASH_DEL(c->claim, claim);
		if (claim->fd >= 0)
			close(claim->fd);
		free(claim->device);
		free(claim);
	}
}
