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

enum {
	SEAL_BURST = 64,
	/* What a payload needs around it to be sealed where it lies. */
	SEAL_HEADROOM = 64, /* ESP header, inner IP header, GRE */
	SEAL_TAILROOM = ESP_TAILROOM,
	SEAL_ROOM = 192 << 10, /* for a burst of usual packets, or two of 64 KB */
	/* Of it, what a copy takes besides its payload. */
	SEAL_LINE = 64,
	SEAL_AROUND = SEAL_HEADROOM + GRE_LEN_KEYED + SEAL_TAILROOM + 2 * SEAL_LINE,
};

struct seal {
	struct esp_engine *engine; /* borrowed */
	size_t used;
	unsigned n, n_copied;
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
 * Takes a GRE packet as encap_start and the caller left it, sa set, with GRE's header in its head;
 * there must be room. With p->own set, that has SEAL_HEADROOM and SEAL_TAILROOM around it, and is
 * written to. id: of the inner header in tunnel mode. p is borrowed until seal_run. False when it
 * is too long for ESP.
 */
bool seal_add(struct seal *s, struct tx_packet *p, uint16_t id);
/*
 * Seals them all; each tx_packet now is the ESP with its outer headers, which get successive
 * identifications from *id on. One that could not be sealed is refused. Returns how many were.
 */
unsigned seal_run(struct seal *s, uint16_t *id);
