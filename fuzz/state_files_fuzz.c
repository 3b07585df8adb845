/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads any bytes as lines of the files that outlive the daemon: "cache" (cache_file.h) and
 * "ledger" (ledger.h). Whatever a line is taken for must print as a line that is read as the same.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/cache_file.h"
#include "daemon/ledger.h"
#include "util/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What was printed as one line, without its newline. */
static char *take_line(struct strbuf *out)
{
	check(out->len > 1 && strchr(out->text, '\n') == out->text + out->len - 1);
	strbuf_truncate(out, out->len - 1);
	return out->text;
}

static void print_entry(const struct node_saved_entry *e, struct strbuf *out)
{
	check(e->target.len <= addr_bits(&e->target.addr) && !addr_is_none(&e->nbma));
	check(e->expires_wall_ms >= 0 && e->created_wall_ms >= 0);
	cache_file_print(e, out);
	(void)take_line(out);
}

static void see_entry(const char *line)
{
	struct node_saved_entry e;
	struct strbuf once, again;

	if (!cache_file_parse(line, &e))
		return;
	strbuf_init(&once);
	strbuf_init(&again);
	print_entry(&e, &once);
	check(cache_file_parse(once.text, &e));
	print_entry(&e, &again);
	check(strcmp(once.text, again.text) == 0);
	strbuf_fini(&once);
	strbuf_fini(&again);
}

static void see_item(const char *line)
{
	struct ledger_item item, again;
	struct strbuf text;

	if (!ledger_item_parse(line, &item))
		return;
	strbuf_init(&text);
	ledger_item_print(&item, &text);
	check(ledger_item_parse(text.text, &again) && ledger_item_compare(&item, &again) == 0);
	ledger_item_describe(&item, &text);
	strbuf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = calloc(1, len + 1);
	char *next = text, *line;

	if (len)
		memcpy(text, bytes, len);
	while ((line = strsep(&next, "\n"))) {
		see_entry(line);
		see_item(line);
	}
	free(text);
	return 0;
}
