/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbound half of protection in a worker: GRE packets are copied into room where they can grow
 * at both ends, and sealed as a burst.
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
	SEAL_ROOM = 192 << 10, /* for a burst of usual packets, or two of 64 KB */
};

struct seal {
	struct esp_engine *engine; /* borrowed */
	size_t used;
	unsigned n;
	struct esp_packet packet[SEAL_BURST];
	struct tx_packet *tx[SEAL_BURST];
	uint8_t room[SEAL_ROOM];
};

void seal_init(struct seal *s, struct esp_engine *engine);

/* Whether one more packet of inner_len bytes behind its GRE header finds room. */
bool seal_has_room(const struct seal *s, size_t inner_len);
/*
 * Takes a GRE packet as encap_start and the caller left it, sa set, with GRE's header in its head;
 * there must be room. id: of the inner header in tunnel mode. p is borrowed until seal_run. False
 * when it is too long for ESP.
 */
bool seal_add(struct seal *s, struct tx_packet *p, uint16_t id);
/* Seals them all; each tx_packet now is the ESP, short of its outer header. One that could not be
 * sealed is refused. */
void seal_run(struct seal *s);
