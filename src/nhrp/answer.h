/* SPDX-License-Identifier: Apache-2.0 */
/* Resolution Requests of others (RFC 2332 5.2.1): answered, forwarded, or refused. */
#pragma once

#include "nhrp/nhrp.h"
#include "nhrp/route.h"

/* A new entry for a target of ours that is told; NULL: the cache is full. */
struct nhrp_entry *nhrp_answer_entry(struct nhrp *n, struct nhrp_tunnel *t,
                                     const struct prefix *target);
void nhrp_answer_request(struct nhrp *n, const struct nhrp_received *rx);
/* A request for something beyond the tunnel's own network: routing says where that is. */
void nhrp_answer_routed(struct nhrp *n, const struct nhrp_received *rx,
                        const struct nhrp_route *route);
