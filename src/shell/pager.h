/* SPDX-License-Identifier: Apache-2.0 */
/* How much of a text fits a screen page. Pure: the terminal is elsewhere. */
#pragma once

#include <stddef.h>

struct pager {
	size_t rows, columns; /* of a page; rows 0: no paging */
	size_t row, column;   /* where the next character goes; row counts from the page's start */
};

/* A new page, of so many rows more than the one that `--More--` takes. */
void pager_start(struct pager *p, size_t rows, size_t columns);
/* Another page, or so many more rows of this one. */
void pager_more(struct pager *p, size_t rows);
/* How many bytes of the text go out before the page is full; all of them if it does not get full.
 */
size_t pager_fit(struct pager *p, const char *text, size_t len);
