/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open questions, by cookie. One for a packet keeps the packet's bytes: what is parsed points into
 * them, so they are parsed again. The caller answers every question, so their number is bounded by
 * what one turn of it brings; NHRP_QUESTIONS_MAX is there for one that does not.
 */
#include "nhrp/route.h"

#include <string.h>

#include "nhrp/answer.h"
#include "nhrp/cache.h"
#include "nhrp/out.h"
#include "nhrp/shortcut.h"
#include "nhrp/tunnel.h"
#include "util/memory.h"

struct nhrp_question {
	UT_hash_handle hh;
	uint32_t cookie;
	struct nhrp_entry_key entry; /* of an entry's; else only its tunnel */
	struct addr from, to;        /* of a packet */
	size_t len;                  /* 0: an entry's */
	uint8_t bytes[];
};

static struct nhrp_question *ask(struct nhrp *n, const struct addr *to, size_t len)
{
	if (HASH_COUNT(n->questions) >= NHRP_QUESTIONS_MAX)
		return NULL;
	struct node_action *action = nhrp_out_action(n, NODE_FIND_ROUTE);
	if (!action)
		return NULL;
	struct nhrp_question *q = memory_new(1, sizeof *q + len);
	q->cookie = ++n->next_cookie;
	q->len = len;
	action->route.cookie = q->cookie;
	action->route.to = prefix_host(to);
	HASH_ADD(hh, n->questions, cookie, sizeof q->cookie, q);
	return q;
}

void nhrp_route_ask_entry(struct nhrp *n, struct nhrp_entry *e, const struct addr *to)
{
	if (e->asked)
		return;
	struct nhrp_question *q = ask(n, to, 0);
	if (!q)
		return;
	e->asked = true;
	q->entry = e->key;
}

void nhrp_route_ask_packet(struct nhrp *n, const struct nhrp_received *rx, const struct addr *to)
{
	struct nhrp_question *q = rx->bytes ? ask(n, to, rx->len) : NULL;

	if (!q) {
		nhrp_out_drop(n, rx, DROP_ROUTE_BUSY);
		return;
	}
	q->entry.tunnel = rx->tunnel->number;
	q->from = rx->from;
	q->to = rx->to;
	memcpy(q->bytes, rx->bytes, rx->len);
}

static void answer_packet(struct nhrp *n, const struct nhrp_question *q,
                          const struct nhrp_route *route)
{
	struct nhrp_received rx = { .tunnel = nhrp_tunnel_find(n, q->entry.tunnel),
		                    .from = q->from,
		                    .to = q->to,
		                    .len = q->len };

	if (!rx.tunnel || !rx.tunnel->up || nhrp_parse(q->bytes, q->len, &rx.packet))
		return;
	rx.bytes = nhrp_out_keep(n, q->bytes, q->len);
	rx.parsed = q->bytes;
	nhrp_answer_routed(n, &rx, route);
}

void nhrp_route_answer(struct nhrp *n, const struct node_event *event)
{
	struct nhrp_tunnel *t =
		event->route.by_tunnel ? nhrp_tunnel_find(n, event->route.tunnel) : NULL;
	const struct nhrp_route route = { .found = event->route.found,
		                          .to = prefix_network(&event->route.to),
		                          .tunnel = t && t->running ? t : NULL,
		                          .via = event->route.via };
	struct nhrp_question *q;

	HASH_FIND(hh, n->questions, &event->route.cookie, sizeof event->route.cookie, q);
	if (!q)
		return;
	HASH_DEL(n->questions, q);
	struct nhrp_entry *e =
		q->len ? NULL : nhrp_cache_find(n, q->entry.tunnel, &q->entry.target);
	if (q->len)
		answer_packet(n, q, &route);
	else if (e && e->asked)
		nhrp_shortcut_routed(n, e, &route);
	free(q);
}

void nhrp_route_fini(struct nhrp *n)
{
	struct nhrp_question *q, *next;

	HASH_ITER (hh, n->questions, q, next) {
		HASH_DEL(n->questions, q);
		free(q);
	}
}
