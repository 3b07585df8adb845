/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/changes.h"

#include <errno.h>

#include "util/check.h"

/* What was wanted is so. */
static bool is_done(const struct netlink_event *event, int error)
{
	if (event->deleted)
		return error == -ENOENT || error == -ESRCH;
	return event->object == NETLINK_ROUTE_ENTRY && error == -EEXIST;
}

static void take_refused(void *ctx, const struct netlink_event *event, int error)
{
	struct changes *c = ctx;

	if (is_done(event, error))
		return;
	if (event->object == NETLINK_ROUTE_ENTRY)
		c->routes_refused++;
	else
		c->neighbours_refused++;
	if (!c->error)
		c->error = error;
	c->refused(c->ctx, event);
}

static void add(struct changes *c, const struct nlmsghdr *message)
{
	if (netlink_batch_add(&c->batch, message))
		return;
	rtnl_send(c->rtnl, &c->batch, take_refused, c);
	check(netlink_batch_add(&c->batch, message));
}

void changes_neighbour_set(struct changes *c, const struct netlink_neighbour *neighbour)
{
	add(c, netlink_neighbour_replace(rtnl_buffer(c->rtnl), neighbour));
}

void changes_neighbour_del(struct changes *c, const struct netlink_neighbour *neighbour)
{
	add(c, netlink_neighbour_del(rtnl_buffer(c->rtnl), neighbour));
}

void changes_route_set(struct changes *c, const struct netlink_route *route)
{
	add(c, netlink_route_prepend(rtnl_buffer(c->rtnl), route));
}

void changes_route_del(struct changes *c, const struct netlink_route *route)
{
	add(c, netlink_route_del(rtnl_buffer(c->rtnl), route));
}

int changes_flush(struct changes *c)
{
	rtnl_send(c->rtnl, &c->batch, take_refused, c);
	int error = c->error;
	c->error = 0;
	return error;
}
