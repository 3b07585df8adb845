/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SPI alone names an inbound association (RFC 4301 4.1), since all of them are for this machine.
 */
#include "dataplane/sa_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "util/check.h"
#include "util/memory.h"

struct protection_key {
	uint32_t tunnel;
	struct addr nbma;
};

struct protection {
	struct protection_key key;
	struct sa *sa;
	UT_hash_handle hh;
};

void sa_table_init(struct sa_table *t, unsigned n_workers)
{
	memset(t, 0, sizeof *t);
	t->n_workers = n_workers;
}

static struct protection_key protection_key(uint32_t tunnel, const struct addr *nbma)
{
	struct protection_key key;

	memset(&key, 0, sizeof key); /* padding is hashed too */
	key.tunnel = tunnel;
	key.nbma = *nbma;
	return key;
}

static struct protection *find_protection(const struct sa_table *t, uint32_t tunnel,
                                          const struct addr *nbma)
{
	struct protection_key key = protection_key(tunnel, nbma);
	struct protection *p;

	HASH_FIND(hh, t->protections, &key, sizeof key, p);
	return p;
}

static void forget(struct sa_table *t, struct protection *p)
{
	p->sa->n_uses--;
	HASH_DEL(t->protections, p);
	free(p);
}

int sa_table_protect(struct sa_table *t, uint32_t tunnel, const struct addr *nbma, struct sa *sa)
{
	struct protection *p = find_protection(t, tunnel, nbma);

	if (!sa) {
		if (p)
			forget(t, p);
		return 0;
	}
	if (!p) {
		if (HASH_COUNT(t->protections) >= PROTECTIONS_MAX)
			return -ENOSPC;
		p = memory_new(1, sizeof *p);
		p->key = protection_key(tunnel, nbma);
		HASH_ADD(hh, t->protections, key, sizeof p->key, p);
	} else {
		p->sa->n_uses--;
	}
	p->sa = sa;
	sa->n_uses++;
	return 0;
}

struct sa *sa_table_protection(const struct sa_table *t, uint32_t tunnel, const struct addr *nbma)
{
	const struct protection *p = find_protection(t, tunnel, nbma);

	return p ? p->sa : NULL;
}

bool sa_table_next_use(const struct sa_table *t, const struct sa *sa, uint32_t *ret_tunnel,
                       struct addr *ret_nbma)
{
	if (sa->n_uses == 0)
		return false;
	for (const struct protection *p = t->protections; p; p = p->hh.next) {
		if (p->sa != sa)
			continue;
		*ret_tunnel = p->key.tunnel;
		*ret_nbma = p->key.nbma;
		return true;
	}
	return false;
}

static unsigned nbma_bucket(const struct addr *nbma)
{
	return addr_hash(nbma) % SA_BUCKETS;
}

/* The one that receives from the same peer, the latest first; else any. */
static unsigned outbound_owner(const struct sa_table *t, const struct dp_sa *config)
{
	struct sa *sa;

	cds_hlist_for_each_entry_2(sa, &t->by_nbma[nbma_bucket(&config->nbma)], by_nbma)
	{
		if (!sa->outbound && sa->tunnel == config->tunnel &&
		    addr_equal(&sa->nbma, &config->nbma))
			return sa->owner;
	}
	return sa_owner(config->config.spi, t->n_workers);
}

int sa_table_add(struct sa_table *t, const struct dp_sa *config, struct esp_sa *esp,
                 uint16_t slot_at)
{
	uint32_t spi = config->config.spi;
	bool outbound = config->config.outbound;

	if (sa_table_by_id(t, config->id) || (!outbound && sa_table_by_spi(t, spi)))
		return -EEXIST;
	if (t->n == SA_MAX)
		return -ENOSPC;
	struct sa *sa = memory_new_lines(sizeof *sa);
	*sa = (struct sa){
		.id = config->id,
		.tunnel = config->tunnel,
		.spi = spi,
		.slot_at = slot_at,
		.outbound = outbound,
		.shared = config->shared,
		.tunnel_mode = config->config.mode == ESP_TUNNEL,
		.knows_replays = !outbound && config->config.replay_packets,
		.df = config->df,
		.local = config->local,
		.nbma = config->nbma,
		.inner_local = config->inner_local,
		.inner_remote = config->inner_remote,
		.owner = outbound ? outbound_owner(t, config) : sa_owner(spi, t->n_workers),
		.esp = esp,
	};
	sa_set_route(sa, &config->remote, config->udp_port);
	t->n++;
	cds_hlist_add_head(&sa->by_nbma, &t->by_nbma[nbma_bucket(&sa->nbma)]);
	cds_hlist_add_head_rcu(&sa->by_id, &t->by_id[sa->id % SA_BUCKETS]);
	if (!outbound)
		cds_hlist_add_head_rcu(&sa->by_spi, &t->by_spi[spi % SA_BUCKETS]);
	return 0;
}

void sa_table_remove(struct sa_table *t, struct sa *sa)
{
	check(sa->n_uses == 0);
	t->n--;
	cds_hlist_del(&sa->by_nbma);
	cds_hlist_del_rcu(&sa->by_id);
	if (!sa->outbound)
		cds_hlist_del_rcu(&sa->by_spi);
}

void sa_free(struct sa *sa)
{
	esp_sa_free(sa->esp);
	free(sa->route);
	free(sa);
}

void sa_table_fini(struct sa_table *t)
{
	struct protection *p, *next_p;

	HASH_ITER (hh, t->protections, p, next_p)
		forget(t, p);
	for (unsigned i = 0; i < SA_BUCKETS; i++) {
		while (t->by_id[i].next) {
			struct sa *sa = caa_container_of(t->by_id[i].next, struct sa, by_id);
			sa_table_remove(t, sa);
			sa_free(sa);
		}
	}
}

static void free_route(struct rcu_head *head)
{
	free(caa_container_of(head, struct sa_route, rcu));
}

void sa_set_route(struct sa *sa, const struct addr *remote, uint16_t udp_port)
{
	struct sa_route *new = memory_new_lines(sizeof *new), *old = sa->route;

	new->remote = *remote;
	new->udp_port = udp_port;
	rcu_assign_pointer(sa->route, new);
	if (old)
		call_rcu(&old->rcu, free_route);
}

struct sa *sa_table_by_id(const struct sa_table *t, uint32_t id)
{
	struct sa *sa;

	cds_hlist_for_each_entry_rcu_2(sa, &t->by_id[id % SA_BUCKETS], by_id)
	{
		if (sa->id == id)
			return sa;
	}
	return NULL;
}

struct sa *sa_table_by_spi(const struct sa_table *t, uint32_t spi)
{
	struct sa *sa;

	cds_hlist_for_each_entry_rcu_2(sa, &t->by_spi[spi % SA_BUCKETS], by_spi)
	{
		if (sa->spi == spi)
			return sa;
	}
	return NULL;
}
