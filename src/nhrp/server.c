/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A registration binds the source protocol address, and each CIE's own one if it differs (IOS
 * registers an IPv6 client's link-local address so), to the outer source of the packet. If that is
 * not the NBMA address which the packet claims, the client is behind NAT: the claim is kept, and
 * told back is what we see, as a second CIE in the NAT Address extension.
 *
 * Refused are: code 14, a unique binding to another NBMA address that lives (RFC 2332 5.2.3); code
 * 4, our own address or a prefix that holds it, an address that is configured here with another
 * NBMA address, and one that is no host's; code 5, no room. IOS leaves the choice between 4 and 14
 * for a duplicate of the server's own address open; 4 keeps a client from purging and trying again.
 */
#include "nhrp/server.h"

#include "nhrp/cache.h"
#include "nhrp/detour.h"
#include "nhrp/error.h"
#include "nhrp/forward.h"
#include "nhrp/guard.h"
#include "nhrp/out.h"
#include "nhrp/packet.h"
#include "nhrp/share.h"
#include "nhrp/told.h"
#include "nhrp/resolve.h"

/* One binding that a registration asks for. */
struct binding {
	struct prefix target;
	struct addr proto, nbma, claimed;
	const struct nhrp_cie *cie;
	uint32_t request_id;
	uint16_t owner; /* of the association that it came by */
	bool unique;
};

static struct binding read_binding(const struct nhrp *n, const struct nhrp_received *rx,
                                   const struct nhrp_cie *cie, const struct addr *proto)
{
	const struct nhrp_guard *g = nhrp_guard_find(n, rx->tunnel, &rx->from);
	const struct nhrp_packet *packet = &rx->packet;
	struct addr claimed = addr_is_none(&cie->nbma) ? packet->src_nbma : cie->nbma;
	struct prefix target = { *proto, nhrp_cie_prefix_len(cie, packet) };

	return (struct binding){
		.target = prefix_network(&target),
		.proto = *proto,
		.nbma = rx->from,
		.claimed = addr_equal(&claimed, &rx->from) ? ADDR_ANY_NONE : claimed,
		.cie = cie,
		.request_id = packet->request_id,
		.owner = g ? g->owner : 0,
		.unique = packet->flags & NHRP_REGISTRATION_UNIQUE,
	};
}

static bool same_nbma(const struct nhrp_entry *e, const struct binding *b)
{
	return addr_equal(&e->nbma, &b->nbma) && addr_equal(&e->claimed, &b->claimed);
}

static uint8_t judge(const struct nhrp_tunnel *t, const struct nhrp_entry *e,
                     const struct binding *b)
{
	if (b->proto.family != t->address.addr.family || addr_is_multicast(&b->proto) ||
	    addr_is_unspecified(&b->proto) || prefix_contains(&b->target, &t->address.addr) ||
	    b->cie->holdtime_s == 0)
		return NHRP_CODE_PROHIBITED;
	if (!e)
		return NHRP_CODE_SUCCESS;
	if (e->origin == NHRP_BY_SUMMARY ||
	    (e->origin == NHRP_BY_CONFIG && !addr_equal(&e->nbma, &b->nbma)))
		return NHRP_CODE_PROHIBITED;
	if (e->origin == NHRP_BY_REGISTRATION && nhrp_entry_has(e, NHRP_FLAG_UNIQUE) &&
	    !same_nbma(e, b))
		return NHRP_CODE_UNIQUE_REGISTERED;
	return NHRP_CODE_SUCCESS;
}

static void fill_entry(struct nhrp *n, struct nhrp_entry *e, const struct binding *b)
{
	e->via = b->proto;
	e->nbma = b->nbma;
	e->claimed = b->claimed;
	e->owner = b->owner;
	e->request_id = b->request_id;
	e->mtu_bytes = b->cie->mtu_bytes;
	e->preference = b->cie->preference;
	nhrp_entry_set(e, NHRP_FLAG_AUTHORITATIVE, true);
	nhrp_entry_set(e, NHRP_FLAG_REGISTERED, true);
	nhrp_entry_set(e, NHRP_FLAG_NHOP, true);
	nhrp_entry_set(e, NHRP_FLAG_UNIQUE, b->unique);
	nhrp_entry_set(e, NHRP_FLAG_NAT, !addr_is_none(&b->claimed));
	nhrp_entry_set(e, NHRP_FLAG_USED, e->used);
	e->used = false;
	nhrp_cache_hold(n, e, b->cie->holdtime_s);
}

/* The client is known and says the same, or moves. */
static void renew(struct nhrp *n, struct nhrp_entry *e, const struct binding *b)
{
	bool moved = !same_nbma(e, b);
	bool was_lost = nhrp_share_is_others(e);

	if (moved) {
		nhrp_out_trace_entry(n, TRACE_NHC_DOWN, e, REASON_NBMA_CHANGED);
		nhrp_told_void(n, e);
	}
	fill_entry(n, e, b);
	e->todo |= NHRP_TODO_UPDATED;
	if (was_lost)
		e->todo |= NHRP_TODO_PEER;
	n->save = true;
	if (moved) {
		e->changed = n->now.mono;
		e->todo |= NHRP_TODO_PEER;
		nhrp_out_trace_entry(n, TRACE_NHC_UP, e, REASON_NONE);
	}
	nhrp_cache_settle(n, e);
}

