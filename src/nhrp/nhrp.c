/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NHRP's timers, and the events that are about many things at once: clear, restore, stop. Each only
 * notes on the things what is to be done; timers do it, as many in one step as its output holds.
 */
#include "nhrp/nhrp.h"

#include <string.h>

#include "nhrp/cache.h"
#include "nhrp/client.h"
#include "nhrp/cluster.h"
#include "nhrp/guard.h"
#include "nhrp/limit.h"
#include "nhrp/line.h"
#include "nhrp/multicast.h"
#include "nhrp/out.h"
#include "nhrp/probe.h"
#include "nhrp/purge.h"
#include "nhrp/redirect.h"
#include "nhrp/resolve.h"
#include "nhrp/route.h"
#include "nhrp/shortcut.h"
#include "nhrp/stranger.h"
#include "nhrp/told.h"
#include "nhrp/tunnel.h"
#include "util/check.h"

#define owner_of(timer, type, member) ((type *)((char *)(timer)-offsetof(type, member)))

void nhrp_init(struct nhrp *n, const struct node_options *options)
{
	*n = (struct nhrp){
		.entropy = options->entropy,
		.cache_max = options->cache_max ? options->cache_max : NODE_CACHE_MAX,
		.next_id = options->request_id_next,
		.protects = options->crypto != NULL,
	};
	timers_init(&n->timers);
}

void nhrp_fini(struct nhrp *n)
{
	struct nhrp_entry *e, *next;

	nhrp_probe_end(n); /* while all other timers are there */
	HASH_ITER (hh, n->entries, e, next) {
		HASH_DEL(n->entries, e);
		free(e);
	}
	for (size_t i = 0; i < n->n_tunnels; i++) {
		struct nhrp_tunnel *t = n->tunnel[i];
		for (size_t k = 0; k < t->n_nhs; k++)
			free(t->nhs[k]);
		free(t->nhs);
		free(t->guard);
		free(t->members);
		memory_wipe(t->auth, sizeof t->auth);
		free(t);
	}
	nhrp_multicast_fini(n);
	nhrp_route_fini(n);
	nhrp_redirect_fini(n);
	nhrp_told_fini(n);
	nhrp_stranger_fini(n);
	free(n->tunnel);
	free(n->sorted);
	nhrp_guard_fini(n);
	timers_fini(&n->timers);
	*n = (struct nhrp){ 0 };
}

mono nhrp_jittered(struct nhrp *n, uint32_t seconds)
{
	uint32_t ms = entropy_between(&n->entropy, seconds * 750, seconds * 1000);

	return mono_add_ms(n->now.mono, ms);
}

static void entry_fire(struct nhrp *n, struct nhrp_entry *e)
{
	if (e->todo & NHRP_TODO_PURGE && !nhrp_purge_entry(n, e)) {
		timers_set(&n->timers, &e->timer, n->now.mono);
		return;
	}
	if (e->todo & NHRP_TODO_DELETE) {
		nhrp_cache_delete(n, e, (enum trace_reason)e->reason);
	} else if (e->todo) {
		nhrp_cache_settle(n, e);
	} else if (nhrp_entry_is_shortcut(e)) {
		nhrp_shortcut_fire(n, e);
	} else if (e->origin == NHRP_BY_WANT || nhrp_entry_is_direct(e)) {
		nhrp_resolve_fire(n, e);
	} else if (e->origin == NHRP_BY_MAP && e->used) {
		e->used = false;
		nhrp_cache_hold(n, e, e->holdtime_s);
		nhrp_cache_settle(n, e);
	} else {
		nhrp_cache_delete(n, e, REASON_EXPIRED);
	}
}

static void fire(struct nhrp *n, struct timer *timer)
{
	switch (timer->kind) {
	case NHRP_TIMER_ENTRY:
		entry_fire(n, owner_of(timer, struct nhrp_entry, timer));
		break;
	case NHRP_TIMER_NHS:
		nhrp_client_fire(n, owner_of(timer, struct nhrp_nhs, timer));
		break;
	case NHRP_TIMER_GUARD:
		nhrp_guard_fire(n, owner_of(timer, struct nhrp_guard, timer));
		break;
	case NHRP_TIMER_NAME:
		nhrp_client_name_fire(n, owner_of(timer, struct nhrp_nhs, name_timer));
		break;
	case NHRP_TIMER_CHOICE:
		nhrp_cluster_fire(n, owner_of(timer, struct nhrp_nhs, choice_timer));
		break;
	case NHRP_TIMER_PROBE:
		nhrp_probe_fire(n, owner_of(timer, struct nhrp_probe, timer));
		break;
	case NHRP_TIMER_LINE:
		nhrp_line_fire(n, owner_of(timer, struct nhrp_tunnel, line_timer));
		break;
	case NHRP_TIMER_TOLD:
		nhrp_told_fire(n, owner_of(timer, struct nhrp_told, timer));
		break;
	default:
		check(timer->kind == NHRP_TIMER_MEMBER);
		nhrp_multicast_fire(n, owner_of(timer, struct nhrp_member, timer));
	}
}

