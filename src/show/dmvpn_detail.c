/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show dmvpn detail`: each tunnel with its addresses, its next hop servers and a row for every
 * network behind every peer; then the sessions of IKE and IPsec with the peers of protected
 * tunnels, those that stand and those that are wanted.
 */
#include "show/crypto_session.h"
#include "show/dmvpn.h"
#include "show/json.h"
#include "show/peers.h"
#include "show/words.h"
#include "show/words_crypto.h"

static const char *line_state(const struct interface_view *i)
{
	if (!i->admin_up)
		return "admin down/down";
	return i->line_up ? "up/up" : "up/down";
}

static bool is_multipoint(const struct snap_tunnel *t)
{
	return t->mode == SNAP_MODE_GRE_MULTIPOINT;
}

static void add_interface(const struct interface_view *i, struct strbuf *out)
{
	const struct snap_tunnel *t = i->config->tunnel;
	char address[ADDR_TEXT_LEN], source[ADDR_TEXT_LEN], destination[ADDR_TEXT_LEN];

	strbuf_printf(out, "Interface %s is %s, Addr. is %s, VRF \"\" \n", i->name, line_state(i),
	              addr_is_none(&i->address.addr) ? "unassigned"
	                                             : addr_format(&i->address.addr, address));
	strbuf_printf(out, "   Tunnel Src./Dest. addr: %s/%s, Tunnel VRF \"\"\n",
	              words_addr(&i->source, source),
	              is_multipoint(t) ? "MGRE" : words_addr(&t->destination, destination));
	strbuf_printf(out,
	              "   Protocol/Transport: \"%s\", Protect \"%s\" \n"
	              "   Interface State Control: Disabled\n"
	              "   nhrp event-publisher : Disabled\n\n",
	              is_multipoint(t) ? "multi-GRE/IP" : "GRE/IP", t->protection.profile);
}

static void add_servers(const struct show_query *q, uint32_t tunnel, struct strbuf *out)
{
	struct nhs_list list;
	char address[ADDR_TEXT_LEN], state[NHS_STATE_SIZE];

	query_tunnel_nhs(q, tunnel, &list);
	if (list.n)
		strbuf_adds(out, "IPv4 NHS:\n");
	for (size_t i = 0; i < list.n; i++)
		strbuf_printf(out, "%s  %s priority = %u cluster = %u\n",
		              words_addr(&list.nhs[i].address, address),
		              words_nhs_state(&list.nhs[i], state), list.nhs[i].priority,
		              list.nhs[i].cluster);
	query_nhs_fini(&list);
}

static void add_row(const struct show_query *q, const struct peer_row *row, struct strbuf *out)
{
	const struct nhrp_entry_view *e = row->entry;
	const struct addr *peer = addr_is_none(&e->via) ? &e->target.addr : &e->via;
	char nbma[ADDR_TEXT_LEN], tunnel[ADDR_TEXT_LEN], time[SHOW_TIME_SIZE];
	char attributes[PEER_ATTRIBUTES_SIZE], target[PREFIX_TEXT_LEN];

	if (row->n_same)
		strbuf_printf(out, "%5zu ", row->n_same);
	else
		strbuf_printf(out, "%6s", "");
	strbuf_printf(out, "%-15s %15s %5s %8s %5s %18s\n", words_addr(&e->nbma, nbma),
	              words_addr(peer, tunnel), words_peer_state(e->state), dmvpn_time(q, e, time),
	              peer_attributes(e, attributes), prefix_format(&e->target, target));
}

static void add_tunnel(const struct show_query *q, const struct nhrp_tunnel_view *t,
                       const struct nhrp_entries *entries, void *ctx)
{
	struct strbuf *out = ctx;
	struct peer_rows rows = peer_rows_new(entries);
	struct interface_view interface;

	if (query_tunnel_interface(q, t->tunnel, &interface))
		add_interface(&interface, out);
	add_servers(q, t->tunnel, out);
	strbuf_printf(out, "Type:%s, Total NBMA Peers (v4/v6): %zu\n\n", words_tunnel_type(t),
	              rows.n_peers);
	if (rows.n)
		strbuf_adds(out, "# Ent  Peer NBMA Addr Peer Tunnel Add State  UpDn Tm Attrb    "
		                 "Target Network\n"
		                 "----- --------------- --------------- ----- -------- ----- "
		                 "-----------------\n");
	for (size_t i = 0; i < rows.n; i++)
		add_row(q, &rows.row[i], out);
	strbuf_addc(out, '\n');
	peer_rows_free(&rows);
}

/* ---- sessions ---- */

static void add_session(const struct show_query *q, const struct crypto_peer *peer,
                        struct strbuf *out)
{
	const struct crypto_pair *current = crypto_peer_current(peer);
	char tunnel[WORDS_NAME_SIZE], id[ADDR_TEXT_LEN], transform[WORDS_TRANSFORM_SIZE];

	strbuf_printf(out, "\nInterface: %s\nSession: [0x%08X]\n",
	              peer->has_tunnel ? words_tunnel(peer->tunnel, tunnel) : "(none)",
	              current ? current->view.id : 0);
	session_add_ike(q, peer, out);
	strbuf_printf(out, "  Crypto Session Status: %s     \n  fvrf: (none),\tPhase1_id: %s\n",
	              words_session(peer), session_peer_id(peer, id));
	session_add_flow(q, peer, true, out);
	if (current)
		strbuf_printf(out, "   Outbound SPI : 0x%8X, transform : %s \n",
		              current->view.spi_out,
		              words_transform(current->view.cipher, current->view.auth, transform));
	strbuf_printf(out, "    Socket State: %s\n", current ? "Open" : "Closed");
}

static void add_sessions(const struct show_query *q, struct strbuf *out)
{
	struct crypto_peers peers;

	query_sessions(q, &peers);
	strbuf_printf(out, "\nCrypto Session Details: \n%s%s\n",
	              "----------------------------------------",
	              "----------------------------------------");
	for (size_t i = 0; i < peers.n; i++)
		if (crypto_peer_current(&peers.peer[i]))
			add_session(q, &peers.peer[i], out);
	strbuf_adds(out, "\nPending DMVPN Sessions:\n");
	for (size_t i = 0; i < peers.n; i++)
		if (!crypto_peer_current(&peers.peer[i]))
			add_session(q, &peers.peer[i], out);
	strbuf_addc(out, '\n');
	query_peers_fini(&peers);
}

void show_dmvpn_detail_text(const struct show_query *q, struct strbuf *out)
{
	dmvpn_add_legend(out);
	dmvpn_each_tunnel(q, add_tunnel, out);
	add_sessions(q, out);
}

static void put_servers(const struct show_query *q, json_t *tunnel, uint32_t number)
{
	json_t *servers = show_put_array(tunnel, "servers");
	struct nhs_list list;
	char state[NHS_STATE_SIZE];

	query_tunnel_nhs(q, number, &list);
	for (size_t i = 0; i < list.n; i++) {
		json_t *o = show_add_object(servers);

		show_put_addr(o, "address", &list.nhs[i].address);
		show_put_addr(o, "nbma_address", &list.nhs[i].nbma);
		show_put_string(o, "state", words_nhs_state(&list.nhs[i], state));
		show_put_u64(o, "priority", list.nhs[i].priority);
		show_put_u64(o, "cluster", list.nhs[i].cluster);
	}
	query_nhs_fini(&list);
}

static void put_peers(const struct show_query *q, json_t *tunnel, uint32_t number,
                      const struct peer_rows *rows)
{
	json_t *peers = show_put_array(tunnel, "peers");

	for (size_t i = 0; i < rows->n; i++) {
		const struct nhrp_entry_view *e = rows->row[i].entry;
		json_t *o = dmvpn_add_peer(q, peers, &rows->row[i]);
		struct dp_counters c;

		if (q->source->peer_counters(q->source->ctx, number, &e->via, &c))
			show_put_counters(q, show_put_object(o, "counters"), &c);
		else
			show_put_null(o, "counters");
	}
}

static void put_sessions(const struct show_query *q, json_t *tunnel, uint32_t number,
                         const struct crypto_peers *peers)
{
	json_t *sessions = show_put_array(tunnel, "sessions");

	for (size_t i = 0; i < peers->n; i++)
		if (peers->peer[i].has_tunnel && peers->peer[i].tunnel == number)
			session_put(q, sessions, &peers->peer[i]);
}

static void put_interface(const struct show_query *q, json_t *o, uint32_t tunnel)
{
	struct interface_view i;

	if (!query_tunnel_interface(q, tunnel, &i)) {
		show_put_bool(o, "admin_up", false);
		show_put_null(o, "address");
		show_put_null(o, "mode");
		show_put_null(o, "destination");
		show_put_null(o, "protection_profile");
		return;
	}
	show_put_bool(o, "admin_up", i.admin_up);
	show_put_prefix(o, "address", &i.address);
	show_put_string(o, "mode", words_tunnel_mode(i.config->tunnel->mode));
	show_put_addr(o, "destination", &i.config->tunnel->destination);
	show_put_string(o, "protection_profile",
	                *i.config->tunnel->protection.profile ? i.config->tunnel->protection.profile
	                                                      : NULL);
}

struct detail {
	json_t *tunnels;
	struct crypto_peers peers;
};

static void put_tunnel(const struct show_query *q, const struct nhrp_tunnel_view *t,
                       const struct nhrp_entries *entries, void *ctx)
{
	const struct detail *detail = ctx;
	json_t *o = show_add_object(detail->tunnels);
	struct peer_rows rows = peer_rows_new(entries);

	dmvpn_put_tunnel(o, t, &rows);
	put_interface(q, o, t->tunnel);
	put_servers(q, o, t->tunnel);
	put_peers(q, o, t->tunnel, &rows);
	put_sessions(q, o, t->tunnel, &detail->peers);
	peer_rows_free(&rows);
}

void show_dmvpn_detail_json(const struct show_query *q, json_t *answer)
{
	struct detail detail = { .tunnels = show_put_array(answer, "tunnels") };

	query_sessions(q, &detail.peers);
	dmvpn_each_tunnel(q, put_tunnel, &detail);
	query_peers_fini(&detail.peers);
}
