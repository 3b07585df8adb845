/* SPDX-License-Identifier: Apache-2.0 */
/* Remarks on a configuration: collecting and printing them. */
#include <stdlib.h>
#include <string.h>

#include "config/remarks.h"
#include "util/memory.h"

void remarks_add(struct config_remarks *r, const struct config_remark *new)
{
	r->n_errors += new->severity == CONFIG_ERROR;
	r->n_warnings += new->severity == CONFIG_WARNING;
	r->n_notes += new->severity == CONFIG_NOTE;
	if (r->n == CONFIG_REMARKS_MAX) {
		r->n_lost++;
		return;
	}
	/* Grown by doubling; the size is always the next power of two. */
	if ((r->n & (r->n - 1)) == 0)
		r->remark = memory_resize(r->remark, r->n ? 2 * r->n : 1, sizeof *r->remark);
	r->remark[r->n] = *new;
	r->remark[r->n].line = memory_strdup(new->line);
	r->remark[r->n].text = memory_strdup(new->text);
	r->n++;
}

static int by_line(const void *a, const void *b)
{
	const struct config_remark *x = a, *y = b;

	if (x->line_number != y->line_number)
		return x->line_number < y->line_number ? -1 : 1;
	return (int)y->severity - (int)x->severity;
}

void remarks_sort(struct config_remarks *r)
{
	if (r->n)
		qsort(r->remark, r->n, sizeof *r->remark, by_line);
}

void config_remarks_fini(struct config_remarks *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->remark[i].line);
		free(r->remark[i].text);
	}
	free(r->remark);
	*r = (struct config_remarks){ 0 };
}

static void add_caret(const struct config_remark *r, struct strbuf *out)
{
	for (size_t i = 0; i < r->column && r->line[i]; i++) {
		bool continuation = ((unsigned char)r->line[i] & 0xc0) == 0x80;
		if (!continuation)
			strbuf_addc(out, r->line[i] == '\t' ? '\t' : ' ');
	}
	strbuf_adds(out, "^\n");
}

void config_remarks_print(const struct config_remarks *r, const char *file, struct strbuf *out)
{
	static const char *const words[] = {
		[CONFIG_NOTE] = "note",
		[CONFIG_WARNING] = "warning",
		[CONFIG_ERROR] = "error",
	};

	for (size_t i = 0; i < r->n; i++) {
		const struct config_remark *m = &r->remark[i];
		strbuf_printf(out, "%s:%zu: %s: %s\n%s\n", file, m->line_number, words[m->severity],
		              m->text, m->line);
		add_caret(m, out);
	}
	if (r->n_lost)
		strbuf_printf(out, "%s: %zu more remarks\n", file, r->n_lost);
}
