/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Randomness is handed in: the operating system's in the daemon, a seeded generator in the
 * simulator and in tests. No core draws its own.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct entropy {
	void (*fill)(void *ctx, void *bytes, size_t len); /* never fails */
	void *ctx;
};

uint32_t entropy_u32(const struct entropy *e);
/* Uniform in [low, high]. */
uint32_t entropy_between(const struct entropy *e, uint32_t low, uint32_t high);

/* A seeded generator (xoshiro256**): the same seed gives the same bytes everywhere. No use for
 * keys. */
struct prng {
	uint64_t state[4];
};

void prng_seed(struct prng *p, uint64_t seed);
uint64_t prng_u64(struct prng *p);
/* The generator as a source; p is borrowed. */
struct entropy prng_entropy(struct prng *p);
