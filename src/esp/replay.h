/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The anti-replay window (RFC 4303 3.4.3) over 64-bit sequence numbers, and the inference of the
 * high half that is not in the packet (RFC 4303 A2). One thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { REPLAY_WORD_BITS = 64, REPLAY_WORDS = 1024 / REPLAY_WORD_BITS + 1 };

struct replay {
	uint64_t top; /* highest sequence number accepted */
	bool esn;
	uint16_t size; /* packets; 0: everything passes, and top is the highest seen */
	/*
	 * A ring of bits, one word more than the window needs, so that moving on clears whole words
	 * (RFC 6479).
	 */
	uint64_t seen[REPLAY_WORDS];
};

enum replay_verdict { REPLAY_NEW, REPLAY_SEEN, REPLAY_OLD };

/* size: 0 or a multiple of 64 up to 1024; not 0 with esn. */
void replay_init(struct replay *r, uint16_t size, bool esn);

/*
 * The whole sequence number of a packet that carries the low half. A guess, which only the ICV
 * proves: it is right unless 2^32 packets or more were lost in a row.
 */
uint64_t replay_infer(const struct replay *r, uint32_t low);

/* Whether a sequence number is worth an integrity check. */
enum replay_verdict replay_look(const struct replay *r, uint64_t sequence);

/* Looks again and, for a new one, remembers it. Only after the integrity check. */
enum replay_verdict replay_accept(struct replay *r, uint64_t sequence);
