/* SPDX-License-Identifier: Apache-2.0 */
/* The inner IP packet, as far as a tunnel looks at it; inline, since every packet is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/bytes.h"
#include "util/addr.h"
#include "util/checksum.h"

enum {
	ETH_LEN = 14,
	ETH_PROTO_ARP = 0x0806,
	ETH_PROTO_IPV4 = 0x0800,
	ETH_PROTO_IPV6 = 0x86dd,
	IPV4_LEN = 20,
	IPV6_LEN = 40,
	TCP_LEN = 20,
	TCP_HEADER_MAX = 60,
	UDP_LEN = 8,
	IP_PROTO_ICMP = 1,
	IP_PROTO_TCP = 6,
	IP_PROTO_UDP = 17,
	IP_PROTO_IPIP = 4,
	IP_PROTO_GRE = 47,
	IP_PROTO_ESP = 50,
	IP_PROTO_ICMPV6 = 58,
	IP_DF = 0x4000,
	IP_MF = 0x2000,
	IP_OFFSET = 0x1fff,
};

/* TCP flags, RFC 9293 3.1. */
enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16, TCP_CWR = 128 };

/*
 * proto and fragment are asked for together and lie in different words: from one word compilers
 * read both by one load, and a processor has to wait with that for bytes that it has just written
 * one by one.
 */
struct inner {
	uint8_t family; /* enum addr_family */
	uint8_t proto;  /* of what follows the fixed header; an IPv6 extension header is a protocol
	                 */
	uint8_t tos;
	size_t l4_offset;   /* where proto begins */
	bool dont_fragment; /* always for IPv6 */
	bool fragment;
	bool options; /* IPv4 options are there */
	size_t len;   /* by the IP header; at most the bytes there are */
};

static inline bool inner_is_v4(const uint8_t *bytes, size_t len)
{
	return len > 0 && bytes[0] >> 4 == 4;
}

/* RFC 791 3.1, save the version. */
static inline bool inner_parse_v4(const uint8_t *bytes, size_t len, struct inner *ret)
{
	if (len < IPV4_LEN)
		return false;
	size_t header_len = (size_t)(bytes[0] & 0xf) * 4;
	size_t total = bytes_u16(bytes + 2);
	uint16_t fragment = bytes_u16(bytes + 6);

	if (header_len < IPV4_LEN || total < header_len || total > len)
		return false;
	ret->family = ADDR_V4;
	ret->proto = bytes[9];
	ret->tos = bytes[1];
	ret->dont_fragment = fragment & IP_DF;
	ret->fragment = fragment & (IP_MF | IP_OFFSET);
	ret->options = header_len > IPV4_LEN;
	ret->l4_offset = header_len;
	ret->len = total;
	return true;
}

/* RFC 8200 3 */
static inline bool inner_parse_v6(const uint8_t *bytes, size_t len, struct inner *ret)
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

/* False for anything but a whole IPv4 or IPv6 packet; bytes behind its end are padding. */
static inline bool inner_parse(const uint8_t *bytes, size_t len, struct inner *ret)
{
	if (inner_is_v4(bytes, len))
		return inner_parse_v4(bytes, len, ret);
	return len > 0 && bytes[0] >> 4 == 6 && inner_parse_v6(bytes, len, ret);
}

static inline struct addr inner_source(const uint8_t *packet, const struct inner *in)
{
	return addr_from_bytes(in->family, packet + (in->family == ADDR_V4 ? 12 : 8));
}

static inline struct addr inner_destination(const uint8_t *packet, const struct inner *in)
{
	return addr_from_bytes(in->family, packet + (in->family == ADDR_V4 ? 16 : 24));
}

/* The unfolded sum of the pseudo-header for an upper-layer length (RFC 9293 3.1, RFC 8200 8.1). */
static inline uint32_t inner_pseudo_sum(const uint8_t *packet, const struct inner *in,
                                        size_t l4_len)
{
	uint32_t sum = (uint32_t)in->proto + (uint32_t)l4_len;

	if (in->family != ADDR_V4)
		return checksum_add(sum, packet + 8, (size_t)2 * ADDR_V6_LEN);
	/* Both addresses as wide words, with their carries (RFC 1071, 2C). */
	uint64_t wide = (uint64_t)bytes_u32(packet + 12) + bytes_u32(packet + 16);
	return sum + (uint32_t)(wide >> 32) + (uint32_t)(wide >> 16 & UINT16_MAX) +
	       (uint32_t)(wide & UINT16_MAX);
}

/* Length of the TCP header, or 0 when the packet is no TCP with a whole header. */
static inline size_t inner_tcp_len(const uint8_t *packet, const struct inner *in)
{
	if (in->proto != IP_PROTO_TCP || in->fragment || in->len < in->l4_offset + TCP_LEN)
		return 0;
	size_t tcp_len = (size_t)(packet[in->l4_offset + 12] >> 4) * 4;

	return tcp_len < TCP_LEN || in->l4_offset + tcp_len > in->len ? 0 : tcp_len;
}

/* Place of the checksum in a TCP or UDP header. */
static inline uint16_t inner_checksum_offset(const struct inner *in)
{
	return in->proto == IP_PROTO_TCP ? 16 : 6;
}

/*
 * A TCP or UDP packet whose checksum field holds nothing but the pseudo-header's sum: its sender
 * left the rest to hardware that never saw it.
 */
static inline bool inner_checksum_is_partial(const uint8_t *packet, const struct inner *in)
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
