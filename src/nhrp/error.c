/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An Error Indication carries the whole packet in error and no extensions, so none of our
 * authentication either, and goes back to where the packet came from. One that is for somebody else
 * goes on towards it.
 *
 * One that comes in is traced with its code for people to read. Since nobody vouches for it, it can
 * hasten what would come of silence and nothing more: a server that we have not registered with yet
 * counts as down at once, and a destination that we wait for is asked for elsewhere or given up.
 * What is in use stays until its holding time is over.
 */
#include "nhrp/error.h"

#include "nhrp/client.h"
#include "nhrp/forward.h"
#include "nhrp/out.h"
#include "nhrp/packet.h"
#include "nhrp/resolve.h"
#include "nhrp/stranger.h"

enum {
	/* Fixed header, lengths, flags, code, offset, three IPv6 addresses and IOS's padding. */
	OVERHEAD_MAX = NHRP_FIXED_LEN + 8 + 3 * ADDR_V6_LEN + NHRP_ERROR_PADDING_LEN,
	TYPE_AT = 17, /* in the fixed header */
};

static void send(struct nhrp *n, const struct nhrp_received *rx, const struct nhrp_complaint *what)
{
	struct nhrp_draft d;
	size_t room = NHRP_PACKET_MAX - OVERHEAD_MAX;

	nhrp_packet_start(&d, rx->tunnel, NHRP_ERROR_INDICATION);
	if (rx->packet.src_proto.family == rx->tunnel->address.addr.family)
		d.packet.dst_proto = rx->packet.src_proto;
	d.packet.error = (uint16_t)what->error;
	d.packet.error_offset = what->offset;
	d.packet.contents = rx->bytes;
	d.packet.contents_len = rx->len < room ? rx->len : room;
	struct nhrp_sending how = { .tunnel = rx->tunnel, .to = rx->from };
	nhrp_out_send(n, &how, &d.packet);
}

void nhrp_error_send(struct nhrp *n, const struct nhrp_received *rx, struct nhrp_complaint what)
{
	nhrp_out_drop(n, rx, what.drop);
	if (rx->packet.type != NHRP_ERROR_INDICATION && rx->bytes)
		send(n, rx, &what);
}

/* Where in the fixed header the offending field is. */
static uint16_t offset_of(enum nhrp_wire_error why)
{
	static const uint8_t at[NHRP_WIRE_ERRORS_N] = {
		[NHRP_WIRE_SIZE] = 10,       [NHRP_WIRE_LONG] = 10,    [NHRP_WIRE_CHECKSUM] = 12,
		[NHRP_WIRE_EXTENSIONS] = 14, [NHRP_WIRE_VERSION] = 16, [NHRP_WIRE_TYPE] = TYPE_AT,
	};

	return at[why];
}

void nhrp_error_protocol(struct nhrp *n, const struct nhrp_received *rx, enum nhrp_wire_error why)
{
	const struct nhrp_complaint what = { .error = why == NHRP_WIRE_EXTENSIONS
		                                              ? NHRP_ERROR_INVALID_EXTENSION
		                                              : NHRP_ERROR_PROTOCOL,
		                             .offset = offset_of(why) };

	/* RFC 2332 5.2.7: never about an error, though this one cannot be read. */
	if (!rx->bytes || rx->len < NHRP_FIXED_LEN || rx->bytes[TYPE_AT] == NHRP_ERROR_INDICATION ||
	    !mono_due(n->protocol_error_at, n->now.mono))
		return;
	n->protocol_error_at = mono_add_s(n->now.mono, NHRP_PROTOCOL_ERROR_S);
	send(n, rx, &what);
}

/* One whose value should be client information entries and is not; or NULL. */
static const struct nhrp_extension *find_malformed(const struct nhrp_packet *packet)
{
	static const uint16_t lists[] = { NHRP_EXT_RESPONDER, NHRP_EXT_FORWARD_TRANSIT,
		                          NHRP_EXT_REVERSE_TRANSIT, NHRP_EXT_NAT_ADDRESS };

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		const struct nhrp_extension *ext = nhrp_extension_find(packet, lists[i]);
		if (ext && nhrp_extension_cies(ext, NULL, 0) < 0)
			return ext;
	}
	return NULL;
}

bool nhrp_error_extension(struct nhrp *n, const struct nhrp_received *rx)
{
	const struct nhrp_extension *unknown = nhrp_packet_unknown(&rx->packet);
	const struct nhrp_extension *ext = unknown ? unknown : find_malformed(&rx->packet);

	if (!ext)
		return false;
	nhrp_error_send(
		n, rx,
		(struct nhrp_complaint){ .drop = unknown ? DROP_UNSUPPORTED : DROP_BAD_CONTENTS,
	                                 .error = unknown ? NHRP_ERROR_UNRECOGNIZED_EXTENSION
	                                                  : NHRP_ERROR_INVALID_EXTENSION,
	                                 .offset = (uint16_t)(ext->value - rx->parsed -
	                                                      NHRP_EXTENSION_HEADER_LEN) });
	return true;
}

static bool is_for_another(const struct nhrp_received *rx)
{
	const struct addr *to = &rx->packet.dst_proto, *own = &rx->tunnel->address.addr;

	return to->family == own->family && !addr_is_unspecified(to) && !addr_is_multicast(to) &&
	       !addr_equal(to, own);
}

/* Our own packet, as it came to whoever complains. */
static void act(struct nhrp *n, const struct nhrp_received *rx)
{
	struct nhrp_packet ours;

	if (nhrp_parse(rx->packet.contents, rx->packet.contents_len, &ours) != NHRP_WIRE_OK ||
	    !addr_equal(&ours.src_proto, &rx->tunnel->address.addr))
		return;
	if (ours.type == NHRP_REGISTRATION_REQUEST)
		nhrp_client_error(n, rx, ours.request_id);
	else if (ours.type == NHRP_RESOLUTION_REQUEST)
		nhrp_resolve_error(n, rx, &ours);
}

void nhrp_error_receive(struct nhrp *n, const struct nhrp_received *rx)
{
	if (nhrp_stranger_error(n, rx))
		return;
	/* One that gets no further is for our log: who forwarded what it is about is at fault. */
	if (is_for_another(rx) && nhrp_forward_error(n, rx))
		return;
	nhrp_out_trace(n, (struct trace){
				  .type = TRACE_ERROR_RECEIVED,
				  .tunnel = rx->tunnel->number,
				  .overlay = rx->packet.src_proto,
				  .peer = rx->from,
				  .code = rx->packet.error,
				  .packet = rx->bytes,
				  .packet_len = rx->len,
				  .text = nhrp_error_name(rx->packet.error),
			  });
	act(n, rx);
}
