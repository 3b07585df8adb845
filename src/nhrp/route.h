/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions about routes. NHRP knows no routes: it asks (NODE_FIND_ROUTE) and goes on with what
 * waited when the answer is there (NODE_ROUTE).
 */
#pragma once

#include "nhrp/nhrp.h"

/* What routing says about an address, shortcuts of ours left out. */
struct nhrp_route {
	bool found;
	struct prefix to;           /* the network that the route is for */
	struct nhrp_tunnel *tunnel; /* that it leaves by; NULL: by something else, or by none of
	                               ours that runs */
	struct addr via;            /* next hop; none: on the link itself */
};

/* Asks on behalf of an entry, which may be gone when the answer comes: nhrp_shortcut_routed. One
 * question at a time for each entry. */
void nhrp_route_ask_entry(struct nhrp *n, struct nhrp_entry *e, const struct addr *to);
/* Asks on behalf of a packet, which is kept: nhrp_answer_routed. */
void nhrp_route_ask_packet(struct nhrp *n, const struct nhrp_received *rx, const struct addr *to);

/* NODE_ROUTE */
void nhrp_route_answer(struct nhrp *n, const struct node_event *event);

void nhrp_route_fini(struct nhrp *n);
