/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole file. Lines go to line.c one by one; this file knows about what lies between them:
 * headers that IOS prints, indentation, banners, and blocks that are not ours, whose lines are
 * collected as they stand. A block that is not ours ends at a line that is indented no deeper than
 * its head and is a global command; so pasted scripts without any indentation load too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/chain.h"
#include "config/line.h"
#include "config/remarks.h"
#include "config/validate.h"
#include "util/memory.h"

enum block {
	BLOCK_NONE,
	BLOCK_FIRM,
	BLOCK_SOFT /* opened by a command that has none, by indentation */
};

struct parser {
	struct snapshot *s;
	struct config_remarks *remarks;
	struct config_mode mode;
	struct validation validation;
	const char *at, *end; /* the text not yet read */
	size_t line_number;
	enum block block;
	struct strbuf foreign; /* the block being collected */
	uint16_t foreign_place;
	size_t head_line;   /* number of the block's head */
	size_t head_indent; /* of the block's head, or of an interface's last line that was not ours
	                     */
	size_t mode_indent; /* of the head of the block of ours */
	bool mode_indented; /* one of its lines was deeper than its head */
	bool below_foreign; /* the last line of the interface was not ours */
	uint16_t below_place;
	struct snap_lines unprotected; /* names of tunnels */
};

static void remark(struct parser *p, const char *line, const struct line_result *r)
{
	struct config_remark m = {
		.severity = r->outcome == LINE_REFUSED ? CONFIG_ERROR : r->severity,
		.line_number = p->line_number,
		.column = r->column ? r->column : strspn(line, " \t"),
		.syntax = r->syntax,
		.line = (char *)(uintptr_t)line,
		.text = (char *)(uintptr_t)r->text,
	};

	remarks_add(p->remarks, &m);
}

static void refuse(struct parser *p, const char *line, const char *text)
{
	struct line_result r = { .outcome = LINE_REFUSED };

	snprintf(r.text, sizeof r.text, "%s", text);
	remark(p, line, &r);
}

/* ---- blocks that are not ours ---- */

/* Certificates are the only contents that are read. A wrong one is kept, as when it is typed. */
static void check_chain(struct parser *p)
{
	struct line_result r = { .outcome = LINE_FOREIGN, .severity = CONFIG_WARNING };
	char text[CONFIG_CHAIN_TEXT_SIZE];

	if (config_chain_is_head(p->foreign.text) && config_chain_is_wrong(p->foreign.text, text)) {
		size_t now = p->line_number;
		p->line_number = p->head_line;
		snprintf(r.text, sizeof r.text, "%s", text);
		remark(p, p->foreign.text, &r);
		p->line_number = now;
	}
}

static void close_block(struct parser *p)
{
	if (p->block == BLOCK_NONE)
		return;
	p->block = BLOCK_NONE;
	check_chain(p);
	if (!foreign_add(p->s, p->foreign.text, p->foreign_place))
		refuse(p, p->foreign.text, "too many blocks that are not ours");
	strbuf_truncate(&p->foreign, 0);
}

static void open_block(struct parser *p, const struct line_result *r, size_t indent)
{
	bool opens = r->foreign ? r->foreign->flags & FOREIGN_OPENS : true;

	close_block(p);
	p->mode = (struct config_mode){ 0 };
	p->block = opens && !r->negated ? BLOCK_FIRM : BLOCK_SOFT;
	p->head_indent = indent;
	p->head_line = p->line_number;
	p->foreign_place = foreign_place(r->foreign);
	strbuf_adds(&p->foreign, r->head);
}

/* Keeps a line below the head as it stands, one blank deeper at least. */
static void add_to_block(struct parser *p, const char *line)
{
	size_t indent = strspn(line, " \t"), len = strlen(line);
	size_t deeper = indent > p->head_indent ? indent - p->head_indent : 1;

	while (len > indent && strchr(" \t\r", line[len - 1]))
		len--;
	strbuf_printf(&p->foreign, "\n%*s", (int)deeper, "");
	strbuf_add(&p->foreign, line + indent, len - indent);
}

/* True when a line belongs to the block that is being collected. */
static bool belongs_to_block(const struct parser *p, const char *line)
{
	bool deeper = strspn(line, " \t") > p->head_indent;

	if (p->block == BLOCK_SOFT)
		return deeper && !line_is_ours(line);
	if (deeper)
		return true;
	line += strspn(line, " \t");
	bool is_end = strncasecmp(line, "end", 3) == 0 && !line[3 + strspn(line + 3, " \t")];
	return !is_end && !line_is_global(line);
}

