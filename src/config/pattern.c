/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Following all rows of a grammar through a line. A pattern needs no compiling: a state is an
 * offset into its text, and the tokens that can come next are found by reading on from there, into
 * every alternative of {a|b}, into and past [x]. Patterns are short and there are a few hundred, so
 * this costs microseconds.
 */
#include "config/pattern.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/ifname.h"
#include "util/check.h"
#include "util/memory.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool pattern_split(const char *text, struct pattern_line *ret)
{
	size_t at = 0, len = strlen(text);

	*ret = (struct pattern_line){ .text = text };
	if (len >= GRAMMAR_LINE_MAX)
		return false;
	while (len && is_blank(text[len - 1]))
		len--;
	ret->end = len;
	while (at < len) {
		while (is_blank(text[at]))
			at++;
		if (ret->n == GRAMMAR_WORDS_MAX) {
			ret->more = true;
			break;
		}
		size_t start = at;
		while (at < len && !is_blank(text[at]))
			at++;
		ret->word[ret->n++] = (struct pattern_word){ start, at - start };
	}
	return true;
}

const struct grammar_row *pattern_row(const struct grammar *g, size_t i)
{
	check(i < g->n_rows);
	return (const void *)((const char *)g->rows + i * g->stride);
}

size_t pattern_token_len(const char *text)
{
	return strcspn(text, " []{}|");
}

enum grammar_slot pattern_slot(const char *token, size_t len)
{
	static const struct {
		const char *name;
		enum grammar_slot slot;
	} slots[] = {
		{ "A.B.C.D", SLOT_ADDR },        { "X:X::X", SLOT_ADDR },
		{ "ADDR", SLOT_ADDR },           { "A.B.C.D/M", SLOT_PREFIX },
		{ "X:X::X/M", SLOT_PREFIX },     { "MASK", SLOT_MASK },
		{ "WORD", SLOT_WORD },           { "LINE", SLOT_LINE },
		{ "INTERFACE", SLOT_INTERFACE }, { "TUNNEL", SLOT_INTERFACE },
	};

	if (token[0] == '<')
		return SLOT_NUMBER;
	if (!isupper((unsigned char)token[0]))
		return SLOT_KEYWORD;
	for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++)
		if (strlen(slots[i].name) == len && strncmp(token, slots[i].name, len) == 0)
			return slots[i].slot;
	return SLOT_KEYWORD;
}

bool pattern_wants_tunnel(const char *token)
{
	return token[0] == 'T';
}

bool pattern_is_choice(const char *pattern, size_t at)
{
	int depth = 0;

	for (size_t i = 0; i < at; i++)
		depth += (pattern[i] == '[' || pattern[i] == '{') -
		         (pattern[i] == ']' || pattern[i] == '}');
	return depth > 0;
}

/* Offset of the bracket that closes the group around (not at) an offset, or of a '|' of that group.
 */
static size_t group_end(const char *pattern, size_t at, bool stop_at_bar)
{
	for (int depth = 0;; at++) {
		char c = pattern[at];
		check(c);
		if (depth == 0 && (c == ']' || c == '}' || (stop_at_bar && c == '|')))
			return at;
		depth += (c == '[' || c == '{') - (c == ']' || c == '}');
	}
}

static void add_state(struct pattern_run *run, const struct pattern_state *s, size_t generation)
{
	for (size_t i = generation; i < run->n; i++)
		if (run->state[i].row == s->row && run->state[i].at == s->at &&
		    run->state[i].half == s->half)
			return;
	if (run->n == run->room) {
		run->room = run->room ? 2 * run->room : 256;
		run->state = memory_resize(run->state, run->room, sizeof *run->state);
	}
	run->state[run->n++] = *s;
}

/* Adds every token that can come next at s->at, in order of preference. Depth is that of the
 * pattern. */
