/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rtnetlink messages: builders above, parsers below, a table of attribute lengths between them and
 * what the kernel (or a fuzzer) sends. Pure functions; any thread.
 */
#include "netlink/netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <net/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/ip.h>
#include <libmnl/libmnl.h>

#include "util/check.h"

#define IFF_LOWER_UP_BIT (1u << 16) /* linux/if.h's IFF_LOWER_UP, which net/if.h lacks */

enum { ATTRS_MAX = 64 }; /* types of one message that are looked at; newer ones are skipped */

static uint8_t family_of(const struct addr *a)
{
	return a->family == ADDR_V6 ? AF_INET6 : a->family == ADDR_V4 ? AF_INET : AF_UNSPEC;
}

/* ---- builders ---- */

static struct nlmsghdr *begin(void *buf, uint16_t type, uint16_t flags)
{
	memset(buf, 0, NETLINK_MESSAGE_MAX); /* padding too */
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	m->nlmsg_type = type;
	m->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	return m;
}

static void put_addr(struct nlmsghdr *m, uint16_t type, const struct addr *a)
{
	mnl_attr_put(m, type, addr_len(a), a->bytes);
}

static struct nlmsghdr *begin_link(void *buf, uint16_t type, uint16_t flags, int index)
{
	struct nlmsghdr *m = begin(buf, type, flags);
	struct ifinfomsg *link = mnl_nlmsg_put_extra_header(m, sizeof *link);

	link->ifi_index = index;
	return m;
}

struct nlmsghdr *netlink_link_get(void *buf, const char *name)
{
	struct nlmsghdr *m = begin_link(buf, RTM_GETLINK, NLM_F_ACK, 0);

	check(strlen(name) < NETLINK_NAME_SIZE);
	mnl_attr_put_strz(m, IFLA_IFNAME, name);
	return m;
}

struct nlmsghdr *netlink_link_dump(void *buf)
{
	return begin_link(buf, RTM_GETLINK, NLM_F_DUMP, 0);
}

struct nlmsghdr *netlink_link_set_up(void *buf, int index, bool up)
{
	struct nlmsghdr *m = begin_link(buf, RTM_NEWLINK, NLM_F_ACK, index);
	struct ifinfomsg *link = mnl_nlmsg_get_payload(m);

	link->ifi_change = IFF_UP;
	link->ifi_flags = up ? IFF_UP : 0;
	return m;
}

struct nlmsghdr *netlink_link_set_arp(void *buf, int index, bool arp)
{
	struct nlmsghdr *m = begin_link(buf, RTM_NEWLINK, NLM_F_ACK, index);
	struct ifinfomsg *link = mnl_nlmsg_get_payload(m);

	link->ifi_change = IFF_NOARP;
	link->ifi_flags = arp ? 0 : IFF_NOARP;
	return m;
}

struct nlmsghdr *netlink_link_set_mtu(void *buf, int index, uint32_t mtu_bytes)
{
	struct nlmsghdr *m = begin_link(buf, RTM_NEWLINK, NLM_F_ACK, index);

	mnl_attr_put_u32(m, IFLA_MTU, mtu_bytes);
	return m;
}

struct nlmsghdr *netlink_link_set_gso_segments(void *buf, int index, uint32_t max)
{
	struct nlmsghdr *m = begin_link(buf, RTM_NEWLINK, NLM_F_ACK, index);

	mnl_attr_put_u32(m, IFLA_GSO_MAX_SEGS, max);
	return m;
}

struct nlmsghdr *netlink_link_set_mac(void *buf, int index, const uint8_t mac[NETLINK_MAC_LEN])
{
	struct nlmsghdr *m = begin_link(buf, RTM_NEWLINK, NLM_F_ACK, index);

	mnl_attr_put(m, IFLA_ADDRESS, NETLINK_MAC_LEN, mac);
	return m;
}

struct nlmsghdr *netlink_link_set_no_addrgen(void *buf, int index)
{
	struct nlmsghdr *m = begin_link(buf, RTM_NEWLINK, NLM_F_ACK, index);
	struct nlattr *families = mnl_attr_nest_start(m, IFLA_AF_SPEC);
	struct nlattr *ipv6 = mnl_attr_nest_start(m, AF_INET6);

