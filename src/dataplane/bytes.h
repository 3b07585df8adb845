/* SPDX-License-Identifier: Apache-2.0 */
/* Single network-order fields at places whose bounds the caller has checked. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "util/reader.h"
#include "util/writer.h"

static inline uint16_t bytes_u16(const uint8_t at[static 2])
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t bytes_u32(const uint8_t at[static 4])
{
	return (uint32_t)bytes_u16(at) << 16 | bytes_u16(at + 2);
}

/* A number in network order, as it lies in memory. */
static inline uint16_t bytes_swap_u16(uint16_t value)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap16(value) : value;
}

static inline uint32_t bytes_swap_u32(uint32_t value)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap32(value) : value;
}

/* Each by one store: of numbers that they half know, compilers write the bytes one by one. */
static inline void bytes_set_u16(uint8_t at[static 2], uint16_t value)
{
	value = bytes_swap_u16(value);
	memcpy(at, &value, sizeof value);
}

static inline void bytes_set_u32(uint8_t at[static 4], uint32_t value)
{
	value = bytes_swap_u32(value);
	memcpy(at, &value, sizeof value);
}
