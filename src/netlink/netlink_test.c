/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <net/if.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <libmnl/libmnl.h>

#include "netlink/netlink.h"

struct message {
	_Alignas(struct nlmsghdr) uint8_t bytes[NETLINK_MESSAGE_MAX];
};

static const uint8_t mac[NETLINK_MAC_LEN] = { 2, 0, 0, 0, 0, 7 };

static struct addr ip(const char *text)
{
	struct addr a;

	assert_true(addr_parse(text, &a));
	return a;
}

static struct netlink_event parsed(const struct nlmsghdr *m)
{
	struct netlink_event e;

	assert_true(netlink_parse(m, &e));
	return e;
}

static void expect_addr(struct addr got, struct addr want)
{
	assert_true(addr_equal(&got, &want));
}

/* What the kernel would send: a link of that family with a name and all else that is looked at. */
static struct nlmsghdr *link_message(struct message *buf, uint8_t family, const char *name)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf->bytes);
	struct ifinfomsg *head = mnl_nlmsg_put_extra_header(m, sizeof *head);

	m->nlmsg_type = RTM_NEWLINK;
	head->ifi_family = family;
	head->ifi_index = 5;
	head->ifi_flags = IFF_UP | IFF_RUNNING | 1u << 16;
	mnl_attr_put_strz(m, IFLA_IFNAME, name);
	mnl_attr_put_u32(m, IFLA_MTU, 1476);
	mnl_attr_put(m, IFLA_ADDRESS, sizeof mac, mac);
	mnl_attr_put_u32(m, 63 + 1, 1); /* a type newer than any we know */
	return m;
}

static void test_link(void **state)
{
	struct message buf;
	struct netlink_event e = parsed(link_message(&buf, AF_UNSPEC, "Tunnel0"));

	(void)state;
	assert_int_equal(e.object, NETLINK_LINK);
	assert_false(e.deleted);
	assert_int_equal(e.link.index, 5);
	assert_string_equal(e.link.name, "Tunnel0");
	assert_int_equal(e.link.mtu_bytes, 1476);
	assert_true(e.link.up && e.link.running && e.link.carrier && e.link.has_mac);
	assert_false(e.link.loopback);
	assert_memory_equal(e.link.mac, mac, sizeof mac);

	struct nlmsghdr *m = link_message(&buf, AF_UNSPEC, "Tunnel0");
	m->nlmsg_type = RTM_DELLINK;
	assert_true(parsed(m).deleted);
}

static void test_links_that_are_refused(void **state)
{
	struct message buf;
	struct netlink_event e = { .object = NETLINK_NEIGHBOUR };

	(void)state;
	assert_false(netlink_parse(link_message(&buf, AF_BRIDGE, "eth0"), &e));
	assert_false(netlink_parse(link_message(&buf, AF_UNSPEC, ""), &e));
	assert_false(netlink_parse(link_message(&buf, AF_UNSPEC, "sixteen-letters-"), &e));
	assert_false(netlink_parse(netlink_link_set_up(buf.bytes, 3, true), &e)); /* no name */
	assert_int_equal(e.object, NETLINK_NEIGHBOUR);
}

