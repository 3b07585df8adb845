/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES is some blocks ahead of SHA-1 (FIPS 180-4), which takes 64 bytes at a time. The processor
 * itself mixes the instructions of both: those of one round of the loop fit into its window, and
 * SHA-1 hardly waits for what was just stored, thanks to the lead.
 */
#include "esp/stitch.h"

#include <cpuid.h>
#include <immintrin.h>
#include <stddef.h>
#include <string.h>

#include "util/check.h"

#define STITCH_CODE   __attribute__((target("aes,sha,sse4.1")))
#define STITCH_INLINE STITCH_CODE static inline __attribute__((always_inline))

enum {
	AES_BLOCK = 16,
	AES_ROUNDS_MAX = 14,
	LEAD = 4, /* AES blocks, besides those of the same round of the loop */
	SHA_BLOCK = 64,
	SHA_PER_LOOP = SHA_BLOCK / AES_BLOCK,
	SHA_LENGTH_LEN = 8,
	DIGEST_LEN = 20,
	PADDING = 0x80,
};

struct sha1 {
	__m128i abcd, e;
};

bool stitch_is_possible(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_AES) && (c & bit_SSE4_1) &&
	       __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

/* Words of big-endian bytes, the first in the highest place, as SHA-1's instructions want them. */
STITCH_INLINE __m128i swapped(__m128i x)
{
	return _mm_shuffle_epi8(x, _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f));
}

STITCH_INLINE struct sha1 sha1_load(const uint8_t *state)
{
	uint32_t e;

	memcpy(&e, state + 16, sizeof e);
	return (struct sha1){
		.abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0x1b),
		.e = _mm_set_epi32((int)e, 0, 0, 0),
	};
}

STITCH_INLINE void sha1_store(const struct sha1 *s, uint8_t digest[static DIGEST_LEN])
{
	uint32_t e = __builtin_bswap32((uint32_t)_mm_extract_epi32(s->e, 3));

	_mm_storeu_si128((__m128i *)digest, swapped(s->abcd));
	memcpy(digest + 16, &e, sizeof e);
}

/* Four steps; their function and constant are a part of the instruction. */
STITCH_INLINE __m128i sha1_steps(__m128i abcd, __m128i e, int function)
{
	switch (function) {
	case 0:
		return _mm_sha1rnds4_epu32(abcd, e, 0);
	case 1:
		return _mm_sha1rnds4_epu32(abcd, e, 1);
	case 2:
		return _mm_sha1rnds4_epu32(abcd, e, 2);
	default:
		return _mm_sha1rnds4_epu32(abcd, e, 3);
	}
}

STITCH_INLINE void sha1_block(struct sha1 *s, const uint8_t *bytes)
{
	__m128i w[4], abcd = s->abcd, before = s->abcd;

#pragma GCC unroll 20
	for (int i = 0; i < 20; i++) {
		__m128i *now = &w[i % 4], e;
		if (i < 4)
			*now = swapped(_mm_loadu_si128((const __m128i *)bytes + i));
		else
			*now = _mm_sha1msg2_epu32(
				_mm_xor_si128(_mm_sha1msg1_epu32(*now, w[(i + 1) % 4]),
			                      w[(i + 2) % 4]),
				w[(i + 3) % 4]);
		e = i ? _mm_sha1nexte_epu32(before, *now) : _mm_add_epi32(s->e, *now);
		before = abcd;
		abcd = sha1_steps(abcd, e, i / 5);
	}
	s->e = _mm_sha1nexte_epu32(before, s->e);
	s->abcd = _mm_add_epi32(s->abcd, abcd);
}

/* The last, incomplete block of a message, of which total bytes were hashed. */
STITCH_INLINE void sha1_finish(struct sha1 *s, const uint8_t *bytes, size_t len, uint64_t total)
{
	uint8_t last[2 * SHA_BLOCK] = { 0 };
	size_t end = len + 1 + SHA_LENGTH_LEN > SHA_BLOCK ? 2 * SHA_BLOCK : SHA_BLOCK;
	uint64_t bits = __builtin_bswap64(total * 8);

	memcpy(last, bytes, len);
	last[len] = PADDING;
	memcpy(last + end - SHA_LENGTH_LEN, &bits, SHA_LENGTH_LEN);
	sha1_block(s, last);
	if (end > SHA_BLOCK)
		sha1_block(s, last + SHA_BLOCK);
}

/* One block in place, behind the one before it. */
STITCH_INLINE __m128i cbc_block(const __m128i *keys, unsigned rounds, __m128i before, uint8_t *at)
{
	__m128i x = _mm_loadu_si128((const __m128i *)at);

	x = _mm_xor_si128(_mm_xor_si128(x, keys[0]), before);
#pragma GCC unroll 14
	for (unsigned i = 1; i < rounds; i++)
		x = _mm_aesenc_si128(x, keys[i]);
	x = _mm_aesenclast_si128(x, keys[rounds]);
	_mm_storeu_si128((__m128i *)at, x);
	return x;
}

STITCH_INLINE void seal(const struct stitch_packet *p, unsigned rounds)
{
	struct sha1 s = sha1_load(p->inner);
	uint8_t *at = p->bytes + p->text_at, *end = at + p->text_len, digest[DIGEST_LEN];
	const uint8_t *hashed = p->bytes, *auth_end = p->bytes + p->auth_len;
	__m128i keys[AES_ROUNDS_MAX + 1];
	__m128i cbc = _mm_loadu_si128((const __m128i *)(at - AES_BLOCK));

	for (unsigned i = 0; i <= rounds; i++)
		keys[i] = _mm_loadu_si128((const __m128i *)p->keys + i);
	for (int i = 0; i < LEAD && at < end; i++, at += AES_BLOCK)
		cbc = cbc_block(keys, rounds, cbc, at);
	for (; end - at >= SHA_BLOCK; hashed += SHA_BLOCK) {
		for (int i = 0; i < SHA_PER_LOOP; i++, at += AES_BLOCK)
			cbc = cbc_block(keys, rounds, cbc, at);
		sha1_block(&s, hashed);
	}
	for (; at < end; at += AES_BLOCK)
		cbc = cbc_block(keys, rounds, cbc, at);
	for (; auth_end - hashed >= SHA_BLOCK; hashed += SHA_BLOCK)
		sha1_block(&s, hashed);
	sha1_finish(&s, hashed, (size_t)(auth_end - hashed), SHA_BLOCK + (uint64_t)p->auth_len);
	/* RFC 2104 2: the digest is hashed once more, behind the outer key. */
	sha1_store(&s, digest);
	s = sha1_load(p->outer);
	sha1_finish(&s, digest, sizeof digest, SHA_BLOCK + sizeof digest);
	sha1_store(&s, digest);
	memcpy(p->tag, digest, STITCH_TAG_LEN);
}

STITCH_CODE void stitch_seal(const struct stitch_packet *p)
{
	check(p->text_at >= AES_BLOCK && p->text_len % AES_BLOCK == 0 &&
	      p->auth_len >= p->text_at + p->text_len);
	/* The number of rounds is known to the compiler each time. */
	if (p->rounds == 10)
		seal(p, 10);
	else if (p->rounds == 12)
		seal(p, 12);
	else
		seal(p, 14);
}
