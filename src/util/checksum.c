/* SPDX-License-Identifier: Apache-2.0 */
#include "util/checksum.h"

#include <string.h>

/*
 * One's complement sums do not care for byte order (RFC 1071, 2B): words are summed as they lie in
 * memory, eight bytes at a time, and swapped once at the end.
 */
uint32_t checksum_add(uint32_t sum, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	uint64_t total = 0;

	for (; len >= 8; at += 8, len -= 8) {
		uint64_t word;
		memcpy(&word, at, sizeof word);
		total += (word & UINT32_MAX) + (word >> 32);
	}
	for (; len >= 2; at += 2, len -= 2) {
		uint16_t word;
		memcpy(&word, at, sizeof word);
		total += word;
	}
	if (len) {
		const uint8_t pair[2] = { *at, 0 };
		uint16_t word;
		memcpy(&word, pair, sizeof word);
		total += word;
	}
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	const uint16_t folded = (uint16_t)total;
	uint8_t pair[2];
	memcpy(pair, &folded, sizeof pair);
	return (uint32_t)(pair[0] << 8 | pair[1]) + checksum_fold(sum);
}

uint16_t checksum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}
