/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 1191 4 and RFC 4443 3.2 ("too big"), the limits on sending them from RFC 1122 3.2.2 and RFC
 * 4443 2.4. Pure functions, called by the workers.
 */
#include "dataplane/icmp.h"

#include <string.h>

#include "dataplane/bytes.h"
#include "util/checksum.h"

enum {
	V4_UNREACHABLE = 3,
	V4_FRAGMENTATION_NEEDED = 4,
	V4_REDIRECT = 5,
	V6_TOO_BIG = 2,
	V6_REDIRECT = 137,
	V6_INFORMATIONAL = 128,
	ICMP_LEN = 8,
	TTL = 64,
	TOS_CS6 = 0xc0, /* RFC 1812 4.3.2.5 */
};

static bool is_icmp_error(const uint8_t *packet, const struct inner *in)
{
	bool has_type = in->len > in->l4_offset;
	uint8_t type = has_type ? packet[in->l4_offset] : 0;

	if (in->family == ADDR_V6)
		return in->proto == IP_PROTO_ICMPV6 && type < V6_INFORMATIONAL;
	/* RFC 1122 3.2.2: destination unreachable, source quench, redirect, time exceeded,
	 * parameter. */
	return in->proto == IP_PROTO_ICMP &&
	       (!has_type || (type >= 3 && type <= 5) || type == 11 || type == 12);
}

static bool may_answer(const uint8_t *packet, const struct inner *in)
{
	struct addr source = inner_source(packet, in), destination = inner_destination(packet, in);

	if (is_icmp_error(packet, in))
		return false;
	if (in->family == ADDR_V4 && (bytes_u16(packet + 6) & IP_OFFSET))
		return false;
	if (addr_is_multicast(&source) || addr_is_unspecified(&source))
		return false;
	/* RFC 4443 2.4 (e.3) lets "too big" answer a multicast packet; RFC 1122 does not. */
	return in->family == ADDR_V6 || !addr_is_multicast(&destination);
}

static size_t build_v4(const struct icmp_too_big *about, const uint8_t *packet, size_t quoted,
                       uint8_t *bytes)
{
	size_t len = IPV4_LEN + ICMP_LEN + quoted;
	uint8_t *icmp = bytes + IPV4_LEN;

	memset(bytes, 0, IPV4_LEN + ICMP_LEN);
	bytes[0] = 0x45;
	bytes[1] = TOS_CS6;
	bytes_set_u16(bytes + 2, (uint16_t)len);
	bytes[8] = TTL;
	bytes[9] = IP_PROTO_ICMP;
	memcpy(bytes + 12, about->source.bytes, ADDR_V4_LEN);
	memcpy(bytes + 16, packet + 12, ADDR_V4_LEN);
	bytes_set_u16(bytes + 10, checksum(bytes, IPV4_LEN));

	icmp[0] = V4_UNREACHABLE;
	icmp[1] = V4_FRAGMENTATION_NEEDED;
	bytes_set_u16(icmp + 6, about->mtu_bytes);
	memcpy(icmp + ICMP_LEN, packet, quoted);
	bytes_set_u16(icmp + 2, checksum(icmp, ICMP_LEN + quoted));
	return len;
}

static size_t build_v6(const struct icmp_too_big *about, const uint8_t *packet, size_t quoted,
                       uint8_t *bytes)
{
	const struct inner answer = { .family = ADDR_V6, .proto = IP_PROTO_ICMPV6 };
	size_t icmp_len = ICMP_LEN + quoted;
	uint8_t *icmp = bytes + IPV6_LEN;

	memset(bytes, 0, IPV6_LEN + ICMP_LEN);
	bytes[0] = 0x60;
	bytes_set_u16(bytes + 4, (uint16_t)icmp_len);
	bytes[6] = IP_PROTO_ICMPV6;
	bytes[7] = TTL;
	memcpy(bytes + 8, about->source.bytes, ADDR_V6_LEN);
	memcpy(bytes + 24, packet + 8, ADDR_V6_LEN);

	icmp[0] = V6_TOO_BIG;
	bytes_set_u32(icmp + 4, about->mtu_bytes);
	memcpy(icmp + ICMP_LEN, packet, quoted);
	uint32_t sum = inner_pseudo_sum(bytes, &answer, icmp_len);
	bytes_set_u16(icmp + 2, checksum_finish(checksum_add(sum, icmp, icmp_len)));
	return IPV6_LEN + icmp_len;
}

size_t icmp_too_big(const struct icmp_too_big *about, const uint8_t *packet, const struct inner *in,
                    uint8_t *bytes)
{
	size_t header_len = ICMP_LEN + (in->family == ADDR_V4 ? IPV4_LEN : IPV6_LEN);
	size_t room = ICMP_TOO_BIG_MAX - header_len, quoted = in->len < room ? in->len : room;

	if (about->source.family != in->family || !may_answer(packet, in))
		return 0;
	return (in->family == ADDR_V4 ? build_v4 : build_v6)(about, packet, quoted, bytes);
}

bool icmp_is_redirect(const uint8_t *packet, const struct inner *in, const struct addr *source)
{
	if (in->fragment || in->len <= in->l4_offset)
		return false;
	if (in->family == ADDR_V6)
		return in->proto == IP_PROTO_ICMPV6 && packet[in->l4_offset] == V6_REDIRECT;
	if (in->proto != IP_PROTO_ICMP || packet[in->l4_offset] != V4_REDIRECT)
		return false;
	struct addr from = inner_source(packet, in);
	return addr_equal(&from, source);
}
