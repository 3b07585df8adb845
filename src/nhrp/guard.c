/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One hash table of guards for all protected tunnels. A guard lives while something points to it,
 * or has lately, while its address is up (a client's protection stands before its registration
 * comes), and until what became of it has been told.
 */
#include "nhrp/guard.h"

#include <string.h>

#include "nhrp/cache.h"
#include "nhrp/client.h"
#include "nhrp/kept.h"
#include "nhrp/share.h"
#include "nhrp/tunnel.h"
#include "util/memory.h"

static struct nhrp_guard_key key_of(const struct nhrp_tunnel *t, const struct addr *nbma)
{
	struct nhrp_guard_key key;

	memset(&key, 0, sizeof key);
	key.tunnel = t->number;
	key.nbma = t->multipoint ? *nbma : t->destination;
	return key;
}

static struct nhrp_guard *find(const struct nhrp *n, const struct nhrp_guard_key *key)
{
	struct nhrp_guard *g;

	HASH_FIND(hh, n->guards, key, sizeof *key, g);
	return g;
}

static struct nhrp_guard *get(struct nhrp *n, const struct nhrp_guard_key *key)
{
	struct nhrp_guard *g = find(n, key);

	if (g)
		return g;
	g = memory_new(1, sizeof *g);
	memcpy(&g->key, key, sizeof g->key);
	g->timer.kind = NHRP_TIMER_GUARD;
	HASH_ADD(hh, n->guards, key, sizeof g->key, g);
	return g;
}

static void release(struct nhrp *n, struct nhrp_guard *g)
{
	if (g->wanted || g->up || g->untold)
		return;
	HASH_DEL(n->guards, g);
	free(g);
}

static void tell(struct nhrp *n, struct nhrp_guard *g)
{
	if (g->untold)
		return;
	g->untold = true;
	g->next_untold = n->untold;
	n->untold = g;
}

static void want(struct nhrp *n, struct nhrp_guard *g)
{
	timers_clear(&n->timers, &g->timer);
	if (!g->wanted)
		tell(n, g);
	g->wanted = true;
}

void nhrp_guard_point(struct nhrp *n, struct nhrp_guard **at, const struct nhrp_tunnel *t,
                      const struct addr *nbma)
{
	struct nhrp_guard *old = *at, *new = NULL;

	if (t->protected && !addr_is_none(nbma)) {
		struct nhrp_guard_key key = key_of(t, nbma);
		if (old && memcmp(&old->key, &key, sizeof key) == 0)
			return;
		if (!addr_is_none(&key.nbma))
			new = get(n, &key);
	}
	if (new &&new->n_pointers++ == 0)
		want(n, new);
	if (old && --old->n_pointers == 0)
		timers_set(&n->timers, &old->timer, mono_add_s(n->now.mono, NHRP_GUARD_S));
	*at = new;
}

void nhrp_guard_kept(struct nhrp *n, struct nhrp_guard *g, const struct udp_place *place,
                     const struct addr *own)
{
	if (!g->owner)
		g->own = *own;
	if (!place->port || g->up)
		return;
	g->place = *place;
	tell(n, g);
}

void nhrp_guard_place(struct nhrp *n, struct nhrp_guard *g, const struct udp_place *place,
                      const struct addr *own)
{
	if (place->port)
		g->told = *place;
	nhrp_guard_kept(n, g, place, own);
}

void nhrp_guard_fire(struct nhrp *n, struct nhrp_guard *g)
{
	g->wanted = false;
	tell(n, g);
}

void nhrp_guard_tunnel(struct nhrp *n, struct nhrp_tunnel *t, const struct snap_nhrp *config)
{
	struct nhrp_guard **old = t->guard;
	size_t n_old = t->n_guards;

	t->guard = NULL;
	t->n_guards = 0;
	if (config && t->protected) {
		t->n_guards = 1 + config->n_multicast;
		t->guard = memory_new(t->n_guards, sizeof *t->guard);
		nhrp_guard_point(n, &t->guard[0], t, &t->destination);
		for (size_t i = 0; i < config->n_multicast; i++)
			nhrp_guard_point(n, &t->guard[1 + i], t, &config->multicast[i].nbma);
	}
	for (size_t i = 0; i < n_old; i++)
		nhrp_guard_point(n, &old[i], t, &ADDR_ANY_NONE);
	free(old);
}

struct nhrp_guard *nhrp_guard_find(const struct nhrp *n, const struct nhrp_tunnel *t,
                                   const struct addr *nbma)
{
	const struct nhrp_guard_key key = key_of(t, nbma);

	return find(n, &key);
}

