/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IKE of one router as a value: who is to be protected, the IKE SAs, the pairs of IPsec SAs. It
 * does no I/O, reads no clock and draws no randomness of its own; what it wants done it appends to
 * the output of the node's step (node/node.h: NODE_IKE_SEND, NODE_SA_…, NODE_TRACE).
 *
 * A peer is (tunnel, NBMA address): node/ wants and forgets peers, IKE negotiates and renews SAs
 * for them, and tells when a peer's protection comes up or goes (ike_next_change). IKE SAs are per
 * pair of NBMA addresses and shared by tunnels; IPsec SAs are a tunnel's own, or, with `shared`,
 * of all tunnels with one source and profile.
 *
 * Bounded output, as in nhrp/nhrp.h: what touches many peers sets their timers, and ike_run()
 * lets timers fire while the output has room.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/node.h"
#include "node/snapshot.h"
#include "node/view.h"
#include "node/view_crypto.h"
#include "util/addr.h"
#include "util/clock.h"
#include "util/entropy.h"

enum {
	IKE_PORT = 500,
	IKE_NAT_PORT = 4500,
	IKE_MESSAGE_MAX = 16 * 1024, /* bytes of an ISAKMP message, fragments put together */
	IKE_SAS_MAX = 16384,         /* IKE SAs of one router */
	IKE_HALF_OPEN_MAX = 1000,    /* exchanges of which the peer is not authenticated */
	IKE_HALF_OPEN_PER_PEER = 4,  /* of these, with one address */
	IKE_RETRANSMIT_MS = 1000,    /* first interval; doubled each time */
	IKE_RETRANSMIT_MAX_MS = 16000,
	IKE_TRIES = 5,    /* sendings of a request before its exchange has failed */
	IKE_RETRY_S = 10, /* a wanted peer is tried again so long after a failure … */
	IKE_PLACE_RETRY_MAX_S =
		320, /* … and one whose place was told twice as long each time, up to this */
	IKE_REKEY_SHARE = 10,        /* SAs are renewed a tenth of their life before its end … */
	IKE_REKEY_JITTER_SHARE = 20, /* … and up to a twentieth earlier by chance */
	IKE_USED_UP_S = 5, /* an SA that has carried all it may is kept so long for its successor */
	IKE_OLD_SA_S =
		30, /* an SA that was replaced is kept so long, and longer while it is used */
	IKE_OLD_SA_JITTER_S =
		10,           /* … and by chance; both ends do not end their last ones at once */
	IKE_SETTLE_MS = 1000, /* an initiator sends by the pair before for so long */
	IKE_LATE_MS =
		1000, /* what a peer sealed before its DELETE is opened for so long behind it */
	IKE_INVALID_SPI_S = 10,    /* one recovery per address and port in so long … */
	IKE_INVALID_SPI_PORTS = 4, /* … and so many per address: ports are forged like SPIs */
	IKE_RECOVERIES_MAX =
		IKE_HALF_OPEN_MAX / 2, /* dials of recoveries under way at once, of all addresses */
};

struct crypto;
struct ike;

/* crypto and entropy are borrowed for life. */
struct ike *ike_new(struct crypto *crypto, const struct entropy *entropy);
/* For tests only: NODE_IKE_KEYS for each IKE SA from now on. */
void ike_hand_out_keys(struct ike *ike);
/* Wipes all keys. NULL is fine. */
void ike_free(struct ike *ike);

/* The step in progress: all functions below that may act need it. out NULL: the step is over. */
void ike_begin(struct ike *ike, struct now now, struct node_out *out);

/* A new snapshot is in force (borrowed until the next one). SAs that it does not admit any more go.
 */
void ike_configure(struct ike *ike, const struct snapshot *snapshot);
/* NODE_TUNNEL: the source that a protected tunnel has now, none while it is down. */
void ike_tunnel(struct ike *ike, uint32_t tunnel, const struct addr *source);

