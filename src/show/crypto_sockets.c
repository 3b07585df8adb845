/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show crypto sockets`: what each protected tunnel asks of IPsec: a socket to each peer, open
 * while packets can go, and one that listens for peers.
 */
#include "show/json.h"
#include "show/query_crypto.h"
#include "show/words.h"

static bool is_shared(const struct snap_protection *p)
{
	return p && p->shared;
}

static const char *profile_of(const struct snap_protection *p)
{
	return p ? p->profile : "";
}

static void add_socket(const struct show_query *q, const struct crypto_peer *peer,
                       struct strbuf *out)
{
	const struct snap_protection *p = query_protection(q, peer->tunnel);
	const char *mask = peer->remote.family == ADDR_V6 ? "128" : "255.255.255.255";
	char tunnel[WORDS_NAME_SIZE], brief[WORDS_NAME_SIZE];
	char local[ADDR_TEXT_LEN], remote[ADDR_TEXT_LEN];

	words_addr(&peer->local, local);
	words_addr(&peer->remote, remote);
	strbuf_printf(out, "   %s Peers (local/remote): %s/%s\n",
	              is_shared(p)
	                      ? "Shd"
	                      : words_interface_short(words_tunnel(peer->tunnel, tunnel), brief),
	              local, remote);
	strbuf_printf(out,
	              "       Local Ident  (addr/mask/port/prot): (%s/%s/0/47)\n"
	              "       Remote Ident (addr/mask/port/prot): (%s/%s/0/47)\n",
	              local, mask, remote, mask);
	if (is_shared(p))
		strbuf_adds(out, "       Flags: shared\n");
	strbuf_printf(out,
	              "       IPSec Profile: \"%s\"\n"
	              "       Socket State: %s\n"
	              "       Client: \"TUNNEL SEC\" (Client State: Active)\n",
	              profile_of(p), crypto_peer_current(peer) ? "Open" : "Closed");
}

/* The next tunnel that is protected, with its profile. */
static bool next_listener(const struct show_query *q, size_t *cursor, struct interface_view *ret)
{
	while (query_interface_next(q, cursor, ret))
		if (ret->config && ret->config->tunnel && *ret->config->tunnel->protection.profile)
			return true;
	return false;
}

void show_crypto_sockets_text(const struct show_query *q, struct strbuf *out)
{
	struct crypto_peers peers;
	struct interface_view i;
	size_t cursor = 0;

	query_peers(q, &peers);
	strbuf_printf(out, "\nNumber of Crypto Socket connections %zu\n\n", peers.n);
	for (size_t n = 0; n < peers.n; n++)
		add_socket(q, &peers.peer[n], out);
	query_peers_fini(&peers);
	strbuf_adds(out, "\nCrypto Sockets in Listen state:\n");
	while (next_listener(q, &cursor, &i))
		strbuf_printf(out,
		              "Client: \"TUNNEL SEC\" Profile: \"%s\" Map-name: \"%s-head-0\"\n",
		              i.config->tunnel->protection.profile, i.name);
}

void show_crypto_sockets_json(const struct show_query *q, json_t *answer)
{
	json_t *sockets = show_put_array(answer, "sockets");
	json_t *listeners = show_put_array(answer, "listening");
	struct crypto_peers peers;
	struct interface_view i;
	size_t cursor = 0;

	query_peers(q, &peers);
	for (size_t n = 0; n < peers.n; n++) {
		const struct snap_protection *p = query_protection(q, peers.peer[n].tunnel);
		json_t *o = show_add_object(sockets);

		show_put_tunnel(o, "tunnel", peers.peer[n].tunnel);
		show_put_addr(o, "local", &peers.peer[n].local);
		show_put_addr(o, "remote", &peers.peer[n].remote);
		show_put_string(o, "profile", profile_of(p));
		show_put_bool(o, "shared", is_shared(p));
		show_put_bool(o, "open", crypto_peer_current(&peers.peer[n]) != NULL);
	}
	query_peers_fini(&peers);
	while (next_listener(q, &cursor, &i)) {
		json_t *o = show_add_object(listeners);

		show_put_string(o, "tunnel", i.name);
		show_put_string(o, "profile", i.config->tunnel->protection.profile);
		show_put_bool(o, "shared", i.config->tunnel->protection.shared);
	}
}
