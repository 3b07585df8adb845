/* SPDX-License-Identifier: Apache-2.0 */
#include "util/timers.h"

#include <stdlib.h>

#include "util/check.h"
#include "util/memory.h"

void timers_init(struct timers *ts)
{
	*ts = (struct timers){ 0 };
}

void timers_fini(struct timers *ts)
{
	free(ts->heap);
	*ts = (struct timers){ 0 };
}

static bool earlier(const struct timer *a, const struct timer *b)
{
	if (a->deadline.ns != b->deadline.ns)
		return a->deadline.ns < b->deadline.ns;
	return a->order < b->order;
}

static void place(struct timers *ts, size_t i, struct timer *t)
{
	ts->heap[i] = t;
	t->slot = (uint32_t)i + 1;
}

static void sift_up(struct timers *ts, size_t i)
{
	struct timer *t = ts->heap[i];

	while (i > 0 && earlier(t, ts->heap[(i - 1) / 2])) {
		place(ts, i, ts->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	place(ts, i, t);
}

static void sift_down(struct timers *ts, size_t i)
{
	struct timer *t = ts->heap[i];

	for (;;) {
		size_t child = 2 * i + 1;
		if (child + 1 < ts->n && earlier(ts->heap[child + 1], ts->heap[child]))
			child++;
		if (child >= ts->n || !earlier(ts->heap[child], t))
			break;
		place(ts, i, ts->heap[child]);
		i = child;
	}
	place(ts, i, t);
}

void timers_set(struct timers *ts, struct timer *t, mono deadline)
{
	if (mono_is_never(deadline)) {
		timers_clear(ts, t);
		return;
	}
	t->deadline = deadline;
	t->order = ts->next_order++;
	if (!timer_is_set(t)) {
		if (ts->n == ts->room) {
			ts->room = ts->room ? ts->room * 2 : 16;
			ts->heap = memory_resize(ts->heap, ts->room, sizeof *ts->heap);
		}
		place(ts, ts->n++, t);
	}
	size_t i = t->slot - 1;
	sift_up(ts, i);
	sift_down(ts, t->slot - 1);
}

void timers_clear(struct timers *ts, struct timer *t)
{
	if (!timer_is_set(t))
		return;
	size_t i = t->slot - 1;
	check(i < ts->n && ts->heap[i] == t);
	struct timer *last = ts->heap[--ts->n];
	t->slot = 0;
	if (last == t)
		return;
	place(ts, i, last);
	sift_up(ts, i);
	sift_down(ts, last->slot - 1);
}

mono timers_deadline(const struct timers *ts)
{
	return ts->n ? ts->heap[0]->deadline : MONO_NEVER;
}

struct timer *timers_pop_due(struct timers *ts, mono now)
{
	if (!ts->n || !mono_due(ts->heap[0]->deadline, now))
		return NULL;
	struct timer *t = ts->heap[0];
	timers_clear(ts, t);
	return t;
}
