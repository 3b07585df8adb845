/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can come next on a line: `?`, TAB, and the words of an error. The states that pattern.c has
 * reached are the answer; here they are named, explained, sorted and laid out as IOS does.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/ifname.h"
#include "config/pattern.h"
#include "util/memory.h"

struct candidate {
	char word[64];
	const char *help;
	bool keyword; /* can be completed by TAB */
	bool shared;  /* by several rows */
	bool last;    /* the last keyword of its row */
};

struct candidates {
	struct candidate *at;
	size_t n, room;
	const char *partial;
};

static void add(struct candidates *c, const struct candidate *new)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->at[i].word, new->word) == 0) {
			c->at[i].shared = true;
			return;
		}
	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : 64;
		c->at = memory_resize(c->at, c->room, sizeof *c->at);
	}
	c->at[c->n++] = *new;
}

static bool only(const char *text, const char *chars)
{
	return text[strspn(text, chars)] == '\0';
}

/* Could what has been typed of a word still become a value of this slot? */
static bool may_become(const char *slot, const char *partial)
{
	if (slot[0] == '<')
		return only(partial, "0123456789");
	if (slot[0] == 'A')
		return only(partial, "0123456789./");
	if (slot[0] == 'X')
		return only(partial, "0123456789abcdefABCDEF:./");
	return true;
}

static void add_slot(struct candidates *c, const char *name, const char *help)
{
	struct candidate new = { .help = help };

	if (!may_become(name, c->partial))
		return;
	snprintf(new.word, sizeof new.word, "%s", name);
	add(c, &new);
}

static void add_interfaces(struct candidates *c, bool only_tunnels)
{
	const struct ifname_type *type;

	for (size_t i = 0; (type = ifname_type(i)); i++) {
		struct candidate new = { .help = type->help, .keyword = true };
		if (strncasecmp(type->name, c->partial, strlen(c->partial)) != 0)
			continue;
		if (!type->listed && !*c->partial)
			continue;
		if (only_tunnels && strcmp(type->name, "Tunnel") != 0)
			continue;
		snprintf(new.word, sizeof new.word, "%s", type->name);
		add(c, &new);
	}
	if (!*c->partial && !only_tunnels)
		add_slot(c, "WORD", "Name of a Linux interface");
}

static const char *word_help(const struct grammar *g, const char *word)
{
	for (size_t i = 0; i < g->n_words; i++)
		if (strcmp(g->words[i].word, word) == 0)
			return g->words[i].help;
	return NULL;
}

/* True when only slots and choices follow a keyword that the pattern always has. */
static bool is_last_keyword(const char *pattern, size_t at)
{
	if (pattern_is_choice(pattern, at))
		return false;
	for (at += pattern_token_len(pattern + at); pattern[at];) {
		size_t len = pattern_token_len(pattern + at);
		if (len && pattern_slot(pattern + at, len) == SLOT_KEYWORD &&
		    !pattern_is_choice(pattern, at))
			return false;
		at += len ? len : 1;
	}
	return true;
}

static void add_keyword(struct candidates *c, const struct grammar *g,
                        const struct grammar_row *row, size_t at)
{
	const char *token = row->pattern + at;
	size_t len = pattern_token_len(token);
	struct candidate new = { .keyword = true, .last = is_last_keyword(row->pattern, at) };

	if (strlen(c->partial) > len || strncasecmp(token, c->partial, strlen(c->partial)) != 0)
		return;
	snprintf(new.word, sizeof new.word, "%.*s", (int)len, token);
	const char *help = word_help(g, new.word);
	new.help = new.last || !help ? row->help : help;
	add(c, &new);
}

static void add_token(struct candidates *c, const struct grammar *g, const struct pattern_state *s)
{
	const struct grammar_row *row = pattern_row(g, s->row);
	const char *token = row->pattern + s->at;
	size_t len = pattern_token_len(token);
	char name[64];

	snprintf(name, sizeof name, "%.*s", (int)len, token);
	switch (pattern_slot(token, len)) {
	case SLOT_KEYWORD:
		add_keyword(c, g, row, s->at);
		break;
	case SLOT_ADDR:
		if (name[0] != 'X')
			add_slot(c, "A.B.C.D",
			         strcmp(name, "ADDR") ? "IP address" : "IPv4 address");
		if (strcmp(name, "A.B.C.D") != 0)
			add_slot(c, "X:X::X", "IPv6 address");
		break;
	case SLOT_PREFIX:
		add_slot(c, name, "Prefix: address and length");
		break;
	case SLOT_MASK:
		add_slot(c, "A.B.C.D", "Network mask");
		break;
	case SLOT_INTERFACE:
		if (s->half)
			add_slot(c, "<0-2147483647>", "Interface number");
		else
			add_interfaces(c, pattern_wants_tunnel(token));
		break;
	case SLOT_NUMBER:
	case SLOT_WORD:
	case SLOT_LINE:
		add_slot(c, name, row->help);
		break;
	}
}

static int by_word(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	bool x_cr = strcmp(x->word, "<cr>") == 0, y_cr = strcmp(y->word, "<cr>") == 0;

	return x_cr != y_cr ? x_cr - y_cr : strcmp(x->word, y->word);
}

