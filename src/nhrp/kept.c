/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An entry comes back with the rest of its life by the wall clock, at most its holding time. A
 * client comes back as it was, for it will not register again for a while; under protection it is
 * dialled where it was seen, for behind a NAT it is reached nowhere else. A direct path is learned
 * as from a reply: it must make sense for the tunnel as it is now, under protection it waits for
 * its security association, and in clear its peer is asked at once whether it is still there
 * (nhrp/probe.h), for a purge may have come while nobody listened. A shortcut needs its next hop,
 * and the route under it is looked at again.
 *
 * A network of ours that we told others is kept, so that they are told when it moves (RFC 2332
 * 5.2.5). Its route is looked at again at once, for it may have moved meanwhile; under protection
 * a little after the first direct path has its association again, since nobody could be told
 * before. Our own address is not kept: it is void only with everything else.
 *
 * What was only waited for (incomplete and negative entries) is not kept.
 */
#include "nhrp/kept.h"

#include "nhrp/answer.h"
#include "nhrp/cache.h"
#include "nhrp/guard.h"
#include "nhrp/probe.h"
#include "nhrp/resolve.h"
#include "nhrp/shortcut.h"
#include "nhrp/tunnel.h"

bool nhrp_kept_is(const struct nhrp_tunnel *t, const struct nhrp_entry *e)
{
	switch (e->origin) {
	case NHRP_BY_REGISTRATION:
	case NHRP_BY_REPLY:
	case NHRP_BY_REQUEST:
	case NHRP_BY_SHORTCUT:
		return true;
	case NHRP_BY_ANSWER:
		return !addr_equal(&e->key.target.addr, &t->address.addr);
	default:
		return false;
	}
}

/* ---- keeping ---- */

/* It needs others to be there before it. */
static bool is_late(const struct nhrp_entry *e)
{
	return e->origin == NHRP_BY_SHORTCUT || e->origin == NHRP_BY_ANSWER;
}

static bool is_kept(const struct nhrp *n, const struct nhrp_entry *e)
{
	return !(e->todo & NHRP_TODO_DELETE) && nhrp_kept_is(nhrp_tunnel_find(n, e->key.tunnel), e);
}

const struct nhrp_entry *nhrp_kept_next(const struct nhrp *n, const struct nhrp_entry *after)
{
	bool late = after && is_late(after);
	const struct nhrp_entry *e = after ? after->hh.next : n->entries;

	for (;;) {
		for (; e; e = e->hh.next)
			if (is_kept(n, e) && is_late(e) == late)
				return e;
		if (late)
			return NULL;
		late = true;
		e = n->entries;
	}
}

static enum node_saved_kind kind_of(enum nhrp_origin origin)
{
	switch (origin) {
	case NHRP_BY_REPLY:
		return NODE_SAVED_PATH;
	case NHRP_BY_REQUEST:
		return NODE_SAVED_REVERSE;
	case NHRP_BY_SHORTCUT:
		return NODE_SAVED_SHORTCUT;
	case NHRP_BY_ANSWER:
		return NODE_SAVED_ANSWER;
	default:
		return NODE_SAVED_CLIENT;
	}
}

void nhrp_kept_view(const struct nhrp *n, const struct nhrp_entry *e, struct now now,
                    struct node_saved_entry *ret)
{
	const struct nhrp_tunnel *t = nhrp_tunnel_find(n, e->key.tunnel);
	bool is_client = e->origin == NHRP_BY_REGISTRATION;

