/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transit NHS takes one off the hop count, appends itself to the Forward or Reverse Transit
 * record (RFC 2332 5.3.2, 5.3.3; not with `no ip nhrp record`), and refuses to go in circles. It
 * fills in the NAT Address extension for a client of its own that is behind NAT: only the NHS knows
 * the public address. The order of extensions stays. An extension that it does not know is passed
 * on (5.3).
 */
#include "nhrp/forward.h"

#include "nhrp/auth.h"
#include "nhrp/cache.h"
#include "nhrp/client.h"
#include "nhrp/detour.h"
#include "nhrp/error.h"
#include "nhrp/guard.h"
#include "nhrp/out.h"
#include "nhrp/packet.h"
#include "nhrp/share.h"

enum {
	CIE_LEN_MAX = 12 + 2 * ADDR_V6_LEN,
	/* By which a hop makes a packet longer: its record, a NAT address, an authentication, a
	 * place. */
	GROWTH_MAX = 2 * CIE_LEN_MAX + 2 * NHRP_EXTENSION_HEADER_LEN + NHRP_AUTH_BYTES_MAX +
	             NHRP_OUI_LEN + NHRP_PLACE_LEN_MAX,
};

/* A direct path that waits carries nothing yet. e: or NULL. */
static bool carries(const struct nhrp_entry *e)
{
	return e && nhrp_entry_is_path(e) && !nhrp_entry_waits(e) && !nhrp_share_is_others(e);
}

/* Our clients and static neighbours first; else a server (nhrp/detour.h), as of a record. */
static struct addr next_hop(const struct nhrp *n, const struct nhrp_received *rx,
                            const struct addr *towards, uint16_t record)
{
	const struct nhrp_entry *e = nhrp_cache_match(n, rx->tunnel, towards);

	if (carries(e))
		return e->nbma;
	const struct nhrp_nhs *nhs = nhrp_detour_onwards(n, rx, record);
	if (nhs)
		return nhs->nbma;
	/* Dropped and counted, if it waits still: asked again, not told that there is nobody. */
	return e && nhrp_entry_is_path(e) ? e->nbma : ADDR_ANY_NONE;
}

/* RFC 2332 5.3.2, 5.3.3, 5.3.1: our own address in the record, or as the responder's. */
static bool is_loop(const struct nhrp_received *rx, const struct nhrp_tunnel *t, uint16_t record)
{
	const struct addr *own = &t->address.addr;

	return nhrp_packet_records(&rx->packet, record, own) ||
	       (record == NHRP_EXT_REVERSE_TRANSIT &&
	        nhrp_packet_records(&rx->packet, NHRP_EXT_RESPONDER, own));
}

/* The end that a request or a reply comes from: the source, or the first client. */
static struct addr named_end(const struct nhrp_packet *packet)
{
	bool is_reply = packet->type == NHRP_RESOLUTION_REPLY;

	return is_reply && packet->n_cie ? packet->cie[0].proto : packet->src_proto;
}

/* That end's address as we see it, if it is a client of ours behind NAT. */
static void fill_nat_address(const struct nhrp *n, struct nhrp_draft *d,
                             const struct nhrp_tunnel *t)
{
	struct addr who = named_end(&d->packet);

	if (addr_is_none(&who) || !nhrp_extension_find(&d->packet, NHRP_EXT_NAT_ADDRESS))
		return;
	struct addr named = nhrp_packet_nat_address(&d->packet, &who);
	const struct nhrp_entry *e = nhrp_cache_find_host(n, t->number, &who);
	if (!e || addr_is_none(&e->claimed) || !addr_is_none(&named))
		return;
	struct nhrp_cie cie = nhrp_packet_cie(t, NHRP_PREFERENCE_RESOLUTION);
	cie.holdtime_s = 0;
	cie.nbma = e->nbma;
	cie.proto = who;
	nhrp_packet_append(d, NHRP_EXT_NAT_ADDRESS, &cie);
}

