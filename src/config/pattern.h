/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking patterns, word by word: inside of grammar.c and grammar_help.c. All rows are followed at
 * once; a state is a place in the pattern of one row, and each word typed leads from one generation
 * of states to the next.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/grammar.h"

/* How well a word fits a token. At each word only the best fit goes on. */
enum pattern_rank {
	RANK_NONE,
	RANK_LINE,
	RANK_WORD,
	RANK_INTERFACE,
	RANK_TYPED, /* a number or an address */
	RANK_ABBREVIATION,
	RANK_WHOLE,
};

struct pattern_word {
	size_t at, len;
};

struct pattern_line {
	const char *text;
	struct pattern_word word[GRAMMAR_WORDS_MAX];
	size_t n;
	size_t end; /* length without trailing blanks */
	bool more;  /* there are further words */
};

struct pattern_state {
	size_t row;
	uint16_t at;    /* of the token that comes next; of the NUL when nothing need follow */
	uint16_t token; /* of the one that took the last word */
	bool half;      /* an interface's type was taken, its number comes next */
	enum pattern_rank rank; /* of the word that the next step took */
	bool then_half;         /* what it would leave */
	size_t parent;          /* index of the state before */
};

struct pattern_run {
	const struct grammar *g;
	struct pattern_state *state; /* all generations, one after another */
	size_t n, room;
	size_t first; /* of the present generation */
};

enum { PATTERN_ROOT = -1 };

bool pattern_split(const char *line, struct pattern_line *ret);
const struct grammar_row *pattern_row(const struct grammar *g, size_t i);
/* Length of the token at text. */
size_t pattern_token_len(const char *text);
enum grammar_slot pattern_slot(const char *token, size_t len);
/* Of an interface's slot: it must be a tunnel. */
bool pattern_wants_tunnel(const char *token);
/* True when a token stands inside braces or brackets. */
bool pattern_is_choice(const char *pattern, size_t at);

void pattern_start(struct pattern_run *run, const struct grammar *g,
                   bool (*accept)(const void *row, void *ctx), void *ctx);
/*
 * Takes the i-th word. GRAMMAR_OK when there is a next generation; *ret_line is set when a LINE
 * took this word and all others.
 */
enum grammar_result pattern_step(struct pattern_run *run, const struct pattern_line *line, size_t i,
                                 bool *ret_line);
void pattern_fini(struct pattern_run *run);