static void reach(struct pattern_run *run, struct pattern_state s, size_t generation)
{
	const char *pattern = pattern_row(run->g, s.row)->pattern;

	for (;;) {
		char c = pattern[s.at];
		if (c == ' ' || c == ']' || c == '}') {
			s.at++;
		} else if (c == '|') {
			s.at = (uint16_t)(group_end(pattern, s.at + 1u, false) + 1);
		} else if (c == '[' || c == '{') {
			bool optional = c == '[';
			do {
				s.at++;
				reach(run, s, generation);
				s.at = (uint16_t)group_end(pattern, s.at, true);
			} while (pattern[s.at] == '|');
			if (!optional)
				return;
			s.at++;
		} else {
			add_state(run, &s, generation);
			return;
		}
	}
}

void pattern_start(struct pattern_run *run, const struct grammar *g,
                   bool (*accept)(const void *row, void *ctx), void *ctx)
{
	*run = (struct pattern_run){ .g = g };
	for (size_t i = 0; i < g->n_rows; i++) {
		const struct grammar_row *row = pattern_row(g, i);
		if (row->pattern && (!accept || accept(row, ctx)))
			reach(run,
			      (struct pattern_state){ .row = i, .parent = (size_t)PATTERN_ROOT },
			      run->n);
	}
}

void pattern_fini(struct pattern_run *run)
{
	free(run->state);
	*run = (struct pattern_run){ 0 };
}

static bool in_range(const char *token, const char *word)
{
	char *end;
	uint64_t low = strtoull(token + 1, &end, 10), high = strtoull(end + 1, NULL, 10);

	if (!*word || word[strspn(word, "0123456789")] || strlen(word) > 19)
		return false;
	uint64_t value = strtoull(word, NULL, 10);
	return value >= low && value <= high;
}

static bool is_address(const char *token, size_t len, const char *word)
{
	struct addr a;

	if (!addr_parse(word, &a))
		return false;
	if (len == 4) /* ADDR */
		return true;
	return (a.family == ADDR_V4) == (token[0] == 'A');
}

static bool is_prefix(const char *token, const char *word)
{
	const char *slash = strchr(word, '/');
	char text[ADDR_TEXT_LEN];
	struct addr a;

	if (!slash || (size_t)(slash - word) >= sizeof text)
		return false;
	memcpy(text, word, (size_t)(slash - word));
	text[slash - word] = '\0';
	if (!addr_parse(text, &a) || (a.family == ADDR_V4) != (token[0] == 'A'))
		return false;
	return in_range(a.family == ADDR_V4 ? "<0-32>" : "<0-128>", slash + 1);
}

static bool is_mask(const char *word)
{
	struct addr a;
	uint8_t len;

	return addr_parse(word, &a) && a.family == ADDR_V4 && prefix_len_from_mask_v4(&a, &len);
}

static enum pattern_rank keyword_rank(const char *token, size_t len, const char *word)
{
	size_t word_len = strlen(word);

	if (word_len > len || strncasecmp(token, word, word_len) != 0)
		return RANK_NONE;
	return word_len == len ? RANK_WHOLE : RANK_ABBREVIATION;
}

/* A type alone ("tunnel") waits for its number in the next word. */
static enum pattern_rank interface_rank(const char *word, bool half, bool *ret_half)
{
	char name[GRAMMAR_LINE_MAX + 32];

	if (half) {
		char with_type[GRAMMAR_LINE_MAX + 2];
		snprintf(with_type, sizeof with_type, "Gi%s", word);
		return isdigit((unsigned char)word[0]) &&
		                       grammar_interface_name(with_type, name, sizeof name)
		               ? RANK_TYPED
		               : RANK_NONE;
	}
	*ret_half = ifname_is_type(word);
	if (*ret_half || grammar_interface_name(word, name, sizeof name))
		return RANK_INTERFACE;
	return RANK_NONE;
}

