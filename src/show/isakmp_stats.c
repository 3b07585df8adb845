/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show crypto isakmp stats` (ours): what IKE has done and which messages it has dropped, and
 * `show crypto isakmp diagnose error`: the latest failures, each with the line that would help.
 */
#include "show/json.h"
#include "show/query_crypto.h"
#include "show/words.h"

static const struct node *node_of(const struct show_query *q)
{
	return q->source->node(q->source->ctx);
}

static void add_count(struct strbuf *out, unsigned long long n, const char *text)
{
	strbuf_printf(out, "%12llu  %s\n", n, text);
}

void show_isakmp_stats_text(const struct show_query *q, struct strbuf *out)
{
	struct ike_counters c;

	node_ike_counters(node_of(q), &c);
	strbuf_adds(out, "IKE:\n");
	add_count(out, c.n_sas, "IKE SAs");
	add_count(out, c.n_half_open, "of them not authenticated yet");
	add_count(out, c.sent, "messages sent");
	add_count(out, c.retransmitted, "of them again");
	add_count(out, c.received, "messages received");
	add_count(out, c.main_mode_done, "main modes done");
	add_count(out, c.quick_mode_done, "quick modes done");
	add_count(out, c.failed, "exchanges failed");
	strbuf_adds(out, "  Messages dropped:\n");
	for (int i = IKE_DROP_NONE + 1; i < IKE_DROPS_N; i++)
		add_count(out, c.drops[i], ike_drop_text((enum ike_drop)i));
}

void show_isakmp_stats_json(const struct show_query *q, json_t *answer)
{
	struct ike_counters c;

	node_ike_counters(node_of(q), &c);
	show_put_u64(answer, "sas", c.n_sas);
	show_put_u64(answer, "half_open", c.n_half_open);
	show_put_u64(answer, "messages_sent", c.sent);
	show_put_u64(answer, "messages_retransmitted", c.retransmitted);
	show_put_u64(answer, "messages_received", c.received);
	show_put_u64(answer, "main_modes_done", c.main_mode_done);
	show_put_u64(answer, "quick_modes_done", c.quick_mode_done);
	show_put_u64(answer, "exchanges_failed", c.failed);
	show_put_ike_drops(node_of(q), answer, "drops");
}

/* ---- failures ---- */

static int64_t age_s(const struct show_query *q, const struct ike_failure_view *f)
{
	const struct now now = q->source->now(q->source->ctx);

	return now.wall_ms > f->wall_ms ? (now.wall_ms - f->wall_ms) / 1000 : 0;
}

static void add_failure(const struct show_query *q, const struct ike_failure_view *f,
                        struct strbuf *out)
{
	char peer[ADDR_TEXT_LEN], age[SHOW_TIME_SIZE];

	strbuf_printf(out, "\nError(%u): %s\n   Peer: %s, %s ago\n", f->count, f->text,
	              words_addr(&f->peer, peer), show_time(age_s(q, f), age));
	if (f->advice)
		strbuf_printf(out, "   Configure: %s\n", f->advice);
}

void show_isakmp_error_text(const struct show_query *q, struct strbuf *out)
{
	struct node_cursor cursor = { 0 };
	struct ike_failure_view f;
	struct ike_counters c;
	unsigned n = 0;

	node_ike_counters(node_of(q), &c);
	while (node_ike_failure_next(node_of(q), &cursor, &f))
		n++;
	strbuf_printf(out,
	              "Exit Path Table - status: enable, current entry %u, deleted %llu, "
	              "max allow %d\n",
	              n, (unsigned long long)c.failures_dropped, IKE_FAILURES_KEPT);
	cursor = (struct node_cursor){ 0 };
	while (node_ike_failure_next(node_of(q), &cursor, &f))
		add_failure(q, &f, out);
}

void show_isakmp_error_json(const struct show_query *q, json_t *answer)
{
	struct node_cursor cursor = { 0 };
	struct ike_failure_view f;
	struct ike_counters c;

	node_ike_counters(node_of(q), &c);
	show_put_u64(answer, "deleted", c.failures_dropped);
	show_put_u64(answer, "kept_at_most", IKE_FAILURES_KEPT);
	json_t *array = show_put_array(answer, "errors");
	while (node_ike_failure_next(node_of(q), &cursor, &f)) {
		json_t *o = show_add_object(array);

		show_put_addr(o, "peer", &f.peer);
		show_put_string(o, "text", f.text);
		show_put_string(o, "advice", f.advice);
		show_put_u64(o, "count", f.count);
		show_put_seconds(o, "age_s", age_s(q, &f));
	}
}
