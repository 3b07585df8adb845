/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routing over the tunnels of a cloud of phase 3. Each router has a network behind it, its site,
 * and the plain routes are what a routing protocol would have made of the registrations: a spoke
 * has one summary of all sites by its first server that is up, a server has the site of each of
 * its clients by that client, and those of other servers' clients by that server. They are worked
 * out when asked for. Shortcuts are the nodes' own, kept as the kernel's table would.
 */
#include "world.h"

#include <string.h>

#include "util/memory.h"

enum {
	SITE_LEN = 28,
	SITE_ADDRESSES = 16,
	SITE_HOST = 1, /* that sends and receives */
	SUMMARY_LEN = 12,
};

static const uint32_t summary = 0xac100000u; /* 172.16.0.0/12 */

static struct addr site_of(const struct sim_router *r)
{
	return addr_from_u32(summary + r->index * SITE_ADDRESSES);
}

struct addr routes_host(const struct sim_world *w, const struct sim_router *r)
{
	if (!w->options->phase3)
		return r->overlay;
	return addr_from_u32(summary + r->index * SITE_ADDRESSES + SITE_HOST);
}

struct sim_router *routes_owner(struct sim_world *w, const struct addr *a)
{
	uint32_t number = addr_to_u32(a), first = addr_to_u32(&w->router[0].overlay);
	uint32_t i = number >= summary ? (number - summary) / SITE_ADDRESSES : number - first;

	return i < w->n_routers ? &w->router[i] : NULL;
}

/* ---- who serves whom ---- */

struct sim_router *routes_server(struct sim_world *w, const struct sim_router *r, uint32_t i)
{
	const struct sim_options *o = w->options;

	if (i >= SIM_HUBS_MAX)
		return NULL;
	if (r->hub)
		return o->mesh && i + 1 < o->hubs ? &w->router[(r->index + 1 + i) % o->hubs] : NULL;
	/* Where hubs are chosen from, each spoke has an order of its own. */
	uint32_t first = o->homes || o->max_connections ? r->index : 0;
	if (r->regional || !o->regions)
		return i < (o->homes ? o->homes : o->hubs) ? &w->router[(first + i) % o->hubs]
		                                           : NULL;
	/* Neighbours on the way around: its own region's, and the next one's for the worst case. */
	if (i >= SIM_REGIONALS_EACH || i >= o->regions)
		return NULL;
	uint32_t own = (r->index - o->hubs - o->regions) % o->regions;
	return &w->router[o->hubs + (own + i) % o->regions];
}

bool routes_serves(struct sim_world *w, const struct sim_router *server, const struct sim_router *r)
{
	const struct sim_router *s;

	for (uint32_t i = 0; (s = routes_server(w, r, i)) != NULL; i++)
		if (s == server)
			return true;
	return false;
}

bool routes_chooses(struct sim_world *w, const struct sim_router *server,
                    const struct sim_router *r)
{
	const struct sim_options *o = w->options;
	const struct sim_router *s;
	uint32_t better = 0;

	if (!o->max_connections)
		return routes_serves(w, server, r);
	for (uint32_t i = 0; (s = routes_server(w, r, i)) != NULL && s != server; i++)
		better += s->index % o->clusters == server->index % o->clusters;
	return s && better < o->max_connections;
}

bool routes_is_served(struct sim_world *w, const struct sim_router *r)
{
	const struct sim_router *s;

	if (r->hub)
		return true;
	for (uint32_t i = 0; (s = routes_server(w, r, i)) != NULL; i++)
		if (s->up && routes_is_served(w, s))
			return true;
	return false;
}

static bool is_registered(const struct sim_router *server, const struct sim_router *r)
{
	struct sim_peer *p;

	HASH_FIND(hh, server->peers, &r->overlay, sizeof r->overlay, p);
	return p && p->kind == NODE_PEER_REGISTERED;
}

/* ---- plain routes ---- */

/* The next hop of the summary: the first server that is up. Hubs have no summary. */
static struct addr default_via(struct sim_world *w, const struct sim_router *r)
{
	const struct sim_router *s;

	for (uint32_t i = 0; !r->hub && (s = routes_server(w, r, i)) != NULL; i++)
		if (r->servers_up & 1u << i)
			return s->overlay;
	return ADDR_ANY_NONE;
}

