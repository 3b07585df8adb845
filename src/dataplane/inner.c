/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the inner IP header (RFC 791 3.1, RFC 8200 3). Called by the workers for every packet. */
#include "dataplane/inner.h"

#include "dataplane/bytes.h"
#include "util/checksum.h"

static bool parse_v4(const uint8_t *bytes, size_t len, struct inner *ret)
{
	if (len < IPV4_LEN)
		return false;
	size_t header_len = (size_t)(bytes[0] & 0xf) * 4;
	size_t total = bytes_u16(bytes + 2);
	uint16_t fragment = bytes_u16(bytes + 6);

	if (header_len < IPV4_LEN || total < header_len || total > len)
		return false;
	*ret = (struct inner){
		.family = ADDR_V4,
		.proto = bytes[9],
		.tos = bytes[1],
		.dont_fragment = fragment & IP_DF,
		.fragment = fragment & (IP_MF | IP_OFFSET),
		.options = header_len > IPV4_LEN,
		.l4_offset = header_len,
		.len = total,
	};
	return true;
}

static bool parse_v6(const uint8_t *bytes, size_t len, struct inner *ret)
{
	if (len < IPV6_LEN)
		return false;
	size_t total = IPV6_LEN + (size_t)bytes_u16(bytes + 4);

	if (total > len)
		return false;
	*ret = (struct inner){
		.family = ADDR_V6,
		.proto = bytes[6],
		.tos = (uint8_t)(bytes[0] << 4 | bytes[1] >> 4),
		.dont_fragment = true,
		.l4_offset = IPV6_LEN,
		.len = total,
	};
	return true;
}

bool inner_parse(const uint8_t *bytes, size_t len, struct inner *ret)
{
	if (len == 0)
		return false;
	switch (bytes[0] >> 4) {
	case 4:
		return parse_v4(bytes, len, ret);
	case 6:
		return parse_v6(bytes, len, ret);
	default:
		return false;
	}
}

struct addr inner_source(const uint8_t *packet, const struct inner *in)
{
	return addr_from_bytes(in->family, packet + (in->family == ADDR_V4 ? 12 : 8));
}

struct addr inner_destination(const uint8_t *packet, const struct inner *in)
{
	return addr_from_bytes(in->family, packet + (in->family == ADDR_V4 ? 16 : 24));
}

uint32_t inner_pseudo_sum(const uint8_t *packet, const struct inner *in, size_t l4_len)
{
	uint32_t sum = (uint32_t)in->proto + (uint32_t)l4_len;

	if (in->family == ADDR_V4)
		return checksum_add(sum, packet + 12, (size_t)2 * ADDR_V4_LEN);
	return checksum_add(sum, packet + 8, (size_t)2 * ADDR_V6_LEN);
}

size_t inner_tcp_len(const uint8_t *packet, const struct inner *in)
{
	if (in->proto != IP_PROTO_TCP || in->fragment || in->len < in->l4_offset + TCP_LEN)
		return 0;
	size_t tcp_len = (size_t)(packet[in->l4_offset + 12] >> 4) * 4;

	return tcp_len < TCP_LEN || in->l4_offset + tcp_len > in->len ? 0 : tcp_len;
}

uint16_t inner_checksum_offset(const struct inner *in)
{
	return in->proto == IP_PROTO_TCP ? 16 : 6;
}

bool inner_checksum_is_partial(const uint8_t *packet, const struct inner *in)
{
	size_t l4_len = in->len - in->l4_offset;
	bool known = in->proto == IP_PROTO_TCP || in->proto == IP_PROTO_UDP;
	size_t least = in->proto == IP_PROTO_TCP ? TCP_LEN : UDP_LEN;

	if (!known || in->fragment || l4_len < least)
		return false;
	uint16_t pseudo = checksum_fold(inner_pseudo_sum(packet, in, l4_len));
	/* A UDP field of 0 is "no checksum" (RFC 768). */
	return pseudo != 0 &&
	       bytes_u16(packet + in->l4_offset + inner_checksum_offset(in)) == pseudo;
}
