/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One hash table for all tunnels, keyed by tunnel and target prefix, in order of insertion so that
 * runs repeat. Longest match asks once for each target length that the tunnel has. The order of
 * `show` is a sorted array of pointers, made anew when a view asks after the set of entries has
 * changed.
 *
 * Each entry has one timer: due at once while there is something to be told, else at `due`. An
 * entry that is told to the data plane (NODE_SET_PEER) remembers it, so that the withdrawal is
 * never forgotten.
 */
#include "nhrp/cache.h"

#include <string.h>

#include "nhrp/cluster.h"
#include "nhrp/detour.h"
#include "nhrp/guard.h"
#include "nhrp/kept.h"
#include "nhrp/multicast.h"
#include "nhrp/out.h"
#include "nhrp/route.h"
#include "nhrp/share.h"
#include "nhrp/shortcut.h"
#include "nhrp/told.h"
#include "nhrp/tunnel.h"
#include "util/check.h"

_Static_assert(sizeof(struct prefix) == sizeof(struct addr) + 1, "hashed as bytes");
_Static_assert(sizeof(struct nhrp_entry) <= 248, "the figure of IOS for one entry");

enum { KEY_LEN = offsetof(struct nhrp_entry_key, target) + sizeof(struct prefix) };

static struct nhrp_entry *find_any(const struct nhrp *n, uint32_t tunnel,
                                   const struct prefix *target)
{
	struct nhrp_entry_key key = { .tunnel = tunnel, .target = *target };
	struct nhrp_entry *e;

	HASH_FIND(hh, n->entries, &key, KEY_LEN, e);
	return e;
}

struct nhrp_entry *nhrp_cache_find(const struct nhrp *n, uint32_t tunnel,
                                   const struct prefix *target)
{
	struct nhrp_entry *e = find_any(n, tunnel, target);

	return e && !(e->todo & NHRP_TODO_DELETE) ? e : NULL;
}

struct nhrp_entry *nhrp_cache_find_host(const struct nhrp *n, uint32_t tunnel,
                                        const struct addr *target)
{
	struct prefix host = prefix_host(target);

	return nhrp_cache_find(n, tunnel, &host);
}

struct nhrp_entry *nhrp_cache_match_where(const struct nhrp *n, const struct nhrp_tunnel *t,
                                          const struct addr *address,
                                          bool (*accept)(const struct nhrp_tunnel *t,
                                                         const struct nhrp_entry *e))
{
	struct prefix target = prefix_host(address);

	for (int len = target.len; len >= 0; len--) {
		if (!t->n_of_length[len])
			continue;
		target.len = (uint8_t)len;
		struct prefix network = prefix_network(&target);
		struct nhrp_entry *e = nhrp_cache_find(n, t->number, &network);
		if (e && accept(t, e))
			return e;
	}
	return NULL;
}

static bool is_complete(const struct nhrp_tunnel *t, const struct nhrp_entry *e)
{
	(void)t;
	return e->type != NHRP_ENTRY_INCOMPLETE;
}

struct nhrp_entry *nhrp_cache_match(const struct nhrp *n, const struct nhrp_tunnel *t,
                                    const struct addr *address)
{
	return nhrp_cache_match_where(n, t, address, is_complete);
}

bool nhrp_entry_is_path(const struct nhrp_entry *e)
{
	return e->type != NHRP_ENTRY_INCOMPLETE && !nhrp_entry_is_own(e) && !addr_is_none(&e->nbma);
}

struct addr nhrp_entry_peer(const struct nhrp_entry *e)
{
	const struct prefix *target = &e->key.target;

	if (nhrp_entry_is_own(e) || nhrp_entry_is_shortcut(e) || addr_is_none(&e->nbma))
		return ADDR_ANY_NONE;
	if (target->len == addr_bits(&target->addr))
		return target->addr;
	return e->origin == NHRP_BY_CONFIG ? ADDR_ANY_NONE : e->via;
}

