/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cloud of routers in virtual time. Each router is the real node with a stand-in for what
 * surrounds it in the daemon: a table of peers for the data plane, security associations without
 * cryptography (protect.c), a record that survives restarts for the disk. The underlay (network.c)
 * carries packets with the faults of the options; routes.c is the routing over the tunnels;
 * traffic.c sends between spokes; checkers.c looks on from outside. One thread; the only randomness
 * is the world's generator.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

#include "crypto/crypto.h"
#include "esp/replay.h"
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
	SIM_PACKET_MAX = 4096,  /* bytes of an NHRP packet or IKE message */
	SIM_POLLED_MAX = 4096,  /* pairs of associations that a router is told of a second */
	SIM_IKE_IV_LEN = 20,    /* both cookies and the message id */
	SIM_NETWORK_LEN = 8,    /* of the overlay, 10.0.0.0/8 */
	SIM_REGIONALS_EACH = 2, /* regional hubs that a spoke registers with */
	SIM_CLOSED_MAX = 16,    /* associations that have gone, the latest ones */
};

#define SIM_FNV_START 14695981039346656037u

/* Where an outer packet comes from or goes to; port 0: GRE or ESP without UDP. */
struct sim_place {
	struct addr addr;
	uint16_t port;
};

struct sim_ends {
	struct sim_place from, to;
};

/* A box that translates addresses; nat.c has its flows. */
struct sim_nat {
	struct addr public;
	uint16_t port;    /* the latest that it gave */
	uint32_t members; /* routers behind it */
	struct sim_flow *flow;
	size_t n_flows, room;
	struct sim_nat *next;
	UT_hash_handle hh; /* by public */
};

/* A security association in force. */
struct sim_sa {
	uint32_t id, spi;
	bool outbound;
	struct addr nbma;
	struct sim_place remote; /* where the peer is */
	uint64_t keys;           /* a name of all that both ends must agree on */
	uint64_t packets;        /* outbound: the latest sequence number */
	uint64_t newest;         /* inbound: likewise, of those that came */
	bool dirty;              /* has carried some since the node was told */
	struct replay replay;
	UT_hash_handle hh, hh_spi;
};

/* Which outbound one packets to an NBMA address leave by. */
struct sim_use {
	struct addr nbma;
	uint32_t id;
	uint64_t packets;   /* that it had carried at the last look of the checkers */
	unsigned one_sided; /* so many looks in a row it carried some, but had no other half */
	UT_hash_handle hh;
};

/* What ESP adds to a packet; spi 0: it is in clear. */
struct sim_seal {
	uint32_t spi;
	uint64_t sequence, keys;
};

/* Why a packet finds no association. */
enum sim_stray {
	SIM_STRAY_NOT,     /* it finds one */
	SIM_STRAY_CLOSING, /* its peer was given up, and the DELETE is under way */
	SIM_STRAY_HALF,    /* the sender alone has it, and will be told */
};

/* A sealed packet where it comes in, and the address that its association is for. */
struct sim_arrival {
	struct sim_seal seal;
	struct sim_place from;
	struct addr *ret_nbma;
	enum sim_stray *ret_stray; /* set when it finds no association */
};

/* An inbound association that has gone, and no other has its place. */
struct sim_closed {
	uint32_t spi;
	mono at;
};

/* What an IKE message's IV follows from, and names of the messages that had it. */
struct sim_ike_iv {
	uint8_t of[SIM_IKE_IV_LEN];
	uint64_t message[3];
	size_t n;
	UT_hash_handle hh;
};

/* The name of a key that was sealed with. */
struct sim_key {
	uint64_t name;
	UT_hash_handle hh;
};

/* Where a router sends the packets for an overlay next hop. */
struct sim_peer {
	struct addr overlay;
	struct addr nbma;
	enum node_peer_kind kind;
	UT_hash_handle hh;
};

/* When a router last heard from another, that nobody had a registration of, where it is. */
struct sim_word {
	uint32_t index; /* of the other */
	mono at;
	UT_hash_handle hh;
};

/* A shortcut in a router's table. */
struct sim_route {
	struct prefix to;
	struct addr via;
	UT_hash_handle hh;
};

/* What a router's plain routes say about an address. */
struct sim_way {
	bool found, by_tunnel;
	struct prefix to;
	struct addr via; /* none: on the link itself */
};

/* NODE_FIND_ROUTE, to be answered after the step. */
struct sim_question {
	uint32_t cookie;
	struct addr to;
};

