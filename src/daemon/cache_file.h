/* SPDX-License-Identifier: Apache-2.0 */
/* The text that cache entries are kept in: a version line, then one line per entry. */
#pragma once

#include <stdbool.h>

#include "node/node.h"
#include "util/strbuf.h"

#define CACHE_FILE_HEAD "dmvpnd cache 1\n"

/* Appends the line of one entry, newline included. */
void cache_file_print(const struct node_saved_entry *e, struct strbuf *out);
/* Reads a line without its newline. False when it is none; *ret is then untouched. */
bool cache_file_parse(const char *line, struct node_saved_entry *ret);
