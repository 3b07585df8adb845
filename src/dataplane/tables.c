/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control thread prepares a new version of whatever changes, swaps one pointer and frees the
 * old version when every worker has passed a quiescent state (liburcu, QSBR). It never reads as a
 * worker does, so it need not be registered.
 */
#include "dataplane/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/mac.h"
#include "util/check.h"
#include "util/memory.h"

static void free_tunnel(struct rcu_head *head)
{
	free(caa_container_of(head, struct tunnel, rcu));
}

static void free_index(struct rcu_head *head)
{
	free(caa_container_of(head, struct index, rcu));
}

static void free_path(struct rcu_head *head)
{
	free(caa_container_of(head, struct path, rcu));
}

static void free_adjacency(struct rcu_head *head)
{
	struct adjacency *a = caa_container_of(head, struct adjacency, rcu);

	free(a->path);
	free(a);
}

struct tables *tables_new(uint32_t generation)
{
	struct tables *t = memory_new(1, sizeof *t);

	t->index = memory_new(1, sizeof *t->index);
	sa_table_init(&t->sas, 1);
	t->start = mac_start(generation);
	t->version = 1;
	t->n_free = DP_ADJACENCIES_MAX;
	for (uint32_t i = 0; i < DP_ADJACENCIES_MAX; i++)
		t->free_index[i] = (uint16_t)i;
	return t;
}

void tables_free(struct tables *t)
{
	for (unsigned i = 0; i < DP_TUNNELS_MAX; i++) {
		struct slot *slot = t->slots[i];
		if (!slot)
			continue;
		tables_del(t, slot);
		tables_slot_free(slot);
	}
	sa_table_fini(&t->sas);
	rcu_barrier();
	free(t->index);
	free(t);
}

struct slot *tables_find(struct tables *t, uint32_t number)
{
	for (unsigned i = 0; i < DP_TUNNELS_MAX; i++)
		if (t->slots[i] && t->slots[i]->number == number)
			return t->slots[i];
	return NULL;
}

struct slot *tables_slot_new(struct tables *t, uint32_t number)
{
	for (unsigned i = 0; i < DP_TUNNELS_MAX; i++) {
		if (t->slots[i])
			continue;
		struct slot *slot = memory_new(1, sizeof *slot);
		slot->number = number;
		slot->at = (uint16_t)i;
		return slot;
	}
	return NULL;
}

void tables_slot_free(struct slot *slot)
{
	free(slot->replication);
	free(slot);
}

/* After something was put out of the workers' sight, and before it is waited for. */
static void change_version(struct tables *t)
{
	__atomic_add_fetch(&t->version, 1, __ATOMIC_RELEASE);
}

static uint32_t index_hash(const struct index_entry *e)
{
	uint32_t hash = addr_hash(&e->local) * 31 + addr_hash(&e->remote);

	return (hash * 31 + e->key * 2 + e->has_key) % TABLES_INDEX_ROOM;
}

/* The entry of the same key, or the empty one where it belongs. */
static uint32_t index_find(const struct index *index, const struct index_entry *key)
{
	uint32_t at = index_hash(key);

	for (;; at = (at + 1) % TABLES_INDEX_ROOM) {
		const struct index_entry *e = &index->entry[at];
		if (!e->slot ||
		    (e->has_key == key->has_key && e->key == key->key &&
		     addr_equal(&e->local, &key->local) && addr_equal(&e->remote, &key->remote)))
			return at;
	}
}

/* Of two tunnels that cannot be told apart the lower number has the packets. */
static void index_add(struct index *index, struct slot *slot)
{
	const struct dp_tunnel *c = &slot->tunnel->config;
	struct index_entry entry = {
		.local = c->source,
		.remote = c->destination,
		.has_key = c->has_key,
		.key = c->has_key ? c->key : 0,
		.slot = slot,
	};

	if (addr_is_none(&c->source))
		return;
	struct index_entry *there = &index->entry[index_find(index, &entry)];
	if (!there->slot || there->slot->number > slot->number)
		*there = entry;
}

static void rebuild_index(struct tables *t)
{
	struct index *old = t->index, *new = memory_new(1, sizeof *new);

	for (unsigned i = 0; i < DP_TUNNELS_MAX; i++)
		if (t->slots[i])
			index_add(new, t->slots[i]);
	rcu_assign_pointer(t->index, new);
	call_rcu(&old->rcu, free_index);
}