	mnl_attr_put_u8(m, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(m, ipv6);
	mnl_attr_nest_end(m, families);
	return m;
}

struct nlmsghdr *netlink_link_set_ignore_linkdown(void *buf, int index, bool ignore)
{
	struct nlmsghdr *m = begin_link(buf, RTM_NEWLINK, NLM_F_ACK, index);
	struct nlattr *families = mnl_attr_nest_start(m, IFLA_AF_SPEC);
	struct nlattr *ipv4 = mnl_attr_nest_start(m, AF_INET);
	struct nlattr *settings = mnl_attr_nest_start(m, IFLA_INET_CONF);

	mnl_attr_put_u32(m, IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN, ignore);
	mnl_attr_nest_end(m, settings);
	mnl_attr_nest_end(m, ipv4);
	mnl_attr_nest_end(m, families);
	return m;
}

struct nlmsghdr *netlink_link_del(void *buf, int index)
{
	return begin_link(buf, RTM_DELLINK, NLM_F_ACK, index);
}

static struct nlmsghdr *build_address(struct nlmsghdr *m, const struct netlink_address *a)
{
	struct ifaddrmsg *head = mnl_nlmsg_put_extra_header(m, sizeof *head);
	bool has_peer = !addr_is_none(&a->peer);
	struct addr broadcast = prefix_broadcast_v4(&a->prefix);

	head->ifa_family = family_of(&a->prefix.addr);
	head->ifa_prefixlen = a->prefix.len;
	head->ifa_index = (uint32_t)a->index;
	put_addr(m, IFA_LOCAL, &a->prefix.addr);
	put_addr(m, IFA_ADDRESS, has_peer ? &a->peer : &a->prefix.addr);
	if (m->nlmsg_type == RTM_NEWADDR && !has_peer && !addr_is_none(&broadcast))
		put_addr(m, IFA_BROADCAST, &broadcast);
	return m;
}

struct nlmsghdr *netlink_address_add(void *buf, const struct netlink_address *address)
{
	return build_address(begin(buf, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL),
	                     address);
}

struct nlmsghdr *netlink_address_del(void *buf, const struct netlink_address *address)
{
	return build_address(begin(buf, RTM_DELADDR, NLM_F_ACK), address);
}

struct nlmsghdr *netlink_address_dump(void *buf, int index)
{
	struct nlmsghdr *m = begin(buf, RTM_GETADDR, NLM_F_DUMP);
	struct ifaddrmsg *head = mnl_nlmsg_put_extra_header(m, sizeof *head);

	head->ifa_index = (uint32_t)index;
	return m;
}

static uint8_t rtn_of(enum netlink_route_type type)
{
	check(type != NETLINK_ROUTE_OTHER);
	return type == NETLINK_ROUTE_BLACKHOLE ? RTN_BLACKHOLE : RTN_UNICAST;
}

static void put_via(struct nlmsghdr *m, const struct netlink_route *route)
{
	if (route->via.family == route->to.addr.family) {
		put_addr(m, RTA_GATEWAY, &route->via);
		return;
	}
	uint8_t value[sizeof(struct rtvia) + ADDR_V6_LEN];
	const struct rtvia head = { .rtvia_family = family_of(&route->via) };
	memcpy(value, &head, sizeof head);
	memcpy(value + sizeof head, route->via.bytes, addr_len(&route->via));
	mnl_attr_put(m, RTA_VIA, sizeof head + addr_len(&route->via), value);
}

static struct nlmsghdr *build_route(struct nlmsghdr *m, const struct netlink_route *route)
{
	struct rtmsg *head = mnl_nlmsg_put_extra_header(m, sizeof *head);
	uint32_t table = route->table ? route->table : NETLINK_TABLE_MAIN;
	bool by_interface = route->type == NETLINK_ROUTE_UNICAST && addr_is_none(&route->via);

