/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Security associations as the workers see them, and which of them each peer's packets leave by.
 * The control thread is the only writer; workers find them under RCU.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <urcu-qsbr.h>
#include <urcu/rcuhlist.h>

#include "dataplane/dataplane.h"

enum {
	SA_BUCKETS = 1 << 14,
	/* Both directions, and both again while they are renewed, of every peer. */
	SA_MAX = 4 * DP_ADJACENCIES_MAX,
	PROTECTIONS_MAX = 2 * DP_ADJACENCIES_MAX, /* peers with and without an adjacency */
};

/* Where an outbound one sends to, and what an inbound one opens comes from. */
struct sa_route {
	struct addr remote;
	uint16_t udp_port; /* 0: plain ESP */
	struct rcu_head rcu;
};

struct slot;
struct tunnel;
struct adjacency;

/* Where the packets of an inbound association go, as found in one version of the tables. */
struct sa_way {
	uint64_t version; /* 0: not looked for yet */
	struct slot *slot;
	const struct tunnel *tunnel;
	struct adjacency *adjacency; /* of the sender; or NULL */
	bool is_open;                /* the tunnel takes them */
};

/* What is not behind a pointer never changes, but the way. The first line is what each packet
 * needs. */
struct sa {
	struct esp_sa *esp;
	struct sa_route *route; /* RCU */
	uint32_t id, tunnel, spi;
	unsigned owner;   /* the one worker that seals or opens with it */
	uint16_t slot_at; /* place of its tunnel's slot when it was made */
	bool outbound, shared, tunnel_mode;
	bool knows_replays; /* inbound, with a window */
	struct addr local;
	struct sa_way way; /* the owner's */
	struct addr nbma;
	struct addr inner_local, inner_remote; /* tunnel mode */
	enum dp_df df;
	struct cds_hlist_node by_id, by_spi, by_nbma;
	unsigned n_uses; /* protections that name it; the control thread's own */
};

struct protection; /* which SA a peer's packets leave by; the control thread's own */

struct sa_table {
	struct cds_hlist_head by_id[SA_BUCKETS];   /* RCU */
	struct cds_hlist_head by_spi[SA_BUCKETS];  /* RCU; inbound ones */
	struct cds_hlist_head by_nbma[SA_BUCKETS]; /* the control thread's own */
	struct protection *protections;
	unsigned n, n_workers;
};

void sa_table_init(struct sa_table *t, unsigned n_workers);

/*
 * Takes over esp, which belongs to the table if 0 is returned. -EEXIST for an id or an inbound SPI
 * that is there, -ENOSPC. slot_at: of its tunnel. An inbound SA belongs to the worker that its SPI
 * names, where port_esp_socket and port_udp_open bring its packets. An outbound one belongs to the
 * same worker as what comes from that peer, for there a TAP puts the answers to what it was given.
 */
int sa_table_add(struct sa_table *t, const struct dp_sa *config, struct esp_sa *esp,
                 uint16_t slot_at);
/* Out of the workers' sight. The caller waits until none uses it, then calls sa_free. It has no
 * protections any more. */
void sa_table_remove(struct sa_table *t, struct sa *sa);
void sa_free(struct sa *sa);
/* Without waiting: no worker may run any more. */
void sa_table_fini(struct sa_table *t);
void sa_set_route(struct sa *sa, const struct addr *remote, uint16_t udp_port);

/* Remembers that packets of a tunnel to an NBMA address leave by sa; NULL: by none. -ENOSPC. */
int sa_table_protect(struct sa_table *t, uint32_t tunnel, const struct addr *nbma, struct sa *sa);
/* What was remembered; NULL: none. */
struct sa *sa_table_protection(const struct sa_table *t, uint32_t tunnel, const struct addr *nbma);
/* One of the tunnels and addresses that leave by sa. False when there is none. */
bool sa_table_next_use(const struct sa_table *t, const struct sa *sa, uint32_t *ret_tunnel,
                       struct addr *ret_nbma);

/* Workers, and the control thread. NULL when it is not there. */
struct sa *sa_table_by_id(const struct sa_table *t, uint32_t id);
struct sa *sa_table_by_spi(const struct sa_table *t, uint32_t spi);

/* The worker that owns inbound SAs of an SPI. */
static inline unsigned sa_owner(uint32_t spi, unsigned n_workers)
{
	return spi % n_workers;
}
