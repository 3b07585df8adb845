/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/names.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "util/memory.h"

struct lookup {
	uv_getaddrinfo_t request;
	struct names *names; /* NULL: nobody waits for it any more */
	uint32_t cookie;
	struct lookup *next;
};

static void unlink_lookup(struct names *n, const struct lookup *gone)
{
	for (struct lookup **l = &n->lookups; *l; l = &(*l)->next) {
		if (*l == gone) {
			*l = gone->next;
			n->n--;
			return;
		}
	}
}

static struct addr addr_from_sockaddr(const struct sockaddr *sa)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof in);
		return addr_from_bytes(ADDR_V4, &in.sin_addr);
	}
	if (sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof in6);
		return addr_from_bytes(ADDR_V6, &in6.sin6_addr);
	}
	return ADDR_ANY_NONE;
}

static void on_answer(uv_getaddrinfo_t *request, int status, struct addrinfo *answer)
{
	struct lookup *l = request->data;
	struct names *names = l->names;
	struct addr addr[NODE_NAME_ADDRS_MAX];
	uint32_t cookie = l->cookie;
	size_t n = 0;

	for (const struct addrinfo *a = status == 0 ? answer : NULL; a && n < NODE_NAME_ADDRS_MAX;
	     a = a->ai_next) {
		addr[n] = addr_from_sockaddr(a->ai_addr);
		n += !addr_is_none(&addr[n]);
	}
	uv_freeaddrinfo(answer);
	if (names)
		unlink_lookup(names, l);
	free(l);
	if (names)
		names->named(names->ctx, cookie, addr, n);
}

void names_look_up(struct names *n, uint32_t cookie, const char *name)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_RAW };
	struct lookup *l;

	if (n->n == NAMES_MAX)
		return;
	l = memory_new(1, sizeof *l);
	l->names = n;
	l->cookie = cookie;
	l->request.data = l;
	if (uv_getaddrinfo(n->loop, &l->request, on_answer, name, NULL, &hints) < 0) {
		free(l);
		return;
	}
	l->next = n->lookups;
	n->lookups = l;
	n->n++;
}

bool names_stop(struct names *n)
{
	bool idle = true;
	struct lookup *l = n->lookups;

	while (l) {
		struct lookup *next = l->next;
		l->names = NULL;
		if (uv_cancel((uv_req_t *)&l->request) < 0)
			idle = false;
		l = next;
	}
	n->lookups = NULL;
	n->n = 0;
	return idle;
}
