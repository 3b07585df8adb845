/* SPDX-License-Identifier: Apache-2.0 */
/* Single-producer ring. The release store of an index publishes (or gives back) the entry before
 * it. */
#include "dataplane/punt.h"

#include <stdlib.h>
#include <string.h>

#include "util/check.h"
#include "util/memory.h"

void punt_ring_init(struct punt_ring *r)
{
	*r = (struct punt_ring){ .entry = memory_new(DP_PUNT_RING, sizeof *r->entry) };
}

void punt_ring_fini(struct punt_ring *r)
{
	free(r->entry);
	r->entry = NULL;
}

bool punt_ring_push(struct punt_ring *r, const struct dp_punt *punt)
{
	uint32_t tail = __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE);
	struct punt_entry *e = &r->entry[r->head % DP_PUNT_RING];

	if (r->head - tail >= DP_PUNT_RING || punt->len > PUNT_BYTES_MAX)
		return false;
	e->punt = *punt;
	e->punt.bytes = e->bytes;
	if (punt->len)
		memcpy(e->bytes, punt->bytes, punt->len);
	__atomic_store_n(&r->head, r->head + 1, __ATOMIC_RELEASE);
	return true;
}

bool punt_ring_is_empty(const struct punt_ring *r)
{
	return __atomic_load_n(&r->head, __ATOMIC_ACQUIRE) ==
	       __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE);
}

const struct dp_punt *punt_ring_peek(struct punt_ring *r)
{
	uint32_t head = __atomic_load_n(&r->head, __ATOMIC_ACQUIRE);

	return head == r->tail ? NULL : &r->entry[r->tail % DP_PUNT_RING].punt;
}

void punt_ring_pop(struct punt_ring *r)
{
	check(r->tail != __atomic_load_n(&r->head, __ATOMIC_ACQUIRE));
	__atomic_store_n(&r->tail, r->tail + 1, __ATOMIC_RELEASE);
}
