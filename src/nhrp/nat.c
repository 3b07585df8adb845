/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GRE has no ports. A NAT tells its flows apart by their outer addresses alone, forgets one that is
 * silent (Linux's conntrack after 30 seconds), and gives a second router behind it that speaks to
 * the same hub no way out: the first one's flow has those addresses. Nothing of the second's
 * arrives anywhere, so only it can tell. Protected tunnels have UDP port 4500, with keepalives of
 * its own.
 *
 * That we are behind a NAT we know from a server that has seen it, or see by our address: a private
 * one that speaks to one that is not.
 */
#include "nhrp/nat.h"

#include "nhrp/out.h"
#include "nhrp/packet.h"

void nhrp_nat_learn(struct nhrp_tunnel *t, const struct nhrp_packet *reply)
{
	struct addr seen = nhrp_packet_nat_address(reply, &t->address.addr);

	t->public_nbma = addr_equal(&seen, &t->source) ? ADDR_ANY_NONE : seen;
}

uint32_t nhrp_nat_registration_s(const struct nhrp_tunnel *t)
{
	uint32_t wanted_s = snap_nhrp_registration_s(&t->config);

	if (t->protected || addr_is_none(&t->public_nbma) || wanted_s < NHRP_NAT_REGISTRATION_S)
		return wanted_s;
	return NHRP_NAT_REGISTRATION_S;
}

/* RFC 1918 and, of providers that translate themselves, RFC 6598. */
static bool is_private(const struct addr *a)
{
	const struct prefix ranges[] = { { addr_v4(10, 0, 0, 0), 8 },
		                         { addr_v4(172, 16, 0, 0), 12 },
		                         { addr_v4(192, 168, 0, 0), 16 },
		                         { addr_v4(100, 64, 0, 0), 10 } };

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (prefix_contains(&ranges[i], a))
			return true;
	return false;
}

void nhrp_nat_unanswered(struct nhrp *n, const struct nhrp_nhs *nhs)
{
	const struct nhrp_tunnel *t = nhs->tunnel;

	if (t->protected ||
	    (addr_is_none(&t->public_nbma) && (!is_private(&t->source) || is_private(&nhs->nbma))))
		return;
	nhrp_out_trace_nhs(n, TRACE_NAT_SUSPECTED, nhs, REASON_NO_REPLY);
}
