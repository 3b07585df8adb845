/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of the kernel's neighbours and routes, gathered and sent in one netlink message: a next
 * hop and the networks behind it change together. For the control thread.
 */
#pragma once

#include <stdint.h>

#include "netlink/netlink.h"
#include "netlink/rtnl.h"

struct changes {
	struct rtnl *rtnl; /* borrowed */
	/* The kernel refused this one; counted already. May not use rtnl. */
	void (*refused)(void *ctx, const struct netlink_event *event);
	void *ctx;
	struct netlink_batch batch;
	int error; /* the first since changes_flush(), or 0 */
	uint64_t neighbours_refused, routes_refused;
};

/* Each waits for changes_flush(); when there is no room, those before go at once. */
void changes_neighbour_set(struct changes *c, const struct netlink_neighbour *neighbour);
void changes_neighbour_del(struct changes *c, const struct netlink_neighbour *neighbour);
/* In front of others of the same network and metric. It may be there already. */
void changes_route_set(struct changes *c, const struct netlink_route *route);
void changes_route_del(struct changes *c, const struct netlink_route *route);

/* Sends what waits, in order. 0, or the first negative errno of what was refused since the last
 * flush: the rest is done all the same. Deleting what is not there is no failure. */
int changes_flush(struct changes *c);
