/* SPDX-License-Identifier: Apache-2.0 */
/* `show ip nhrp traffic`: NHRP packets by type, one block a tunnel, exactly three counters a line.
 */
#include "show/json.h"
#include "show/query.h"
#include "show/words.h"

static uint64_t total(const uint64_t by_type[static NHRP_TYPES])
{
	uint64_t sum = 0;

	for (int type = NHRP_RESOLUTION_REQUEST; type < NHRP_TYPES; type++)
		sum += by_type[type];
	return sum;
}

static unsigned usage_percent(const struct nhrp_tunnel_view *t)
{
	return t->max_send_packets ? t->max_send_used * 100U / t->max_send_packets : 0;
}

static void add_line(struct strbuf *out, const uint64_t n[static 3], const char *const name[3])
{
	strbuf_printf(out, "         %llu %s  %llu %s  %llu %s\n", (unsigned long long)n[0],
	              name[0], (unsigned long long)n[1], name[1], (unsigned long long)n[2],
	              name[2]);
}

static void add_direction(struct strbuf *out, const char *word,
                          const uint64_t by_type[static NHRP_TYPES], uint64_t suppressed)
{
	static const char *const resolution[] = { "Resolution Request", "Resolution Reply",
		                                  "Registration Request" };
	static const char *const purge[] = { "Registration Reply", "Purge Request", "Purge Reply" };
	static const char *const indication[] = { "Error Indication", "Traffic Indication",
		                                  "Redirect Suppress" };
	const uint64_t last[] = { by_type[NHRP_ERROR_INDICATION], by_type[NHRP_TRAFFIC_INDICATION],
		                  suppressed };

	/* A suppressed redirect is no packet: it is not in the total. */
	strbuf_printf(out, "   %s: Total %llu\n", word, (unsigned long long)total(by_type));
	add_line(out, &by_type[NHRP_RESOLUTION_REQUEST], resolution);
	add_line(out, &by_type[NHRP_REGISTRATION_REPLY], purge);
	add_line(out, last, indication);
}

void show_nhrp_traffic_text(const struct show_query *q, struct strbuf *out)
{
	struct node_cursor cursor = { 0 };
	struct nhrp_tunnel_view t;
	char name[WORDS_NAME_SIZE];

	while (query_tunnel_next(q, &cursor, &t)) {
		strbuf_printf(out, "%s: Max-send limit:%uPkts/%uSec, Usage:%u%%\n",
		              words_tunnel(t.tunnel, name), t.max_send_packets, t.max_send_every_s,
		              usage_percent(&t));
		add_direction(out, "Sent", t.traffic.sent, t.traffic.redirects_suppressed);
		add_direction(out, "Rcvd", t.traffic.received, 0);
	}
}

static void put_direction(json_t *tunnel, const char *key,
                          const uint64_t by_type[static NHRP_TYPES])
{
	static const char *const name[NHRP_TYPES] = {
		[NHRP_RESOLUTION_REQUEST] = "resolution_request",
		[NHRP_RESOLUTION_REPLY] = "resolution_reply",
		[NHRP_REGISTRATION_REQUEST] = "registration_request",
		[NHRP_REGISTRATION_REPLY] = "registration_reply",
		[NHRP_PURGE_REQUEST] = "purge_request",
		[NHRP_PURGE_REPLY] = "purge_reply",
		[NHRP_ERROR_INDICATION] = "error_indication",
		[NHRP_TRAFFIC_INDICATION] = "traffic_indication",
	};
	json_t *o = show_put_object(tunnel, key);

	show_put_u64(o, "total", total(by_type));
	for (int type = NHRP_RESOLUTION_REQUEST; type < NHRP_TYPES; type++)
		show_put_u64(o, name[type], by_type[type]);
}

void show_nhrp_traffic_json(const struct show_query *q, json_t *answer)
{
	json_t *array = show_put_array(answer, "tunnels");
	struct node_cursor cursor = { 0 };
	struct nhrp_tunnel_view t;

	while (query_tunnel_next(q, &cursor, &t)) {
		json_t *o = show_add_object(array);

		show_put_tunnel(o, "tunnel", t.tunnel);
		show_put_u64(o, "max_send_packets", t.max_send_packets);
		show_put_u64(o, "max_send_every_s", t.max_send_every_s);
		show_put_u64(o, "max_send_used_packets", t.max_send_used);
		show_put_u64(o, "redirects_suppressed", t.traffic.redirects_suppressed);
		put_direction(o, "sent", t.traffic.sent);
		put_direction(o, "received", t.traffic.received);
		put_direction(o, "forwarded", t.traffic.forwarded);
	}
}
