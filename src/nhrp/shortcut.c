/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An indication names a destination that a packet of ours went to by the hub. Routing is asked for
 * it; if it goes by this tunnel, the destination becomes an incomplete entry (NHRP_BY_INDICATION)
 * and is resolved along the routed path. The answer names the far spoke and a network: the spoke is
 * a next hop like any other, and the network an entry of its own (NHRP_BY_SHORTCUT), which is told
 * as a route as long as the path to the next hop stands. Nothing changes for packets until then.
 *
 * The network is never wider than the route under it (a summary at the hub says nothing about the
 * rest of it), nor than NHRP_PREFIX_MIN, and never holds the addresses that the path itself needs.
 *
 * Each request, and each refresh of a shortcut that is used, asks routing first: the route under it
 * may have moved. When it no longer goes by the tunnel, or is more specific than the shortcut, the
 * shortcut goes.
 */
#include "nhrp/shortcut.h"

#include "nhrp/cache.h"
#include "nhrp/client.h"
#include "nhrp/out.h"
#include "nhrp/resolve.h"
#include "nhrp/tunnel.h"
#include "util/reader.h"

enum { IPV4_LEN = 20, IPV4_DESTINATION = 16 };

/* ---- asking ---- */

/* Asks for the entry's destination, for the first time or again, and says when to come back. */
static void try(struct nhrp *n, struct nhrp_entry *e)
{
	if (e->tries == 0)
		e->request_id = nhrp_out_request_id(n);
	e->pending = e->owes_request = true;
	e->due = mono_min(e->expires, nhrp_jittered(n, (uint32_t)NHRP_RETRANSMIT_S << e->tries));
	e->tries++;
	nhrp_route_ask_entry(n, e, &e->asked_for);
	nhrp_cache_settle(n, e);
}

static bool read_destination(const struct nhrp_packet *packet, struct addr *ret)
{
	struct reader r = reader_over(packet->contents, packet->contents_len);

	if (packet->contents_len < IPV4_LEN || packet->contents[0] >> 4 != 4)
		return false;
	read_skip(&r, IPV4_DESTINATION);
	*ret = read_addr(&r, ADDR_V4_LEN);
	return !addr_is_unspecified(ret) && !addr_is_multicast(ret);
}

/* What is resolved already, or lately was in vain. */
static bool is_known(const struct nhrp *n, const struct nhrp_tunnel *t, const struct addr *to)
{
	const struct nhrp_entry *e = nhrp_cache_match(n, t, to);

	return nhrp_cache_find_host(n, t->number, to) ||
	       (e && (e->origin == NHRP_BY_SHORTCUT || e->origin == NHRP_BY_ANSWER));
}

void nhrp_shortcut_indication(struct nhrp *n, const struct nhrp_received *rx)
{
	struct nhrp_tunnel *t = rx->tunnel;
	struct addr to;

	if (!t->config.shortcut || !nhrp_resolve_may_ask(t) || !t->multipoint) {
		nhrp_out_drop(n, rx, DROP_UNSUPPORTED);
		return;
	}
	if (!read_destination(&rx->packet, &to) || to.family != t->address.addr.family) {
		nhrp_out_drop(n, rx, DROP_BAD_CONTENTS);
		return;
	}
	if (is_known(n, t, &to))
		return;
	if (prefix_contains(&t->address, &to)) {
		nhrp_resolve_want(n, t->number, &to);
		return;
	}
	struct prefix target = prefix_host(&to);
	struct nhrp_entry *e = nhrp_cache_add(n, t, &target, NHRP_BY_INDICATION);
	if (!e) {
		nhrp_out_drop(n, rx, DROP_CACHE_FULL);
		return;
	}
	e->asked_for = to;
	e->flags = 1u << NHRP_FLAG_NEGATIVE;
	e->cache_hits = 1;
	e->todo = NHRP_TODO_ADDED;
	nhrp_cache_hold(n, e, NHRP_NEGATIVE_S);
	try(n, e);
}

static void give_up(struct nhrp *n, struct nhrp_entry *e)
{
	e->pending = e->owes_request = false;
	e->due = e->expires;
	e->todo |= NHRP_TODO_UPDATED;
	e->reason = REASON_UNRESOLVED;
	nhrp_cache_settle(n, e);
}

