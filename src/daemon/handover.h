/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon that executes its own file anew, after a package upgrade: the process stays, and with it
 * what is passed on: what holds the carriers (holds.h), and the control socket, which only a start
 * with all privileges can give to --socket-group. */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "daemon/holds.h"
#include "daemon/options.h"
#include "util/strbuf.h"

struct handover {
	char program[PATH_MAX]; /* "" when it could not be learned */
	int control_fd;         /* the listening control socket, passed to us or on; 0: none */
};

/* At the start: once the file is replaced, the kernel no longer tells where it was. Takes what the
 * environment says of the control socket, and removes it from there. */
void handover_init(struct handover *h);
/* False with a sentence in why: nothing must be given up for it. */
bool handover_possible(const struct handover *h, struct strbuf *why);
/* SIG_BLOCK before the handlers go, SIG_UNBLOCK once there are new ones: a signal that comes in
 * between must not end the process. */
void handover_signals(int how);
/* Returns only when it fails: negative errno. */
int handover_execute(struct handover *h, const struct options *o, struct holds *holds);