static uint8_t accept_binding(struct nhrp *n, struct nhrp_tunnel *t, const struct binding *b)
{
	struct nhrp_entry *e = nhrp_cache_find(n, t->number, &b->target);

	/* The next hop behind a prefix is its peer: a new one makes a new entry. */
	if (e && e->origin == NHRP_BY_REGISTRATION && addr_equal(&e->via, &b->proto)) {
		renew(n, e, b);
		return NHRP_CODE_SUCCESS;
	}
	if (e && e->origin == NHRP_BY_CONFIG) {
		nhrp_detour_registered(n, t, &b->nbma, b->cie->holdtime_s);
		return NHRP_CODE_SUCCESS;
	}
	e = nhrp_cache_add(n, t, &b->target, NHRP_BY_REGISTRATION);
	if (!e)
		return NHRP_CODE_NO_RESOURCES;
	fill_entry(n, e, b);
	e->ever_up = true;
	e->todo = NHRP_TODO_ADDED | NHRP_TODO_PEER;
	nhrp_cache_settle(n, e);
	nhrp_out_trace_entry(n, TRACE_NHC_UP, e, REASON_NONE);
	/* nhrp/detour.h: who has clients has no way upwards. */
	if (t->n_registered == 1)
		nhrp_resolve_rehome(n, t);
	return NHRP_CODE_SUCCESS;
}

static uint8_t try_binding(struct nhrp *n, const struct nhrp_received *rx, const struct binding *b)
{
	struct nhrp_tunnel *t = rx->tunnel;
	uint8_t code = judge(t, nhrp_cache_find(n, t->number, &b->target), b);

	if (!code)
		code = accept_binding(n, t, b);
	if (code)
		nhrp_out_trace(n, (struct trace){
					  .type = TRACE_REGISTRATION_REJECTED,
					  .tunnel = t->number,
					  .overlay = b->proto,
					  .peer = b->nbma,
					  .code = code,
				  });
	return code;
}

/* All bindings of a CIE; the first refusal counts. */
static uint8_t try_cie(struct nhrp *n, const struct nhrp_received *rx, const struct nhrp_cie *cie,
                       bool first)
{
	const struct addr *source = &rx->packet.src_proto;
	bool other = !addr_is_none(&cie->proto) && !addr_equal(&cie->proto, source);
	uint8_t code = NHRP_CODE_SUCCESS;

	if (first) {
		struct binding b = read_binding(n, rx, cie, source);
		code = try_binding(n, rx, &b);
	}
	if (other && !code) {
		struct binding b = read_binding(n, rx, cie, &cie->proto);
		code = try_binding(n, rx, &b);
	}
	return code;
}

static void reply(struct nhrp *n, const struct nhrp_received *rx, const struct nhrp_packet *judged)
{
	struct nhrp_tunnel *t = rx->tunnel;
	struct nhrp_draft d;
	struct nhrp_cie self = nhrp_packet_own_cie(t, NHRP_PREFERENCE_REGISTRATION);

	nhrp_packet_reply(&d, rx, NHRP_REGISTRATION_REPLY);
	/* A client that did not know our address learns it here: nhrp_nhs.c of FRR, opennhrp. */
	if (addr_equal(&rx->packet.dst_proto, &rx->packet.src_proto))
		d.packet.dst_proto = t->address.addr;
	for (size_t i = 0; i < judged->n_cie; i++)
		d.packet.cie[i] = judged->cie[i];
	nhrp_packet_fill(&d, NHRP_EXT_RESPONDER, &self);
	if (!addr_equal(&rx->packet.src_nbma, &rx->from)) {
		struct nhrp_cie seen = nhrp_packet_cie(t, NHRP_PREFERENCE_REGISTRATION);
		seen.holdtime_s = 0;
		seen.nbma = rx->from;
		seen.proto = rx->packet.src_proto;
		nhrp_packet_append(&d, NHRP_EXT_NAT_ADDRESS, &seen);
	}
	nhrp_out_send(n, &(struct nhrp_sending){ .tunnel = t, .to = rx->from }, &d.packet);
}

void nhrp_server_request(struct nhrp *n, const struct nhrp_received *rx)
{
	const struct nhrp_packet *packet = &rx->packet;
	struct nhrp_packet judged = *packet;

	/* RFC 2332 5.2.3: for us when addressed to us, or by a client that does not know our
	 * address. */
	if (!addr_equal(&packet->dst_proto, &rx->tunnel->address.addr) &&
	    !addr_equal(&packet->dst_proto, &packet->src_proto)) {
		nhrp_forward_request(n, rx);
		return;
	}
	if (packet->n_cie == 0) {
		nhrp_out_drop(n, rx, DROP_BAD_CONTENTS);
		return;
	}
	if (nhrp_error_extension(n, rx))
		return;
	for (size_t i = 0; i < judged.n_cie; i++) {
		judged.cie[i].code = try_cie(n, rx, &packet->cie[i], i == 0);
		/* RFC 2332 5.2.0.1: the holding time is 0 on a NAK. */
		if (judged.cie[i].code)
			judged.cie[i].holdtime_s = 0;
	}
	reply(n, rx, &judged);
}
