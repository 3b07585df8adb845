/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line: which row is it, and what does it do to the snapshot. The order in which tables are
 * asked: our rows of the block, our global rows, then the rows that are not ours. A line that goes
 * wrong behind the words that are ours ("ip nhrp …") is an error and never taken for something
 * else.
 */
#include "config/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/blocks.h"
#include "config/change.h"
#include "config/pattern.h"
#include "util/check.h"

struct filter {
	enum config_block block;
	enum snap_interface_kind kind; /* of CONFIG_INTERFACE */
	enum config_table table;
};

/* A match, or how far it came. */
struct attempt {
	enum grammar_result result;
	const struct row *row;
	size_t column;
	const char *text; /* that was matched */
};

static bool accept_row(const void *head, void *ctx)
{
	const struct filter *f = ctx;
	size_t offset = f->table == TABLE_NO ? offsetof(struct row, no) : offsetof(struct row, yes);
	const struct row *row = (const void *)((const char *)head - offset);

	if (block_of_row(row) != f->block)
		return false;
	if (row->scope == SCOPE_PORT || row->scope == SCOPE_TUNNEL)
		return f->kind == (row->scope == SCOPE_PORT ? SNAP_PORT : SNAP_TUNNEL);
	return true;
}

/* The rows of a block of e, or global ones. */
static struct filter filter_of(const struct edit *e, enum config_block block,
                               enum config_table table)
{
	struct filter f = { .block = block, .table = table };

	if (block == CONFIG_INTERFACE)
		f.kind = e->interface->kind;
	return f;
}

static struct attempt try_rows(const struct edit *e, enum config_block block, const char *line,
                               struct grammar_args *args)
{
	const char *positive = line_behind_no(line);
	struct filter f = filter_of(e, block, positive ? TABLE_NO : TABLE_ROWS);
	const struct grammar g = config_table(f.table);
	struct attempt a = { .text = positive ? positive : line };
	size_t row;

	a.result = grammar_match(&g, a.text, accept_row, &f, &row, args, &a.column);
	if (a.result == GRAMMAR_OK)
		a.row = &config_rows[row];
	else if (a.result == GRAMMAR_EMPTY) /* "no ! comment" */
		a.result = GRAMMAR_INCOMPLETE;
	a.column += (size_t)(a.text - line);
	return a;
}

/* ---- rows that are not ours ---- */

static bool accept_foreign(const void *row, void *ctx)
{
	return ((const struct foreign_row *)row)->block == *(const enum config_block *)ctx;
}

/* True when the fixed words of a pattern are there in full. */
static bool has_whole_words(const char *pattern, const char *line)
{
	struct pattern_line words;
	size_t at = 0;

	pattern_split(line, &words);
	for (size_t i = 0; i < words.n && pattern[at]; i++) {
		size_t len = pattern_token_len(pattern + at);
		if (!len || pattern_slot(pattern + at, len) != SLOT_KEYWORD)
			return true;
		if (words.word[i].len != len ||
		    strncasecmp(line + words.word[i].at, pattern + at, len) != 0)
			return false;
		at += len;
		at += strspn(pattern + at, " ");
	}
	return true;
}

static const struct foreign_row *find_foreign(enum config_block block, const char *line,
                                              bool *ret_whole)
{
	const struct grammar g = config_table(TABLE_FOREIGN);
	const char *positive = line_behind_no(line);
	struct grammar_args args;
	size_t row, column;

	line = positive ? positive : line;
	enum grammar_result result =
		grammar_match(&g, line, accept_foreign, &block, &row, &args, &column);
	if (result == GRAMMAR_INCOMPLETE && positive) {
		/* "no vrf forwarding": the no form needs no value. */
		char with_value[GRAMMAR_LINE_MAX + 4];
		snprintf(with_value, sizeof with_value, "%s x", line);
		result =
			grammar_match(&g, with_value, accept_foreign, &block, &row, &args, &column);
	}
	if (result != GRAMMAR_OK)
		return NULL;
	const struct foreign_row *found = &config_foreign_rows[row];
	*ret_whole = has_whole_words(found->head.pattern, line);
	/* A banner is read by its delimiter, for which its first word must be there in full. */
	return *ret_whole || strcmp(found->head.pattern, "banner LINE") != 0 ? found : NULL;
}

/* Of both blocks, with whole words or abbreviated as wanted; the block's own comes first. */
static const struct foreign_row *choose_foreign(const struct edit *e, const char *line,
                                                bool whole_only)
{
	for (size_t i = 0; i < 2; i++) {
		const bool inside = (i == 0) != e->outdented;
		bool whole;
		if (inside && !e->interface)
			continue;
		const struct foreign_row *row =
			find_foreign(inside ? CONFIG_INTERFACE : CONFIG_GLOBAL, line, &whole);
		if (row && !(row->flags & FOREIGN_SUB) && (whole || !whole_only))
			return row;
	}
	return NULL;
}

