/* SPDX-License-Identifier: Apache-2.0 */
/* Quick mode (RFC 2409 5.5), both ends. */
#pragma once

#include "ike/child.h"
#include "ike/core.h"

struct ike_quick {
	struct timer timer;
	struct ike_quick *next; /* of the IKE SA */
	struct ike_sa *sa;
	struct ike_peer *peer;
	uint32_t child_id; /* responder: the pair whose inbound SA is in force */
	uint32_t message_id, spi_in;
	bool initiator, done; /* done: kept to answer duplicates */
	uint16_t pfs_group;
	struct addr inner_local, inner_remote; /* what IDci and IDcr name */
	struct addr own; /* that the peer has itself, by its identity or its IDci; or none */
	uint8_t iv[CRYPTO_IV_MAX];
	uint8_t private[CRYPTO_DH_PRIVATE_MAX];
	uint8_t public[CRYPTO_DH_MAX]; /* ours */
	uint8_t nonce[2][IKE_NONCE_MAX];
	size_t nonce_len[2];
	uint8_t keymat_out[IKE_KEYMAT_MAX]; /* responder's, until message 3 */
	struct ike_turn turn;
	mono begun, ends_at;
};

/* Sends message 1 for a peer. */
void ike_quick_start(struct ike *ike, struct ike_sa *sa, struct ike_peer *peer);
enum ike_drop ike_quick_receive(struct ike *ike, struct ike_sa *sa, const struct node_event *event);
/* A notify of the peer's that refuses. */
struct ike_refusal {
	uint16_t type;
	uint32_t spi; /* ours, of the quick mode that is refused; 0: it does not say */
	const char *text;
};
/* False: no quick mode of ours is under way. */
bool ike_quick_refused(struct ike *ike, struct ike_sa *sa, const struct ike_refusal *refusal);
void ike_quick_fire(struct ike *ike, struct ike_quick *q);
/* It ends, with what it has made half. */
void ike_quick_end(struct ike *ike, struct ike_quick *q);
