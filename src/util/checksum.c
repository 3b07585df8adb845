/* SPDX-License-Identifier: Apache-2.0 */
#include "util/checksum.h"

#include <string.h>

enum { CHUNK = 64 };

typedef uint64_t words __attribute__((vector_size(CHUNK / 2)));

/*
 * The sum of whole chunks, which are copied as well unless to is NULL. Two sets of lanes, so that
 * one addition need not wait for another.
 */
static inline __attribute__((always_inline)) uint64_t add_chunks(uint8_t *to, const uint8_t *at,
                                                                 size_t n)
{
	words low = { 0 }, high = { 0 };

	for (; n > 0; at += CHUNK, n--) {
		words a, b;
		memcpy(&a, at, sizeof a);
		memcpy(&b, at + sizeof a, sizeof b);
		if (to) {
			memcpy(to, &a, sizeof a);
			memcpy(to + sizeof a, &b, sizeof b);
			to += CHUNK;
		}
		low += (a & UINT32_MAX) + (b & UINT32_MAX);
		high += (a >> 32) + (b >> 32);
	}
	low += high;
	return low[0] + low[1] + low[2] + low[3];
}

#ifdef __x86_64__
typedef uint64_t wide_words __attribute__((vector_size(CHUNK)));

#define WIDE __attribute__((target("avx512f")))

static inline __attribute__((always_inline)) WIDE uint64_t add_wide(uint8_t *to, const uint8_t *at,
                                                                    size_t n)
{
	wide_words low = { 0 }, high = { 0 };
	uint64_t total = 0;

	for (; n > 0; at += CHUNK, n--) {
		wide_words a;
		memcpy(&a, at, sizeof a);
		if (to) {
			memcpy(to, &a, sizeof a);
			to += CHUNK;
		}
		low += a & UINT32_MAX;
		high += a >> 32;
	}
	low += high;
	for (unsigned i = 0; i < CHUNK / sizeof total; i++)
		total += low[i];
	return total;
}

WIDE static uint64_t sum_avx512(const uint8_t *at, size_t n)
{
	return add_wide(NULL, at, n);
}

WIDE static uint64_t copy_avx512(uint8_t *to, const uint8_t *at, size_t n)
{
	return add_wide(to, at, n);
}

__attribute__((target("avx2"))) static uint64_t sum_avx2(const uint8_t *at, size_t n)
{
	return add_chunks(NULL, at, n);
}

__attribute__((target("avx2"))) static uint64_t copy_avx2(uint8_t *to, const uint8_t *at, size_t n)
{
	return add_chunks(to, at, n);
}

static uint64_t sum_chunks(const uint8_t *at, size_t n)
{
	if (__builtin_cpu_supports("avx512f"))
		return sum_avx512(at, n);
	return __builtin_cpu_supports("avx2") ? sum_avx2(at, n) : add_chunks(NULL, at, n);
}

static uint64_t copy_chunks(uint8_t *to, const uint8_t *at, size_t n)
{
	if (__builtin_cpu_supports("avx512f"))
		return copy_avx512(to, at, n);
	return __builtin_cpu_supports("avx2") ? copy_avx2(to, at, n) : add_chunks(to, at, n);
}
#else
static uint64_t sum_chunks(const uint8_t *at, size_t n)
{
	return add_chunks(NULL, at, n);
}

static uint64_t copy_chunks(uint8_t *to, const uint8_t *at, size_t n)
{
	return add_chunks(to, at, n);
}
#endif

/*
 * One's complement sums do not care for byte order (RFC 1071, 2B): words are summed as they lie in
 * memory, in lanes of 64 bits that are folded once at the end, and swapped then. total: of all but
 * the last len bytes.
 */
static uint32_t finish(uint32_t sum, uint64_t total, const uint8_t *at, size_t len)
{
	for (; len >= 8; at += 8, len -= 8) {
		uint64_t word;
		memcpy(&word, at, sizeof word);
		total += (word & UINT32_MAX) + (word >> 32);
	}
	if (len >= 4) {
		uint32_t word;
		memcpy(&word, at, sizeof word);
		total += word;
		at += 4;
		len -= 4;
	}
	if (len >= 2) {
		uint16_t word;
		memcpy(&word, at, sizeof word);
		total += word;
		at += 2;
		len -= 2;
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

uint32_t checksum_add(uint32_t sum, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	size_t left = len % CHUNK;
	uint64_t total = len < CHUNK ? 0 : sum_chunks(at, len / CHUNK);

	return finish(sum, total, at + len - left, left);
}

uint32_t checksum_copy(uint32_t sum, void *to, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	size_t left = len % CHUNK;
	uint64_t total = len < CHUNK ? 0 : copy_chunks(to, at, len / CHUNK);

	memcpy((uint8_t *)to + len - left, at + len - left, left);
	return finish(sum, total, at + len - left, left);
}