/*
 * Protection towards a peer of a protected tunnel is wanted from now on: negotiates unless it
 * stands, and keeps renewing it. Wanting twice is wanting once. Peers of other tunnels are ignored.
 * place: where the peer is dialled behind its NAT; without a port: at its address, or where it was
 * dialled before.
 */
void ike_want(struct ike *ike, uint32_t tunnel, const struct addr *nbma,
              const struct udp_place *place);
/*
 * Whether the place is a server's word for every tunnel that wants the peer. Packets go by that
 * server meanwhile, so the peer is dialled later and later.
 */
void ike_place_told(struct ike *ike, uint32_t tunnel, const struct addr *nbma, bool told);
/* It is not wanted any more: its SAs are deleted, and the peer is told. */
void ike_forget(struct ike *ike, uint32_t tunnel, const struct addr *nbma);
/* Whether packets can go to the peer protected now. */
bool ike_is_up(const struct ike *ike, uint32_t tunnel, const struct addr *nbma);
/* Whether an IKE SA stands with the peer: if packets cannot go, it is quick mode that lacks. */
bool ike_is_authenticated(const struct ike *ike, uint32_t tunnel, const struct addr *nbma);
/* Whether one stands between two addresses, whatever the ports, or we dial there. */
bool ike_knows(const struct ike *ike, const struct addr *local, const struct addr *remote);

/* NODE_IKE_PACKET, NODE_SA_UNKNOWN, NODE_SA_MOVED, NODE_SA_USED, NODE_CLEAR_CRYPTO. */
void ike_packet(struct ike *ike, const struct node_event *event);
void ike_unknown_spi(struct ike *ike, const struct node_event *event);
void ike_moved(struct ike *ike, const struct node_event *event);
void ike_used(struct ike *ike, const struct node_event *event);
void ike_clear(struct ike *ike, const struct node_event *event);
/* The SAs with one peer of a tunnel go; what is still wanted is negotiated anew. */
void ike_clear_peer(struct ike *ike, uint32_t tunnel, const struct addr *nbma);
/* NODE_CREDENTIALS: the certificates of a trustpoint that the snapshot has; others are ignored. */
void ike_credentials(struct ike *ike, const struct node_event *event);
/* NODE_IKE_SIGNED: an exchange that waits for it goes on, or ends without it. */
void ike_signed(struct ike *ike, const struct node_event *event);
/* NODE_STOP: DELETEs are sent for everything, and nothing is wanted any more. */
void ike_stop(struct ike *ike);
/* True when nothing is left to be said after ike_stop(). */
bool ike_is_silent(const struct ike *ike);

/* Fires timers that are due while the output has room. */
void ike_run(struct ike *ike);
mono ike_deadline(const struct ike *ike);

/* A peer whose protection came up, moved or went, since the last call. */
struct ike_change {
	uint32_t tunnel;
	struct addr nbma;
	struct udp_place place; /* of one that is up behind a NAT, as we see it */
	struct addr own; /* that one that is up has itself, by its identity or selectors; or none */
	bool up;
};
bool ike_next_change(struct ike *ike, struct ike_change *ret);

/* For `show`; each starts with a zeroed cursor, good until the next step. */
bool ike_next_sa(const struct ike *ike, struct node_cursor *cursor, struct ike_sa_view *ret);
bool ike_next_certificate(const struct ike *ike, struct node_cursor *cursor,
                          struct certificate_view *ret);
bool ike_next_ipsec(const struct ike *ike, struct node_cursor *cursor, struct ipsec_view *ret);
/* The latest first. */
bool ike_next_failure(const struct ike *ike, struct node_cursor *cursor,
                      struct ike_failure_view *ret);
/* All memory that it holds, in bytes: SAs, peers, and what was sent and may be again. */
size_t ike_memory_bytes(const struct ike *ike);
void ike_counters(const struct ike *ike, struct ike_counters *ret);