void nhrp_shortcut_fire(struct nhrp *n, struct nhrp_entry *e)
{
	bool is_refresh = !e->pending && e->origin == NHRP_BY_SHORTCUT;

	if (mono_due(e->expires, n->now.mono)) {
		nhrp_cache_delete(n, e, REASON_EXPIRED);
	} else if (e->pending && e->tries >= NHRP_RESOLUTION_TRIES) {
		give_up(n, e);
	} else if (e->pending || (is_refresh && e->used)) {
		if (is_refresh)
			e->tries = 0;
		try(n, e);
	} else {
		e->due = e->expires;
		nhrp_cache_settle(n, e);
	}
}

/* ---- routes ---- */

/* RFC 2332 leaves open whom to ask; Cisco's request takes the way that the packets take. */
static void send_request(struct nhrp *n, struct nhrp_entry *e, const struct addr *via)
{
	struct nhrp_tunnel *t = nhrp_tunnel_find(n, e->key.tunnel);
	const struct nhrp_entry *hop = nhrp_cache_find_host(n, t->number, via);
	const struct nhrp_nhs *nhs = nhrp_client_choose(t, e->tries ? e->tries - 1u : 0);

	e->owes_request = false;
	if (hop && nhrp_entry_is_path(hop))
		nhrp_resolve_send(n, e, &hop->nbma);
	else if (nhs)
		nhrp_resolve_send(n, e, &nhs->nbma);
}

static void routed_shortcut(struct nhrp *n, struct nhrp_entry *e, const struct nhrp_route *route)
{
	bool is_shortcut = e->origin == NHRP_BY_SHORTCUT;

	if (!route->found || !route->tunnel || route->tunnel->number != e->key.tunnel ||
	    addr_is_none(&route->via) || (is_shortcut && route->to.len > e->key.target.len)) {
		nhrp_cache_delete(n, e, is_shortcut ? REASON_ROUTE : REASON_UNWANTED);
		return;
	}
	e->covering_len = route->to.len;
	if (is_shortcut) {
		bool equal = e->covering_len == e->key.target.len;
		bool was = nhrp_entry_has(e, NHRP_FLAG_NHO);
		nhrp_entry_set(e, NHRP_FLAG_NHO, equal);
		nhrp_entry_set(e, NHRP_FLAG_RIB, !equal);
		if (was != equal && e->has_peer)
			nhrp_shortcut_tell(n, e);
	}
	if (e->owes_request)
		send_request(n, e, &route->via);
}

/* RFC 2332 5.2.5: those who were told a binding that is void are told so. */
static void routed_answer(struct nhrp *n, struct nhrp_entry *e, const struct nhrp_route *route)
{
	if (route->found && !route->tunnel && prefix_equal(&route->to, &e->key.target))
		return;
	e->todo |= NHRP_TODO_PURGE;
	nhrp_cache_delete_later(n, e, REASON_ROUTE);
}

void nhrp_shortcut_routed(struct nhrp *n, struct nhrp_entry *e, const struct nhrp_route *route)
{
	e->asked = false;
	if (nhrp_entry_is_shortcut(e))
		routed_shortcut(n, e, route);
	else if (e->origin == NHRP_BY_ANSWER)
		routed_answer(n, e, route);
}

void nhrp_shortcut_recheck(struct nhrp *n)
{
	for (struct nhrp_entry *e = n->entries; e; e = e->hh.next) {
		const struct nhrp_tunnel *t = nhrp_tunnel_find(n, e->key.tunnel);
		bool is_network = e->origin == NHRP_BY_ANSWER &&
		                  !addr_equal(&e->key.target.addr, &t->address.addr);
		if (!t->config.no_route_watch && (e->origin == NHRP_BY_SHORTCUT || is_network))
			nhrp_cache_settle_later(n, e, NHRP_TODO_ROUTE);
	}
}

/* ---- answers ---- */

/* The network that a shortcut may be for. */
static struct prefix clamp(const struct nhrp_tunnel *t, const struct nhrp_entry *e,
                           const struct nhrp_path *path)
{
	struct prefix whole = prefix_host(&e->asked_for), wanted = whole;

	wanted.len = path->prefix_len > e->covering_len ? path->prefix_len : e->covering_len;
	if (wanted.len < NHRP_PREFIX_MIN || wanted.len > whole.len)
		return whole;
	wanted = prefix_network(&wanted);
	if (prefix_contains(&wanted, &path->nbma) || prefix_contains(&wanted, &t->source) ||
	    prefix_contains(&wanted, &path->via) || prefix_contains(&wanted, &t->address.addr))
		return whole;
	return wanted;
}

