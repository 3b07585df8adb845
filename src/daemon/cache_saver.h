/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes what the node keeps of its cache to disk soon after they change: the first change within
 * CACHE_SAVER_SOON_MS, then at most once in CACHE_SAVER_EVERY_MS. The text is made in the loop, the
 * file is written in its thread pool.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "daemon/state.h"
#include "util/strbuf.h"

enum { CACHE_SAVER_SOON_MS = 20, CACHE_SAVER_EVERY_MS = 1000 };

struct cache_saver {
	uv_timer_t timer;
	uv_work_t work;
	const struct state *state;
	void (*print)(void *ctx, struct strbuf *out); /* appends the whole file's text */
	void (*failed)(void *ctx, int error);         /* once until it works again */
	void *ctx;
	bool dirty, busy, failing;
	int result;         /* of the latest write */
	uint64_t last_ms;   /* loop time of its start; 0: none yet */
	struct strbuf text; /* being written */
};

/* The caller has set state, print, failed and ctx; all else is zero. */
void cache_saver_start(struct cache_saver *s, uv_loop_t *loop);
/* The entries have changed. */
void cache_saver_mark(struct cache_saver *s);
/* Writes what is still to be written, at once, and closes the timer; runs the loop while a write is
 * under way. */
void cache_saver_stop(struct cache_saver *s);
