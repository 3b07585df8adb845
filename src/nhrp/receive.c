/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parse, trace, count, check, then one handler for each type. Checks in order: the tunnel runs and
 * is up; the packet is well formed; its addresses are of the tunnel's families; it is authenticated
 * (an Error Indication cannot be, RFC 2332 5.2.7); its hop count is not used up; a request is not
 * our own come back (a registration of our own address is refused by its handler).
 */
#include "nhrp/receive.h"

#include "nhrp/answer.h"
#include "nhrp/auth.h"
#include "nhrp/client.h"
#include "nhrp/error.h"
#include "nhrp/out.h"
#include "nhrp/purge.h"
#include "nhrp/resolve.h"
#include "nhrp/server.h"
#include "nhrp/shortcut.h"
#include "nhrp/tunnel.h"

typedef void handler(struct nhrp *n, const struct nhrp_received *rx);

static handler *const handlers[NHRP_TYPES] = {
	[NHRP_RESOLUTION_REQUEST] = nhrp_answer_request,
	[NHRP_RESOLUTION_REPLY] = nhrp_resolve_reply,
	[NHRP_REGISTRATION_REQUEST] = nhrp_server_request,
	[NHRP_REGISTRATION_REPLY] = nhrp_client_reply,
	[NHRP_PURGE_REQUEST] = nhrp_purge_request,
	[NHRP_PURGE_REPLY] = nhrp_purge_reply,
	[NHRP_ERROR_INDICATION] = nhrp_error_receive,
	[NHRP_TRAFFIC_INDICATION] = nhrp_shortcut_indication,
};

static bool is_host_of(const struct nhrp_tunnel *t, const struct addr *a)
{
	return a->family == t->address.addr.family && !addr_is_unspecified(a) &&
	       !addr_is_multicast(a);
}

/* Requests and replies name both ends; RFC 2332 lets nothing but an error leave one out. */
static bool makes_sense(const struct nhrp_received *rx)
{
	const struct nhrp_packet *packet = &rx->packet;

	if (packet->type == NHRP_ERROR_INDICATION)
		return true;
	return is_host_of(rx->tunnel, &packet->src_proto) &&
	       is_host_of(rx->tunnel, &packet->dst_proto) &&
	       packet->src_nbma.family == rx->from.family;
}

static bool is_request(uint8_t type)
{
	return type == NHRP_RESOLUTION_REQUEST || type == NHRP_REGISTRATION_REQUEST ||
	       type == NHRP_PURGE_REQUEST;
}

/* Our own request come back, or another router with our address. */
static bool claims_our_address(const struct nhrp_received *rx)
{
	return is_request(rx->packet.type) &&
	       addr_equal(&rx->packet.src_proto, &rx->tunnel->address.addr);
}

static void dispatch(struct nhrp *n, const struct nhrp_received *rx)
{
	uint8_t type = rx->packet.type;

	if (!makes_sense(rx)) {
		nhrp_out_drop(n, rx, DROP_BAD_CONTENTS);
		nhrp_error_protocol(n, rx, NHRP_WIRE_OK);
	} else if (type != NHRP_ERROR_INDICATION && !nhrp_auth_check(rx->tunnel, &rx->packet)) {
		nhrp_auth_failed(n, rx);
	} else if (rx->packet.hops == 0) {
		nhrp_error_send(n, rx,
		                (struct nhrp_complaint){ .drop = DROP_HOP_COUNT,
		                                         .error = NHRP_ERROR_HOP_COUNT });
	} else if (claims_our_address(rx) && type != NHRP_REGISTRATION_REQUEST) {
		nhrp_out_drop(n, rx, DROP_LOOP);
	} else {
		handlers[type](n, rx);
	}
}

void nhrp_receive(struct nhrp *n, const struct node_event *event)
{
	struct nhrp_received rx = { .tunnel = nhrp_tunnel_find(n, event->packet.tunnel),
		                    .from = event->packet.from,
		                    .to = event->packet.to,
		                    .len = event->packet.len };

	if (!rx.tunnel || !rx.tunnel->running) {
		n->drops[DROP_NO_TUNNEL]++;
		return;
	}
	if (!rx.tunnel->up) {
		rx.tunnel->traffic.drops[DROP_TUNNEL_DOWN]++;
		return;
	}
	enum nhrp_wire_error error = nhrp_parse(event->packet.bytes, event->packet.len, &rx.packet);
	if (error) {
		rx.tunnel->traffic.malformed[error]++;
		nhrp_out_drop(n, &rx, DROP_MALFORMED);
		rx.bytes = nhrp_out_keep(n, event->packet.bytes, event->packet.len);
		nhrp_error_protocol(n, &rx, error);
		return;
	}
	rx.bytes = nhrp_out_keep(n, event->packet.bytes, event->packet.len);
	rx.parsed = event->packet.bytes;
	rx.tunnel->traffic.received[rx.packet.type]++;
	nhrp_out_trace(n, (struct trace){
				  .type = TRACE_PACKET_RECEIVED,
				  .tunnel = rx.tunnel->number,
				  .peer = rx.from,
				  .packet = rx.bytes,
				  .packet_len = rx.bytes ? rx.len : 0,
			  });
	dispatch(n, &rx);
}
