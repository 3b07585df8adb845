/* SPDX-License-Identifier: Apache-2.0 */
#include "node/snapshot_lines.h"

#include <stdlib.h>
#include <string.h>

#include "util/check.h"
#include "util/memory.h"

void snap_lines_add(struct snap_lines *lines, const char *text)
{
	snap_lines_place(lines, text, 0);
}

void snap_lines_place(struct snap_lines *lines, const char *text, uint16_t place)
{
	size_t at = lines->n;

	while (at && lines->line[at - 1].place > place)
		at--;
	lines->line = memory_resize(lines->line, lines->n + 1, sizeof *lines->line);
	memmove(lines->line + at + 1, lines->line + at, (lines->n - at) * sizeof *lines->line);
	lines->line[at] = (struct snap_line){ memory_strdup(text), place };
	lines->n++;
}

static void free_text(char *text)
{
	memory_wipe(text, strlen(text));
	free(text);
}

void snap_lines_del(struct snap_lines *lines, size_t i)
{
	check(i < lines->n);
	free_text(lines->line[i].text);
	lines->n--;
	memmove(lines->line + i, lines->line + i + 1, (lines->n - i) * sizeof *lines->line);
}

struct snap_lines snap_lines_copy(const struct snap_lines *from)
{
	struct snap_lines to = { 0 };

	for (size_t i = 0; i < from->n; i++)
		snap_lines_place(&to, from->line[i].text, from->line[i].place);
	return to;
}

void snap_lines_fini(struct snap_lines *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		free_text(lines->line[i].text);
	free(lines->line);
	*lines = (struct snap_lines){ 0 };
}