static struct adjacency *adjacency_new(const struct tables *t, struct slot *slot,
                                       const struct addr *nbma)
{
	struct adjacency *a = memory_new_lines(sizeof *a);

	a->sa = sa_table_protection(&t->sas, slot->number, nbma);

	a->slot = slot;
	a->nbma = *nbma;
	return a;
}

/* Keeps the built-in adjacency, and its counters, as long as the destination stays. */
static struct adjacency *p2p_peer(const struct tables *t, struct slot *slot,
                                  const struct dp_tunnel *config)
{
	struct adjacency *old = slot->tunnel ? slot->tunnel->peer : NULL;

	if (old && addr_equal(&old->nbma, &config->destination))
		return old;
	return addr_is_none(&config->destination) ? NULL
	                                          : adjacency_new(t, slot, &config->destination);
}

void tables_set(struct tables *t, struct slot *slot, const struct dp_tunnel *config)
{
	struct tunnel *new = memory_new(1, sizeof *new), *old = slot->tunnel;
	const struct gre_header header = { .has_key = config->has_key, .key = config->key };

	new->config = *config;
	new->encap = (struct encap){
		.from = config->source,
		.to = config->destination,
		.tos = config->tos,
		.ttl = config->ttl ? config->ttl : 255,
	};
	new->encap.gre_len = (uint8_t)gre_build(&header, new->encap.gre);
	new->peer = p2p_peer(t, slot, config);
	rcu_assign_pointer(slot->tunnel, new);
	rcu_assign_pointer(t->slots[slot->at], slot);
	rebuild_index(t);
	change_version(t);
	__atomic_add_fetch(&t->path_epoch, 1, __ATOMIC_RELEASE);
	if (!old)
		return;
	if (old->peer && old->peer != new->peer)
		call_rcu(&old->peer->rcu, free_adjacency);
	call_rcu(&old->rcu, free_tunnel);
}

void tables_del(struct tables *t, struct slot *slot)
{
	for (uint32_t i = 0; i < DP_ADJACENCIES_MAX; i++)
		if (t->adjacencies[i] && t->adjacencies[i]->slot == slot)
			tables_adjacency_del(t, t->adjacencies[i]);
	rcu_assign_pointer(t->slots[slot->at], NULL);
	rebuild_index(t);
	change_version(t);
	synchronize_rcu();
	if (slot->tunnel) {
		if (slot->tunnel->peer)
			free_adjacency(&slot->tunnel->peer->rcu);
		free_tunnel(&slot->tunnel->rcu);
		slot->tunnel = NULL;
	}
	/* Adjacencies that wait to be freed still point at the slot, but nobody looks any more. */
}

static struct cds_hlist_head *bucket(struct tables *t, const struct slot *slot,
                                     const struct addr *nbma)
{
	return &t->by_peer[(addr_hash(nbma) + slot->at) % TABLES_PEER_BUCKETS];
}

/* Gives the adjacency an index and shows it to the workers; frees it when none is left. */
static int publish(struct tables *t, struct adjacency *a)
{
	if (t->n_free == 0) {
		free(a);
		return -ENOSPC;
	}
	a->index = t->free_index[t->first_free];
	t->first_free = (t->first_free + 1) % DP_ADJACENCIES_MAX;
	t->n_free--;
	a->reuse = t->reuse[a->index];
	a->indexed = true;
	cds_hlist_add_head_rcu(&a->by_peer, bucket(t, a->slot, &a->nbma));
	rcu_assign_pointer(t->adjacencies[a->index], a);
	change_version(t);
	return 0;
}

int tables_adjacency_add(struct tables *t, struct slot *slot, const struct addr *nbma,
                         uint8_t ret_mac[static DP_MAC_LEN])
{
	struct adjacency *a = adjacency_new(t, slot, nbma);
	int result = publish(t, a);

	if (result == 0)
		tables_mac(t, a, ret_mac);
	return result;
}

static void free_replication(struct rcu_head *head)
{
	free(caa_container_of(head, struct replication, rcu));
}

/* The list without one member (or NULL), with room for more. */
static struct replication *copy_members(const struct slot *slot, const struct adjacency *without,
                                        uint32_t more)
{
	const struct replication *old = slot->replication;
	uint32_t n = old ? old->n : 0;
	struct replication *new =
		memory_new(1, sizeof *new + (n + more) * sizeof(struct adjacency *));

	for (uint32_t i = 0; i < n; i++)
		if (old->member[i] != without)
			new->member[new->n++] = old->member[i];
	return new;
}

static void replace_members(struct slot *slot, struct replication *new)
{
	struct replication *old = slot->replication;

	rcu_assign_pointer(slot->replication, new);
	if (old)
		call_rcu(&old->rcu, free_replication);
}

