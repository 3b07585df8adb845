/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring from one worker to the control thread: packets, wants, stale MACs. One producer, one
 * consumer, no locks; what does not fit is refused, for the producer to count.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/dataplane.h"

enum {
	PUNT_BYTES_MAX = 16 << 10, /* NHRP packets are shorter, IKE's longest are this long */
	/* A type of our own, never shown outside: a worker wants the path of adjacency `mac` (all
	 * zero: of the p2p tunnel) towards `to`. */
	PUNT_PATH = DP_PUNT_STRANGER + 1,
};

struct punt_entry {
	struct dp_punt punt;
	uint8_t bytes[PUNT_BYTES_MAX];
};

struct punt_ring {
	uint32_t head;            /* next to write: the worker's */
	uint32_t tail;            /* next to read: the control thread's */
	struct punt_entry *entry; /* DP_PUNT_RING of them */
};

void punt_ring_init(struct punt_ring *r);
void punt_ring_fini(struct punt_ring *r);
/* Copies the punt with its bytes. False when the ring is full or the bytes are too many. */
bool punt_ring_push(struct punt_ring *r, const struct dp_punt *punt);
/* For either side. */
bool punt_ring_is_empty(const struct punt_ring *r);
/* The oldest entry, or NULL; it stays in the ring, and valid, until punt_ring_pop. */
const struct dp_punt *punt_ring_peek(struct punt_ring *r);
void punt_ring_pop(struct punt_ring *r);