void nhrp_run(struct nhrp *n)
{
	while (nhrp_out_has_room(n)) {
		struct timer *timer = timers_pop_due(&n->timers, n->now.mono);
		if (!timer)
			break;
		fire(n, timer);
	}
	nhrp_tunnel_reap(n);
}

void nhrp_used(struct nhrp *n, const struct node_event *event)
{
	const struct addr *peer = &event->peer.peer;
	struct nhrp_tunnel *t = nhrp_tunnel_find(n, event->peer.tunnel);

	if (!t || peer->family != t->address.addr.family)
		return;
	struct nhrp_entry *e = nhrp_cache_find_host(n, t->number, peer);
	if (!e)
		e = nhrp_cache_match(n, t, peer);
	if (!e)
		return;
	e->used = true;
	nhrp_entry_set(e, NHRP_FLAG_USED, true);
	nhrp_shortcut_used(n, t, peer);
	nhrp_resolve_used(n, e, event->peer.packets);
	nhrp_probe_watch(n, e);
}

static bool clears_tunnel(const struct node_event *event, uint32_t tunnel)
{
	return !event->clear.one_tunnel || event->clear.tunnel == tunnel;
}

static bool clears_address(const struct node_event *event, const struct addr *a)
{
	return !event->clear.one_target || prefix_contains(&event->clear.target, a);
}

static bool clears_peer(const struct node_event *event, const struct addr *nbma,
                        const struct addr *via)
{
	return (addr_is_none(&event->clear.nbma) || addr_equal(&event->clear.nbma, nbma)) &&
	       (addr_is_none(&event->clear.via) || addr_equal(&event->clear.via, via));
}

bool nhrp_clears(const struct node_event *event, const struct nhrp_entry *e)
{
	return clears_tunnel(event, e->key.tunnel) && clears_address(event, &e->key.target.addr) &&
	       clears_peer(event, &e->nbma, &e->via) &&
	       (!event->clear.shortcuts || nhrp_entry_is_shortcut(e));
}

/* Clients are told, so that they register again at once; our own registrations are made anew. */
void nhrp_clear(struct nhrp *n, const struct node_event *event)
{
	for (struct nhrp_entry *e = n->entries; e; e = e->hh.next) {
		if (e->type == NHRP_ENTRY_STATIC || !nhrp_clears(event, e))
			continue;
		if (e->origin == NHRP_BY_REGISTRATION)
			e->todo |= NHRP_TODO_PURGE;
		nhrp_cache_delete_later(n, e, REASON_CLEARED);
	}
	nhrp_probe_forgive(n);
	for (size_t i = 0; i < n->n_tunnels; i++) {
		struct nhrp_tunnel *t = n->tunnel[i];
		if (event->clear.shortcuts || !clears_tunnel(event, t->number) ||
		    !clears_address(event, &t->address.addr))
			continue;
		for (size_t k = 0; k < t->n_nhs; k++)
			if (clears_peer(event, &t->nhs[k]->nbma, &t->nhs[k]->address))
				nhrp_client_renew(n, t->nhs[k]);
	}
}

void nhrp_clear_counters(struct nhrp *n, const struct node_event *event)
{
	for (size_t i = 0; i < n->n_tunnels; i++)
		if (clears_tunnel(event, n->tunnel[i]->number))
			n->tunnel[i]->traffic = (struct nhrp_traffic){ 0 };
	if (!event->clear.one_tunnel)
		memset(n->drops, 0, sizeof n->drops);
}

/* What clients have registered stays on disk: the next start restores it. */
void nhrp_stop(struct nhrp *n)
{
	n->stopping = true;
	nhrp_probe_end(n);
	for (size_t i = 0; i < n->n_tunnels; i++)
		nhrp_client_leave_all(n, n->tunnel[i]);
	for (struct nhrp_entry *e = n->entries; e; e = e->hh.next) {
		if (nhrp_entry_is_direct(e))
			e->todo |= NHRP_TODO_PURGE;
		nhrp_cache_delete_later(n, e, REASON_STOPPED);
	}
}
