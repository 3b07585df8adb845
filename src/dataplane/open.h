/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inbound half of protection in a worker: ESP, plain or in UDP, is gathered, opened as a burst,
 * and goes on as GRE.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/receive.h"
#include "dataplane/sa_table.h"
#include "esp/esp.h"

enum { OPEN_TOLD = 64 }; /* of which the control thread was told not long ago */

/* Where a packet came from, when it is not where its association expects it from. */
struct elsewhere {
	uint16_t udp_port; /* 0: it came from there */
	uint32_t sequence; /* as in the packet */
	struct addr from;
};

/* What a socket brought. */
struct arrival {
	uint8_t *bytes; /* OPEN_HEADROOM bytes in front of it may be written to */
	size_t len;
	struct addr from, to; /* outer */
	uint16_t udp_port;    /* it came from, to DP_NAT_PORT; 0: ESP right in IP */
	uint8_t tos;          /* outer */
};

enum { OPEN_HEADROOM = 16 }; /* an Ethernet header may reach in front of the shortest ESP header */

struct open {
	struct esp_engine *engine; /* borrowed */
	unsigned n;
	struct esp_packet packet[ESP_BURST];
	struct sa *sa[ESP_BURST];
	uint8_t tos[ESP_BURST];
	struct elsewhere elsewhere[ESP_BURST];
	int64_t told_ns[OPEN_TOLD];  /* of unknown SPIs, by the sender's place */
	int64_t moved_ns[OPEN_TOLD]; /* of associations that have moved, by SPI */
};

void open_init(struct open *o, struct esp_engine *engine);

/* Takes an outer IPv4 packet with ESP in it, borrowed until receive_flush. */
void open_packet(struct receive *r, uint8_t *bytes, size_t len);
/* Takes ESP, from the SPI on, borrowed likewise. */
void open_esp(struct receive *r, const struct arrival *a);
/*
 * Takes what came to UDP port 4500: one datagram, or several of `segment` bytes (the last may be
 * shorter) that lie one behind the other; ESP, IKE and keepalives in any mixture. Borrowed
 * likewise.
 */
void open_datagrams(struct receive *r, const struct arrival *a, size_t segment);
/* Opens what was gathered, and hands it on. Before receive_flush. */
void open_flush(struct receive *r);
