/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A next hop that is wanted becomes an incomplete entry. Its packets go by an NHS from the first
 * on, and that NHS is asked (authoritative: the client itself will answer). Requests are repeated
 * with the same id after 2, 4, 8 … seconds, each scaled by 0.75 to 1.0, to the other NHSs in turn.
 * A negative answer, or none, leaves the hub's path for NHRP_NEGATIVE_S; if it is in use then,
 * resolution starts again.
 *
 * A direct path that was used is asked for again before it expires, and left to expire otherwise.
 * If it expires in use, the hub takes over as at the beginning.
 *
 * For a next hop a reply is taken for the one address that was asked for, whatever prefix it names.
 * Networks behind next hops are shortcut.c's.
 */
#include "nhrp/resolve.h"

#include "nhrp/cache.h"
#include "nhrp/client.h"
#include "nhrp/detour.h"
#include "nhrp/error.h"
#include "nhrp/forward.h"
#include "nhrp/guard.h"
#include "nhrp/out.h"
#include "nhrp/packet.h"
#include "nhrp/probe.h"
#include "nhrp/share.h"
#include "nhrp/shortcut.h"
#include "nhrp/tunnel.h"

void nhrp_resolve_send(struct nhrp *n, const struct nhrp_entry *e, const struct addr *nbma)
{
	struct nhrp_tunnel *t = nhrp_tunnel_find(n, e->key.tunnel);
	struct nhrp_draft d;

	nhrp_packet_start(&d, t, NHRP_RESOLUTION_REQUEST);
	d.packet.flags = NHRP_RESOLUTION_ROUTER | NHRP_RESOLUTION_AUTHORITATIVE |
	                 NHRP_RESOLUTION_SOURCE_STABLE | NHRP_CISCO_NAT;
	d.packet.request_id = e->request_id;
	d.packet.dst_proto = nhrp_entry_is_shortcut(e) ? e->asked_for : e->key.target.addr;
	d.packet.cie[0] = nhrp_packet_cie(t, nhrp_packet_preference(t, NHRP_PREFERENCE_RESOLUTION));
	d.packet.n_cie = 1;
	nhrp_packet_request_extensions(&d, t);
	if (!addr_is_none(&t->public_nbma)) {
		struct nhrp_cie public = nhrp_packet_own_cie(t, NHRP_PREFERENCE_RESOLUTION);
		public.holdtime_s = 0;
		public.nbma = t->public_nbma;
		nhrp_packet_fill(&d, NHRP_EXT_NAT_ADDRESS, &public);
	}
	nhrp_out_send(n, &(struct nhrp_sending){ .tunnel = t, .to = *nbma }, &d.packet);
}

bool nhrp_resolve_may_ask(const struct nhrp_tunnel *t)
{
	return !t->config.server_only && !t->config.interest_none;
}

/* Asks for the entry's target, for the first time or again, and says when to come back. */
static void ask(struct nhrp *n, struct nhrp_entry *e)
{
	const struct nhrp_tunnel *t = nhrp_tunnel_find(n, e->key.tunnel);
	const struct nhrp_nhs *nhs = nhrp_client_choose(t, e->tries);

	e->due = e->expires;
	if (!t->up || !nhs || !nhrp_resolve_may_ask(t))
		return;
	if (e->tries == 0) {
		e->request_id = nhrp_out_request_id(n);
		nhrp_detour_asks(e);
	}
	nhrp_resolve_send(n, e, &nhs->nbma);
	e->pending = true;
	e->due = mono_min(e->expires, nhrp_jittered(n, (uint32_t)NHRP_RETRANSMIT_S << e->tries));
	e->tries++;
}

/* Puts an unresolved entry on a hub's path, or on none, and says how long it is good for. */
static void go_by(struct nhrp *n, struct nhrp_entry *e, const struct nhrp_nhs *nhs)
{
	bool is_pathless = !nhs && nhrp_client_choose(nhrp_tunnel_find(n, e->key.tunnel), 0);

	e->nbma = nhs ? nhs->nbma : ADDR_ANY_NONE;
	nhrp_cache_hold(n, e, is_pathless ? NHRP_PATHLESS_S : NHRP_NEGATIVE_S);
}

