/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For our own address we answer ourselves, straight to the requester; where the requester is not
 * protected yet, by the hub that the request came from. A request for a client of
 * ours is forwarded to it when it wants authoritative information, as IOS does; otherwise, and with
 * `no ip nhrp cache non-authoritative`, answered from the cache. What nobody here knows goes to our
 * own NHS if we have one, or gets a negative reply (code 12).
 *
 * What lies beyond the tunnel's own network is where routing says: the request goes on along the
 * route, and we answer when that leaves the NHRP network here, with the route's own prefix. A route
 * that is no better than a default is not handed out.
 *
 * A p2p tunnel can only hear its destination, so nobody may be told to send to us directly: it
 * answers "administratively prohibited" (code 4), and the requester stays with the hub.
 *
 * The requester's own binding is kept as the reverse path (implicit entry) if it says that it is
 * stable and for how long (RFC 2332 6.2.1: S bit and holding time), so that both directions become
 * direct at once.
 */
#include "nhrp/answer.h"

#include "nhrp/cache.h"
#include "nhrp/client.h"
#include "nhrp/detour.h"
#include "nhrp/error.h"
#include "nhrp/forward.h"
#include "nhrp/kept.h"
#include "nhrp/out.h"
#include "nhrp/packet.h"
#include "nhrp/resolve.h"
#include "nhrp/summary.h"
#include "nhrp/told.h"

static void send_reply(struct nhrp *n, const struct nhrp_received *rx, struct nhrp_draft *d)
{
	struct nhrp_cie self = nhrp_packet_own_cie(rx->tunnel, NHRP_PREFERENCE_RESOLUTION);
	struct nhrp_sending how = { .tunnel = rx->tunnel, .to = nhrp_forward_back(n, rx) };

	if (!addr_is_none(&rx->tunnel->responder))
		self.proto = rx->tunnel->responder;
	nhrp_packet_fill(d, NHRP_EXT_RESPONDER, &self);
	nhrp_out_send(n, &how, &d->packet);
}

static void refuse(struct nhrp *n, const struct nhrp_received *rx, enum nhrp_code code)
{
	struct nhrp_draft d;

	nhrp_packet_reply(&d, rx, NHRP_RESOLUTION_REPLY);
	/* RFC 2332 5.2.2: one CIE with the code, all else zero. */
	d.packet.cie[0] = (struct nhrp_cie){ .code = (uint8_t)code };
	d.packet.n_cie = 1;
	send_reply(n, rx, &d);
}

struct nhrp_entry *nhrp_answer_entry(struct nhrp *n, struct nhrp_tunnel *t,
                                     const struct prefix *target)
{
	struct nhrp_entry *e = nhrp_cache_add(n, t, target, NHRP_BY_ANSWER);

	if (!e) {
		t->traffic.drops[DROP_CACHE_FULL]++;
		return NULL;
	}
	e->todo = NHRP_TODO_ADDED;
	e->via = t->address.addr;
	nhrp_entry_set(e, NHRP_FLAG_ROUTER, true);
	nhrp_entry_set(e, NHRP_FLAG_UNIQUE, true);
	nhrp_entry_set(e, NHRP_FLAG_LOCAL, true);
	nhrp_entry_set(e, NHRP_FLAG_NO_SOCKET, true);
	return e;
}

/* What we told is shown as a local entry, with who asked last. */
static void keep_answer(struct nhrp *n, const struct nhrp_received *rx, const struct prefix *target)
{
	struct nhrp_tunnel *t = rx->tunnel;
	struct nhrp_entry *e = nhrp_cache_find(n, t->number, target);

	if (e && e->origin == NHRP_BY_SUMMARY)
		e->requester = rx->packet.src_proto;
	if (e && e->origin != NHRP_BY_ANSWER && !nhrp_entry_is_shortcut(e))
		return;
	if (!e || e->origin != NHRP_BY_ANSWER)
		e = nhrp_answer_entry(n, t, target);
	if (!e)
		return;
	e->nbma = t->source;
	e->mtu_bytes = t->mtu_bytes;
	e->requester = rx->packet.src_proto;
	e->request_id = rx->packet.request_id;
	nhrp_cache_hold(n, e, snap_nhrp_holdtime_s(&t->config));
	if (nhrp_kept_is(t, e))
		n->save = true;
	nhrp_cache_settle(n, e);
}

