/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output filters. A "|" begins the next filter only where blanks stand round it and the name of a
 * filter follows, since in a pattern it means "or": `| include up|down | count Tunnel`.
 *
 * The expressions are an operator's, and run in the daemon's control thread: back-references and
 * large repeat counts, which cost without bound, are refused.
 */
#include "cli/pipe.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/check.h"

struct pipe_row {
	struct grammar_row head;
	enum pipe_filter_type type;
};

static const struct pipe_row rows[] = {
	{ { "begin LINE", "Begin with the line that matches" }, PIPE_BEGIN },
	{ { "count LINE", "Count the lines that match" }, PIPE_COUNT },
	{ { "exclude LINE", "Exclude lines that match" }, PIPE_EXCLUDE },
	{ { "include LINE", "Include lines that match" }, PIPE_INCLUDE },
	{ { "json", "The same facts as JSON" }, PIPE_JSON },
	{ { "section LINE", "Lines that match, with the indented lines below them" },
	  PIPE_SECTION },
};

static const struct grammar grammar = { .rows = rows,
	                                .n_rows = sizeof rows / sizeof *rows,
	                                .stride = sizeof *rows };

size_t pipe_start(const char *line)
{
	return strcspn(line, "|");
}

/* The row that a word of len bytes abbreviates, or NULL. */
static const struct pipe_row *row_of_word(const char *word, size_t len)
{
	for (size_t i = 0; len && i < sizeof rows / sizeof *rows; i++) {
		const char *pattern = rows[i].head.pattern;
		if (len <= strcspn(pattern, " ") && strncmp(pattern, word, len) == 0)
			return &rows[i];
	}
	return NULL;
}

/* True when the "|" at text[at] begins another filter. */
static bool begins_filter(const char *text, size_t at)
{
	if (at == 0 || !isblank((unsigned char)text[at - 1]) ||
	    !isblank((unsigned char)text[at + 1]))
		return false;
	const char *word = text + at + 1 + strspn(text + at + 1, " \t");
	const size_t len = strcspn(word, " \t");
	const struct pipe_row *row = row_of_word(word, len);
	if (!row)
		return false;
	return row->type == PIPE_JSON || word[len + strspn(word + len, " \t")];
}

/* The length of one filter's text: up to the "|" of the next, or the end. */
static size_t filter_len(const char *text)
{
	size_t len = 0;

	while (text[len] && !(text[len] == '|' && begins_filter(text, len)))
		len++;
	return len;
}

static bool is_back_reference(const char *at)
{
	return at[0] == '\\' && at[1] >= '1' && at[1] <= '9';
}

/* Says why a pattern costs more than it may; NULL: it is fine. */
static const char *why_too_costly(const char *pattern)
{
	uint64_t product = 1;

	if (strlen(pattern) > PIPE_PATTERN_MAX)
		return "it is longer than 256 characters";
	for (const char *at = pattern; *at; at++) {
		if (is_back_reference(at))
			return "back-references are not supported";
		if (*at == '\\' && at[1]) {
			at++;
			continue;
		}
		if (*at != '{')
			continue;
		uint64_t low = strtoull(at + 1, NULL, 10), high = 0;
		const char *comma = at + 1 + strspn(at + 1, "0123456789");
		if (*comma == ',')
			high = strtoull(comma + 1, NULL, 10);
		const uint64_t times = low > high ? low : high;
		if (times > PIPE_REPEATS_MAX || (times && (product *= times) > PIPE_REPEATS_MAX))
			return "it repeats too often";
	}
	return NULL;
}

static bool compile(const char *pattern, regex_t *ret, struct pipe_error *error)
{
	const char *why = why_too_costly(pattern);
	char reason[PIPE_ERROR_SIZE / 2];

	if (!why) {
		const int failed = regcomp(ret, pattern, REG_EXTENDED | REG_NOSUB);
		if (!failed)
			return true;
		regerror(failed, ret, reason, sizeof reason);
		why = reason;
	}
	error->result = GRAMMAR_OK;
	snprintf(error->text, sizeof error->text, "Invalid regular expression: %s", why);
	return false;
}

/* `section include X` and `section exclude X` are IOS's long forms. */
static const char *section_pattern(const char *pattern, enum pipe_filter_type *type)
{
	static const char include[] = "include ", exclude[] = "exclude ";

	if (strncmp(pattern, include, sizeof include - 1) == 0)
		return pattern + sizeof include - 1;
	if (strncmp(pattern, exclude, sizeof exclude - 1) == 0) {
		*type = PIPE_SECTION_EXCLUDE;
		return pattern + sizeof exclude - 1;
	}
	return pattern;
}