/* ---- lines ---- */

/* The next line without its end, in memory of the caller's; NULL at the end of the text. */
static char *next_line(struct parser *p)
{
	if (p->at == p->end)
		return NULL;
	const char *newline = memchr(p->at, '\n', (size_t)(p->end - p->at));
	size_t len = (size_t)((newline ? newline : p->end) - p->at);
	char *line = memory_new(len + 1, 1);
	memcpy(line, p->at, len);
	p->at = newline ? newline + 1 : p->end;
	p->line_number++;
	if (len && line[len - 1] == '\r')
		line[--len] = '\0';
	if (strlen(line) < len) {
		refuse(p, line, "a NUL byte; the line is left out");
		line[0] = '\0';
	}
	/* Blanks that do not break, from web pages. */
	for (char *at = line; (at = strstr(at, "\xc2\xa0"));)
		at[0] = at[1] = ' ';
	return line;
}

/* What IOS prints above a configuration, and commands of exec mode that scripts begin and end with.
 */
static bool is_chatter(const char *line)
{
	static const char *const beginnings[] = { "Building configuration", "Current configuration",
		                                  "Using " };
	static const char *const wholes[] = { "enable",       "configure terminal",
		                              "conf t",       "config t",
		                              "wr",           "write",
		                              "write memory", "wr mem" };
	size_t indent = strspn(line, " \t"), len = strlen(line);

	for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
		if (strncmp(line, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	while (len > indent && strchr(" \t", line[len - 1]))
		len--;
	for (size_t i = 0; i < sizeof wholes / sizeof wholes[0]; i++)
		if (strlen(wholes[i]) == len - indent &&
		    strncasecmp(line + indent, wholes[i], len - indent) == 0)
			return true;
	return false;
}

/* The place of the closing delimiter in what follows, or NULL when it never comes. */
static const char *find_in_rest(const struct parser *p, const char *delimiter)
{
	return memmem(p->at, (size_t)(p->end - p->at), delimiter, strlen(delimiter));
}

/* Reads a banner that closes on a later line. False when the line is none. */
static bool take_banner(struct parser *p, const char *line)
{
	struct line_result r = { .outcome = LINE_FOREIGN,
		                 .remarked = true,
		                 .text = "not ours: kept as it stands" };
	const char *head = line + strspn(line, " \t");
	char delimiter[3];

	const char *text = banner_text(head, delimiter);
	if (text && !*delimiter) {
		refuse(p, line, "the banner has no delimiter");
		return true;
	}
	if (!text || strstr(text, delimiter))
		return false;
	if (!find_in_rest(p, delimiter)) {
		refuse(p, line, "the banner has no end");
		return true;
	}
	remark(p, line, &r);
	close_block(p);
	p->mode = (struct config_mode){ 0 };
	strbuf_adds(&p->foreign, head);
	for (bool closed = false; !closed;) {
		char *more = next_line(p);
		if (!more)
			break;
		strbuf_printf(&p->foreign, "\n%s", more);
		closed = strstr(more, delimiter);
		free(more);
	}
	p->foreign_place = LINE_FOREIGN_LATE;
	p->block = BLOCK_SOFT;
	close_block(p);
	return true;
}

/* A line below a line of an interface that is not ours and indented deeper: part of that. */
static bool take_below_foreign(struct parser *p, const char *line)
{
	size_t indent = strspn(line, " \t");
	struct snap_interface *i = snapshot_interface(p->s, p->mode.name);

	const struct edit e = { .s = p->s, .mode = &p->mode };

	if (!p->below_foreign || !i || indent <= p->head_indent || i->kept.n >= LINE_KEPT_MAX ||
	    strlen(line) >= GRAMMAR_LINE_MAX || line_is_known(&e, line))
		return false;
	struct strbuf text;
	strbuf_init(&text);
	strbuf_printf(&text, " %s", line + indent);
	while (text.len && strchr(" \t", text.text[text.len - 1]))
		strbuf_truncate(&text, text.len - 1);
	snap_lines_place(&i->kept, text.text, p->below_place);
	strbuf_fini(&text);
	return true;
}

/* Typing errors do not matter behind "tunnel pro". */
static bool is_about_protection(const char *line)
{
	line += strspn(line, " \t");
	if (strncasecmp(line, "tun", 3) != 0)
		return false;
	line += strcspn(line, " \t");
	line += strspn(line, " \t");
	return strncasecmp(line, "pro", 3) == 0;
}

/* A tunnel whose protection could not be read is remembered, for it must not go without. */
static void note_unprotected(struct parser *p, const char *line, struct line_result *r)
{
	const struct snap_interface *i =
		p->mode.block == CONFIG_INTERFACE ? snapshot_interface(p->s, p->mode.name) : NULL;
	size_t len = strlen(r->text);

	if (!i || !i->tunnel || !is_about_protection(line))
		return;
	snap_lines_add(&p->unprotected, i->name);
	snprintf(r->text + len, sizeof r->text - len,
	         "; without protection the tunnel is shut down, for it may not send in clear");
}

static void shut_unprotected(struct parser *p)
{
	for (size_t i = 0; i < p->unprotected.n; i++) {
		const char *name = p->unprotected.line[i].text;
		struct snap_interface *tunnel = snapshot_interface(p->s, name);
		if (tunnel && !tunnel->tunnel->protected)
			tunnel->shutdown = true;
	}
	snap_lines_fini(&p->unprotected);
}

static void take_line(struct parser *p, const char *line)
{
	size_t indent = strspn(line, " \t");
	struct edit e = { .s = p->s,
		          .mode = &p->mode,
		          .file = true,
		          .outdented = p->mode_indented && indent <= p->mode_indent };
	struct line_result r;

	if (take_below_foreign(p, line))
		return;
	line_apply(&e, line, &r);
	if (r.outcome == LINE_REFUSED)
		note_unprotected(p, line, &r);
	if (r.outcome == LINE_REFUSED || r.remarked)
		remark(p, line, &r);
	bool in_interface =
		r.outcome == LINE_FOREIGN && r.foreign && r.foreign->block == CONFIG_INTERFACE;
	if (r.outcome == LINE_FOREIGN && !in_interface)
		open_block(p, &r, indent);
	p->below_foreign = in_interface;
	p->below_place = r.place;
	if (in_interface)
		p->head_indent = indent;
	if (r.outcome == LINE_TAKEN && r.row->flags & ROW_ENTERS) {
		p->mode_indent = indent;
		p->mode_indented = false;
	} else if (p->mode.block != CONFIG_GLOBAL && indent > p->mode_indent) {
		p->mode_indented = true;
	}
	if (r.outcome == LINE_TAKEN) {
		struct validation_note note = { .block = p->mode.block,
			                        .row = r.row,
			                        .line_number = p->line_number,
			                        .line = (char *)(uintptr_t)line };
		memcpy(note.name, p->mode.name, sizeof note.name);
		validation_add(&p->validation, &note);
	}
}

static void read_line(struct parser *p, const char *line)
{
	size_t indent = strspn(line, " \t");

	if (!line[indent] || line[indent] == '!')
		return;
	if (p->block != BLOCK_NONE && belongs_to_block(p, line)) {
		add_to_block(p, line);
		return;
	}
	close_block(p);
	if (!is_chatter(line) && !take_banner(p, line))
		take_line(p, line);
}

struct snapshot *config_parse(const char *text, size_t len, struct config_remarks *remarks)
{
	return config_parse_on(&(struct config_machine){ 0 }, text, len, remarks);
}

struct snapshot *config_parse_on(const struct config_machine *machine, const char *text, size_t len,
                                 struct config_remarks *remarks)
{
	struct parser p = {
		.s = snapshot_new(), .remarks = remarks, .at = text, .end = text + len
	};
	char *line;

	*remarks = (struct config_remarks){ 0 };
	p.s->crypto.no_ike_des = machine->no_ike_des;
	p.s->crypto.no_esp_des = machine->no_esp_des;
	strbuf_init(&p.foreign);
	if (len > CONFIG_FILE_MAX) {
		refuse(&p, "", "the file is too long");
		p.at = p.end;
	} else if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		p.at += 3;
	}
	while ((line = next_line(&p))) {
		read_line(&p, line);
		free(line);
	}
	close_block(&p);
	shut_unprotected(&p);
	validation_finish(&p.validation, p.s, remarks);
	remarks_sort(remarks);
	strbuf_fini(&p.foreign);
	return p.s;
}