static void fill(struct nhrp *n, struct nhrp_entry *e, const struct nhrp_path *path)
{
	bool equal = e->covering_len == e->key.target.len;

	e->via = path->via;
	e->nbma = path->nbma;
	e->mtu_bytes = path->mtu_bytes;
	e->preference = path->preference;
	e->flags = 1u << NHRP_FLAG_ROUTER;
	nhrp_entry_set(e, NHRP_FLAG_NHO, equal);
	nhrp_entry_set(e, NHRP_FLAG_RIB, !equal);
	e->pending = e->owes_request = e->used = false;
	e->tries = 0;
	nhrp_cache_hold(n, e, path->holdtime_s);
	e->due = mono_add_s(e->expires, -nhrp_resolve_margin_s(path->holdtime_s));
	n->save = true;
}

/* The entry that is to be the shortcut, filled in later; NULL when it cannot be. */
static struct nhrp_entry *place(struct nhrp *n, struct nhrp_tunnel *t, const struct prefix *target)
{
	struct nhrp_entry *e = nhrp_cache_find(n, t->number, target);

	if (!e) {
		e = nhrp_cache_add(n, t, target, NHRP_BY_SHORTCUT);
		if (e)
			e->todo = NHRP_TODO_ADDED;
		else
			t->traffic.drops[DROP_CACHE_FULL]++;
		return e;
	}
	if (!nhrp_entry_is_shortcut(e))
		return NULL;
	if (e->origin != NHRP_BY_SHORTCUT)
		nhrp_cache_become(n, e, NHRP_BY_SHORTCUT);
	e->todo |= NHRP_TODO_UPDATED;
	return e;
}

bool nhrp_shortcut_learn(struct nhrp *n, struct nhrp_entry *e, const struct nhrp_path *path)
{
	struct nhrp_tunnel *t = nhrp_tunnel_find(n, e->key.tunnel);
	const struct nhrp_entry kept = *e;
	struct nhrp_path hop = *path;

	if (addr_equal(&path->via, &e->asked_for) || path->via.family != t->address.addr.family)
		return false;
	hop.target = path->via;
	if (!nhrp_resolve_learn(n, t, &hop))
		return false;
	struct prefix target = clamp(t, &kept, path);
	struct nhrp_entry *s = place(n, t, &target);
	if (s) {
		s->asked_for = kept.asked_for;
		s->covering_len = kept.covering_len;
		s->request_id = kept.request_id;
		fill(n, s, path);
		s->todo |= NHRP_TODO_PEER;
		nhrp_cache_settle(n, s);
	}
	if (s != e)
		nhrp_cache_delete(n, e, REASON_REPLACED);
	return true;
}

/* The network that was kept, if it may be a shortcut today. */
static bool is_still_good(const struct nhrp *n, const struct nhrp_tunnel *t,
                          const struct addr *asked_for, const struct nhrp_path *path)
{
	const struct nhrp_entry *hop = nhrp_cache_find_host(n, t->number, &path->via);
	const struct nhrp_entry like = { .asked_for = *asked_for };
	const struct prefix target = { path->target, path->prefix_len };

	if (!t->config.shortcut || !nhrp_resolve_may_ask(t) || !path->holdtime_s || !hop ||
	    hop->origin == NHRP_BY_WANT || !nhrp_entry_is_path(hop) ||
	    !addr_equal(&hop->nbma, &path->nbma) || !prefix_contains(&target, asked_for))
		return false;
	const struct prefix allowed = clamp(t, &like, path);
	return prefix_equal(&allowed, &target);
}

struct nhrp_entry *nhrp_shortcut_restore(struct nhrp *n, struct nhrp_tunnel *t,
                                         const struct addr *asked_for, const struct nhrp_path *path)
{
	const struct prefix target = { path->target, path->prefix_len };

	if (!is_still_good(n, t, asked_for, path))
		return NULL;
	struct nhrp_entry *e = place(n, t, &target);
	if (!e)
		return NULL;
	e->asked_for = *asked_for;
	fill(n, e, path);
	e->todo |= NHRP_TODO_PEER | NHRP_TODO_ROUTE;
	nhrp_cache_settle(n, e);
	return e;
}

