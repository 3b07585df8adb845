/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/encap.h"

#include "dataplane/bytes.h"
#include "dataplane/dataplane.h"
#include "util/checksum.h"

void encap_start(struct tx_packet *p, const struct encap *e, uint16_t proto)
{
	memcpy(p->head + GRE_OFFSET, e->gre, GRE_LEN_KEYED);
	bytes_set_u16(p->head + GRE_OFFSET + 2, proto);
	p->head_len = (size_t)GRE_OFFSET + e->gre_len;
	p->payload = NULL;
	p->payload_len = 0;
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

/* RFC 3948 2.1: checksum 0. It is the kernel's to fill in where a UDP socket sends. */
static void write_udp(struct writer *w, const struct tx_packet *p)
{
	write_u16(w, DP_NAT_PORT);
	write_u16(w, p->udp_to);
	write_u16(w, (uint16_t)(UDP_LEN + p->payload_len));
	write_u16(w, 0);
}

bool encap_finish(struct tx_packet *p, uint16_t id)
{
	size_t len = encap_outer_len(p);
	struct writer w = writer_over(p->head + OUTER_OFFSET, IPV4_LEN + UDP_LEN);

	if (len > OUTER_MAX)
		return false;
	write_u8(&w, 0x45);
	write_u8(&w, p->tos);
	write_u16(&w, (uint16_t)len);
	write_u16(&w, id);
	write_u16(&w, p->df ? IP_DF : 0);
	write_u8(&w, p->ttl);
	write_u8(&w, p->udp_to ? IP_PROTO_UDP : p->proto);
	write_u16(&w, 0);
	write_addr(&w, &p->from);
	write_addr(&w, &p->to);
	write_u16_at(&w, 10, checksum(p->head + OUTER_OFFSET, IPV4_LEN));
	if (p->udp_to)
		write_udp(&w, p);
	return !w.failed;
}
