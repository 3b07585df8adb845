/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Protected tunnels. Those with one source, one profile and `shared` are a group: their peers are
 * the same, and stand under the lowest of their numbers.
 */
#include "ike/tunnel.h"

#include <string.h>

#include "ike/peer.h"
#include "util/memory.h"

struct ike_tunnel *ike_tunnel_find(const struct ike *ike, uint32_t number)
{
	for (size_t i = 0; i < ike->n_tunnels; i++)
		if (ike->tunnel[i].number == number)
			return &ike->tunnel[i];
	return NULL;
}

bool ike_tunnel_runs(const struct ike_tunnel *t)
{
	return t->profile[0] && !addr_is_none(&t->source);
}

struct ike_tunnel *ike_tunnel_at(const struct ike *ike, const struct addr *source)
{
	for (size_t i = 0; i < ike->n_tunnels; i++)
		if (ike_tunnel_runs(&ike->tunnel[i]) && addr_equal(&ike->tunnel[i].source, source))
			return &ike->tunnel[i];
	return NULL;
}

bool ike_tunnel_follows(const struct ike_tunnel *t, const struct ike_tunnel *leader)
{
	if (t == leader)
		return true;
	return t->shared && leader->shared && ike_tunnel_runs(t) &&
	       addr_equal(&t->source, &leader->source) && strcmp(t->profile, leader->profile) == 0;
}

struct ike_tunnel *ike_tunnel_leader(const struct ike *ike, struct ike_tunnel *t)
{
	struct ike_tunnel *leader = t;

	for (size_t i = 0; t->shared && i < ike->n_tunnels; i++)
		if (ike_tunnel_follows(&ike->tunnel[i], t) &&
		    ike->tunnel[i].number < leader->number)
			leader = &ike->tunnel[i];
	return leader;
}

const struct snap_ipsec_profile *ike_tunnel_profile(const struct ike *ike,
                                                    const struct ike_tunnel *t)
{
	return ike->snapshot ? snap_ipsec_profile(&ike->snapshot->crypto, t->profile) : NULL;
}

const struct snap_isakmp_profile *ike_tunnel_isakmp_profile(const struct ike *ike,
                                                            const struct ike_tunnel *t)
{
	const struct snap_ipsec_profile *profile = ike_tunnel_profile(ike, t);

	if (!profile || !profile->isakmp_profile[0])
		return NULL;
	return snap_isakmp_profile(&ike->snapshot->crypto, profile->isakmp_profile);
}
