/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the wire to a TAP: GRE packets become frames for the kernel. A burst step without system
 * calls; one `struct receive` belongs to one worker.
 */
#pragma once

#include <stdint.h>

#include "dataplane/coalesce.h"
#include "dataplane/mailbox.h"
#include "dataplane/punt.h"
#include "dataplane/tables.h"

struct open;

enum { RECEIVE_STRANGERS = 256 }; /* places for senders that were told of in the last second */

struct receive {
	struct tables *tables;
	struct punt_ring *punts;
	unsigned worker;  /* index of its counters */
	int64_t now_ns;   /* set by the owner before each burst */
	bool more_coming; /* set when the last packet was a data segment without PSH */
	struct coalesce coalesce;
	int64_t stranger_ns[RECEIVE_STRANGERS]; /* by address: when one was told of; 0: never */

	/* Hands ESP to the worker that owns its association. False: it has no room. */
	bool (*hand_over)(void *ctx, unsigned worker, const struct mail *esp);
	void *ctx;
	struct open *open; /* NULL: no protected tunnel, and nothing of ESP is received */
};

/*
 * Takes one packet, outer IPv4 header first. Writes into it, and borrows it until receive_flush.
 */
void receive_packet(struct receive *r, uint8_t *bytes, size_t len);
/* Takes the GRE packet that came by an SA, as decap_gre left it, tos set and no addresses; borrowed
 * likewise. */
void receive_protected(struct receive *r, const struct decap *d, struct sa *sa);
/* Writes everything that was held back. */
void receive_flush(struct receive *r);
