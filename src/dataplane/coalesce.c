/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments join when a reader of the frame could not tell: same addresses, ports, acknowledgement,
 * window, options, TOS, TTL and DF, sequence next in line, only ACK and PSH, none longer than the
 * first; a shorter one or PSH ends the frame. Their checksums are verified first, since the vnet
 * header of the result makes the kernel trust it. Everything else is written as it came, and the
 * kernel checks it.
 *
 * Another network card may have done the same before us (GRO), or left a checksum to its hardware:
 * such packets hold the pseudo-header's sum in the checksum field, and are marked so that the
 * kernel finishes it.
 */
#include "dataplane/coalesce.h"

#include <string.h>

#include "dataplane/bytes.h"
#include "util/checksum.h"

static void set_partial(struct virtio_net_hdr_v1 *vnet, const struct inner *in)
{
	vnet->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	vnet->csum_start = (uint16_t)(ETH_LEN + in->l4_offset);
	vnet->csum_offset = inner_checksum_offset(in);
}

static void set_gso(struct virtio_net_hdr_v1 *vnet, const struct inner *in, size_t header_len,
                    size_t gso_size)
{
	vnet->gso_type =
		in->family == ADDR_V4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
	vnet->gso_size = (uint16_t)gso_size;
	vnet->hdr_len = (uint16_t)(ETH_LEN + header_len);
}

/* A packet whose checksum is left to hardware; it may be an aggregate. */
static void describe_partial(const struct coalesce_packet *p, uint8_t ret_vnet[static VNET_LEN])
{
	struct virtio_net_hdr_v1 vnet = { 0 };
	size_t tcp_len = inner_tcp_len(p->bytes, &p->in);
	size_t header_len = p->in.l4_offset + tcp_len;

	set_partial(&vnet, &p->in);
	if (tcp_len && p->in.len > p->mtu_bytes && p->mtu_bytes > header_len)
		set_gso(&vnet, &p->in, header_len, p->mtu_bytes - header_len);
	memcpy(ret_vnet, &vnet, VNET_LEN);
}

static void write_plain(struct coalesce *c, const struct coalesce_packet *p)
{
	uint8_t head[VNET_LEN + ETH_LEN] = { 0 };

	if (inner_checksum_is_partial(p->bytes, &p->in))
		describe_partial(p, head);
	memcpy(head + VNET_LEN, p->eth, ETH_LEN);
	const struct iovec iov[2] = {
		{ head, sizeof head },
		{ (void *)(uintptr_t)p->bytes, p->in.len },
	};
	c->write(c->ctx, p->slot, iov, 2);
}

/* Finishes the headers of what was put together and writes it. */
static void close_flow(struct coalesce *c, struct coalesce_flow *f)
{
	struct virtio_net_hdr_v1 vnet = { 0 };
	uint8_t *packet = f->head + VNET_LEN + ETH_LEN, *tcp = packet + f->in.l4_offset;

	f->open = false;
	if (f->n_pieces > 1) {
		set_partial(&vnet, &f->in);
		set_gso(&vnet, &f->in, f->header_len, f->gso_size);
		if (f->in.family == ADDR_V4) {
			bytes_set_u16(packet + 2, (uint16_t)f->total_len);
			bytes_set_u16(packet + 10, 0);
			bytes_set_u16(packet + 10, checksum(packet, f->in.l4_offset));
		} else {
			bytes_set_u16(packet + 4, (uint16_t)(f->total_len - IPV6_LEN));
		}
		uint32_t pseudo = inner_pseudo_sum(packet, &f->in, f->total_len - f->in.l4_offset);
		bytes_set_u16(tcp + 16, checksum_fold(pseudo));
	}
	memcpy(f->head, &vnet, VNET_LEN);
	f->iov[0] = (struct iovec){ f->head, VNET_LEN + ETH_LEN + f->header_len };
	c->write(c->ctx, f->slot, f->iov, 1 + f->n_pieces);
}

static bool checksum_is_right(const struct coalesce_packet *p)
{
	size_t l4_len = p->in.len - p->in.l4_offset;
	uint32_t sum = inner_pseudo_sum(p->bytes, &p->in, l4_len);

	return checksum_finish(checksum_add(sum, p->bytes + p->in.l4_offset, l4_len)) == 0;
}

static bool same_connection(const struct coalesce_flow *f, const struct coalesce_packet *p)
{
	const uint8_t *a = f->head + VNET_LEN + ETH_LEN, *b = p->bytes;
	size_t at = f->in.family == ADDR_V4 ? 12 : 8;

	/* Addresses and ports lie side by side: IPv4 options and IPv6 extensions are not held. */
	return f->open && f->slot == p->slot && f->in.family == p->in.family &&
	       f->in.l4_offset == p->in.l4_offset &&
	       memcmp(a + at, b + at, f->in.l4_offset - at + 4) == 0;
}

