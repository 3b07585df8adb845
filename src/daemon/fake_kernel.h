/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kernel for tests: links, addresses and routes in arrays behind the functions of netlink/rtnl.h.
 * What it is asked to change is a trace, "+address 2 1.1.1.2/24".
 */
#pragma once

#include <linux/netlink.h>

#include "netlink/rtnl.h"
#include "util/strbuf.h"

enum { FAKE_OBJECTS_MAX = 16 };

struct rtnl {
	_Alignas(struct nlmsghdr) char buffer[NETLINK_MESSAGE_MAX];
	struct netlink_link link[FAKE_OBJECTS_MAX];
	struct netlink_address address[FAKE_OBJECTS_MAX];
	struct netlink_route route[FAKE_OBJECTS_MAX];
	size_t n_links, n_addresses, n_routes;
	struct strbuf trace;
	int refuse_routes; /* what every new route is answered with */
};

/* "1.1.1.2" and 24. */
struct prefix fake_prefix(const char *text, uint8_t len);
void fake_add_link(struct rtnl *rtnl, int index, const char *name, bool up);
void fake_add_address(struct rtnl *rtnl, int index, const char *text, uint8_t len);
/* The trace since the last time must be this. */
void fake_expect(struct rtnl *rtnl, const char *trace);
