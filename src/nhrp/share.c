/* SPDX-License-Identifier: Apache-2.0 */
/*
 * To NHRP an NBMA address is a client, to IKE too: (tunnel, NBMA address) has one pair of SAs that
 * packets leave by. Of two clients behind one NAT the first that dials has the public address, and
 * the second goes by its own one (ike/v1_quick.c). But servers need not agree on who was first, nor
 * does whoever asks them. So each router gives the names anew, by what the answer says of the
 * client (its own address; the public one; the port, which names it for sure), and believes an
 * association only as far as its peer is the client that the entry is for. Packets go by a server
 * until then.
 *
 * An own address is dialled at the public one's port only, never as such: it is somebody else's
 * here. Two clients with the same own address behind different NATs cannot both go by it; the
 * second stays with the server.
 */
#include "nhrp/share.h"

#include "nhrp/cache.h"
#include "nhrp/tunnel.h"

static const struct addr *own_of(const struct nhrp_entry *e)
{
	return addr_is_none(&e->claimed) ? &e->nbma : &e->claimed;
}

static const struct addr *own_of_path(const struct nhrp_path *path)
{
	return addr_is_none(&path->claimed) ? &path->nbma : &path->claimed;
}

/* Who does not say an address of its own is known by the port that its server sees it at. */
static bool is_with(const struct nhrp_guard *g, const struct addr *own)
{
	if (addr_equal(&g->own, own))
		return true;
	return (addr_is_none(&g->own) || addr_equal(&g->own, &g->place.addr)) && g->told.port &&
	       udp_place_equal(&g->told, &g->place);
}

bool nhrp_share_is_others(const struct nhrp_entry *e)
{
	const struct nhrp_guard *g = e->guard;

	if (!g || !g->up || (!g->place.port && addr_is_none(&e->claimed)))
		return false;
	if (e->origin == NHRP_BY_REGISTRATION)
		return e->owner ? e->owner != g->owner : !is_with(g, own_of(e));
	return nhrp_entry_is_direct(e) && !is_with(g, own_of(e));
}

bool nhrp_share_differs(const struct nhrp_entry *e, const struct nhrp_path *path)
{
	return !addr_equal(own_of(e), own_of_path(path));
}

static struct addr public_of(const struct nhrp_guard *g)
{
	return g->up ? g->place.addr : g->told.addr;
}

/* The entry's name for the client, if it may keep it. */
static bool keeps_name(const struct nhrp_entry *e, const struct nhrp_client_id *who)
{
	if (!e || !nhrp_entry_is_direct(e) || !e->guard || !addr_equal(own_of(e), &who->own) ||
	    nhrp_share_is_others(e))
		return false;
	const struct addr public = public_of(e->guard);
	return addr_equal(&e->nbma, &who->public) || addr_equal(&public, &who->public) ||
	       (addr_equal(&who->own, &who->public) && e->guard->up);
}

/* Nobody else behind the public address has it. */
static bool has_public(const struct nhrp_guard *g, const struct addr *own)
{
	return !g || addr_is_none(&g->own) || is_with(g, own) ||
	       (!g->up && g->n_pointers == 0 && !g->owner);
}

/* Nobody behind another public address goes by it, and it can be dialled, or stands. */
static bool has_own(const struct nhrp_guard *g, const struct nhrp_path *path,
                    const struct nhrp_client_id *who)
{
	if (!g)
		return path->place.port;
	const struct addr public = public_of(g);
	if (g->up)
		return addr_equal(&public, &who->public) && is_with(g, &who->own);
	return path->place.port &&
	       (addr_equal(&public, &who->public) || (g->n_pointers == 0 && !g->owner));
}

bool nhrp_share_name(const struct nhrp *n, const struct nhrp_tunnel *t, struct nhrp_path *path)
{
	const struct nhrp_entry *e = nhrp_cache_find_host(n, t->number, &path->target);
	const struct nhrp_client_id who = {
		path->place.port ? path->place.addr : path->nbma,
		*own_of_path(path),
	};

	if (!t->protected || !t->multipoint)
		return true;
	path->claimed = who.own;
	if (keeps_name(e, &who)) {
		path->nbma = e->nbma;
		return true;
	}
	if (addr_equal(&who.own, &who.public))
		return true;
	bool own_is_free = has_own(nhrp_guard_find(n, t, &who.own), path, &who);
	bool public_is_free = has_public(nhrp_guard_find(n, t, &who.public), &who.own);
	if (addr_equal(&path->nbma, &who.own) ? own_is_free : !public_is_free && own_is_free)
		path->nbma = who.own;
	else if (public_is_free || !addr_equal(&path->nbma, &who.own))
		path->nbma = who.public;
	else
		return false;
	return true;
}

struct addr nhrp_share_way(const struct nhrp *n, const struct nhrp_tunnel *t,
                           const struct nhrp_client_id *who)
{
	const struct nhrp_guard *g = nhrp_guard_find(n, t, &who->public);

	if (!t->protected || (g && g->up && (is_with(g, &who->own) || !g->place.port)))
		return who->public;
	g = nhrp_guard_find(n, t, &who->own);
	if (!g || !g->up || !is_with(g, &who->own) || !addr_equal(&g->place.addr, &who->public))
		return ADDR_ANY_NONE;
	return who->own;
}

/* The entry goes by the client's own address, where its port is known. */
static void rename_entry(struct nhrp *n, struct nhrp_entry *e)
{
	const struct nhrp_tunnel *t = nhrp_tunnel_find(n, e->key.tunnel);
	const struct udp_place told = e->guard->told;
	const struct nhrp_client_id who = { told.addr, *own_of(e) };
	const struct nhrp_path path = { .place = told };

	nhrp_cache_path_down(n, e, REASON_NBMA_CHANGED);
	if (!told.port || addr_equal(&who.own, &e->nbma) ||
	    !has_own(nhrp_guard_find(n, t, &who.own), &path, &who))
		return;
	e->nbma = who.own;
	e->claimed = ADDR_ANY_NONE;
	nhrp_entry_set(e, NHRP_FLAG_NAT, false);
	nhrp_cache_guard(n, e);
	nhrp_guard_place(n, e->guard, &told, &who.own);
}

void nhrp_share_taken(struct nhrp *n, struct nhrp_guard *g)
{
	for (struct nhrp_entry *e = n->entries; e; e = e->hh.next) {
		if (e->guard != g ||
		    !(nhrp_entry_is_direct(e) || e->origin == NHRP_BY_REGISTRATION))
			continue;
		if (nhrp_entry_is_direct(e) && nhrp_share_is_others(e))
			rename_entry(n, e);
		nhrp_cache_settle_later(n, e, NHRP_TODO_PEER);
	}
}
