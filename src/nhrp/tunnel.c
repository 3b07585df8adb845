/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tunnel object exists for every tunnel of the snapshot, so that its source is known when NHRP is
 * turned on, and after it has left the snapshot until its last entry is withdrawn.
 *
 * Applying a snapshot marks and sweeps: static entries and next hop servers that the new
 * configuration names are kept or made, the others leave. A change of what the overlay address
 * means (address, mode, network) starts the tunnel over; clients' registrations go then, too, as
 * nobody could reach them.
 *
 * Line down (or no source address): resolved paths go, servers are down, but clients stay until
 * they expire: a port that flaps for seconds must not cut them off until they register again.
 */
#include "nhrp/tunnel.h"

#include <string.h>

#include "nhrp/auth.h"
#include "nhrp/cache.h"
#include "nhrp/client.h"
#include "nhrp/cluster.h"
#include "nhrp/guard.h"
#include "nhrp/multicast.h"
#include "nhrp/summary.h"
#include "util/memory.h"

/* Where the tunnel is, or would be inserted. */
static size_t position(const struct nhrp *n, uint32_t number)
{
	size_t low = 0, high = n->n_tunnels;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (n->tunnel[middle]->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct nhrp_tunnel *nhrp_tunnel_find(const struct nhrp *n, uint32_t number)
{
	size_t i = position(n, number);

	return i < n->n_tunnels && n->tunnel[i]->number == number ? n->tunnel[i] : NULL;
}

static struct nhrp_tunnel *tunnel_add(struct nhrp *n, uint32_t number)
{
	size_t i = position(n, number);
	struct nhrp_tunnel *t = memory_new(1, sizeof *t);

	t->number = number;
	t->send_window = n->now.mono;
	t->line_timer.kind = NHRP_TIMER_LINE;
	n->tunnel = memory_resize(n->tunnel, n->n_tunnels + 1, sizeof(struct nhrp_tunnel *));
	memmove(n->tunnel + i + 1, n->tunnel + i,
	        (n->n_tunnels - i) * sizeof(struct nhrp_tunnel *));
	n->tunnel[i] = t;
	n->n_tunnels++;
	return t;
}

void nhrp_tunnel_reap(struct nhrp *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n->n_tunnels; i++) {
		struct nhrp_tunnel *t = n->tunnel[i];
		if (t->in_snapshot || t->n_entries || t->n_nhs) {
			n->tunnel[kept++] = t;
			continue;
		}
		timers_clear(&n->timers, &t->line_timer);
		memory_wipe(t->auth, sizeof t->auth);
		free(t->nhs);
		nhrp_guard_tunnel(n, t, NULL);
		free(t->members);
		free(t);
	}
	n->n_tunnels = kept;
}

void nhrp_tunnel_set_static(struct nhrp *n, struct nhrp_tunnel *t, const struct snap_map *map,
                            enum nhrp_wanted by)
{
	struct prefix target = prefix_network(&map->target);
	struct nhrp_entry *e = nhrp_cache_find(n, t->number, &target);

	if (e && e->origin == NHRP_BY_CONFIG) {
		e->wanted = (uint8_t)by;
		e->preference = map->preference ? map->preference : NHRP_PREFERENCE_STATIC;
		if (addr_equal(&e->nbma, &map->nbma))
			return;
		e->nbma = map->nbma;
		nhrp_cache_settle_later(n, e, NHRP_TODO_UPDATED | NHRP_TODO_PEER);
		return;
	}
	e = nhrp_cache_claim(n, t, &target);
	if (!e) {
		t->traffic.drops[DROP_CACHE_FULL]++;
		return;
	}
	e->wanted = (uint8_t)by;
	e->via = target.addr;
	e->nbma = map->nbma;
	e->preference = map->preference ? map->preference : NHRP_PREFERENCE_STATIC;
	nhrp_entry_set(e, NHRP_FLAG_AUTHORITATIVE, true);
	nhrp_cache_settle_later(n, e, NHRP_TODO_ADDED | NHRP_TODO_PEER);
}

/* Entries of a tunnel for which `keep` is false leave. */
static void sweep(struct nhrp *n, const struct nhrp_tunnel *t,
                  bool (*keep)(const struct nhrp_entry *), enum trace_reason reason)
{
	for (struct nhrp_entry *e = n->entries; e; e = e->hh.next)
		if (e->key.tunnel == t->number && !(keep && keep(e)))
			nhrp_cache_delete_later(n, e, reason);
}

/* All that others have of us under the address so far is void. */
static void leave(struct nhrp *n, struct nhrp_tunnel *t)
{
	nhrp_client_leave_all(n, t);
	for (struct nhrp_entry *e = n->entries; e; e = e->hh.next)
		if (e->key.tunnel == t->number && nhrp_entry_is_direct(e))
			e->todo |= NHRP_TODO_PURGE;
	sweep(n, t, NULL, REASON_CONFIGURED);
}

/* A next hop that was covered by a map of a whole prefix lives as long as the map says the same. */
static bool is_still_configured(const struct nhrp_entry *e)
{
	return e->wanted || (e->origin != NHRP_BY_CONFIG && e->origin != NHRP_BY_MAP);
}

static bool survives_line_down(const struct nhrp_entry *e)
{
	return e->type == NHRP_ENTRY_STATIC || e->origin == NHRP_BY_REGISTRATION;
}

static bool is_no_shortcut(const struct nhrp_entry *e)
{
	return !nhrp_entry_is_shortcut(e);
}

static void mark_map_children(struct nhrp *n, struct nhrp_tunnel *t)
{
	for (struct nhrp_entry *e = n->entries; e; e = e->hh.next) {
		if (e->key.tunnel != t->number || e->origin != NHRP_BY_MAP)
			continue;
		for (size_t i = 0; i < t->config.n_map; i++)
			if (addr_equal(&t->config.map[i].nbma, &e->nbma) &&
			    prefix_contains(&t->config.map[i].target, &e->key.target.addr))
				e->wanted = NHRP_WANTED_BY_MAP;
	}
}

static void apply_maps(struct nhrp *n, struct nhrp_tunnel *t)
{
	for (struct nhrp_entry *e = n->entries; e; e = e->hh.next)
		if (e->key.tunnel == t->number)
			e->wanted = NHRP_UNWANTED;
	for (size_t i = 0; i < t->config.n_map && t->running; i++)
		if (t->config.map[i].target.addr.family == t->address.addr.family)
			nhrp_tunnel_set_static(n, t, &t->config.map[i], NHRP_WANTED_BY_MAP);
	if (t->running)
		mark_map_children(n, t);
}

/* Line and configuration together: may the tunnel send? */
static bool can_send(const struct nhrp_tunnel *t)
{
	return t->running && t->line_up && !addr_is_none(&t->source) &&
	       !addr_is_none(&t->address.addr) && (t->multipoint || !addr_is_none(&t->destination));
}

static void went_up(struct nhrp *n, struct nhrp_tunnel *t)
{
	t->up = true;
	for (struct nhrp_entry *e = n->entries; e; e = e->hh.next)
		if (e->key.tunnel == t->number)
			nhrp_cache_settle_later(n, e, NHRP_TODO_PEER);
	for (size_t i = 0; i < t->n_nhs; i++)
		nhrp_client_reachable(n, t->nhs[i]);
	nhrp_cluster_choose(n, t);
}

static void went_down(struct nhrp *n, struct nhrp_tunnel *t)
{
	t->up = false;
	t->public_nbma = ADDR_ANY_NONE;
	sweep(n, t, survives_line_down, REASON_TUNNEL_DOWN);
	for (size_t i = 0; i < t->n_nhs; i++)
		nhrp_client_tunnel_down(n, t->nhs[i]);
	nhrp_cluster_choose(n, t);
}

static void refresh_line(struct nhrp *n, struct nhrp_tunnel *t)
{
	bool up = can_send(t);

	if (up && !t->up)
		went_up(n, t);
	else if (!up && t->up)
		went_down(n, t);
}

/* True when what the overlay address means has changed. */
static bool starts_over(const struct nhrp_tunnel *t, const struct snap_interface *i, bool running)
{
	const struct snap_tunnel *c = i->tunnel;
	const struct prefix *address = snap_interface_address(i);

	return running != t->running || c->protected != t->protected ||
	       c->nhrp.network_id != t->config.network_id || !prefix_equal(address, &t->address) ||
	       (c->mode == SNAP_MODE_GRE_MULTIPOINT) != t->multipoint ||
	       !addr_equal(&c->destination, &t->destination);
}

/* True when servers must hear of the change now: it decides whether and how they have us. */
static bool registers_again(const struct nhrp_tunnel *t, const struct snap_tunnel *c)
{
	return c->has_key != t->has_key || c->key != t->key ||
	       strcmp(c->nhrp.authentication, t->config.authentication) != 0 ||
	       c->nhrp.holdtime_s != t->config.holdtime_s ||
	       c->nhrp.path_preference != t->config.path_preference ||
	       c->nhrp.registration_no_unique != t->config.registration_no_unique;
}

/* Whether multicast goes to clients has changed. */
static void tell_clients(struct nhrp *n, const struct nhrp_tunnel *t)
{
	for (struct nhrp_entry *e = n->entries; e; e = e->hh.next)
		if (e->key.tunnel == t->number && e->origin == NHRP_BY_REGISTRATION)
			nhrp_cache_settle_later(n, e, NHRP_TODO_PEER);
}

/* None of an interface that has no address of its own in the configuration. */
static struct addr responder_of(const struct snapshot *s, const struct nhrp_tunnel *t)
{
	const struct snap_interface *i =
		t->config.responder[0] ? snapshot_interface(s, t->config.responder) : NULL;
	const struct addr a = i ? snap_interface_address(i)->addr : ADDR_ANY_NONE;

	return a.family == t->address.addr.family ? a : ADDR_ANY_NONE;
}

static void configure_one(struct nhrp *n, const struct snapshot *s, const struct snap_interface *i)
{
	const struct snap_tunnel *c = i->tunnel;
	struct nhrp_tunnel *t = nhrp_tunnel_find(n, c->number);
	bool running = c->nhrp.network_id && !i->shutdown && snap_tunnel_is_complete(s, c) &&
	               (!c->protected || n->protects);

	if (!t)
		t = tunnel_add(n, c->number);
	t->in_snapshot = true;
	if (starts_over(t, i, running)) {
		leave(n, t);
		t->up = false;
	}
	bool again = t->up && registers_again(t, c);
	bool dynamic = t->config.multicast_dynamic;
	t->running = running;
	t->protected = c->protected;
	t->has_key = c->has_key;
	t->key = c->key;
	t->config = c->nhrp;
	t->address = *snap_interface_address(i);
	t->multipoint = c->mode == SNAP_MODE_GRE_MULTIPOINT;
	t->destination = c->destination;
	t->responder = responder_of(s, t);
	nhrp_guard_tunnel(n, t, running ? &c->nhrp : NULL);
	nhrp_auth_configure(n, t);

	apply_maps(n, t);
	nhrp_summary_configure(n, t);
	nhrp_client_configure(n, t);
	nhrp_multicast_configure(n, t);
	sweep(n, t, is_still_configured, REASON_CONFIGURED);
	t->config.map = NULL;
	t->config.summary = NULL;
	t->config.nhs = NULL;
	t->config.multicast = NULL;
	if (dynamic != t->config.multicast_dynamic)
		tell_clients(n, t);
	if (!t->config.shortcut)
		sweep(n, t, is_no_shortcut, REASON_CONFIGURED);
	refresh_line(n, t);
	for (size_t k = 0; k < t->n_nhs && again; k++)
		nhrp_client_start(n, t->nhs[k]);
}

static void remove_one(struct nhrp *n, struct nhrp_tunnel *t)
{
	leave(n, t);
	nhrp_guard_tunnel(n, t, NULL);
	t->running = t->up = false;
	nhrp_multicast_configure(n, t);
}

void nhrp_tunnel_configure(struct nhrp *n, const struct snapshot *s)
{
	for (size_t i = 0; i < n->n_tunnels; i++)
		n->tunnel[i]->in_snapshot = false;
	for (size_t i = 0; i < s->n_interfaces; i++)
		if (s->interface[i]->tunnel)
			configure_one(n, s, s->interface[i]);
	for (size_t i = 0; i < n->n_tunnels; i++)
		if (!n->tunnel[i]->in_snapshot)
			remove_one(n, n->tunnel[i]);
}

/* The NHSs, and whoever has resolved our address, have a stale one now. NHSs first: they are asked
 * again. */
static void tunnel_moved(struct nhrp *n, struct nhrp_tunnel *t)
{
	t->public_nbma = ADDR_ANY_NONE;
	for (size_t i = 0; i < t->n_nhs; i++)
		nhrp_client_moved(n, t->nhs[i]);
	for (struct nhrp_entry *e = n->entries; e; e = e->hh.next)
		if (e->key.tunnel == t->number && nhrp_entry_is_direct(e))
			nhrp_cache_settle_later(n, e, NHRP_TODO_PURGE);
}

void nhrp_tunnel_state(struct nhrp *n, const struct node_event *event)
{
	struct nhrp_tunnel *t = nhrp_tunnel_find(n, event->state.tunnel);

	if (!t)
		return;
	bool moved = t->up && event->state.up && !addr_is_none(&event->state.source) &&
	             !addr_equal(&t->source, &event->state.source);
	t->line_up = event->state.up;
	t->mtu_bytes = event->state.mtu_bytes;
	if (!addr_is_none(&event->state.source) || !event->state.up)
		t->source = event->state.source;
	else
		t->line_up = false;
	if (moved)
		tunnel_moved(n, t);
	refresh_line(n, t);
}
