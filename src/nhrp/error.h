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

/* A packet that does not parse, or (NHRP_WIRE_OK) whose addresses make no sense. Its drop is the
 * caller's to count. Anyone can send such packets, so at most one in NHRP_PROTOCOL_ERROR_S is
 * answered. */
void nhrp_error_protocol(struct nhrp *n, const struct nhrp_received *rx, enum nhrp_wire_error why);

/* True, and complained about, when we are to answer a packet with a compulsory extension unknown to
 * us, or with a malformed one. */
bool nhrp_error_extension(struct nhrp *n, const struct nhrp_received *rx);

/* One that came in. */
void nhrp_error_receive(struct nhrp *n, const struct nhrp_received *rx);
