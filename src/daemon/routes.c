/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The node's questions about routes. The kernel's table is read when the first one comes, and
 * followed from then on; a link that changes takes routes with it without a word, so the table is
 * read anew then. The node hears of changes a little later, all of a burst at once.
 *
 * Answers are steps of their own, after the one that asked: daemon_step() carries on with them.
 */
#include <stdlib.h>

#include "daemon/daemon.h"
#include "util/memory.h"

enum { CHANGED_DELAY_MS = 100 /* one look for a burst of changes */ };

static void on_routes_timer(uv_timer_t *timer)
{
	daemon_step(timer->data, &(struct node_event){ .type = NODE_ROUTES_CHANGED });
}

void daemon_start_routes(struct daemon *d)
{
	struct daemon_routes *r = &d->routes;

	r->fib = fib_new();
	r->stale = true;
	uv_timer_init(&d->loop, &r->timer);
	r->timer.data = d;
}

void daemon_forget_routes(struct daemon *d)
{
	fib_free(d->routes.fib);
	d->routes.fib = NULL;
	free(d->routes.question);
	d->routes.question = NULL;
}

static void tell_soon(struct daemon_routes *r)
{
	if (!uv_is_active((uv_handle_t *)&r->timer))
		uv_timer_start(&r->timer, on_routes_timer, CHANGED_DELAY_MS, 0);
}

void daemon_take_route(struct daemon *d, const struct netlink_event *event)
{
	if (!d->routes.stale && fib_take(d->routes.fib, event))
		tell_soon(&d->routes);
}

void daemon_routes_stale(struct daemon *d)
{
	if (d->routes.stale)
		return;
	d->routes.stale = true;
	tell_soon(&d->routes);
}

void daemon_ask_route(struct daemon *d, const struct node_action *a)
{
	struct daemon_routes *r = &d->routes;

	if (r->n == r->room) {
		r->room = r->room ? 2 * r->room : NODE_ACTIONS_MAX;
		r->question = memory_resize(r->question, r->room, sizeof *r->question);
	}
	r->question[r->n++] = (struct daemon_question){ a->route.cookie, a->route.to.addr };
}

static void take(void *ctx, const struct netlink_event *event)
{
	fib_take(ctx, event);
}

static void load(struct daemon *d)
{
	struct daemon_routes *r = &d->routes;

	fib_clear(r->fib);
	r->stale = rtnl_dump(d->system.rtnl,
	                     netlink_route_dump(rtnl_buffer(d->system.rtnl), ADDR_V4, 0), take,
	                     r->fib) < 0;
}

/* The tunnel of ours whose interface a route leaves by. */
static const struct daemon_tunnel *tunnel_at(const struct daemon *d, int index)
{
	for (const struct daemon_tunnel *t = d->tunnels; t; t = t->hh.next) {
		const struct netlink_link *link =
			links_by_name(&d->system.links, t->state.dp.ifname);
		if (t->made && link && link->index == index)
			return t;
	}
	return NULL;
}

bool daemon_answer_route(struct daemon *d, struct node_event *ret)
{
	struct daemon_routes *r = &d->routes;
	struct netlink_route route;

	if (r->at == r->n) {
		r->at = r->n = 0;
		return false;
	}
	const struct daemon_question *q = &r->question[r->at++];
	if (r->stale)
		load(d);
	*ret = (struct node_event){ .type = NODE_ROUTE };
	ret->route.cookie = q->cookie;
	ret->route.found = fib_find(r->fib, &q->to, &route);
	if (!ret->route.found)
		return true;
	const struct daemon_tunnel *t = tunnel_at(d, route.index);
	ret->route.to = route.to;
	ret->route.via = route.via;
	ret->route.by_tunnel = t != NULL;
	ret->route.tunnel = t ? t->number : 0;
	return true;
}
