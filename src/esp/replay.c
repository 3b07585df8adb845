/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bit i of the ring is sequence number s with s mod (ring bits) = i. The ring is one word longer
 * than the window, so the word that top lies in and those up to it are never part of the window's
 * far end: moving on clears whole words only (RFC 6479), and the window's exact edge is a
 * comparison.
 */
#include "esp/replay.h"

#include <string.h>

#include "util/check.h"

/* No packet has it: with ESN, what lies before 0 or behind 2^64 - 1. */
enum { IMPOSSIBLE = 0 };

void replay_init(struct replay *r, uint16_t size, bool esn)
{
	check(size % REPLAY_WORD_BITS == 0 && size / REPLAY_WORD_BITS < REPLAY_WORDS);
	check(size || !esn);
	*r = (struct replay){ .size = size, .esn = esn };
}

uint64_t replay_infer(const struct replay *r, uint32_t low)
{
	if (!r->esn)
		return low;

	uint32_t top_low = (uint32_t)r->top, high = (uint32_t)(r->top >> 32);
	uint32_t bottom_low = top_low - r->size + 1;
	if (top_low >= (uint32_t)r->size - 1) {
		/* RFC 4303 A2.2 case A: the window lies within one subspace. */
		if (low >= bottom_low)
			return (uint64_t)high << 32 | low;
		return high == UINT32_MAX ? IMPOSSIBLE : (uint64_t)(high + 1) << 32 | low;
	}
	/* Case B: it spans two. */
	if (low < bottom_low)
		return (uint64_t)high << 32 | low;
	return high == 0 ? IMPOSSIBLE : (uint64_t)(high - 1) << 32 | low;
}

static uint64_t *word_of(struct replay *r, uint64_t sequence)
{
	return &r->seen[sequence / REPLAY_WORD_BITS % (r->size / REPLAY_WORD_BITS + 1u)];
}

enum replay_verdict replay_look(const struct replay *r, uint64_t sequence)
{
	if (!r->size)
		return REPLAY_NEW;
	/* RFC 4303 3.3.3: the first packet has 1. */
	if (sequence == 0)
		return REPLAY_OLD;
	if (sequence > r->top)
		return REPLAY_NEW;
	if (r->top - sequence >= r->size)
		return REPLAY_OLD;
	uint64_t words = r->size / REPLAY_WORD_BITS + 1u;
	uint64_t word = r->seen[sequence / REPLAY_WORD_BITS % words];
	return word >> sequence % REPLAY_WORD_BITS & 1 ? REPLAY_SEEN : REPLAY_NEW;
}

enum replay_verdict replay_accept(struct replay *r, uint64_t sequence)
{
	enum replay_verdict verdict = replay_look(r, sequence);

	if (verdict != REPLAY_NEW)
		return verdict;
	if (sequence > r->top) {
		uint64_t words = r->size / REPLAY_WORD_BITS + 1u;
		uint64_t from = r->top / REPLAY_WORD_BITS, to = sequence / REPLAY_WORD_BITS;
		if (to - from >= words)
			memset(r->seen, 0, sizeof r->seen);
		else
			for (uint64_t w = from + 1; w <= to; w++)
				r->seen[w % words] = 0;
		__atomic_store_n(&r->top, sequence, __ATOMIC_RELAXED);
	}
	if (r->size)
		*word_of(r, sequence) |= UINT64_C(1) << sequence % REPLAY_WORD_BITS;
	return REPLAY_NEW;
}
