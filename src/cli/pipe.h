/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows `|`: filters over the lines of a command's output, in a chain. Patterns are POSIX
 *extended regular expressions, compiled once.
 *
 *	show ip nhrp | json
 *	show running-config | section interface Tunnel | exclude description
 */
#pragma once

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "config/grammar.h"
#include "util/strbuf.h"

enum {
	PIPE_FILTERS_MAX = 8,
	PIPE_PATTERN_MAX = 256,  /* bytes of a pattern */
	PIPE_REPEATS_MAX = 4096, /* product of a pattern's {n,m}: what regcomp expands it to */
	PIPE_ERROR_SIZE = 160,
};

enum pipe_filter_type {
	PIPE_BEGIN,
	PIPE_COUNT,
	PIPE_EXCLUDE,
	PIPE_INCLUDE,
	PIPE_JSON,
	PIPE_SECTION,
	PIPE_SECTION_EXCLUDE,
};

struct pipe_filter {
	enum pipe_filter_type type;
	regex_t regex;
};

struct pipe {
	bool json; /* the first was `| json` */
	struct pipe_filter filter[PIPE_FILTERS_MAX];
	size_t n;
};

struct pipe_error {
	enum grammar_result result; /* GRAMMAR_OK: text says it */
	size_t column;              /* from the start of the text given */
	char text[PIPE_ERROR_SIZE];
};

/* Where the filters of a line begin: at its first "|". Its length when it has none. */
size_t pipe_start(const char *line);
/* Reads filters, from the first "|" on. False: *error says why, and there is nothing to free. */
bool pipe_parse(const char *text, struct pipe *ret, struct pipe_error *error);
void pipe_fini(struct pipe *p);
/* Filters what stands in text from an offset on. */
void pipe_run(const struct pipe *p, struct strbuf *text, size_t from);

/* `?` and TAB behind a "|". */
enum grammar_result pipe_help(const char *text, struct strbuf *out, size_t *ret_column);
void pipe_complete(const char *text, struct strbuf *out);
