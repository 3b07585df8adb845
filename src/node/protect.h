/* SPDX-License-Identifier: Apache-2.0 */
/* Where NHRP meets IKE. All of it does nothing in a node without crypto. */
#pragma once

#include "node/state.h"

/* IKE's share of an event, after NHRP has had its own. */
void node_protect_handle(struct node *node, const struct node_event *event);

/* Timers of both that are due, while the step's output has room, and what they have to tell each
 * other. */
void node_protect_run(struct node *node);

/* NHRP has withdrawn everything: now IKE does. True when it has. */
bool node_protect_stop(struct node *node);