static void take_the_hubs_path(struct nhrp *n, struct nhrp_entry *e)
{
	e->via = e->claimed = ADDR_ANY_NONE;
	e->flags = 1u << NHRP_FLAG_NEGATIVE;
	e->tries = 0;
	e->used = e->pending = false;
	go_by(n, e, nhrp_detour(n, nhrp_tunnel_find(n, e->key.tunnel)));
	e->todo |= NHRP_TODO_PEER;
}

static void begin(struct nhrp *n, struct nhrp_entry *e)
{
	take_the_hubs_path(n, e);
	ask(n, e);
	nhrp_cache_settle(n, e);
}

/* `ip nhrp use`: a next hop with little traffic stays with the hub, and a minute is counted anew.
 * Packets that wait for the answer are not counted: for them it is asked at once. */
static void wait_for_use(struct nhrp *n, struct nhrp_entry *e)
{
	if (nhrp_tunnel_find(n, e->key.tunnel)->config.use_packets && !addr_is_none(&e->nbma)) {
		e->packets = 0;
		e->due = mono_min(e->expires, mono_add_s(n->now.mono, NHRP_USE_S));
	} else {
		ask(n, e);
	}
	nhrp_cache_settle(n, e);
}

void nhrp_resolve_used(struct nhrp *n, struct nhrp_entry *e, uint64_t packets)
{
	uint16_t enough = nhrp_tunnel_find(n, e->key.tunnel)->config.use_packets;

	if (e->origin != NHRP_BY_WANT || e->tries || !enough)
		return;
	if (e->packets + packets < enough) {
		e->packets = (uint16_t)(e->packets + packets);
		return;
	}
	ask(n, e);
	nhrp_cache_settle(n, e);
}

void nhrp_resolve_restart(struct nhrp *n, struct nhrp_entry *e, enum trace_reason reason)
{
	nhrp_cache_path_down(n, e, reason);
	nhrp_cache_become(n, e, NHRP_BY_WANT);
	e->cache_hits = 0;
	e->todo |= NHRP_TODO_UPDATED;
	e->reason = (uint8_t)reason;
	begin(n, e);
}

/* A static map of a whole prefix covers the next hop: the same NBMA address for it alone. */
static void want_by_map(struct nhrp *n, struct nhrp_tunnel *t, const struct addr *peer,
                        const struct nhrp_entry *map)
{
	struct prefix target = prefix_host(peer);
	struct addr nbma = map->nbma;
	struct nhrp_entry *e = nhrp_cache_add(n, t, &target, NHRP_BY_MAP);

	if (!e) {
		t->traffic.drops[DROP_CACHE_FULL]++;
		return;
	}
	e->via = *peer;
	e->nbma = nbma;
	nhrp_cache_hold(n, e, snap_nhrp_holdtime_s(&t->config));
	e->todo = NHRP_TODO_ADDED | NHRP_TODO_PEER;
	nhrp_cache_settle(n, e);
}

static void want_unknown(struct nhrp *n, struct nhrp_tunnel *t, const struct addr *peer)
{
	struct prefix target = prefix_host(peer);
	struct nhrp_entry *e = nhrp_cache_add(n, t, &target, NHRP_BY_WANT);

	if (!e) {
		t->traffic.drops[DROP_CACHE_FULL]++;
		return;
	}
	e->cache_hits = 1;
	e->todo = NHRP_TODO_ADDED;
	take_the_hubs_path(n, e);
	wait_for_use(n, e);
}

/*
 * Packets for a path that waits, and that no server has meanwhile (nhrp/detour.h), are lost until
 * it is protected. An answer may name a server; one that does not is asked for again after a while.
 */
static void want_waiting(struct nhrp *n, struct nhrp_tunnel *t, struct nhrp_entry *e)
{
	const struct addr way = nhrp_detour_meanwhile(n, t, e);
	uint32_t pause_s = e->tries ? NHRP_PATHLESS_S : 0;

	if (!nhrp_entry_waits(e) || !addr_is_none(&way))
		return;
	t->traffic.drops[DROP_UNPROTECTED]++;
	e->used = true;
	if (!e->pending)
		e->due = mono_min(e->due, mono_add_s(n->now.mono, pause_s));
}

