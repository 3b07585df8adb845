/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matching a line against a table of patterns. pattern.c follows all rows at once, word by word;
 * here the winning row is chosen and its slots are filled by walking back over the states that led
 * to it. Nothing is kept between calls.
 */
#include "config/grammar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/pattern.h"
#include "util/check.h"

const struct grammar_arg *grammar_arg(const struct grammar_args *args, const char *name)
{
	for (size_t i = 0; i < args->n; i++)
		if (strcmp(args->arg[i].name, name) == 0)
			return &args->arg[i];
	return NULL;
}

bool grammar_has(const struct grammar_args *args, const char *keyword)
{
	for (size_t i = 0; i < args->n; i++)
		if (args->arg[i].slot == SLOT_KEYWORD && strcmp(args->arg[i].name, keyword) == 0)
			return true;
	return false;
}

/* Keeps a text in the arguments' store, which is large enough for a line and the names of its
 * slots. */
static const char *store(struct grammar_args *args, const char *text, size_t len)
{
	char *at = args->store + args->store_len;

	check(args->store_len + len + 1 <= sizeof args->store);
	memcpy(at, text, len);
	at[len] = '\0';
	args->store_len += len + 1;
	return at;
}

static bool fill_prefix(struct grammar_arg *arg)
{
	char text[ADDR_TEXT_LEN];
	const char *slash = strchr(arg->text, '/');

	snprintf(text, sizeof text, "%.*s", (int)(slash - arg->text), arg->text);
	arg->prefix.len = (uint8_t)strtoul(slash + 1, NULL, 10);
	return addr_parse(text, &arg->prefix.addr);
}

static bool fill_interface(struct grammar_args *args, struct grammar_arg *arg)
{
	char name[GRAMMAR_LINE_MAX];

	if (!grammar_interface_name(arg->text, name, sizeof name))
		return false;
	/* The canonical name may be longer than what was typed, by a type's name at most. */
	if (args->store_len + strlen(name) + 1 > sizeof args->store)
		return false;
	arg->text = store(args, name, strlen(name));
	return true;
}

/* Reads the value of a slot from its text. False when the text is no value after all. */
static bool fill_value(struct grammar_args *args, struct grammar_arg *arg)
{
	switch (arg->slot) {
	case SLOT_NUMBER:
		arg->number = strtoull(arg->text, NULL, 10);
		return true;
	case SLOT_ADDR:
		return addr_parse(arg->text, &arg->addr);
	case SLOT_MASK:
		return addr_parse(arg->text, &arg->addr) &&
		       prefix_len_from_mask_v4(&arg->addr, &arg->mask_len);
	case SLOT_PREFIX:
		return fill_prefix(arg);
	case SLOT_INTERFACE:
		return fill_interface(args, arg);
	case SLOT_KEYWORD:
	case SLOT_WORD:
	case SLOT_LINE:
		return true;
	}
	return false;
}

/* A line that matched, and the arguments that are being read from it. */
struct filling {
	const struct pattern_run *run;
	const struct pattern_line *line;
	struct grammar_args *args;
	const char *pattern; /* of the row */
	size_t column;       /* of the word at hand */
};

/* One token of the row and the words that it took. */
static bool fill_arg(struct filling *f, size_t token, struct pattern_word text)
{
	const char *name = f->pattern + token;
	size_t len = pattern_token_len(name);
	enum grammar_slot slot = pattern_slot(name, len);

	if (slot == SLOT_KEYWORD && !pattern_is_choice(f->pattern, token))
		return true;
	if (slot == SLOT_LINE)
		text.len = f->line->end - text.at;
	check(f->args->n < GRAMMAR_ARGS_MAX);
	struct grammar_arg *arg = &f->args->arg[f->args->n++];
	*arg = (struct grammar_arg){
		.slot = slot,
		.name = store(f->args, name, len),
		.text = store(f->args, f->line->text + text.at, text.len),
	};
	return fill_value(f->args, arg);
}

/* Walks back from the last state and then fills the slots in the order of the line. */
static bool fill_args(struct filling *f, size_t last)
{
	const struct pattern_state *state = f->run->state;
	size_t path[GRAMMAR_WORDS_MAX], n = 0;

	f->args->n = 0;
	f->args->store_len = 0;
	for (size_t i = last; state[i].parent != (size_t)PATTERN_ROOT; i = state[i].parent)
		path[n++] = i;
	for (size_t i = 0; i < n; i++) {
		const struct pattern_state *s = &state[path[n - 1 - i]];
		struct pattern_word text = f->line->word[i];
		f->column = text.at;
		if (s->half)
			continue;
		if (i && state[s->parent].half) {
			text.len += text.at - f->line->word[i - 1].at;
			text.at = f->line->word[i - 1].at;
		}
		if (!fill_arg(f, s->token, text))
			return false;
	}
	return true;
}

/* The first row that needs no further word. */
static bool find_complete(const struct pattern_run *run, size_t *ret)
{
	for (size_t i = run->first; i < run->n; i++) {
		const struct pattern_state *s = &run->state[i];
		if (!s->half && pattern_row(run->g, s->row)->pattern[s->at] == '\0') {
			*ret = i;
			return true;
		}
	}
	return false;
}

static enum grammar_result match_words(struct pattern_run *run, const struct pattern_line *line,
                                       size_t *ret_column)
{
	bool took_line = false;

	for (size_t i = 0; i < line->n; i++) {
		*ret_column = line->word[i].at;
		enum grammar_result result = pattern_step(run, line, i, &took_line);
		if (result != GRAMMAR_OK)
			return result;
		if (took_line)
			return GRAMMAR_OK;
	}
	return line->more ? GRAMMAR_INVALID : GRAMMAR_OK;
}

enum grammar_result grammar_match(const struct grammar *g, const char *line,
                                  bool (*accept)(const void *row, void *ctx), void *ctx,
                                  size_t *ret_row, struct grammar_args *args, size_t *ret_column)
{
	struct pattern_line words;
	struct pattern_run run;
	size_t last;

	*ret_column = 0;
	if (!pattern_split(line, &words))
		return GRAMMAR_TOO_LONG;
	if (words.n == 0 || line[words.word[0].at] == '!')
		return GRAMMAR_EMPTY;
	pattern_start(&run, g, accept, ctx);
	enum grammar_result result = match_words(&run, &words, ret_column);
	if (result == GRAMMAR_OK && !find_complete(&run, &last)) {
		*ret_column = words.end;
		result = GRAMMAR_INCOMPLETE;
	}
	if (result == GRAMMAR_OK) {
		*ret_row = run.state[last].row;
		struct filling f = { .run = &run,
			             .line = &words,
			             .args = args,
			             .pattern = pattern_row(g, *ret_row)->pattern };
		if (!fill_args(&f, last)) {
			*ret_column = f.column;
			result = GRAMMAR_INVALID;
		}
	}
	pattern_fini(&run);
	return result;
}
