/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A socket is bound to its address alone and without SO_REUSEADDR, so that another IKE daemon on
 * the port is noticed, by us when we come second and by it when it does.
 *
 * Messages are marked CS6 as IOS does. They may be longer than the path (certificates): the kernel
 * fragments them. IPsec policies of the host do not apply to them, or they would wait for
 * themselves.
 */
#include "daemon/ike_ports.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/memory.h"

enum { MESSAGE_MAX = 65536, TOS_CS6 = 0xc0, V6_XFRM_POLICY = 35 };

struct ike_port {
	struct ike_port *next;
	struct ike_ports *ports;
	struct addr address;
	bool wanted;
	int fd; /* -1: closed, but for the loop's handle */
	uv_poll_t poll;
};

union place {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t to_sockaddr(const struct addr *a, uint16_t port, union place *ret)
{
	memset(ret, 0, sizeof *ret);
	if (a->family == ADDR_V4) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons(port);
		memcpy(&ret->v4.sin_addr, a->bytes, ADDR_V4_LEN);
		return sizeof ret->v4;
	}
	ret->v6.sin6_family = AF_INET6;
	ret->v6.sin6_port = htons(port);
	memcpy(&ret->v6.sin6_addr, a->bytes, ADDR_V6_LEN);
	return sizeof ret->v6;
}

static bool from_sockaddr(const union place *place, struct addr *ret, uint16_t *ret_port)
{
	if (place->any.sa_family == AF_INET) {
		*ret = addr_from_bytes(ADDR_V4, &place->v4.sin_addr);
		*ret_port = ntohs(place->v4.sin_port);
	} else if (place->any.sa_family == AF_INET6) {
		*ret = addr_from_bytes(ADDR_V6, &place->v6.sin6_addr);
		*ret_port = ntohs(place->v6.sin6_port);
	} else {
		return false;
	}
	return true;
}

/* ---- receiving ---- */

static void receive(struct ike_port *port)
{
	uint8_t bytes[MESSAGE_MAX];

	for (int i = 0; i < IKE_PORTS_BURST && port->fd >= 0; i++) {
		struct node_ike_path path = { .to = port->address, .to_port = IKE_PORTS_PORT };
		union place from;
		socklen_t from_len = sizeof from;
		ssize_t len =
			recvfrom(port->fd, bytes, sizeof bytes, MSG_DONTWAIT, &from.any, &from_len);
		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		/* An ICMP error of an earlier message of ours: the peer's silence tells as much. */
		if (len < 0 || !from_sockaddr(&from, &path.from, &path.from_port))
			continue;
		port->ports->message(port->ports->ctx, &path, bytes, (size_t)len);
	}
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	receive(poll->data);
}

/* ---- sockets ---- */

/* The policies that the kernel's IPsec has for all sockets are not this one's. */
static int bypass_policies(int fd, enum addr_family family)
{
	struct xfrm_userpolicy_info policy = { .action = XFRM_POLICY_ALLOW,
		                               .sel.family =
		                                       family == ADDR_V4 ? AF_INET : AF_INET6 };
	int level = family == ADDR_V4 ? IPPROTO_IP : IPPROTO_IPV6;
	int name = family == ADDR_V4 ? IP_XFRM_POLICY : V6_XFRM_POLICY;

	for (uint8_t dir = XFRM_POLICY_IN; dir <= XFRM_POLICY_OUT; dir++) {
		policy.dir = dir;
		if (setsockopt(fd, level, name, &policy, sizeof policy) < 0 &&
		    errno != ENOPROTOOPT && errno != EOPNOTSUPP)
			return -errno;
	}
	return 0;
}

static int set_options(int fd, enum addr_family family)
{
	const int tos = TOS_CS6, one = 1;
	int level = family == ADDR_V4 ? IPPROTO_IP : IPPROTO_IPV6;
	int discover = family == ADDR_V4 ? IP_PMTUDISC_DONT : IPV6_PMTUDISC_DONT;

	if (setsockopt(fd, level, family == ADDR_V4 ? IP_TOS : IPV6_TCLASS, &tos, sizeof tos) < 0 ||
	    setsockopt(fd, level, family == ADDR_V4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER,
	               &discover, sizeof discover) < 0 ||
	    (family == ADDR_V6 && setsockopt(fd, level, IPV6_V6ONLY, &one, sizeof one) < 0))
		return -errno;
	return bypass_policies(fd, family);
}

static int open_socket(const struct addr *address, uint16_t number)
{
	union place place;
	socklen_t len = to_sockaddr(address, number, &place);
	int fd = socket(place.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	int result = set_options(fd, address->family);
	if (result == 0 && bind(fd, &place.any, len) < 0)
		result = -errno;
	if (result == 0)
		return fd;
	close(fd);
	return result;
}

static struct ike_port *find(const struct ike_ports *p, const struct addr *address)
{
	struct ike_port *port = p->first;

	while (port && !addr_equal(&port->address, address))
		port = port->next;
	return port;
}

int ike_ports_want(struct ike_ports *p, const struct addr *address)
{
	struct ike_port *port = find(p, address);

	if (!port) {
		int fd = open_socket(address, p->number);
		if (fd < 0)
			return fd;
		port = memory_new(1, sizeof *port);
		port->ports = p;
		port->address = *address;
		port->fd = fd;
		port->next = p->first;
		p->first = port;
		uv_poll_init(p->loop, &port->poll, fd);
		port->poll.data = port;
		uv_poll_start(&port->poll, UV_READABLE, on_poll);
	}
	port->wanted = true;
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void ike_ports_begin(struct ike_ports *p)
{
	for (struct ike_port *port = p->first; port; port = port->next)
		port->wanted = false;
}

void ike_ports_sweep(struct ike_ports *p)
{
	struct ike_port **at = &p->first;

	while (*at) {
		struct ike_port *port = *at;
		if (port->wanted) {
			at = &port->next;
			continue;
		}
		*at = port->next;
		uv_poll_stop(&port->poll);
		close(port->fd);
		port->fd = -1;
		uv_close((uv_handle_t *)&port->poll, on_closed);
	}
}

void ike_ports_stop(struct ike_ports *p)
{
	ike_ports_begin(p);
	ike_ports_sweep(p);
}

int ike_ports_send(struct ike_ports *p, const struct node_ike_path *path, const uint8_t *bytes,
                   size_t len)
{
	const struct ike_port *port = find(p, &path->from);
	union place to;

	if (!port || path->to.family != path->from.family)
		return -ENOENT;
	socklen_t to_len = to_sockaddr(&path->to, path->to_port, &to);
	/* The first error may be an ICMP answer to an earlier message. */
	for (int tries = 0; tries < 2; tries++)
		if (sendto(port->fd, bytes, len, MSG_DONTWAIT, &to.any, to_len) >= 0)
			return 0;
	return -errno;
}