void nhrp_resolve_want(struct nhrp *n, uint32_t tunnel, const struct addr *peer)
{
	struct nhrp_tunnel *t = nhrp_tunnel_find(n, tunnel);

	if (!t || !t->up || peer->family != t->address.addr.family || addr_is_multicast(peer) ||
	    addr_is_unspecified(peer) || addr_equal(peer, &t->address.addr))
		return;
	if (!t->multipoint)
		return;
	struct nhrp_entry *e = nhrp_cache_find_host(n, tunnel, peer);
	if (e) {
		e->cache_hits += e->type == NHRP_ENTRY_INCOMPLETE;
		want_waiting(n, t, e);
		e->todo |= NHRP_TODO_PEER;
		nhrp_cache_settle(n, e);
		return;
	}
	const struct nhrp_entry *map = nhrp_cache_match(n, t, peer);
	if (map && nhrp_entry_is_path(map) && !nhrp_entry_is_shortcut(map))
		want_by_map(n, t, peer, map);
	else
		want_unknown(n, t, peer);
}

static void give_up(struct nhrp *n, struct nhrp_entry *e)
{
	e->pending = false;
	e->due = e->expires;
	e->todo |= NHRP_TODO_UPDATED;
	e->reason = REASON_UNRESOLVED;
	nhrp_cache_settle(n, e);
}

static void expired(struct nhrp *n, struct nhrp_entry *e)
{
	if (!e->used) {
		nhrp_cache_delete(n, e, REASON_EXPIRED);
	} else if (nhrp_entry_is_direct(e)) {
		nhrp_resolve_restart(n, e, REASON_EXPIRED);
	} else {
		take_the_hubs_path(n, e);
		wait_for_use(n, e);
	}
}

void nhrp_resolve_fire(struct nhrp *n, struct nhrp_entry *e)
{
	if (mono_due(e->expires, n->now.mono)) {
		expired(n, e);
	} else if (e->pending && e->tries >= NHRP_RESOLUTION_TRIES) {
		give_up(n, e);
	} else if (e->pending) {
		ask(n, e);
		nhrp_cache_settle(n, e);
	} else if (e->origin == NHRP_BY_WANT && !e->tries) {
		wait_for_use(n, e);
	} else {
		/* The refresh of a direct path; nothing to be done for one that nobody uses. */
		e->due = e->expires;
		e->tries = 0;
		if (e->used)
			ask(n, e);
		nhrp_cache_settle(n, e);
	}
}

static bool is_usable(const struct nhrp_tunnel *t, const struct nhrp_path *path)
{
	return path->holdtime_s && path->nbma.family == t->source.family &&
	       !addr_is_unspecified(&path->nbma) && !addr_is_multicast(&path->nbma) &&
	       !addr_equal(&path->nbma, &t->source);
}

int64_t nhrp_resolve_margin_s(uint16_t holdtime_s)
{
	int64_t share_s = holdtime_s / NHRP_REFRESH_SHARE;

	return share_s < NHRP_REFRESH_S ? share_s : NHRP_REFRESH_S;
}

/* Both ends of a path hear where the other is, and dial: so each opens its own NAT for the other.
 */
static void note_place(struct nhrp *n, const struct nhrp_entry *e, const struct nhrp_path *path)
{
	if (e->guard && addr_equal(&e->guard->key.nbma, &path->nbma))
		nhrp_guard_place(n, e->guard, &path->place, &path->claimed);
}

