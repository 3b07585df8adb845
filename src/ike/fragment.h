/* SPDX-License-Identifier: Apache-2.0 */
/* Cisco's fragmentation of IKE messages, as a receiver. */
#pragma once

#include "ike/core.h"
#include "ike/message.h"

/* One fragment; the message is received when its last one is there. */
enum ike_drop ike_fragment_receive(struct ike *ike, const struct node_event *event,
                                   const struct isakmp_header *header);
void ike_fragments_free(struct ike_fragments *f);
