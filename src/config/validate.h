/* SPDX-License-Identifier: Apache-2.0 */
/* What only a whole configuration shows to be wrong: inside of src/config. */
#pragma once

#include <stddef.h>

#include "config/rows.h"

/* A line of a block: where a value of it came from. */
struct validation_note {
	enum config_block block;
	char name[SNAP_NAME_SIZE]; /* of the block's interface, policy, profile, … */
	const struct row *row;
	size_t line_number;
	char *line;
};

/* Starts zeroed. */
struct validation {
	struct validation_note *note;
	size_t n, room;
};

/* Copies a note. One outside of all blocks is left out. */
void validation_add(struct validation *v, const struct validation_note *note);
/* Checks the snapshot, sets right what cannot stay, adds the remarks, and forgets the notes. */
void validation_finish(struct validation *v, struct snapshot *s, struct config_remarks *remarks);

/* The interface whose network one of i's addresses overlaps, or NULL. */
const struct snap_interface *validate_overlap(const struct snapshot *s,
                                              const struct snap_interface *i);
