/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show crypto session [detail | brief]`: what stands between this router and each peer. A peer
 * with an IKE SA and no pair of IPsec SAs has a session too.
 */
#include "show/crypto_session.h"

#include <stdio.h>
#include <string.h>

#include "show/json.h"
#include "show/words.h"
#include "show/words_crypto.h"

enum { LETTERS_SIZE = 3 };

const char *session_peer_id(const struct crypto_peer *peer, char buf[static ADDR_TEXT_LEN])
{
	const struct ike_sa_view *sa = crypto_peer_sa(peer);
	const char *id = sa ? words_identity(sa, buf) : NULL;

	return id ? id : "(none)";
}

static void add_ike_sa(const struct show_query *q, const struct ike_sa_view *sa, struct strbuf *out)
{
	const bool active = sa->state == IKE_QM_IDLE && !sa->deleted;
	const bool detail = q->request->what != SHOW_CRYPTO_SESSION;
	char local[ADDR_TEXT_LEN], remote[ADDR_TEXT_LEN], lifetime[WORDS_CLOCK_SIZE];
	char capabilities[WORDS_CAPABILITIES_SIZE];

	strbuf_printf(out, "  Session ID: 0  \n  IKEv1 SA: local %s/%u remote %s/%u %s \n",
	              words_addr(&sa->local, local), sa->local_port,
	              words_addr(&sa->remote, remote), sa->remote_port,
	              active ? "Active" : "Inactive");
	if (!detail)
		return;
	words_capabilities(sa, capabilities);
	strbuf_printf(out, "          Capabilities:%s connid:%u lifetime:%s\n",
	              *capabilities ? capabilities : "(none)", sa->id,
	              words_clock(query_left_s(q, sa->expires), lifetime));
}

void session_add_ike(const struct show_query *q, const struct crypto_peer *peer, struct strbuf *out)
{
	for (size_t i = peer->n_sas; i-- > 0;)
		add_ike_sa(q, &peer->sa[i], out);
}

static void add_life(const struct show_query *q, const struct crypto_pair *pair, bool outbound,
                     struct strbuf *out)
{
	if (!pair) {
		strbuf_adds(out, "0/0\n");
		return;
	}
	const int64_t left_kb = crypto_left_kb(&pair->view, outbound ? &pair->out : &pair->in);
	if (left_kb < 0)
		strbuf_adds(out, "KB Vol Rekey Disabled");
	else
		strbuf_printf(out, "%lld", (long long)left_kb);
	strbuf_printf(out, "/%lld\n", (long long)query_left_s(q, pair->view.expires));
}

void session_add_flow(const struct show_query *q, const struct crypto_peer *peer,
                      bool with_counters, struct strbuf *out)
{
	const struct crypto_pair *current = crypto_peer_current(peer);
	char local[ADDR_TEXT_LEN], remote[ADDR_TEXT_LEN];

	strbuf_printf(out,
	              "  IPSEC FLOW: permit 47 host %s host %s \n"
	              "        Active SAs: %zu, origin: crypto map\n",
	              words_addr(&peer->local, local), words_addr(&peer->remote, remote),
	              2 * peer->n_pairs);
	if (!with_counters)
		return;
	strbuf_printf(out, "        Inbound:  #pkts dec'ed %llu drop %llu life (KB/Sec) ",
	              (unsigned long long)crypto_peer_packets(peer, false),
	              (unsigned long long)crypto_peer_drops(peer, false));
	add_life(q, current, false, out);
	strbuf_printf(out, "        Outbound: #pkts enc'ed %llu drop %llu life (KB/Sec) ",
	              (unsigned long long)crypto_peer_packets(peer, true),
	              (unsigned long long)crypto_peer_drops(peer, true));
	add_life(q, current, true, out);
}

/* The ISAKMP profile that its tunnel asks for, or NULL. */
static const char *isakmp_profile(const struct show_query *q, const struct crypto_peer *peer)
{
	const struct snapshot *running = q->source->running(q->source->ctx);
	const struct snap_protection *p =
		peer->has_tunnel ? query_protection(q, peer->tunnel) : NULL;
	const struct snap_ipsec_profile *profile =
		p ? snap_ipsec_profile(&running->crypto, p->profile) : NULL;

	return profile && *profile->isakmp_profile ? profile->isakmp_profile : NULL;
}

static void add_head(const struct show_query *q, const struct crypto_peer *peer, struct strbuf *out)
{
	const bool detail = q->request->what == SHOW_CRYPTO_SESSION_DETAIL;
	const int64_t uptime_s = crypto_peer_uptime_s(q, peer);
	const char *profile = isakmp_profile(q, peer);
	char tunnel[WORDS_NAME_SIZE], remote[ADDR_TEXT_LEN], time[SHOW_TIME_SIZE];
	char id[ADDR_TEXT_LEN];

	strbuf_printf(out, "Interface: %s\n",
	              peer->has_tunnel ? words_tunnel(peer->tunnel, tunnel) : "(none)");
	if (profile)
		strbuf_printf(out, "Profile: %s\n", profile);
	if (detail && uptime_s >= 0)
		strbuf_printf(out, "Uptime: %s\n", show_time(uptime_s, time));
	strbuf_printf(out, "Session status: %s     \n", words_session(peer));
	strbuf_printf(out, "Peer: %s port %u ", words_addr(&peer->at, remote),
	              crypto_peer_port(peer));
	if (!detail) {
		strbuf_addc(out, '\n');
		return;
	}
	strbuf_adds(out, "fvrf: (none) ivrf: (none)\n");
	strbuf_printf(out, "      Phase1_id: %s\n      Desc: (none)\n", session_peer_id(peer, id));
}

static void add_session(const struct show_query *q, const struct crypto_peer *peer,
                        struct strbuf *out)
{
	add_head(q, peer, out);
	session_add_ike(q, peer, out);
	if (peer->wanted || peer->n_pairs)
		session_add_flow(q, peer, q->request->what == SHOW_CRYPTO_SESSION_DETAIL, out);
	strbuf_addc(out, '\n');
}

static void add_legend(struct strbuf *out)
{
	strbuf_adds(out, "Code: C - IKE Configuration mode, D - Dead Peer Detection     \n"
	                 "K - Keepalives, N - NAT-traversal, T - cTCP encapsulation     \n"
	                 "X - IKE Extended Authentication, F - IKE Fragmentation\n"
	                 "R - IKE Auto Reconnect, U - IKE Dynamic Route Update\n"
	                 "S - SIP VPN\n\n");
}

/* What each command does with a session. */
typedef void session_fn(const struct show_query *q, const struct crypto_peer *peer, void *ctx);

static void each_session(const struct show_query *q, session_fn *each, void *ctx)
{
	struct crypto_peers peers;

	query_sessions(q, &peers);
	for (size_t i = 0; i < peers.n; i++)
		each(q, &peers.peer[i], ctx);
	query_peers_fini(&peers);
}

static void add_each(const struct show_query *q, const struct crypto_peer *peer, void *ctx)
{
	add_session(q, peer, ctx);
}

void show_crypto_session_text(const struct show_query *q, struct strbuf *out)
{
	strbuf_adds(out, "Crypto session current status\n\n");
	if (q->request->what == SHOW_CRYPTO_SESSION_DETAIL)
		add_legend(out);
	each_session(q, add_each, out);
}

/* ---- brief ---- */

/* "UA" for UP-ACTIVE, "DN" for DOWN-NEGOTIATING, "UK" for UP-NO-IKE. */
static const char *status_letters(const char *status, char buf[static LETTERS_SIZE])
{
	const char *dash = strchr(status, '-');

	snprintf(buf, LETTERS_SIZE, "%c%s", status[0],
	         !dash                          ? ""
	         : strcmp(dash, "-ACTIVE") == 0 ? "A"
	         : strcmp(dash, "-IDLE") == 0   ? "I"
	         : strcmp(dash, "-NO-IKE") == 0 ? "K"
	                                        : "N");
	return buf;
}

static void add_brief(const struct show_query *q, const struct crypto_peer *peer, void *ctx)
{
	struct strbuf *out = ctx;
	const struct ike_sa_view *sa = crypto_peer_sa(peer);
	const int64_t uptime_s = crypto_peer_uptime_s(q, peer);
	char tunnel[WORDS_NAME_SIZE], brief[WORDS_NAME_SIZE], remote[ADDR_TEXT_LEN];
	char buf[ADDR_TEXT_LEN], time[SHOW_TIME_SIZE], letters[LETTERS_SIZE];
	const char *id = sa ? words_identity(sa, buf) : NULL;

	strbuf_printf(out, "%-15s %-12s %-15s %-24s ", words_addr(&peer->at, remote),
	              peer->has_tunnel
	                      ? words_interface_short(words_tunnel(peer->tunnel, tunnel), brief)
	                      : "(none)",
	              "", id ? id : "");
	strbuf_printf(out, "%-8s %-6s\n", uptime_s < 0 ? "" : show_time(uptime_s, time),
	              status_letters(words_session(peer), letters));
}

void show_crypto_session_brief_text(const struct show_query *q, struct strbuf *out)
{
	strbuf_adds(out, "Status: A- Active, U - Up, D - Down, I - Idle, S - Standby, "
	                 "N - Negotiating \n"
	                 "        K - No IKE\n"
	                 "ivrf = (none)\n");
	strbuf_printf(out, "%-15s %-12s %-15s %-24s %-8s %-6s\n", "Peer", "I/F", "Username",
	              "Group/Phase1_id", "Uptime", "Status");
	each_session(q, add_brief, out);
}

/* ---- JSON ---- */

static void put_ike(const struct show_query *q, json_t *session, const struct crypto_peer *peer)
{
	json_t *array = show_put_array(session, "ike");

	for (size_t i = peer->n_sas; i-- > 0;) {
		const struct ike_sa_view *sa = &peer->sa[i];
		json_t *o = show_add_object(array);

		show_put_u64(o, "conn_id", sa->id);
		show_put_string(o, "state", ike_state_text(sa->state));
		show_put_bool(o, "active", sa->state == IKE_QM_IDLE && !sa->deleted);
		show_put_u64(o, "local_port", sa->local_port);
		show_put_u64(o, "remote_port", sa->remote_port);
		show_put_bool(o, "dead_peer_detection", sa->has_dpd);
		show_put_bool(o, "nat_traversal", sa->behind_nat || sa->peer_behind_nat);
		show_put_seconds(o, "lifetime_left_s", query_left_s(q, sa->expires));
	}
}

static void put_flow(const struct show_query *q, json_t *o, const struct crypto_peer *peer)
{
	const struct crypto_pair *current = crypto_peer_current(peer);

	show_put_u64(o, "active_sas", 2 * peer->n_pairs);
	show_put_u64(o, "packets_opened", crypto_peer_packets(peer, false));
	show_put_u64(o, "packets_sealed", crypto_peer_packets(peer, true));
	show_put_u64(o, "drops_in", crypto_peer_drops(peer, false));
	show_put_u64(o, "drops_out", crypto_peer_drops(peer, true));
	show_put_seconds(o, "lifetime_left_s",
	                 current ? query_left_s(q, current->view.expires) : -1);
	show_put_seconds(o, "lifetime_left_kb_in",
	                 current ? crypto_left_kb(&current->view, &current->in) : -1);
	show_put_seconds(o, "lifetime_left_kb_out",
	                 current ? crypto_left_kb(&current->view, &current->out) : -1);
}

void session_put(const struct show_query *q, json_t *sessions, const struct crypto_peer *peer)
{
	const struct ike_sa_view *sa = crypto_peer_sa(peer);
	json_t *o = show_add_object(sessions);
	char id[ADDR_TEXT_LEN];

	if (peer->has_tunnel)
		show_put_tunnel(o, "tunnel", peer->tunnel);
	else
		show_put_null(o, "tunnel");
	show_put_string(o, "isakmp_profile", isakmp_profile(q, peer));
	show_put_string(o, "status", words_session(peer));
	show_put_seconds(o, "uptime_s", crypto_peer_uptime_s(q, peer));
	show_put_addr(o, "local", &peer->local);
	show_put_addr(o, "peer", &peer->at);
	show_put_addr(o, "peer_nbma", &peer->remote);
	show_put_u64(o, "peer_port", crypto_peer_port(peer));
	show_put_string(o, "peer_identity", sa ? words_identity(sa, id) : NULL);
	put_ike(q, o, peer);
	if (peer->wanted || peer->n_pairs)
		put_flow(q, show_put_object(o, "flow"), peer);
	else
		show_put_null(o, "flow");
}

static void put_each(const struct show_query *q, const struct crypto_peer *peer, void *ctx)
{
	session_put(q, ctx, peer);
}

void show_crypto_session_json(const struct show_query *q, json_t *answer)
{
	each_session(q, put_each, show_put_array(answer, "sessions"));
}
