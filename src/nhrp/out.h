/* SPDX-License-Identifier: Apache-2.0 */
/* Actions of the step in progress. All are no-ops (counted) once the output is full. */
#pragma once

#include "nhrp/nhrp.h"

/* True while one more timer may fire. */
bool nhrp_out_has_room(const struct nhrp *n);

/* A zeroed action of a type, or NULL when the output is full. */
struct node_action *nhrp_out_action(struct nhrp *n, enum node_action_type type);

/* Copies bytes into the output, so that traces may point to them; NULL when they do not fit. */
const uint8_t *nhrp_out_keep(struct nhrp *n, const uint8_t *bytes, size_t len);

void nhrp_out_trace(struct nhrp *n, struct trace trace);

/* A trace about a cache entry: its tunnel, target address and NBMA address. */
void nhrp_out_trace_entry(struct nhrp *n, enum trace_type type, const struct nhrp_entry *e,
                          enum trace_reason reason);
void nhrp_out_trace_nhs(struct nhrp *n, enum trace_type type, const struct nhrp_nhs *nhs,
                        enum trace_reason reason);

/* Counts a packet that is not acted on, and traces it. */
void nhrp_out_drop(struct nhrp *n, const struct nhrp_received *rx, enum node_drop drop);

/*
 * Sends an NHRP packet to an NBMA address; from a p2p tunnel everything goes to its destination.
 * Counts it as sent or, when forwarded, as forwarded. False when it was dropped (and counted).
 */
struct nhrp_sending {
	struct nhrp_tunnel *tunnel;
	struct addr to;
	bool forwarded;
};
bool nhrp_out_send(struct nhrp *n, const struct nhrp_sending *how,
                   const struct nhrp_packet *packet);

/* A new request id, reserved before it is used. Never 0. */
uint32_t nhrp_out_request_id(struct nhrp *n);
