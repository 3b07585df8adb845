/* SPDX-License-Identifier: Apache-2.0 */
/* Vendor ids: what both ends of a main mode can do beyond RFC 2409. */
#pragma once

#include "ike/core.h"
#include "ike/message.h"
#include "ike/v1_send.h"

/* Those of message 1, … */
void ike_vendor_offer(const struct ike *ike, struct v1_out *o);
/* … of message 2, of what the peer has offered, … */
void ike_vendor_answer(const struct ike_sa *sa, struct v1_out *o);
/* … and of messages 3 and 4. */
void ike_vendor_add(const struct ike *ike, const struct ike_sa *sa, struct v1_out *o);
/* What the peer's tell. */
void ike_vendor_read(const struct ike *ike, struct ike_sa *sa, const struct isakmp_message *m);
