/* SPDX-License-Identifier: Apache-2.0 */
/* `configure terminal`: typed lines, the modes they move between, their `?` and TAB, and the
 * manual. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/blocks.h"
#include "config/chain.h"
#include "config/line.h"
#include "config/validate.h"
#include "util/memory.h"

static bool give_remark(struct config_remark *ret, const char *line, const struct line_result *r)
{
	*ret = (struct config_remark){
		.severity = r->outcome == LINE_REFUSED ? CONFIG_ERROR : r->severity,
		.line_number = 1,
		.column = r->column,
		.syntax = r->syntax,
		.line = memory_strdup(line),
		.text = memory_strdup(r->text),
	};
	return r->outcome != LINE_REFUSED;
}

static bool refuse(struct config_remark *ret, const char *line, const char *text)
{
	struct line_result r = { .outcome = LINE_REFUSED };

	snprintf(r.text, sizeof r.text, "%s", text);
	return give_remark(ret, line, &r);
}

static bool is_word(const char *line, const char *word)
{
	size_t len = strlen(word);

	line += strspn(line, " \t");
	return strncasecmp(line, word, len) == 0 && !line[len + strspn(line + len, " \t\r\n")];
}

/* A certificate is looked at when its last line has been typed. */
static void remark_chain(const struct snapshot *s, const struct config_mode *mode, const char *line,
                         struct config_remark *remark)
{
	struct line_result r = { .outcome = LINE_FOREIGN, .severity = CONFIG_WARNING };
	char text[CONFIG_CHAIN_TEXT_SIZE];

	if (!is_word(line, "quit") || !config_chain_is_wrong(foreign_text(s, mode->foreign), text))
		return;
	snprintf(r.text, sizeof r.text, "%s", text);
	give_remark(remark, line, &r);
}

/* A line typed in a block that is not ours. True when it was for the block. */
static bool type_into_block(struct snapshot *s, struct config_mode *mode, const char *line,
                            struct config_remark *remark)
{
	size_t indent = strspn(line, " \t"), len = strlen(line);
	struct strbuf text;

	while (len > indent && strchr(" \t\r\n", line[len - 1]))
		len--;
	if (len == indent || line[indent] == '!')
		return true;
	if (is_word(line, "exit") || is_word(line, "end")) {
		*mode = (struct config_mode){ 0 };
		return true;
	}
	if (line_is_global(line))
		return false;
	strbuf_init(&text);
	strbuf_addc(&text, ' ');
	strbuf_add(&text, line + indent, len - indent);
	bool there = foreign_append(s, mode->foreign, text.text);
	strbuf_fini(&text);
	if (!there)
		*mode = (struct config_mode){ 0 };
	else if (config_chain_is_head(mode->foreign))
		remark_chain(s, mode, line, remark);
	else if (remark)
		give_remark(remark, line,
		            &(struct line_result){ .outcome = LINE_FOREIGN,
		                                   .severity = CONFIG_NOTE,
		                                   .text = "not ours: kept as it stands" });
	return there;
}

static bool type_head(struct snapshot *s, struct config_mode *mode, const struct line_result *r)
{
	bool opens = r->foreign ? r->foreign->flags & FOREIGN_OPENS : true;

	if (!foreign_add(s, r->head, foreign_place(r->foreign)))
		return false;
	*mode = (struct config_mode){ 0 };
	if (opens && !r->negated) {
		mode->block = CONFIG_FOREIGN;
		memcpy(mode->foreign, r->head, sizeof mode->foreign);
	}
	return true;
}

/* What IOS says when networks overlap, as a warning. */
static void warn_of_overlap(const struct snapshot *s, const struct config_mode *mode,
                            struct line_result *r)
{
	const struct snap_interface *i = snapshot_interface(s, mode->name);
	const struct snap_interface *other =
		i && r->row->set == set_address && !r->negated ? validate_overlap(s, i) : NULL;

	if (!other)
		return;
	r->remarked = true;
	r->severity = CONFIG_WARNING;
	snprintf(r->text, sizeof r->text, "this network overlaps with that of %s", other->name);
}

bool config_line(struct snapshot *s, struct config_mode *mode, const char *line,
                 struct config_remark *remark)
{
	struct edit e = { .s = s, .mode = mode };
	struct line_result r;

	struct config_mode before = *mode;

	*remark = (struct config_remark){ 0 };
	if (strlen(line) >= GRAMMAR_LINE_MAX)
		return refuse(remark, line, "the line is too long");
	if (mode->block == CONFIG_FOREIGN) {
		if (type_into_block(s, mode, line, remark))
			return true;
		*mode = (struct config_mode){ 0 };
	}
	char delimiter[3];
	const char *banner = banner_text(line + strspn(line, " \t"), delimiter);
	if (banner && (!*delimiter || !strstr(banner, delimiter))) {
		*mode = before;
		return refuse(remark, line, "a banner is typed on one line: banner motd #text#");
	}
	line_apply(&e, line, &r);
	if (r.outcome == LINE_REFUSED) {
		*mode = before;
		return give_remark(remark, line, &r);
	}
	bool in_interface = r.foreign && r.foreign->block == CONFIG_INTERFACE;
	if (r.outcome == LINE_FOREIGN && !in_interface && !type_head(s, mode, &r)) {
		*mode = before;
		return refuse(remark, line, "too many lines that are not ours");
	}
	if (r.outcome == LINE_TAKEN)
		warn_of_overlap(s, mode, &r);
	return r.remarked ? give_remark(remark, line, &r) : true;
}