static void test_link_requests(void **state)
{
	struct message buf;
	struct nlmsghdr *m = netlink_link_set_mtu(buf.bytes, 7, 1400);

	(void)state;
	if (__BYTE_ORDER != __LITTLE_ENDIAN)
		skip(); /* netlink is in the host's order: these bytes are one host's */
	static const uint8_t set_mtu[] = {
		40, 0, 0, 0, 16,  0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* RTM_NEWLINK, REQUEST | ACK */
		0,  0, 0, 0, 7,   0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* index 7 */
		8,  0, 4, 0, 120, 5, 0, 0,                         /* IFLA_MTU 1400 */
	};
	assert_int_equal(m->nlmsg_len, sizeof set_mtu);
	assert_memory_equal(buf.bytes, set_mtu, sizeof set_mtu);

	m = netlink_link_set_gso_segments(buf.bytes, 7, 44);
	static const uint8_t segments[] = { 8, 0, 40, 0, 44, 0, 0, 0 };
	assert_int_equal(m->nlmsg_len, 32 + sizeof segments);
	assert_memory_equal(buf.bytes + 32, segments, sizeof segments);

	m = netlink_link_set_up(buf.bytes, 7, true);
	static const uint8_t set_up[] = { 32, 0, 0, 0, 16, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		                          0,  0, 0, 0, 7,  0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0 };
	assert_int_equal(m->nlmsg_len, sizeof set_up);
	assert_memory_equal(buf.bytes, set_up, sizeof set_up);

	m = netlink_link_set_arp(buf.bytes, 7, false);
	static const uint8_t no_arp[] = { 32, 0, 0, 0, 16, 0, 5, 0, 0,    0, 0, 0, 0,    0, 0, 0,
		                          0,  0, 0, 0, 7,  0, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0 };
	assert_int_equal(m->nlmsg_len, sizeof no_arp);
	assert_memory_equal(buf.bytes, no_arp, sizeof no_arp);

	m = netlink_link_set_no_addrgen(buf.bytes, 7);
	static const uint8_t nest[] = { 16, 0, 26, 0x80, 12, 0, 10, 0x80, 5, 0, 8, 0, 1, 0, 0, 0 };
	assert_int_equal(m->nlmsg_len, 32 + sizeof nest);
	assert_memory_equal(buf.bytes + 32, nest, sizeof nest);

	m = netlink_link_set_ignore_linkdown(buf.bytes, 7, true);
	static const uint8_t conf[] = { 20, 0,    26, 0x80, 16, 0, 2, 0x80, 12, 0,
		                        1,  0x80, 8,  0,    29, 0, 1, 0,    0,  0 };
	assert_int_equal(m->nlmsg_len, 32 + sizeof conf);
	assert_memory_equal(buf.bytes + 32, conf, sizeof conf);
}

static struct netlink_address address_round_trip(const struct netlink_address *a)
{
	struct message buf;
	struct netlink_event e = parsed(netlink_address_add(buf.bytes, a));

	assert_int_equal(e.object, NETLINK_ADDRESS);
	assert_false(e.deleted);
	assert_int_equal(e.address.index, a->index);
	assert_true(prefix_equal(&e.address.prefix, &a->prefix));
	expect_addr(e.address.peer, a->peer);
	assert_true(parsed(netlink_address_del(buf.bytes, a)).deleted);
	return e.address;
}

static void test_addresses(void **state)
{
	(void)state;
	address_round_trip(
		&(struct netlink_address){ .index = 3, .prefix = { ip("192.168.0.2"), 24 } });
	address_round_trip(&(struct netlink_address){
		.index = 3, .prefix = { ip("10.0.0.1"), 32 }, .peer = ip("10.0.0.2") });
	address_round_trip(
		&(struct netlink_address){ .index = 3, .prefix = { ip("2001:db8::1"), 64 } });
	address_round_trip(&(struct netlink_address){
		.index = 3, .prefix = { ip("fd00::1"), 128 }, .peer = ip("fd00::2") });
}

static const struct nlattr *attr_of(const struct nlmsghdr *m, size_t head, uint16_t type)
{
	const struct nlattr *a = mnl_nlmsg_get_payload_offset(m, head);
	const void *end = mnl_nlmsg_get_payload_tail(m);

	for (; (const void *)a < end; a = mnl_attr_next(a))
		if (mnl_attr_get_type(a) == type)
			return a;
	return NULL;
}

static void test_broadcast_address(void **state)
{
	struct netlink_address a = { .index = 3, .prefix = { ip("192.168.0.2"), 24 } };
	struct message buf;
	const size_t head = sizeof(struct ifaddrmsg);
	static const uint8_t broadcast[] = { 192, 168, 0, 255 };

	(void)state;
	const struct nlattr *got = attr_of(netlink_address_add(buf.bytes, &a), head, IFA_BROADCAST);
	assert_memory_equal(mnl_attr_get_payload(got), broadcast, sizeof broadcast);
	assert_null(attr_of(netlink_address_del(buf.bytes, &a), head, IFA_BROADCAST));
	a.prefix.len = 31;
	assert_null(attr_of(netlink_address_add(buf.bytes, &a), head, IFA_BROADCAST));
}

