/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which Linux device an interface of the configuration is: `device` under it, else --port, else its
 * own name where Linux has names like it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "node/snapshot.h"

struct port {
	char name[SNAP_NAME_SIZE]; /* canonical */
	char device[SNAP_DEVICE_SIZE];
};

struct ports {
	struct port *port;
	size_t n;
};

/* Starts empty: a zeroed struct. */
void ports_fini(struct ports *p);
/* Takes in "Fa0/0=eth0". False when it is no such thing, or the name has another device already. */
bool ports_add(struct ports *p, const char *text);

/*
 * The device of a canonical name: "" when none is known. Loopbacks are "lo"; tunnels have their own
 * names. ret has SNAP_DEVICE_SIZE bytes.
 */
void ports_device(const struct ports *p, const struct snapshot *s, const char *name, char *ret);