/*
 * RFC 2332 6.2.1: only if the S bit is set and a holding time is given. A server that is
 * `non-caching` keeps who has registered and nobody else.
 */
static void keep_requester(struct nhrp *n, const struct nhrp_received *rx)
{
	const struct nhrp_packet *packet = &rx->packet;

	if (rx->tunnel->config.server_only_non_caching)
		return;
	if (!(packet->flags & NHRP_RESOLUTION_SOURCE_STABLE) || packet->n_cie == 0 ||
	    packet->cie[0].holdtime_s == 0)
		return;
	struct nhrp_path path = {
		.origin = NHRP_BY_REQUEST,
		.target = packet->src_proto,
		.via = packet->src_proto,
		.nbma = nhrp_forward_requester(rx),
		.place = nhrp_packet_place(packet, &packet->src_proto),
		.claimed = packet->src_nbma,
		.meanwhile = nhrp_detour_server(rx->tunnel, packet),
		.mtu_bytes = packet->cie[0].mtu_bytes,
		.holdtime_s = packet->cie[0].holdtime_s,
		.is_router = packet->flags & NHRP_RESOLUTION_ROUTER,
	};
	nhrp_resolve_learn(n, rx->tunnel, &path);
}

/* With our address as the one to send to for a target: our own address, or a network of ours. */
static void answer_self(struct nhrp *n, const struct nhrp_received *rx, const struct prefix *target)
{
	struct nhrp_tunnel *t = rx->tunnel;
	struct nhrp_draft d;

	if (!t->multipoint) {
		refuse(n, rx, NHRP_CODE_PROHIBITED);
		return;
	}
	nhrp_packet_reply(&d, rx, NHRP_RESOLUTION_REPLY);
	d.packet.flags |= NHRP_RESOLUTION_DEST_STABLE | NHRP_RESOLUTION_UNIQUE;
	d.packet.cie[0] =
		nhrp_packet_own_cie(t, nhrp_packet_preference(t, NHRP_PREFERENCE_RESOLUTION));
	d.packet.cie[0].prefix_len = target->len;
	d.packet.n_cie = 1;
	if (!addr_is_none(&t->public_nbma)) {
		struct nhrp_cie public = nhrp_packet_own_cie(t, NHRP_PREFERENCE_RESOLUTION);
		public.holdtime_s = 0;
		public.nbma = t->public_nbma;
		nhrp_packet_append(&d, NHRP_EXT_NAT_ADDRESS, &public);
	}
	send_reply(n, rx, &d);
	keep_answer(n, rx, target);
	keep_requester(n, rx);
}

/* Non-authoritative requests are served from the registration, with what is left of its holding
 * time. */
static void answer_from_cache(struct nhrp *n, const struct nhrp_received *rx,
                              const struct nhrp_entry *e)
{
	struct nhrp_draft d;

	nhrp_packet_reply(&d, rx, NHRP_RESOLUTION_REPLY);
	d.packet.flags |= NHRP_RESOLUTION_AUTHORITATIVE | NHRP_RESOLUTION_DEST_STABLE;
	if (nhrp_entry_has(e, NHRP_FLAG_UNIQUE))
		d.packet.flags |= NHRP_RESOLUTION_UNIQUE;
	d.packet.cie[0] = (struct nhrp_cie){
		.prefix_len = e->key.target.len,
		.mtu_bytes = e->mtu_bytes,
		.holdtime_s = (uint16_t)mono_seconds_between(n->now.mono, e->expires),
		.preference = e->preference,
		.nbma = addr_is_none(&e->claimed) ? e->nbma : e->claimed,
		.proto = e->via,
	};
	d.packet.n_cie = 1;
	if (!addr_is_none(&e->claimed)) {
		struct nhrp_cie public = d.packet.cie[0];
		public.holdtime_s = 0;
		public.nbma = e->nbma;
		nhrp_packet_append(&d, NHRP_EXT_NAT_ADDRESS, &public);
	}
	send_reply(n, rx, &d);
	nhrp_told_note(n, rx, e);
}

