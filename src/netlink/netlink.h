/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rtnetlink messages as values: links, addresses, routes and neighbours, from us to the kernel and
 * back. Pure functions over the caller's buffer; no socket (that is rtnl.h).
 *
 * A builder writes one message into buf, which has NETLINK_MESSAGE_MAX bytes and is aligned as a
 * struct nlmsghdr, and returns its header, which lies in buf. Flags (acknowledge, create, replace,
 * dump) are set by the builder; sequence number and port id are left to the sender.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/addr.h"

struct nlmsghdr;

enum {
	NETLINK_MESSAGE_MAX = 1024, /* the longest that a builder here writes is far below */
	NETLINK_NAME_SIZE = 16,     /* IFNAMSIZ */
	NETLINK_MAC_LEN = 6,
	NETLINK_ROUTE_PROTOCOL = 210, /* of every route that is ours, save those that override */
	/*
	 * RTPROT_REDIRECT, of routes of ours that stand before an equal one. Routing daemons pass
	 * it over; any other protocol is the kernel's to zebra, which then takes its own route
	 * away.
	 */
	NETLINK_ROUTE_OVERRIDE = 1,
	NETLINK_TABLE_MAIN = 254,
};

/* ---- values ---- */

struct netlink_link {
	int index;
	char name[NETLINK_NAME_SIZE];
	uint32_t mtu_bytes;
	bool up;      /* administratively: IFF_UP */
	bool running; /* operational: IFF_RUNNING */
	bool carrier; /* IFF_LOWER_UP, which IFLA_CARRIER mirrors */
	bool loopback;
	bool has_mac;
	uint8_t mac[NETLINK_MAC_LEN];
};

struct netlink_address {
	int index;
	struct prefix prefix; /* the address itself, host bits kept, with its length */
	struct addr peer;     /* far end of a point-to-point address; none otherwise */
	bool secondary;
	bool tentative; /* IPv6: duplicate address detection is not over, or has failed */
};

enum netlink_route_type { NETLINK_ROUTE_UNICAST, NETLINK_ROUTE_BLACKHOLE, NETLINK_ROUTE_OTHER };

struct netlink_route {
	enum netlink_route_type type;
	struct prefix to; /* network; length 0: default */
	struct addr via;  /* or none */
	int index;        /* outgoing interface; 0: not given */
	uint32_t metric;  /* 0: the kernel's default */
	uint32_t table;   /* 0: main */
	uint8_t protocol; /* 0: NETLINK_ROUTE_PROTOCOL */
	bool onlink;      /* via need not be reachable by another route */
};

struct netlink_neighbour {
	int index;
	struct addr addr;
	bool has_mac;
	uint8_t mac[NETLINK_MAC_LEN];
	uint16_t state; /* NUD_… of linux/neighbour.h; builders take 0 as NUD_PERMANENT */
};

enum netlink_object { NETLINK_LINK, NETLINK_ADDRESS, NETLINK_ROUTE_ENTRY, NETLINK_NEIGHBOUR };

/* One object from a dump or a notification. */
struct netlink_event {
	enum netlink_object object;
	bool deleted;
	bool replaces; /* a route: of the same prefix and metric it is the only one now */
	union {
		struct netlink_link link;
		struct netlink_address address;
		struct netlink_route route;
		struct netlink_neighbour neighbour;
	};
};

/* ---- from the kernel ---- */

/*
 * Reads one message. False for other types, for other families than IPv4 and IPv6, and for
 * malformed ones; *ret is then untouched. A multipath route gives its first next hop.
 */
bool netlink_parse(const struct nlmsghdr *message, struct netlink_event *ret);

/*
 * Reads an acknowledgement, an error or the end of a dump. True when it is one: *ret_error is 0 or
 * a negative errno, *ret_text the kernel's sentence, which lies in the message, or NULL.
 */
bool netlink_parse_error(const struct nlmsghdr *message, int *ret_error, const char **ret_text);

/* ---- to the kernel ---- */

struct nlmsghdr *netlink_link_get(void *buf, const char *name);
struct nlmsghdr *netlink_link_dump(void *buf);
struct nlmsghdr *netlink_link_set_up(void *buf, int index, bool up);
struct nlmsghdr *netlink_link_set_mtu(void *buf, int index, uint32_t mtu_bytes);
/* The most segments that the kernel puts into one TCP frame for the link. */
struct nlmsghdr *netlink_link_set_gso_segments(void *buf, int index, uint32_t max);
struct nlmsghdr *netlink_link_set_mac(void *buf, int index, const uint8_t mac[NETLINK_MAC_LEN]);
/* Whether next hops are resolved at all; the kernel forgets its neighbours when this changes. */
struct nlmsghdr *netlink_link_set_arp(void *buf, int index, bool arp);
/* No link-local IPv6 address of the kernel's own making. */
struct nlmsghdr *netlink_link_set_no_addrgen(void *buf, int index);
/* Whether IPv4 routes by the link are left out while it has no carrier. */
struct nlmsghdr *netlink_link_set_ignore_linkdown(void *buf, int index, bool ignore);
struct nlmsghdr *netlink_link_del(void *buf, int index);

/* Adding one that is there already gives -EEXIST. IPv4 addresses get their broadcast address. */
struct nlmsghdr *netlink_address_add(void *buf, const struct netlink_address *address);
struct nlmsghdr *netlink_address_del(void *buf, const struct netlink_address *address);
/* index 0: of all links. The caller looks at the index as well: old kernels send all. */
struct nlmsghdr *netlink_address_dump(void *buf, int index);

/* add: -EEXIST when the prefix has a route of the same metric; replace: takes its place. */
struct nlmsghdr *netlink_route_add(void *buf, const struct netlink_route *route);
struct nlmsghdr *netlink_route_replace(void *buf, const struct netlink_route *route);
/* Goes before others of the same prefix and metric, which stay. -EEXIST: it is there. */
struct nlmsghdr *netlink_route_prepend(void *buf, const struct netlink_route *route);
/* Deletes the one that agrees in every field given. */
struct nlmsghdr *netlink_route_del(void *buf, const struct netlink_route *route);
/* protocol 0: of all protocols. The caller looks at the protocol as well. */
struct nlmsghdr *netlink_route_dump(void *buf, enum addr_family family, uint8_t protocol);

struct nlmsghdr *netlink_neighbour_replace(void *buf, const struct netlink_neighbour *neighbour);
struct nlmsghdr *netlink_neighbour_del(void *buf, const struct netlink_neighbour *neighbour);
/* Of one interface, every family. */
struct nlmsghdr *netlink_neighbour_dump(void *buf, int index);

/* ---- several at once ---- */

enum {
	NETLINK_BATCH_MAX = 64, /* messages; who has more to say sends twice */
	NETLINK_BATCH_BYTES = NETLINK_BATCH_MAX * 128, /* an IPv6 route by a gateway takes 84 */
};

/* Messages that the kernel gets in one send. Zeroed it is empty. */
struct netlink_batch {
	size_t n, len;
	_Alignas(max_align_t) uint8_t bytes[NETLINK_BATCH_BYTES];
};

/* Appends a copy of a builder's message. False: there is no room. */
bool netlink_batch_add(struct netlink_batch *batch, const struct nlmsghdr *message);
/* The message behind `at`, or with NULL the first one; NULL at the end. */
struct nlmsghdr *netlink_batch_next(struct netlink_batch *batch, const struct nlmsghdr *at);
