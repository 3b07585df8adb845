/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices that are ours in this network namespace: each is an abstract socket name, which two
 * daemons cannot have at once and which goes with its holder however that ends.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct claim;

struct claims {
	struct claim *claim;
};

/*
 * Takes a device, once or again. -EADDRINUSE when a daemon of root's has it; a name that is merely
 * occupied by somebody without privileges does not count.
 */
int claims_take(struct claims *c, const char *device);
/* Gives back all whose device keep() refuses. NULL: all. */
void claims_release(struct claims *c, bool (*keep)(void *ctx, const char *device), void *ctx);
