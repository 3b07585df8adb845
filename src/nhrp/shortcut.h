/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Direct paths to networks behind other spokes (`ip nhrp shortcut`): from the hub's Traffic
 * Indication to a route by the far spoke.
 */
#pragma once

#include "nhrp/nhrp.h"
#include "nhrp/resolve.h"
#include "nhrp/route.h"

/* A Traffic Indication. */
void nhrp_shortcut_indication(struct nhrp *n, const struct nhrp_received *rx);

/* The timer of an entry that is or becomes a shortcut. It may be gone afterwards. */
void nhrp_shortcut_fire(struct nhrp *n, struct nhrp_entry *e);

/* The answer to nhrp_route_ask_entry(), for a shortcut or for what we answered to others. */
void nhrp_shortcut_routed(struct nhrp *n, struct nhrp_entry *e, const struct nhrp_route *route);

/* The resolution of an entry that is or becomes a shortcut: path is that to the far spoke. False
 * when it makes no sense. The entry may be gone afterwards. */
bool nhrp_shortcut_learn(struct nhrp *n, struct nhrp_entry *e, const struct nhrp_path *path);
/* A shortcut of an earlier life; the path's target and prefix are its network. NULL when it is none
 * any more. */
struct nhrp_entry *nhrp_shortcut_restore(struct nhrp *n, struct nhrp_tunnel *t,
                                         const struct addr *asked_for,
                                         const struct nhrp_path *path);
/* It was refused, with that code. */
void nhrp_shortcut_refused(struct nhrp *n, struct nhrp_entry *e, uint8_t code);

/* Sets or withdraws the route, as the next hop stands. */
void nhrp_shortcut_tell(struct nhrp *n, struct nhrp_entry *e);
/* Withdraws it, before the entry goes. */
void nhrp_shortcut_withdraw(struct nhrp *n, struct nhrp_entry *e);
/* The path to a next hop has come to stand, or stands no more. */
void nhrp_shortcut_next_hop(struct nhrp *n, const struct nhrp_entry *hop);
/* The next hop is about to be forgotten: routes by it go before it does. */
void nhrp_shortcut_next_hop_gone(struct nhrp *n, const struct nhrp_entry *hop);
/* Packets went to a next hop. */
void nhrp_shortcut_used(struct nhrp *n, const struct nhrp_tunnel *t, const struct addr *hop);
/* NODE_ROUTES_CHANGED */
void nhrp_shortcut_recheck(struct nhrp *n);