const char *config_mode_name(const struct config_mode *mode)
{
	static const struct {
		const char *head, *name;
	} names[] = {
		{ "router", "config-router" },
		{ "line", "config-line" },
		{ "route-map", "config-route-map" },
		{ "crypto ikev2 keyring", "config-ikev2-keyring" },
		{ "crypto ikev2 profile", "config-ikev2-profile" },
		{ "crypto ikev2 proposal", "config-ikev2-proposal" },
		{ "crypto ikev2 policy", "config-ikev2-policy" },
		{ "ip access-list extended", "config-ext-nacl" },
		{ "ip access-list standard", "config-std-nacl" },
		{ "vrf definition", "config-vrf" },
		{ "class-map", "config-cmap" },
		{ "policy-map", "config-pmap" },
	};

	switch (mode->block) {
	case CONFIG_GLOBAL:
		return "config";
	case CONFIG_INTERFACE:
		return "config-if";
	case CONFIG_FOREIGN:
		break;
	default:
		return block_mode_name(mode->block);
	}
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strncasecmp(mode->foreign, names[i].head, strlen(names[i].head)) == 0)
			return names[i].name;
	return "config-block";
}

/* ---- help and completion ---- */

struct help_filter {
	const struct config_mode *mode;
	enum config_block block;
	bool no;
};

/* In a block that is not ours, the global commands. */
static struct help_filter filter_of(const struct config_mode *mode)
{
	const struct help_filter f = { mode, mode->block, false };
	const struct help_filter global = { mode, CONFIG_GLOBAL, false };

	return mode->block == CONFIG_FOREIGN ? global : f;
}

static bool is_offered(const void *head, void *ctx)
{
	const struct help_filter *f = ctx;
	size_t offset = f->no ? offsetof(struct row, no) : offsetof(struct row, yes);
	const struct row *row = (const void *)((const char *)head - offset);
	if (row->kind == ROW_MODE)
		return true;
	if (block_of_row(row) != f->block)
		return false;
	bool is_tunnel = strncmp(f->mode->name, "Tunnel", 6) == 0;
	bool is_loopback = strncmp(f->mode->name, "Loopback", 8) == 0;
	if (row->scope == SCOPE_TUNNEL)
		return is_tunnel;
	return row->scope != SCOPE_PORT || (!is_tunnel && !is_loopback);
}

/* The table and the part of the line that it is about. */
static const char *choose_table(const char *line, struct help_filter *f, struct grammar *ret)
{
	const char *text = line + strspn(line, " \t");

	f->no = strncasecmp(text, "no", 2) == 0 && (text[2] == ' ' || text[2] == '\t');
	*ret = config_table(f->no ? TABLE_NO : TABLE_ROWS);
	return f->no ? text + 3 : text;
}

void config_help(const struct config_mode *mode, const char *line, struct strbuf *out)
{
	struct help_filter f = filter_of(mode);
	struct grammar g;
	const char *text = choose_table(line, &f, &g);
	size_t column;

	enum grammar_result result = grammar_help(&g, text, is_offered, &f, out, &column);
	if (result != GRAMMAR_OK && f.block != CONFIG_GLOBAL) {
		f.block = CONFIG_GLOBAL;
		result = grammar_help(&g, text, is_offered, &f, out, &column);
	}
	if (result == GRAMMAR_AMBIGUOUS)
		grammar_explain(result, line, 0, 0, out);
	else if (result != GRAMMAR_OK)
		strbuf_adds(out, "% Unrecognized command\n");
}

void config_complete(const struct config_mode *mode, const char *line, struct strbuf *out)
{
	struct help_filter f = filter_of(mode);
	struct grammar g;
	const char *text = choose_table(line, &f, &g);
	size_t before = out->len;

	grammar_complete(&g, text, is_offered, &f, out);
	if (out->len == before && f.block != CONFIG_GLOBAL) {
		f.block = CONFIG_GLOBAL;
		grammar_complete(&g, text, is_offered, &f, out);
	}
}

/* ---- manual ---- */

bool config_manual(size_t i, struct config_manual *ret)
{
	size_t own = 0;

	for (size_t k = 0; k < config_n_rows; k++) {
		const struct row *row = &config_rows[k];
		if (row->kind == ROW_MARK || own++ != i)
			continue;
		*ret = (struct config_manual){
			.pattern = row->yes.pattern,
			.help = row->yes.help,
			.range_and_default = row->value,
			.block = block_of_row(row),
			.class = row->class,
		};
		return true;
	}
	if (i - own >= config_n_foreign_rows)
		return false;
	const struct foreign_row *row = &config_foreign_rows[i - own];
	*ret = (struct config_manual){
		.pattern = row->head.pattern,
		.help = row->head.help,
		.block = row->block,
		.class = CONFIG_NOT_OURS,
	};
	return true;
}