static struct adjacency *find_member(const struct slot *slot, const struct addr *nbma)
{
	const struct replication *r = slot->replication;

	for (uint32_t i = 0; r && i < r->n; i++)
		if (addr_equal(&r->member[i]->nbma, nbma))
			return r->member[i];
	return NULL;
}

int tables_member_add(struct tables *t, struct slot *slot, const struct addr *nbma)
{
	if (find_member(slot, nbma))
		return -EEXIST;
	struct adjacency *a = adjacency_new(t, slot, nbma);
	a->member = true;
	int result = publish(t, a);
	if (result < 0)
		return result;
	struct replication *new = copy_members(slot, NULL, 1);
	new->member[new->n++] = a;
	replace_members(slot, new);
	return 0;
}

void tables_member_del(struct tables *t, struct slot *slot, const struct addr *nbma)
{
	struct adjacency *a = find_member(slot, nbma);

	if (!a)
		return;
	replace_members(slot, copy_members(slot, a, 0));
	tables_adjacency_del(t, a);
}

void tables_adjacency_del(struct tables *t, struct adjacency *a)
{
	check(a->indexed && t->adjacencies[a->index] == a);
	t->reuse[a->index]++;
	t->free_index[(t->first_free + t->n_free++) % DP_ADJACENCIES_MAX] = a->index;
	rcu_assign_pointer(t->adjacencies[a->index], NULL);
	cds_hlist_del_rcu(&a->by_peer);
	change_version(t);
	call_rcu(&a->rcu, free_adjacency);
}

void tables_set_path(struct adjacency *a, const struct path *path)
{
	struct path *new = memory_new(1, sizeof *new), *old = a->path;

	*new = *path;
	rcu_assign_pointer(a->path, new);
	__atomic_store_n(&a->path_asked, false, __ATOMIC_RELEASE);
	if (old)
		call_rcu(&old->rcu, free_path);
}

int tables_protect(struct tables *t, uint32_t tunnel, const struct addr *nbma, struct sa *sa)
{
	struct slot *slot = tables_find(t, tunnel);
	struct adjacency *a;
	int error = sa_table_protect(&t->sas, tunnel, nbma, sa);

	if (error || !slot)
		return error;
	if (slot->tunnel->peer && addr_equal(&slot->tunnel->peer->nbma, nbma))
		rcu_assign_pointer(slot->tunnel->peer->sa, sa);
	cds_hlist_for_each_entry_2(a, bucket(t, slot, nbma), by_peer)
	{
		if (a->slot == slot && addr_equal(&a->nbma, nbma))
			rcu_assign_pointer(a->sa, sa);
	}
	return 0;
}

void tables_sa_del(struct tables *t, struct sa *sa)
{
	struct addr nbma;
	uint32_t tunnel;

	while (sa_table_next_use(&t->sas, sa, &tunnel, &nbma))
		tables_protect(t, tunnel, &nbma, NULL);
	sa_table_remove(&t->sas, sa);
	change_version(t);
}

struct adjacency *tables_peer(struct tables *t, const struct slot *slot, const struct addr *nbma)
{
	const struct tunnel *tunnel = rcu_dereference(slot->tunnel);
	struct adjacency *a, *member = NULL;

	if (tunnel->peer && addr_equal(&tunnel->peer->nbma, nbma))
		return tunnel->peer;
	cds_hlist_for_each_entry_rcu_2(a, bucket(t, slot, nbma), by_peer)
	{
		if (a->slot != slot || !addr_equal(&a->nbma, nbma))
			continue;
		if (!a->member)
			return a;
		member = a;
	}
	return member;
}

/* A p2p tunnel's exact match goes before a multipoint one. */
struct slot *tables_lookup(const struct tables *t, const struct addr *local,
                           const struct addr *remote, const struct gre_header *gre)
{
	const struct index *index = rcu_dereference(t->index);
	struct index_entry key = {
		.local = *local,
		.remote = *remote,
		.has_key = gre->has_key,
		.key = gre->has_key ? gre->key : 0,
	};
	struct slot *slot = index->entry[index_find(index, &key)].slot;

	if (slot)
		return slot;
	key.remote = ADDR_ANY_NONE;
	return index->entry[index_find(index, &key)].slot;
}

void tables_mac(const struct tables *t, const struct adjacency *a,
                uint8_t ret_mac[static DP_MAC_LEN])
{
	const struct mac_name name = { t->start, a->reuse, a->index };

	mac_build(&name, ret_mac);
}