/* Likewise the port behind the NAT, by which the other end dials it while it dials the other. */
static void fill_place(const struct nhrp *n, struct nhrp_draft *d, const struct nhrp_tunnel *t)
{
	struct nhrp_place place = { .proto = named_end(&d->packet) };
	const struct nhrp_entry *e = nhrp_cache_find_host(n, t->number, &place.proto);

	if (!e || !e->guard || !e->guard->up || !e->guard->place.port ||
	    nhrp_packet_place(&d->packet, &place.proto).port)
		return;
	place.place = e->guard->place;
	nhrp_packet_add_place(d, &place);
}

/* RFC 2332 5.3: with an unknown compulsory extension we are only a forwarding agent. */
static bool add_record(struct nhrp_draft *d, const struct nhrp_tunnel *t, uint16_t record)
{
	struct nhrp_cie self = nhrp_packet_own_cie(t, NHRP_PREFERENCE_RESOLUTION);

	if (t->config.no_record || nhrp_packet_unknown(&d->packet) ||
	    !nhrp_extension_find(&d->packet, record))
		return true;
	return nhrp_packet_append(d, record, &self);
}

/* Few are so long that it takes building them to know. */
static bool fits(const struct nhrp_received *rx, const struct nhrp_packet *packet)
{
	uint8_t scratch[NHRP_PACKET_MAX];

	return rx->len + GROWTH_MAX <= NHRP_PACKET_MAX ||
	       nhrp_build(packet, scratch, sizeof scratch) != 0;
}

/* Where a packet goes on, and the record that we put ourselves into. */
struct passing {
	struct nhrp_tunnel *tunnel;
	struct addr to;
	uint16_t record;
};

static void pass_on(struct nhrp *n, const struct nhrp_received *rx, const struct passing *by)
{
	struct nhrp_tunnel *t = by->tunnel;
	struct nhrp_draft d = { .packet = rx->packet };

	if (rx->packet.hops <= 1) {
		nhrp_error_send(n, rx,
		                (struct nhrp_complaint){ .drop = DROP_HOP_COUNT,
		                                         .error = NHRP_ERROR_HOP_COUNT });
		return;
	}
	if (is_loop(rx, rx->tunnel, by->record) || is_loop(rx, t, by->record)) {
		nhrp_error_send(
			n, rx,
			(struct nhrp_complaint){ .drop = DROP_LOOP, .error = NHRP_ERROR_LOOP });
		return;
	}
	d.packet.hops--;
	bool recorded = add_record(&d, t, by->record);
	if (rx->packet.type == NHRP_RESOLUTION_REQUEST ||
	    rx->packet.type == NHRP_RESOLUTION_REPLY) {
		fill_nat_address(n, &d, rx->tunnel);
		fill_place(n, &d, rx->tunnel);
	}
	/* RFC 2332 5.2.7: an Error Indication has no extensions. */
	if (d.packet.type != NHRP_ERROR_INDICATION)
		nhrp_auth_put(t, &d.packet);
	if (!recorded || !fits(rx, &d.packet)) {
		nhrp_error_send(n, rx,
		                (struct nhrp_complaint){ .drop = DROP_TOO_BIG,
		                                         .error = NHRP_ERROR_SDU_SIZE });
		return;
	}
	nhrp_out_send(n, &(struct nhrp_sending){ .tunnel = t, .to = by->to, .forwarded = true },
	              &d.packet);
}

void nhrp_forward_by(struct nhrp *n, const struct nhrp_received *rx, struct nhrp_tunnel *t,
                     const struct addr *to)
{
	pass_on(n, rx, &(struct passing){ t, *to, NHRP_EXT_FORWARD_TRANSIT });
}

