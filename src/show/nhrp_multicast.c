/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show ip nhrp multicast`: the NBMA addresses that get a copy of a tunnel's multicast, and whether
 * a line of the configuration, a client's registration or a next hop server's line asks for it.
 */
#include "show/json.h"
#include "show/query.h"
#include "show/words.h"

static bool next_member(const struct show_query *q, struct node_cursor *cursor,
                        struct multicast_view *ret)
{
	while (node_multicast_next(q->source->node(q->source->ctx), cursor, ret))
		if (query_wants_tunnel(q, ret->tunnel))
			return true;
	return false;
}

void show_nhrp_multicast_text(const struct show_query *q, struct strbuf *out)
{
	struct node_cursor cursor = { 0 };
	struct multicast_view m;

	strbuf_adds(out, "  I/F     NBMA address\n");
	while (next_member(q, &cursor, &m)) {
		char name[WORDS_NAME_SIZE], nbma[ADDR_TEXT_LEN];

		strbuf_printf(out, "%-10s %-15s Flags:%s%s%s\n", words_tunnel(m.tunnel, name),
		              addr_format(&m.nbma, nbma), m.by_map ? " static" : "",
		              m.by_client ? " dynamic" : "", m.by_server ? " nhs" : "");
	}
}

void show_nhrp_multicast_json(const struct show_query *q, json_t *answer)
{
	json_t *array = show_put_array(answer, "addresses");
	struct node_cursor cursor = { 0 };
	struct multicast_view m;

	while (next_member(q, &cursor, &m)) {
		json_t *member = show_add_object(array);

		show_put_tunnel(member, "tunnel", m.tunnel);
		show_put_addr(member, "nbma", &m.nbma);
		show_put_bool(member, "static", m.by_map);
		show_put_bool(member, "dynamic", m.by_client);
		show_put_bool(member, "nhs", m.by_server);
	}
}
