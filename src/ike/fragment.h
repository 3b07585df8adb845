/* SPDX-License-Identifier: Apache-2.0 */
/* Cisco's fragmentation of IKE messages: of those that are long, and by peers that announce it. */
#pragma once

#include "ike/core.h"
#include "ike/message.h"

/* One fragment; the message is received when its last one is there. */
enum ike_drop ike_fragment_receive(struct ike *ike, const struct node_event *event,
                                   const struct isakmp_header *header);
/* Sends a message in pieces; id tells them from those of another message. */
void ike_fragment_send(struct ike *ike, const struct node_ike_path *path,
                       struct crypto_part message, uint16_t id);
void ike_fragments_free(struct ike_fragments *f);
