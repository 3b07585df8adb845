/* SPDX-License-Identifier: Apache-2.0 */
/* The Internet checksum (RFC 1071). An odd last byte counts as the high byte of a word. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Adds len bytes to a running one's complement sum; all parts but the last must be even. */
uint32_t checksum_add(uint32_t sum, const void *bytes, size_t len);

/* The same, and copies the bytes in one go: to a place that does not overlap. */
uint32_t checksum_copy(uint32_t sum, void *to, const void *bytes, size_t len);

/* Folds a running sum to 16 bits, not inverted: what virtio wants as a partial checksum. */
static inline uint16_t checksum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* The checksum to store (host order): the folded sum, inverted. */
static inline uint16_t checksum_finish(uint32_t sum)
{
	return (uint16_t)~checksum_fold(sum);
}

/* Of one buffer; 0 when the buffer holds its own right checksum. */
static inline uint16_t checksum(const void *bytes, size_t len)
{
	return checksum_finish(checksum_add(0, bytes, len));
}
