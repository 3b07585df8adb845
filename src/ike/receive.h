/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that come in, sorted by exchange and IKE SA. */
#pragma once

#include "ike/core.h"

/* One whole message. A reason, or none. */
enum ike_drop ike_receive(struct ike *ike, const struct node_event *event);