/* In a split, those of one side do not reach those of the other. */
enum sim_side { SIDE_BOTH, SIDE_LEFT, SIDE_RIGHT };

struct sim_router {
	uint32_t index; /* hubs come first, then regional hubs */
	bool hub, regional, p2p, up, cut_off, flapping;
	enum sim_side side;
	struct sim_router *only; /* it reaches this one and no other; NULL: all */
	mono disturbed; /* since then it is up, at its address, and not cut off, or the reverse */
	int64_t away_s; /* before that it was down for so long */
	struct sim_route *shortcuts;
	uint32_t servers_up; /* a bit for each of its servers */
	bool routes_changed; /* and the node has not been told */
	struct sim_word *words;
	uint32_t registered; /* so many servers hold a registration of it … */
	mono unregistered;   /* … and since then, if none */
	mono hubless;        /* until then it may not have found a server, as none of its was up */
	struct node *node;   /* NULL while it is down */
	struct snapshot *snapshot;
	struct addr overlay, nbma;
	struct sim_nat *nat; /* it is behind; or NULL */
	struct sim_peer *peers;
	struct sim_sa *sas, *sas_by_spi;
	struct sim_use *uses;
	struct sim_closed closed[SIM_CLOSED_MAX];
	unsigned n_closed; /* ever */
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
	JOB_POLL,
	JOB_HEAL,
	JOB_CHECK,
	JOB_LOOK,
	JOB_ROUTES,
	JOB_RACE,
	JOB_RACE_MOVE,
	JOB_FLAP,
	JOB_FLAP_END,
	JOB_SPLIT_END,
	JOB_CONFINE_END,
	JOB_INCIDENT, /* + its number */
	JOBS_N = JOB_INCIDENT + SIM_INCIDENTS_MAX,
};

struct sim_packet {
	struct timer timer;
	const struct sim_router *sender;
	struct sim_ends ends;
	struct sim_seal seal;
	bool is_ike;
	struct sim_packet *next_free;
	size_t len;
	uint8_t bytes[SIM_PACKET_MAX];
};

