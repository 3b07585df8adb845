/* SPDX-License-Identifier: Apache-2.0 */
/* Changing a snapshot by one line: inside of src/config, below line.c. */
#pragma once

#include <stdbool.h>

#include "config/rows.h"

/* What follows "no " in a line, or NULL. */
const char *line_behind_no(const char *line);
/* True when the words of a line begin with those of another. */
bool line_begins_with(const char *line, const char *with);

/* Does what e->row says, e->line being the whole line. False when it is refused; e->text says why.
 */
bool change_apply(struct edit *e, const struct grammar_args *args, bool negated);
/* Keeps e->line, which is not ours, in the interface; gives its place. False when there are too
 * many. */
bool change_keep_foreign(struct edit *e, const struct foreign_row *row, uint16_t *ret_place);
