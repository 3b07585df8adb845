/* SPDX-License-Identifier: Apache-2.0 */
/* Hexadecimal text of published vectors, for tests. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "util/check.h"

enum { TEST_HEX_MAX = 2048 };

/* Bytes of hexadecimal text, blanks allowed between them, of at most TEST_HEX_MAX. Their number. */
static inline size_t test_unhex(const char *hex, uint8_t *ret)
{
	size_t n = 0;
	unsigned byte;

	for (int used; sscanf(hex, " %2x%n", &byte, &used) == 1; hex += used) {
		check(n < TEST_HEX_MAX);
		ret[n++] = (uint8_t)byte;
	}
	return n;
}
