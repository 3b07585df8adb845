/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bit i of the ring is sequence number s with s mod (ring bits) = i. The ring is at least a word
 * longer than the window, so a word that top moves into holds nothing of the window's far end:
 * moving on clears whole words only (RFC 6479), and the window's exact edge is a comparison.
 */
#include "esp/replay.h"

#include <string.h>

#include "util/check.h"

void replay_init(struct replay *r, uint16_t size, bool esn)
{
	uint32_t n_words = 2;

	check(size % REPLAY_WORD_BITS == 0 && size <= REPLAY_SIZE_MAX);
	check(size || !esn);
	while (n_words < size / REPLAY_WORD_BITS + 1u)
		n_words *= 2;
	*r = (struct replay){ .size = size, .esn = esn, .word_mask = (uint8_t)(n_words - 1) };
}

void replay_clear(struct replay *r, uint64_t sequence)
{
	uint64_t from = r->top / REPLAY_WORD_BITS, to = sequence / REPLAY_WORD_BITS;

	if (to - from > r->word_mask)
		memset(r->seen, 0, sizeof r->seen);
	else
		for (uint64_t w = from + 1; w <= to; w++)
			r->seen[w & r->word_mask] = 0;
}
