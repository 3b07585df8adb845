/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The anti-replay window (RFC 4303 3.4.3) over 64-bit sequence numbers, and the inference of the
 * high half that is not in the packet (RFC 4303 A2). One thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { REPLAY_WORD_BITS = 64, REPLAY_SIZE_MAX = 1024, REPLAY_WORDS_MAX = 32 };

/* No packet has it: with ESN, what lies before 0 or behind 2^64 - 1. */
enum { REPLAY_IMPOSSIBLE = 0 };

struct replay {
	uint64_t top; /* highest sequence number accepted */
	bool esn;
	uint16_t size; /* packets; 0: everything passes, and top is the highest seen */
	/* A ring of words, a power of two and at least one more than the window needs. */
	uint8_t word_mask;
	uint64_t seen[REPLAY_WORDS_MAX];
};

enum replay_verdict { REPLAY_NEW, REPLAY_SEEN, REPLAY_OLD };

/* size: 0 or a multiple of 64 up to 1024; not 0 with esn. */
void replay_init(struct replay *r, uint16_t size, bool esn);

/*
 * The whole sequence number of a packet that carries the low half. A guess, which only the ICV
 * proves: it is right unless 2^32 packets or more were lost in a row.
 */
static inline uint64_t replay_infer(const struct replay *r, uint32_t low)
{
	if (!r->esn)
		return low;

	uint32_t top_low = (uint32_t)r->top, high = (uint32_t)(r->top >> 32);
	uint32_t bottom_low = top_low - r->size + 1;
	if (top_low >= (uint32_t)r->size - 1) {
		/* RFC 4303 A2.2 case A: the window lies within one subspace. */
		if (low >= bottom_low)
			return (uint64_t)high << 32 | low;
		return high == UINT32_MAX ? REPLAY_IMPOSSIBLE : (uint64_t)(high + 1) << 32 | low;
	}
	/* Case B: it spans two. */
	if (low < bottom_low)
		return (uint64_t)high << 32 | low;
	return high == 0 ? REPLAY_IMPOSSIBLE : (uint64_t)(high - 1) << 32 | low;
}

/* Whether a sequence number is worth an integrity check. */
static inline enum replay_verdict replay_look(const struct replay *r, uint64_t sequence)
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
	uint64_t word = r->seen[sequence / REPLAY_WORD_BITS & r->word_mask];
	return word >> sequence % REPLAY_WORD_BITS & 1 ? REPLAY_SEEN : REPLAY_NEW;
}

/* Empties the words that the window is about to move into, up to that of sequence. */
void replay_clear(struct replay *r, uint64_t sequence);

/* Looks again and, for a new one, remembers it. Only after the integrity check. */
static inline enum replay_verdict replay_accept(struct replay *r, uint64_t sequence)
{
	enum replay_verdict verdict = replay_look(r, sequence);

	if (verdict != REPLAY_NEW)
		return verdict;
	if (sequence > r->top) {
		/* Most come in order: within the word that the window ends in. */
		if (sequence / REPLAY_WORD_BITS != r->top / REPLAY_WORD_BITS)
			replay_clear(r, sequence);
		__atomic_store_n(&r->top, sequence, __ATOMIC_RELAXED);
	}
	if (r->size)
		r->seen[sequence / REPLAY_WORD_BITS & r->word_mask] |=
			UINT64_C(1) << sequence % REPLAY_WORD_BITS;
	return REPLAY_NEW;
}
