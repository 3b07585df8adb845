/* SPDX-License-Identifier: Apache-2.0 */
/* What a line that was understood does to the snapshot: a value in a field, or a line among the
 * kept ones. */
#include "config/change.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/blocks.h"
#include "config/line.h"
#include "config/pattern.h"
#include "util/check.h"

bool edit_refuse(struct edit *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(e->text, sizeof e->text, format, args);
	va_end(args);
	return false;
}

bool edit_warn(struct edit *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(e->text, sizeof e->text, format, args);
	va_end(args);
	e->warned = true;
	return true;
}

bool edit_takes_nbma(struct edit *e, const struct addr *nbma)
{
	if (addr_is_unspecified(nbma) || addr_is_multicast(nbma))
		return edit_refuse(e, "not the NBMA address of one router");
	return true;
}

struct snap_nhrp *edit_nhrp(const struct edit *e)
{
	return &e->interface->tunnel->nhrp;
}

bool edit_enter(struct edit *e, enum config_block block, const char *name)
{
	struct config_mode mode = { .block = block };

	if (snprintf(mode.name, sizeof mode.name, "%s", name) >= (int)sizeof mode.name)
		return edit_refuse(e, "the name is too long");
	*e->mode = mode;
	return true;
}

const char *line_behind_no(const char *line)
{
	if (strncasecmp(line, "no", 2) != 0 || (line[2] != ' ' && line[2] != '\t'))
		return NULL;
	line += 2;
	while (*line == ' ' || *line == '\t')
		line++;
	return *line ? line : NULL;
}

bool line_begins_with(const char *line, const char *with)
{
	struct pattern_line a, b;

	pattern_split(line, &a);
	pattern_split(with, &b);
	if (b.n > a.n)
		return false;
	for (size_t i = 0; i < b.n; i++)
		if (a.word[i].len != b.word[i].len ||
		    strncasecmp(line + a.word[i].at, with + b.word[i].at, a.word[i].len) != 0)
			return false;
	return true;
}

/* ---- kept lines ---- */

static uint16_t place_of_row(const struct row *row)
{
	return (uint16_t)(row - config_rows);
}

/* Of interface lines that are not ours: at the first mark, before the addresses, or at the second.
 */
static uint16_t place_of_foreign(const struct foreign_row *row)
{
	size_t marks = row->flags & FOREIGN_LATE ? 2 : 1;
	uint16_t i = 0;

	for (;; i++) {
		check(i < config_n_rows);
		if (config_rows[i].kind == ROW_MARK && --marks == 0)
			return i;
	}
}

static struct snap_lines *kept_of(struct edit *e, const struct row *row)
{
	switch (block_of_row(row)) {
	case CONFIG_GLOBAL:
		return &e->s->kept;
	case CONFIG_INTERFACE:
		return &e->interface->kept;
	default:
		return block_kept(block_of_row(row), e->object);
	}
}

/* What kept lines say about the tunnel as a whole. */
static void sum_up(struct snap_interface *i)
{
	unsigned flags = 0;

	if (!i || !i->tunnel)
		return;
	for (size_t k = 0; k < i->kept.n; k++)
		if (!line_behind_no(i->kept.line[k].text))
			flags |= config_rows[i->kept.line[k].place].flags;
	i->tunnel->other_mode = flags & ROW_OTHER;
	i->tunnel->other_protection = flags & ROW_PROTECTS;
	i->tunnel->protected = flags & ROW_PROTECTS || i->tunnel->protection.profile[0];
}

static bool has_stem(const struct snap_line *kept, const char *stem)
{
	const char *pattern = config_rows[kept->place].yes.pattern;

	return pattern && strncmp(pattern, stem, strlen(stem)) == 0;
}

/* The kept lines of the block that e is in. */
static struct snap_lines *kept_here(const struct edit *e)
{
	return e->interface ? &e->interface->kept : block_kept(e->block, e->object);
}

void edit_forget(struct edit *e, const char *stem)
{
	struct snap_lines *kept = kept_here(e);

	for (size_t k = kept->n; k-- > 0;)
		if (has_stem(&kept->line[k], stem))
			snap_lines_del(kept, k);
	sum_up(e->interface);
}

bool edit_has(const struct edit *e, const char *stem)
{
	const struct snap_lines *kept = kept_here(e);

	for (size_t k = 0; k < kept->n; k++)
		if (has_stem(&kept->line[k], stem))
			return true;
	return false;
}

/* Removes what a line of a row replaces: all of the row; of many its equal, or all that it begins.
 */
