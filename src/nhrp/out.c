/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one place where actions are made: packets with their counters and limits, traces, request
 * ids.
 *
 * Request ids (RFC 2332 5.2.0.1, 5.2.3): one counter for the router, reserved ahead in blocks so
 * that they never repeat, not even after a crash. The first is 1, as on IOS.
 */
#include "nhrp/out.h"

#include <string.h>

#include "nhrp/guard.h"
#include "nhrp/limit.h"

bool nhrp_out_has_room(const struct nhrp *n)
{
	return n->out->n + NHRP_UNIT_ACTIONS <= NODE_ACTIONS_MAX &&
	       n->out->n_bytes + NHRP_UNIT_BYTES <= NODE_OUT_BYTES;
}

struct node_action *nhrp_out_action(struct nhrp *n, enum node_action_type type)
{
	if (n->out->n == NODE_ACTIONS_MAX) {
		n->drops[DROP_OUT_FULL]++;
		return NULL;
	}
	struct node_action *action = &n->out->action[n->out->n++];
	memset(action, 0, sizeof *action);
	action->type = type;
	return action;
}

const uint8_t *nhrp_out_keep(struct nhrp *n, const uint8_t *bytes, size_t len)
{
	if (len > NODE_OUT_BYTES - n->out->n_bytes)
		return NULL;
	uint8_t *kept = n->out->bytes + n->out->n_bytes;
	memcpy(kept, bytes, len);
	n->out->n_bytes += len;
	return kept;
}

void nhrp_out_trace(struct nhrp *n, struct trace trace)
{
	struct node_action *action = nhrp_out_action(n, NODE_TRACE);

	if (action)
		action->trace = trace;
}

void nhrp_out_trace_entry(struct nhrp *n, enum trace_type type, const struct nhrp_entry *e,
                          enum trace_reason reason)
{
	nhrp_out_trace(n,
	               (struct trace){
			       .type = type,
			       .tunnel = e->key.tunnel,
			       .overlay = e->key.target.addr,
			       .peer = e->type == NHRP_ENTRY_INCOMPLETE ? ADDR_ANY_NONE : e->nbma,
			       .reason = reason,
		       });
}

void nhrp_out_trace_nhs(struct nhrp *n, enum trace_type type, const struct nhrp_nhs *nhs,
                        enum trace_reason reason)
{
	nhrp_out_trace(n, (struct trace){
				  .type = type,
				  .tunnel = nhs->tunnel->number,
				  .overlay = nhs->address,
				  .peer = nhs->nbma,
				  .reason = reason,
			  });
}

void nhrp_out_drop(struct nhrp *n, const struct nhrp_received *rx, enum node_drop drop)
{
	rx->tunnel->traffic.drops[drop]++;
	nhrp_out_trace(n, (struct trace){
				  .type = TRACE_PACKET_DROPPED,
				  .tunnel = rx->tunnel->number,
				  .peer = rx->from,
				  .drop = drop,
				  .packet = rx->bytes,
				  .packet_len = rx->bytes ? rx->len : 0,
			  });
}

static enum node_drop hand_out(struct nhrp *n, const struct nhrp_sending *how,
                               const struct nhrp_packet *packet)
{
	struct nhrp_tunnel *t = how->tunnel;
	const struct addr *to = t->multipoint ? &how->to : &t->destination;

	/* Not `up`: the purge of a tunnel being shut still goes out. */
	if (!t->line_up || addr_is_none(&t->source))
		return DROP_TUNNEL_DOWN;
	if (to->family != t->source.family)
		return DROP_NO_ROUTE;
	if (!nhrp_guard_is_up(n, t, to))
		return DROP_UNPROTECTED;
	if (!nhrp_limit_take(t, n->now.mono))
		return DROP_RATE;
	size_t len = nhrp_build(packet, n->out->bytes + n->out->n_bytes,
	                        NODE_OUT_BYTES - n->out->n_bytes);
	if (!len)
		return DROP_TOO_BIG;
	struct node_action *action = nhrp_out_action(n, NODE_SEND);
	if (!action)
		return DROP_OUT_FULL;
	action->send.tunnel = t->number;
	action->send.from = t->source;
	action->send.to = *to;
	action->send.bytes = n->out->bytes + n->out->n_bytes;
	action->send.len = len;
	n->out->n_bytes += len;
	nhrp_out_trace(n,
	               (struct trace){
			       .type = how->forwarded ? TRACE_PACKET_FORWARDED : TRACE_PACKET_SENT,
			       .tunnel = t->number,
			       .peer = *to,
			       .packet = action->send.bytes,
			       .packet_len = len,
		       });
	return DROP_NONE;
}

bool nhrp_out_send(struct nhrp *n, const struct nhrp_sending *how, const struct nhrp_packet *packet)
{
	struct nhrp_traffic *traffic = &how->tunnel->traffic;
	enum node_drop drop = hand_out(n, how, packet);

	if (drop) {
		traffic->drops[drop]++;
		return false;
	}
	if (how->forwarded)
		traffic->forwarded[packet->type]++;
	else
		traffic->sent[packet->type]++;
	return true;
}

uint32_t nhrp_out_request_id(struct nhrp *n)
{
	if (n->next_id == 0)
		n->next_id = 1;
	if (n->ids_left == 0) {
		struct node_action *action = nhrp_out_action(n, NODE_RESERVE_IDS);
		n->ids_left = NODE_REQUEST_ID_BLOCK;
		if (action)
			action->request_id_next = n->next_id + n->ids_left;
	}
	n->ids_left--;
	return n->next_id++;
}
