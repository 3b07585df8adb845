/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/encap.h"

#include "dataplane/bytes.h"
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
	p->refused = false;
}

bool encap_finish(struct tx_packet *p, uint16_t id)
{
	size_t len = encap_outer_len(p);
	struct writer w = writer_over(p->head + OUTER_OFFSET, IPV4_LEN);

	if (len > OUTER_MAX)
		return false;
	write_u8(&w, 0x45);
	write_u8(&w, p->tos);
	write_u16(&w, (uint16_t)len);
	write_u16(&w, id);
	write_u16(&w, 0);
	write_u8(&w, p->ttl);
	write_u8(&w, IP_PROTO_GRE);
	write_u16(&w, 0);
	write_addr(&w, &p->from);
	write_addr(&w, &p->to);
	write_u16_at(&w, 10, checksum(p->head + OUTER_OFFSET, IPV4_LEN));
	return !w.failed;
}
