/* SPDX-License-Identifier: Apache-2.0 */
/* One line on its way into a snapshot: inside of src/config, between line.c and parse.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/rows.h"

enum {
	LINE_KEPT_MAX = 16384, /* kept lines of one interface, or of all that is global */
	LINE_FOREIGN_EARLY = 0,
	LINE_FOREIGN_LATE = 1,
};

enum line_outcome {
	LINE_REFUSED,
	LINE_NOTHING, /* blank or a comment */
	LINE_TAKEN,   /* by a row of ours, e->row */
	LINE_FOREIGN, /* not ours; when global, the caller adds text to the snapshot */
};

struct line_result {
	enum line_outcome outcome;
	enum config_severity severity;
	bool remarked;
	enum grammar_result syntax;
	size_t column;
	const struct row *row; /* of LINE_TAKEN */
	const struct foreign_row
		*foreign; /* of LINE_FOREIGN; NULL for an interface of another world */
	uint16_t place;   /* of an interface's line that is not ours */
	bool negated;
	char text[512];              /* of the remark */
	char head[GRAMMAR_LINE_MAX]; /* of LINE_FOREIGN: the line, its first words in full */
};

/*
 * Tries a line in the block of e->mode and then globally. e->mode is not CONFIG_FOREIGN. A global
 * line that is not ours is recognised only.
 */
void line_apply(struct edit *e, const char *line, struct line_result *ret);

/* True when a line in a block that is not ours ends that block: it is a global command. */
bool line_is_global(const char *line);
/* True for a line that e would take in its block or globally, its words not abbreviated when not
 * ours. */
bool line_is_known(const struct edit *e, const char *line);
/* True for a global command of ours, all of it right. */
bool line_is_ours(const char *line);

/*
 * "banner motd ^C": where the text begins, and its delimiter: one character, or the two of "^C";
 * empty where the line ends before it. NULL when the line is no banner.
 */
const char *banner_text(const char *line, char delimiter[static 3]);

/*
 * Adds a block that is not ours, head line first. The same head again appends to the old block; "no
 * HEAD" takes it out. False when there are too many.
 */
bool foreign_add(struct snapshot *s, const char *text, uint16_t place);
/* Appends a line to the block of a head. False when there is no such block. */
bool foreign_append(struct snapshot *s, const char *head, const char *line);
/* The block of a head, which must be there. */
const char *foreign_text(const struct snapshot *s, const char *head);
uint16_t foreign_place(const struct foreign_row *row);