static void test_tentative_address(void **state)
{
	struct netlink_address a = { .index = 3, .prefix = { ip("2001:db8::1"), 64 } };
	struct message buf;
	struct nlmsghdr *m = netlink_address_add(buf.bytes, &a);

	(void)state;
	mnl_attr_put_u32(m, IFA_FLAGS, IFA_F_TENTATIVE | IFA_F_PERMANENT);
	assert_true(parsed(m).address.tentative);
}

static void route_round_trip(const struct netlink_route *r)
{
	struct message buf;
	struct netlink_event e = parsed(netlink_route_replace(buf.bytes, r));

	assert_int_equal(e.object, NETLINK_ROUTE_ENTRY);
	assert_false(e.deleted);
	assert_int_equal(e.route.type, r->type);
	assert_true(prefix_equal(&e.route.to, &r->to));
	expect_addr(e.route.via, r->via);
	assert_int_equal(e.route.index, r->index);
	assert_int_equal(e.route.metric, r->metric);
	assert_int_equal(e.route.table, r->table ? r->table : NETLINK_TABLE_MAIN);
	assert_int_equal(e.route.protocol, r->protocol ? r->protocol : NETLINK_ROUTE_PROTOCOL);
	assert_int_equal(e.route.onlink, r->onlink);
	assert_true(parsed(netlink_route_del(buf.bytes, r)).deleted);
}

static void test_routes(void **state)
{
	(void)state;
	route_round_trip(&(struct netlink_route){
		.to = { ip("172.16.0.0"), 12 }, .via = ip("192.168.0.1"), .metric = 5 });
	route_round_trip(&(struct netlink_route){ .to = { ip("0.0.0.0"), 0 }, .index = 4 });
	route_round_trip(&(struct netlink_route){ .to = { ip("0.0.0.0"), 0 },
	                                          .via = ip("10.0.0.1"),
	                                          .index = 4,
	                                          .onlink = true,
	                                          .table = 1000,
	                                          .protocol = 4 });
	route_round_trip(&(struct netlink_route){
		.type = NETLINK_ROUTE_BLACKHOLE, .to = { ip("10.0.0.0"), 8 }, .metric = 254 });
	route_round_trip(&(struct netlink_route){
		.to = { ip("2001:db8::"), 32 }, .via = ip("fe80::1"), .index = 2 });
	route_round_trip(&(struct netlink_route){ .to = { ip("::"), 0 }, .via = ip("fd00::1") });
	/* RFC 5549: an IPv4 prefix by an IPv6 next hop. */
	route_round_trip(&(struct netlink_route){
		.to = { ip("10.0.0.0"), 8 }, .via = ip("fe80::1"), .index = 2 });
}

static void test_multipath_route(void **state)
{
	struct message buf;
	const struct netlink_route r = { .to = { ip("10.0.0.0"), 8 } };
	struct nlmsghdr *m = netlink_route_add(buf.bytes, &r);
	static const uint8_t gateway[] = { 192, 168, 0, 1 };

	(void)state;
	struct nlattr *nest = mnl_attr_nest_start(m, RTA_MULTIPATH);
	struct rtnexthop *hop = mnl_nlmsg_get_payload_tail(m);
	*hop = (struct rtnexthop){ .rtnh_len = sizeof *hop + 8, .rtnh_ifindex = 9 };
	m->nlmsg_len += (uint32_t)sizeof *hop;
	mnl_attr_put(m, RTA_GATEWAY, sizeof gateway, gateway);
	mnl_attr_nest_end(m, nest);
	struct netlink_route got = parsed(m).route;
	assert_int_equal(got.index, 9);
	expect_addr(got.via, ip("192.168.0.1"));

	hop->rtnh_len = 2000;
	got = parsed(m).route;
	assert_int_equal(got.index, 0);
	assert_true(addr_is_none(&got.via));
}

