/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's main table as NHRP asks about it: routes by longest match, those of shortcuts left
 * out. Filled from a dump, kept by notifications. For the control thread.
 */
#pragma once

#include <stdbool.h>

#include "netlink/netlink.h"
#include "util/addr.h"

struct fib;

struct fib *fib_new(void);
void fib_free(struct fib *f);

/* Forgets everything, before a dump. */
void fib_clear(struct fib *f);
/* Takes a route from a dump or a notification. True when it changed anything. */
bool fib_take(struct fib *f, const struct netlink_event *event);
/* The best route to an address. False when there is none, or it is one that drops packets. */
bool fib_find(const struct fib *f, const struct addr *to, struct netlink_route *ret);
