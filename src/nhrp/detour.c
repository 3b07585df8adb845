/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A packet in the tunnel carries no record of where it has been. Spokes give theirs to a server
 * meanwhile, which is the last that may: hubs in a ring, or each other's servers, would hand round
 * what none of them knows. So whoever has clients lets packets wait for the answer, unless it never
 * asks (`ip nhrp server-only`). When that is "here I am, but do not send to me directly" (code 4),
 * or while a direct path is not protected, it takes the way that the request took, as its record
 * has it: at its end somebody knows the target.
 *
 * A server that is our client may forget the target, ask us, and take the same way to us. So an
 * unprotected path goes by such a one only if it passed on our own question by a path of its own
 * (which was before our question was answered), and if we have passed on nobody's since we began to
 * ask. In a circle each one's question would have been begun after it had passed on that of the one
 * before, and so after that was begun.
 *
 * A request has a record (RFC 2332 5.3.2): what came from a hub that is server and client of ours
 * goes on to another one where it has not been. From a server that is not our client it has come
 * down, and goes up no more.
 */
#include "nhrp/detour.h"

#include "nhrp/client.h"
#include "nhrp/packet.h"
#include "nhrp/resolve.h"

static bool is_client(const struct nhrp *n, const struct nhrp_nhs *nhs)
{
	return mono_before(n->now.mono, nhs->client_until);
}

void nhrp_detour_registered(struct nhrp *n, struct nhrp_tunnel *t, const struct addr *nbma,
                            uint16_t holdtime_s)
{
	struct nhrp_nhs *nhs = nhrp_client_at(t, nbma);

	if (!nhs)
		return;
	bool is_new = !is_client(n, nhs);
	nhs->client_until = mono_add_s(n->now.mono, holdtime_s);
	if (is_new)
		nhrp_resolve_rehome(n, t);
}

const struct nhrp_nhs *nhrp_detour(const struct nhrp *n, const struct nhrp_tunnel *t)
{
	for (size_t i = 0; i < t->n_nhs; i++)
		if (is_client(n, t->nhs[i]))
			return NULL;
	return t->n_registered && nhrp_resolve_may_ask(t) ? NULL : nhrp_client_choose(t, 0);
}

const struct nhrp_nhs *nhrp_detour_of(const struct nhrp_tunnel *t, const struct nhrp_packet *packet)
{
	struct nhrp_cie cie[NHRP_CIES_MAX];
	size_t count = nhrp_packet_cies(packet, NHRP_EXT_FORWARD_TRANSIT, cie);
	bool is_reply = packet->type == NHRP_RESOLUTION_REPLY;

	for (size_t k = 0; k < count; k++)
		for (size_t i = 0; i < t->n_nhs; i++)
			if (nhrp_client_uses(t->nhs[i]) &&
			    addr_equal(&t->nhs[i]->address,
			               &cie[is_reply ? count - 1 - k : k].proto))
				return t->nhs[i];
	return NULL;
}

static uint16_t number_of(const struct nhrp_nhs *nhs)
{
	return (uint16_t)nhs->cookie;
}

uint16_t nhrp_detour_server(const struct nhrp_tunnel *t, const struct nhrp_packet *packet)
{
	const struct nhrp_nhs *nhs = nhrp_detour_of(t, packet);

	return nhs ? number_of(nhs) : 0;
}

bool nhrp_detour_reaches(const struct nhrp_tunnel *t, const struct nhrp_packet *reply)
{
	struct nhrp_cie cie[NHRP_CIES_MAX];
	size_t count = nhrp_packet_cies(reply, NHRP_EXT_FORWARD_TRANSIT, cie);
	const struct nhrp_nhs *nhs = nhrp_detour_of(t, reply);

	return nhs && addr_equal(&cie[count - 1].proto, &nhs->address);
}

void nhrp_detour_relied_on(struct nhrp_entry *e)
{
	e->relied_on = true;
}

void nhrp_detour_asks(struct nhrp_entry *e)
{
	if (e->relied_on)
		e->meanwhile_asked = false;
	e->relied_on = false;
}

static bool may_go_by(const struct nhrp *n, const struct nhrp_entry *e, const struct nhrp_nhs *nhs)
{
	return nhrp_client_uses(nhs) &&
	       (!is_client(n, nhs) || (e->meanwhile_asked && !e->relied_on));
}

struct addr nhrp_detour_meanwhile(const struct nhrp *n, const struct nhrp_tunnel *t,
                                  const struct nhrp_entry *e)
{
	const struct nhrp_nhs *nhs = nhrp_detour(n, t);

	for (size_t i = 0; !nhs && e->meanwhile && i < t->n_nhs; i++)
		if (number_of(t->nhs[i]) == e->meanwhile && may_go_by(n, e, t->nhs[i]))
			nhs = t->nhs[i];
	return nhs ? nhs->nbma : ADDR_ANY_NONE;
}

const struct nhrp_nhs *nhrp_detour_onwards(const struct nhrp *n, const struct nhrp_received *rx,
                                           uint16_t record)
{
	const struct nhrp_tunnel *t = rx->tunnel;
	const struct nhrp_nhs *sender = nhrp_client_at(t, &rx->from);

	if (sender && (!record || !is_client(n, sender)))
		return NULL;
	for (size_t nth = 0; nth < t->n_nhs; nth++) {
		const struct nhrp_nhs *nhs = nhrp_client_choose(t, nth);
		if (!nhs || !sender)
			return nhs;
		if (nhs != sender && !nhrp_packet_records(&rx->packet, record, &nhs->address))
			return nhs;
	}
	return NULL;
}
