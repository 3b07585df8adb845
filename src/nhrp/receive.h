/* SPDX-License-Identifier: Apache-2.0 */
/* NODE_PACKET: what every packet goes through before its type's handler sees it. */
#pragma once

#include "nhrp/nhrp.h"

void nhrp_receive(struct nhrp *n, const struct node_event *event);
