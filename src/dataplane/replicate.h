/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multicast of a multipoint tunnel: a frame and a copy of it for each member of the tunnel's
 * replication list. One `struct replicate` belongs to one worker.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dataplane/forward.h"

enum {
	REPLICATE_QUEUE = 512,        /* frames that wait, as IOS's multicast queue */
	REPLICATE_BYTES = 4 << 20,    /* … and their bytes */
	REPLICATE_COPIES = 128 << 10, /* bytes of the copies of one burst: the longest frame fits */
};

/* A frame that not all members have yet. */
struct replicated {
	uint16_t slot_at; /* the slot may be gone, or be another's, when it is looked at again */
	uint32_t number;
	uint32_t next; /* index of the member that has the next copy */
	size_t len;
	uint8_t *frame;
};

struct replicate {
	struct forward *forward;
	struct replicated queue[REPLICATE_QUEUE]; /* a ring */
	unsigned first, n;
	size_t bytes;
	int64_t resume_ns; /* the next batch is not due before */
	uint8_t *copies;   /* REPLICATE_COPIES */
	size_t copies_len;
};

void replicate_init(struct replicate *r, struct forward *forward);
void replicate_fini(struct replicate *r);

/* Takes a copy of the frame. Drops and counts it when the tunnel has no members, or too much waits.
 */
void replicate_take(struct replicate *r, struct slot *slot, const uint8_t *frame, size_t len);

/* Sends a batch of what waits, if it is due, and flushes `forward`. */
void replicate_run(struct replicate *r);

/* Milliseconds until replicate_run has something to do, rounded up; -1: nothing waits. */
int replicate_wait_ms(const struct replicate *r);
