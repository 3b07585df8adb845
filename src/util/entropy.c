/* SPDX-License-Identifier: Apache-2.0 */
#include "util/entropy.h"

#include "util/check.h"

uint32_t entropy_u32(const struct entropy *e)
{
	uint8_t b[4];

	e->fill(e->ctx, b, sizeof b);
	return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

uint32_t entropy_between(const struct entropy *e, uint32_t low, uint32_t high)
{
	check(low <= high);
	uint64_t span = (uint64_t)high - low + 1;
	/* Multiply and shift: the bias is below span / 2^32, which no timer or jitter notices. */
	return low + (uint32_t)((entropy_u32(e) * span) >> 32);
}

static uint64_t rotate_left(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

/* splitmix64 spreads a seed over the state, as the authors of xoshiro advise. */
void prng_seed(struct prng *p, uint64_t seed)
{
	for (int i = 0; i < 4; i++) {
		seed += 0x9e3779b97f4a7c15u;
		uint64_t z = seed;
		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
		z = (z ^ z >> 27) * 0x94d049bb133111ebu;
		p->state[i] = z ^ z >> 31;
	}
}

uint64_t prng_u64(struct prng *p)
{
	uint64_t *s = p->state;
	uint64_t result = rotate_left(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate_left(s[3], 45);
	return result;
}

static void prng_fill(void *ctx, void *bytes, size_t len)
{
	uint8_t *at = bytes;
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++, value >>= 8) {
		if (i % sizeof value == 0)
			value = prng_u64(ctx);
		at[i] = (uint8_t)value;
	}
}

struct entropy prng_entropy(struct prng *p)
{
	return (struct entropy){ prng_fill, p };
}