static enum nhrp_entry_type type_of(enum nhrp_origin origin)
{
	switch (origin) {
	case NHRP_BY_CONFIG:
	case NHRP_BY_SUMMARY:
		return NHRP_ENTRY_STATIC;
	case NHRP_BY_WANT:
	case NHRP_BY_INDICATION:
		return NHRP_ENTRY_INCOMPLETE;
	default:
		return NHRP_ENTRY_DYNAMIC;
	}
}

static enum node_peer_kind peer_kind(enum nhrp_origin origin)
{
	switch (origin) {
	case NHRP_BY_CONFIG:
	case NHRP_BY_MAP:
		return NODE_PEER_STATIC;
	case NHRP_BY_REGISTRATION:
		return NODE_PEER_REGISTERED;
	case NHRP_BY_WANT:
		return NODE_PEER_VIA_NHS;
	default:
		return NODE_PEER_RESOLVED;
	}
}

static void count(struct nhrp *n, const struct nhrp_entry *e, size_t one)
{
	struct nhrp_tunnel *t = nhrp_tunnel_find(n, e->key.tunnel);

	check(t);
	n->n_entries += one;
	t->n_entries += one;
	t->n_of_length[e->key.target.len] += (uint32_t)one;
	if (e->type == NHRP_ENTRY_INCOMPLETE)
		n->n_incomplete += one;
	if (nhrp_entry_is_direct(e))
		n->n_direct += one;
	if (e->origin == NHRP_BY_SHORTCUT)
		n->n_shortcuts += one;
	if (e->origin == NHRP_BY_REGISTRATION)
		t->n_registered += one;
	if (nhrp_kept_is(t, e))
		n->save = true;
	n->sorted_valid = false;
}

/* Incomplete entries may take half of the cache: they must not keep clients from registering. */
static bool is_full(const struct nhrp *n, enum nhrp_origin origin)
{
	return n->n_entries >= n->cache_max ||
	       (type_of(origin) == NHRP_ENTRY_INCOMPLETE && n->n_incomplete >= n->cache_max / 2);
}

struct nhrp_entry *nhrp_cache_add(struct nhrp *n, struct nhrp_tunnel *t,
                                  const struct prefix *target, enum nhrp_origin origin)
{
	struct nhrp_entry *e = find_any(n, t->number, target);

	if (e)
		nhrp_cache_delete(n, e, e->todo & NHRP_TODO_DELETE ? e->reason : REASON_REPLACED);
	if (is_full(n, origin))
		return NULL;
	e = memory_new(1, sizeof *e);
	e->key.tunnel = t->number;
	e->key.target = *target;
	e->origin = (uint8_t)origin;
	e->type = (uint8_t)type_of(origin);
	e->timer.kind = NHRP_TIMER_ENTRY;
	e->created = e->changed = n->now.mono;
	e->expires = e->due = MONO_NEVER;
	HASH_ADD(hh, n->entries, key, KEY_LEN, e);
	count(n, e, 1);
	return e;
}

void nhrp_cache_become(struct nhrp *n, struct nhrp_entry *e, enum nhrp_origin origin)
{
	count(n, e, (size_t)-1);
	e->origin = (uint8_t)origin;
	e->type = (uint8_t)type_of(origin);
	e->changed = n->now.mono;
	count(n, e, 1);
}

struct nhrp_entry *nhrp_cache_claim(struct nhrp *n, struct nhrp_tunnel *t,
                                    const struct prefix *target)
{
	struct nhrp_entry *e = find_any(n, t->number, target);
	bool is_host = target->len == addr_bits(&target->addr);

	/* The peer of a client's whole prefix is its next hop, which a static entry has not; a
	 * shortcut has a route. */
	if (!e || (e->has_peer && (!is_host || e->origin == NHRP_BY_SHORTCUT)))
		return nhrp_cache_add(n, t, target, NHRP_BY_CONFIG);
	nhrp_cache_become(n, e, NHRP_BY_CONFIG);
	e->flags = 0;
	e->todo = 0;
	e->pending = false;
	e->claimed = e->requester = ADDR_ANY_NONE;
	e->expires = e->due = MONO_NEVER;
	return e;
}

