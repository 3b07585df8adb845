/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounds-checked writing of network bytes with a sticky error: a write that does not fit writes
 * nothing, sets `failed`, and so do all after it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util/addr.h"
#include "util/check.h"

struct writer {
	uint8_t *start, *at, *end;
	bool failed;
};

/* Borrows size bytes for as long as the writer is used. */
static inline struct writer writer_over(void *bytes, size_t size)
{
	return (struct writer){ bytes, bytes, (uint8_t *)bytes + size, false };
}

/* Bytes written so far. */
static inline size_t writer_len(const struct writer *w)
{
	return (size_t)(w->at - w->start);
}

/* Room for len bytes, to be filled by the caller; NULL (and failed) when there is less. */
static inline uint8_t *write_room(struct writer *w, size_t len)
{
	if (w->failed || (size_t)(w->end - w->at) < len) {
		w->failed = true;
		return NULL;
	}
	uint8_t *room = w->at;
	w->at += len;
	return room;
}

static inline void write_bytes(struct writer *w, const void *bytes, size_t len)
{
	uint8_t *room = write_room(w, len);

	if (room && len)
		memcpy(room, bytes, len);
}

static inline void write_zero(struct writer *w, size_t len)
{
	uint8_t *room = write_room(w, len);

	if (room)
		memset(room, 0, len);
}

static inline void write_u8(struct writer *w, uint8_t value)
{
	write_bytes(w, &value, 1);
}

static inline void write_u16(struct writer *w, uint16_t value)
{
	const uint8_t b[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	write_bytes(w, b, sizeof b);
}

static inline void write_u32(struct writer *w, uint32_t value)
{
	const uint8_t b[4] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16),
		               (uint8_t)(value >> 8), (uint8_t)value };

	write_bytes(w, b, sizeof b);
}

/* 4, 16, or (none) no bytes. */
static inline void write_addr(struct writer *w, const struct addr *a)
{
	write_bytes(w, a->bytes, addr_len(a));
}

/* Overwrites two bytes already written, at an offset from the start: lengths and checksums. */
static inline void write_u16_at(struct writer *w, size_t offset, uint16_t value)
{
	if (w->failed)
		return;
	check(offset + 2 <= writer_len(w));
	w->start[offset] = (uint8_t)(value >> 8);
	w->start[offset + 1] = (uint8_t)value;
}