	check(!addr_is_none(&route->to.addr));
	head->rtm_family = family_of(&route->to.addr);
	head->rtm_dst_len = route->to.len;
	head->rtm_table = table <= UINT8_MAX ? (uint8_t)table : RT_TABLE_UNSPEC;
	head->rtm_protocol = route->protocol ? route->protocol : NETLINK_ROUTE_PROTOCOL;
	head->rtm_type = rtn_of(route->type);
	head->rtm_flags = route->onlink ? RTNH_F_ONLINK : 0;
	/* RT_SCOPE_NOWHERE deletes whatever the scope is. */
	if (m->nlmsg_type == RTM_DELROUTE)
		head->rtm_scope = RT_SCOPE_NOWHERE;
	else if (by_interface && head->rtm_family == AF_INET)
		head->rtm_scope = RT_SCOPE_LINK;
	if (route->to.len)
		put_addr(m, RTA_DST, &route->to.addr);
	if (!addr_is_none(&route->via))
		put_via(m, route);
	if (route->index)
		mnl_attr_put_u32(m, RTA_OIF, (uint32_t)route->index);
	if (route->metric)
		mnl_attr_put_u32(m, RTA_PRIORITY, route->metric);
	mnl_attr_put_u32(m, RTA_TABLE, table);
	return m;
}

struct nlmsghdr *netlink_route_add(void *buf, const struct netlink_route *route)
{
	return build_route(begin(buf, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL), route);
}

struct nlmsghdr *netlink_route_replace(void *buf, const struct netlink_route *route)
{
	return build_route(begin(buf, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE),
	                   route);
}

struct nlmsghdr *netlink_route_prepend(void *buf, const struct netlink_route *route)
{
	return build_route(begin(buf, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE), route);
}

struct nlmsghdr *netlink_route_del(void *buf, const struct netlink_route *route)
{
	return build_route(begin(buf, RTM_DELROUTE, NLM_F_ACK), route);
}

struct nlmsghdr *netlink_route_dump(void *buf, enum addr_family family, uint8_t protocol)
{
	struct nlmsghdr *m = begin(buf, RTM_GETROUTE, NLM_F_DUMP);
	struct rtmsg *head = mnl_nlmsg_put_extra_header(m, sizeof *head);

	head->rtm_family = family == ADDR_V6 ? AF_INET6 : family == ADDR_V4 ? AF_INET : AF_UNSPEC;
	head->rtm_protocol = protocol;
	return m;
}

static struct nlmsghdr *build_neighbour(struct nlmsghdr *m, const struct netlink_neighbour *n)
{
	struct ndmsg *head = mnl_nlmsg_put_extra_header(m, sizeof *head);

	check(!addr_is_none(&n->addr));
	head->ndm_family = family_of(&n->addr);
	head->ndm_ifindex = n->index;
	put_addr(m, NDA_DST, &n->addr);
	if (m->nlmsg_type == RTM_DELNEIGH)
		return m;
	head->ndm_state = n->state ? n->state : NUD_PERMANENT;
	if (n->has_mac)
		mnl_attr_put(m, NDA_LLADDR, NETLINK_MAC_LEN, n->mac);
	return m;
}

struct nlmsghdr *netlink_neighbour_replace(void *buf, const struct netlink_neighbour *neighbour)
{
	return build_neighbour(begin(buf, RTM_NEWNEIGH, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE),
	                       neighbour);
}

struct nlmsghdr *netlink_neighbour_del(void *buf, const struct netlink_neighbour *neighbour)
{
	return build_neighbour(begin(buf, RTM_DELNEIGH, NLM_F_ACK), neighbour);
}

struct nlmsghdr *netlink_neighbour_dump(void *buf, int index)
{
	struct nlmsghdr *m = begin(buf, RTM_GETNEIGH, NLM_F_DUMP);

