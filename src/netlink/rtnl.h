/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner of two rtnetlink sockets: one for requests, which are synchronous, and one for
 * notifications, which an event loop polls. For one thread. What is sent over it is in netlink.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "netlink/netlink.h"

struct rtnl;

/*
 * Opens both sockets in the current network namespace; the second is subscribed to links, and to
 * IPv4 and IPv6 addresses, routes and neighbours. 0, or a negative errno.
 */
int rtnl_new(struct rtnl **ret);
/* NULL is fine. */
void rtnl_free(struct rtnl *rtnl);

/* A buffer of NETLINK_MESSAGE_MAX bytes for the next request's builder. */
void *rtnl_buffer(struct rtnl *rtnl);

/*
 * Sends a request and waits for its acknowledgement: rtnl_request(r,
 * netlink_route_add(rtnl_buffer(r), &route)). 0, or a negative errno (the kernel's, or -EIO when it
 * does not answer). rtnl_error_text() says more.
 */
int rtnl_request(struct rtnl *rtnl, struct nlmsghdr *message);

/*
 * Sends all messages of a batch at once, waits until each is acknowledged, and empties it. The
 * kernel carries them out in order, each whatever became of those before. Calls back for each that
 * failed, with its errno as of rtnl_request(); refused may not use rtnl. rtnl_error_text() is on
 * the first of them.
 */
void rtnl_send(struct rtnl *rtnl, struct netlink_batch *batch,
               void (*refused)(void *ctx, const struct netlink_event *event, int error), void *ctx);

/* The kernel's sentence on the last request that failed, or ""; good until the next request. */
const char *rtnl_error_text(const struct rtnl *rtnl);

/*
 * Sends a get or dump request and calls back for each object that parses; each may not use rtnl. 0,
 * or a negative errno; a dump that the kernel says changed under way is begun again, so objects may
 * come twice.
 */
int rtnl_dump(struct rtnl *rtnl, struct nlmsghdr *message,
              void (*each)(void *ctx, const struct netlink_event *event), void *ctx);

/* One link by name. -ENODEV when there is none. */
int rtnl_link(struct rtnl *rtnl, const char *name, struct netlink_link *ret);

/* Deletes every neighbour of an interface but those that the kernel itself made (no-ARP). 0 or
 * negative errno. */
int rtnl_flush_neighbours(struct rtnl *rtnl, int index);

/* Readable when notifications wait. */
int rtnl_notify_fd(const struct rtnl *rtnl);

enum { RTNL_NOTIFY_MAX = 256 }; /* reads of one rtnl_notify: the loop has other things to do */

/*
 * Calls back for each notification that waits, up to a bound (the fd is then still readable); each
 * may send requests. 0, or -ENOBUFS when some were lost: the caller then dumps what it watches.
 */
int rtnl_notify(struct rtnl *rtnl, void (*each)(void *ctx, const struct netlink_event *event),
                void *ctx);