/* A tunnel, or its type alone. */
static bool is_tunnel(const char *word)
{
	char name[GRAMMAR_LINE_MAX + 32], with_number[GRAMMAR_LINE_MAX + 2];

	snprintf(with_number, sizeof with_number, "%s%s", word, ifname_is_type(word) ? "0" : "");
	return grammar_interface_name(with_number, name, sizeof name) &&
	       strncmp(name, "Tunnel", 6) == 0;
}

static enum pattern_rank rank(const char *token, const char *word, bool half, bool *ret_half)
{
	size_t len = pattern_token_len(token);

	*ret_half = false;
	switch (pattern_slot(token, len)) {
	case SLOT_KEYWORD:
		return len ? keyword_rank(token, len, word) : RANK_NONE;
	case SLOT_NUMBER:
		return in_range(token, word) ? RANK_TYPED : RANK_NONE;
	case SLOT_ADDR:
		return is_address(token, len, word) ? RANK_TYPED : RANK_NONE;
	case SLOT_PREFIX:
		return is_prefix(token, word) ? RANK_TYPED : RANK_NONE;
	case SLOT_MASK:
		return is_mask(word) ? RANK_TYPED : RANK_NONE;
	case SLOT_INTERFACE:
		if (!half && pattern_wants_tunnel(token) && !is_tunnel(word))
			return RANK_NONE;
		return interface_rank(word, half, ret_half);
	case SLOT_WORD:
		return RANK_WORD;
	case SLOT_LINE:
		return RANK_LINE;
	}
	return RANK_NONE;
}

static const char *token_of(const struct pattern_run *run, const struct pattern_state *s)
{
	return pattern_row(run->g, s->row)->pattern + s->at;
}

/* Ranks the word for every state of the generation; the best rank. */
static enum pattern_rank rank_all(struct pattern_run *run, const char *word)
{
	enum pattern_rank best = RANK_NONE;

	for (size_t i = run->first; i < run->n; i++) {
		struct pattern_state *s = &run->state[i];
		bool half;
		s->rank = rank(token_of(run, s), word, s->half, &half);
		s->then_half = half;
		if (s->rank > best)
			best = s->rank;
	}
	return best;
}

/* Two spellings of one keyword, "holdtime" and "hold-time", are the same. */
static bool same_token(const char *a, const char *b)
{
	size_t a_len = pattern_token_len(a), b_len = pattern_token_len(b);
	size_t i = 0, k = 0;

	while (i < a_len && k < b_len) {
		if (a[i] == '-')
			i++;
		else if (b[k] == '-')
			k++;
		else if (a[i++] != b[k++])
			return false;
	}
	return i == a_len && k == b_len;
}

/* Leads each state that fits best on to the next generation. False when keywords differ: ambiguous.
 */
static bool advance(struct pattern_run *run, enum pattern_rank best)
{
	size_t generation = run->n;
	const char *keyword = NULL;

	for (size_t i = run->first; i < generation; i++) {
		struct pattern_state s = run->state[i];
		const char *token = token_of(run, &s);
		if (s.rank != best)
			continue;
		if (best == RANK_ABBREVIATION && keyword && !same_token(keyword, token))
			return false;
		keyword = token;
		s.parent = i;
		s.token = s.at;
		s.half = s.then_half;
		if (s.half) {
			add_state(run, &s, generation);
			continue;
		}
		s.at = (uint16_t)(s.at + pattern_token_len(token));
		reach(run, s, generation);
	}
	run->first = generation;
	return true;
}

enum grammar_result pattern_step(struct pattern_run *run, const struct pattern_line *line, size_t i,
                                 bool *ret_line)
{
	char word[GRAMMAR_LINE_MAX];

	check(i < line->n && line->word[i].len < sizeof word);
	memcpy(word, line->text + line->word[i].at, line->word[i].len);
	word[line->word[i].len] = '\0';
	enum pattern_rank best = rank_all(run, word);
	*ret_line = best == RANK_LINE;
	if (best == RANK_NONE)
		return GRAMMAR_INVALID;
	return advance(run, best) ? GRAMMAR_OK : GRAMMAR_AMBIGUOUS;
}
