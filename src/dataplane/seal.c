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

static_assert((int)SEAL_HEADROOM >=
                      (int)ENCAP_HEAD_SEALED + ESP_HEADROOM + IPV4_LEN + GRE_LEN_KEYED,
              "room for outer headers, ESP, an inner header and GRE");
static_assert((int)SEAL_FRONT + GRE_LEN_MIN >= (int)SEAL_HEADROOM, "and in front of a copy");

void seal_init(struct seal *s, struct esp_engine *engine)
{
	s->engine = engine;
	s->used = 0;
	s->n = 0;
	s->id = 0;
}

bool seal_put_inner_header(const struct tx_packet *p, uint16_t id, struct esp_packet *e)
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
	return len > 0;
}

uint8_t *seal_room(struct seal *s, size_t len)
{
	uint8_t *gre = s->room + s->used + SEAL_FRONT;

	s->used += (SEAL_FRONT + len + ESP_TAILROOM + 2 * SEAL_LINE - 1) & ~(size_t)(SEAL_LINE - 1);
	check(s->used <= SEAL_ROOM);
	return gre;
}

/* Makes the packet one that carries ESP behind outer headers. False when it is too long. */
static inline bool wrap(struct tx_packet *p, const struct esp_packet *e, uint16_t id)
{
	const struct sa *sa = p->sa;
	const struct sa_route *route = rcu_dereference(sa->route);

	encap_between(p, &sa->local, &route->remote);
	p->udp_to = route->udp_port;
	p->df = sa->tunnel_mode && sa->df == DP_DF_SET;
	encap_wrap(p, e->bytes, e->len);
	return encap_finish(p, id);
}

unsigned seal_run(struct seal *s)
{
	unsigned n_refused = 0;

	esp_seal(s->engine, s->packet, s->n);
	for (unsigned i = 0; i < s->n; i++) {
		struct tx_packet *p = s->tx[i];
		const struct esp_packet *e = &s->packet[i];
		p->refused = e->drop != ESP_DROP_NONE || !wrap(p, e, s->id++);
		n_refused += p->refused;
	}
	s->n = 0;
	s->used = 0;
	return n_refused;
}
