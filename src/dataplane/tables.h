/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tunnels and adjacencies as the workers see them. The control thread is the only writer; workers
 * read under RCU. What is published is immutable, save counters and sequence state, which belong to
 * one worker each.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <urcu-qsbr.h>
#include <urcu/rcuhlist.h>

#include "dataplane/counters.h"
#include "dataplane/dataplane.h"
#include "dataplane/decap.h"
#include "dataplane/encap.h"
#include "dataplane/hairpin.h"
#include "dataplane/mac.h"
#include "dataplane/path.h"
#include "dataplane/sa_table.h"
#include "util/memory.h"

enum {
	TABLES_PEER_BUCKETS = 1 << 14, /* by NBMA address: chains of 4 at the very most used */
	TABLES_INDEX_ROOM = 4 * DP_TUNNELS_MAX, /* at most a quarter full */
	TABLES_COUNTERS = DP_WORKERS_MAX + 1,   /* the workers' and the control thread's */
	TABLES_CONTROL = DP_WORKERS_MAX,        /* index of the latter */
};

/* One version of a tunnel's settings. */
struct tunnel {
	struct rcu_head rcu;
	struct dp_tunnel config;
	struct encap encap;     /* all but `to` and a copied TOS */
	struct adjacency *peer; /* of a p2p tunnel */
};

/* A tunnel number from its first setting until it is deleted: what does not change meanwhile. */
struct slot {
	uint32_t number;
	uint16_t at;             /* place in tables.slots */
	struct tunnel *tunnel;   /* RCU */
	uint8_t mac[DP_MAC_LEN]; /* the TAP's own */
	int fd[DP_WORKERS_MAX];  /* TAP queues */
	unsigned n_fds;
	struct replication *replication; /* RCU; NULL: no members */
	struct dp_counters counters[TABLES_COUNTERS];
};

/* What one worker knows of an adjacency: its own to write. */
struct adjacency_share {
	struct counter_way rx, tx;
	struct gre_sequence sequence;
} __attribute__((aligned(MEMORY_LINE)));

/* Each packet needs the first line, and its worker's share. */
struct adjacency {
	struct slot *slot;
	struct sa *sa;     /* RCU; that its packets leave by; NULL: none */
	struct path *path; /* RCU; NULL: never resolved */
	struct addr nbma;
	uint8_t reuse;
	uint16_t index;
	bool member;     /* of the slot's replication list only: other packets do not use it */
	bool indexed;    /* false for the built-in one of a p2p tunnel */
	bool path_asked; /* any worker asked the control thread */
	struct cds_hlist_node by_peer;
	struct rcu_head rcu;
	struct adjacency_share share[TABLES_COUNTERS];
};

/* Who has a copy of a tunnel's multicast. */
struct replication {
	struct rcu_head rcu;
	uint32_t n;
	struct adjacency *member[];
};

struct index_entry {
	struct addr local, remote; /* remote: of a p2p tunnel, else none */
	bool has_key;
	uint32_t key;
	struct slot *slot;
};

/* How received GRE finds its tunnel; rebuilt as a whole at every change. */
struct index {
	struct rcu_head rcu;
	struct index_entry entry[TABLES_INDEX_ROOM];
};

struct tables {
	struct slot *slots[DP_TUNNELS_MAX];                 /* RCU */
	struct index *index;                                /* RCU */
	struct adjacency *adjacencies[DP_ADJACENCIES_MAX];  /* RCU */
	struct cds_hlist_head by_peer[TABLES_PEER_BUCKETS]; /* RCU */
	struct dp_counters nowhere[TABLES_COUNTERS];        /* drops of no tunnel */
	struct sa_table sas;
	struct hairpin_flow hairpins[HAIRPIN_FLOWS];
	uint32_t path_epoch; /* atomic: paths of an earlier one are void */
	/* Atomic: what a worker found under an earlier one it may not use any more. Another one
	 * whenever a tunnel, an adjacency or an association was replaced or removed. */
	uint64_t version; /* never 0 */

	/* The control thread's own: */
	uint16_t start; /* of every MAC */
	uint8_t reuse[DP_ADJACENCIES_MAX];
	uint16_t free_index[DP_ADJACENCIES_MAX]; /* a queue: the longest unused index goes first */
	uint32_t first_free, n_free;
};

struct tables *tables_new(uint32_t generation);
/* No worker may run any more. */
void tables_free(struct tables *t);

/* Control thread. */

struct slot *tables_find(struct tables *t, uint32_t number);
/* A slot without settings, not yet seen by workers. NULL when there is no room. */
struct slot *tables_slot_new(struct tables *t, uint32_t number);
/* Publishes settings for a slot. */
void tables_set(struct tables *t, struct slot *slot, const struct dp_tunnel *config);
/* Removes a slot with its adjacencies from the workers' sight and waits until no worker uses them;
 * the caller closes its TAP and frees it with tables_slot_free. */
void tables_del(struct tables *t, struct slot *slot);
void tables_slot_free(struct slot *slot);

/* -ENOSPC when no index is left. */
int tables_adjacency_add(struct tables *t, struct slot *slot, const struct addr *nbma,
                         uint8_t ret_mac[static DP_MAC_LEN]);
/* The same for the slot's replication list: -EEXIST when the address is on it. */
int tables_member_add(struct tables *t, struct slot *slot, const struct addr *nbma);
/* Nothing happens when it is not on it. */
void tables_member_del(struct tables *t, struct slot *slot, const struct addr *nbma);
void tables_adjacency_del(struct tables *t, struct adjacency *a);
/* Replaces the path of an adjacency. */
void tables_set_path(struct adjacency *a, const struct path *path);

/*
 * Packets of a tunnel to an NBMA address leave by sa from now on, those of adjacencies made later
 * included; NULL: by none. -ENOSPC.
 */
int tables_protect(struct tables *t, uint32_t tunnel, const struct addr *nbma, struct sa *sa);
/* Takes an SA out of the workers' sight: what left by it leaves by none. */
void tables_sa_del(struct tables *t, struct sa *sa);

/* Workers, and the control thread. */

/* The slot at that place, if it has that number; else NULL. */
static inline struct slot *tables_slot(const struct tables *t, uint16_t at, uint32_t number)
{
	struct slot *slot = rcu_dereference(t->slots[at]);

	return slot && slot->number == number ? slot : NULL;
}

/*
 * To be read before what is to be kept is looked for. As long as it is the same, all of that is in
 * the tables: who sees the same version after a grace period began is one that it waits for.
 */
static inline uint64_t tables_version(const struct tables *t)
{
	return __atomic_load_n(&t->version, __ATOMIC_ACQUIRE);
}

/* NULL for a MAC that names no living adjacency. */
static inline struct adjacency *tables_adjacency(const struct tables *t,
                                                 const uint8_t mac[static DP_MAC_LEN])
{
	struct mac_name name;

	if (!mac_parse(mac, &name) || name.start != t->start)
		return NULL;
	struct adjacency *a = rcu_dereference(t->adjacencies[name.index]);
	return a && a->reuse == name.reuse ? a : NULL;
}

/* The adjacency of a sender on a tunnel, or NULL. One that is a member only comes last. */
struct adjacency *tables_peer(struct tables *t, const struct slot *slot, const struct addr *nbma);
/* The tunnel for a received packet, or NULL. */
struct slot *tables_lookup(const struct tables *t, const struct addr *local,
                           const struct addr *remote, const struct gre_header *gre);

void tables_mac(const struct tables *t, const struct adjacency *a,
                uint8_t ret_mac[static DP_MAC_LEN]);