bool nhrp_guard_is_up(const struct nhrp *n, const struct nhrp_tunnel *t, const struct addr *nbma)
{
	struct nhrp_guard_key key = key_of(t, nbma);

	if (!t->protected)
		return true;
	const struct nhrp_guard *g = find(n, &key);
	return g && g->up;
}

bool nhrp_guard_knows(const struct nhrp *n, const struct addr *source, const struct addr *nbma)
{
	for (size_t i = 0; i < n->n_tunnels; i++) {
		const struct nhrp_tunnel *t = n->tunnel[i];
		struct nhrp_guard_key key = key_of(t, nbma);
		if (!t->protected || !addr_equal(&t->source, source) ||
		    !addr_equal(&key.nbma, nbma))
			continue;
		const struct nhrp_guard *g = find(n, &key);
		if (g && g->wanted)
			return true;
	}
	return false;
}

/* A server's place may be another server's word, and yet there is nobody to wait with meanwhile. */
static bool is_server(const struct nhrp *n, const struct nhrp_guard *g)
{
	const struct nhrp_tunnel *t = nhrp_tunnel_find(n, g->key.tunnel);

	for (size_t i = 0; t && i < t->n_nhs; i++)
		if (t->nhs[i]->guard == g)
			return true;
	return false;
}

bool nhrp_guard_next(struct nhrp *n, struct nhrp_want *ret)
{
	struct nhrp_guard *g = n->untold;

	if (!g)
		return false;
	n->untold = g->next_untold;
	g->untold = false;
	*ret = (struct nhrp_want){ .tunnel = g->key.tunnel,
		                   .nbma = g->key.nbma,
		                   .place = g->place,
		                   .wanted = g->wanted,
		                   .told = g->told.port && !is_server(n, g) };
	release(n, g);
	return true;
}

void nhrp_guard_retell(struct nhrp *n)
{
	for (struct nhrp_guard *g = n->guards; g; g = g->hh.next)
		if (g->wanted)
			tell(n, g);
}

static void tell_servers(struct nhrp *n, const struct nhrp_tunnel *t, const struct nhrp_guard *g)
{
	for (size_t i = 0; i < t->n_nhs; i++) {
		if (t->nhs[i]->guard != g)
			continue;
		if (g->up)
			nhrp_client_reachable(n, t->nhs[i]);
		else
			nhrp_client_unprotected(n, t->nhs[i]);
	}
}

/* Whether the address was, or was meant to be, another peer's before. Who says nothing of himself
 * was dialled where the one before was. */
static bool note_owner(struct nhrp *n, struct nhrp_guard *g, const struct addr *own)
{
	bool was_others = !addr_is_none(&g->own) && !addr_equal(&g->own, own);

	if ((was_others && !addr_is_none(own)) || !g->owner)
		g->owner = n->last_owner = n->last_owner == UINT16_MAX ? 1 : n->last_owner + 1;
	g->own = *own;
	return was_others;
}

/* What was kept says where to dial: a NAT that has given another port is told by nobody else. */
static void note_seen(struct nhrp *n, struct nhrp_guard *g, const struct udp_place *place)
{
	if (!udp_place_equal(&g->place, place))
		n->save = true;
	g->place = *place;
}

void nhrp_guard_changed(struct nhrp *n, const struct nhrp_want *which, bool up)
{
	struct nhrp_tunnel *t = nhrp_tunnel_find(n, which->tunnel);
	struct nhrp_guard_key key;

	memset(&key, 0, sizeof key);
	key.tunnel = which->tunnel;
	key.nbma = which->nbma;
	struct nhrp_guard *g = up ? get(n, &key) : find(n, &key);
	bool is_others = g && up && note_owner(n, g, &which->own);
	if (g && up)
		note_seen(n, g, &which->place);
	if (!g || (g->up == up && !is_others))
		return;
	bool was_up = g->up;
	g->up = up;
	if (is_others)
		nhrp_share_taken(n, g);
	if (was_up == up)
		return;
	if (t)
		tell_servers(n, t, g);
	/* Only direct paths have another way. A hub, where many come up at once, has none. */
	bool is_path = false;
	for (struct nhrp_entry *e = n->n_direct ? n->entries : NULL; e; e = e->hh.next) {
		if (e->guard != g || !nhrp_entry_is_direct(e))
			continue;
		nhrp_cache_settle_later(n, e, NHRP_TODO_PEER);
		is_path = true;
	}
	if (is_path && up)
		nhrp_kept_may_tell(n, g->key.tunnel);
	release(n, g);
}

void nhrp_guard_fini(struct nhrp *n)
{
	struct nhrp_guard *g, *next;

	HASH_ITER (hh, n->guards, g, next) {
		HASH_DEL(n->guards, g);
		free(g);
	}
	n->untold = NULL;
}
