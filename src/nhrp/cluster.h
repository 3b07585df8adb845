/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which next hop servers of a tunnel are used: of each cluster as many as max-connections says, the
 * best by priority, then in the order of the configuration. The others wait.
 */
#pragma once

#include "nhrp/nhrp.h"

/*
 * Servers were added or changed, or one came up or went down: who is used from now on starts
 * (nhrp_client_wake), who is not goes (nhrp_client_rest). Both act in later timers.
 */
void nhrp_cluster_choose(struct nhrp *n, struct nhrp_tunnel *t);
/* A server has just come up. It may have to stand for the fallback time before it counts. */
void nhrp_cluster_up(struct nhrp *n, struct nhrp_nhs *nhs);
/* The timer of choosing. */
void nhrp_cluster_fire(struct nhrp *n, struct nhrp_nhs *nhs);
/* Forgets what was found out about a server so far. */
void nhrp_cluster_forget(struct nhrp *n, struct nhrp_nhs *nhs);

/* The server of a place in the tunnel's list goes before the one of another place. */
bool nhrp_cluster_is_better(const struct nhrp_tunnel *t, size_t a, size_t b);
/* The overlay and NBMA address are those of a server that waits. */
bool nhrp_cluster_waits(const struct nhrp_tunnel *t, const struct addr *address,
                        const struct addr *nbma);
