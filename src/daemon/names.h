/* SPDX-License-Identifier: Apache-2.0 */
/* Names to addresses, in the loop's thread pool. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "node/node.h"

struct lookup;

struct names {
	uv_loop_t *loop;
	/* n 0: the name did not resolve. Not called for lookups that names_stop() ended. */
	void (*named)(void *ctx, uint32_t cookie, const struct addr *addr, size_t n);
	void *ctx;
	struct lookup *lookups; /* under way */
	size_t n;
};

enum {
	NAMES_MAX =
		256 /* lookups under way; more fail at once, and are tried again by their owner */
};

void names_look_up(struct names *n, uint32_t cookie, const char *name);
/*
 * Forgets all lookups. True when none is under way in a thread any more; else the process had
 * better not wait for them: a resolver may take half a minute.
 */
bool names_stop(struct names *n);