/* Two spokes that talk for a while; NULL: nobody does. */
struct sim_talk {
	struct sim_router *from, *to;
	mono failing; /* since then nothing arrives; MONO_NEVER: it does */
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
	uint32_t next_nbma, next_private, next_public;
	struct sim_nat *nats, *open_nat; /* open_nat: has room for another router */
	struct timer job[JOBS_N];
	struct sim_packet *free_packets;
	struct sim_talk talk[SIM_TALKS];
	bool healed;
	uint32_t saver;           /* whose turn it is to write its cache to disk */
	struct sim_router *mover; /* will change its address in the middle of a resolution */
	struct crypto *crypto;    /* NULL when nothing is protected */
	struct sim_ike_iv *ike_ivs;
	struct sim_key *keys;
	struct node_out *out;
	struct node_sa planted_sa; /* that the latest action adds */
	uint8_t planted_ike[1024]; /* that the latest action sends */
	int64_t outage_ms;         /* the longest that live spokes had no path */
	uint64_t hash;             /* of everything that any node did, FNV-1a */
	struct sim_check check[SIM_CHECKERS_N];
	struct {
		uint64_t sent, lost, delivered, steps, data_sent, data_delivered, data_direct,
			restarts, readdressed;
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
/* All of them, with their addresses and configurations. */
void router_build_all(struct sim_world *w);
void router_fini(struct sim_world *w, struct sim_router *r);
/* What a daemon does some time after NODE_SAVE_CACHE. */
void router_save(struct sim_world *w, struct sim_router *r);

/* ---- network.c ---- */

/* A packet for an underlay address; the bytes are borrowed. */
struct sim_sending {
	struct sim_ends ends;
	struct sim_seal seal;
	bool is_ike;
	const uint8_t *bytes;
	size_t len;
};

/* Sends an NHRP packet or IKE message; the network may lose, delay, reorder or repeat it. */
void network_send(struct sim_world *w, const struct sim_router *from, const struct sim_sending *s);
void network_arrive(struct sim_world *w, struct sim_packet *p);
/* Cuts off a share of the spokes; ends an earlier partition. */
void network_partition(struct sim_world *w, uint32_t permille);
/* Cuts one router off, or joins it again. */
void network_cut(struct sim_world *w, struct sim_router *r, bool off);
/* Parts the spokes, but not from their hubs: a share is on either side. 0: an end of it. */
void network_split(struct sim_world *w, uint32_t permille);
/* A share of the spokes reaches nobody but its first server. 0: an end of it. */
void network_confine(struct sim_world *w, uint32_t permille);
/* Whether what one sends can reach the other now, both being up. */
bool network_joins(const struct sim_router *from, const struct sim_router *to);
struct sim_router *network_find(struct sim_world *w, const struct addr *nbma);
/* The ends of a packet to an NBMA address that has neither ports nor protection. */
struct sim_ends network_ends(const struct sim_router *from, const struct addr *nbma);
/* A packet leaves a router, and its NAT if there is one; false: not that. */
bool network_leave(struct sim_world *w, const struct sim_router *from, struct sim_ends *ends);
/* Who gets a packet that has left; NULL: nobody. */
struct sim_router *network_reach(struct sim_world *w, const struct sim_router *from,
                                 struct sim_ends *ends);
/* Who would get a router's packets for an NBMA address now, without any being sent; or NULL. */
struct sim_router *network_leads(struct sim_world *w, struct sim_router *from,
                                 const struct addr *nbma);
/* Gives a router an address that nobody had before. */
void network_attach(struct sim_world *w, struct sim_router *r);
void network_detach(struct sim_world *w, struct sim_router *r);

/* ---- nat.c ---- */

bool sim_place_equal(const struct sim_place *a, const struct sim_place *b);
/* A box of its own, in the world's list. */
struct sim_nat *nat_new(struct sim_world *w);
struct sim_nat *nat_find(const struct sim_world *w, const struct addr *public);
/* A packet goes out or comes in by the box; false: it does not. */
bool nat_out(struct sim_world *w, struct sim_nat *nat, struct sim_ends *ends);
bool nat_in(struct sim_world *w, struct sim_nat *nat, struct sim_ends *ends);
/* Likewise if one did, by flows that are there. */
bool nat_would_out(const struct sim_world *w, const struct sim_nat *nat, struct sim_ends *ends);
bool nat_would_in(const struct sim_world *w, const struct sim_nat *nat, struct sim_ends *ends);
/* A share of the boxes forgets its flows, and perhaps gets another address. */
void nat_rebind(struct sim_world *w, uint32_t permille, bool renumber);
void nat_fini(struct sim_world *w);

/* ---- routes.c ---- */

/* Where a router's data goes to: a host at its site, or its overlay address before phase 3. */
struct addr routes_host(const struct sim_world *w, const struct sim_router *r);
/* Whose overlay or site's address it is; NULL: nobody's. */
struct sim_router *routes_owner(struct sim_world *w, const struct addr *a);
/* The i-th server that a router registers with, in the order of its routes; NULL after the last. */
struct sim_router *routes_server(struct sim_world *w, const struct sim_router *r, uint32_t i);
bool routes_serves(struct sim_world *w, const struct sim_router *server,
                   const struct sim_router *r);
/* Whether it is one of those that a router uses when all are up. */
bool routes_chooses(struct sim_world *w, const struct sim_router *server,
                    const struct sim_router *r);
/* Whether one of those that a router registers with is up, and so on upwards. */
bool routes_is_served(struct sim_world *w, const struct sim_router *r);
/* The longest match among plain routes. */
struct sim_way routes_find(struct sim_world *w, const struct sim_router *r, const struct addr *to);
/* The overlay next hop to an address, shortcuts included; none: there is no route. */
struct addr routes_via(struct sim_world *w, const struct sim_router *r, const struct addr *to);
void routes_set(struct sim_router *r, const struct prefix *to, const struct addr *via);
void routes_del(struct sim_router *r, const struct prefix *to);
/* The router is gone, and all its shortcuts. */
void routes_forget(struct sim_router *r);
void routes_answer(struct sim_world *w, struct sim_router *r, const struct sim_question *q);
/* One of a router's servers answers its registrations, or does not any more. */
void routes_server_state(struct sim_world *w, struct sim_router *r, const struct addr *server,
                         bool up);
/* Tells those whose routes have changed. */
void routes_tell(struct sim_world *w);

/* ---- traffic.c ---- */

/* One data packet of a random pair of spokes that talk to each other. */
void traffic_send(struct sim_world *w);
/* Two random spokes send to each other at once; the second is given back, or NULL. */
struct sim_router *traffic_race(struct sim_world *w);
/* Follows a packet as the tables stand, without sending any: the hops, over SIM_HOPS_MAX: a loop.
 */
uint32_t traffic_follow(struct sim_world *w, struct sim_router *at, const struct addr *to);

/* ---- plant.c: what --plant asks for ---- */

/* A router's tunnel as its node takes it. */
void plant_config(const struct sim_world *w, const struct sim_router *r, struct snap_tunnel *t);
/* What its node has kept besides, when it starts. */
void plant_restore(struct sim_world *w, struct sim_router *r);
/* False when its node takes no notice of an event. */
bool plant_hears(const struct sim_world *w, const struct sim_router *r,
                 const struct node_event *event);
/* What its node does, perhaps in another way; false: it does not. */
bool plant_does(struct sim_world *w, const struct sim_router *r, struct node_action *a);

/* ---- protect.c ---- */

void protect_add(struct sim_world *w, struct sim_router *r, const struct node_sa *sa);
void protect_del(const struct sim_world *w, struct sim_router *r, uint32_t id);
void protect_move(struct sim_router *r, uint32_t id, const struct sim_place *remote);
void protect_use(struct sim_router *r, const struct addr *nbma, uint32_t id);
/* The router is gone, and all its associations. */
void protect_forget(struct sim_router *r);
/* Seals a packet to an NBMA address; false when nothing protects it. */
bool protect_seal(struct sim_router *r, const struct addr *nbma, struct sim_seal *ret,
                  struct sim_ends *ret_ends);
/* The ends that such a packet would have; likewise. */
bool protect_ends(struct sim_router *r, const struct addr *nbma, struct sim_ends *ret);
/* False when it does not open, and is dropped. The router may be told of an unknown SPI. */
bool protect_open(struct sim_world *w, struct sim_router *r, const struct sim_arrival *a);
/* Tells the node what its associations have carried. */
void protect_poll(struct sim_world *w, struct sim_router *r);
/* One look at what is used towards an address: how many in a row it is one-sided now. */
unsigned protect_look(struct sim_world *w, struct sim_router *r, struct sim_use *use);
/* An IKE message leaves: no two may be encrypted with one IV. */
void protect_sent(struct sim_world *w, const struct sim_router *r, const uint8_t *bytes,
                  size_t len);
void protect_fini(struct sim_world *w);

/* ---- checkers.c ---- */

/* Notes one look of a checker. False, and a failure counted, unless ok. */
bool check_note(struct sim_world *w, enum sim_checker c, bool ok);
/* Says what the checker saw; the words of its first failure are kept. */
void check_explain(struct sim_world *w, enum sim_checker c, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The whole cloud, when it must be perfect. */
void check_cloud(struct sim_world *w);
/* All direct paths, at any time: none outlives its owner's registration for long. */
void check_paths(struct sim_world *w);
/* A router's way to an address has changed. */
void check_loop(struct sim_world *w, struct sim_router *r, const struct addr *to);
/* The servers of all spokes, at any time. */
void check_servers(struct sim_world *w);
/* A packet of a talk has arrived, or not. */
void check_outage(struct sim_world *w, struct sim_talk *talk, bool arrived);
/* A packet that a router originates. */
void check_sent(struct sim_world *w, struct sim_router *r, const uint8_t *bytes, size_t len);
/* An NHRP packet that comes to a router. */
void check_received(struct sim_world *w, struct sim_router *r, const uint8_t *bytes, size_t len);
/* All that the router has heard, in whatever life: what it kept of it comes back. */
void check_forget(struct sim_router *r);
/* A packet that leaves a protected tunnel. */
void check_sealed(struct sim_world *w, const struct sim_router *r, bool is_sealed);
/* The names of keys at both ends of an association. */
void check_opening_key(struct sim_world *w, const struct sim_router *r, uint64_t ours,
                       uint64_t theirs);
/* A new outbound association's key. */
void check_sealing_key(struct sim_world *w, const struct sim_router *r, uint64_t name);
/* A new encrypted IKE message; is_new: its IV had not been used, or not so often as it may. */
void check_ike_iv(struct sim_world *w, const struct sim_router *r, bool is_new);

/* True for permille out of a thousand draws. */
bool world_chance(struct sim_world *w, uint32_t permille);
uint32_t world_between(struct sim_world *w, uint32_t low, uint32_t high);
/* The first of the routers that are no hubs of any kind. */
uint32_t world_first_spoke(const struct sim_world *w);
/* A random live router: a spoke. NULL when none was found in a few tries. */
struct sim_router *world_random_spoke(struct sim_world *w);