/* A word of several rows is explained by what it means, not by one of the rows. */
static void settle_help(struct candidates *c, const struct grammar *g)
{
	for (size_t i = 0; i < c->n; i++) {
		const char *help = word_help(g, c->at[i].word);
		if (c->at[i].shared && c->at[i].keyword && help)
			c->at[i].help = help;
	}
}

struct question {
	const struct grammar *g;
	const char *line;
	bool (*accept)(const void *row, void *ctx);
	void *ctx;
};

/*
 * Follows the line up to the word that is being typed and collects what fits there. c->partial
 * points into the line.
 */
static enum grammar_result collect(const struct question *q, struct candidates *c,
                                   size_t *ret_column)
{
	struct pattern_line words;
	struct pattern_run run;
	const char *line = q->line;
	size_t len = strlen(line);
	enum grammar_result result = GRAMMAR_OK;
	bool took_line = false;

	*ret_column = 0;
	if (!pattern_split(line, &words) || words.more)
		return GRAMMAR_TOO_LONG;
	bool inside = words.n && words.end == len;
	size_t n = words.n - inside;
	c->partial = inside ? line + words.word[n].at : "";
	pattern_start(&run, q->g, q->accept, q->ctx);
	for (size_t i = 0; i < n && result == GRAMMAR_OK && !took_line; i++) {
		*ret_column = words.word[i].at;
		result = pattern_step(&run, &words, i, &took_line);
	}
	if (took_line)
		c->partial = "";
	for (size_t i = run.first; i < run.n && result == GRAMMAR_OK; i++) {
		const struct pattern_state *s = &run.state[i];
		if (pattern_row(q->g, s->row)->pattern[s->at])
			add_token(c, q->g, s);
		else if (!*c->partial)
			add_slot(c, "<cr>", "");
	}
	pattern_fini(&run);
	if (result == GRAMMAR_OK && c->n == 0) {
		*ret_column = inside ? words.word[n].at : len;
		return GRAMMAR_INVALID;
	}
	settle_help(c, q->g);
	if (c->n)
		qsort(c->at, c->n, sizeof *c->at, by_word);
	return result;
}

static void print_partial(const struct candidates *c, struct strbuf *out)
{
	for (size_t i = 0; i < c->n; i++)
		strbuf_printf(out, "%s%s", i ? "  " : "", c->at[i].word);
	strbuf_addc(out, '\n');
}

static void print_list(const struct candidates *c, struct strbuf *out)
{
	size_t width = 0;

	for (size_t i = 0; i < c->n; i++)
		if (strlen(c->at[i].word) > width)
			width = strlen(c->at[i].word);
	for (size_t i = 0; i < c->n; i++) {
		const char *help = c->at[i].help;
		if (help && *help)
			strbuf_printf(out, "  %-*s  %s\n", (int)width, c->at[i].word, help);
		else
			strbuf_printf(out, "  %s\n", c->at[i].word);
	}
}

enum grammar_result grammar_help(const struct grammar *g, const char *line,
                                 bool (*accept)(const void *row, void *ctx), void *ctx,
                                 struct strbuf *out, size_t *ret_column)
{
	const struct question q = { g, line, accept, ctx };
	struct candidates c = { 0 };
	enum grammar_result result = collect(&q, &c, ret_column);

	if (result == GRAMMAR_OK && *c.partial)
		print_partial(&c, out);
	else if (result == GRAMMAR_OK)
		print_list(&c, out);
	free(c.at);
	return result;
}

void grammar_complete(const struct grammar *g, const char *line,
                      bool (*accept)(const void *row, void *ctx), void *ctx, struct strbuf *out)
{
	const struct question q = { g, line, accept, ctx };
	struct candidates c = { 0 };
	size_t column;

	if (collect(&q, &c, &column) == GRAMMAR_OK)
		for (size_t i = 0; i < c.n; i++)
			if (c.at[i].keyword)
				strbuf_printf(out, "%s\n", c.at[i].word);
	free(c.at);
}

/* Blanks up to a column of a line that may hold tabs and UTF-8. */
static void add_caret(const char *line, size_t column, size_t indent, struct strbuf *out)
{
	for (size_t i = 0; i < indent; i++)
		strbuf_addc(out, ' ');
	for (size_t i = 0; i < column && line[i]; i++) {
		bool continuation = ((unsigned char)line[i] & 0xc0) == 0x80;
		if (!continuation)
			strbuf_addc(out, line[i] == '\t' ? '\t' : ' ');
	}
	strbuf_adds(out, "^\n");
}

void grammar_explain(enum grammar_result result, const char *line, size_t column, size_t indent,
                     struct strbuf *out)
{
	switch (result) {
	case GRAMMAR_OK:
	case GRAMMAR_EMPTY:
		break;
	case GRAMMAR_INVALID:
		add_caret(line, column, indent, out);
		strbuf_adds(out, "% Invalid input detected at '^' marker.\n");
		break;
	case GRAMMAR_INCOMPLETE:
		strbuf_adds(out, "% Incomplete command.\n");
		break;
	case GRAMMAR_AMBIGUOUS:
		strbuf_printf(out, "%% Ambiguous command:  \"%s\"\n", line);
		break;
	case GRAMMAR_TOO_LONG:
		strbuf_adds(out, "% Line is too long.\n");
		break;
	}
}
