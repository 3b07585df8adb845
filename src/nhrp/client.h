/* SPDX-License-Identifier: Apache-2.0 */
/* Registration with next hop servers (RFC 2332 5.2.3, 5.2.4), as the client. */
#pragma once

#include "nhrp/nhrp.h"

/* Makes the tunnel's servers those of its configuration, keeping those that did not change. */
void nhrp_client_configure(struct nhrp *n, struct nhrp_tunnel *t);
/* All servers of the tunnel withdraw their registrations and go, in later timers. */
void nhrp_client_leave_all(struct nhrp *n, struct nhrp_tunnel *t);

/* It neither waits (nhrp/cluster.h) nor leaves. */
bool nhrp_client_uses(const struct nhrp_nhs *nhs);

/* Nothing of the next six is done for a server that waits (nhrp_client_wake starts it), nor for
 * one that leaves. */

/* Register at once, a second time a second later. */
void nhrp_client_start(struct nhrp *n, struct nhrp_nhs *nhs);
/* The way to the server has come up: the same after `ip nhrp registration delay`. */
void nhrp_client_reachable(struct nhrp *n, struct nhrp_nhs *nhs);
/* The tunnel is down: no more registrations; the server counts as down. */
void nhrp_client_tunnel_down(struct nhrp *n, struct nhrp_nhs *nhs);
/* The server is not protected any more: it counts as down until it is, and is then registered with
 * (nhrp_client_start). */
void nhrp_client_unprotected(struct nhrp *n, struct nhrp_nhs *nhs);
/* Our NBMA address is a new one: withdraw the old registration, then register at once. */
void nhrp_client_moved(struct nhrp *n, struct nhrp_nhs *nhs);
/* The registration is to be withdrawn and made anew (clear ip nhrp). */
void nhrp_client_renew(struct nhrp *n, struct nhrp_nhs *nhs);

/* The server is not chosen any more: it is withdrawn from, and waits. Or it is chosen. Both in
 * later timers (nhrp/cluster.h). */
void nhrp_client_rest(struct nhrp *n, struct nhrp_nhs *nhs);
void nhrp_client_wake(struct nhrp *n, struct nhrp_nhs *nhs);

/* The timers. The server may be gone afterwards. */
void nhrp_client_fire(struct nhrp *n, struct nhrp_nhs *nhs);
void nhrp_client_name_fire(struct nhrp *n, struct nhrp_nhs *nhs);
/* NODE_NAMED */
void nhrp_client_named(struct nhrp *n, const struct node_event *event);

/* A Registration Reply. */
void nhrp_client_reply(struct nhrp *n, const struct nhrp_received *rx);
/* An Error Indication about one of our Registration Requests. */
void nhrp_client_error(struct nhrp *n, const struct nhrp_received *rx, uint32_t request_id);
/* A server has purged our registration: register again. False when `from` is none of our servers.
 */
bool nhrp_client_purged(struct nhrp *n, struct nhrp_tunnel *t, const struct addr *from);
/* A server says that it does not know us: register again, once in NHRP_FORGOTTEN_S. False when it
 * was nothing new. */
bool nhrp_client_forgotten(struct nhrp *n, struct nhrp_tunnel *t, const struct addr *from);

/* The server to ask for a resolution the nth time: those that are up by priority; else any that is
 * chosen. Or NULL. */
struct nhrp_nhs *nhrp_client_choose(const struct nhrp_tunnel *t, size_t nth);
/* The server at an NBMA address, or NULL. */
struct nhrp_nhs *nhrp_client_at(const struct nhrp_tunnel *t, const struct addr *nbma);
