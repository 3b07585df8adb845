/* SPDX-License-Identifier: Apache-2.0 */
/* NAT traversal (RFC 3947, RFC 3948 and the drafts before them). Vendor ids begin it (vendor.h). */
#pragma once

#include "ike/core.h"
#include "ike/v1_send.h"

/* NAT-D payloads of messages 3 and 4, when both ends speak NAT traversal. */
void ike_nat_add_hashes(struct ike *ike, const struct ike_sa *sa, struct v1_out *o);
void ike_nat_read_hashes(struct ike *ike, struct ike_sa *sa, const struct v1_in *in);

bool ike_nat_is_there(const struct ike_sa *sa);
/* Keepalives go out while we are behind NAT. */
void ike_nat_plan_keepalive(struct ike *ike, struct ike_sa *sa);
void ike_nat_keepalive(struct ike *ike, struct ike_sa *sa);
