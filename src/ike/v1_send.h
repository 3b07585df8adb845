/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of IKEv1 as they are built, sealed and opened (RFC 2409 5, appendix B). */
#pragma once

#include "ike/core.h"
#include "ike/message.h"
#include "ike/turn.h"

/* A message of ours under construction. */
struct v1_out {
	struct isakmp_builder b;
	uint32_t message_id;
	size_t hash_at; /* where the hash goes; 0: the message has none to be filled */
	uint8_t bytes[IKE_SEND_MAX];
};

void v1_begin(struct v1_out *o, const struct ike_sa *sa, enum isakmp_exchange exchange,
              uint32_t message_id);
/* Likewise, with an empty HASH payload that v1_seal() fills. */
void v1_begin_hashed(struct v1_out *o, const struct ike_sa *sa, enum isakmp_exchange exchange,
                     uint32_t message_id);

/* Moves a message under construction: what it was built in is left alone. */
void v1_out_move(struct v1_out *to, const struct v1_out *from);

struct v1_sealing {
	uint8_t *iv;                         /* NULL: in clear */
	struct crypto_part nonce_i, nonce_r; /* in the hash, or none */
	bool third;                          /* HASH(3) */
};
/*
 * Ends the message and traces it; with iv it is encrypted, and iv becomes its last block. Returns
 * its length; 0: it does not fit.
 */
size_t v1_seal(struct ike *ike, const struct ike_sa *sa, struct v1_out *o,
               const struct v1_sealing *how);

/* A message that came in, decrypted. Too big for a stack frame of every function: pass it on. */
struct v1_in {
	const struct node_event *event;
	struct isakmp_message m;
	uint8_t iv[CRYPTO_IV_MAX]; /* after it */
	uint8_t bytes[IKE_MESSAGE_MAX];
};

/* Parses a message, with iv decrypted first. False when it does not come to payloads. */
bool v1_open(struct ike *ike, const struct ike_sa *sa, const uint8_t *iv, struct v1_in *in);
/* Whether the first payload is the right hash. of: the nonces in it; the rest is filled in. */
bool v1_hash_is_right(const struct ike_sa *sa, const struct v1_in *in, struct v1_hashed of);
/* An address of an ID payload; none when it is of another type. */
struct addr v1_id_address(const struct isakmp_payload *id, uint8_t *ret_protocol);