static bool add_filter(struct pipe *p, const char *text, struct pipe_error *error)
{
	struct grammar_args args;
	size_t row;

	error->result = grammar_match(&grammar, text, NULL, NULL, &row, &args, &error->column);
	if (error->result == GRAMMAR_EMPTY) {
		error->result = GRAMMAR_INCOMPLETE;
		error->column = strlen(text);
	}
	if (error->result != GRAMMAR_OK)
		return false;

	if (rows[row].type == PIPE_JSON) {
		if (p->n || p->json) {
			snprintf(error->text, sizeof error->text, "json must be the first filter");
			return false;
		}
		p->json = true;
		return true;
	}
	if (p->n == PIPE_FILTERS_MAX) {
		snprintf(error->text, sizeof error->text, "Too many filters");
		return false;
	}
	struct pipe_filter *filter = &p->filter[p->n];
	const struct grammar_arg *line = grammar_arg(&args, "LINE");
	check(line);
	filter->type = rows[row].type;
	const char *pattern = line->text;
	if (filter->type == PIPE_SECTION)
		pattern = section_pattern(pattern, &filter->type);
	error->column = strcspn(text, " \t");
	if (!compile(pattern, &filter->regex, error))
		return false;
	p->n++;
	return true;
}

bool pipe_parse(const char *text, struct pipe *ret, struct pipe_error *error)
{
	struct pipe p = { 0 };
	const char *at = text;

	while (*at == '|') {
		char filter[GRAMMAR_LINE_MAX];
		const size_t len = filter_len(++at);
		*error = (struct pipe_error){ 0 };
		if (len >= sizeof filter) {
			error->result = GRAMMAR_TOO_LONG;
			pipe_fini(&p);
			return false;
		}
		memcpy(filter, at, len);
		filter[len] = '\0';
		if (!add_filter(&p, filter, error)) {
			error->column += (size_t)(at - text);
			pipe_fini(&p);
			return false;
		}
		at += len;
	}
	*ret = p;
	return true;
}

void pipe_fini(struct pipe *p)
{
	while (p->n)
		regfree(&p->filter[--p->n].regex);
}

struct lines { /* over a text: one line at a time, newline included */
	const char *at, *end;
};

static bool next_line(struct lines *lines, const char **line, size_t *len)
{
	if (lines->at == lines->end)
		return false;
	const char *newline = memchr(lines->at, '\n', (size_t)(lines->end - lines->at));
	*line = lines->at;
	lines->at = newline ? newline + 1 : lines->end;
	*len = (size_t)(lines->at - *line);
	return true;
}

static bool matches(const regex_t *regex, const char *line, size_t len)
{
	regmatch_t bounds = { 0, (regoff_t)(len && line[len - 1] == '\n' ? len - 1 : len) };

	return regexec(regex, line, 0, &bounds, REG_STARTEND) == 0;
}

static size_t indent_of(const char *line, size_t len)
{
	size_t indent = 0;

	while (indent < len && line[indent] == ' ')
		indent++;
	return indent;
}

/* The state of one filter between lines. */
struct filtering {
	bool begun;
	bool in_section;
	size_t section_indent;
	size_t n_matched;
};

static bool keeps(const struct pipe_filter *filter, struct filtering *f, const char *line,
                  size_t len)
{
	const bool match = matches(&filter->regex, line, len);

	f->n_matched += match;
	switch (filter->type) {
	case PIPE_INCLUDE:
		return match;
	case PIPE_EXCLUDE:
		return !match;
	case PIPE_BEGIN:
		f->begun |= match;
		return f->begun;
	case PIPE_SECTION:
	case PIPE_SECTION_EXCLUDE:
		if (f->in_section && indent_of(line, len) <= f->section_indent)
			f->in_section = false;
		if (!f->in_section && match) {
			f->in_section = true;
			f->section_indent = indent_of(line, len);
		}
		return f->in_section == (filter->type == PIPE_SECTION);
	default:
		return false;
	}
}

static void run_filter(const struct pipe_filter *filter, struct strbuf *text, size_t from)
{
	struct lines lines = { text->text + from, text->text + text->len };
	struct filtering f = { 0 };
	struct strbuf kept;
	const char *line;
	size_t len;

	strbuf_init(&kept);
	while (next_line(&lines, &line, &len))
		if (keeps(filter, &f, line, len))
			strbuf_add(&kept, line, len);
	if (filter->type == PIPE_COUNT)
		strbuf_printf(&kept, "Number of lines which match regexp = %zu\n", f.n_matched);
	strbuf_truncate(text, from);
	strbuf_add(text, kept.text, kept.len);
	strbuf_fini(&kept);
}

void pipe_run(const struct pipe *p, struct strbuf *text, size_t from)
{
	for (size_t i = 0; i < p->n; i++)
		run_filter(&p->filter[i], text, from);
}

/* The last filter's text, where `?` and TAB work. */
static const char *last_filter(const char *text)
{
	check(*text == '|');
	for (;;) {
		const size_t len = filter_len(++text);
		if (!text[len]) {
			const char *bar = strrchr(text, '|');
			return bar && !bar[1 + strspn(bar + 1, " \t")] &&
			                       isblank((unsigned char)bar[-1])
			               ? bar + 1
			               : text;
		}
		text += len;
	}
}

enum grammar_result pipe_help(const char *text, struct strbuf *out, size_t *ret_column)
{
	const char *last = last_filter(text);
	enum grammar_result result = grammar_help(&grammar, last, NULL, NULL, out, ret_column);

	*ret_column += (size_t)(last - text);
	return result;
}

void pipe_complete(const char *text, struct strbuf *out)
{
	grammar_complete(&grammar, last_filter(text), NULL, NULL, out);
}
