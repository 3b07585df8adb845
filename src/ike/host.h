/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hosts: one address of ours and one of a peer, and what stands or is under way between them. With
 * NAT traversal the peer's port belongs to it, since many peers may share an address; main mode
 * begins at the host without a port, and the IKE SA changes over when it is known to pass a NAT.
 */
#pragma once

#include "ike/core.h"

/* The key of a peer at the other end of a path; nat: its port counts. */
struct ike_host_key ike_host_key(const struct node_ike_path *path, bool nat);
struct ike_host *ike_host_find(const struct ike *ike, const struct ike_host_key *key);
/* Makes it when it is not there. */
struct ike_host *ike_host_get(struct ike *ike, const struct ike_host_key *key);
/* Frees it when nothing is left of it. */
void ike_host_release(struct ike *ike, struct ike_host *host);
/* All hosts of one pair of addresses: the first, which ike_host_find() of port 0 finds too. */
struct ike_host *ike_host_base(struct ike_host *host);
struct ike_host *ike_host_next_port(const struct ike_host *host);

/* The IKE SA over which something new is begun; NULL when none stands. */
struct ike_sa *ike_host_standing(const struct ike_host *host);
/* One whose main mode is under way, ours before the peer's; NULL when there is none. */
struct ike_sa *ike_host_coming(const struct ike_host *host);
/* Whether SAs stand with `who`, NULL: with anybody, at another port of its address. */
bool ike_host_has_elsewhere(struct ike_host *host, const struct ike_identity *who);
/* Whether anybody wants a peer of it, or has SAs with one. */
bool ike_host_is_used(const struct ike_host *host);

/* Looks at once at what the host's peers want. */
void ike_host_wake(struct ike *ike, struct ike_host *host);
/* Main mode with the host has failed: its peers are tried again later. May free it. */
void ike_host_failed(struct ike *ike, struct ike_host *host);
/*
 * The peer of an IKE SA is dead, or was started anew: all its SAs go, without a word to it. For
 * another reason than REASON_PEER_DEAD `of` itself stays, and what was made since it was begun.
 */
void ike_host_lost(struct ike *ike, const struct ike_sa *of, enum trace_reason reason);

/*
 * An IKE SA whose main mode is under way goes over to the host of its path. Peers come along, but
 * for those of a host where another IKE SA stands.
 */
void ike_host_settle(struct ike *ike, struct ike_sa *sa, const struct node_ike_path *path);
/*
 * A peer has another address or port: its IKE SAs and pairs of IPsec SAs at a host go over to the
 * host of the path, and so do the peers of the pairs. Exchanges under way and what is merely wanted
 * come along where no one else has SAs at the host. who: borrowed, and may lie in one of those SAs.
 * Frees `host` when nothing is left of it.
 */
void ike_host_move(struct ike *ike, struct ike_host *host, const struct ike_identity *who,
                   const struct node_ike_path *path);
