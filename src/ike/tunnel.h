/* SPDX-License-Identifier: Apache-2.0 */
/* Protected tunnels: what the snapshot says of them and which source they have now. */
#pragma once

#include "ike/core.h"

struct ike_tunnel *ike_tunnel_find(const struct ike *ike, uint32_t number);
/* The first protected tunnel with this source; NULL when there is none. */
struct ike_tunnel *ike_tunnel_at(const struct ike *ike, const struct addr *source);
/* The tunnel whose number names the peers of t: the first of its group with `shared`, else t. */
struct ike_tunnel *ike_tunnel_leader(const struct ike *ike, struct ike_tunnel *t);
/* Whether peers of t are those of leader. */
bool ike_tunnel_follows(const struct ike_tunnel *t, const struct ike_tunnel *leader);
/* Protected, and up. */
bool ike_tunnel_runs(const struct ike_tunnel *t);
/* The profile of a protected tunnel; NULL when the snapshot has it no more. */
const struct snap_ipsec_profile *ike_tunnel_profile(const struct ike *ike,
                                                    const struct ike_tunnel *t);
/* And its isakmp profile; NULL when it names none. */
const struct snap_isakmp_profile *ike_tunnel_isakmp_profile(const struct ike *ike,
                                                            const struct ike_tunnel *t);