	*ret = (struct node_saved_entry){
		.kind = kind_of(e->origin),
		.tunnel = e->key.tunnel,
		/* A client's with its host bits: they are its next hop. */
		.target = { is_client ? e->via : e->key.target.addr, e->key.target.len },
		.nbma = e->nbma,
		.claimed = e->claimed,
		.unique = nhrp_entry_has(e, NHRP_FLAG_UNIQUE),
		.holdtime_s = e->holdtime_s,
		.mtu_bytes = e->mtu_bytes,
		.preference = e->preference,
		.request_id = is_client ? e->request_id : 0,
		.expires_wall_ms = now.wall_ms + (e->expires.ns - now.mono.ns) / NS_PER_MS,
		.created_wall_ms = now.wall_ms + (e->created.ns - now.mono.ns) / NS_PER_MS,
	};
	if (e->guard)
		ret->place = e->guard->place;
	if (is_client)
		return;
	ret->network_id = t->config.network_id;
	ret->own = t->address.addr;
	ret->protected = t->protected;
	ret->via = e->via;
	ret->asked_for = is_late(e) ? e->asked_for : ADDR_ANY_NONE; /* or the requester */
	ret->router = nhrp_entry_has(e, NHRP_FLAG_ROUTER);
	ret->authoritative = nhrp_entry_has(e, NHRP_FLAG_AUTHORITATIVE);
}

/* ---- restoring ---- */

static bool may_restore(const struct nhrp *n, const struct nhrp_tunnel *t,
                        const struct node_saved_entry *saved)
{
	struct prefix target = prefix_network(&saved->target);

	return t->running && saved->expires_wall_ms > n->now.wall_ms &&
	       target.addr.family == t->address.addr.family &&
	       target.len <= addr_bits(&target.addr) && !addr_is_none(&saved->nbma) &&
	       !prefix_contains(&target, &t->address.addr) &&
	       !nhrp_cache_find(n, t->number, &target);
}

static int64_t left_ms(const struct nhrp *n, const struct node_saved_entry *saved)
{
	int64_t left = saved->expires_wall_ms - n->now.wall_ms, most = saved->holdtime_s * 1000LL;

	return left < most ? left : most;
}

static void restore_age(struct nhrp *n, struct nhrp_entry *e, const struct node_saved_entry *saved)
{
	int64_t age_ms = n->now.wall_ms - saved->created_wall_ms;

	if (age_ms > 0)
		e->created = e->changed = mono_add_ms(n->now.mono, -age_ms);
}

static void restore_client(struct nhrp *n, struct nhrp_tunnel *t,
                           const struct node_saved_entry *saved)
{
	struct prefix target = prefix_network(&saved->target);
	struct nhrp_entry *e = nhrp_cache_add(n, t, &target, NHRP_BY_REGISTRATION);

	if (!e) {
		t->traffic.drops[DROP_CACHE_FULL]++;
		return;
	}
	e->via = saved->target.addr;
	e->nbma = saved->nbma;
	e->claimed = saved->claimed;
	e->mtu_bytes = saved->mtu_bytes;
	e->holdtime_s = saved->holdtime_s;
	e->preference = saved->preference;
	e->request_id = saved->request_id;
	e->flags =
		1u << NHRP_FLAG_AUTHORITATIVE | 1u << NHRP_FLAG_REGISTERED | 1u << NHRP_FLAG_NHOP;
	nhrp_entry_set(e, NHRP_FLAG_UNIQUE, saved->unique);
	nhrp_entry_set(e, NHRP_FLAG_NAT, !addr_is_none(&saved->claimed));
	e->ever_up = true;
	e->expires = e->due = mono_add_ms(n->now.mono, left_ms(n, saved));
	restore_age(n, e, saved);
	nhrp_cache_settle_later(n, e, NHRP_TODO_ADDED | NHRP_TODO_PEER);
	nhrp_cache_guard(n, e);
	if (e->guard)
		nhrp_guard_kept(n, e->guard, &saved->place,
		                addr_is_none(&e->claimed) ? &e->nbma : &e->claimed);
}

/* Its holding time is what is left of it, so that it is asked for again in good time. */
static struct nhrp_path path_of(const struct nhrp *n, const struct node_saved_entry *saved)
{
	return (struct nhrp_path){
		.origin = saved->kind == NODE_SAVED_REVERSE ? NHRP_BY_REQUEST : NHRP_BY_REPLY,
		.target = saved->target.addr,
		.via = saved->via,
		.nbma = saved->nbma,
		.place = saved->place,
		.claimed = addr_is_none(&saved->claimed) ? saved->nbma : saved->claimed,
		.mtu_bytes = saved->mtu_bytes,
		.holdtime_s = (uint16_t)(left_ms(n, saved) / 1000),
		.preference = saved->preference,
		.prefix_len = saved->target.len,
		.is_router = saved->router,
		.is_unique = saved->unique,
		.is_authoritative = saved->authoritative,
	};
}

