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
	struct rtnl *rtnl;
	struct shortcut *all;
};

struct shortcuts *shortcuts_new(struct rtnl *rtnl)
{
	struct shortcuts *s = memory_new(1, sizeof *s);

	s->rtnl = rtnl;
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
	return (struct netlink_route){ .to = r->key.to, .via = r->via, .index = index };
}

static int write_route(struct shortcuts *s, struct shortcut *r, int index)
{
	struct netlink_route route = route_of(r, index);
	int result = rtnl_request(s->rtnl, netlink_route_prepend(rtnl_buffer(s->rtnl), &route));

	if (result == -EEXIST)
		result = 0;
	r->index = result == 0 ? index : 0;
	return result;
}

/* Not there is as good as deleted. */
static void delete_route(struct shortcuts *s, const struct shortcut *r)
{
	struct netlink_route route = route_of(r, r->index);

	(void)rtnl_request(s->rtnl, netlink_route_del(rtnl_buffer(s->rtnl), &route));
}

int shortcuts_set(struct shortcuts *s, const struct shortcut *wanted, int index)
{
	struct shortcut *r = find(s, &wanted->key);
	struct shortcut old = { 0 };

	if (!r) {
		r = memory_new(1, sizeof *r);
		r->key = wanted->key;
		HASH_ADD(hh, s->all, key, KEY_LEN, r);
	} else if (r->index && !addr_equal(&r->via, &wanted->via)) {
		old = *r;
	}
	r->via = wanted->via;
	if (!index)
		return 0;
	int result = write_route(s, r, index);
	if (old.index)
		delete_route(s, &old);
	return result;
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

void shortcuts_settle(struct shortcuts *s, uint32_t tunnel, int index)
{
	for (struct shortcut *r = s->all; r; r = r->hh.next)
		if (r->key.tunnel == tunnel)
			(void)write_route(s, r, index); /* the next set tries again */
}

void shortcuts_forget(struct shortcuts *s, uint32_t tunnel)
{
	struct shortcut *r, *next;

	HASH_ITER (hh, s->all, r, next)
		if (r->key.tunnel == tunnel)
			forget(s, r);
}

struct left {
	int index;
	struct netlink_route *route;
	size_t n;
};

static void take_left(void *ctx, const struct netlink_event *event)
{
	struct left *left = ctx;
	const struct netlink_route *r = &event->route;

	if (event->object != NETLINK_ROUTE_ENTRY || r->index != left->index ||
	    r->protocol != NETLINK_ROUTE_PROTOCOL || r->metric || left->n == LEFT_MAX)
		return;
	left->route[left->n++] = *r;
}

int shortcuts_flush(struct shortcuts *s, int index)
{
	struct left left = { .index = index, .route = memory_new(LEFT_MAX, sizeof *left.route) };
	int result = rtnl_dump(
		s->rtnl, netlink_route_dump(rtnl_buffer(s->rtnl), ADDR_V4, NETLINK_ROUTE_PROTOCOL),
		take_left, &left);

	for (size_t i = 0; i < left.n && result == 0; i++) {
		result = rtnl_request(s->rtnl,
		                      netlink_route_del(rtnl_buffer(s->rtnl), &left.route[i]));
		if (result == -ESRCH)
			result = 0;
	}
	free(left.route);
	return result;
}
