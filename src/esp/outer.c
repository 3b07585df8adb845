/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4303 3.1: headers of transport and tunnel mode. RFC 3948 2: UDP encapsulation. */
#include "esp/outer.h"

#include "util/check.h"
#include "util/checksum.h"
#include "util/reader.h"
#include "util/writer.h"

enum {
	IPV4_LEN = 20,
	IPV6_LEN = 40,
	IP_LEN_MAX = 65535,
	PROTOCOL_UDP = 17,
	FLAG_DF = 0x4000,
	FRAGMENT_BITS = 0x3fff, /* more fragments, and the offset */
	MARKER_LEN = 4,
	KEEPALIVE = 0xff,
	IPV6_FRAGMENT = 44,
};

static size_t ip_len(const struct esp_outer *o)
{
	return o->to.family == ADDR_V4 ? IPV4_LEN : IPV6_LEN;
}

size_t esp_outer_len(const struct esp_outer *o)
{
	return ip_len(o) + (o->udp_to ? ESP_UDP_LEN : 0);
}

static uint8_t protocol_of(const struct esp_outer *o)
{
	return o->udp_to ? PROTOCOL_UDP : o->protocol;
}

/* bytes_len: of the whole packet. */
static void write_ipv4(struct writer *w, const struct esp_outer *o, uint16_t id, size_t bytes_len)
{
	enum { VERSION = 0x45, CHECKSUM_AT = 10 };
	uint8_t *start = w->at;

	write_u8(w, VERSION);
	write_u8(w, o->tos);
	write_u16(w, (uint16_t)bytes_len);
	write_u16(w, id);
	write_u16(w, o->df ? FLAG_DF : 0);
	write_u8(w, o->ttl);
	write_u8(w, protocol_of(o));
	write_u16(w, 0);
	write_addr(w, &o->from);
	write_addr(w, &o->to);
	write_u16_at(w, CHECKSUM_AT, checksum(start, IPV4_LEN));
}

static void write_ipv6(struct writer *w, const struct esp_outer *o, size_t bytes_len)
{
	write_u32(w, UINT32_C(6) << 28 | (uint32_t)o->tos << 20);
	write_u16(w, (uint16_t)(bytes_len - IPV6_LEN));
	write_u8(w, protocol_of(o));
	write_u8(w, o->ttl);
	write_addr(w, &o->from);
	write_addr(w, &o->to);
}

/* RFC 8200 8.1. udp: header, checksum 0, and its payload behind. */
static uint16_t udp6_checksum(const struct esp_outer *o, const uint8_t *udp, size_t len)
{
	uint8_t pseudo[2 * ADDR_V6_LEN + 8];
	struct writer w = writer_over(pseudo, sizeof pseudo);

	write_addr(&w, &o->from);
	write_addr(&w, &o->to);
	write_u32(&w, (uint32_t)len);
	write_u32(&w, PROTOCOL_UDP);
	uint16_t sum =
		checksum_finish(checksum_add(checksum_add(0, pseudo, sizeof pseudo), udp, len));
	/* 0 would say that there is none. */
	return sum ? sum : UINT16_MAX;
}

size_t esp_outer_build(const struct esp_outer *o, uint16_t id, uint8_t *payload, size_t len)
{
	enum { CHECKSUM_AT = 6 };
	size_t header_len = esp_outer_len(o), ip_header_len = ip_len(o);
	size_t most = o->to.family == ADDR_V4 ? IP_LEN_MAX : IP_LEN_MAX + (size_t)IPV6_LEN;

	check(o->to.family != ADDR_NONE && o->from.family == o->to.family);
	if (header_len + len > most)
		return 0;
	struct writer w = writer_over(payload - header_len, header_len);
	if (o->to.family == ADDR_V4)
		write_ipv4(&w, o, id, header_len + len);
	else
		write_ipv6(&w, o, header_len + len);
	if (o->udp_to) {
		write_u16(&w, o->udp_from);
		write_u16(&w, o->udp_to);
		write_u16(&w, (uint16_t)(ESP_UDP_LEN + len));
		write_u16(&w, 0);
		if (o->to.family == ADDR_V6)
			write_u16_at(&w, ip_header_len + CHECKSUM_AT,
			             udp6_checksum(o, w.start + ip_header_len, ESP_UDP_LEN + len));
	}
	check(!w.failed && w.at == payload);
	return header_len;
}

enum esp_udp_kind esp_udp_kind(const uint8_t *bytes, size_t len)
{
	if (len == 1 && bytes[0] == KEEPALIVE)
		return ESP_UDP_KEEPALIVE;
	if (len <= MARKER_LEN)
		return ESP_UDP_BAD;
	return bytes[0] | bytes[1] | bytes[2] | bytes[3] ? ESP_UDP_ESP : ESP_UDP_IKE;
}

static bool parse_ipv4(const uint8_t *bytes, size_t len, struct esp_inner *ret)
{
	struct reader reader = reader_over(bytes, len), *r = &reader;
	struct esp_inner in = { .header_len = (size_t)(read_u8(r) & 0xf) * 4 };

	in.tos = read_u8(r);
	in.len = read_u16(r);
	read_skip(r, 2);
	in.fragment = read_u16(r) & FRAGMENT_BITS;
	in.ttl = read_u8(r);
	in.protocol = read_u8(r);
	read_skip(r, 2);
	in.from = read_addr(r, ADDR_V4_LEN);
	in.to = read_addr(r, ADDR_V4_LEN);
	if (r->failed || in.header_len < IPV4_LEN || in.header_len > in.len || in.len > len ||
	    checksum(bytes, in.header_len) != 0)
		return false;
	*ret = in;
	return true;
}

static bool parse_ipv6(const uint8_t *bytes, size_t len, struct esp_inner *ret)
{
	struct reader reader = reader_over(bytes, len), *r = &reader;
	uint32_t first = read_u32(r);
	struct esp_inner in = { .header_len = IPV6_LEN, .tos = (uint8_t)(first >> 20) };

	in.len = (size_t)read_u16(r) + IPV6_LEN;
	in.protocol = read_u8(r);
	in.fragment = in.protocol == IPV6_FRAGMENT;
	in.ttl = read_u8(r);
	in.from = read_addr(r, ADDR_V6_LEN);
	in.to = read_addr(r, ADDR_V6_LEN);
	if (r->failed || in.len > len)
		return false;
	*ret = in;
	return true;
}

bool esp_inner_parse(const uint8_t *bytes, size_t len, struct esp_inner *ret)
{
	if (len == 0)
		return false;
	if (bytes[0] >> 4 == 4)
		return parse_ipv4(bytes, len, ret);
	return bytes[0] >> 4 == 6 && parse_ipv6(bytes, len, ret);
}
