/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One side of an exchange in which messages alternate (RFC 2408 5.1): what was sent last is sent
 * again when its answer fails to come, and when what it answered comes again.
 */
#pragma once

#include "ike/core.h"

/* A message: as it goes out, and the way. */
struct ike_message {
	const struct node_ike_path *path; /* from us */
	const uint8_t *bytes;
	size_t len;
	bool expects; /* an answer: it is sent again until there is one */
};

/* Sends and keeps the message as the turn's latest. */
void ike_turn_send(struct ike *ike, struct ike_turn *turn, const struct ike_message *message);
/* Notes the message that the next sending answers. */
void ike_turn_saw(struct ike *ike, struct ike_turn *turn, const uint8_t *bytes, size_t len);
/* Whether it is the message noted; it is then answered by our latest, unless too often. */
bool ike_turn_repeats(struct ike *ike, struct ike_turn *turn, const struct node_event *event);
/* The answer has come: nothing is sent again by time. */
void ike_turn_done(struct ike_turn *turn);

/* When the timer is due: sends again. False when it was sent IKE_TRIES times in vain. */
bool ike_turn_fire(struct ike *ike, struct ike_turn *turn, const struct node_ike_path *path);
void ike_turn_fini(struct ike_turn *turn);
