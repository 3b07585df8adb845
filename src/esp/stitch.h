/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-CBC and HMAC-SHA-1 of a lone packet. Each is a chain in which a step waits for the one
 * before; run as one program, they fill each other's gaps, and the whole takes hardly longer than
 * AES alone. x86-64 with AES and SHA instructions.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct stitch_packet {
	const uint8_t *keys; /* expanded, 16 bytes for each round and 16 more */
	unsigned rounds;     /* 10, 12 or 14 */
	const uint8_t *inner,
		*outer; /* SHA-1's states behind HMAC's padded keys, as native words */
	uint8_t *bytes; /* where authentication begins; the IV lies in front of the text */
	uint32_t text_at, text_len; /* what is encrypted: a whole number of blocks */
	uint32_t auth_len;          /* up to the end of the text, or somewhat further */
	uint8_t *tag;               /* STITCH_TAG_LEN bytes; may be right behind auth_len */
};

enum { STITCH_TAG_LEN = 12 };

bool stitch_is_possible(void);
/* Encrypts in place and writes the tag. */
void stitch_seal(const struct stitch_packet *p);
