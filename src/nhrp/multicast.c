/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A member is an NBMA address that has a copy of each multicast packet of a tunnel. Lines of the
 * configuration, servers and clients' entries each hold the one they are about, so that an address
 * that several of them name gets one copy, and is a member until the last of them lets go. What a
 * member has to tell it tells in its timer, as entries do.
 *
 * A point-to-point tunnel has no members: all that leaves it goes to its destination.
 */
#include "nhrp/multicast.h"

#include "nhrp/cache.h"
#include "nhrp/client.h"
#include "nhrp/out.h"
#include "nhrp/tunnel.h"
#include "util/check.h"
#include "util/memory.h"

enum { KEY_LEN = offsetof(struct nhrp_member_key, nbma) + sizeof(struct addr) };

static struct nhrp_member *find(const struct nhrp *n, const struct nhrp_member_key *key)
{
	struct nhrp_member *m;

	HASH_FIND(hh, n->members, key, KEY_LEN, m);
	return m;
}

static struct nhrp_member *hold(struct nhrp *n, uint32_t tunnel, const struct addr *nbma)
{
	struct nhrp_member_key key = { .tunnel = tunnel, .nbma = *nbma };
	struct nhrp_member *m = find(n, &key);

	if (!m) {
		m = memory_new(1, sizeof *m);
		m->key = key;
		m->timer.kind = NHRP_TIMER_MEMBER;
		HASH_ADD(hh, n->members, key, KEY_LEN, m);
	}
	m->holders++;
	if (!m->told)
		timers_set(&n->timers, &m->timer, n->now.mono);
	return m;
}

static void release(struct nhrp *n, struct nhrp_member *m)
{
	check(m->holders);
	if (--m->holders == 0)
		timers_set(&n->timers, &m->timer, n->now.mono);
}

/* nbma: the address to hold from now on; none: no more. */
static void change(struct nhrp *n, struct nhrp_member **held, uint32_t tunnel,
                   const struct addr *nbma)
{
	struct nhrp_member *old = *held;

	if (old && addr_equal(&old->key.nbma, nbma))
		return;
	*held = addr_is_none(nbma) ? NULL : hold(n, tunnel, nbma);
	if (old)
		release(n, old);
}

void nhrp_multicast_fire(struct nhrp *n, struct nhrp_member *m)
{
	bool wanted = m->holders > 0;

	if (m->told != wanted) {
		struct node_action *action =
			nhrp_out_action(n, wanted ? NODE_SET_MULTICAST : NODE_DEL_MULTICAST);
		if (action) {
			action->peer.tunnel = m->key.tunnel;
			action->peer.nbma = m->key.nbma;
		}
		m->told = wanted;
	}
	if (wanted)
		return;
	HASH_DEL(n->members, m);
	free(m);
}

void nhrp_multicast_configure(struct nhrp *n, struct nhrp_tunnel *t)
{
	size_t n_new = t->running && t->multipoint ? t->config.n_multicast : 0;
	size_t n_old = t->n_members;
	struct nhrp_member **old = t->members;

	t->members = n_new ? memory_new(n_new, sizeof(struct nhrp_member *)) : NULL;
	t->n_members = n_new;
	for (size_t i = 0; i < n_new; i++)
		t->members[i] = hold(n, t->number, &t->config.multicast[i].nbma);
	for (size_t i = 0; i < n_old; i++)
		release(n, old[i]);
	free(old);
}

void nhrp_multicast_entry(struct nhrp *n, struct nhrp_entry *e)
{
	const struct nhrp_tunnel *t = nhrp_tunnel_find(n, e->key.tunnel);
	bool wanted =
		t->multipoint && t->config.multicast_dynamic && e->origin == NHRP_BY_REGISTRATION;

	change(n, &e->member, e->key.tunnel, wanted ? &e->nbma : &ADDR_ANY_NONE);
}

void nhrp_multicast_server(struct nhrp *n, struct nhrp_nhs *nhs)
{
	bool wanted = nhs->tunnel->multipoint && nhs->config.multicast && nhrp_client_uses(nhs);

	change(n, &nhs->member, nhs->tunnel->number, wanted ? &nhs->nbma : &ADDR_ANY_NONE);
}

void nhrp_multicast_forget_entry(struct nhrp *n, struct nhrp_entry *e)
{
	change(n, &e->member, e->key.tunnel, &ADDR_ANY_NONE);
}

void nhrp_multicast_forget_server(struct nhrp *n, struct nhrp_nhs *nhs)
{
	change(n, &nhs->member, nhs->tunnel->number, &ADDR_ANY_NONE);
}

void nhrp_multicast_view(const struct nhrp *n, const struct nhrp_member *m,
                         struct multicast_view *ret)
{
	const struct nhrp_tunnel *t = nhrp_tunnel_find(n, m->key.tunnel);
	uint32_t n_maps = 0, n_servers = 0;

	for (size_t i = 0; t && i < t->n_members; i++)
		n_maps += t->members[i] == m;
	for (size_t i = 0; t && i < t->n_nhs; i++)
		n_servers += t->nhs[i]->member == m;
	*ret = (struct multicast_view){
		.tunnel = m->key.tunnel,
		.nbma = m->key.nbma,
		.by_map = n_maps > 0,
		.by_client = m->holders > n_maps + n_servers,
		.by_server = n_servers > 0,
	};
}

void nhrp_multicast_fini(struct nhrp *n)
{
	struct nhrp_member *m, *next;

	HASH_ITER (hh, n->members, m, next) {
		HASH_DEL(n->members, m);
		free(m);
	}
}
