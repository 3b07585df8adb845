/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A summary is an entry of the cache that no packet goes by: shown as static and local, as IOS
 * does. It stands for the network of the route, whichever of the two is wider; only an address that
 * is routed out of the NHRP network here is answered at all. Its NBMA address is our own: a line
 * with another one, or whose tunnel has moved, says nothing.
 */
#include "nhrp/summary.h"

#include "nhrp/cache.h"
#include "nhrp/tunnel.h"

static void set_one(struct nhrp *n, struct nhrp_tunnel *t, const struct snap_summary *summary)
{
	struct nhrp_entry *e = nhrp_cache_find(n, t->number, &summary->target);

	/* A mapping of the very same network is somebody else's. */
	if (summary->target.addr.family != t->address.addr.family ||
	    (e && e->origin == NHRP_BY_CONFIG))
		return;
	if (!e || e->origin != NHRP_BY_SUMMARY) {
		e = nhrp_cache_add(n, t, &summary->target, NHRP_BY_SUMMARY);
		if (!e) {
			t->traffic.drops[DROP_CACHE_FULL]++;
			return;
		}
		nhrp_entry_set(e, NHRP_FLAG_LOCAL, true);
		nhrp_entry_set(e, NHRP_FLAG_NO_SOCKET, true);
		nhrp_cache_settle_later(n, e, NHRP_TODO_ADDED);
	}
	e->wanted = NHRP_WANTED_BY_MAP;
	e->via = t->address.addr;
	e->nbma = summary->nbma;
	e->mtu_bytes = t->mtu_bytes;
	e->preference = NHRP_PREFERENCE_STATIC;
}

/* RFC 2332 5.2.5: those who were told what is not told any more hear of it. */
static void forget_unwanted(struct nhrp *n, const struct nhrp_tunnel *t)
{
	for (struct nhrp_entry *e = n->entries; e; e = e->hh.next) {
		if (e->key.tunnel != t->number || e->origin != NHRP_BY_SUMMARY || e->wanted)
			continue;
		if (!addr_is_none(&e->requester))
			e->todo |= NHRP_TODO_PURGE;
		nhrp_cache_delete_later(n, e, REASON_CONFIGURED);
	}
}

void nhrp_summary_configure(struct nhrp *n, struct nhrp_tunnel *t)
{
	for (size_t i = 0; i < t->config.n_summary && t->running; i++)
		set_one(n, t, &t->config.summary[i]);
	forget_unwanted(n, t);
}

static bool is_in_force(const struct nhrp_tunnel *t, const struct nhrp_entry *e)
{
	return e->origin == NHRP_BY_SUMMARY && addr_equal(&e->nbma, &t->source);
}

struct prefix nhrp_summary_of(const struct nhrp *n, const struct nhrp_tunnel *t,
                              const struct addr *address, const struct prefix *route)
{
	const struct nhrp_entry *e = nhrp_cache_match_where(n, t, address, is_in_force);

	return e ? e->key.target : *route;
}
