/* SPDX-License-Identifier: Apache-2.0 */
/* What main mode and aggressive mode share (RFC 2409 5): policies, the first message of a peer, the
 * exchange of values, the judgement of a proof. */
#pragma once

#include "ike/core.h"
#include "ike/message.h"
#include "ike/v1_auth.h"

/*
 * Whether there is what a way of authentication needs with a host: a key, or certificates. name: as
 * for v1_auth_key().
 */
bool v1_phase1_can_use(const struct ike *ike, const struct ike_host_key *host,
                       enum snap_isakmp_auth auth, const char *name);
/* Those of our policies that can be carried through with a host. */
void v1_phase1_policies(struct ike *ike, const struct ike_host_key *host, const char *name,
                        struct v1_policies *ret);
/* Why there is none. */
void v1_phase1_tell_no_policies(struct ike *ike, const struct addr *peer);

/* The body of the initiator's SA payload, which is hashed. */
void v1_phase1_keep_offer(struct ike_main *m, const uint8_t *body, size_t len);
/* From us, to where a message came from. */
struct node_ike_path v1_phase1_way_back(const struct node_event *event);

/* A peer's first message. */
struct v1_first {
	struct isakmp_message m;
	struct v1_chosen chosen; /* of its policies */
	struct ike_sa *sa;       /* made for it; NULL: a duplicate, and answered again */
};
/* Takes it when there is room and a policy that fits; otherwise a reason, told. */
enum ike_drop v1_phase1_take_first(struct ike *ike, const struct node_event *event,
                                   const struct isakmp_header *header, struct v1_first *ret);

/* Our half of the exchange: a private value, its public one, a nonce. False: it cannot be drawn. */
bool v1_phase1_draw(struct ike *ike, struct ike_sa *sa);
/* The peer's half, and what follows from both. */
bool v1_phase1_read_exchange(struct ike *ike, struct ike_sa *sa, const struct isakmp_message *m);

/* Tells, once, that a message could not be read, which is how pre-shared keys show to differ. */
void v1_phase1_refuse_unread(struct ike *ike, struct ike_sa *sa);
/*
 * Judges the peer's proof in a message: identity, hash or signature, and whether a tunnel of ours
 * admits it. What is refused is told, here and to the peer.
 */
enum ike_drop v1_phase1_judge(struct ike *ike, struct ike_sa *sa, const struct v1_in *in,
                              struct v1_proof *ret);
/* The exchange has failed. */
void v1_phase1_end(struct ike *ike, struct ike_sa *sa);