/* Withdraws the next hop that was told, even if the entry has lost its NBMA address since. */
static void withdraw_peer(struct nhrp *n, struct nhrp_entry *e)
{
	const struct prefix *target = &e->key.target;
	bool is_host = target->len == addr_bits(&target->addr);

	if (!e->has_peer)
		return;
	if (e->origin == NHRP_BY_SHORTCUT) {
		nhrp_shortcut_withdraw(n, e);
		return;
	}
	struct node_action *action = nhrp_out_action(n, NODE_DEL_PEER);
	if (action) {
		action->peer.tunnel = e->key.tunnel;
		action->peer.peer = is_host ? target->addr : e->via;
		action->peer.nbma = e->nbma;
		action->peer.kind = peer_kind(e->origin);
	}
	e->has_peer = false;
}

/* An unresolved next hop goes by an NHS, which has a guard of its own. One that waits has none. */
void nhrp_cache_guard(struct nhrp *n, struct nhrp_entry *e)
{
	const struct nhrp_tunnel *t = nhrp_tunnel_find(n, e->key.tunnel);
	bool is_peer = e->origin != NHRP_BY_WANT && !nhrp_entry_is_own(e);

	if (e->origin == NHRP_BY_CONFIG && nhrp_cluster_waits(t, &e->key.target.addr, &e->nbma))
		is_peer = false;
	nhrp_guard_point(n, &e->guard, t, is_peer ? &e->nbma : &ADDR_ANY_NONE);
}

bool nhrp_entry_waits(const struct nhrp_entry *e)
{
	return nhrp_entry_is_direct(e) &&
	       (e->guard ? !e->guard->up || nhrp_share_is_others(e) : !addr_is_none(&e->claimed));
}

/* A p2p tunnel has one adjacency of its own and no peers. While a tunnel is down nothing is told.
 */
static void tell_peer(struct nhrp *n, struct nhrp_entry *e)
{
	const struct nhrp_tunnel *t = nhrp_tunnel_find(n, e->key.tunnel);
	struct addr peer = nhrp_entry_peer(e);
	struct addr nbma = nhrp_entry_waits(e) ? nhrp_detour_meanwhile(n, t, e) : e->nbma;
	bool is_lost = e->origin == NHRP_BY_REGISTRATION && nhrp_share_is_others(e);

	if (!t->multipoint || (t->up && (is_lost || nbma.family != t->source.family))) {
		withdraw_peer(n, e);
		return;
	}
	if (!t->up || addr_is_none(&peer))
		return;
	struct node_action *action = nhrp_out_action(n, NODE_SET_PEER);
	if (!action)
		return;
	action->peer.tunnel = e->key.tunnel;
	action->peer.peer = peer;
	action->peer.nbma = nbma;
	action->peer.kind = nhrp_entry_waits(e) ? NODE_PEER_VIA_NHS : peer_kind(e->origin);
	e->has_peer = true;
}

void nhrp_cache_path_down(struct nhrp *n, struct nhrp_entry *e, enum trace_reason reason)
{
	if (!e->stands)
		return;
	nhrp_out_trace_entry(n, TRACE_NHP_DOWN, e, reason);
	e->stands = false;
	if (!e->pending)
		e->tries = 0; /* what was answered is of no use any more */
	nhrp_shortcut_next_hop(n, e);
}

static void tell_path(struct nhrp *n, struct nhrp_entry *e)
{
	if (nhrp_entry_waits(e)) {
		nhrp_cache_path_down(n, e, REASON_UNPROTECTED);
	} else if (nhrp_entry_is_direct(e) && !e->stands) {
		e->stands = true;
		nhrp_out_trace_entry(n, TRACE_NHP_UP, e, REASON_NONE);
		nhrp_shortcut_next_hop(n, e);
	}
}

