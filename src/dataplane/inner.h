/* SPDX-License-Identifier: Apache-2.0 */
/* The inner IP packet, as far as a tunnel looks at it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/addr.h"

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

struct inner {
	uint8_t family; /* enum addr_family */
	uint8_t proto;  /* of what follows the fixed header; an IPv6 extension header is a protocol
	                 */
	uint8_t tos;
	bool dont_fragment; /* always for IPv6 */
	bool fragment;
	bool options;     /* IPv4 options are there */
	size_t l4_offset; /* where proto begins */
	size_t len;       /* by the IP header; at most the bytes there are */
};

/* False for anything but a whole IPv4 or IPv6 packet; bytes behind its end are padding. */
bool inner_parse(const uint8_t *bytes, size_t len, struct inner *ret);

struct addr inner_source(const uint8_t *packet, const struct inner *in);
struct addr inner_destination(const uint8_t *packet, const struct inner *in);

/* The unfolded sum of the pseudo-header for an upper-layer length (RFC 9293 3.1, RFC 8200 8.1). */
uint32_t inner_pseudo_sum(const uint8_t *packet, const struct inner *in, size_t l4_len);

/* Length of the TCP header, or 0 when the packet is no TCP with a whole header. */
size_t inner_tcp_len(const uint8_t *packet, const struct inner *in);

/* Place of the checksum in a TCP or UDP header. */
uint16_t inner_checksum_offset(const struct inner *in);
/*
 * A TCP or UDP packet whose checksum field holds nothing but the pseudo-header's sum: its sender
 * left the rest to hardware that never saw it.
 */
bool inner_checksum_is_partial(const uint8_t *packet, const struct inner *in);
