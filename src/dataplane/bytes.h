/* SPDX-License-Identifier: Apache-2.0 */
/* Single network-order fields at places whose bounds the caller has checked. */
#pragma once

#include <stdint.h>

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

static inline void bytes_set_u16(uint8_t at[static 2], uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void bytes_set_u32(uint8_t at[static 4], uint32_t value)
{
	bytes_set_u16(at, (uint16_t)(value >> 16));
	bytes_set_u16(at + 2, (uint16_t)value);
}