/* Everything that one header can say only once for all segments is the same. */
static bool same_headers(const struct coalesce_flow *f, const struct coalesce_packet *p,
                         size_t header_len)
{
	const uint8_t *a = f->head + VNET_LEN + ETH_LEN, *b = p->bytes;
	const uint8_t *ta = a + f->in.l4_offset, *tb = b + p->in.l4_offset;

	if (f->header_len != header_len)
		return false;
	if (f->in.family == ADDR_V4) {
		if (a[1] != b[1] || memcmp(a + 6, b + 6, 3) != 0) /* TOS; DF, TTL */
			return false;
	} else if (memcmp(a, b, 4) != 0 || a[7] != b[7]) { /* class, flow label; hop limit */
		return false;
	}
	return memcmp(ta + 8, tb + 8, 4) == 0 && memcmp(ta + 14, tb + 14, 2) == 0 &&
	       memcmp(ta + TCP_LEN, tb + TCP_LEN, header_len - f->in.l4_offset - TCP_LEN) == 0;
}

static bool joins(const struct coalesce_flow *f, const struct coalesce_packet *p, size_t header_len)
{
	size_t payload_len = p->in.len - header_len;

	return same_headers(f, p, header_len) &&
	       bytes_u32(p->bytes + p->in.l4_offset + 4) == f->next_seq &&
	       payload_len <= f->gso_size && f->n_pieces < COALESCE_PIECES &&
	       f->total_len + payload_len <= UINT16_MAX;
}

static void append(struct coalesce *c, struct coalesce_flow *f, const struct coalesce_packet *p)
{
	size_t payload_len = p->in.len - f->header_len;
	uint8_t flags = p->bytes[p->in.l4_offset + 13];
	void *payload = (void *)(uintptr_t)(p->bytes + f->header_len);

	f->iov[1 + f->n_pieces++] = (struct iovec){ payload, payload_len };
	f->total_len += payload_len;
	f->next_seq += (uint32_t)payload_len;
	f->head[VNET_LEN + ETH_LEN + f->in.l4_offset + 13] |= flags;
	if (payload_len < f->gso_size || (flags & TCP_PSH))
		close_flow(c, f);
}

static void open_flow(struct coalesce *c, const struct coalesce_packet *p, size_t header_len)
{
	struct coalesce_flow *f = NULL;

	for (unsigned i = 0; i < COALESCE_FLOWS && !f; i++)
		if (!c->flow[i].open)
			f = &c->flow[i];
	if (!f) {
		f = &c->flow[c->next++ % COALESCE_FLOWS];
		close_flow(c, f);
	}
	f->open = true;
	f->slot = p->slot;
	f->in = p->in;
	f->header_len = f->total_len = header_len;
	f->gso_size = p->in.len - header_len;
	f->next_seq = bytes_u32(p->bytes + p->in.l4_offset + 4);
	f->n_pieces = 0;
	memcpy(f->head + VNET_LEN, p->eth, ETH_LEN);
	memcpy(f->head + VNET_LEN + ETH_LEN, p->bytes, header_len);
	append(c, f, p);
}

/* Length of IP and TCP header of a segment that may be held back, or 0. */
static size_t eligible(const struct coalesce_packet *p)
{
	size_t tcp_len = inner_tcp_len(p->bytes, &p->in), header_len = p->in.l4_offset + tcp_len;

	if (tcp_len == 0 || p->in.options || p->in.len <= header_len || p->in.len > p->mtu_bytes)
		return 0;
	const uint8_t *tcp = p->bytes + p->in.l4_offset;
	if ((tcp[13] & ~TCP_PSH) != TCP_ACK || (tcp[12] & 0xf))
		return 0;
	return checksum_is_right(p) ? header_len : 0;
}

void coalesce_add(struct coalesce *c, const struct coalesce_packet *p)
{
	struct coalesce_flow *f = NULL;

	if (p->in.proto != IP_PROTO_TCP)
		return write_plain(c, p);
	size_t header_len = eligible(p);
	if (p->in.len >= p->in.l4_offset + TCP_LEN)
		for (unsigned i = 0; i < COALESCE_FLOWS && !f; i++)
			if (same_connection(&c->flow[i], p))
				f = &c->flow[i];
	if (f && header_len && joins(f, p, header_len))
		return append(c, f, p);
	if (f)
		close_flow(c, f);
	if (header_len)
		open_flow(c, p, header_len);
	else
		write_plain(c, p);
}

void coalesce_flush(struct coalesce *c)
{
	for (unsigned i = 0; i < COALESCE_FLOWS; i++)
		if (c->flow[i].open)
			close_flow(c, &c->flow[i]);
}
