/* SPDX-License-Identifier: Apache-2.0 */
/* Error Indications (RFC 2332 5.2.7). */
#pragma once

#include "nhrp/nhrp.h"

/* Drops the packet, and says why to its sender. Never about an Error Indication. */
struct nhrp_complaint {
	enum node_drop drop;
	enum nhrp_error error;
	uint16_t offset; /* into the packet, of what is wrong */
};
void nhrp_error_send(struct nhrp *n, const struct nhrp_received *rx, struct nhrp_complaint what);

/* True, and complained about, when we are to answer a packet with a compulsory extension unknown to
 * us. */
bool nhrp_error_unknown_extension(struct nhrp *n, const struct nhrp_received *rx);

/* One that came in. */
void nhrp_error_receive(struct nhrp *n, const struct nhrp_received *rx);
