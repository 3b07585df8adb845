/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP segmentation as a network card does it: identification counts up, FIN and PSH stay for the
 * last segment, CWR (RFC 3168 6.1.2) for the first. The checksum field of a frame that comes in
 * holds the sum of its pseudo-header only, so each segment's is computed from nothing: once what
 * all of them have in common, then what differs. To read back a header that was just written in
 * pieces would take longer than to write it. Pure functions, called by the workers.
 */
#include "dataplane/segment.h"

#include "dataplane/bytes.h"
#include "util/checksum.h"

/* Leaves 0 what differs from segment to segment. */
static void make_header(struct segments *s)
{
	uint8_t *ip = s->header, *tcp = ip + s->in.l4_offset;

	memcpy(ip, s->packet, s->header_len);
	s->seq = bytes_u32(tcp + 4);
	s->flags = tcp[13];
	bytes_set_u32(tcp + 4, 0);
	tcp[13] = 0;
	bytes_set_u16(tcp + 16, 0);
	if (s->in.family == ADDR_V4) {
		s->id = bytes_u16(ip + 4);
		bytes_set_u32(ip + 2, 0);
		bytes_set_u16(ip + 10, 0);
	}
	s->ip_sum = checksum_add(0, ip, s->in.l4_offset);
	s->tcp_sum = inner_pseudo_sum(ip, &s->in, 0);
	s->tcp_sum = checksum_add(s->tcp_sum, tcp, s->header_len - s->in.l4_offset);
}

bool segments_init(struct segments *s, const struct virtio_net_hdr_v1 *vnet, const uint8_t *packet,
                   const struct inner *in)
{
	uint8_t type = (uint8_t)(vnet->gso_type & ~VIRTIO_NET_HDR_GSO_ECN);
	uint8_t expected =
		in->family == ADDR_V4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
	size_t tcp_len = inner_tcp_len(packet, in);

	if (type != expected || vnet->gso_size == 0 || tcp_len == 0 ||
	    in->l4_offset + tcp_len > SEGMENT_HEADER_MAX)
		return false;
	s->packet = packet;
	s->in = *in;
	s->header_len = s->at = in->l4_offset + tcp_len;
	s->size = vnet->gso_size;
	s->n_done = 0;
	make_header(s);
	return segments_left(s);
}

size_t segments_count(const struct segments *s)
{
	return (s->in.len - s->header_len + s->size - 1) / s->size;
}

size_t segments_longest(const struct segments *s)
{
	size_t payload_len = s->in.len - s->header_len;

	return s->header_len + (payload_len < s->size ? payload_len : s->size);
}

static void finish_ip(const struct segments *s, uint8_t *header, size_t len)
{
	if (s->in.family == ADDR_V6) {
		bytes_set_u16(header + 4, (uint16_t)(len - IPV6_LEN));
		return;
	}
	uint16_t id = (uint16_t)(s->id + s->n_done);
	bytes_set_u16(header + 2, (uint16_t)len);
	bytes_set_u16(header + 4, id);
	bytes_set_u16(header + 10, checksum_finish(s->ip_sum + (uint32_t)len + id));
}

static size_t next_len(const struct segments *s)
{
	size_t left = s->in.len - s->at;

	return left < s->size ? left : s->size;
}

/* The headers of the next segment, with len bytes of payload, whose sum follows. */
static uint32_t put_headers(const struct segments *s, uint8_t *header, size_t len)
{
	uint32_t l4_len = (uint32_t)(s->header_len - s->in.l4_offset + len);
	uint32_t seq = (uint32_t)(s->seq + (s->at - s->header_len));
	uint8_t *tcp = header + s->in.l4_offset, flags = s->flags;

	if (s->at + len < s->in.len)
		flags &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (s->n_done > 0)
		flags &= (uint8_t)~TCP_CWR;
	memcpy(header, s->header, s->header_len);
	finish_ip(s, header, s->header_len + len);
	bytes_set_u32(tcp + 4, seq);
	tcp[13] = flags;
	return s->tcp_sum + (seq >> 16) + (seq & UINT16_MAX) + flags + l4_len;
}

static void finish_segment(struct segments *s, uint8_t *header, size_t len, uint32_t sum)
{
	bytes_set_u16(header + s->in.l4_offset + 16, checksum_finish(sum));
	s->at += len;
	s->n_done++;
}

size_t segments_next(struct segments *s, uint8_t *header, const uint8_t **ret_payload)
{
	const uint8_t *payload = s->packet + s->at;
	size_t len = next_len(s);
	uint32_t sum = put_headers(s, header, len);

	finish_segment(s, header, len, checksum_add(sum, payload, len));
	*ret_payload = payload;
	return len;
}

size_t segments_copy(struct segments *s, uint8_t *to)
{
	size_t len = next_len(s);
	uint32_t sum = put_headers(s, to, len);

	sum = checksum_copy(sum, to + s->header_len, s->packet + s->at, len);
	finish_segment(s, to, len, sum);
	return s->header_len + len;
}

bool segment_finish_checksum(const struct virtio_net_hdr_v1 *vnet, uint8_t *packet,
                             const struct inner *in, size_t packet_offset)
{
	size_t start = vnet->csum_start, field = start + vnet->csum_offset;

	if (start < packet_offset || field + 2 > packet_offset + in->len)
		return false;
	start -= packet_offset;
	field -= packet_offset;
	uint16_t value = checksum(packet + start, in->len - start);
	/* RFC 768: a computed zero is sent as all ones. */
	if (value == 0 && in->proto == IP_PROTO_UDP)
		value = 0xffff;
	bytes_set_u16(packet + field, value);
	return true;
}
