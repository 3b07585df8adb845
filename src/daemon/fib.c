/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash table of prefixes, each with its routes; a look-up asks once for each length that occurs.
 * Of several routes to a prefix the one with the least metric counts, of equals the one that came
 * first.
 */
#include "daemon/fib.h"

#include <stdlib.h>
#include <string.h>

#include "util/hash.h"
#include "util/memory.h"

struct fib_entry {
	struct prefix to;
	struct netlink_route *route;
	size_t n;
	UT_hash_handle hh;
};

struct fib {
	struct fib_entry *entries;
	size_t n_of_length[2][129]; /* IPv4, IPv6 */
};

struct fib *fib_new(void)
{
	return memory_new(1, sizeof(struct fib));
}

static size_t *length_count(struct fib *f, const struct prefix *to)
{
	return &f->n_of_length[to->addr.family == ADDR_V6][to->len];
}

static void forget(struct fib *f, struct fib_entry *e)
{
	--*length_count(f, &e->to);
	HASH_DEL(f->entries, e);
	free(e->route);
	free(e);
}

void fib_clear(struct fib *f)
{
	struct fib_entry *e, *next;

	HASH_ITER (hh, f->entries, e, next)
		forget(f, e);
}

void fib_free(struct fib *f)
{
	if (!f)
		return;
	fib_clear(f);
	free(f);
}

static struct fib_entry *find(const struct fib *f, const struct prefix *to)
{
	struct fib_entry *e;

	HASH_FIND(hh, f->entries, to, sizeof *to, e);
	return e;
}

static bool same_way(const struct netlink_route *a, const struct netlink_route *b)
{
	return a->metric == b->metric && a->index == b->index && a->type == b->type &&
	       addr_equal(&a->via, &b->via);
}

static void drop(struct fib_entry *e, size_t i)
{
	e->n--;
	memmove(e->route + i, e->route + i + 1, (e->n - i) * sizeof *e->route);
}

/* A shortcut goes by its protocol and metric on whatever interface: nobody else is known to write
 * such routes. IPv4 redirects that the kernel takes itself are exceptions of a next hop since Linux
 * 3.6, in no table. */
static bool is_ours_to_keep(const struct netlink_route *r)
{
	bool shortcut = r->metric == 0 && (r->protocol == NETLINK_ROUTE_PROTOCOL ||
	                                   r->protocol == NETLINK_ROUTE_OVERRIDE);

	return !shortcut && (r->table == 0 || r->table == NETLINK_TABLE_MAIN);
}

static bool add(struct fib *f, const struct netlink_event *event)
{
	const struct netlink_route *r = &event->route;
	struct prefix to = prefix_network(&r->to);
	struct fib_entry *e = find(f, &to);
	size_t i = 0;

	if (!e) {
		e = memory_new(1, sizeof *e);
		e->to = to;
		HASH_ADD(hh, f->entries, to, sizeof e->to, e);
		++*length_count(f, &to);
	}
	while (i < e->n &&
	       !(event->replaces ? e->route[i].metric == r->metric : same_way(&e->route[i], r)))
		i++;
	if (i < e->n && same_way(&e->route[i], r))
		return false;
	if (i == e->n)
		e->route = memory_resize(e->route, ++e->n, sizeof *e->route);
	e->route[i] = *r;
	for (size_t k = e->n; event->replaces && k-- > i + 1;)
		if (e->route[k].metric == r->metric)
			drop(e, k);
	return true;
}

static bool del(struct fib *f, const struct netlink_route *r)
{
	struct prefix to = prefix_network(&r->to);
	struct fib_entry *e = find(f, &to);
	size_t i = 0;

	while (e && i < e->n && !same_way(&e->route[i], r))
		i++;
	if (!e || i == e->n)
		return false;
	drop(e, i);
	if (e->n == 0)
		forget(f, e);
	return true;
}

bool fib_take(struct fib *f, const struct netlink_event *event)
{
	if (event->object != NETLINK_ROUTE_ENTRY || !is_ours_to_keep(&event->route))
		return false;
	return event->deleted ? del(f, &event->route) : add(f, event);
}

bool fib_find(const struct fib *f, const struct addr *to, struct netlink_route *ret)
{
	struct prefix p = prefix_host(to);

	for (int len = p.len; len >= 0; len--) {
		p.len = (uint8_t)len;
		struct prefix network = prefix_network(&p);
		if (!f->n_of_length[to->family == ADDR_V6][len])
			continue;
		const struct fib_entry *e = find(f, &network);
		if (!e)
			continue;
		const struct netlink_route *best = &e->route[0];
		for (size_t i = 1; i < e->n; i++)
			if (e->route[i].metric < best->metric)
				best = &e->route[i];
		*ret = *best;
		return best->type == NETLINK_ROUTE_UNICAST;
	}
	return false;
}
