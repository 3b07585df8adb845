/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show ip nhrp [detail]`: the cache, three or more lines an entry, in the layout of IOS 15 and
 * later. Blanks at line ends are IOS's own.
 */
#include "show/entry_json.h"
#include "show/json.h"
#include "show/query.h"
#include "show/words.h"

/* A socket that is not to be opened is said on a line of its own. */
static bool is_flag_word(enum nhrp_entry_flag flag)
{
	return flag != NHRP_FLAG_NO_SOCKET;
}

static void add_flags(const struct nhrp_entry_view *e, struct strbuf *out)
{
	strbuf_printf(out, "   Type: %s, Flags: ", words_entry_type(e->type));
	for (int i = 0; i < NHRP_ENTRY_FLAGS_N; i++) {
		enum nhrp_entry_flag flag = (enum nhrp_entry_flag)i;

		if (words_entry_has(e, flag) && is_flag_word(flag))
			strbuf_printf(out, "%s ", nhrp_entry_flag_word(flag));
	}
	strbuf_addc(out, '\n');
}

static void add_target(const struct nhrp_entry_view *e, struct strbuf *out)
{
	char target[PREFIX_TEXT_LEN], via[ADDR_TEXT_LEN];

	strbuf_adds(out, prefix_format(&e->target, target));
	if (e->type != NHRP_ENTRY_INCOMPLETE)
		strbuf_printf(out, " via %s", words_addr(&e->via, via));
	strbuf_addc(out, '\n');
}

static void add_times(const struct show_query *q, const struct nhrp_entry_view *e,
                      struct strbuf *out)
{
	char name[WORDS_NAME_SIZE], created[SHOW_TIME_SIZE], expires[SHOW_TIME_SIZE];

	strbuf_printf(out, "   %s created %s, ", words_tunnel(e->tunnel, name),
	              show_time(query_age_s(q, e->created), created));
	if (mono_is_never(e->expires))
		strbuf_adds(out, "never expire\n");
	else
		strbuf_printf(out, "expire %s\n",
		              show_time(mono_seconds_between(q->now, e->expires), expires));
}

static void add_nbma(const struct nhrp_entry_view *e, struct strbuf *out)
{
	char text[ADDR_TEXT_LEN];

	if (e->type == NHRP_ENTRY_INCOMPLETE)
		strbuf_printf(out, "   Cache hits: %u \n", e->cache_hits);
	else
		strbuf_printf(out, "   NBMA address: %s \n", words_addr(&e->nbma, text));
	if (words_entry_has(e, NHRP_FLAG_NO_SOCKET))
		strbuf_adds(out, "    (no-socket) \n");
	if (!addr_is_none(&e->claimed))
		strbuf_printf(out, "    (Claimed NBMA address: %s)\n",
		              addr_format(&e->claimed, text));
}

static void add_detail(const struct nhrp_entry_view *e, struct strbuf *out)
{
	char text[ADDR_TEXT_LEN];

	if (e->type != NHRP_ENTRY_INCOMPLETE)
		strbuf_printf(out, "   Preference: %u\n", e->preference);
	if (e->has_requester)
		strbuf_printf(out, "  Requester: %s Request ID: %u\n",
		              words_addr(&e->requester, text), e->request_id);
}

static void add_entries(const struct show_query *q, bool incomplete, bool detail,
                        struct strbuf *out)
{
	struct nhrp_entries entries;

	query_entries(q, &entries);
	for (size_t i = 0; i < entries.n; i++) {
		const struct nhrp_entry_view *e = &entries.entry[i];

		if ((e->type == NHRP_ENTRY_INCOMPLETE) != incomplete)
			continue;
		add_target(e, out);
		add_times(q, e, out);
		add_flags(e, out);
		add_nbma(e, out);
		if (detail)
			add_detail(e, out);
	}
	query_entries_fini(&entries);
}

/* Incomplete entries of all tunnels come last: parsers take such an entry for part of the one
 * before. */
void show_nhrp_text(const struct show_query *q, struct strbuf *out)
{
	add_entries(q, false, false, out);
	add_entries(q, true, false, out);
}

void show_nhrp_detail_text(const struct show_query *q, struct strbuf *out)
{
	add_entries(q, false, true, out);
	add_entries(q, true, true, out);
}

void show_nhrp_json(const struct show_query *q, json_t *answer)
{
	json_t *array = show_put_array(answer, "entries");
	struct nhrp_entries entries;

	query_entries(q, &entries);
	for (size_t i = 0; i < entries.n; i++)
		show_add_entry(q, array, &entries.entry[i]);
	query_entries_fini(&entries);
}
