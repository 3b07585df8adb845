/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show ip nhrp brief`: one line an entry, in the classic layout. Entries without an NBMA address
 * have no line: there is no pair to show.
 */
#include "show/entry_json.h"
#include "show/json.h"
#include "show/query.h"
#include "show/words.h"

static bool has_line(const struct nhrp_entry_view *e)
{
	return e->type != NHRP_ENTRY_INCOMPLETE && !addr_is_none(&e->nbma);
}

static void add_line(const struct nhrp_entry_view *e, struct strbuf *out)
{
	char target[PREFIX_TEXT_LEN], via[ADDR_TEXT_LEN], nbma[ADDR_TEXT_LEN];
	char claimed[ADDR_TEXT_LEN], name[WORDS_NAME_SIZE], brief[WORDS_NAME_SIZE];

	strbuf_printf(out, "%20s %-15s %-15s %-8s %-*.*s <%3s>\n",
	              prefix_format(&e->target, target), words_addr(&e->via, via),
	              addr_format(&e->nbma, nbma), words_entry_type(e->type),
	              WORDS_INTERFACE_BRIEF_LEN, WORDS_INTERFACE_BRIEF_LEN,
	              words_interface_short(words_tunnel(e->tunnel, name), brief),
	              addr_is_none(&e->claimed) ? "" : addr_format(&e->claimed, claimed));
}

void show_nhrp_brief_text(const struct show_query *q, struct strbuf *out)
{
	struct nhrp_entries entries;

	strbuf_adds(
		out,
		"   Target             Via            NBMA           Mode   Intfc   Claimed \n");
	query_entries(q, &entries);
	for (size_t i = 0; i < entries.n; i++)
		if (has_line(&entries.entry[i]))
			add_line(&entries.entry[i], out);
	query_entries_fini(&entries);
}

void show_nhrp_brief_json(const struct show_query *q, json_t *answer)
{
	json_t *array = show_put_array(answer, "entries");
	struct nhrp_entries entries;

	query_entries(q, &entries);
	for (size_t i = 0; i < entries.n; i++)
		if (has_line(&entries.entry[i]))
			show_add_entry(q, array, &entries.entry[i]);
	query_entries_fini(&entries);
}
