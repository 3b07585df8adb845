/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cisco's Traffic Indication, as the hub: a packet that came from one peer and goes to another of
 * the same network could go directly, and its sender is told so (`ip nhrp redirect`).
 */
#pragma once

#include "nhrp/nhrp.h"

/* NODE_HAIRPIN */
void nhrp_redirect_hairpin(struct nhrp *n, const struct node_event *event);

void nhrp_redirect_fini(struct nhrp *n);
