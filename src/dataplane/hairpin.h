/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets that come by a tunnel and leave by one of the same NHRP network again: the kernel routes
 * them in between, so what came is remembered by its addresses for a moment.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/dataplane.h"
#include "dataplane/inner.h"

struct slot;
struct tables;

enum {
	HAIRPIN_FLOWS = 1 << 13, /* remembered at a time; more forget each other */
	HAIRPIN_FRESH_MS = 2000, /* after which a packet that came is forgotten */
	HAIRPIN_AGAIN_MS = 1000, /* one flow is told of once in this time */
};

/*
 * A pair of inner addresses, where it came from, and when. Any worker writes it, without a lock: a
 * part of the flow's hash lies in both words, so that halves of two flows are no flow.
 */
struct hairpin_flow {
	uint64_t flow;
	uint64_t from; /* NBMA address, check of the flow, place of the slot */
	uint32_t seen_ms, told_ms;
};

/* A packet on its way past a tunnel. */
struct hairpin_packet {
	const struct slot *slot; /* that it comes or leaves by */
	const struct addr *nbma; /* that it comes from or goes to; IPv4 */
	const uint8_t *bytes;
	const struct inner *in;
	int64_t now_ns;
};

/* One that comes in. */
void hairpin_note(struct tables *t, const struct hairpin_packet *p);

/* Who sent a packet that turns round. */
struct hairpin {
	uint32_t tunnel; /* that it came by */
	struct addr from;
	uint8_t head[DP_HAIRPIN_LEN]; /* as it came: before the kernel took one off its TTL */
};

/* One that leaves. True when it came by a tunnel of the same network that wants to know of it, from
 * somebody else than it goes to, and was not told of lately. */
bool hairpin_find(struct tables *t, const struct hairpin_packet *p, struct hairpin *ret);