void nhrp_cache_settle(struct nhrp *n, struct nhrp_entry *e)
{
	uint8_t todo = e->todo;

	check(!(todo & NHRP_TODO_DELETE));
	e->todo = 0;
	if (todo & NHRP_TODO_ADDED)
		nhrp_out_trace_entry(n, TRACE_CACHE_ADDED, e, REASON_NONE);
	else if (todo & NHRP_TODO_UPDATED)
		nhrp_out_trace_entry(n, TRACE_CACHE_UPDATED, e, (enum trace_reason)e->reason);
	nhrp_cache_guard(n, e);
	if (todo & NHRP_TODO_ROUTE)
		nhrp_route_ask_entry(
			n, e, e->origin == NHRP_BY_ANSWER ? &e->key.target.addr : &e->asked_for);
	if (todo & NHRP_TODO_PEER && e->origin == NHRP_BY_SHORTCUT) {
		nhrp_shortcut_tell(n, e);
	} else if (todo & NHRP_TODO_PEER) {
		tell_peer(n, e);
		nhrp_multicast_entry(n, e);
	}
	tell_path(n, e);
	e->reason = REASON_NONE;
	timers_set(&n->timers, &e->timer, e->due);
}

void nhrp_cache_settle_later(struct nhrp *n, struct nhrp_entry *e, uint8_t todo)
{
	e->todo |= todo;
	timers_set(&n->timers, &e->timer, n->now.mono);
}

void nhrp_cache_delete(struct nhrp *n, struct nhrp_entry *e, enum trace_reason reason)
{
	nhrp_shortcut_next_hop_gone(n, e);
	withdraw_peer(n, e);
	nhrp_multicast_forget_entry(n, e);
	if (e->origin == NHRP_BY_REGISTRATION) {
		nhrp_out_trace_entry(n, TRACE_NHC_DOWN, e, reason);
		if (reason != REASON_EXPIRED && reason != REASON_STOPPED)
			nhrp_told_void(n, e);
	}
	nhrp_cache_path_down(n, e, reason);
	nhrp_out_trace_entry(n, TRACE_CACHE_DELETED, e, reason);
	nhrp_guard_point(n, &e->guard, nhrp_tunnel_find(n, e->key.tunnel), &ADDR_ANY_NONE);
	count(n, e, (size_t)-1);
	timers_clear(&n->timers, &e->timer);
	HASH_DEL(n->entries, e);
	free(e);
}

void nhrp_cache_delete_later(struct nhrp *n, struct nhrp_entry *e, enum trace_reason reason)
{
	if (e->todo & NHRP_TODO_DELETE)
		return;
	e->reason = (uint8_t)reason;
	nhrp_cache_settle_later(n, e, NHRP_TODO_DELETE);
}

void nhrp_cache_hold(struct nhrp *n, struct nhrp_entry *e, uint16_t holdtime_s)
{
	e->holdtime_s = holdtime_s;
	e->expires = mono_add_s(n->now.mono, holdtime_s);
	e->due = e->expires;
}

static int compare(const void *a, const void *b)
{
	const struct nhrp_entry *x = *(struct nhrp_entry *const *)a;
	const struct nhrp_entry *y = *(struct nhrp_entry *const *)b;
	bool x_last = x->type == NHRP_ENTRY_INCOMPLETE, y_last = y->type == NHRP_ENTRY_INCOMPLETE;

	if (x->key.tunnel != y->key.tunnel)
		return x->key.tunnel < y->key.tunnel ? -1 : 1;
	if (x_last != y_last)
		return x_last ? 1 : -1;
	return memcmp(&x->key.target, &y->key.target, sizeof x->key.target);
}

struct nhrp_entry **nhrp_cache_sorted(const struct nhrp *n)
{
	struct nhrp *cached = (struct nhrp *)n; /* only the sorted copy changes */
	size_t i = 0;

	if (n->sorted_valid)
		return n->sorted;
	if (n->n_entries > n->sorted_room) {
		cached->sorted = memory_resize(n->sorted, n->n_entries, sizeof *n->sorted);
		cached->sorted_room = n->n_entries;
	}
	for (struct nhrp_entry *e = n->entries; e; e = e->hh.next)
		n->sorted[i++] = e;
	if (i)
		qsort(n->sorted, i, sizeof *n->sorted, compare);
	cached->sorted_valid = true;
	return n->sorted;
}
