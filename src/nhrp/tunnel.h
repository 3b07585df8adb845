/* SPDX-License-Identifier: Apache-2.0 */
/* Tunnels: what the configuration and the line say about each, and what follows for NHRP. */
#pragma once

#include "nhrp/nhrp.h"

/* By number; NULL when there is none. */
struct nhrp_tunnel *nhrp_tunnel_find(const struct nhrp *n, uint32_t number);

/* NODE_CONFIGURE: compares by value with what is there, so that what did not change stays. */
void nhrp_tunnel_configure(struct nhrp *n, const struct snapshot *s);

/* NODE_TUNNEL */
void nhrp_tunnel_state(struct nhrp *n, const struct node_event *event);

/* Frees tunnels that left the configuration and whose entries and servers are gone. */
void nhrp_tunnel_reap(struct nhrp *n);

/* A static entry of the cache, added or changed in a later timer. */
void nhrp_tunnel_set_static(struct nhrp *n, struct nhrp_tunnel *t, const struct snap_map *map,
                            enum nhrp_wanted by);
