/* SPDX-License-Identifier: Apache-2.0 */
/* NAT traversal (RFC 3947, RFC 3948 and the drafts before them), and vendor ids, which begin it. */
#pragma once

#include "ike/core.h"
#include "ike/v1_send.h"

/* Vendor ids of message 1, … */
void ike_nat_offer(const struct ike *ike, struct v1_out *o);
/* … of message 2: the one chosen, … */
void ike_nat_answer(const struct ike_sa *sa, struct v1_out *o);
/* … and those of messages 3 and 4. */
void ike_nat_add_vendors(struct v1_out *o);
/* What the peer's vendor ids tell. */
void ike_nat_read_vendors(const struct ike *ike, struct ike_sa *sa, const struct isakmp_message *m);

/* NAT-D payloads of messages 3 and 4, when both ends speak NAT traversal. */
void ike_nat_add_hashes(struct ike *ike, const struct ike_sa *sa, struct v1_out *o);
void ike_nat_read_hashes(struct ike *ike, struct ike_sa *sa, const struct v1_in *in);

bool ike_nat_is_there(const struct ike_sa *sa);
/* Keepalives go out while we are behind NAT. */
void ike_nat_plan_keepalive(struct ike *ike, struct ike_sa *sa);
void ike_nat_keepalive(struct ike *ike, struct ike_sa *sa);
