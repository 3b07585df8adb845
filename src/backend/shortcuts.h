/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routes of direct paths in the kernel's main table: protocol 210 and metric 0, which no route of
 * the configuration has. They go before a route of the same network that somebody else wrote, and
 * leave it as it is. For the control thread.
 */
#pragma once

#include <uthash.h>

#include "netlink/rtnl.h"
#include "util/addr.h"

struct shortcut_key {
	uint32_t tunnel;
	struct prefix to;
};

struct shortcut {
	struct shortcut_key key;
	struct addr via;
	int index; /* of the interface that the kernel has it on; 0: it has not */
	UT_hash_handle hh;
};

struct shortcuts;

struct shortcuts *shortcuts_new(struct rtnl *rtnl);
/* Forgets them all; the kernel keeps what it has. NULL is fine. */
void shortcuts_free(struct shortcuts *s);

/* Replaces the tunnel's route to the same network. index: of the tunnel's interface; 0: there is
 * none now, and shortcuts_settle() writes it. Only key and via count. Negative errno. */
int shortcuts_set(struct shortcuts *s, const struct shortcut *wanted, int index);
void shortcuts_del(struct shortcuts *s, const struct shortcut_key *key, int index);

/* The tunnel has another interface, or the kernel forgot what it had when that went down. */
void shortcuts_settle(struct shortcuts *s, uint32_t tunnel, int index);
/* The tunnel is gone, and its interface. */
void shortcuts_forget(struct shortcuts *s, uint32_t tunnel);
/* Deletes what an earlier life left on an interface. Negative errno. */
int shortcuts_flush(struct shortcuts *s, int index);