void nhrp_shortcut_refused(struct nhrp *n, struct nhrp_entry *e, uint8_t code)
{
	if (e->origin == NHRP_BY_SHORTCUT) {
		nhrp_cache_delete(n, e, REASON_NO_BINDING);
		return;
	}
	e->pending = e->owes_request = false;
	nhrp_cache_hold(n, e, NHRP_NEGATIVE_S);
	nhrp_out_trace(n, (struct trace){ .type = TRACE_CACHE_UPDATED,
	                                  .tunnel = e->key.tunnel,
	                                  .overlay = e->key.target.addr,
	                                  .reason = REASON_NO_BINDING,
	                                  .code = code });
	nhrp_cache_settle(n, e);
}

/* ---- next hops ---- */

static bool stands(const struct nhrp *n, const struct nhrp_entry *e)
{
	const struct nhrp_tunnel *t = nhrp_tunnel_find(n, e->key.tunnel);
	const struct nhrp_entry *hop = nhrp_cache_find_host(n, t->number, &e->via);

	if (!t->up || !hop)
		return false;
	return nhrp_entry_is_direct(hop) ? hop->stands
	                                 : nhrp_entry_is_path(hop) && hop->origin != NHRP_BY_WANT;
}

static bool tell(struct nhrp *n, const struct nhrp_entry *e, enum node_action_type type)
{
	struct node_action *action = nhrp_out_action(n, type);

	if (!action)
		return false;
	action->route.tunnel = e->key.tunnel;
	action->route.to = e->key.target;
	action->route.via = e->via;
	action->route.override = nhrp_entry_has(e, NHRP_FLAG_NHO);
	return true;
}

void nhrp_shortcut_tell(struct nhrp *n, struct nhrp_entry *e)
{
	if (stands(n, e)) {
		if (tell(n, e, NODE_SET_ROUTE))
			e->has_peer = true;
	} else if (e->has_peer) {
		nhrp_shortcut_withdraw(n, e);
	}
}

void nhrp_shortcut_withdraw(struct nhrp *n, struct nhrp_entry *e)
{
	if (tell(n, e, NODE_DEL_ROUTE))
		e->has_peer = false;
}

void nhrp_shortcut_next_hop(struct nhrp *n, const struct nhrp_entry *hop)
{
	for (struct nhrp_entry *e = n->n_shortcuts ? n->entries : NULL; e; e = e->hh.next)
		if (e->origin == NHRP_BY_SHORTCUT && e->key.tunnel == hop->key.tunnel &&
		    addr_equal(&e->via, &hop->key.target.addr))
			nhrp_cache_settle_later(n, e, NHRP_TODO_PEER);
}

enum { ROUTES_AT_ONCE = 8 /* that go before their next hop; the rest right after it */ };

void nhrp_shortcut_next_hop_gone(struct nhrp *n, const struct nhrp_entry *hop)
{
	unsigned n_gone = 0;

	if (hop->origin == NHRP_BY_SHORTCUT)
		return;
	for (struct nhrp_entry *e = n->n_shortcuts ? n->entries : NULL; e; e = e->hh.next) {
		if (e->origin != NHRP_BY_SHORTCUT || e->key.tunnel != hop->key.tunnel ||
		    !addr_equal(&e->via, &hop->key.target.addr))
			continue;
		if (e->has_peer && n_gone++ < ROUTES_AT_ONCE)
			nhrp_shortcut_withdraw(n, e);
		nhrp_cache_delete_later(n, e, REASON_NEXT_HOP);
	}
}

void nhrp_shortcut_used(struct nhrp *n, const struct nhrp_tunnel *t, const struct addr *hop)
{
	for (struct nhrp_entry *e = n->n_shortcuts ? n->entries : NULL; e; e = e->hh.next) {
		if (e->origin != NHRP_BY_SHORTCUT || e->key.tunnel != t->number ||
		    !addr_equal(&e->via, hop))
			continue;
		e->used = true;
		nhrp_entry_set(e, NHRP_FLAG_USED, true);
	}
}
