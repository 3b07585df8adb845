/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a configuration that are kept as they stand. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A line that is accepted and printed back but does nothing: known and not yet in force, or not
 * ours. */
struct snap_line {
	char *text;     /* one line without its newline, or a whole block with its newlines */
	uint16_t place; /* config's own: lines are kept sorted by it, and so they print */
};

struct snap_lines {
	struct snap_line *line;
	size_t n;
};

void snap_lines_add(struct snap_lines *lines, const char *text);
/* Adds behind all lines whose place is not greater. */
void snap_lines_place(struct snap_lines *lines, const char *text, uint16_t place);
void snap_lines_del(struct snap_lines *lines, size_t i);
struct snap_lines snap_lines_copy(const struct snap_lines *from);
/* The texts are wiped: some hold secrets. */
void snap_lines_fini(struct snap_lines *lines);
