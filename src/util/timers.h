/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deadlines of many things in one binary heap. A `struct timer` lives inside the thing it belongs
 * to; the heap holds pointers only. Equal deadlines fire in the order in which they were set, so
 * that a run from a seed repeats exactly.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/clock.h"

struct timer {
	mono deadline;
	uint64_t order;
	uint32_t slot; /* position in the heap plus one; 0 when not set */
	uint16_t kind; /* the owner's own word for what is due */
};

struct timers {
	struct timer **heap;
	size_t n, room;
	uint64_t next_order;
};

void timers_init(struct timers *ts);
/* Frees the heap; timers still set are forgotten, not touched. */
void timers_fini(struct timers *ts);

/* Sets or moves a timer. A deadline of never clears it. */
void timers_set(struct timers *ts, struct timer *t, mono deadline);
void timers_clear(struct timers *ts, struct timer *t);
static inline bool timer_is_set(const struct timer *t)
{
	return t->slot != 0;
}

/* The next deadline, or never. */
mono timers_deadline(const struct timers *ts);
/* Takes out and returns the first timer that is due, or NULL. */
struct timer *timers_pop_due(struct timers *ts, mono now);