uint16_t foreign_place(const struct foreign_row *row)
{
	return row && row->flags & FOREIGN_LATE ? LINE_FOREIGN_LATE : LINE_FOREIGN_EARLY;
}

/* True when a line went wrong behind words that only commands of ours begin with. */
static bool is_ours_gone_wrong(const char *line, size_t column)
{
	struct pattern_line words;
	const char *positive = line_behind_no(line);
	size_t skip = positive ? 1 : 0, wrong = 0;

	pattern_split(line, &words);
	while (wrong < words.n && words.word[wrong].at < column)
		wrong++;
	if (skip >= words.n)
		return true;
	const char *first = line + words.word[skip].at;
	bool shared = words.word[skip].len <= 4 && strncasecmp(first, "ip", 2) == 0;
	return wrong >= skip + (shared ? 2 : 1);
}

/* ---- a whole line ---- */

/* The words that could stand where a line went wrong: "<1-65535>", "A.B.C.D or dynamic". */
static void add_expected(const struct edit *e, const struct attempt *a, struct strbuf *out)
{
	struct filter f = filter_of(e, e->block, a->text == e->line ? TABLE_ROWS : TABLE_NO);
	const struct grammar g = config_table(f.table);
	struct strbuf help, prefix;
	size_t column, n = 0;

	strbuf_init(&help);
	strbuf_init(&prefix);
	strbuf_add(&prefix, a->text, a->column - (size_t)(a->text - e->line));
	strbuf_addc(&prefix, ' ');
	grammar_help(&g, prefix.text, accept_row, &f, &help, &column);
	for (const char *at = help.text; *at; at = strchr(at, '\n') + 1)
		n++;
	const char *at = help.text;
	for (size_t i = 0; i < n && n <= 4; i++, at = strchr(at, '\n') + 1)
		strbuf_printf(out, "%s%.*s", i ? " or " : "", (int)strcspn(at + 2, " \n"), at + 2);
	strbuf_fini(&help);
	strbuf_fini(&prefix);
}

static void refuse_syntax(const struct edit *e, const struct attempt *a, struct line_result *ret)
{
	static const char *const sentence[] = {
		[GRAMMAR_INVALID] = "invalid input",
		[GRAMMAR_INCOMPLETE] = "incomplete command",
		[GRAMMAR_AMBIGUOUS] = "ambiguous command",
		[GRAMMAR_TOO_LONG] = "the line is too long",
	};
	struct strbuf text;

	strbuf_init(&text);
	ret->outcome = LINE_REFUSED;
	ret->syntax = a->result;
	ret->column = a->column;
	if (a->result == GRAMMAR_INVALID && a->column == (size_t)(a->text - e->line))
		strbuf_adds(&text, "unknown command");
	else
		strbuf_adds(&text, sentence[a->result]);
	if (a->result == GRAMMAR_INVALID || a->result == GRAMMAR_INCOMPLETE) {
		struct strbuf expected;
		strbuf_init(&expected);
		if (text.text[0] != 'u')
			add_expected(e, a, &expected);
		if (strcmp(expected.text, "<cr>") == 0)
			strbuf_adds(&text, ": nothing more can follow");
		else if (expected.len)
			strbuf_printf(&text, ", expected %s", expected.text);
		strbuf_fini(&expected);
	}
	snprintf(ret->text, sizeof ret->text, "%s", text.text);
	strbuf_fini(&text);
}

/* The block that a mode names; global when it is gone. */
static void enter_block(struct edit *e)
{
	e->block = e->mode->block;
	e->interface = NULL;
	e->object = NULL;
	if (e->block == CONFIG_INTERFACE)
		e->interface = snapshot_interface(e->s, e->mode->name);
	else
		e->object = block_object(e->s, e->block, e->mode->name);
	if (!e->interface && !e->object)
		e->block = CONFIG_GLOBAL;
}

static void leave_block(struct edit *e)
{
	e->block = CONFIG_GLOBAL;
	e->interface = NULL;
	e->object = NULL;
}

/* Tries our rows in the block and then globally; the attempt that came further is reported. */
static struct attempt try_ours(struct edit *e, const char *line, struct grammar_args *args)
{
	struct attempt block = { .result = GRAMMAR_INVALID }, global = block;
	const bool inside = e->block != CONFIG_GLOBAL;