bool nhrp_forward_try(struct nhrp *n, const struct nhrp_received *rx)
{
	struct addr to = next_hop(n, rx, &rx->packet.dst_proto, NHRP_EXT_FORWARD_TRANSIT);

	if (addr_is_none(&to))
		return false;
	struct nhrp_entry *e = nhrp_cache_match(n, rx->tunnel, &rx->packet.dst_proto);
	if (carries(e))
		nhrp_detour_relied_on(e);
	nhrp_forward_by(n, rx, rx->tunnel, &to);
	return true;
}

void nhrp_forward_request(struct nhrp *n, const struct nhrp_received *rx)
{
	if (!nhrp_forward_try(n, rx))
		nhrp_error_send(n, rx,
		                (struct nhrp_complaint){ .drop = DROP_NO_ROUTE,
		                                         .error = NHRP_ERROR_UNREACHABLE });
}

/* Whoever gave us the request, as its record in the reply has it; or none. */
static struct addr way_back(const struct nhrp *n, const struct nhrp_received *rx)
{
	struct nhrp_cie cie[NHRP_CIES_MAX];
	size_t count = nhrp_packet_cies(&rx->packet, NHRP_EXT_FORWARD_TRANSIT, cie);

	for (size_t i = 1; i < count; i++) {
		if (!addr_equal(&cie[i].proto, &rx->tunnel->address.addr))
			continue;
		const struct nhrp_entry *e = nhrp_cache_match(n, rx->tunnel, &cie[i - 1].proto);
		return carries(e) ? e->nbma : ADDR_ANY_NONE;
	}
	return ADDR_ANY_NONE;
}

/* To a client of ours; else back as the request came; where no record tells that, onwards. */
void nhrp_forward_reply(struct nhrp *n, const struct nhrp_received *rx)
{
	const struct addr *requester = &rx->packet.src_proto;
	struct addr to = way_back(n, rx);

	if (addr_is_none(&to) || carries(nhrp_cache_match(n, rx->tunnel, requester)))
		to = next_hop(n, rx, requester, NHRP_EXT_REVERSE_TRANSIT);

	if (addr_is_none(&to))
		nhrp_out_drop(n, rx, DROP_NO_ROUTE);
	else
		pass_on(n, rx, &(struct passing){ rx->tunnel, to, NHRP_EXT_REVERSE_TRANSIT });
}

/* RFC 2332 5.2.7: quietly dropped when it is our own come back. */
bool nhrp_forward_error(struct nhrp *n, const struct nhrp_received *rx)
{
	struct addr to = next_hop(n, rx, &rx->packet.dst_proto, 0);

	if (addr_equal(&rx->packet.src_proto, &rx->tunnel->address.addr) ||
	    addr_equal(&to, &rx->from)) {
		nhrp_out_drop(n, rx, DROP_LOOP);
		return true;
	}
	if (addr_is_none(&to))
		return false;
	pass_on(n, rx, &(struct passing){ rx->tunnel, to, NHRP_EXT_FORWARD_TRANSIT });
	return true;
}

struct addr nhrp_forward_requester(const struct nhrp_received *rx)
{
	struct addr public = nhrp_packet_nat_address(&rx->packet, &rx->packet.src_proto);

	/* Not every hub records itself: what comes from our NHS was made by someone else. */
	if (nhrp_packet_is_empty(&rx->packet, NHRP_EXT_FORWARD_TRANSIT) &&
	    !nhrp_client_at(rx->tunnel, &rx->from))
		return rx->from;
	return addr_is_none(&public) ? rx->packet.src_nbma : public;
}

struct addr nhrp_forward_back(const struct nhrp *n, const struct nhrp_received *rx)
{
	const struct nhrp_client_id who = { nhrp_forward_requester(rx), rx->packet.src_nbma };

	if (!rx->tunnel->protected && !addr_equal(&who.public, &who.own))
		return rx->from;
	struct addr to = nhrp_share_way(n, rx->tunnel, &who);
	return addr_is_none(&to) ? rx->from : to;
}
