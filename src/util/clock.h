/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time as types. `mono` counts nanoseconds from an arbitrary start and never goes back; wall time
 * is for people and certificates. Nothing outside daemon/ and sim/ reads a clock: both are handed
 * in.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define NS_PER_MS 1000000LL
#define NS_PER_S  1000000000LL

typedef struct mono {
	int64_t ns;
} mono;

/* The instant of an event, on both clocks. wall_ms: milliseconds since 1970-01-01 UTC. */
struct now {
	mono mono;
	int64_t wall_ms;
};

/* A deadline that never comes. */
#define MONO_NEVER ((mono){ INT64_MAX })

static inline bool mono_is_never(mono t)
{
	return t.ns == INT64_MAX;
}

/* Later than t by n units; never stays never, and what is too late to count is never. */
static inline mono mono_add_units(mono t, int64_t n, int64_t unit_ns)
{
	int64_t ns;

	if (mono_is_never(t))
		return t;
	if (__builtin_mul_overflow(n, unit_ns, &ns) || __builtin_add_overflow(t.ns, ns, &ns))
		return n < 0 ? (mono){ INT64_MIN } : MONO_NEVER;
	return (mono){ ns };
}

static inline mono mono_add_ns(mono t, int64_t ns)
{
	return mono_add_units(t, ns, 1);
}

static inline mono mono_add_ms(mono t, int64_t ms)
{
	return mono_add_units(t, ms, NS_PER_MS);
}

static inline mono mono_add_s(mono t, int64_t s)
{
	return mono_add_units(t, s, NS_PER_S);
}

static inline bool mono_before(mono a, mono b)
{
	return a.ns < b.ns;
}

/* True when the deadline has come. */
static inline bool mono_due(mono deadline, mono now)
{
	return deadline.ns <= now.ns;
}

static inline mono mono_min(mono a, mono b)
{
	return a.ns < b.ns ? a : b;
}

/* Whole seconds from a to b, 0 when b is not later. */
static inline int64_t mono_seconds_between(mono a, mono b)
{
	return b.ns > a.ns ? (b.ns - a.ns) / NS_PER_S : 0;
}