static void test_routes_that_are_refused(void **state)
{
	struct message buf;
	struct netlink_event e;
	const struct netlink_route r = { .to = { ip("10.0.0.0"), 8 }, .index = 1 };
	struct nlmsghdr *m = netlink_route_add(buf.bytes, &r);
	struct rtmsg *head = mnl_nlmsg_get_payload(m);

	(void)state;
	head->rtm_dst_len = 33;
	assert_false(netlink_parse(m, &e));
	head->rtm_dst_len = 8;
	head->rtm_flags = RTM_F_CLONED;
	assert_false(netlink_parse(m, &e));
	head->rtm_flags = 0;
	head->rtm_family = AF_INET6; /* and a destination of four bytes */
	assert_false(netlink_parse(m, &e));
	head->rtm_family = AF_PACKET;
	assert_false(netlink_parse(m, &e));
}

static void test_neighbours(void **state)
{
	struct message buf;
	struct netlink_neighbour n = { .index = 6, .addr = ip("192.168.0.3"), .has_mac = true };

	(void)state;
	memcpy(n.mac, mac, sizeof mac);
	struct netlink_event e = parsed(netlink_neighbour_replace(buf.bytes, &n));
	assert_int_equal(e.object, NETLINK_NEIGHBOUR);
	assert_int_equal(e.neighbour.index, 6);
	assert_int_equal(e.neighbour.state, NUD_PERMANENT);
	assert_true(e.neighbour.has_mac);
	assert_memory_equal(e.neighbour.mac, mac, sizeof mac);
	expect_addr(e.neighbour.addr, n.addr);
	n.addr = ip("fd00::3");
	n.has_mac = false;
	n.state = NUD_REACHABLE;
	e = parsed(netlink_neighbour_replace(buf.bytes, &n));
	assert_int_equal(e.neighbour.state, NUD_REACHABLE);
	assert_false(e.neighbour.has_mac);
	e = parsed(netlink_neighbour_del(buf.bytes, &n));
	assert_true(e.deleted);
	expect_addr(e.neighbour.addr, n.addr);
}

static void test_every_cut(void **state)
{
	struct message buf, cut;
	struct netlink_event e;
	const struct netlink_route r = { .to = { ip("10.0.0.0"), 8 }, .via = ip("10.9.9.9") };
	uint32_t len = netlink_route_add(buf.bytes, &r)->nlmsg_len;

	(void)state;
	for (uint32_t n = 0; n < len; n++) {
		struct nlmsghdr *m = (void *)cut.bytes;
		memset(cut.bytes, 0xff, sizeof cut.bytes);
		memcpy(cut.bytes, buf.bytes, n);
		memcpy(cut.bytes, buf.bytes, sizeof *m);
		m->nlmsg_len = n;
		/* Behind the destination the rest may be missing. */
		bool whole_destination = n >= sizeof *m + sizeof(struct rtmsg) + 8;
		assert_int_equal(netlink_parse(m, &e), whole_destination);
	}
}

static struct nlmsghdr *error_message(struct message *buf, int error, const char *text)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf->bytes);
	struct nlmsgerr *head = mnl_nlmsg_put_extra_header(m, sizeof *head);

	m->nlmsg_type = NLMSG_ERROR;
	m->nlmsg_flags = NLM_F_CAPPED;
	head->error = error;
	head->msg.nlmsg_len = 200;
	if (text) {
		m->nlmsg_flags |= NLM_F_ACK_TLVS;
		mnl_attr_put_strz(m, NLMSGERR_ATTR_MSG, text);
	}
	return m;
}

static void test_errors(void **state)
{
	struct message buf;
	const char *text = "untouched";
	int error = 1;

	(void)state;
	assert_false(netlink_parse_error(netlink_link_dump(buf.bytes), &error, &text));
	assert_string_equal(text, "untouched");
	assert_true(netlink_parse_error(error_message(&buf, 0, NULL), &error, &text));
	assert_int_equal(error, 0);
	assert_null(text);
	assert_true(netlink_parse_error(error_message(&buf, -EINVAL, "Nexthop has invalid gateway"),
	                                &error, &text));
	assert_int_equal(error, -EINVAL);
	assert_string_equal(text, "Nexthop has invalid gateway");

	/* Not capped: the attributes lie behind the request, which is not all there. */
	struct nlmsghdr *m = error_message(&buf, -EINVAL, "x");
	m->nlmsg_flags = NLM_F_ACK_TLVS;
	assert_true(netlink_parse_error(m, &error, &text));
	assert_null(text);
	m->nlmsg_len = sizeof *m + 4;
	assert_false(netlink_parse_error(m, &error, &text));
	m->nlmsg_type = NLMSG_DONE;
	assert_true(netlink_parse_error(m, &error, &text));
	assert_int_equal(error, -EINVAL);
	m->nlmsg_len = sizeof *m;
	assert_true(netlink_parse_error(m, &error, &text));
	assert_int_equal(error, 0);
	m->nlmsg_len = 3;
	assert_false(netlink_parse_error(m, &error, &text));
}

