/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounds-checked reading of network bytes with a sticky error: after the first read past the end
 * every read gives zero and `failed` stays true, so a parser checks once at its end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util/addr.h"

struct reader {
	const uint8_t *at, *end;
	bool failed;
};

/* Borrows len bytes for as long as the reader is used. No bytes may be NULL. */
static inline struct reader reader_over(const void *bytes, size_t len)
{
	if (!bytes)
		bytes = "";
	return (struct reader){ bytes, (const uint8_t *)bytes + len, false };
}

static inline size_t reader_left(const struct reader *r)
{
	return (size_t)(r->end - r->at);
}

/* The next len bytes, or NULL (and failed) when there are fewer. A length of 0 never fails. */
static inline const uint8_t *read_bytes(struct reader *r, size_t len)
{
	if (r->failed || reader_left(r) < len) {
		r->failed = true;
		return NULL;
	}
	const uint8_t *bytes = r->at;
	r->at += len;
	return bytes;
}

static inline uint8_t read_u8(struct reader *r)
{
	const uint8_t *b = read_bytes(r, 1);

	return b ? b[0] : 0;
}

static inline uint16_t read_u16(struct reader *r)
{
	const uint8_t *b = read_bytes(r, 2);

	return b ? (uint16_t)(b[0] << 8 | b[1]) : 0;
}

static inline uint32_t read_u32(struct reader *r)
{
	const uint8_t *b = read_bytes(r, 4);

	return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}

static inline void read_skip(struct reader *r, size_t len)
{
	(void)read_bytes(r, len);
}

/* A reader over the next len bytes, which are skipped in r; failed when there are fewer. */
static inline struct reader read_sub(struct reader *r, size_t len)
{
	const uint8_t *bytes = read_bytes(r, len);

	if (!bytes)
		return (struct reader){ r->end, r->end, true };
	return reader_over(bytes, len);
}

/* An address of len bytes: 4, 16, or 0 for none. Any other length fails. */
static inline struct addr read_addr(struct reader *r, size_t len)
{
	if (len != 0 && len != ADDR_V4_LEN && len != ADDR_V6_LEN)
		r->failed = true;
	const uint8_t *bytes = read_bytes(r, len);
	if (!bytes || len == 0)
		return ADDR_ANY_NONE;
	return addr_from_bytes(len == ADDR_V4_LEN ? ADDR_V4 : ADDR_V6, bytes);
}
