/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbound half of protection in a worker: GRE packets are sealed as a burst, where they lie
 * when they can grow there at both ends, else in a copy.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/encap.h"
#include "dataplane/sa_table.h"
#include "esp/esp.h"
#include "util/check.h"

enum {
	SEAL_BURST = 64,
	/* What a payload needs around it to be sealed where it lies. */
	SEAL_HEADROOM = 128, /* outer headers, ESP header, inner IP header, GRE */
	SEAL_TAILROOM = ESP_TAILROOM,
	SEAL_ROOM = 192 << 10, /* for a burst of usual packets, or two of 64 KB */
	/* Of it, what a copy takes besides its payload. */
	SEAL_LINE = 64,
	SEAL_FRONT = 2 * SEAL_LINE, /* in front of GRE */
	SEAL_AROUND = SEAL_HEADROOM + GRE_LEN_KEYED + SEAL_TAILROOM + 2 * SEAL_LINE,
};

struct seal {
	struct esp_engine *engine; /* borrowed */
	size_t used;
	unsigned n;
	uint16_t id; /* of the next header, inner or outer */
	struct esp_packet packet[SEAL_BURST];
	struct tx_packet *tx[SEAL_BURST];
	uint8_t room[SEAL_ROOM];
};

void seal_init(struct seal *s, struct esp_engine *engine);

/* Whether one more packet finds room, copied_len bytes of which are to be copied. */
static inline bool seal_has_room(const struct seal *s, size_t copied_len)
{
	return s->n < SEAL_BURST && s->used + SEAL_AROUND + copied_len <= SEAL_ROOM;
}
/*
 * Room of its own for the next packet, of up to len bytes with GRE's header, which are the caller's
 * to write before seal_add. There must be room.
 */
uint8_t *seal_room(struct seal *s, size_t len);
/* The GRE packet's own header, which tunnel mode seals too. False when it is too long. */
bool seal_put_inner_header(const struct tx_packet *p, uint16_t id, struct esp_packet *e);

/*
 * Takes a GRE packet of len bytes, there or where it lies with SEAL_HEADROOM in front of the
 * payload and SEAL_TAILROOM behind it; it is written to, and borrowed until seal_run, and so is p.
 * Of p the sa, tos and ttl are set. False when it is too long for ESP.
 */
static inline bool seal_add(struct seal *s, struct tx_packet *p, uint8_t *gre, size_t len)
{
	check(s->n < SEAL_BURST);
	struct esp_packet *e = &s->packet[s->n];

	e->sa = p->sa->esp;
	e->bytes = gre;
	e->len = len;
	e->headroom = SEAL_HEADROOM - GRE_LEN_KEYED;
	e->tailroom = ESP_TAILROOM;
	e->next_header = IP_PROTO_GRE;
	if (p->sa->tunnel_mode && !seal_put_inner_header(p, s->id++, e))
		return false;
	s->tx[s->n++] = p;
	return true;
}

/*
 * Seals them all; each tx_packet now is the ESP with its outer headers. One that could not be
 * sealed is refused. Returns how many were.
 */
unsigned seal_run(struct seal *s);