	if (e->outdented)
		global = try_rows(e, CONFIG_GLOBAL, line, args);
	if (inside && global.result != GRAMMAR_OK) {
		block = try_rows(e, e->block, line, args);
		if (block.result == GRAMMAR_OK)
			return block;
	}
	if (!e->outdented)
		global = try_rows(e, CONFIG_GLOBAL, line, args);
	if (global.result == GRAMMAR_OK || !inside || global.column > block.column) {
		leave_block(e);
		return global;
	}
	return block;
}

static void take(struct edit *e, const struct attempt *a, const struct grammar_args *args,
                 struct line_result *ret)
{
	bool negated = a->text != e->line;

	e->row = ret->row = a->row;
	ret->outcome = LINE_TAKEN;
	ret->negated = negated;
	if (change_apply(e, args, negated)) {
		/* A global command leaves the block, unless it has chosen one itself. */
		if (e->row->scope == SCOPE_GLOBAL && (negated || !(e->row->flags & ROW_ENTERS)))
			*e->mode = (struct config_mode){ 0 };
		ret->remarked = e->warned;
		ret->severity = CONFIG_WARNING;
	} else {
		ret->outcome = LINE_REFUSED;
	}
	snprintf(ret->text, sizeof ret->text, "%s", e->text);
}

/* Writes a line with the fixed words of its pattern in full, so that it is recognised in any place.
 */
static void spell_out(const char *pattern, const char *line, char ret[static GRAMMAR_LINE_MAX])
{
	const char *positive = line_behind_no(line);
	struct pattern_line words;
	struct strbuf text;
	size_t at = 0, i = 0;

	strbuf_init(&text);
	if (positive)
		strbuf_adds(&text, "no ");
	line = positive ? positive : line;
	pattern_split(line, &words);
	for (; i < words.n; i++) {
		size_t len = pattern_token_len(pattern + at);
		if (!len || pattern_slot(pattern + at, len) != SLOT_KEYWORD)
			break;
		strbuf_printf(&text, "%s%.*s", i ? " " : "", (int)len, pattern + at);
		at += len;
		at += strspn(pattern + at, " ");
	}
	if (i < words.n)
		strbuf_printf(&text, "%s%s", i ? " " : "", line + words.word[i].at);
	/* A line so long that its words do not fit in full stays as it is. */
	snprintf(ret, GRAMMAR_LINE_MAX, "%s",
	         text.len < GRAMMAR_LINE_MAX ? text.text
	         : positive                  ? line - 3
	                                     : line);
	strbuf_fini(&text);
}

static void take_foreign(struct edit *e, const struct foreign_row *row, struct line_result *ret)
{
	ret->outcome = LINE_FOREIGN;
	ret->foreign = row;
	ret->negated = line_behind_no(e->line);
	ret->remarked = true;
	ret->severity = CONFIG_NOTE;
	snprintf(ret->text, sizeof ret->text, "not ours: kept as it stands");
	spell_out(row->head.pattern, e->line, ret->head);
	if (row->block == CONFIG_INTERFACE) {
		e->line = ret->head;
		if (!change_keep_foreign(e, row, &ret->place)) {
			ret->outcome = LINE_REFUSED;
			memcpy(ret->text, e->text, sizeof e->text);
		}
	}
}

/* Cuts a trailing "! comment" off; false when there is none. */
static bool cut_comment(char *line)
{
	for (char *at = line; *at; at++) {
		if (at == line || *at != '!' || (at[-1] != ' ' && at[-1] != '\t'))
			continue;
		while (at > line && (at[-1] == ' ' || at[-1] == '\t'))
			at--;
		*at = '\0';
		return *line;
	}
	return false;
}

