/* SPDX-License-Identifier: Apache-2.0 */
/* Peers: (tunnel, NBMA address), who wants them, whether they are up. */
#pragma once

#include "ike/core.h"

/* tunnel: of a leader (ike/tunnel.h). NULL when there is none. */
struct ike_peer *ike_peer_find(const struct ike *ike, uint32_t tunnel, const struct addr *nbma);
/*
 * The pair that a tunnel sends by, or NULL. It is that of the peer under its leader's number,
 * though there be another one under its own: that one dies, since the tunnel has joined a group.
 */
const struct ike_child *ike_peer_used_by(const struct ike *ike, struct ike_tunnel *t,
                                         const struct addr *nbma);
/* Makes it when it is not there; NULL when there are too many. */
struct ike_peer *ike_peer_get(struct ike *ike, struct ike_tunnel *leader, const struct addr *nbma);
/*
 * Another tunnel of its group names it now (ike/tunnel.h). Whoever had that name gets the one that
 * is free now.
 */
void ike_peer_rename(struct ike *ike, struct ike_peer *peer, uint32_t tunnel);
/* As ike_want of what wanted another peer before, or this one; the tunnel is told what it uses from
 * now on, though that be nothing. */
void ike_peer_want_again(struct ike *ike, uint32_t tunnel, const struct ike_peer *before);
/* Puts the peer's IKE SAs under another host; NULL: none. */
void ike_peer_set_host(struct ike *ike, struct ike_peer *peer, struct ike_host *host);

/* The same where the peer is found at another host; what waits at the one before for a first answer
 * that nobody needs any more ends. */
void ike_peer_go_over(struct ike *ike, struct ike_peer *peer, struct ike_host *host);

void ike_peer_fire(struct ike *ike, struct ike_peer *peer);
/* What is to be done is looked at in this step, or when the peer may be tried again. */
void ike_peer_wake(struct ike *ike, struct ike_peer *peer);
/* A negotiation has failed: the next try is IKE_RETRY_S from now, or later and later. */
void ike_peer_failed(struct ike *ike, struct ike_peer *peer);
/* A new pair is to be negotiated though one stands. */
void ike_peer_renew(struct ike *ike, struct ike_peer *peer);
/* All its pairs go, in this step or the next ones. */
void ike_peer_delete_later(struct ike *ike, struct ike_peer *peer, enum trace_reason reason);

/*
 * Packets leave by this pair from now on (NODE_SA_USE for each of its tunnels), NULL: the peer is
 * down, for a reason. Traces up and down.
 */
void ike_peer_use(struct ike *ike, struct ike_peer *peer, struct ike_child *child,
                  enum trace_reason reason);

/* The pair that it sends by goes to another place: whoever wants it is told. */
void ike_peer_moved(struct ike *ike, struct ike_peer *peer);

/* Frees peers that nobody wants and that have nothing; no pointer to a peer may be kept over it. */
void ike_peer_reap(struct ike *ike);
/* Notes that the peer may have become one of these. */
void ike_peer_idle(struct ike *ike, struct ike_peer *peer);
void ike_peer_free(struct ike *ike, struct ike_peer *peer);
