/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routes of direct paths in the kernel's main table: metric 0, which no route of the configuration
 * has, and protocol 210. Those of a network that somebody else has a route to go before that, and
 * leave it as it is: their protocol is one that routing daemons pass over. For the control thread.
 */
#pragma once

#include <uthash.h>

#include "backend/changes.h"
#include "util/addr.h"

struct shortcut_key {
	uint32_t tunnel;
	struct prefix to;
};

struct shortcut {
	struct shortcut_key key;
	struct addr via;
	bool override;
	int index; /* of the interface that the kernel was told to have it on; 0: of none */
	UT_hash_handle hh;
};

struct shortcuts;

/* changes: borrowed; what is to change waits there to be sent. */
struct shortcuts *shortcuts_new(struct changes *changes);
/* Forgets them all; the kernel keeps what it has. NULL is fine. */
void shortcuts_free(struct shortcuts *s);

/* Replaces the tunnel's route to the same network. index: of the tunnel's interface; 0: there is
 * none now, and shortcuts_settle() writes it. Only key, via and override count. */
void shortcuts_set(struct shortcuts *s, const struct shortcut *wanted, int index);
void shortcuts_del(struct shortcuts *s, const struct shortcut_key *key, int index);
/* The kernel did not take this route: the next set or settle tries again. */
void shortcuts_refused(struct shortcuts *s, const struct netlink_route *route);

/* The tunnel has another interface, or the kernel forgot what it had when that went down. */
void shortcuts_settle(struct shortcuts *s, uint32_t tunnel, int index);
/* The tunnel is gone, and its interface. */
void shortcuts_forget(struct shortcuts *s, uint32_t tunnel);
/* Deletes what an earlier life left on an interface, and none of ours is. Negative errno. */
int shortcuts_sweep(struct shortcuts *s, int index);
