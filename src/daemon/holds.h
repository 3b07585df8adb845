/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A descriptor for each TAP that keeps its carrier while no daemon serves it, so that a restart is
 * nothing to a routing daemon. Each is given to the service manager as well (sd_notify's FDSTORE),
 * which hands it to the next start; a daemon that executes itself anew passes them on in the same
 * way (sd_listen_fds).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "daemon/ledger.h"

enum { HOLDS_MAX = 1024 /* DP_TUNNELS_MAX; FileDescriptorStoreMax of the unit is the same */ };

struct hold {
	char device[LEDGER_DEVICE_SIZE];
	int fd;
};

struct holds {
	int (*open)(const char *device);                 /* such a descriptor, or negative errno */
	bool (*still_holds)(int fd, const char *device); /* whether an old one is of use */
	struct hold hold[HOLDS_MAX];
	size_t n;
};

/* Takes what the environment says was passed to this process, and removes it from there. What holds
 * nothing any more is closed, here and in the store. The number that is held. */
size_t holds_inherit(struct holds *h);
/* Holds a device's TAP, which is there; once or again. Negative errno. */
int holds_take(struct holds *h, const char *device);
/* Gives one back, here and in the store. Nothing happens when it is not held. */
void holds_release(struct holds *h, const char *device);
void holds_release_all(struct holds *h);
/* Closes all; the store keeps its own. */
void holds_close(struct holds *h);
/* For execve(): moves all to the first descriptors above standard error, whatever these were, and
 * names them in the environment. Negative errno. */
int holds_pass_on(struct holds *h);