/* An interface that a router has and we have not: virtual templates and the like. */
static bool is_foreign_interface(const struct attempt *a, const struct grammar_args *args)
{
	static const char *const names[] = { "Virtual-", "Null", "NVI", "LISP", "VirtualPort" };

	if (a->row->set != set_interface)
		return false;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strncmp(grammar_arg(args, "INTERFACE")->text, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* A right command of ours under an interface of the wrong kind. */
static bool is_misplaced(const struct edit *e, const char *line)
{
	struct grammar_args args;

	for (int kind = SNAP_PORT; e->interface && kind <= SNAP_TUNNEL; kind++) {
		struct snap_interface other = { .kind = (enum snap_interface_kind)kind };
		const struct edit with_other = { .interface = &other };
		if (try_rows(&with_other, CONFIG_INTERFACE, line, &args).result == GRAMMAR_OK)
			return true;
	}
	return false;
}

/* The head of the block of crypto where a line would be right, or NULL. */
static const char *find_home(const char *line)
{
	const struct edit nowhere = { .block = CONFIG_GLOBAL };
	struct grammar_args args;

	for (enum config_block block = CONFIG_GLOBAL; block < CONFIG_BLOCKS_N; block++)
		if (block_head(block) &&
		    try_rows(&nowhere, block, line, &args).result == GRAMMAR_OK)
			return block_head(block);
	return NULL;
}

static void take_block(struct edit *e, const struct attempt *a, struct line_result *ret)
{
	bool known = a->row->flags & ROW_OPENS;

	ret->outcome = LINE_FOREIGN;
	ret->negated = a->text != e->line;
	ret->remarked = !known || a->row->class != CONFIG_WORKS;
	ret->severity = known ? CONFIG_WARNING : CONFIG_NOTE;
	spell_out(a->row->yes.pattern, e->line, ret->head);
	snprintf(ret->text, sizeof ret->text, "%s",
	         known ? "known, not yet in force" : "not ours: kept as it stands");
}

static void apply_text(struct edit *e, char *text, struct line_result *ret)
{
	struct grammar_args args;
	const struct edit before = *e;
	struct attempt a = try_ours(e, text, &args);

	if (a.result == GRAMMAR_OK) {
		if (a.row->flags & ROW_OPENS || is_foreign_interface(&a, &args))
			take_block(e, &a, ret);
		else
			take(e, &a, &args, ret);
		return;
	}
	const bool misplaced = is_misplaced(&before, text);
	const struct foreign_row *row =
		choose_foreign(&before, text, misplaced || is_ours_gone_wrong(text, a.column));
	if (row) {
		e->interface = before.interface;
		take_foreign(e, row, ret);
		return;
	}
	refuse_syntax(e, &a, ret);
	if (misplaced) {
		ret->column = 0;
		snprintf(ret->text, sizeof ret->text, "not a command of %s",
		         before.interface->name);
	} else if (ret->column == 0 && find_home(text)) {
		snprintf(ret->text, sizeof ret->text, "unknown command here: it stands below %s",
		         find_home(text));
	}
}

void line_apply(struct edit *e, const char *line, struct line_result *ret)
{
	char text[GRAMMAR_LINE_MAX];
	size_t indent = strspn(line, " \t"), len = strlen(line);

	*ret = (struct line_result){ .outcome = LINE_NOTHING };
	check(e->mode->block != CONFIG_FOREIGN);
	while (len > indent && strchr(" \t\r\n", line[len - 1]))
		len--;
	if (len == indent || line[indent] == '!')
		return;
	if (len - indent >= sizeof text) {
		*ret = (struct line_result){ .syntax = GRAMMAR_TOO_LONG,
			                     .text = "the line is too long" };
		return;
	}
	memcpy(text, line + indent, len - indent);
	text[len - indent] = '\0';
	e->line = text;
	enter_block(e);

	const struct edit before = *e;
	apply_text(e, text, ret);
	if (ret->outcome == LINE_REFUSED && ret->syntax != GRAMMAR_OK && cut_comment(text)) {
		const struct line_result first = *ret;
		*ret = (struct line_result){ .outcome = LINE_NOTHING };
		*e = before;
		apply_text(e, text, ret);
		if (ret->outcome == LINE_REFUSED && ret->column < first.column)
			*ret = first;
	}
	ret->column += indent;
	e->line = NULL;
}

bool line_is_ours(const char *line)
{
	const struct edit nowhere = { .block = CONFIG_GLOBAL };
	struct grammar_args args;
	char text[GRAMMAR_LINE_MAX];
	struct attempt a;

	line += strspn(line, " \t");
	if (snprintf(text, sizeof text, "%s", line) >= (int)sizeof text)
		return false;
	do
		a = try_rows(&nowhere, CONFIG_GLOBAL, text, &args);
	while (a.result != GRAMMAR_OK && cut_comment(text));
	return a.result == GRAMMAR_OK && a.row->kind != ROW_MODE;
}

bool line_is_known(const struct edit *e, const char *line)
{
	struct edit copy = *e;
	struct grammar_args args;

	line += strspn(line, " \t");
	enter_block(&copy);
	return try_ours(&copy, line, &args).result == GRAMMAR_OK ||
	       choose_foreign(&copy, line, true);
}

bool line_is_global(const char *line)
{
	static const char *const ours[] = { "ip route", "ip routing", "hostname" };
	bool whole;

	line += strspn(line, " \t");
	const char *positive = line_behind_no(line);
	const char *text = positive ? positive : line;
	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		if (line_begins_with(text, ours[i]))
			return true;
	if (line_is_ours(line) &&
	    (strncasecmp(text, "int", 3) == 0 || strncasecmp(text, "host", 4) != 0))
		return true;
	const struct foreign_row *row = find_foreign(CONFIG_GLOBAL, line, &whole);
	return row && whole && !(row->flags & FOREIGN_SUB);
}
