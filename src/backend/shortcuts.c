/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change of next hop writes the new route first, in front of the old one, and then deletes that:
 * no packet is without a route.
 */
#include "backend/shortcuts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

enum { LEFT_MAX = 4096 /* of an earlier life, deleted in one go */ };

enum { KEY_LEN = offsetof(struct shortcut_key, to) + sizeof(struct prefix) };

struct shortcuts {
	struct changes *changes;
	struct shortcut *all;
};

struct shortcuts *shortcuts_new(struct changes *changes)
{
	struct shortcuts *s = memory_new(1, sizeof *s);

	s->changes = changes;
	return s;
}

static void forget(struct shortcuts *s, struct shortcut *r)
{
	HASH_DEL(s->all, r);
	free(r);
}

void shortcuts_free(struct shortcuts *s)
{
	struct shortcut *r, *next;

	if (!s)
		return;
	HASH_ITER (hh, s->all, r, next)
		forget(s, r);
	free(s);
}

static struct shortcut *find(const struct shortcuts *s, const struct shortcut_key *key)
{
	struct shortcut *r;

	HASH_FIND(hh, s->all, key, KEY_LEN, r);
	return r;
}

static struct netlink_route route_of(const struct shortcut *r, int index)
{
	return (struct netlink_route){ .to = r->key.to,
		                       .via = r->via,
		                       .index = index,
		                       .protocol = r->override ? NETLINK_ROUTE_OVERRIDE
		                                               : NETLINK_ROUTE_PROTOCOL };
}

static void write_route(struct shortcuts *s, struct shortcut *r, int index)
{
	struct netlink_route route = route_of(r, index);

	r->index = index;
	changes_route_set(s->changes, &route);
}

static void delete_route(struct shortcuts *s, const struct shortcut *r)
{
	struct netlink_route route = route_of(r, r->index);

	changes_route_del(s->changes, &route);
}

void shortcuts_set(struct shortcuts *s, const struct shortcut *wanted, int index)
{
	struct shortcut *r = find(s, &wanted->key);
	struct shortcut old = { 0 };

	if (!r) {
		r = memory_new(1, sizeof *r);
		r->key = wanted->key;
		HASH_ADD(hh, s->all, key, KEY_LEN, r);
	} else if (r->index &&
	           (!addr_equal(&r->via, &wanted->via) || r->override != wanted->override)) {
		old = *r;
	}
	r->via = wanted->via;
	r->override = wanted->override;
	if (!index)
		return;
	write_route(s, r, index);
	if (old.index)
		delete_route(s, &old);
}

void shortcuts_del(struct shortcuts *s, const struct shortcut_key *key, int index)
{
	struct shortcut *r = find(s, key);

	if (!r)
		return;
	if (r->index && r->index == index)
		delete_route(s, r);
	forget(s, r);
}

static bool is_route_of(const struct shortcut *r, const struct netlink_route *route)
{
	return r->index == route->index && prefix_equal(&r->key.to, &route->to) &&
	       addr_equal(&r->via, &route->via) &&
	       r->override == (route->protocol == NETLINK_ROUTE_OVERRIDE);
}

void shortcuts_refused(struct shortcuts *s, const struct netlink_route *route)
{
	for (struct shortcut *r = s->all; r; r = r->hh.next)
		if (is_route_of(r, route))
			r->index = 0;
}

void shortcuts_settle(struct shortcuts *s, uint32_t tunnel, int index)
{
	for (struct shortcut *r = s->all; r; r = r->hh.next)
		if (r->key.tunnel == tunnel)
			write_route(s, r, index);
}

void shortcuts_forget(struct shortcuts *s, uint32_t tunnel)
{
	struct shortcut *r, *next;

	HASH_ITER (hh, s->all, r, next)
		if (r->key.tunnel == tunnel)
			forget(s, r);
}

struct left {
	const struct shortcuts *s;
	int index;
	uint8_t protocol;
	struct netlink_route *route;
	size_t n;
};

static bool is_ours(const struct shortcuts *s, const struct netlink_route *route)
{
	for (const struct shortcut *r = s->all; r; r = r->hh.next)
		if (is_route_of(r, route))
			return true;
	return false;
}

static void take_left(void *ctx, const struct netlink_event *event)
{
	struct left *left = ctx;
	const struct netlink_route *r = &event->route;

	if (event->object != NETLINK_ROUTE_ENTRY || r->index != left->index ||
	    r->protocol != left->protocol || r->metric || left->n == LEFT_MAX ||
	    is_ours(left->s, r))
		return;
	left->route[left->n++] = *r;
}

int shortcuts_sweep(struct shortcuts *s, int index)
{
	struct left left = { .s = s,
		             .index = index,
		             .route = memory_new(LEFT_MAX, sizeof *left.route) };
	static const uint8_t protocols[] = { NETLINK_ROUTE_PROTOCOL, NETLINK_ROUTE_OVERRIDE };
	struct rtnl *rtnl = s->changes->rtnl;
	int result = 0;

	for (size_t i = 0; i < sizeof protocols && result >= 0; i++) {
		left.protocol = protocols[i];
		result = rtnl_dump(rtnl,
		                   netlink_route_dump(rtnl_buffer(rtnl), ADDR_V4, left.protocol),
		                   take_left, &left);
	}
	for (size_t i = 0; i < left.n && result == 0; i++)
		changes_route_del(s->changes, &left.route[i]);
	free(left.route);
	return result < 0 ? result : changes_flush(s->changes);
}
