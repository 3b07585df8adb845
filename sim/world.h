/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cloud of routers in virtual time. Each router is the real node with a stand-in for what
 * surrounds it in the daemon: a table of peers for the data plane, a record that survives restarts
 * for the disk. The underlay (network.c) carries packets with the faults of the options; traffic.c
 * sends between spokes; checkers.c looks on from outside. One thread; the only randomness is the
 * world's generator.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

#include "node/node.h"
#include "node/view.h"
#include "options.h"
#include "util/entropy.h"
#include "util/timers.h"

enum {
	SIM_TUNNEL = 0, /* every router's tunnel number */
	SIM_NETWORK_ID = 1,
	SIM_TUNNEL_MTU = 17912, /* with a key, as IOSv says */
	SIM_HOPS_MAX = 8,       /* a data packet that takes more has a loop */
	SIM_TALKS = 64,         /* pairs of spokes that talk at one time */
	SIM_TALK_PACKETS = 50,  /* a pair talks for so many packets on average */
};

/* Where a router sends the packets for an overlay next hop. */
struct sim_peer {
	struct addr overlay;
	struct addr nbma;
	enum node_peer_kind kind;
	UT_hash_handle hh;
};

struct sim_router {
	uint32_t index; /* hubs come first */
	bool hub, p2p, up, cut_off;
	struct node *node; /* NULL while it is down */
	struct snapshot *snapshot;
	struct addr overlay, nbma;
	struct sim_peer *peers;
	struct timer tick, revive;
	/* What survives a restart. */
	uint32_t request_id_next;
	struct node_saved_entry *saved;
	size_t n_saved, saved_room;
	bool cache_dirty;
	/* For the request-id checker. */
	uint32_t id_highest, id_floor; /* highest seen; ids of this life must be above the floor */
	UT_hash_handle hh;             /* by nbma */
};

enum sim_timer_kind { TIMER_TICK, TIMER_REVIVE, TIMER_PACKET, TIMER_WORLD };

/* What happens regularly or once to the world as a whole. */
enum sim_job {
	JOB_TRAFFIC,
	JOB_READDRESS,
	JOB_RESTART,
	JOB_PARTITION,
	JOB_REJOIN,
	JOB_SAVE,
	JOB_HEAL,
	JOB_CHECK,
	JOB_INCIDENT, /* + its number */
	JOBS_N = JOB_INCIDENT + SIM_INCIDENTS_MAX,
};

struct sim_packet {
	struct timer timer;
	struct addr from, to; /* underlay */
	struct sim_packet *next_free;
	size_t len;
	uint8_t bytes[NHRP_PACKET_MAX];
};

/* Two spokes that talk for a while; NULL: nobody does. */
struct sim_talk {
	struct sim_router *from, *to;
};

struct sim_check {
	uint64_t looks, failures;
	char first[256]; /* the first failure in words */
};

struct sim_world {
	const struct sim_options *options;
	struct prng prng;
	struct entropy entropy;
	struct timers timers;
	struct now now;
	struct sim_router *router;
	uint32_t n_routers;
	struct sim_router *by_nbma;
	uint32_t next_nbma;
	struct timer job[JOBS_N];
	struct sim_packet *free_packets;
	struct sim_talk talk[SIM_TALKS];
	bool healed;
	struct node_out *out;
	uint64_t hash; /* of everything that any node did, FNV-1a */
	struct sim_check check[SIM_CHECKERS_N];
	struct {
		uint64_t sent, lost, delivered, steps, data_sent, data_delivered, restarts,
			readdressed;
	} count;
};

void world_init(struct sim_world *w, const struct sim_options *o);
void world_fini(struct sim_world *w);
/* Runs from the beginning to the end of the options' duration. */
void world_run(struct sim_world *w);

/* ---- router.c ---- */

/* Hands one event to a router that is up and carries out what it answers. */
void router_step(struct sim_world *w, struct sim_router *r, const struct node_event *event);
/* Starts a router: a new node with what an earlier life left on disk. */
void router_start(struct sim_world *w, struct sim_router *r);
/* As kill -9: nothing is said to anybody. */
void router_kill(struct sim_world *w, struct sim_router *r);
/* The underlay gives it another address. */
void router_readdress(struct sim_world *w, struct sim_router *r);
void router_build(struct sim_world *w, struct sim_router *r, uint32_t index);
void router_fini(struct sim_world *w, struct sim_router *r);
/* What a daemon does a second after NODE_SAVE_CACHE. */
void router_save(struct sim_world *w, struct sim_router *r);

/* ---- network.c ---- */

/* A packet for an underlay address; the bytes are borrowed. */
struct sim_sending {
	struct addr to;
	const uint8_t *bytes;
	size_t len;
};

/* Sends an NHRP packet; the network may lose, delay, reorder or repeat it. */
void network_send(struct sim_world *w, const struct sim_router *from, const struct sim_sending *s);
void network_arrive(struct sim_world *w, struct sim_packet *p);
/* Cuts off a share of the spokes; ends an earlier partition. */
void network_partition(struct sim_world *w, uint32_t permille);
struct sim_router *network_find(struct sim_world *w, const struct addr *nbma);
/* Gives a router an address that nobody had before. */
void network_attach(struct sim_world *w, struct sim_router *r);
void network_detach(struct sim_world *w, struct sim_router *r);

/* ---- traffic.c ---- */

/* One data packet of a random pair of spokes that talk to each other. */
void traffic_send(struct sim_world *w);

/* ---- checkers.c ---- */

/* Notes one look of a checker. False, and a failure counted, unless ok. */
bool check_note(struct sim_world *w, enum sim_checker c, bool ok);
/* Says what the checker saw; the words of its first failure are kept. */
void check_explain(struct sim_world *w, enum sim_checker c, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The whole cloud, when it must be perfect. */
void check_cloud(struct sim_world *w);
/* A packet that a router originates. */
void check_sent(struct sim_world *w, struct sim_router *r, const uint8_t *bytes, size_t len);

/* True for permille out of a thousand draws. */
bool world_chance(struct sim_world *w, uint32_t permille);
uint32_t world_between(struct sim_world *w, uint32_t low, uint32_t high);
/* A random live router: a spoke. NULL when none was found in a few tries. */
struct sim_router *world_random_spoke(struct sim_world *w);
