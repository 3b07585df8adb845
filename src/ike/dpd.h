/* SPDX-License-Identifier: Apache-2.0 */
/* Dead peer detection (RFC 3706): R-U-THERE and its acknowledgement over an IKE SA. */
#pragma once

#include "ike/child.h"
#include "ike/core.h"

enum { IKE_DPD_TRIES = 5 }; /* unanswered questions until the peer is dead, as IOS */

/* Periodic detection begins, where it is configured. */
void ike_dpd_plan(struct ike *ike, struct ike_sa *sa);
/* Traffic of a pair since the last time: its peer is asked when nothing comes any more. */
void ike_dpd_traffic(struct ike *ike, struct ike_child *child, bool in, bool out);
void ike_dpd_fire(struct ike *ike, struct ike_sa *sa);
/*
 * Whether a question of the peer's, or its answer to ours, cannot be an earlier one that somebody
 * repeats: the number of a question is above all before it, which is noted, and an answer is the
 * first to what we ask now.
 */
bool ike_dpd_is_fresh(struct ike_sa *sa, bool is_answer, uint32_t number);
/* A question of the peer's is answered, an answer to ours ends the asking. */
void ike_dpd_heed(struct ike *ike, struct ike_sa *sa, bool is_answer, uint32_t number);
