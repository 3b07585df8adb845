/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipsec-mb's own functions with everything filled in beforehand, no packet, sequence number, IV or
 * padding: what ours are measured against. And what both benchmarks in memory measure with.
 */
#pragma once

#include <intel-ipsec-mb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "esp/esp.h"

enum { BARE_STRIDE = 1664 /* a multiple of 64 that spreads over the cache's sets */ };

struct suite {
	const char *name;
	enum esp_cipher cipher;
	enum esp_auth auth;
	IMB_HASH_ALG hash;
	uint32_t header_len, icv_len, align;
};

enum { SUITES_N = 3 };
extern const struct suite suites[SUITES_N];

struct bare {
	IMB_MGR *wide, *narrow;
	uint8_t encrypt[15 * 16], decrypt[15 * 16], pads[2][64];
	struct gcm_key_data gcm_key;
	struct gcm_context_data gcm;
	IMB_JOB jobs[ESP_BURST];
	uint8_t tags[ESP_BURST][64];
	uint8_t buffers[ESP_BURST][BARE_STRIDE];
	const struct suite *suite;
	size_t burst;
} __attribute__((aligned(64)));

void bare_init(struct bare *b);
void bare_fini(struct bare *b);
/* Jobs for bursts of payloads of so many bytes. */
void bare_fill(struct bare *b, const struct suite *suite, size_t len, size_t burst);
/* One burst. */
void bare_run(struct bare *b, bool seal);

double bench_now_ns(void);
/* What reading the clock takes. */
double bench_clock_ns(void);
/* Sorts the values. */
double bench_median(double *values, size_t n);
