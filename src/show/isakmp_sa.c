/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show crypto isakmp sa`: IKE SAs of both families, each under its heading: parsers want both.
 * dst is the responder, src the initiator.
 */
#include <stdio.h>

#include "show/json.h"
#include "show/query_crypto.h"
#include "show/words.h"
#include "show/words_crypto.h"

enum { CONN_ID_BASE = 1000, COOKIE_SIZE = 17 };

static bool is_agreed(const struct ike_sa_view *sa)
{
	return sa->state != IKE_MM_NO_STATE;
}

static const char *status(const struct ike_sa_view *sa)
{
	return sa->deleted ? "ACTIVE (deleted)" : "ACTIVE";
}

static void add_v4(const struct ike_sas *sas, struct strbuf *out)
{
	char dst[ADDR_TEXT_LEN], src[ADDR_TEXT_LEN];

	strbuf_adds(out, "IPv4 Crypto ISAKMP SA\n"
	                 "dst             src             state          conn-id status\n");
	for (size_t i = 0; i < sas->n; i++) {
		const struct ike_sa_view *sa = &sas->sa[i];

		if (sa->remote.family == ADDR_V6)
			continue;
		strbuf_printf(out, "%-15s %-15s %-14s %7u %s\n",
		              words_addr(sa->initiator ? &sa->remote : &sa->local, dst),
		              words_addr(sa->initiator ? &sa->local : &sa->remote, src),
		              ike_state_text(sa->state), sa->id, status(sa));
	}
	strbuf_addc(out, '\n');
}

static void add_v6(const struct ike_sas *sas, struct strbuf *out)
{
	char dst[ADDR_TEXT_LEN], src[ADDR_TEXT_LEN];

	strbuf_adds(out, "IPv6 Crypto ISAKMP SA\n\n");
	for (size_t i = 0; i < sas->n; i++) {
		const struct ike_sa_view *sa = &sas->sa[i];

		if (sa->remote.family != ADDR_V6)
			continue;
		strbuf_printf(out, " dst: %s\n src: %s\n state: %-14s  conn-id: %6u status: %s\n\n",
		              words_addr(sa->initiator ? &sa->remote : &sa->local, dst),
		              words_addr(sa->initiator ? &sa->local : &sa->remote, src),
		              ike_state_text(sa->state), sa->id, status(sa));
	}
}

void show_isakmp_sa_text(const struct show_query *q, struct strbuf *out)
{
	struct ike_sas sas;

	query_ike_sas(q, &sas);
	add_v4(&sas, out);
	add_v6(&sas, out);
	query_ike_sas_fini(&sas);
}

/* ---- detail ---- */

static void add_row(const struct show_query *q, const struct ike_sa_view *sa, struct strbuf *out)
{
	const bool agreed = is_agreed(sa);
	char local[ADDR_TEXT_LEN], remote[ADDR_TEXT_LEN], lifetime[WORDS_CLOCK_SIZE];
	char capabilities[WORDS_CAPABILITIES_SIZE];

	strbuf_printf(out, "%-5u %-15s %-15s %-6s %-6s ", sa->id, words_addr(&sa->local, local),
	              words_addr(&sa->remote, remote), "", sa->deleted ? "" : "ACTIVE");
	strbuf_printf(out, "%-4s %-6s %-4s %-2u ", agreed ? words_cipher_short(sa->cipher) : "",
	              agreed ? hash_algorithm(sa->hash)->name : "",
	              agreed ? words_auth_short(sa->auth) : "", agreed ? sa->group : 0);
	strbuf_printf(out, "%-8s %-4s\n       Engine-id:Conn-id =  SW:%u\n\n",
	              words_clock(query_left_s(q, sa->expires), lifetime),
	              words_capabilities(sa, capabilities),
	              sa->id > CONN_ID_BASE ? sa->id - CONN_ID_BASE : sa->id);
}

static void add_family(const struct show_query *q, const struct ike_sas *sas,
                       enum addr_family family, struct strbuf *out)
{
	for (size_t i = 0; i < sas->n; i++)
		if (sas->sa[i].remote.family == family)
			add_row(q, &sas->sa[i], out);
}

void show_isakmp_sa_detail_text(const struct show_query *q, struct strbuf *out)
{
	struct ike_sas sas;

	query_ike_sas(q, &sas);
	strbuf_adds(out, "Codes: C - IKE configuration mode, D - Dead Peer Detection\n"
	                 "       K - Keepalives, N - NAT-traversal\n"
	                 "       T - cTCP encapsulation, X - IKE Extended Authentication\n"
	                 "       psk - Preshared key, rsig - RSA signature\n"
	                 "       renc - RSA encryption\n"
	                 "IPv4 Crypto ISAKMP SA\n\n"
	                 "C-id  Local           Remote          I-VRF  Status Encr Hash   "
	                 "Auth DH Lifetime Cap.\n\n");
	add_family(q, &sas, ADDR_V4, out);
	strbuf_adds(out, "IPv6 Crypto ISAKMP SA\n\n");
	add_family(q, &sas, ADDR_V6, out);
	query_ike_sas_fini(&sas);
}

/* ---- JSON ---- */

static void put_cookie(json_t *o, const char *key, uint64_t cookie)
{
	char text[COOKIE_SIZE];

	snprintf(text, sizeof text, "%016llX", (unsigned long long)cookie);
	show_put_string(o, key, text);
}

static void put_policy(json_t *o, const struct ike_sa_view *sa)
{
	const bool agreed = is_agreed(sa);

	show_put_string(o, "encryption", agreed ? cipher_algorithm(sa->cipher)->name : NULL);
	show_put_string(o, "hash", agreed ? hash_algorithm(sa->hash)->name : NULL);
	show_put_string(o, "authentication", agreed ? words_auth(sa->auth) : NULL);
	if (agreed)
		show_put_u64(o, "group", sa->group);
	else
		show_put_null(o, "group");
}

static void put_sa(const struct show_query *q, json_t *o, const struct ike_sa_view *sa)
{
	char id[ADDR_TEXT_LEN];

	show_put_u64(o, "conn_id", sa->id);
	show_put_addr(o, "local", &sa->local);
	show_put_u64(o, "local_port", sa->local_port);
	show_put_addr(o, "remote", &sa->remote);
	show_put_u64(o, "remote_port", sa->remote_port);
	show_put_string(o, "state", ike_state_text(sa->state));
	show_put_bool(o, "deleted", sa->deleted);
	show_put_bool(o, "initiator", sa->initiator);
	put_policy(o, sa);
	show_put_string(o, "peer_identity", words_identity(sa, id));
	show_put_bool(o, "dead_peer_detection", sa->has_dpd);
	show_put_bool(o, "behind_nat", sa->behind_nat);
	show_put_bool(o, "peer_behind_nat", sa->peer_behind_nat);
	show_put_seconds(o, "lifetime_left_s", query_left_s(q, sa->expires));
	put_cookie(o, "initiator_cookie", sa->icookie);
	put_cookie(o, "responder_cookie", sa->rcookie);
}

void show_isakmp_sa_json(const struct show_query *q, json_t *answer)
{
	json_t *array = show_put_array(answer, "sas");
	struct ike_sas sas;

	query_ike_sas(q, &sas);
	for (size_t i = 0; i < sas.n; i++)
		put_sa(q, show_add_object(array), &sas.sa[i]);
	query_ike_sas_fini(&sas);
}