/* The next hop to a router's site that a server has learned; none: it knows nothing of it. */
static struct addr learned_via(struct sim_world *w, const struct sim_router *r,
                               const struct sim_router *owner)
{
	const struct sim_router *s;

	if (is_registered(r, owner))
		return owner->overlay;
	for (uint32_t i = 0; r->hub && (s = routes_server(w, owner, i)) != NULL; i++)
		if (s != r && s->up && is_registered(s, owner) && (s->hub || is_registered(r, s)))
			return s->overlay;
	return ADDR_ANY_NONE;
}

struct sim_way routes_find(struct sim_world *w, const struct sim_router *r, const struct addr *to)
{
	const struct sim_router *owner = routes_owner(w, to);
	struct sim_way way = { 0 };

	if (!owner)
		return way;
	if (addr_to_u32(to) < summary) {
		way.to = (struct prefix){ w->router[0].overlay, SIM_NETWORK_LEN };
		way.to = prefix_network(&way.to);
		way.found = way.by_tunnel = true;
		return way;
	}
	way.to = (struct prefix){ site_of(owner), SITE_LEN };
	way.found = owner == r;
	if (way.found)
		return way;
	if (r->hub || r->regional)
		way.via = learned_via(w, r, owner);
	if (addr_is_none(&way.via)) {
		way.to = (struct prefix){ addr_from_u32(summary), SUMMARY_LEN };
		way.via = default_via(w, r);
	}
	way.found = way.by_tunnel = !addr_is_none(&way.via);
	return way;
}

/* ---- shortcuts ---- */

static struct sim_route *find_shortcut(struct sim_router *r, const struct prefix *to)
{
	struct sim_route *route;

	HASH_FIND(hh, r->shortcuts, to, sizeof *to, route);
	return route;
}

void routes_set(struct sim_router *r, const struct prefix *to, const struct addr *via)
{
	struct sim_route *route = find_shortcut(r, to);

	if (!route) {
		route = memory_new(1, sizeof *route);
		route->to = *to;
		HASH_ADD(hh, r->shortcuts, to, sizeof route->to, route);
	}
	route->via = *via;
}

void routes_del(struct sim_router *r, const struct prefix *to)
{
	struct sim_route *route = find_shortcut(r, to);

	if (route) {
		HASH_DEL(r->shortcuts, route);
		free(route);
	}
}

void routes_forget(struct sim_router *r)
{
	struct sim_route *route, *next;

	HASH_ITER (hh, r->shortcuts, route, next) {
		HASH_DEL(r->shortcuts, route);
		free(route);
	}
}

struct addr routes_via(struct sim_world *w, const struct sim_router *r, const struct addr *to)
{
	struct sim_way way = routes_find(w, r, to);
	const struct sim_route *best = NULL;

	/* Metric 0: of two equal networks the shortcut wins. */
	for (const struct sim_route *s = r->shortcuts; s; s = s->hh.next)
		if (prefix_contains(&s->to, to) && (!way.found || s->to.len >= way.to.len) &&
		    (!best || s->to.len > best->to.len))
			best = s;
	if (best)
		return best->via;
	return way.found && addr_is_none(&way.via) ? *to : way.via;
}

/* ---- telling the node ---- */

void routes_answer(struct sim_world *w, struct sim_router *r, const struct sim_question *q)
{
	struct sim_way way = routes_find(w, r, &q->to);
	struct node_event event = { .type = NODE_ROUTE };

	event.route.cookie = q->cookie;
	event.route.found = way.found;
	event.route.to = way.to;
	event.route.by_tunnel = way.by_tunnel;
	event.route.tunnel = SIM_TUNNEL;
	event.route.via = way.via;
	router_step(w, r, &event);
}

void routes_server_state(struct sim_world *w, struct sim_router *r, const struct addr *server,
                         bool up)
{
	const struct sim_router *s;

	for (uint32_t i = 0; (s = routes_server(w, r, i)) != NULL; i++) {
		if (!addr_equal(&s->overlay, server))
			continue;
		r->servers_up &= ~(1u << i);
		r->servers_up |= (uint32_t)up << i;
		r->routes_changed = true;
	}
}

void routes_tell(struct sim_world *w)
{
	for (uint32_t i = 0; i < w->n_routers; i++) {
		struct sim_router *r = &w->router[i];
		if (!r->routes_changed)
			continue;
		r->routes_changed = false;
		router_step(w, r, &(struct node_event){ .type = NODE_ROUTES_CHANGED });
	}
}
