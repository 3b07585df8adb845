/* SPDX-License-Identifier: Apache-2.0 */
/* Clients that their server has forgotten, as it and they learn of it by the data that they send.
 */
#pragma once

#include "nhrp/nhrp.h"

/* NODE_STRANGER */
void nhrp_stranger(struct nhrp *n, const struct node_event *event);
/* True when an Error Indication is about data, which is nobody's business but ours. */
bool nhrp_stranger_error(struct nhrp *n, const struct nhrp_received *rx);
void nhrp_stranger_fini(struct nhrp *n);
