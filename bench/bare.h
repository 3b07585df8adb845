/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipsec-mb's own functions with everything filled in beforehand, no packet, sequence number, IV or
 * padding: what ours are measured against, on the same buffers and with as many keys. And what both
 * benchmarks in memory measure with.
 */
#pragma once

#include <intel-ipsec-mb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "esp/esp.h"

enum {
	BARE_STRIDE = 1664, /* a multiple of 64 that spreads over the cache's sets */
	BARE_SAS_MAX = 64,
};

struct suite {
	const char *name;
	enum esp_cipher cipher;
	enum esp_auth auth;
	IMB_HASH_ALG hash;
	uint32_t header_len, icv_len, align;
};

enum { SUITES_N = 3 };
extern const struct suite suites[SUITES_N];

/* What an association would hold. */
struct bare_keys {
	uint8_t encrypt[15 * 16], decrypt[15 * 16], pads[2][64];
	struct gcm_key_data gcm;
} __attribute__((aligned(64)));

/* Bursts as ours are: of payloads of len bytes, packet i of all by association i mod n_sas. */
struct bare_bursts {
	const struct suite *suite;
	size_t len, burst, n_sas;
	/* Where the first packet lies, from the SPI on, and BARE_STRIDE further each of its burst.
	 */
	uint8_t *seal, *open;
};

struct bare {
	IMB_MGR *wide, *narrow;
	struct bare_keys keys[BARE_SAS_MAX];
	struct gcm_context_data gcm;
	/* As many as there are associations, for those that a burst does not get round to. */
	IMB_JOB seal[BARE_SAS_MAX], open[BARE_SAS_MAX];
	uint8_t tags[BARE_SAS_MAX][64]; /* computed when opening */
	const struct suite *suite;
	size_t burst;
} __attribute__((aligned(64)));

void bare_init(struct bare *b);
void bare_fini(struct bare *b);
/* burst: a power of two, up to BARE_SAS_MAX. */
void bare_fill(struct bare *b, const struct bare_bursts *bursts);
/* One burst, before which so many packets went. */
void bare_run(struct bare *b, bool seal, size_t done);

double bench_now_ns(void);
/* What reading the clock takes. */
double bench_clock_ns(void);
/* Sorts the values. */
double bench_median(double *values, size_t n);
