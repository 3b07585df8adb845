/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines as tables. One row is a pattern; the same row parses, abbreviates, completes and
 *explains itself. The configuration (config.c) and the exec commands (cli/) are two sets of rows
 *for this engine.
 *
 * A pattern is words and slots: a lower-case word is a keyword; {a|b} one of; [x] may be left out;
 *	<low-high>	a number			A.B.C.D		an IPv4 address
 *	X:X::X		an IPv6 address			A.B.C.D/M	an IPv4 prefix
 *	X:X::X/M	an IPv6 prefix
 *	ADDR		an address of either family	MASK		a contiguous IPv4 netmask
 *	WORD		one word			LINE		the rest of the line
 *	INTERFACE	an interface, "Fa0/0", "tunnel 0"
 *	TUNNEL		likewise, and a tunnel
 * Keywords may be abbreviated as long as they stay unambiguous among what can stand at that place
 *in all rows that match so far; a whole word always wins over a longer one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/addr.h"
#include "util/strbuf.h"

enum {
	GRAMMAR_LINE_MAX = 4096, /* longer lines are refused */
	GRAMMAR_WORDS_MAX = 64,
	GRAMMAR_ARGS_MAX = 24,
};

enum grammar_slot {
	SLOT_KEYWORD, /* an alternative or optional keyword that was there */
	SLOT_NUMBER,
	SLOT_ADDR,
	SLOT_PREFIX,
	SLOT_MASK,
	SLOT_WORD,
	SLOT_LINE,
	SLOT_INTERFACE,
};

/* One filled slot, in the order of the line. Fixed keywords of the pattern leave no argument. */
struct grammar_arg {
	enum grammar_slot slot;
	const char *name; /* the slot as the pattern has it, or the keyword in full */
	const char *text; /* the words as typed; of INTERFACE, the canonical name */
	uint64_t number;
	struct addr addr;
	struct prefix prefix;
	uint8_t mask_len;
};

struct grammar_args {
	struct grammar_arg arg[GRAMMAR_ARGS_MAX];
	size_t n;
	char store[2 * GRAMMAR_LINE_MAX]; /* what the texts point into */
	size_t store_len;
};

/* The first argument of a slot by name ("<1-65535>", "WORD", or an optional keyword), or NULL. */
const struct grammar_arg *grammar_arg(const struct grammar_args *args, const char *name);
bool grammar_has(const struct grammar_args *args, const char *keyword);

/* The head that every row type starts with; tables are arrays of a larger struct, stride bytes
 * apart. */
struct grammar_row {
	const char *pattern;
	const char *help; /* what the command does: shown at its last word and in the manual */
};

/* What a keyword means wherever no row says it: shown by `?` at words inside a pattern. */
struct grammar_word {
	const char *word;
	const char *help;
};

struct grammar {
	const void *rows;
	size_t n_rows, stride;
	const struct grammar_word *words;
	size_t n_words;
};

enum grammar_result {
	GRAMMAR_OK,
	GRAMMAR_EMPTY,      /* blank line or comment */
	GRAMMAR_INVALID,    /* "% Invalid input detected at '^' marker." */
	GRAMMAR_INCOMPLETE, /* "% Incomplete command." */
	GRAMMAR_AMBIGUOUS,  /* "% Ambiguous command:  "…"" */
	GRAMMAR_TOO_LONG,
};

/*
 * Matches a whole line. accept says for each row whether it may be used now (mode, privilege);
 * NULL: all. On GRAMMAR_OK *ret_row is the index of the row and *args is filled. Else *ret_column
 * is where the caret goes, in bytes from the start of the line.
 */
enum grammar_result grammar_match(const struct grammar *g, const char *line,
                                  bool (*accept)(const void *row, void *ctx), void *ctx,
                                  size_t *ret_row, struct grammar_args *args, size_t *ret_column);

/*
 * What can follow a line that ends before "?": appended to out as IOS prints it, two blanks, the
 * word padded to the longest, its help; "<cr>" when the line is a whole command. A line that ends
 * inside a word lists the words that begin so, on one line. The result says why nothing can follow.
 */
enum grammar_result grammar_help(const struct grammar *g, const char *line,
                                 bool (*accept)(const void *row, void *ctx), void *ctx,
                                 struct strbuf *out, size_t *ret_column);

/* The candidates for TAB at the end of a line, one full word a line, appended to out. */
void grammar_complete(const struct grammar *g, const char *line,
                      bool (*accept)(const void *row, void *ctx), void *ctx, struct strbuf *out);

/*
 * The canonical name of an interface as IOS writes it from any of its abbreviations ("fa0/0", "Tu
 * 0", "Gi1", "lo0", or a Linux name as it stands). False when it can be none.
 */
bool grammar_interface_name(const char *text, char *ret, size_t size);
/* The short form of a canonical name: "Tu0", "Fa0/0". */
void grammar_interface_short(const char *name, char *ret, size_t size);

/* Writes IOS's error text for a result, the caret line included, below a line shown at an indent.
 */
void grammar_explain(enum grammar_result result, const char *line, size_t column, size_t indent,
                     struct strbuf *out);
