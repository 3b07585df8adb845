/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show ip nhrp nhs [detail]`: the next hop servers that this router registers with. Parsers count
 * a line only when it has "NBMA Address:", so every line has it.
 */
#include <string.h>

#include "show/json.h"
#include "show/query_crypto.h"
#include "show/words.h"

static void add_nhs(const struct nhs_view *n, int width, struct strbuf *out)
{
	char address[ADDR_TEXT_LEN], nbma[ADDR_TEXT_LEN], state[NHS_STATE_SIZE];

	strbuf_printf(out, "%-*s  %s  NBMA Address: %s priority = %u cluster = %u", width,
	              words_addr(&n->address, address), words_nhs_state(n, state),
	              words_addr(&n->nbma, nbma), n->priority, n->cluster);
}

static void add_nhs_detail(const struct show_query *q, const struct nhs_view *n, struct strbuf *out)
{
	char ago[SHOW_TIME_SIZE];

	strbuf_printf(out, "  req-sent %u  req-failed %u  repl-recv %u", n->requests_sent,
	              n->requests_failed, n->replies_received);
	if (!mono_is_never(n->last_reply))
		strbuf_printf(out, " (%s ago)", show_time(query_age_s(q, n->last_reply), ago));
	strbuf_printf(out, "\n Current Request ID: %u", n->request_id);
	if (n->request_id_acked)
		strbuf_printf(out, " (Ack: %u)", n->request_id_acked);
	strbuf_printf(out, "\n Protection Socket Requested: %s",
	              query_protection(q, n->tunnel) ? "TRUE" : "FALSE");
}

static int address_width(const struct nhs_list *list)
{
	char text[ADDR_TEXT_LEN];
	size_t width = 0;

	for (size_t i = 0; i < list->n; i++) {
		size_t len = strlen(words_addr(&list->nhs[i].address, text));

		if (len > width)
			width = len;
	}
	return (int)width;
}

static void add_tunnel(const struct show_query *q, uint32_t tunnel, bool detail, struct strbuf *out)
{
	struct nhs_list list;
	char name[WORDS_NAME_SIZE];

	query_tunnel_nhs(q, tunnel, &list);
	if (list.n)
		strbuf_printf(out, "%s:\n", words_tunnel(tunnel, name));
	int width = address_width(&list);
	for (size_t i = 0; i < list.n; i++) {
		add_nhs(&list.nhs[i], width, out);
		if (detail)
			add_nhs_detail(q, &list.nhs[i], out);
		strbuf_addc(out, '\n');
	}
	query_nhs_fini(&list);
}

static void add_tunnels(const struct show_query *q, bool detail, struct strbuf *out)
{
	struct node_cursor cursor = { 0 };
	struct nhrp_tunnel_view t;

	strbuf_adds(out, "Legend: E=Expecting replies, R=Responding, W=Waiting, D=Dynamic\n");
	while (query_tunnel_next(q, &cursor, &t))
		add_tunnel(q, t.tunnel, detail, out);
}

static void add_pending(const struct nhs_list *list, struct strbuf *out)
{
	char address[ADDR_TEXT_LEN], name[WORDS_NAME_SIZE], brief[WORDS_NAME_SIZE];

	for (size_t i = 0; i < list->n; i++) {
		const struct nhs_view *n = &list->nhs[i];

		if (n->pending)
			strbuf_printf(
				out,
				"Registration Request: Reqid %u, Ret %u  NHS %s expired (%s)\n",
				n->request_id, n->retransmit_s, words_addr(&n->address, address),
				words_interface_short(words_tunnel(n->tunnel, name), brief));
	}
}

void show_nhs_text(const struct show_query *q, struct strbuf *out)
{
	add_tunnels(q, false, out);
}

void show_nhs_detail_text(const struct show_query *q, struct strbuf *out)
{
	struct node_cursor cursor = { 0 };
	struct nhrp_tunnel_view t;
	struct nhs_list list;

	add_tunnels(q, true, out);
	strbuf_adds(out, "\nPending Registration Requests:\n");
	while (query_tunnel_next(q, &cursor, &t)) {
		query_tunnel_nhs(q, t.tunnel, &list);
		add_pending(&list, out);
		query_nhs_fini(&list);
	}
}

static void put_nhs(const struct show_query *q, json_t *array, const struct nhs_view *n)
{
	json_t *o = show_add_object(array);

	show_put_tunnel(o, "tunnel", n->tunnel);
	show_put_addr(o, "address", &n->address);
	show_put_addr(o, "nbma_address", &n->nbma);
	show_put_string(o, "nbma_name", n->fqdn);
	show_put_bool(o, "expecting_replies", n->expecting);
	show_put_bool(o, "responding", n->responding);
	show_put_bool(o, "waiting", n->waiting);
	show_put_bool(o, "dynamic", n->dynamic);
	show_put_u64(o, "priority", n->priority);
	show_put_u64(o, "cluster", n->cluster);
	show_put_u64(o, "requests_sent", n->requests_sent);
	show_put_u64(o, "requests_failed", n->requests_failed);
	show_put_u64(o, "replies_received", n->replies_received);
	show_put_seconds(o, "last_reply_age_s",
	                 mono_is_never(n->last_reply) ? -1 : query_age_s(q, n->last_reply));
	show_put_u64(o, "request_id", n->request_id);
	show_put_u64(o, "request_id_acknowledged", n->request_id_acked);
	show_put_bool(o, "protection_requested", query_protection(q, n->tunnel) != NULL);
	show_put_bool(o, "request_pending", n->pending);
	show_put_seconds(o, "retransmit_s", n->pending ? (int64_t)n->retransmit_s : -1);
}

void show_nhs_json(const struct show_query *q, json_t *answer)
{
	json_t *array = show_put_array(answer, "servers");
	struct node_cursor cursor = { 0 };
	struct nhrp_tunnel_view t;
	struct nhs_list list;

	while (query_tunnel_next(q, &cursor, &t)) {
		query_tunnel_nhs(q, t.tunnel, &list);
		for (size_t i = 0; i < list.n; i++)
			put_nhs(q, array, &list.nhs[i]);
		query_nhs_fini(&list);
	}
}
