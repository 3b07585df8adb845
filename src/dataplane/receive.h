/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the wire to a TAP: GRE packets become frames for the kernel. A burst step without system
 * calls; one `struct receive` belongs to one worker.
 */
#pragma once

#include <stdint.h>

#include "dataplane/coalesce.h"
#include "dataplane/punt.h"
#include "dataplane/tables.h"

struct receive {
	struct tables *tables;
	struct punt_ring *punts;
	unsigned worker;  /* index of its counters */
	int64_t now_ns;   /* set by the owner before each burst */
	bool more_coming; /* set when the last packet was a data segment without PSH */
	struct coalesce coalesce;
};

/*
 * Takes one packet, outer IPv4 header first. Writes into it, and borrows it until receive_flush.
 */
void receive_packet(struct receive *r, uint8_t *bytes, size_t len);
/* Writes everything that was held back. */
void receive_flush(struct receive *r);
