/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An Error Indication carries the whole packet in error and no extensions, so none of our
 * authentication either, and goes back to where the packet came from. One that comes in changes
 * nothing: it is traced with its code for people to read.
 */
#include "nhrp/error.h"

#include "nhrp/out.h"
#include "nhrp/packet.h"

enum {
	/* Fixed header, lengths, flags, code, offset, three IPv6 addresses and IOS's padding. */
	OVERHEAD_MAX = NHRP_FIXED_LEN + 8 + 3 * ADDR_V6_LEN + NHRP_ERROR_PADDING_LEN,
};

void nhrp_error_send(struct nhrp *n, const struct nhrp_received *rx, struct nhrp_complaint what)
{
	struct nhrp_draft d;
	size_t room = NHRP_PACKET_MAX - OVERHEAD_MAX;

	nhrp_out_drop(n, rx, what.drop);
	if (rx->packet.type == NHRP_ERROR_INDICATION || !rx->bytes)
		return;
	nhrp_packet_start(&d, rx->tunnel, NHRP_ERROR_INDICATION);
	d.packet.dst_proto = rx->packet.src_proto;
	d.packet.error = (uint16_t)what.error;
	d.packet.error_offset = what.offset;
	d.packet.contents = rx->bytes;
	d.packet.contents_len = rx->len < room ? rx->len : room;
	struct nhrp_sending how = { .tunnel = rx->tunnel, .to = rx->from };
	nhrp_out_send(n, &how, &d.packet);
}

bool nhrp_error_unknown_extension(struct nhrp *n, const struct nhrp_received *rx)
{
	const struct nhrp_extension *ext = nhrp_packet_unknown(&rx->packet);

	if (!ext)
		return false;
	nhrp_error_send(n, rx,
	                (struct nhrp_complaint){ .drop = DROP_UNSUPPORTED,
	                                         .error = NHRP_ERROR_UNRECOGNIZED_EXTENSION });
	return true;
}

void nhrp_error_receive(struct nhrp *n, const struct nhrp_received *rx)
{
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
}
