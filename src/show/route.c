/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show ip route`: IPv4 routes in IOS's layout, which still gathers them by class: a heading over
 * the subnets of one class A, B or C network, then one line a route and one more for each further
 * next hop.
 */
#include <stdlib.h>
#include <string.h>

#include "show/json.h"
#include "show/query.h"
#include "show/words.h"
#include "util/memory.h"

enum {
	ROOM_FIRST = 64,
	CODE_WIDTH = 6,        /* of a route outside a network's group */
	CODE_WIDTH_SUBNET = 9, /* of a subnet: three columns further in */
};

struct routes {
	struct route_view *route;
	size_t n, room;
};

static int by_prefix(const void *a, const void *b)
{
	const struct route_view *x = a, *y = b;
	int order = addr_compare(&x->to.addr, &y->to.addr);

	if (order)
		return order;
	if (x->to.len != y->to.len)
		return x->to.len < y->to.len ? -1 : 1;
	return addr_compare(&x->via, &y->via);
}

static struct routes routes_collect(const struct show_query *q)
{
	struct routes routes = { 0 };
	struct route_view r;
	size_t cursor = 0;

	while (q->source->route_next(q->source->ctx, &cursor, &r)) {
		if (r.to.addr.family != ADDR_V4 || !query_wants_interface(q, r.interface))
			continue;
		if (routes.n == routes.room) {
			routes.room = routes.room ? 2 * routes.room : ROOM_FIRST;
			routes.route = memory_resize(routes.route, routes.room, sizeof r);
		}
		routes.route[routes.n++] = r;
	}
	if (routes.n)
		qsort(routes.route, routes.n, sizeof r, by_prefix);
	return routes;
}

/* Leaves the routes of the code that is asked for. */
static void routes_keep(const struct show_query *q, struct routes *routes)
{
	size_t n = 0;

	for (size_t i = 0; i < routes->n; i++)
		if (!q->request->route || routes->route[i].code == q->request->route)
			routes->route[n++] = routes->route[i];
	routes->n = n;
}

/* The class A, B or C network of an address; of the rest, the address itself. */
static struct prefix class_network(const struct addr *a)
{
	uint8_t first = a->bytes[0];
	uint8_t len = first < 128 ? 8 : first < 192 ? 16 : first < 224 ? 24 : 32;

	return prefix_network(&(struct prefix){ *a, len });
}

static bool is_default(const struct route_view *r)
{
	return r->to.len == 0;
}

static bool belongs_to(const struct route_view *r, const struct prefix *network)
{
	return r->to.len >= network->len && prefix_contains(network, &r->to.addr);
}

static void add_path(const struct route_view *r, struct strbuf *out)
{
	char via[ADDR_TEXT_LEN];

	if (addr_is_none(&r->via)) {
		strbuf_printf(out, " is directly connected, %s\n", r->interface);
		return;
	}
	strbuf_printf(out, " [%u/%u] via %s", r->distance, r->metric, addr_format(&r->via, via));
	if (*r->interface)
		strbuf_printf(out, ", %s", r->interface);
	strbuf_addc(out, '\n');
}

/* The routes to one prefix, whose first is *r. Returns how many there are. */
static size_t add_prefix(const struct routes *routes, size_t i, int code_width, struct strbuf *out)
{
	const struct route_view *r = &routes->route[i];
	const char code[] = { r->code, is_default(r) ? '*' : '\0', '\0' };
	char prefix[PREFIX_TEXT_LEN];
	size_t n = 1;

	strbuf_printf(out, "%-*s%s", code_width, code, prefix_format(&r->to, prefix));
	add_path(r, out);
	for (; i + n < routes->n && prefix_equal(&routes->route[i + n].to, &r->to); n++) {
		strbuf_printf(out, "%*s", code_width + (int)strlen(prefix), "");
		add_path(&routes->route[i + n], out);
	}
	return n;
}

struct group {
	size_t n_routes, n_subnets, n_masks;
};

static struct group group_at(const struct routes *routes, size_t i, const struct prefix *network)
{
	struct group g = { 0 };
	bool seen[33] = { false };

	for (; i + g.n_routes < routes->n; g.n_routes++) {
		const struct route_view *r = &routes->route[i + g.n_routes];

		if (!belongs_to(r, network))
			break;
		if (g.n_routes == 0 || !prefix_equal(&r->to, &r[-1].to))
			g.n_subnets++;
		g.n_masks += !seen[r->to.len];
		seen[r->to.len] = true;
	}
	return g;
}

/* The group of routes that starts at i. Returns how many there are. */
static size_t add_group(const struct routes *routes, size_t i, struct strbuf *out)
{
	const struct route_view *r = &routes->route[i];
	struct prefix network = class_network(&r->to.addr);
	struct group g = group_at(routes, i, &network);
	char text[PREFIX_TEXT_LEN];

	/* Supernets, and networks that are not subnetted, stand by themselves. */
	if (!g.n_routes || (g.n_masks == 1 && r->to.len == network.len))
		return add_prefix(routes, i, CODE_WIDTH, out);
	if (g.n_masks > 1) {
		strbuf_printf(out, "      %s is variably subnetted, %zu subnets, %zu masks\n",
		              prefix_format(&network, text), g.n_subnets, g.n_masks);
	} else {
		network.len = r->to.len;
		strbuf_printf(out, "      %s is subnetted, %zu subnets\n",
		              prefix_format(&network, text), g.n_subnets);
	}
	for (size_t done = 0; done < g.n_routes;)
		done += add_prefix(routes, i + done, CODE_WIDTH_SUBNET, out);
	return g.n_routes;
}

static void add_gateway(const struct routes *routes, struct strbuf *out)
{
	char via[ADDR_TEXT_LEN];

	if (routes->n && is_default(&routes->route[0])) {
		const struct addr *a = &routes->route[0].via;

		strbuf_printf(out, "Gateway of last resort is %s to network 0.0.0.0\n\n",
		              addr_is_none(a) ? "0.0.0.0" : addr_format(a, via));
	} else {
		strbuf_adds(out, "Gateway of last resort is not set\n\n");
	}
}

void show_route_text(const struct show_query *q, struct strbuf *out)
{
	struct routes routes = routes_collect(q);

	strbuf_adds(out, "Codes: L - local, C - connected, S - static, H - NHRP\n"
	                 "       * - candidate default\n\n");
	add_gateway(&routes, out); /* whichever routes are asked for, as IOS */
	routes_keep(q, &routes);
	for (size_t i = 0; i < routes.n;)
		i += add_group(&routes, i, out);
	free(routes.route);
}

static const char *protocol(char code)
{
	switch (code) {
	case 'C':
		return "connected";
	case 'L':
		return "local";
	case 'S':
		return "static";
	case 'H':
		return "nhrp";
	default:
		return NULL;
	}
}

void show_route_json(const struct show_query *q, json_t *answer)
{
	struct routes routes = routes_collect(q);
	json_t *array = show_put_array(answer, "routes");

	routes_keep(q, &routes);
	for (size_t i = 0; i < routes.n; i++) {
		const struct route_view *r = &routes.route[i];
		json_t *o = show_add_object(array);

		show_put_prefix(o, "prefix", &r->to);
		show_put_string(o, "protocol", protocol(r->code));
		show_put_addr(o, "next_hop", &r->via);
		show_put_string(o, "interface", *r->interface ? r->interface : NULL);
		show_put_u64(o, "distance", r->distance);
		show_put_u64(o, "metric", r->metric);
	}
	free(routes.route);
}
