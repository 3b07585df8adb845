/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A registration is purged by the request id of the registration in force and nothing else: the id
 * is what the true owner knows, from whatever address it speaks after a change of its own. RFC
 * 2332 5.2.5 would have any purge obeyed; IOS expects the same id as we do. Paths that were
 * resolved are only a short cut and go at any authenticated purge; if traffic uses them they are
 * resolved again at once (5.2.5: by an authoritative request), and meanwhile go by the hub. Static
 * entries stay.
 *
 * A purge from one of our NHSs that names our own address means that it has forgotten us: register
 * again.
 */
#include "nhrp/purge.h"

#include "nhrp/cache.h"
#include "nhrp/client.h"
#include "nhrp/detour.h"
#include "nhrp/error.h"
#include "nhrp/forward.h"
#include "nhrp/packet.h"
#include "nhrp/resolve.h"
#include "nhrp/tunnel.h"

void nhrp_purge_send(struct nhrp *n, const struct nhrp_sending *how, const struct nhrp_purge *purge)
{
	struct nhrp_draft d;

	nhrp_packet_start(&d, how->tunnel, NHRP_PURGE_REQUEST);
	if (purge->source.family != purge->target.addr.family ||
	    purge->source.family != purge->destination.family)
		return;
	nhrp_packet_speak_as(&d, &purge->source);
	d.packet.request_id = purge->request_id;
	d.packet.dst_proto = purge->destination;
	d.packet.cie[0] =
		(struct nhrp_cie){ .prefix_len = purge->target.len, .proto = purge->target.addr };
	d.packet.n_cie = 1;
	nhrp_packet_request_extensions(&d, how->tunnel);
	nhrp_out_send(n, how, &d.packet);
}

enum { PURGES_AT_A_TIME = 4 /* each a packet, its trace and perhaps a block of ids */ };

/* A path that waits lets nothing through, but a server may have its packets meanwhile. */
static struct addr way_to(const struct nhrp *n, const struct nhrp_tunnel *t,
                          const struct nhrp_entry *e)
{
	struct addr way = nhrp_entry_waits(e) ? nhrp_detour_meanwhile(n, t, e) : e->nbma;

	return addr_is_none(&way) ? e->nbma : way;
}

/*
 * All who have asked us for anything lately: what they keep of it, we keep of them. cache_hits
 * counts those that were told.
 */
static bool purge_answer(struct nhrp *n, struct nhrp_tunnel *t, struct nhrp_entry *answer)
{
	uint32_t at = 0, end = answer->cache_hits + PURGES_AT_A_TIME;

	for (const struct nhrp_entry *e = n->entries; e; e = e->hh.next) {
		if (e->key.tunnel != t->number || !nhrp_entry_is_direct(e) ||
		    at++ < answer->cache_hits)
			continue;
		if (at > end)
			return false;
		const struct nhrp_sending how = { .tunnel = t, .to = way_to(n, t, e) };
		const struct nhrp_purge purge = { .request_id = nhrp_out_request_id(n),
			                          .source = t->address.addr,
			                          .target = answer->key.target,
			                          .destination = e->via };
		nhrp_purge_send(n, &how, &purge);
		answer->cache_hits++;
	}
	return true;
}

bool nhrp_purge_entry(struct nhrp *n, struct nhrp_entry *e)
{
	struct nhrp_tunnel *t = nhrp_tunnel_find(n, e->key.tunnel);
	struct nhrp_sending how = { .tunnel = t, .to = e->nbma };
	struct nhrp_purge purge = { .source = t->address.addr, .destination = e->via };

	if (nhrp_entry_is_own(e))
		return purge_answer(n, t, e);
	if (e->origin == NHRP_BY_REGISTRATION) {
		purge.request_id = e->request_id;
		purge.target = prefix_host(&e->via);
	} else {
		purge.request_id = nhrp_out_request_id(n);
		purge.source = e->known_as;
		purge.target = prefix_host(&e->known_as);
	}
	nhrp_purge_send(n, &how, &purge);
	return true;
}

/* Ids of different clients may be equal, so a registration goes by exactly its own target only. */
static bool may_purge(const struct nhrp_entry *e, const struct prefix *target,
                      const struct nhrp_packet *packet)
{
	if (e->origin == NHRP_BY_REGISTRATION)
		return e->request_id == packet->request_id && prefix_equal(&e->key.target, target);
	return nhrp_entry_is_direct(e) || e->origin == NHRP_BY_SHORTCUT;
}

static void purge_host(struct nhrp *n, const struct nhrp_received *rx, const struct prefix *target)
{
	struct nhrp_entry *e = nhrp_cache_find(n, rx->tunnel->number, target);

	if (!e || !may_purge(e, target, &rx->packet))
		return;
	if (nhrp_entry_is_direct(e) && e->used)
		nhrp_resolve_restart(n, e, REASON_PURGED);
	else
		nhrp_cache_delete(n, e, REASON_PURGED);
}

static void purge_prefix(struct nhrp *n, const struct nhrp_received *rx,
                         const struct prefix *target)
{
	for (struct nhrp_entry *e = n->entries; e; e = e->hh.next)
		if (e->key.tunnel == rx->tunnel->number && e->key.target.len >= target->len &&
		    prefix_contains(target, &e->key.target.addr) &&
		    may_purge(e, target, &rx->packet))
			nhrp_cache_delete_later(n, e, REASON_PURGED);
}

static void purge_cie(struct nhrp *n, const struct nhrp_received *rx, const struct nhrp_cie *cie)
{
	struct nhrp_tunnel *t = rx->tunnel;
	struct prefix target = { cie->proto, nhrp_cie_prefix_len(cie, &rx->packet) };

	if (target.addr.family != t->address.addr.family)
		return;
	if (addr_equal(&target.addr, &t->address.addr)) {
		nhrp_client_purged(n, t, &rx->from);
		return;
	}
	if (target.len == addr_bits(&target.addr)) {
		purge_host(n, rx, &target);
	} else {
		target = prefix_network(&target);
		purge_prefix(n, rx, &target);
	}
}

void nhrp_purge_request(struct nhrp *n, const struct nhrp_received *rx)
{
	const struct nhrp_packet *packet = &rx->packet;

	if (!addr_equal(&packet->dst_proto, &rx->tunnel->address.addr) &&
	    !addr_equal(&packet->dst_proto, &packet->src_proto)) {
		nhrp_forward_request(n, rx);
		return;
	}
	if (nhrp_error_extension(n, rx))
		return;
	for (size_t i = 0; i < packet->n_cie; i++)
		purge_cie(n, rx, &packet->cie[i]);
	/* RFC 2332 5.2.5: replied to even if there was nothing to purge. */
	if (packet->flags & NHRP_PURGE_NO_REPLY)
		return;
	struct nhrp_draft d;
	nhrp_packet_reply(&d, rx, NHRP_PURGE_REPLY);
	struct nhrp_sending how = { .tunnel = rx->tunnel, .to = nhrp_forward_back(n, rx) };
	nhrp_out_send(n, &how, &d.packet);
}

void nhrp_purge_reply(struct nhrp *n, const struct nhrp_received *rx)
{
	if (!addr_equal(&rx->packet.src_proto, &rx->tunnel->address.addr))
		nhrp_forward_reply(n, rx);
}
