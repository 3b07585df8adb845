/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A packet in the tunnel carries no record of where it has been. It goes from a client to its
 * server only, never to a server that is our client too: there it could have come from, and there
 * it would be sent back from. Of two such hubs the one that registered later knows first, so that
 * no circle is left while the registrations are under way.
 *
 * A request has a record (RFC 2332 5.3.2): what came from such a hub goes on to another one where
 * it has not been. From a server that is not our client it has come down, and goes up no more.
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
	for (size_t nth = 0; nth < t->n_nhs; nth++) {
		const struct nhrp_nhs *nhs = nhrp_client_choose(t, nth);
		if (nhs && !is_client(n, nhs))
			return nhs;
	}
	return NULL;
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