/* What others told us of a cloud that we are no longer part of, or have another place in, is void.
 * So it is across a change of protection, as while running (nhrp/tunnel.c): an address that only an
 * association made sense of would be sent to in clear. */
static bool is_same_cloud(const struct nhrp_tunnel *t, const struct node_saved_entry *saved)
{
	return t->up && t->multipoint && saved->network_id == t->config.network_id &&
	       saved->protected == t->protected && addr_equal(&saved->own, &t->address.addr);
}

/* What `ip nhrp server-only` and `ip nhrp interest none` would not let it learn today. */
static bool may_have_path(const struct nhrp_tunnel *t, const struct node_saved_entry *saved)
{
	return !t->config.server_only_non_caching &&
	       (saved->kind != NODE_SAVED_PATH || nhrp_resolve_may_ask(t));
}

static void restore_path(struct nhrp *n, struct nhrp_tunnel *t,
                         const struct node_saved_entry *saved)
{
	const struct nhrp_path path = path_of(n, saved);

	if (saved->target.len != addr_bits(&saved->target.addr) || !may_have_path(t, saved) ||
	    !nhrp_resolve_learn(n, t, &path))
		return;
	struct nhrp_entry *e = nhrp_cache_find_host(n, t->number, &path.target);
	if (!e)
		return;
	restore_age(n, e, saved);
	nhrp_probe_soon(n, e);
}

static void restore_shortcut(struct nhrp *n, struct nhrp_tunnel *t,
                             const struct node_saved_entry *saved)
{
	const struct nhrp_path path = path_of(n, saved);

	struct nhrp_entry *e = nhrp_shortcut_restore(n, t, &saved->asked_for, &path);
	if (e)
		restore_age(n, e, saved);
}

static void restore_answer(struct nhrp *n, struct nhrp_tunnel *t,
                           const struct node_saved_entry *saved)
{
	struct prefix target = prefix_network(&saved->target);
	struct nhrp_entry *e = nhrp_answer_entry(n, t, &target);

	if (!e)
		return;
	e->nbma = saved->nbma;
	e->mtu_bytes = saved->mtu_bytes;
	e->requester = saved->asked_for;
	nhrp_cache_hold(n, e, saved->holdtime_s);
	e->expires = e->due = mono_add_ms(n->now.mono, left_ms(n, saved));
	restore_age(n, e, saved);
	nhrp_cache_settle(n, e);
	if (t->config.no_route_watch)
		return;
	if (t->protected)
		e->todo = NHRP_TODO_ROUTE; /* until there is somebody to tell, or it expires */
	else
		nhrp_cache_settle_later(n, e, NHRP_TODO_ROUTE);
}

void nhrp_kept_may_tell(struct nhrp *n, uint32_t tunnel)
{
	const mono soon = mono_add_s(n->now.mono, NHRP_KEPT_TELL_S);

	for (struct nhrp_entry *e = n->entries; e; e = e->hh.next)
		if (e->key.tunnel == tunnel && e->origin == NHRP_BY_ANSWER &&
		    e->todo == NHRP_TODO_ROUTE && mono_before(soon, e->timer.deadline))
			timers_set(&n->timers, &e->timer, soon);
}

void nhrp_restore(struct nhrp *n, const struct node_saved_entry *saved)
{
	struct nhrp_tunnel *t = nhrp_tunnel_find(n, saved->tunnel);

	if (!t || !may_restore(n, t, saved))
		return;
	if (saved->kind == NODE_SAVED_CLIENT)
		restore_client(n, t, saved);
	else if (!is_same_cloud(t, saved))
		return;
	else if (saved->kind == NODE_SAVED_SHORTCUT)
		restore_shortcut(n, t, saved);
	else if (saved->kind == NODE_SAVED_ANSWER)
		restore_answer(n, t, saved);
	else
		restore_path(n, t, saved);
}
