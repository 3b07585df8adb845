/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show drops`: every reason for which a packet is thrown away, with its count: the data plane's
 * per tunnel and of no tunnel, NHRP's per tunnel and before a tunnel was known, and IKE's messages,
 * which are of no tunnel. The rows are those of the X-macros. At the end, what the kernel refused
 * to be told.
 */
#include "show/json.h"
#include "show/query.h"
#include "show/words.h"

static void add_row(struct strbuf *out, uint64_t n, const char *text)
{
	strbuf_printf(out, "%12llu  %s\n", (unsigned long long)n, text);
}

static void add_data_plane(const struct show_query *q, uint32_t tunnel, struct strbuf *out)
{
	struct dp_counters c;

	if (!q->source->tunnel_counters(q->source->ctx, tunnel, &c))
		return;
	strbuf_adds(out, "  Data plane:\n");
	for (int i = 0; i < DP_DROPS_N; i++)
		add_row(out, c.drops[i], dp_drop_text((enum dp_drop)i));
}

static void add_nhrp(const struct nhrp_traffic *traffic, struct strbuf *out)
{
	strbuf_adds(out, "  NHRP:\n");
	for (int i = DROP_NONE + 1; i < NODE_DROPS_N; i++)
		add_row(out, traffic->drops[i], node_drop_text((enum node_drop)i));
	strbuf_adds(out, "  NHRP, malformed:\n");
	for (int i = NHRP_WIRE_OK + 1; i < NHRP_WIRE_ERRORS_N; i++)
		add_row(out, traffic->malformed[i], nhrp_wire_error_text((enum nhrp_wire_error)i));
}

static void add_global(const struct show_query *q, struct strbuf *out)
{
	const struct node *node = q->source->node(q->source->ctx);
	struct program_view program;
	struct ike_counters ike;

	strbuf_adds(out, "No tunnel:\n");
	add_data_plane(q, DP_NO_TUNNEL, out);
	strbuf_adds(out, "  NHRP:\n");
	for (int i = DROP_NONE + 1; i < NODE_DROPS_N; i++)
		add_row(out, node_drops(node, (enum node_drop)i),
		        node_drop_text((enum node_drop)i));
	node_ike_counters(node, &ike);
	strbuf_adds(out, "  IKE:\n");
	for (int i = IKE_DROP_NONE + 1; i < IKE_DROPS_N; i++)
		add_row(out, ike.drops[i], ike_drop_text((enum ike_drop)i));
	q->source->program(q->source->ctx, &program);
	strbuf_adds(out, "  Refused by the kernel:\n");
	add_row(out, program.neighbours_refused, "neighbours of tunnels");
	add_row(out, program.routes_refused, "routes of shortcuts");
}

/* The tunnel's NHRP counters; false when it runs no NHRP. */
static bool find_nhrp(const struct show_query *q, uint32_t tunnel, struct nhrp_tunnel_view *ret)
{
	struct node_cursor cursor = { 0 };

	while (query_tunnel_next(q, &cursor, ret))
		if (ret->tunnel == tunnel)
			return true;
	return false;
}

static bool tunnel_next(const struct show_query *q, size_t *cursor, struct interface_view *ret)
{
	while (query_interface_next(q, cursor, ret))
		if (ret->config && ret->config->tunnel)
			return true;
	return false;
}

static bool is_narrowed(const struct show_query *q)
{
	return q->request->one_tunnel || q->request->interface;
}

void show_drops_text(const struct show_query *q, struct strbuf *out)
{
	struct interface_view i;
	struct nhrp_tunnel_view t;
	size_t cursor = 0;

	while (tunnel_next(q, &cursor, &i)) {
		uint32_t tunnel = i.config->tunnel->number;

		strbuf_printf(out, "%s:\n", i.name);
		add_data_plane(q, tunnel, out);
		if (find_nhrp(q, tunnel, &t))
			add_nhrp(&t.traffic, out);
	}
	if (!is_narrowed(q))
		add_global(q, out);
}

static void put_data_plane(const struct show_query *q, json_t *o, uint32_t tunnel)
{
	struct dp_counters c;

	if (!q->source->tunnel_counters(q->source->ctx, tunnel, &c)) {
		show_put_null(o, "data_plane");
		return;
	}
	json_t *drops = show_put_object(o, "data_plane");
	for (int i = 0; i < DP_DROPS_N; i++)
		show_put_u64(drops, dp_drop_key((enum dp_drop)i), c.drops[i]);
}

static void put_nhrp(const struct show_query *q, json_t *o, uint32_t tunnel)
{
	struct nhrp_tunnel_view t;

	if (!find_nhrp(q, tunnel, &t)) {
		show_put_null(o, "nhrp");
		show_put_null(o, "nhrp_malformed");
		return;
	}
	json_t *drops = show_put_object(o, "nhrp");
	for (int i = DROP_NONE + 1; i < NODE_DROPS_N; i++)
		show_put_u64(drops, node_drop_key((enum node_drop)i), t.traffic.drops[i]);
	json_t *malformed = show_put_object(o, "nhrp_malformed");
	for (int i = NHRP_WIRE_OK + 1; i < NHRP_WIRE_ERRORS_N; i++)
		show_put_u64(malformed, words_wire_error_key((enum nhrp_wire_error)i),
		             t.traffic.malformed[i]);
}

static void put_global(const struct show_query *q, json_t *o)
{
	const struct node *node = q->source->node(q->source->ctx);
	struct program_view program;

	put_data_plane(q, o, DP_NO_TUNNEL);
	json_t *drops = show_put_object(o, "nhrp");
	for (int i = DROP_NONE + 1; i < NODE_DROPS_N; i++)
		show_put_u64(drops, node_drop_key((enum node_drop)i),
		             node_drops(node, (enum node_drop)i));
	show_put_ike_drops(node, o, "ike");
	q->source->program(q->source->ctx, &program);
	json_t *refused = show_put_object(o, "kernel");
	show_put_u64(refused, "neighbours", program.neighbours_refused);
	show_put_u64(refused, "routes", program.routes_refused);
}

void show_drops_json(const struct show_query *q, json_t *answer)
{
	json_t *array = show_put_array(answer, "tunnels");
	struct interface_view i;
	size_t cursor = 0;

	while (tunnel_next(q, &cursor, &i)) {
		json_t *o = show_add_object(array);

		show_put_string(o, "tunnel", i.name);
		put_data_plane(q, o, i.config->tunnel->number);
		put_nhrp(q, o, i.config->tunnel->number);
	}
	if (is_narrowed(q))
		show_put_null(answer, "no_tunnel");
	else
		put_global(q, show_put_object(answer, "no_tunnel"));
}
