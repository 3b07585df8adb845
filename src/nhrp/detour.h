/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server by which packets and requests go that nobody here knows a way for. Hubs may register
 * with each other, each being the other's server and client: these must not hand back and forth
 * what neither knows.
 */
#pragma once

#include "nhrp/nhrp.h"

/* A server of ours has registered with us: for so long it is a client as well. Nothing for others.
 */
void nhrp_detour_registered(struct nhrp *n, struct nhrp_tunnel *t, const struct addr *nbma,
                            uint16_t holdtime_s);

/* The best server that may have packets whose next hop is unresolved; NULL: none. */
const struct nhrp_nhs *nhrp_detour(const struct nhrp *n, const struct nhrp_tunnel *t);

/*
 * The server that a request or a reply goes on to; NULL: none. `record` is the extension in which
 * packets of its kind gather where they have been; 0: they have none.
 */
const struct nhrp_nhs *nhrp_detour_onwards(const struct nhrp *n, const struct nhrp_received *rx,
                                           uint16_t record);
