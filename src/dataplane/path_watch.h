/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the path of an NBMA address (path.h) and notices when paths may have changed. Control
 * thread; the requests are synchronous rtnetlink ones, some microseconds each.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/path.h"
#include "util/addr.h"

struct path_watch;

struct path_question {
	struct addr from, to;
	int64_t now_ns;
	bool receives; /* find out about what comes from `to`, too */
	bool forced; /* also where a queue or a packet filter of this machine would be passed by */
};

/* Opens the sockets in the current network namespace. Negative errno. */
int path_watch_new(struct path_watch **ret);
/* NULL is fine. */
void path_watch_free(struct path_watch *w);
/* Readable when something changed. */
int path_watch_fd(const struct path_watch *w);
/* Reads what changed. True when every path found so far is void. */
bool path_watch_changed(struct path_watch *w);
/* Always fills *ret, save its epoch; not usable, or not receivable, when anything is in the way. */
void path_watch_find(struct path_watch *w, const struct path_question *q, struct path *ret);