	mnl_nlmsg_put_extra_header(m, sizeof(struct ndmsg));
	mnl_attr_put_u32(m, NDA_IFINDEX, (uint32_t)index);
	return m;
}

/* ---- several at once ---- */

static size_t aligned(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

bool netlink_batch_add(struct netlink_batch *batch, const struct nlmsghdr *message)
{
	size_t room = sizeof batch->bytes - batch->len;

	if (batch->n == NETLINK_BATCH_MAX || aligned(message->nlmsg_len) > room)
		return false;
	memset(batch->bytes + batch->len, 0, aligned(message->nlmsg_len));
	memcpy(batch->bytes + batch->len, message, message->nlmsg_len);
	batch->len += aligned(message->nlmsg_len);
	batch->n++;
	return true;
}

struct nlmsghdr *netlink_batch_next(struct netlink_batch *batch, const struct nlmsghdr *at)
{
	size_t offset = 0;

	if (at)
		offset = (size_t)((const uint8_t *)at - batch->bytes) + aligned(at->nlmsg_len);
	return offset < batch->len ? (void *)(batch->bytes + offset) : NULL;
}

/* ---- parsers ---- */

/* The attributes of one message or nest by type; NULL where there is none. */
struct attrs {
	const struct nlattr *at[ATTRS_MAX];
};

static void collect(const struct nlattr *first, size_t len, struct attrs *ret)
{
	const struct nlattr *a = first;

	*ret = (struct attrs){ 0 };
	while (len <= INT32_MAX && mnl_attr_ok(a, (int)len)) {
		uint16_t type = mnl_attr_get_type(a);
		if (type < ATTRS_MAX)
			ret->at[type] = a;
		size_t step = aligned(a->nla_len);
		if (step >= len)
			break;
		len -= step;
		a = mnl_attr_next(a);
	}
}

/* The fixed head of a message and its attributes; NULL when the message is too short for the head.
 */
static const void *open_message(const struct nlmsghdr *m, size_t head_len, struct attrs *ret)
{
	size_t len = mnl_nlmsg_get_payload_len(m);
	size_t offset = aligned(head_len);

	if (m->nlmsg_len < sizeof *m || len < head_len)
		return NULL;
	if (len >= offset)
		collect(mnl_nlmsg_get_payload_offset(m, head_len), len - offset, ret);
	else
		*ret = (struct attrs){ 0 };
	return mnl_nlmsg_get_payload(m);
}

static uint32_t attr_u32(const struct attrs *attrs, uint16_t type)
{
	const struct nlattr *a = attrs->at[type];

	return a && mnl_attr_get_payload_len(a) >= sizeof(uint32_t) ? mnl_attr_get_u32(a) : 0;
}

/* An address of the family; none when there is none or its length is wrong. */
static struct addr attr_addr(const struct attrs *attrs, uint16_t type, uint8_t family)
{
	const struct nlattr *a = attrs->at[type];
	size_t len = family == AF_INET ? ADDR_V4_LEN : ADDR_V6_LEN;

	if (!a || mnl_attr_get_payload_len(a) != len)
		return ADDR_ANY_NONE;
	return addr_from_bytes(family == AF_INET ? ADDR_V4 : ADDR_V6, mnl_attr_get_payload(a));
}

static bool attr_mac(const struct attrs *attrs, uint16_t type, uint8_t ret[NETLINK_MAC_LEN])
{
	const struct nlattr *a = attrs->at[type];

	if (!a || mnl_attr_get_payload_len(a) != NETLINK_MAC_LEN)
		return false;
	memcpy(ret, mnl_attr_get_payload(a), NETLINK_MAC_LEN);
	return true;
}

static bool is_ip(uint8_t family)
{
	return family == AF_INET || family == AF_INET6;
}

static bool parse_link(const struct nlmsghdr *m, struct netlink_link *ret)
{
	struct attrs attrs;
	const struct ifinfomsg *head = open_message(m, sizeof *head, &attrs);

	/* A bridge tells of its ports under the same type; that is not about the link itself. */
	if (!head || head->ifi_family != AF_UNSPEC || !attrs.at[IFLA_IFNAME])
		return false;
	const struct nlattr *name = attrs.at[IFLA_IFNAME];
	size_t len = strnlen(mnl_attr_get_payload(name), mnl_attr_get_payload_len(name));
	if (len == 0 || len >= NETLINK_NAME_SIZE)
		return false;
	*ret = (struct netlink_link){
		.index = head->ifi_index,
		.mtu_bytes = attr_u32(&attrs, IFLA_MTU),
		.up = head->ifi_flags & IFF_UP,
		.running = head->ifi_flags & IFF_RUNNING,
		.carrier = head->ifi_flags & IFF_LOWER_UP_BIT,
		.loopback = head->ifi_flags & IFF_LOOPBACK,
	};
	memcpy(ret->name, mnl_attr_get_payload(name), len);
	ret->has_mac = attr_mac(&attrs, IFLA_ADDRESS, ret->mac);
	return true;
}

static bool parse_address(const struct nlmsghdr *m, struct netlink_address *ret)
{
	struct attrs attrs;
	const struct ifaddrmsg *head = open_message(m, sizeof *head, &attrs);

	if (!head || !is_ip(head->ifa_family))
		return false;
	struct addr local = attr_addr(&attrs, IFA_LOCAL, head->ifa_family);
	struct addr far = attr_addr(&attrs, IFA_ADDRESS, head->ifa_family);
	uint32_t flags = attrs.at[IFA_FLAGS] ? attr_u32(&attrs, IFA_FLAGS) : head->ifa_flags;
	/* IPv6 gives IFA_LOCAL only where there is a far end; IPv4 gives both, equal without one.
	 */
	if (addr_is_none(&local))
		local = far;
	if (addr_is_none(&local) || head->ifa_prefixlen > addr_bits(&local))
		return false;
	*ret = (struct netlink_address){
		.index = (int)head->ifa_index,
		.prefix = { local, head->ifa_prefixlen },
		.peer = addr_equal(&local, &far) ? ADDR_ANY_NONE : far,
		.secondary = flags & IFA_F_SECONDARY,
		.tentative = flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED),
	};
	return true;
}

/* RTA_VIA: a gateway of a family of its own. */
static struct addr parse_via(const struct nlattr *a)
{
	const uint8_t *bytes = mnl_attr_get_payload(a);
	size_t len = mnl_attr_get_payload_len(a);
	struct rtvia head;