static void fill_path(struct nhrp *n, struct nhrp_entry *e, const struct nhrp_path *path)
{
	bool is_reply = path->origin == NHRP_BY_REPLY;

	e->via = path->via;
	e->nbma = path->nbma;
	e->claimed = addr_equal(&path->claimed, &path->nbma) ? ADDR_ANY_NONE : path->claimed;
	if (path->meanwhile) { /* what comes by the path itself has no record */
		e->meanwhile = path->meanwhile;
		e->meanwhile_asked = path->meanwhile_asked;
	}
	e->known_as = nhrp_tunnel_find(n, e->key.tunnel)->address.addr;
	e->mtu_bytes = path->mtu_bytes;
	e->preference = path->preference;
	e->flags = 1u << NHRP_FLAG_NHOP;
	nhrp_entry_set(e, NHRP_FLAG_ROUTER, path->is_router);
	nhrp_entry_set(e, NHRP_FLAG_IMPLICIT, !is_reply);
	nhrp_entry_set(e, NHRP_FLAG_UNIQUE, path->is_unique);
	nhrp_entry_set(e, NHRP_FLAG_AUTHORITATIVE, path->is_authoritative);
	nhrp_entry_set(e, NHRP_FLAG_NAT, !addr_is_none(&e->claimed));
	nhrp_entry_set(e, NHRP_FLAG_USED, e->used);
	e->used = false;
	nhrp_cache_hold(n, e, path->holdtime_s);
	e->due = mono_add_s(e->expires, -nhrp_resolve_margin_s(path->holdtime_s));
	n->save = true;
}

/*
 * In clear nothing gets through to a peer behind NAT but from where it has sent to lately: it goes
 * by the hub (nhrp_entry_waits), and where that is no way (nhrp/detour.h) there is none.
 */
static bool is_shut_in(const struct nhrp *n, const struct nhrp_tunnel *t,
                       const struct nhrp_path *path)
{
	return !t->protected && !addr_is_none(&path->claimed) &&
	       !addr_equal(&path->claimed, &path->nbma) && !nhrp_detour(n, t);
}

static bool learn(struct nhrp *n, struct nhrp_tunnel *t, const struct nhrp_path *path)
{
	struct nhrp_entry *e = nhrp_cache_find_host(n, t->number, &path->target);
	struct prefix target = prefix_host(&path->target);

	if (!is_usable(t, path) || addr_equal(&path->target, &t->address.addr))
		return false;
	if (e && e->origin != NHRP_BY_WANT && !nhrp_entry_is_direct(e))
		return true;
	if (path->origin == NHRP_BY_REQUEST && is_shut_in(n, t, path))
		return true;
	/* A reply's word is not replaced by the peer's own request, save for a new address. */
	if (e && e->origin == NHRP_BY_REPLY && path->origin == NHRP_BY_REQUEST &&
	    addr_equal(&e->nbma, &path->nbma) && !(t->protected && nhrp_share_differs(e, path))) {
		note_place(n, e, path);
		return true;
	}
	if (nhrp_probe_refuses(n, t, path))
		return true;
	bool known = e != NULL;
	bool was_direct = e && nhrp_entry_is_direct(e);
	bool moved = !was_direct || !addr_equal(&e->nbma, &path->nbma) ||
	             (t->protected && nhrp_share_differs(e, path));
	if (was_direct && moved)
		nhrp_cache_path_down(n, e, REASON_NBMA_CHANGED);
	if (!e)
		e = nhrp_cache_add(n, t, &target, path->origin);
	else if (e->origin != path->origin)
		nhrp_cache_become(n, e, path->origin);
	if (!e) {
		t->traffic.drops[DROP_CACHE_FULL]++;
		return true;
	}
	const struct addr way = nhrp_detour_meanwhile(n, t, e);
	fill_path(n, e, path);
	const struct addr new_way = nhrp_detour_meanwhile(n, t, e);
	e->ever_up = true;
	e->todo |= known ? NHRP_TODO_UPDATED : NHRP_TODO_ADDED;
	if (moved || !addr_equal(&way, &new_way))
		e->todo |= NHRP_TODO_PEER;
	nhrp_cache_settle(n, e);
	note_place(n, e, path);
	if (moved)
		nhrp_probe_watch(n, e);
	return true;
}

bool nhrp_resolve_learn(struct nhrp *n, struct nhrp_tunnel *t, const struct nhrp_path *path)
{
	struct nhrp_path named = *path;

	if (is_usable(t, path) && !nhrp_share_name(n, t, &named))
		return true;
	return learn(n, t, &named);
}