static void drop_kept(struct snap_lines *kept, const struct row *row, const char *line, bool equal)
{
	for (size_t k = kept->n; k-- > 0;) {
		const char *old = kept->line[k].text;
		if (kept->line[k].place != place_of_row(row))
			continue;
		if (row->flags & ROW_MANY &&
		    (!line_begins_with(old, line) || (equal && !line_begins_with(line, old))))
			continue;
		snap_lines_del(kept, k);
	}
}

static bool keep(struct edit *e, const char *line)
{
	const char *positive = line_behind_no(line);
	const struct row *row = e->row;
	struct snap_lines *kept = kept_of(e, row);

	if (row->flags & ROW_OTHER && !positive) {
		edit_forget(e, "tunnel mode");
		e->interface->tunnel->mode = SNAP_MODE_GRE_P2P;
	}
	drop_kept(kept, row, positive ? positive : line, !positive);
	if (positive && !(row->flags & ROW_ON)) {
		sum_up(e->interface);
		return true;
	}
	if (kept->n >= LINE_KEPT_MAX)
		return edit_refuse(e, "too many lines that are not in force");
	snap_lines_place(kept, line, place_of_row(row));
	sum_up(e->interface);
	if (row->flags & ROW_PROTECTS)
		return edit_warn(e, "known, not yet in force: the tunnel stays down, for it may "
		                    "not send in clear");
	if (row->flags & ROW_OTHER)
		return edit_warn(e, "known, not yet in force: the tunnel stays down");
	if (row->class == CONFIG_WORKS)
		return true;
	return edit_warn(e, "known, not yet in force");
}

/* Deletes a line and the deeper ones that stand below it: alone they would mean something else. */
static void drop_with_block(struct snap_lines *kept, size_t k)
{
	uint16_t place = kept->line[k].place;

	snap_lines_del(kept, k);
	while (k < kept->n && kept->line[k].place == place && kept->line[k].text[0] == ' ')
		snap_lines_del(kept, k);
}

bool change_keep_foreign(struct edit *e, const struct foreign_row *row, uint16_t *ret_place)
{
	struct snap_lines *kept = &e->interface->kept;
	const char *positive = line_behind_no(e->line);
	uint16_t place = place_of_foreign(row);
	bool there = false;

	*ret_place = place;
	for (size_t k = kept->n; k-- > 0;) {
		const char *old = kept->line[k].text, *old_positive = line_behind_no(old);
		bool same = strcmp(old, e->line) == 0;
		if (kept->line[k].place != place)
			continue;
		if (!same && positive && !line_begins_with(old, positive))
			continue;
		if (!same && !positive && (!old_positive || strcmp(old_positive, e->line) != 0))
			continue;
		there |= same || positive;
		if (!same)
			drop_with_block(kept, k);
	}
	if (kept->n >= LINE_KEPT_MAX)
		return edit_refuse(e, "too many lines that are not ours");
	if (!there)
		snap_lines_place(kept, e->line, place);
	return true;
}

/* ---- values ---- */

static void *base_of(struct edit *e, const struct row_field *f)
{
	switch (f->base) {
	case BASE_SNAPSHOT:
		return e->s;
	case BASE_INTERFACE:
		return e->interface;
	case BASE_TUNNEL:
		return e->interface->tunnel;
	case BASE_OBJECT:
		break;
	}
	return e->object;
}

static void store_number(struct edit *e, uint32_t value, bool present)
{
	const struct row_field *f = &e->row->field;
	char *base = base_of(e, f), *at = base + f->offset;

	if (f->has)
		*(bool *)(base + f->has) = present;
	else if (value == f->normal)
		value = 0;
	switch (f->size) {
	case sizeof(uint8_t):
		*(uint8_t *)at = (uint8_t)value;
		break;
	case sizeof(uint16_t):
		*(uint16_t *)at = (uint16_t)value;
		break;
	default:
		check(f->size == sizeof(uint32_t));
		*(uint32_t *)at = value;
		break;
	}
}

bool change_apply(struct edit *e, const struct grammar_args *args, bool negated)
{
	const struct row *row = e->row;
	char *base = base_of(e, &row->field);

	switch (row->kind) {
	case ROW_NUMBER:
		store_number(e, negated ? 0 : (uint32_t)args->arg[0].number, !negated);
		return true;
	case ROW_FLAG:
		*(bool *)(base + row->field.offset) = !negated;
		return true;
	case ROW_NO:
		*(bool *)(base + row->field.offset) = negated;
		return true;
	case ROW_KEPT:
		if (!negated && row->set && !row->set(e, args))
			return false;
		return keep(e, e->line);
	case ROW_CUSTOM:
	case ROW_MODE:
	case ROW_MARK:
		break;
	}
	if (!row->set)
		return edit_refuse(e, "not in this mode");
	return negated ? row->clear(e, args) : row->set(e, args);
}
