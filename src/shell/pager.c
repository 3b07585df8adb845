/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/pager.h"

#include <stdbool.h>

enum { TAB_STOP = 8 };

void pager_start(struct pager *p, size_t rows, size_t columns)
{
	*p = (struct pager){ .rows = rows > 1 ? rows - 1 : rows,
		             .columns = columns ? columns : 80 };
}

void pager_more(struct pager *p, size_t rows)
{
	p->row = rows < p->rows ? p->rows - rows : 0;
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

size_t pager_fit(struct pager *p, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p->rows && p->row >= p->rows)
			return i;
		if (text[i] == '\n') {
			p->row++;
			p->column = 0;
			continue;
		}
		if (is_continuation(text[i]))
			continue;
		/* A line's last column does not begin a new row; the character behind it does. */
		if (p->column >= p->columns) {
			p->row++;
			p->column = 0;
			if (p->rows && p->row >= p->rows)
				return i;
		}
		p->column += text[i] == '\t' ? TAB_STOP - p->column % TAB_STOP : 1;
	}
	return len;
}
