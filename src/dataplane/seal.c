/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 4303 3.1: in transport mode ESP carries GRE right away, in tunnel mode the GRE packet with
 * its IP header. Lengths are rounded up to cache lines, and one more is left out, so that packets
 * spread over the cache's sets. Worker threads, under RCU.
 */
#include "dataplane/seal.h"

#include <string.h>

#include "esp/outer.h"
#include "util/check.h"

enum { FRONT = SEAL_LINE /* of a copied packet: ESP header, inner IP header */ };

static_assert(FRONT >= ESP_HEADROOM + IPV4_LEN, "room for ESP and an inner header");
static_assert(SEAL_HEADROOM >= ESP_HEADROOM + IPV4_LEN + GRE_LEN_KEYED, "and for GRE");

void seal_init(struct seal *s, struct esp_engine *engine)
{
	s->engine = engine;
	s->used = 0;
	s->n = s->n_copied = 0;
}

/* The GRE packet's own header, which tunnel mode seals too. */
static size_t put_inner_header(const struct tx_packet *p, uint16_t id, struct esp_packet *e)
{
	const struct esp_outer header = {
		.from = p->sa->inner_local,
		.to = p->sa->inner_remote,
		.protocol = IP_PROTO_GRE,
		.tos = p->tos,
		.ttl = p->ttl,
	};
	size_t len = esp_outer_build(&header, id, e->bytes, e->len);

	e->bytes -= len;
	e->len += len;
	e->headroom -= len;
	e->next_header = IP_PROTO_IPIP;
	return len;
}

/* Where GRE and its payload lie together, in front of it and behind it room for the rest. */
static uint8_t *gather(struct seal *s, const struct tx_packet *p)
{
	const uint8_t *head = p->head + GRE_OFFSET;
	size_t head_len = p->head_len - GRE_OFFSET, len = head_len + p->payload_len;
	uint8_t *gre = s->room + s->used + FRONT;

	if (!p->own) {
		memcpy(gre, head, head_len);
		memcpy(gre + head_len, p->payload, p->payload_len);
		s->used +=
			(FRONT + len + ESP_TAILROOM + 2 * SEAL_LINE - 1) & ~(size_t)(SEAL_LINE - 1);
		s->n_copied++;
		return gre;
	}
	gre = p->own - head_len;
	if (head_len == GRE_LEN_MIN)
		memcpy(gre, head, GRE_LEN_MIN);
	else
		memcpy(gre, head, head_len);
	return gre;
}

bool seal_add(struct seal *s, struct tx_packet *p, uint16_t id)
{
	const struct sa_route *route = rcu_dereference(p->sa->route);
	struct esp_packet *e = &s->packet[s->n];

	check(seal_has_room(s, p->own ? 0 : p->payload_len));
	*e = (struct esp_packet){
		.sa = p->sa->esp,
		.bytes = gather(s, p),
		.len = p->head_len - GRE_OFFSET + p->payload_len,
		.headroom = FRONT,
		.tailroom = ESP_TAILROOM,
		.next_header = IP_PROTO_GRE,
	};
	if (p->sa->tunnel_mode && put_inner_header(p, id, e) == 0)
		return false;
	p->from = p->sa->local;
	p->to = route->remote;
	p->udp_to = route->udp_port;
	p->df = p->sa->tunnel_mode && p->sa->df == DP_DF_SET;
	s->tx[s->n++] = p;
	return true;
}

unsigned seal_run(struct seal *s, uint16_t *id)
{
	unsigned n_refused = 0;

	esp_seal(s->engine, s->packet, s->n);
	for (unsigned i = 0; i < s->n; i++) {
		struct tx_packet *p = s->tx[i];
		encap_wrap(p, s->packet[i].bytes, s->packet[i].len);
		p->refused = s->packet[i].drop != ESP_DROP_NONE || !encap_finish(p, (*id)++);
		n_refused += p->refused;
	}
	s->n = s->n_copied = 0;
	s->used = 0;
	return n_refused;
}
