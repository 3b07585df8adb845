/* SPDX-License-Identifier: Apache-2.0 */
/* Actions of the step in progress. All are no-ops once the output is full. */
#pragma once

#include "ike/core.h"

/* True while one more timer may fire. */
bool ike_out_has_room(const struct ike *ike);

/* A zeroed action of a type, or NULL when the output is full or no step is in progress. */
struct node_action *ike_out_action(struct ike *ike, enum node_action_type type);

/* Copies bytes into the output; NULL when they do not fit. */
const uint8_t *ike_out_keep(struct ike *ike, const void *bytes, size_t len);

/* Hands out a message; path.from is ours. Counts it. */
void ike_out_send(struct ike *ike, const struct node_ike_path *path, const uint8_t *bytes,
                  size_t len);

/* A trace about an address of a tunnel (0 where there is none). */
void ike_out_trace(struct ike *ike, struct trace trace);

/* NODE_IKE_KEYS, when they are asked for. */
void ike_out_keys(struct ike *ike, const struct ike_sa *sa);

/* NODE_SA_DEL */
void ike_out_sa_del(struct ike *ike, uint32_t id);

/* NODE_SA_ADD: a zeroed association to be filled, wiped when the next step begins; NULL: no room.
 */
struct node_sa *ike_out_sa(struct ike *ike);
