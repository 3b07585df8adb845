/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame is kept until every member had its copy. A batch is at most so many copies, so that a hub
 * with thousands of spokes goes on serving its other queues meanwhile; with an interval (`ip nhrp
 * multicast batch-size N batch-interval MS`) the next batch waits, so that the underlay is not
 * flooded either. Frames go in their order, the first one of the queue to all members before the
 * second.
 *
 * Members that come or go between two batches move the others' places, and one of these may miss a
 * frame or have it twice; the protocols that speak multicast here repeat themselves.
 *
 * Each copy has its own bytes, since what sends it may work in place. Worker threads, under RCU.
 */
#include "dataplane/replicate.h"

#include <stdlib.h>
#include <string.h>

#include "util/clock.h"
#include "util/memory.h"

void replicate_init(struct replicate *r, struct forward *forward)
{
	*r = (struct replicate){ .forward = forward, .copies = memory_new(1, REPLICATE_COPIES) };
}

static void forget_first(struct replicate *r)
{
	struct replicated *m = &r->queue[r->first];

	r->bytes -= m->len;
	free(m->frame);
	m->frame = NULL;
	r->first = (r->first + 1) % REPLICATE_QUEUE;
	r->n--;
}

void replicate_fini(struct replicate *r)
{
	while (r->n)
		forget_first(r);
	free(r->copies);
}

void replicate_take(struct replicate *r, struct slot *slot, const uint8_t *frame, size_t len)
{
	const struct replication *list = rcu_dereference(slot->replication);
	struct dp_counters *counters = &slot->counters[r->forward->worker];

	if (!list || list->n == 0) {
		counter_drop(counters, DP_DROP_MULTICAST);
		return;
	}
	if (r->n == REPLICATE_QUEUE || r->bytes + len > REPLICATE_BYTES) {
		counter_drop(counters, DP_DROP_MULTICAST_FULL);
		return;
	}
	struct replicated *m = &r->queue[(r->first + r->n++) % REPLICATE_QUEUE];
	*m = (struct replicated){
		.slot_at = slot->at, .number = slot->number, .len = len, .frame = memory_new(1, len)
	};
	memcpy(m->frame, frame, len);
	r->bytes += len;
}

static void flush(struct replicate *r)
{
	forward_flush(r->forward);
	r->copies_len = 0;
}

static void send_copy(struct replicate *r, const struct replicated *m, struct adjacency *to)
{
	size_t len = FORWARD_HEADROOM + m->len + FORWARD_TAILROOM;

	if (r->copies_len + len > REPLICATE_COPIES || r->forward->n == FORWARD_BURST)
		flush(r);
	uint8_t *copy = r->copies + r->copies_len + FORWARD_HEADROOM;
	memcpy(copy, m->frame, m->len);
	r->copies_len += len;
	forward_copy(r->forward, to, copy, m->len);
}

/* Copies of the first frame, while the batch has room. True when it is through, or its tunnel is
 * gone.
 */
static bool send_first(struct replicate *r, uint32_t *sent)
{
	struct replicated *m = &r->queue[r->first];
	const struct slot *slot = rcu_dereference(r->forward->tables->slots[m->slot_at]);

	if (!slot || slot->number != m->number)
		return true;
	const struct replication *list = rcu_dereference(slot->replication);
	const struct dp_tunnel *config = &rcu_dereference(slot->tunnel)->config;
	uint32_t batch = config->multicast_batch ? config->multicast_batch : DP_MULTICAST_BATCH;

	for (; *sent < batch && list && m->next < list->n; ++*sent)
		send_copy(r, m, list->member[m->next++]);
	flush(r);
	bool done = !list || m->next >= list->n;
	if (!done)
		r->resume_ns = r->forward->now_ns + config->multicast_interval_ms * NS_PER_MS;
	return done;
}

void replicate_run(struct replicate *r)
{
	if (r->forward->now_ns < r->resume_ns)
		return;
	uint32_t sent = 0;
	while (r->n && send_first(r, &sent))
		forget_first(r);
}

int replicate_wait_ms(const struct replicate *r)
{
	int64_t wait_ns = r->resume_ns - r->forward->now_ns;

	if (r->n == 0)
		return -1;
	return wait_ns <= 0 ? 0 : (int)((wait_ns + NS_PER_MS - 1) / NS_PER_MS);
}