/* By what NHRP knows itself: for us, for a client of ours, or upwards. */
static void answer_by_cache(struct nhrp *n, const struct nhrp_received *rx)
{
	const struct nhrp_packet *packet = &rx->packet;
	struct nhrp_tunnel *t = rx->tunnel;
	bool for_us = addr_equal(&packet->dst_proto, &t->address.addr);
	const struct nhrp_entry *e = nhrp_cache_match(n, t, &packet->dst_proto);
	bool from_cache =
		e && e->origin == NHRP_BY_REGISTRATION &&
		(t->config.cache_authoritative || !(packet->flags & NHRP_RESOLUTION_AUTHORITATIVE));

	if (!for_us && !from_cache && nhrp_forward_try(n, rx))
		return;
	if (nhrp_error_extension(n, rx))
		return;
	struct prefix self = prefix_host(&t->address.addr);
	if (for_us)
		answer_self(n, rx, &self);
	else if (from_cache)
		answer_from_cache(n, rx, e);
	else
		refuse(n, rx, NHRP_CODE_NO_BINDING);
}

/* Neither in the tunnel's own network nor known to the cache. */
static bool is_beyond(const struct nhrp *n, const struct nhrp_received *rx)
{
	const struct addr *to = &rx->packet.dst_proto;
	const struct nhrp_entry *e = nhrp_cache_match(n, rx->tunnel, to);

	return !(e && nhrp_entry_is_path(e)) && !prefix_contains(&rx->tunnel->address, to);
}

void nhrp_answer_request(struct nhrp *n, const struct nhrp_received *rx)
{
	const struct addr *to = &rx->packet.dst_proto;
	bool for_us = addr_equal(to, &rx->tunnel->address.addr);

	if (addr_equal(to, &rx->packet.src_proto))
		nhrp_out_drop(n, rx, DROP_BAD_CONTENTS);
	else if (!for_us && (rx->tunnel->config.send_routed || is_beyond(n, rx)))
		nhrp_route_ask_packet(n, rx, to);
	else
		answer_by_cache(n, rx);
}

/*
 * The NBMA address of the next hop of a route by a tunnel; none when it leads back to the sender.
 * To one whose path waits by a server; where none is left the request is dropped and counted: it
 * is asked again, and not told that there is nobody.
 */
static struct addr next_hop(const struct nhrp *n, const struct nhrp_received *rx,
                            const struct nhrp_route *route)
{
	const struct addr *via = addr_is_none(&route->via) ? &rx->packet.dst_proto : &route->via;
	struct nhrp_entry *e = nhrp_cache_find_host(n, route->tunnel->number, via);
	bool is_path = e && nhrp_entry_is_path(e), waits = is_path && nhrp_entry_waits(e);
	const struct nhrp_nhs *nhs = waits && route->tunnel == rx->tunnel
	                                     ? nhrp_detour_onwards(n, rx, NHRP_EXT_FORWARD_TRANSIT)
	                                     : nhrp_client_choose(route->tunnel, 0);
	struct addr to = ADDR_ANY_NONE;

	if (is_path && !waits)
		nhrp_detour_relied_on(e);
	if (is_path && (!waits || !nhs))
		to = e->nbma;
	else if (nhs)
		to = nhs->nbma;
	return addr_equal(&to, &rx->from) ? ADDR_ANY_NONE : to;
}

/* Out of our NHRP network, by whatever is no tunnel of it: we are the last router in it. */
static bool leaves_here(const struct nhrp_received *rx, const struct nhrp_route *route)
{
	return !route->tunnel || route->tunnel->config.network_id != rx->tunnel->config.network_id;
}

void nhrp_answer_routed(struct nhrp *n, const struct nhrp_received *rx,
                        const struct nhrp_route *route)
{
	bool ours = route->found && leaves_here(rx, route);
	struct prefix network = nhrp_summary_of(n, rx->tunnel, &rx->packet.dst_proto, &route->to);
	struct addr to = route->found && !ours ? next_hop(n, rx, route) : ADDR_ANY_NONE;

	/* `ip nhrp send-routed` has asked, and routing leaves it to us. */
	bool on_link = route->tunnel == rx->tunnel && addr_is_none(&route->via);
	if ((!route->found || on_link) && !is_beyond(n, rx)) {
		answer_by_cache(n, rx);
		return;
	}
	if (!addr_is_none(&to)) {
		nhrp_forward_by(n, rx, route->tunnel, &to);
		return;
	}
	if (nhrp_error_extension(n, rx))
		return;
	if (ours && network.len >= NHRP_PREFIX_MIN)
		answer_self(n, rx, &network);
	else
		refuse(n, rx, NHRP_CODE_NO_BINDING);
}
