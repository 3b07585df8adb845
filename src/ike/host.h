/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts: one address of ours and one of a peer, and what stands or is under way between them. */
#pragma once

#include "ike/core.h"

struct ike_host *ike_host_find(const struct ike *ike, const struct addr *local,
                               const struct addr *remote);
/* Makes it when it is not there. */
struct ike_host *ike_host_get(struct ike *ike, const struct addr *local, const struct addr *remote);
/* Frees it when nothing is left of it. */
void ike_host_release(struct ike *ike, struct ike_host *host);

/* The IKE SA over which something new is begun; NULL when none stands. */
struct ike_sa *ike_host_standing(const struct ike_host *host);
/* One whose main mode is under way, ours before the peer's; NULL when there is none. */
struct ike_sa *ike_host_coming(const struct ike_host *host);
/* Whether anybody wants a peer of it, or has SAs with one. */
bool ike_host_is_used(const struct ike_host *host);

/* Looks at once at what the host's peers want. */
void ike_host_wake(struct ike *ike, struct ike_host *host);
/* Main mode with the host has failed: its peers are tried again later. */
void ike_host_failed(struct ike *ike, struct ike_host *host);
/*
 * The peer of an IKE SA is dead, or was started anew: all its SAs go, without a word to it. For
 * another reason than REASON_PEER_DEAD `of` itself stays.
 */
void ike_host_lost(struct ike *ike, const struct ike_sa *of, enum trace_reason reason);
