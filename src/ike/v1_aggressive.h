/* SPDX-License-Identifier: Apache-2.0 */
/* Aggressive mode (RFC 2409 5.4) as a responder, with pre-shared keys, where it is accepted. */
#pragma once

#include "ike/core.h"
#include "ike/message.h"

/* Message 1 of a peer. */
enum ike_drop ike_aggressive_answer(struct ike *ike, const struct node_event *event,
                                    const struct isakmp_header *header);
/* Message 3. */
enum ike_drop ike_aggressive_receive(struct ike *ike, struct ike_sa *sa,
                                     const struct node_event *event);
