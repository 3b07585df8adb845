/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show dmvpn`: the peers of each tunnel, in the layout of IOS 15 and 16. A tunnel without peers
 * prints nothing: parsers want a row under every heading.
 */
#include "show/dmvpn.h"

#include "show/entry_json.h"
#include "show/json.h"
#include "show/peers.h"
#include "show/words.h"

void dmvpn_add_legend(struct strbuf *out)
{
	strbuf_adds(
		out,
		"Legend: Attrb --> S - Static, D - Dynamic, I - Incomplete\n"
		"        N - NATed, L - Local, X - No Socket\n"
		"        T1 - Route Installed, T2 - Nexthop-override\n"
		"        C - CTS Capable, I2 - Temporary\n"
		"        # Ent --> Number of NHRP entries with same NBMA peer\n"
		"        NHS Status: E --> Expecting Replies, R --> Responding, W --> Waiting\n"
		"        UpDn Time --> Up or Down Time for a Tunnel\n"
		"==========================================================================\n\n");
}

const char *dmvpn_time(const struct show_query *q, const struct nhrp_entry_view *e,
                       char buf[static SHOW_TIME_SIZE])
{
	return show_time(e->ever_up ? query_age_s(q, e->changed) : -1, buf);
}

static void add_row(const struct show_query *q, const struct peer_row *row, struct strbuf *out)
{
	const struct nhrp_entry_view *e = row->entry;
	const struct addr *peer = addr_is_none(&e->via) ? &e->target.addr : &e->via;
	char nbma[ADDR_TEXT_LEN], tunnel[ADDR_TEXT_LEN], time[SHOW_TIME_SIZE];
	char attributes[PEER_ATTRIBUTES_SIZE];

	if (!row->n_same)
		strbuf_printf(out, "%22s", "");
	else if (e->nbma.family == ADDR_V6)
		strbuf_printf(out, "%6zu %s\n%22s", row->n_same, addr_format(&e->nbma, nbma), "");
	else
		strbuf_printf(out, "%6zu %-15s", row->n_same, words_addr(&e->nbma, nbma));
	strbuf_printf(out, " %15s %5s %8s %5s\n", words_addr(peer, tunnel),
	              words_peer_state(e->state), dmvpn_time(q, e, time),
	              peer_attributes(e, attributes));
}

void dmvpn_each_tunnel(const struct show_query *q, dmvpn_tunnel_fn *each, void *ctx)
{
	struct node_cursor cursor = { 0 };
	struct nhrp_tunnel_view t;
	struct nhrp_entries all;

	query_entries(q, &all);
	while (query_tunnel_next(q, &cursor, &t)) {
		struct nhrp_entries entries = query_entries_of(&all, t.tunnel);

		each(q, &t, &entries, ctx);
	}
	query_entries_fini(&all);
}

static void add_tunnel(const struct show_query *q, const struct nhrp_tunnel_view *t,
                       const struct nhrp_entries *entries, void *ctx)
{
	struct strbuf *out = ctx;
	struct peer_rows rows = peer_rows_new(entries);
	char name[WORDS_NAME_SIZE];

	if (rows.n) {
		strbuf_printf(out,
		              "Interface: %s, IPv4 NHRP Details \n"
		              "Type:%s, NHRP Peers:%zu, \n\n"
		              " # Ent  Peer NBMA Addr Peer Tunnel Add State  UpDn Tm Attrb\n"
		              " ----- --------------- --------------- ----- -------- -----\n",
		              words_tunnel(t->tunnel, name), words_tunnel_type(t), rows.n_peers);
		for (size_t i = 0; i < rows.n; i++)
			add_row(q, &rows.row[i], out);
		strbuf_addc(out, '\n');
	}
	peer_rows_free(&rows);
}

void show_dmvpn_text(const struct show_query *q, struct strbuf *out)
{
	dmvpn_add_legend(out);
	dmvpn_each_tunnel(q, add_tunnel, out);
}

void dmvpn_put_tunnel(json_t *o, const struct nhrp_tunnel_view *t, const struct peer_rows *rows)
{
	show_put_tunnel(o, "tunnel", t->tunnel);
	show_put_bool(o, "line_up", t->up);
	show_put_string(o, "type", words_tunnel_type(t));
	show_put_addr(o, "source", &t->source);
	show_put_u64(o, "nbma_peers", rows->n_peers);
}

json_t *dmvpn_add_peer(const struct show_query *q, json_t *peers, const struct peer_row *row)
{
	char attributes[PEER_ATTRIBUTES_SIZE];
	json_t *o = show_add_entry(q, peers, row->entry);

	show_put_string(o, "attributes", peer_attributes(row->entry, attributes));
	return o;
}

static void put_tunnel(const struct show_query *q, const struct nhrp_tunnel_view *t,
                       const struct nhrp_entries *entries, void *ctx)
{
	json_t *o = show_add_object(ctx);
	struct peer_rows rows = peer_rows_new(entries);

	dmvpn_put_tunnel(o, t, &rows);
	json_t *peers = show_put_array(o, "peers");
	for (size_t i = 0; i < rows.n; i++)
		dmvpn_add_peer(q, peers, &rows.row[i]);
	peer_rows_free(&rows);
}

void show_dmvpn_json(const struct show_query *q, json_t *answer)
{
	dmvpn_each_tunnel(q, put_tunnel, show_put_array(answer, "tunnels"));
}
