/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks that are not ours, in a snapshot: found by their head line, added, continued, taken out.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/line.h"
#include "util/check.h"
#include "util/memory.h"

static bool is_head(const char *block, const char *head, size_t len)
{
	return strncmp(block, head, len) == 0 && (block[len] == '\0' || block[len] == '\n');
}

static struct snap_line *find_block(const struct snapshot *s, const char *head, size_t len)
{
	for (size_t i = s->foreign.n; i-- > 0;)
		if (is_head(s->foreign.line[i].text, head, len))
			return &s->foreign.line[i];
	return NULL;
}

/* Takes out the blocks whose head is a text or begins with it and a blank. */
static bool drop_blocks(struct snapshot *s, const char *head)
{
	size_t len = strlen(head), n = s->foreign.n;

	for (size_t i = n; i-- > 0;) {
		const char *text = s->foreign.line[i].text;
		if (strncmp(text, head, len) == 0 && strchr(" \n", text[len]))
			snap_lines_del(&s->foreign, i);
	}
	return s->foreign.n < n;
}

static void append(struct snap_line *block, const char *text)
{
	size_t old = strlen(block->text), len = strlen(text);

	block->text = memory_resize(block->text, old + len + 2, 1);
	block->text[old] = '\n';
	memcpy(block->text + old + 1, text, len + 1);
}

/* A banner replaces the one of its kind: "banner motd". */
static void drop_banner(struct snapshot *s, const char *text)
{
	size_t len = strlen(text), kind = len > 7 ? strcspn(text + 7, " \n") : 0;

	for (size_t i = s->foreign.n; i-- > 0;)
		if (strncmp(s->foreign.line[i].text, text, 7 + kind) == 0)
			snap_lines_del(&s->foreign, i);
}

bool foreign_add(struct snapshot *s, const char *text, uint16_t place)
{
	size_t len = strcspn(text, "\n");

	if (strncmp(text, "banner ", 7) == 0)
		drop_banner(s, text);

	if (strncmp(text, "no ", 3) == 0 && drop_blocks(s, text + 3))
		return true;
	struct snap_line *old = find_block(s, text, len);
	if (old) {
		if (text[len])
			append(old, text + len + 1);
		return true;
	}
	if (s->foreign.n >= LINE_KEPT_MAX)
		return false;
	for (size_t i = s->foreign.n; i-- > 0;) {
		const char *other = s->foreign.line[i].text;
		if (strncmp(other, "no ", 3) == 0 && is_head(other + 3, text, len))
			snap_lines_del(&s->foreign, i);
	}
	snap_lines_place(&s->foreign, text, place);
	return true;
}

const char *foreign_text(const struct snapshot *s, const char *head)
{
	const struct snap_line *block = find_block(s, head, strlen(head));

	check(block);
	return block->text;
}

bool foreign_append(struct snapshot *s, const char *head, const char *line)
{
	struct snap_line *block = find_block(s, head, strlen(head));

	if (!block)
		return false;
	append(block, line);
	return true;
}

const char *banner_text(const char *line, char delimiter[static 3])
{
	static const char *const kinds[] = { "motd",     "login",    "exec",
		                             "incoming", "slip-ppp", "prompt-timeout" };

	if (strncasecmp(line, "banner ", 7) != 0)
		return NULL;
	line += 7 + strspn(line + 7, " \t");
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t len = strlen(kinds[i]);
		bool whole_word = strncasecmp(line, kinds[i], len) == 0 && strchr(" \t", line[len]);
		if (whole_word) {
			line += len + strspn(line + len, " \t");
			break;
		}
	}
	size_t len = line[0] == '^' && line[1] == 'C' ? 2 : *line != '\0';
	memcpy(delimiter, line, len);
	delimiter[len] = '\0';
	return line + len;
}