	if (len < sizeof head)
		return ADDR_ANY_NONE;
	memcpy(&head, bytes, sizeof head);
	if (head.rtvia_family == AF_INET && len == sizeof head + ADDR_V4_LEN)
		return addr_from_bytes(ADDR_V4, bytes + sizeof head);
	if (head.rtvia_family == AF_INET6 && len == sizeof head + ADDR_V6_LEN)
		return addr_from_bytes(ADDR_V6, bytes + sizeof head);
	return ADDR_ANY_NONE;
}

static void parse_next_hop(const struct attrs *attrs, uint8_t family, struct netlink_route *ret)
{
	ret->via = attr_addr(attrs, RTA_GATEWAY, family);
	if (attrs->at[RTA_VIA])
		ret->via = parse_via(attrs->at[RTA_VIA]);
}

static void parse_multipath(const struct nlattr *a, uint8_t family, struct netlink_route *ret)
{
	const uint8_t *bytes = mnl_attr_get_payload(a);
	size_t len = mnl_attr_get_payload_len(a);
	struct rtnexthop hop;
	struct attrs attrs;

	if (len < sizeof hop)
		return;
	memcpy(&hop, bytes, sizeof hop);
	if (hop.rtnh_len < sizeof hop || hop.rtnh_len > len)
		return;
	const void *first = bytes + sizeof hop;
	collect(first, hop.rtnh_len - sizeof hop, &attrs);
	ret->index = hop.rtnh_ifindex;
	ret->onlink = hop.rtnh_flags & RTNH_F_ONLINK;
	parse_next_hop(&attrs, family, ret);
}

static bool parse_route(const struct nlmsghdr *m, struct netlink_route *ret)
{
	struct attrs attrs;
	const struct rtmsg *head = open_message(m, sizeof *head, &attrs);

	/* Cloned ones are exceptions of a path (PMTU, redirects), not routes. */
	if (!head || !is_ip(head->rtm_family) || head->rtm_flags & RTM_F_CLONED)
		return false;
	struct netlink_route route = {
		.type = head->rtm_type == RTN_UNICAST     ? NETLINK_ROUTE_UNICAST
		        : head->rtm_type == RTN_BLACKHOLE ? NETLINK_ROUTE_BLACKHOLE
		                                          : NETLINK_ROUTE_OTHER,
		.to = { .addr = { .family = head->rtm_family == AF_INET ? ADDR_V4 : ADDR_V6 },
		        .len = head->rtm_dst_len },
		.index = (int)attr_u32(&attrs, RTA_OIF),
		.metric = attr_u32(&attrs, RTA_PRIORITY),
		.table = attrs.at[RTA_TABLE] ? attr_u32(&attrs, RTA_TABLE) : head->rtm_table,
		.protocol = head->rtm_protocol,
		.onlink = head->rtm_flags & RTNH_F_ONLINK,
	};
	if (route.to.len)
		route.to.addr = attr_addr(&attrs, RTA_DST, head->rtm_family);
	if (addr_is_none(&route.to.addr) || route.to.len > addr_bits(&route.to.addr))
		return false;
	parse_next_hop(&attrs, head->rtm_family, &route);
	if (attrs.at[RTA_MULTIPATH])
		parse_multipath(attrs.at[RTA_MULTIPATH], head->rtm_family, &route);
	*ret = route;
	return true;
}

static bool parse_neighbour(const struct nlmsghdr *m, struct netlink_neighbour *ret)
{
	struct attrs attrs;
	const struct ndmsg *head = open_message(m, sizeof *head, &attrs);

	if (!head || !is_ip(head->ndm_family))
		return false;
	struct netlink_neighbour n = {
		.index = head->ndm_ifindex,
		.addr = attr_addr(&attrs, NDA_DST, head->ndm_family),
		.state = head->ndm_state,
	};
	if (addr_is_none(&n.addr))
		return false;
	n.has_mac = attr_mac(&attrs, NDA_LLADDR, n.mac);
	*ret = n;
	return true;
}

static bool parse_object(const struct nlmsghdr *m, struct netlink_event *ret)
{
	switch (m->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		ret->object = NETLINK_LINK;
		return parse_link(m, &ret->link);
	case RTM_NEWADDR:
	case RTM_DELADDR:
		ret->object = NETLINK_ADDRESS;
		return parse_address(m, &ret->address);
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		ret->object = NETLINK_ROUTE_ENTRY;
		return parse_route(m, &ret->route);
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		ret->object = NETLINK_NEIGHBOUR;
		return parse_neighbour(m, &ret->neighbour);
	default:
		return false;
	}
}

bool netlink_parse(const struct nlmsghdr *message, struct netlink_event *ret)
{
	struct netlink_event event = { 0 };

	if (!parse_object(message, &event))
		return false;
	event.deleted = message->nlmsg_type == RTM_DELLINK || message->nlmsg_type == RTM_DELADDR ||
	                message->nlmsg_type == RTM_DELROUTE || message->nlmsg_type == RTM_DELNEIGH;
	event.replaces =
		message->nlmsg_type == RTM_NEWROUTE && message->nlmsg_flags & NLM_F_REPLACE;
	*ret = event;
	return true;
}

/* The kernel's sentence in the attributes behind `skip` bytes of an error's payload, or NULL. */
static const char *error_text(const struct nlmsghdr *m, size_t skip)
{
	size_t len = mnl_nlmsg_get_payload_len(m);
	struct attrs attrs;

	if (!(m->nlmsg_flags & NLM_F_ACK_TLVS) || aligned(skip) > len)
		return NULL;
	collect(mnl_nlmsg_get_payload_offset(m, skip), len - aligned(skip), &attrs);
	const struct nlattr *a = attrs.at[NLMSGERR_ATTR_MSG];
	if (!a || mnl_attr_validate(a, MNL_TYPE_NUL_STRING) < 0)
		return NULL;
	return mnl_attr_get_str(a);
}

bool netlink_parse_error(const struct nlmsghdr *message, int *ret_error, const char **ret_text)
{
	size_t len = mnl_nlmsg_get_payload_len(message);
	struct nlmsgerr head = { 0 };

	if (message->nlmsg_len < sizeof *message)
		return false;
	if (message->nlmsg_type == NLMSG_DONE) {
		if (len >= sizeof head.error)
			memcpy(&head.error, mnl_nlmsg_get_payload(message), sizeof head.error);
		*ret_error = head.error < 0 ? head.error : 0;
		*ret_text =
			len >= sizeof head.error ? error_text(message, sizeof head.error) : NULL;
		return true;
	}
	if (message->nlmsg_type != NLMSG_ERROR || len < sizeof head)
		return false;
	memcpy(&head, mnl_nlmsg_get_payload(message), sizeof head);
	size_t skip = sizeof head;
	/* Without NLM_F_CAPPED the whole request is repeated before the attributes. */
	if (!(message->nlmsg_flags & NLM_F_CAPPED) && head.msg.nlmsg_len > sizeof head.msg)
		skip += head.msg.nlmsg_len - sizeof head.msg;
	*ret_error = head.error < 0 ? head.error : 0;
	*ret_text = error_text(message, skip);
	return true;
}
