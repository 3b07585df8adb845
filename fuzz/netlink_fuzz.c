/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads any bytes as messages of the kernel's, as the socket's owner would. An address, route or
 * neighbour that parses must come out of our own builder the same.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/netlink.h>

#include "netlink/netlink.h"
#include "util/check.h"
#include "util/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void see_address(const struct netlink_address *a)
{
	_Alignas(struct nlmsghdr) uint8_t buf[NETLINK_MESSAGE_MAX];
	struct netlink_event e;

	check(a->prefix.len <= addr_bits(&a->prefix.addr));
	check(netlink_parse(netlink_address_add(buf, a), &e));
	check(e.object == NETLINK_ADDRESS && e.address.index == a->index);
	check(prefix_equal(&e.address.prefix, &a->prefix));
	check(addr_equal(&e.address.peer, &a->peer));
}

static void see_route(const struct netlink_route *r)
{
	_Alignas(struct nlmsghdr) uint8_t buf[NETLINK_MESSAGE_MAX];
	struct netlink_event e;

	check(r->to.len <= addr_bits(&r->to.addr));
	if (r->type == NETLINK_ROUTE_OTHER)
		return;
	check(netlink_parse(netlink_route_add(buf, r), &e));
	check(e.object == NETLINK_ROUTE_ENTRY && e.route.type == r->type);
	check(e.route.index == r->index && e.route.metric == r->metric);
	check(e.route.onlink == r->onlink);
	check(prefix_equal(&e.route.to, &r->to) && addr_equal(&e.route.via, &r->via));
}

static void see_neighbour(const struct netlink_neighbour *n)
{
	_Alignas(struct nlmsghdr) uint8_t buf[NETLINK_MESSAGE_MAX];
	struct netlink_event e;

	check(netlink_parse(netlink_neighbour_replace(buf, n), &e));
	check(e.object == NETLINK_NEIGHBOUR && e.neighbour.index == n->index);
	check(addr_equal(&e.neighbour.addr, &n->addr) && e.neighbour.has_mac == n->has_mac);
	check(!n->has_mac || memcmp(e.neighbour.mac, n->mac, NETLINK_MAC_LEN) == 0);
}

static void see_message(const struct nlmsghdr *m)
{
	struct netlink_event e;
	const char *text = NULL;
	int error;

	if (netlink_parse_error(m, &error, &text)) {
		check(error <= 0);
		check(!text || strlen(text) < m->nlmsg_len);
	}
	if (!netlink_parse(m, &e))
		return;
	switch (e.object) {
	case NETLINK_LINK:
		check(strlen(e.link.name) > 0 && strlen(e.link.name) < NETLINK_NAME_SIZE);
		break;
	case NETLINK_ADDRESS:
		see_address(&e.address);
		break;
	case NETLINK_ROUTE_ENTRY:
		see_route(&e.route);
		break;
	case NETLINK_NEIGHBOUR:
		see_neighbour(&e.neighbour);
		break;
	}
}

/* Each message in an allocation of its own size, so that a read behind it is seen. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	while (len >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr head;
		memcpy(&head, bytes, sizeof head);
		if (head.nlmsg_len < sizeof head || head.nlmsg_len > len)
			head.nlmsg_len = (uint32_t)len;
		struct nlmsghdr *m = memory_new(1, head.nlmsg_len);
		memcpy(m, bytes, head.nlmsg_len);
		m->nlmsg_len = head.nlmsg_len;
		see_message(m);
		free(m);
		size_t step = (head.nlmsg_len + 3u) & ~3u;
		if (step >= len)
			break;
		bytes += step;
		len -= step;
	}
	return 0;
}
