/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show crypto ipsec sa`: a block for each peer of each protected tunnel, in the layout of IOS 15.
 * Counters go on when SAs are renewed, as IOS's do; errors are those of the SAs that there are.
 */
#include <string.h>

#include "show/json.h"
#include "show/query_crypto.h"
#include "show/words.h"
#include "show/words_crypto.h"

enum {
	IPV4_LEN = 20,
	IPV6_LEN = 40,
	UDP_LEN = 8,
	ESP_FIXED_LEN = 8,   /* SPI and sequence number */
	ESP_TRAILER_LEN = 2, /* pad length and next header */
	DEFAULT_MTU = 1500,
	CONN_ID_BASE = 2000, /* IOS's flow ids count from 1 */
};

struct path {
	char name[SNAP_NAME_SIZE]; /* of the interface that the tunnel's packets leave by, or "" */
	uint16_t mtu_bytes;
};

/* The port whose address is the tunnel's source. */
static struct path path_of(const struct show_query *q, const struct addr *source)
{
	struct path path = { .mtu_bytes = DEFAULT_MTU };
	struct interface_view i;
	size_t cursor = 0;

	while (q->source->interface_next(q->source->ctx, &cursor, &i)) {
		if ((i.config && i.config->tunnel) || !addr_equal(&i.address.addr, source))
			continue;
		memcpy(path.name, i.name, sizeof path.name);
		if (i.mtu_bytes)
			path.mtu_bytes = i.mtu_bytes;
		return path;
	}
	return path;
}

/* Peers mostly have our address in common: the interfaces are looked at when it changes. */
static struct path next_path(const struct show_query *q, const struct crypto_peer *peer,
                             const struct crypto_peer *before, const struct path *path)
{
	return before && addr_equal(&before->local, &peer->local) ? *path
	                                                          : path_of(q, &peer->local);
}

/* The longest packet that leaves in one piece; without an SA there is nothing to subtract. */
static unsigned plaintext_mtu(const struct crypto_pair *pair, unsigned path_mtu)
{
	if (!pair)
		return path_mtu;
	const struct ipsec_view *v = &pair->view;
	const struct esp_cipher_algorithm *cipher = esp_cipher_algorithm(v->cipher);
	const unsigned icv =
		v->auth == ESP_AUTH_NONE ? cipher->icv_len : esp_auth_algorithm(v->auth)->icv_len;
	const unsigned header = v->remote.family == ADDR_V6 ? IPV6_LEN : IPV4_LEN;
	const unsigned around =
		header + (v->udp ? UDP_LEN : 0) + ESP_FIXED_LEN + cipher->iv_len + icv;
	const unsigned align = cipher->align > 4 ? cipher->align : 4;

	if (path_mtu < around + align)
		return 0;
	const unsigned inside = (path_mtu - around) / align * align - ESP_TRAILER_LEN;
	return inside + (v->mode == ESP_TRANSPORT ? header : 0);
}

/* ---- text ---- */

static void add_ident(const char *which, const struct addr *a, struct strbuf *out)
{
	char text[ADDR_TEXT_LEN];

	strbuf_printf(out, "   %-6s ident (addr/mask/prot/port): (%s/%s/47/0)\n", which,
	              words_addr(a, text), a->family == ADDR_V6 ? "128" : "255.255.255.255");
}

static void add_packets(const struct crypto_peer *peer, struct strbuf *out)
{
	const unsigned long long sent = crypto_peer_packets(peer, true);
	const unsigned long long received = crypto_peer_packets(peer, false);

	strbuf_printf(out, "    #pkts encaps: %llu, #pkts encrypt: %llu, #pkts digest: %llu\n",
	              sent, sent, sent);
	strbuf_printf(out, "    #pkts decaps: %llu, #pkts decrypt: %llu, #pkts verify: %llu\n",
	              received, received, received);
	strbuf_adds(out, "    #pkts compressed: 0, #pkts decompressed: 0\n"
	                 "    #pkts not compressed: 0, #pkts compr. failed: 0\n"
	                 "    #pkts not decompressed: 0, #pkts decompress failed: 0\n");
}

static unsigned long long drops_of(const struct crypto_peer *peer, bool outbound,
                                   enum esp_drop drop)
{
	unsigned long long sum = 0;

	for (size_t i = 0; i < peer->n_pairs; i++)
		sum += outbound ? peer->pair[i].out.drops[drop] : peer->pair[i].in.drops[drop];
	return sum;
}

/* The rows of `detail` in place of the sums; what cannot happen here is 0. */
static void add_errors_detail(const struct crypto_peer *peer, struct strbuf *out)
{
	const unsigned long long short_of =
		drops_of(peer, true, ESP_DROP_ROOM) + drops_of(peer, true, ESP_DROP_TOO_LONG);
	const unsigned long long garbled =
		drops_of(peer, false, ESP_DROP_BLOCKS) + drops_of(peer, false, ESP_DROP_PADDING);
	const unsigned long long replayed =
		drops_of(peer, false, ESP_DROP_REPLAYED) + drops_of(peer, false, ESP_DROP_OLD);

	strbuf_printf(out, "    #pkts no sa (send) %llu, #pkts invalid sa (rcv) %llu\n",
	              drops_of(peer, true, ESP_DROP_NO_SA), drops_of(peer, false, ESP_DROP_SPI));
	strbuf_printf(out, "    #pkts encaps failed (send) %llu, #pkts decaps failed (rcv) %llu\n",
	              short_of, garbled);
	strbuf_printf(out, "    #pkts invalid prot (recv) %llu, #pkts verify failed: %llu\n",
	              drops_of(peer, false, ESP_DROP_NEXT_HEADER),
	              drops_of(peer, false, ESP_DROP_ICV));
	strbuf_printf(out, "    #pkts invalid identity (recv) 0, #pkts invalid len (rcv) %llu\n",
	              drops_of(peer, false, ESP_DROP_SHORT));
	strbuf_printf(out,
	              "    #pkts replay rollover (send): %llu, #pkts replay rollover (rcv) 0\n"
	              "    ##pkts replay failed (rcv): %llu\n",
	              drops_of(peer, true, ESP_DROP_EXHAUSTED), replayed);
	strbuf_adds(out, "    #pkts tagged (send): 0, #pkts untagged (rcv): 0\n"
	                 "    #pkts not tagged (send): 0, #pkts not untagged (rcv): 0\n"
	                 "    #pkts internal err (send): 0, #pkts internal err (recv): 0\n");
}

static void add_path(const struct crypto_peer *peer, const struct path *path, struct strbuf *out)
{
	const struct crypto_pair *current = crypto_peer_current(peer);
	const uint32_t spi = current ? current->view.spi_out : 0;
	char local[ADDR_TEXT_LEN], remote[ADDR_TEXT_LEN];

	strbuf_printf(out, "\n     local crypto endpt.: %s, remote crypto endpt.: %s\n",
	              words_addr(&peer->local, local), words_addr(&peer->at, remote));
	strbuf_printf(out, "     plaintext mtu %u, path mtu %u, ip mtu %u, ip mtu idb %s\n",
	              plaintext_mtu(current, path->mtu_bytes), path->mtu_bytes, path->mtu_bytes,
	              *path->name ? path->name : "(none)");
	strbuf_printf(out, "     current outbound spi: 0x%X(%u)\n", spi, spi);
	if (current && current->view.pfs_group)
		strbuf_printf(out, "     PFS (Y/N): Y, DH group: group%u\n\n",
		              current->view.pfs_group);
	else
		strbuf_adds(out, "     PFS (Y/N): N, DH group: none\n\n");
}

/* IOS's flags of the pair: 0x40 stands with tunnel mode. */
static unsigned sibling_flags(const struct ipsec_view *v)
{
	return 0x80000000U | (v->mode == ESP_TUNNEL ? 0x40U : 0U);
}

static void add_timing(const struct show_query *q, const struct crypto_pair *pair, bool outbound,
                       struct strbuf *out)
{
	const int64_t left_s = query_left_s(q, pair->view.expires);
	const int64_t left_kb = crypto_left_kb(&pair->view, outbound ? &pair->out : &pair->in);

	if (left_kb < 0)
		strbuf_printf(out, "        sa timing: remaining key lifetime (sec): (%lld)\n",
		              (long long)left_s);
	else
		strbuf_printf(out,
		              "        sa timing: remaining key lifetime (k/sec): (%lld/%lld)\n",
		              (long long)left_kb, (long long)left_s);
}

static void add_sa(const struct show_query *q, const struct crypto_pair *pair, bool outbound,
                   struct strbuf *out)
{
	const struct ipsec_view *v = &pair->view;
	const uint32_t spi = outbound ? v->spi_out : v->spi_in, id = v->id + outbound;
	char transform[WORDS_TRANSFORM_SIZE], tunnel[WORDS_NAME_SIZE];

	strbuf_printf(out, "      spi: 0x%X(%u)\n", spi, spi);
	strbuf_printf(out, "        transform: %s ,\n        in use settings ={%s, }\n",
	              words_transform(v->cipher, v->auth, transform),
	              words_settings(v->mode, v->udp));
	strbuf_printf(out,
	              "        conn id: %u, flow_id: SW:%u, sibling_flags %X, "
	              "crypto map: %s-head-0\n",
	              id, id > CONN_ID_BASE ? id - CONN_ID_BASE : id, sibling_flags(v),
	              words_tunnel(v->tunnel, tunnel));
	add_timing(q, pair, outbound, out);
	strbuf_printf(out,
	              "        IV size: %u bytes\n"
	              "        replay detection support: %s\n"
	              "        Status: ACTIVE(ACTIVE)\n",
	              esp_cipher_algorithm(v->cipher)->iv_len, v->replay_packets ? "Y" : "N");
}

static void add_sas(const struct show_query *q, const struct crypto_peer *peer, bool outbound,
                    struct strbuf *out)
{
	const char *way = outbound ? "outbound" : "inbound";

	strbuf_printf(out, "     %s esp sas:\n", way);
	for (size_t i = 0; i < peer->n_pairs; i++)
		add_sa(q, &peer->pair[i], outbound, out);
	strbuf_printf(out, "\n     %s ah sas:\n\n     %s pcp sas:\n", way, way);
}

static void add_peer(const struct show_query *q, const struct crypto_peer *peer,
                     const struct path *path, struct strbuf *out)
{
	char remote[ADDR_TEXT_LEN];

	strbuf_adds(out, "\n   protected vrf: (none)\n");
	add_ident("local", &peer->local, out);
	add_ident("remote", &peer->remote, out);
	strbuf_printf(out, "   current_peer %s port %u\n     PERMIT, flags={origin_is_acl,}\n",
	              words_addr(&peer->at, remote), crypto_peer_port(peer));
	add_packets(peer, out);
	if (q->request->what == SHOW_CRYPTO_IPSEC_SA_DETAIL)
		add_errors_detail(peer, out);
	else
		strbuf_printf(out, "    #send errors %llu, #recv errors %llu\n",
		              (unsigned long long)crypto_peer_drops(peer, true),
		              (unsigned long long)crypto_peer_drops(peer, false));
	add_path(peer, path, out);
	add_sas(q, peer, false, out);
	strbuf_addc(out, '\n');
	add_sas(q, peer, true, out);
}

void show_ipsec_sa_text(const struct show_query *q, struct strbuf *out)
{
	struct crypto_peers peers;
	char tunnel[WORDS_NAME_SIZE], local[ADDR_TEXT_LEN];
	struct path path;

	query_peers(q, &peers);
	for (size_t i = 0; i < peers.n; i++) {
		const struct crypto_peer *peer = &peers.peer[i];

		path = next_path(q, peer, i ? peer - 1 : NULL, &path);
		if (i == 0 || peer[-1].tunnel != peer->tunnel)
			strbuf_printf(
				out,
				"\ninterface: %s\n    Crypto map tag: %s-head-0, local addr %s\n",
				words_tunnel(peer->tunnel, tunnel), tunnel,
				words_addr(&peer->local, local));
		add_peer(q, peer, &path, out);
	}
	query_peers_fini(&peers);
}

/* ---- JSON ---- */

static void put_algorithms(json_t *o, const struct ipsec_view *v)
{
	show_put_string(o, "encryption", esp_cipher_algorithm(v->cipher)->name);
	show_put_string(o, "authentication",
	                v->auth == ESP_AUTH_NONE ? NULL : esp_auth_algorithm(v->auth)->name);
	show_put_string(o, "mode", v->mode == ESP_TUNNEL ? "tunnel" : "transport");
	show_put_bool(o, "udp_encapsulation", v->udp);
	show_put_bool(o, "extended_sequence_numbers", v->esn);
	show_put_u64(o, "replay_window_packets", v->replay_packets);
}

static void put_sa(const struct show_query *q, json_t *sas, const struct crypto_pair *pair,
                   bool outbound)
{
	const struct esp_sa_state *state = outbound ? &pair->out : &pair->in;
	const struct ipsec_view *v = &pair->view;
	json_t *o = show_add_object(sas);

	show_put_string(o, "direction", outbound ? "outbound" : "inbound");
	show_put_u64(o, "conn_id", v->id + outbound);
	show_put_u64(o, "spi", outbound ? v->spi_out : v->spi_in);
	put_algorithms(o, v);
	show_put_u64(o, "pfs_group", v->pfs_group);
	show_put_bool(o, "initiator", v->initiator);
	show_put_bool(o, "in_use", v->up && !v->old);
	if (v->ike_id)
		show_put_u64(o, "ike_conn_id", v->ike_id);
	else
		show_put_null(o, "ike_conn_id");
	show_put_seconds(o, "age_s", query_age_s(q, v->since));
	show_put_seconds(o, "lifetime_left_s", query_left_s(q, v->expires));
	show_put_seconds(o, "lifetime_left_kb", crypto_left_kb(v, state));
	show_put_u64(o, "packets", state->packets);
	show_put_u64(o, "bytes", state->bytes);
	show_put_u64(o, "sequence", state->sequence);
	json_t *drops = show_put_object(o, "drops");
	for (int i = ESP_DROP_NONE + 1; i < ESP_DROPS_N; i++)
		show_put_u64(drops, esp_drop_key((enum esp_drop)i), state->drops[i]);
}

static void put_peer(const struct show_query *q, json_t *o, const struct crypto_peer *peer,
                     const struct path *path)
{
	const struct crypto_pair *current = crypto_peer_current(peer);

	show_put_tunnel(o, "tunnel", peer->tunnel);
	show_put_addr(o, "local", &peer->local);
	show_put_addr(o, "remote", &peer->remote);
	show_put_addr(o, "remote_address", &peer->at);
	if (current && current->view.udp)
		show_put_u64(o, "remote_udp_port", current->view.remote_port);
	else
		show_put_null(o, "remote_udp_port");
	show_put_bool(o, "wanted", peer->wanted);
	show_put_bool(o, "up", current != NULL);
	show_put_seconds(o, "uptime_s", crypto_peer_uptime_s(q, peer));
	show_put_u64(o, "packets_sealed", crypto_peer_packets(peer, true));
	show_put_u64(o, "packets_opened", crypto_peer_packets(peer, false));
	show_put_u64(o, "send_errors", crypto_peer_drops(peer, true));
	show_put_u64(o, "receive_errors", crypto_peer_drops(peer, false));
	show_put_string(o, "interface", *path->name ? path->name : NULL);
	show_put_u64(o, "path_mtu_bytes", path->mtu_bytes);
	show_put_u64(o, "plaintext_mtu_bytes", plaintext_mtu(current, path->mtu_bytes));
	json_t *sas = show_put_array(o, "sas");
	for (size_t i = 0; i < peer->n_pairs; i++) {
		put_sa(q, sas, &peer->pair[i], false);
		put_sa(q, sas, &peer->pair[i], true);
	}
}

void show_ipsec_sa_json(const struct show_query *q, json_t *answer)
{
	json_t *array = show_put_array(answer, "peers");
	struct crypto_peers peers;
	struct path path;

	query_peers(q, &peers);
	for (size_t i = 0; i < peers.n; i++) {
		const struct crypto_peer *peer = &peers.peer[i];

		path = next_path(q, peer, i ? peer - 1 : NULL, &path);
		put_peer(q, show_add_object(array), peer, &path);
	}
	query_peers_fini(&peers);
}