/* What a direct path's neighbour and the network behind it look like in one send. */
static void test_batch(void **state)
{
	static const uint8_t flip[] = {
		48,  0,  0,  0, 28,  0,   5,  5, 0,    0, 0,  0,
		0,   0,  0,  0,                                  /* RTM_NEWNEIGH, replace */
		2,   0,  0,  0, 7,   0,   0,  0, 0x80, 0, 0,  0, /* IPv4, dev 7, permanent */
		8,   0,  1,  0, 10,  10,  10, 3,                 /* NDA_DST */
		10,  0,  2,  0, 2,   0,   0,  0, 0,    7, 0,  0, /* NDA_LLADDR */
		60,  0,  0,  0, 24,  0,   5,  4, 0,    0, 0,  0,
		0,   0,  0,  0,                                  /* RTM_NEWROUTE, create */
		2,   24, 0,  0, 254, 210, 0,  1, 0,    0, 0,  0, /* /24, main, 210, unicast */
		8,   0,  1,  0, 192, 168, 3,  0, 8,    0, 5,  0,
		10,  10, 10, 3, /* RTA_DST, RTA_GATEWAY */
		8,   0,  4,  0, 7,   0,   0,  0, 8,    0, 15, 0,
		254, 0,  0,  0, /* RTA_OIF, RTA_TABLE */
	};
	struct netlink_neighbour n = { .index = 7, .addr = ip("10.10.10.3"), .has_mac = true };
	const struct netlink_route r = { .to = { ip("192.168.3.0"), 24 },
		                         .via = n.addr,
		                         .index = 7 };
	struct netlink_batch batch = { 0 };
	struct message buf;

	(void)state;
	memcpy(n.mac, mac, sizeof mac);
	assert_null(netlink_batch_next(&batch, NULL));
	assert_true(netlink_batch_add(&batch, netlink_neighbour_replace(buf.bytes, &n)));
	assert_true(netlink_batch_add(&batch, netlink_route_prepend(buf.bytes, &r)));
	assert_int_equal(batch.n, 2);
	assert_int_equal(batch.len, sizeof flip);
	assert_memory_equal(batch.bytes, flip, sizeof flip);
	const struct nlmsghdr *first = netlink_batch_next(&batch, NULL);
	const struct nlmsghdr *second = netlink_batch_next(&batch, first);
	expect_addr(parsed(first).neighbour.addr, n.addr);
	expect_addr(parsed(second).route.via, n.addr);
	assert_null(netlink_batch_next(&batch, second));
}

static void test_batch_bounds(void **state)
{
	const struct netlink_neighbour n = { .addr = ip("10.10.10.3") };
	struct netlink_batch batch = { 0 };
	struct message buf;
	struct nlmsghdr *m = netlink_neighbour_replace(buf.bytes, &n);

	(void)state;
	for (int i = 0; i < NETLINK_BATCH_MAX; i++)
		assert_true(netlink_batch_add(&batch, m));
	assert_false(netlink_batch_add(&batch, m));
	batch.n = 1;
	batch.len = sizeof batch.bytes - m->nlmsg_len + 4;
	assert_false(netlink_batch_add(&batch, m));
	batch.len = sizeof batch.bytes - m->nlmsg_len;
	assert_true(netlink_batch_add(&batch, m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_links_that_are_refused),
		cmocka_unit_test(test_link_requests),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_broadcast_address),
		cmocka_unit_test(test_tentative_address),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_multipath_route),
		cmocka_unit_test(test_routes_that_are_refused),
		cmocka_unit_test(test_neighbours),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_batch),
		cmocka_unit_test(test_batch_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
