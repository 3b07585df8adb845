/* SPDX-License-Identifier: Apache-2.0 */
/* The server by which packets and requests go that nobody here knows a way for. */
#pragma once

#include "nhrp/nhrp.h"

/* A server of ours has registered with us: for so long it is a client as well. Nothing for others.
 */
void nhrp_detour_registered(struct nhrp *n, struct nhrp_tunnel *t, const struct addr *nbma,
                            uint16_t holdtime_s);

/* The server that has packets whose next hop is unresolved; NULL: they wait. */
const struct nhrp_nhs *nhrp_detour(const struct nhrp *n, const struct nhrp_tunnel *t);

/*
 * The server nearest to whoever is at the other end of a resolution, by the way that the request
 * took: for a reply its target, for a request its source. NULL: none of ours.
 */
const struct nhrp_nhs *nhrp_detour_of(const struct nhrp_tunnel *t,
                                      const struct nhrp_packet *packet);

/* The same, as entries keep it: the end of its cookie, so 65535 servers later it may be
 * another one. 0: none. */
uint16_t nhrp_detour_server(const struct nhrp_tunnel *t, const struct nhrp_packet *packet);

/* Whether that server has passed our question on to the target itself, as the reply has it. */
bool nhrp_detour_reaches(const struct nhrp_tunnel *t, const struct nhrp_packet *reply);

/* The server that has those of a direct path that waits (nhrp_entry_waits); none: they wait. */
struct addr nhrp_detour_meanwhile(const struct nhrp *n, const struct nhrp_tunnel *t,
                                  const struct nhrp_entry *e);

/* A question of others goes on by this path; and we begin to ask for it ourselves. */
void nhrp_detour_relied_on(struct nhrp_entry *e);
void nhrp_detour_asks(struct nhrp_entry *e);

/*
 * The server that a request or a reply goes on to; NULL: none. `record` is the extension in which
 * packets of its kind gather where they have been; 0: they have none.
 */
const struct nhrp_nhs *nhrp_detour_onwards(const struct nhrp *n, const struct nhrp_received *rx,
                                           uint16_t record);
