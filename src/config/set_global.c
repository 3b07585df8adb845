/* SPDX-License-Identifier: Apache-2.0 */
/* Global commands: the name of the router, its interfaces, its static routes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/rows.h"
#include "util/memory.h"

bool set_hostname(struct edit *e, const struct grammar_args *args)
{
	const char *name = grammar_arg(args, "WORD")->text;

	if (strlen(name) >= SNAP_NAME_SIZE)
		return edit_refuse(e, "a host name has at most %d characters", SNAP_NAME_SIZE - 1);
	snprintf(e->s->hostname, sizeof e->s->hostname, "%s", name);
	return true;
}

bool clear_hostname(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	e->s->hostname[0] = '\0';
	return true;
}

void print_hostname(const struct printing *p)
{
	if (p->s->hostname[0])
		strbuf_printf(p->out, "hostname %s\n", p->s->hostname);
}

static enum snap_interface_kind kind_of(const char *name)
{
	if (strncmp(name, "Tunnel", 6) == 0)
		return SNAP_TUNNEL;
	return strncmp(name, "Loopback", 8) == 0 ? SNAP_LOOPBACK : SNAP_PORT;
}

bool set_interface(struct edit *e, const struct grammar_args *args)
{
	const char *name = grammar_arg(args, "INTERFACE")->text;

	if (strlen(name) >= SNAP_NAME_SIZE)
		return edit_refuse(e, "the name is too long");
	if (!snapshot_interface(e->s, name)) {
		if (e->s->n_interfaces == SNAP_INTERFACES_MAX)
			return edit_refuse(e, "more than %d interfaces", SNAP_INTERFACES_MAX);
		snapshot_add_interface(e->s, kind_of(name), name);
	}
	return edit_enter(e, CONFIG_INTERFACE, name);
}

bool clear_interface(struct edit *e, const struct grammar_args *args)
{
	struct snap_interface *i = snapshot_interface(e->s, grammar_arg(args, "INTERFACE")->text);

	if (!i)
		return edit_refuse(e, "there is no such interface");
	snapshot_del_interface(e->s, i);
	return true;
}

bool set_exit(struct edit *e, const struct grammar_args *args)
{
	(void)args;
	*e->mode = (struct config_mode){ 0 };
	return true;
}

bool set_end(struct edit *e, const struct grammar_args *args)
{
	return set_exit(e, args);
}

/* What follows the distance, word for word; the text points into the arguments. */
static void add_rest(struct strbuf *rest, const struct grammar_args *args, size_t first)
{
	strbuf_init(rest);
	for (size_t i = first; i < args->n; i++)
		strbuf_printf(rest, "%s%s", i > first ? " " : "",
		              args->arg[i].slot == SLOT_KEYWORD ? args->arg[i].name
		                                                : args->arg[i].text);
}

/* Reads {A.B.C.D|INTERFACE [A.B.C.D]} [<1-255>] behind prefix and mask; returns the index of what
 * follows. */
static size_t read_route(const struct grammar_args *args, struct snap_route *r)
{
	const struct prefix to = { args->arg[0].addr, args->arg[1].mask_len };
	size_t i = 2;

	*r = (struct snap_route){ .to = prefix_network(&to) };
	if (i < args->n && args->arg[i].slot == SLOT_INTERFACE)
		snprintf(r->interface, sizeof r->interface, "%s", args->arg[i++].text);
	if (i < args->n && args->arg[i].slot == SLOT_ADDR)
		r->via = args->arg[i++].addr;
	if (i < args->n && strcmp(args->arg[i].name, "<1-255>") == 0)
		r->distance = (uint8_t)args->arg[i++].number;
	return i;
}

static bool same_path(const struct snap_route *a, const struct snap_route *b)
{
	return prefix_equal(&a->to, &b->to) && addr_equal(&a->via, &b->via) &&
	       strcmp(a->interface, b->interface) == 0;
}

static struct snap_route *find_route(const struct snapshot *s, const struct snap_route *like)
{
	for (size_t i = s->n_routes; i-- > 0;)
		if (same_path(&s->route[i], like))
			return &s->route[i];
	return NULL;
}

bool set_route(struct edit *e, const struct grammar_args *args)
{
	struct snapshot *s = e->s;
	struct snap_route new;
	struct strbuf rest;

	size_t i = read_route(args, &new);
	if (new.distance == SNAP_DISTANCE_STATIC)
		new.distance = 0;
	if (!addr_equal(&new.to.addr, &args->arg[0].addr))
		return edit_refuse(e, "inconsistent address and mask");
	if (!addr_is_none(&new.via) &&
	    (addr_is_unspecified(&new.via) || addr_is_multicast(&new.via)))
		return edit_refuse(e, "invalid next hop address");
	struct snap_route *at = find_route(s, &new);
	if (!at && s->n_routes == SNAP_ROUTES_MAX)
		return edit_refuse(e, "more than %d routes", SNAP_ROUTES_MAX);
	add_rest(&rest, args, i);
	if (rest.len)
		new.rest = strbuf_take(&rest);
	strbuf_fini(&rest);
	if (!at) {
		s->route = memory_resize(s->route, s->n_routes + 1, sizeof *s->route);
		at = &s->route[s->n_routes++];
	} else {
		free(at->rest);
	}
	*at = new;
	return true;
}

/* Without a next hop all routes of the prefix go. */
bool clear_route(struct edit *e, const struct grammar_args *args)
{
	struct snapshot *s = e->s;
	struct snap_route like;
	size_t n = 0;

	read_route(args, &like);
	bool all = args->n == 2;
	for (size_t i = 0; i < s->n_routes; i++) {
		struct snap_route *r = &s->route[i];
		if (all ? prefix_equal(&r->to, &like.to) : same_path(r, &like))
			free(r->rest);
		else
			s->route[n++] = *r;
	}
	if (n == s->n_routes)
		return edit_refuse(e, "no matching route to delete");
	s->n_routes = n;
	return true;
}

static void print_route(const struct snap_route *r, struct strbuf *out)
{
	const struct addr mask = prefix_mask_v4(r->to.len);
	char to[ADDR_TEXT_LEN], mask_text[ADDR_TEXT_LEN], via[ADDR_TEXT_LEN];

	strbuf_printf(out, "ip route %s %s", addr_format(&r->to.addr, to),
	              addr_format(&mask, mask_text));
	if (r->interface[0])
		strbuf_printf(out, " %s", r->interface);
	if (!addr_is_none(&r->via))
		strbuf_printf(out, " %s", addr_format(&r->via, via));
	if (r->distance)
		strbuf_printf(out, " %u", r->distance);
	if (r->rest)
		strbuf_printf(out, " %s", r->rest);
	strbuf_addc(out, '\n');
}

void print_routes(const struct printing *p)
{
	for (size_t i = 0; i < p->s->n_routes; i++)
		print_route(&p->s->route[i], p->out);
}
