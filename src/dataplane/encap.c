/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/encap.h"

#include "dataplane/bytes.h"
#include "dataplane/dataplane.h"
#include "util/checksum.h"

void encap_start(struct tx_packet *p, const struct encap *e, uint16_t proto)
{
	/* In the words that it is read by again. */
	bytes_set_u32(p->head + GRE_OFFSET, bytes_u32(e->gre) | proto);
	memcpy(p->head + GRE_OFFSET + GRE_LEN_MIN, e->gre + GRE_LEN_MIN,
	       GRE_LEN_KEYED - GRE_LEN_MIN);
	p->head_len = (size_t)GRE_OFFSET + e->gre_len;
	p->payload = NULL;
	p->payload_len = 0;
	p->own = NULL;
	p->from = e->from;
	p->to = e->to;
	p->tos = e->tos;
	p->ttl = e->ttl;
	p->proto = IP_PROTO_GRE;
	p->udp_to = 0;
	p->df = false;
	p->sa = NULL;
	p->adjacency = NULL;
	p->refused = false;
}

void encap_wrap(struct tx_packet *p, const uint8_t *esp, size_t len)
{
	p->proto = IP_PROTO_ESP;
	p->head_len = GRE_OFFSET + (p->udp_to ? UDP_LEN : 0);
	p->payload = esp;
	p->payload_len = len;
}

/* Whole words, with their sum on the way: what was written byte by byte is dear to read again. */
static void write_ipv4(uint8_t *at, const struct tx_packet *p, uint16_t len, uint16_t id)
{
	uint8_t proto = p->udp_to ? IP_PROTO_UDP : p->proto;
	uint32_t word[] = {
		UINT32_C(0x45) << 24 | (uint32_t)p->tos << 16 | len,
		(uint32_t)id << 16 | (p->df ? IP_DF : 0),
		(uint32_t)p->ttl << 24 | (uint32_t)proto << 16,
		bytes_u32(p->from.bytes),
		bytes_u32(p->to.bytes),
	};
	uint32_t sum = 0;

	for (unsigned i = 0; i < IPV4_LEN / 4; i++)
		sum += (word[i] >> 16) + (word[i] & UINT16_MAX);
	word[2] |= checksum_finish(sum);
	for (unsigned i = 0; i < IPV4_LEN / 4; i++)
		bytes_set_u32(at + (size_t)4 * i, word[i]);
}

/* RFC 3948 2.1: checksum 0. It is the kernel's to fill in where a UDP socket sends. */
static void write_udp(uint8_t *at, const struct tx_packet *p)
{
	bytes_set_u32(at, (uint32_t)DP_NAT_PORT << 16 | p->udp_to);
	bytes_set_u32(at + 4, (uint32_t)(UDP_LEN + p->payload_len) << 16);
}

bool encap_finish(struct tx_packet *p, uint16_t id)
{
	size_t len = encap_outer_len(p);

	if (len > OUTER_MAX)
		return false;
	write_ipv4(p->head + OUTER_OFFSET, p, (uint16_t)len, id);
	if (p->udp_to)
		write_udp(p->head + GRE_OFFSET, p);
	return true;
}