/* reply: or NULL, when it is none that a target or a server has made. */
static void refused(struct nhrp *n, struct nhrp_entry *e, uint8_t code,
                    const struct nhrp_packet *reply)
{
	struct trace trace = { .type = TRACE_CACHE_UPDATED,
		               .tunnel = e->key.tunnel,
		               .overlay = e->key.target.addr,
		               .reason = REASON_NO_BINDING,
		               .code = code };
	const struct nhrp_tunnel *t = nhrp_tunnel_find(n, e->key.tunnel);
	const struct nhrp_nhs *nhs = nhrp_detour(n, t);

	if (!nhs && code == NHRP_CODE_PROHIBITED)
		nhs = nhrp_detour_of(t, reply);
	if (nhrp_entry_is_direct(e)) {
		nhrp_cache_path_down(n, e, REASON_NO_BINDING);
		nhrp_cache_become(n, e, NHRP_BY_WANT);
		e->via = e->claimed = ADDR_ANY_NONE;
		e->flags = 1u << NHRP_FLAG_NEGATIVE;
	}
	if (!addr_equal(&e->nbma, nhs ? &nhs->nbma : &ADDR_ANY_NONE))
		e->todo |= NHRP_TODO_PEER;
	e->pending = e->used = false;
	go_by(n, e, nhs);
	nhrp_out_trace(n, trace);
	nhrp_cache_settle(n, e);
}

/* RFC 2332 5.2.2: of several, the one with the highest preference. */
static const struct nhrp_cie *best_cie(const struct nhrp_packet *packet)
{
	const struct nhrp_cie *best = NULL;

	for (size_t i = 0; i < packet->n_cie; i++) {
		const struct nhrp_cie *cie = &packet->cie[i];
		if (!cie->code && !addr_is_none(&cie->nbma) &&
		    (!best || cie->preference > best->preference))
			best = cie;
	}
	return best;
}

/* Behind NAT a peer is where its NHS sees it, or where its reply comes from. */
static struct addr seen_address(const struct nhrp_received *rx, const struct nhrp_cie *cie)
{
	struct addr named = nhrp_packet_nat_address(&rx->packet, &cie->proto);

	if (!addr_is_none(&named))
		return named;
	if (nhrp_packet_is_empty(&rx->packet, NHRP_EXT_REVERSE_TRANSIT) &&
	    !nhrp_client_at(rx->tunnel, &rx->from))
		return rx->from;
	return cie->nbma;
}

static void answered(struct nhrp *n, const struct nhrp_received *rx, struct nhrp_entry *e)
{
	const struct nhrp_packet *packet = &rx->packet;
	const struct nhrp_cie *cie = best_cie(packet);

	if (!cie) {
		if (packet->n_cie && packet->cie[0].code && nhrp_entry_is_shortcut(e))
			nhrp_shortcut_refused(n, e, packet->cie[0].code);
		else if (packet->n_cie && packet->cie[0].code)
			refused(n, e, packet->cie[0].code, packet);
		else
			nhrp_out_drop(n, rx, DROP_BAD_CONTENTS);
		return;
	}
	struct nhrp_path path = {
		.origin = NHRP_BY_REPLY,
		.target = packet->dst_proto,
		.via = addr_is_none(&cie->proto) ? packet->dst_proto : cie->proto,
		.nbma = seen_address(rx, cie),
		.place = nhrp_packet_place(packet, &cie->proto),
		.claimed = cie->nbma,
		.meanwhile = nhrp_detour_server(rx->tunnel, packet),
		.meanwhile_asked =
			!nhrp_entry_is_shortcut(e) && nhrp_detour_reaches(rx->tunnel, packet),
		.mtu_bytes = cie->mtu_bytes,
		.holdtime_s = cie->holdtime_s,
		.preference = cie->preference,
		.prefix_len = nhrp_cie_prefix_len(cie, packet),
		.is_router = packet->flags & NHRP_RESOLUTION_ROUTER,
		.is_unique = packet->flags & NHRP_RESOLUTION_UNIQUE,
		.is_authoritative = packet->flags & NHRP_RESOLUTION_AUTHORITATIVE,
	};
	struct nhrp_path named = path;
	if (!nhrp_entry_is_shortcut(e) &&
	    (is_shut_in(n, rx->tunnel, &path) || nhrp_probe_refuses(n, rx->tunnel, &path) ||
	     !nhrp_share_name(n, rx->tunnel, &named))) {
		refused(n, e, NHRP_CODE_PROHIBITED, packet);
		return;
	}
	e->pending = false;
	bool learnt = nhrp_entry_is_shortcut(e) ? nhrp_shortcut_learn(n, e, &path)
	                                        : nhrp_resolve_learn(n, rx->tunnel, &path);
	if (!learnt) {
		e->pending = true;
		nhrp_out_drop(n, rx, DROP_BAD_CONTENTS);
	}
}

