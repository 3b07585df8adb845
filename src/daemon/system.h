/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system as the configuration wants it: port states, addresses, routes, forwarding. All of it
 * is level-triggered: what is wanted is compared with what is there, and only differences are
 * carried out, so any of these functions may be called at any time. What is added is noted in the
 * ledger first; what was there before is left alone, now and at the end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "daemon/ledger.h"
#include "daemon/links.h"
#include "daemon/log.h"
#include "daemon/ports.h"
#include "netlink/rtnl.h"
#include "node/snapshot.h"

struct complaint; /* something that failed and was logged already */
struct settled;   /* a port that was brought up, or down, once */

struct system {
	struct rtnl *rtnl;
	struct ledger *ledger;
	struct log *log;
	struct links links; /* as of the last system_look() */
	struct complaint *complaints;
	struct settled *settled; /* what an operator does to them afterwards stands */
	bool waiting;            /* something wanted is not there yet */
	const char *forwarding_file;
};

/* All borrowed for the life of the system. */
void system_init(struct system *sys, struct rtnl *rtnl, struct ledger *ledger, struct log *log);
void system_fini(struct system *sys);

/* Looks at links and addresses anew. Negative errno. */
int system_look(struct system *sys);

/*
 * What a snapshot wants on the devices that are there, in the order of the configuration, to be
 * freed by the caller. Routes are wanted whether or not they can be had.
 */
struct ledger_item *system_wanted(const struct snapshot *s, const struct ports *ports,
                                  const struct links *links, size_t *ret_n);

/*
 * Begins a round: undoes what is in the ledger and no longer wanted; tunnels are the caller's.
 * Looks anew.
 */
void system_remove_unwanted(struct system *sys, const struct ledger_item *wanted, size_t n);
/* Forwarding, port states and addresses. Looks anew. */
void system_add_interfaces(struct system *sys, const struct ledger_item *wanted, size_t n);
/* Routes whose next hops can be had. */
void system_add_routes(struct system *sys, const struct ledger_item *wanted, size_t n);
/* The IPv4 routes of ours that the kernel has now, to be freed by the caller. NULL when there are
 * none. */
struct netlink_route *system_routes(struct system *sys, size_t *ret_n);
/* Undoes everything in the ledger, tunnel interfaces included. */
void system_remove_all(struct system *sys);

/* Notes a tunnel interface that is about to be made, or removes one and forgets it. */
int system_note_tunnel(struct system *sys, const char *device);
void system_remove_tunnel(struct system *sys, const char *device);
