/* SPDX-License-Identifier: Apache-2.0 */
/* Packets for tests: IPv4 and IPv6, TCP and UDP, with right checksums. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "dataplane/bytes.h"
#include "dataplane/inner.h"
#include "util/checksum.h"

struct tcp_spec {
	uint8_t family; /* 0: IPv4 */
	uint32_t seq;
	uint8_t flags;
	uint8_t tos;
	uint16_t port;      /* source; 0: 1000 */
	size_t options_len; /* TCP options, NOPs or what `options` says */
	const uint8_t *options;
	size_t payload_len; /* bytes 0, 1, 2, … counted from seq */
};

/* Overlay 10.0.0.1 to 10.0.0.2, or 2001:db8::1 to ::2; DF, TTL 64. Returns the length of the IP
 * header. */
static inline size_t test_ip(uint8_t *p, uint8_t family, uint8_t proto, size_t l4_len)
{
	static const uint8_t v6[16] = { 0x20, 0x01, 0x0d, 0xb8 };

	if (family == ADDR_V6) {
		memset(p, 0, IPV6_LEN);
		p[0] = 0x60;
		bytes_set_u16(p + 4, (uint16_t)l4_len);
		p[6] = proto;
		p[7] = 64;
		memcpy(p + 8, v6, sizeof v6);
		memcpy(p + 24, v6, sizeof v6);
		p[23] = 1;
		p[39] = 2;
		return IPV6_LEN;
	}
	const uint8_t v4[IPV4_LEN] = { 0x45, 0, 0,  0, 0, 7, 0x40, 0, 64, proto,
		                       0,    0, 10, 0, 0, 1, 10,   0, 0,  2 };
	memcpy(p, v4, sizeof v4);
	bytes_set_u16(p + 2, (uint16_t)(IPV4_LEN + l4_len));
	bytes_set_u16(p + 10, checksum(p, IPV4_LEN));
	return IPV4_LEN;
}

/* The transport checksum of a whole packet: 0 when the one in it is right. */
static inline uint16_t test_l4_checksum(const uint8_t *p, size_t len)
{
	struct inner in = { 0 };

	assert_true(inner_parse(p, len, &in));
	size_t l4_len = in.len - in.l4_offset;
	return checksum_finish(
		checksum_add(inner_pseudo_sum(p, &in, l4_len), p + in.l4_offset, l4_len));
}

/* Returns the length of the IP packet. */
static inline size_t test_tcp(uint8_t *p, const struct tcp_spec *s)
{
	uint8_t family = s->family ? s->family : ADDR_V4;
	size_t header_len = TCP_LEN + s->options_len, l4_len = header_len + s->payload_len;
	size_t at = test_ip(p, family, IP_PROTO_TCP, l4_len);
	uint8_t *tcp = p + at;

	if (s->tos && family == ADDR_V4) {
		p[1] = s->tos;
		bytes_set_u16(p + 10, 0);
		bytes_set_u16(p + 10, checksum(p, IPV4_LEN));
	}
	memset(tcp, 0, TCP_LEN);
	bytes_set_u16(tcp, s->port ? s->port : 1000);
	bytes_set_u16(tcp + 2, 80);
	bytes_set_u32(tcp + 4, s->seq);
	bytes_set_u32(tcp + 8, 5555);
	tcp[12] = (uint8_t)(header_len / 4 << 4);
	tcp[13] = s->flags;
	bytes_set_u16(tcp + 14, 4096);
	memset(tcp + TCP_LEN, 1, s->options_len);
	if (s->options)
		memcpy(tcp + TCP_LEN, s->options, s->options_len);
	for (size_t i = 0; i < s->payload_len; i++)
		tcp[header_len + i] = (uint8_t)(s->seq + i);
	bytes_set_u16(tcp + 16, test_l4_checksum(p, at + l4_len));
	return at + l4_len;
}

static inline size_t test_udp(uint8_t *p, size_t payload_len)
{
	size_t at = test_ip(p, ADDR_V4, IP_PROTO_UDP, UDP_LEN + payload_len);

	bytes_set_u16(p + at, 1000);
	bytes_set_u16(p + at + 2, 53);
	bytes_set_u16(p + at + 4, (uint16_t)(UDP_LEN + payload_len));
	bytes_set_u16(p + at + 6, 0);
	memset(p + at + UDP_LEN, 0x55, payload_len);
	bytes_set_u16(p + at + 6, test_l4_checksum(p, at + UDP_LEN + payload_len));
	return at + UDP_LEN + payload_len;
}

static inline struct inner test_parse(const uint8_t *p, size_t len)
{
	struct inner in = { 0 };

	assert_true(inner_parse(p, len, &in));
	return in;
}

/* The sum of the pseudo-header alone, where a sender leaves the rest to hardware. */
static inline void test_make_partial(uint8_t *p, size_t len)
{
	struct inner in = test_parse(p, len);
	uint32_t sum = inner_pseudo_sum(p, &in, in.len - in.l4_offset);

	bytes_set_u16(p + in.l4_offset + inner_checksum_offset(&in), checksum_fold(sum));
}