/* The entry that the reply is for: of the address itself, or the shortcut around it. */
static struct nhrp_entry *find_asked(const struct nhrp *n, const struct nhrp_tunnel *t,
                                     const struct addr *to)
{
	struct nhrp_entry *e = nhrp_cache_find_host(n, t->number, to);

	if (e)
		return e;
	e = nhrp_cache_match(n, t, to);
	return e && e->origin == NHRP_BY_SHORTCUT ? e : NULL;
}

void nhrp_resolve_reply(struct nhrp *n, const struct nhrp_received *rx)
{
	const struct nhrp_packet *packet = &rx->packet;

	if (!addr_equal(&packet->src_proto, &rx->tunnel->address.addr)) {
		nhrp_forward_reply(n, rx);
		return;
	}
	if (nhrp_probe_answered(n, rx))
		return;
	struct nhrp_entry *e = find_asked(n, rx->tunnel, &packet->dst_proto);
	if (e && e->request_id == packet->request_id && e->pending) {
		answered(n, rx, e);
	} else if (e && e->request_id == packet->request_id) {
		/* A second answer, to a retransmission. */
		nhrp_out_drop(n, rx, DROP_UNSOLICITED);
	} else {
		nhrp_error_send(n, rx,
		                (struct nhrp_complaint){ .drop = DROP_UNSOLICITED,
		                                         .error = NHRP_ERROR_INVALID_REPLY });
	}
}

void nhrp_resolve_error(struct nhrp *n, const struct nhrp_received *rx,
                        const struct nhrp_packet *request)
{
	const struct nhrp_tunnel *t = rx->tunnel;
	struct nhrp_entry *e = find_asked(n, t, &request->dst_proto);

	if (!e || !e->pending || e->request_id != request->request_id)
		return;
	if (e->origin == NHRP_BY_INDICATION) {
		nhrp_shortcut_refused(n, e, NHRP_CODE_NO_BINDING);
	} else if (e->origin == NHRP_BY_WANT) {
		/* Until each server has been asked. */
		if (nhrp_client_choose(t, e->tries) == nhrp_client_choose(t, 0)) {
			refused(n, e, NHRP_CODE_NO_BINDING, NULL);
			return;
		}
		e->due = n->now.mono;
		nhrp_cache_settle(n, e);
	}
}

void nhrp_resolve_rehome(struct nhrp *n, const struct nhrp_tunnel *t)
{
	const struct nhrp_nhs *nhs = nhrp_detour(n, t);
	const struct addr *nbma = nhs ? &nhs->nbma : &ADDR_ANY_NONE;
	mono pathless = mono_add_s(n->now.mono, NHRP_PATHLESS_S);

	if (!t->up)
		return;
	for (struct nhrp_entry *e = n->entries; e; e = e->hh.next) {
		bool unresolved = e->origin == NHRP_BY_WANT;
		if (e->key.tunnel != t->number || !(unresolved || nhrp_entry_waits(e)) ||
		    addr_equal(&e->nbma, nbma))
			continue;
		if (unresolved)
			e->nbma = *nbma;
		if (unresolved && !nhs) {
			e->expires = mono_min(e->expires, pathless);
			e->due = mono_min(e->due, e->expires);
		}
		nhrp_cache_settle_later(n, e, NHRP_TODO_PEER);
	}
}
