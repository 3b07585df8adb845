/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal while no line is being typed: size, keys, pages. libedit keeps its modes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shell/pager.h"

enum { KEY_CTRL_C = 3, KEY_BREAK = 30 /* Ctrl-^, IOS's escape sequence */ };

struct screen {
	struct pager pager;
	bool quit; /* the reader has seen enough of this output */
};

size_t screen_columns(void);
size_t screen_rows(void);

/* Begins the output of a command. lines: of a page, 0 for none, PROTOCOL_PAGE_AUTO for the
 * screen's.
 */
void screen_start(struct screen *s, uint16_t lines);
/* Writes, and stops at each full page for a key. Returns at once when the reader has quit. */
void screen_write(struct screen *s, const char *text, size_t len);
