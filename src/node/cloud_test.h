/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small cloud of real nodes in virtual time on an ideal link, for tests whose expectation reads
 * as a trace. Packets take 10 ms. The trace has a line for each action: seconds, router, what it
 * did. Protected routers have a data plane of their own: what they send must have a security
 * association, and arrives only where the other half of it is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/node.h"
#include "node/view.h"
#include "util/entropy.h"
#include "util/strbuf.h"

enum {
	CLOUD_ROUTERS_MAX = 6,
	CLOUD_LINES_MAX = 4,
	CLOUD_FLIGHT_MAX = 512,
	CLOUD_QUESTIONS_MAX = 64,
	CLOUD_MTU = 17912,
	CLOUD_SAS_MAX = 64,
	CLOUD_BYTES_MAX = 4096, /* of a packet */
	CLOUD_HOLES_MAX = 64,
};

/* What a NAT does with UDP. */
enum cloud_nat {
	CLOUD_NAT_OPEN,      /* nothing: it changes addresses, and lets everything in */
	CLOUD_NAT_ONE_PORT,  /* another port, the same towards everybody; lets in who was asked */
	CLOUD_NAT_MANY_PORTS /* likewise, with another port towards everybody */
};

/* Configuration of a router's Tunnel0. */
struct cloud_spec {
	const char *name;
	const char *nbma;   /* "1.1.1.2" */
	const char *public; /* what others see, behind NAT; or NULL */
	enum cloud_nat nat;
	const char *overlay;                    /* "10.10.10.1/24" */
	const char *destination;                /* of a p2p tunnel; NULL: multipoint */
	const char *authentication;             /* or NULL */
	const char *psk;                        /* pre-shared key: protected; NULL: in clear */
	const char *nhs[CLOUD_LINES_MAX];       /* "10.10.10.1", "dynamic nbma x", with "multicast",
	                                           "priority N" and "cluster N" */
	const char *map[CLOUD_LINES_MAX];       /* "10.10.10.1/32 1.1.1.2", and a preference */
	const char *multicast[CLOUD_LINES_MAX]; /* NBMA addresses */
	const char *route[CLOUD_LINES_MAX]; /* "192.168.0.0/16 10.10.10.1", or "… local": not by the
	                                       tunnel, or "… link": on its link; the first that
	                                       matches */
	struct snap_cluster cluster[SNAP_CLUSTERS];
	bool no_unique, server_only, no_record, multicast_dynamic, redirect, shortcut, if_state;
	uint8_t redirect_s, fallback_s;
	uint16_t holdtime_s, registration_s, max_send;
	uint8_t registration_delay_s;
	uint8_t keepalive_s; /* of direct paths; 0: none, whatever the default */
	uint32_t key;        /* of the tunnel; 0: none */
	uint16_t mtu_bytes;  /* 0: CLOUD_MTU */
	uint32_t first_id;   /* request id to start with; 0: 1 */
	size_t cache_max;
	void (*also)(struct snap_nhrp *nhrp); /* lines that have no member here; or NULL */
};

/* One that is in force. */
struct cloud_sa {
	uint32_t id, spi;
	bool outbound;
	struct addr nbma, remote;
	uint16_t udp_port;
};

/* What a NAT lets in: from a place to the port outside, which is a port inside. */
struct cloud_hole {
	struct udp_place remote;
	uint16_t inside, outside;
	int64_t until_ms;
};

/* Which outbound one packets to an address leave by. */
struct cloud_use {
	struct addr nbma;
	uint32_t id;
};

struct cloud_router {
	struct cloud_spec spec;
	struct node *node;
	struct snapshot *snapshot;
	struct addr nbma;                                 /* its own; none: line is down */
	struct addr public;                               /* or none */
	bool deaf;                                        /* packets to it are lost */
	uint32_t reserved;                                /* of the latest NODE_RESERVE_IDS */
	uint32_t cookie;                                  /* of the latest NODE_LOOK_UP */
	struct node_action question[CLOUD_QUESTIONS_MAX]; /* NODE_FIND_ROUTE, not answered yet */
	size_t n_questions;
	unsigned n_saves;
	struct cloud_sa sa[CLOUD_SAS_MAX];
	size_t n_sas;
	struct cloud_use use[CLOUD_SAS_MAX];
	size_t n_uses;
	struct cloud_hole hole[CLOUD_HOLES_MAX]; /* of the NAT before it */
	size_t n_holes;
	uint16_t port_offset; /* of its NAT */
};

struct cloud_packet {
	int64_t at_ms;
	struct addr from, to;
	uint32_t spi; /* of ESP, or 0 */
	struct node_ike_path
		path; /* of UDP: from_port is not 0; what has no SPI is an IKE message */
	uint8_t bytes[CLOUD_BYTES_MAX];
	size_t len;
};

struct cloud {
	struct cloud_router router[CLOUD_ROUTERS_MAX];
	size_t n;
	int64_t now_ms;
	struct prng prng;
	struct cloud_packet flight[CLOUD_FLIGHT_MAX];
	size_t n_flight;
	unsigned lose;            /* so many of the next packets */
	int64_t late_ms;          /* what NHRP sends takes so much longer than IKE's messages */
	struct addr cut[2];       /* packets between these two are lost */
	struct cloud_packet last; /* the latest one that was sent */
	void (*on_send)(void *ctx, const struct cloud_packet *p); /* or NULL */
	void *ctx;
	bool terse;            /* cache traces are left out */
	struct crypto *crypto; /* made for the first protected router */
	struct strbuf trace;
	struct node_out out;
};

void cloud_init(struct cloud *c);
void cloud_fini(struct cloud *c);

/* A router, configured and with its line up. Returns its index. */
size_t cloud_add(struct cloud *c, const struct cloud_spec *spec);
/* A new configuration for a router. */
void cloud_configure(struct cloud *c, size_t i, const struct cloud_spec *spec);
/* The node is gone, as by kill -9, and a new one starts with its line up. */
void cloud_restart(struct cloud *c, size_t i);
/* Another NBMA address; NULL: the line goes down. */
void cloud_move(struct cloud *c, size_t i, const char *nbma);
void cloud_want(struct cloud *c, size_t i, const char *peer);
void cloud_used(struct cloud *c, size_t i, const char *peer);
/* A packet came from an NBMA address and leaves by the tunnel again. */
void cloud_hairpin(struct cloud *c, size_t i, const char *nbma, const char *from_to);
/* Other routes for a router, which hears of it. */
void cloud_reroute(struct cloud *c, size_t i, const char *const route[CLOUD_LINES_MAX]);
void cloud_clear(struct cloud *c, size_t i);
void cloud_stop(struct cloud *c, size_t i);
void cloud_event(struct cloud *c, size_t i, const struct node_event *event);
/* A packet from anywhere to a router, at once. */
void cloud_inject(struct cloud *c, const char *from, size_t to, const struct nhrp_packet *packet);

/* Lets time pass. */
void cloud_run(struct cloud *c, int64_t ms);

/* The trace since the last time is exactly this. */
#define cloud_expect(c, text) cloud_expect_at(c, text, __FILE__, __LINE__)
void cloud_expect_at(struct cloud *c, const char *text, const char *file, int line);
/* Forgets the trace so far. */
void cloud_quiet(struct cloud *c);
/* Lines "target via nbma type flags [claimed X]" of a router's cache. */
#define cloud_expect_cache(c, i, text) cloud_expect_cache_at(c, i, text, __LINE__)
void cloud_expect_cache_at(struct cloud *c, size_t i, const char *text, int line);

/* The NAT before a router: a packet leaves, or comes; false: it does not get in. */
void cloud_nat_leave(struct cloud *c, struct cloud_router *r, struct cloud_packet *p);
bool cloud_nat_enter(const struct cloud *c, struct cloud_router *r, struct cloud_packet *p);
/* The NAT starts anew, with other ports. */
void cloud_nat_forget(struct cloud_router *r);
/* Whether a packet comes from another place than its association knows; ret: what a node is told.
 */
bool cloud_nat_moved(const struct cloud_router *r, const struct cloud_packet *p,
                     struct node_event *ret);

struct addr cloud_addr(const char *text);
struct now cloud_now(const struct cloud *c);
/* A drop counter of a router's Tunnel0. */
uint64_t cloud_drops(const struct cloud *c, size_t i, enum node_drop drop);

/* The reference cloud, with tunnels that can go direct: R1 is the hub, R2 and R3 register with it.
 */
extern const struct cloud_spec cloud_r1, cloud_r2, cloud_r3;
/* A second hub, and R2 as a client of both. */
extern const struct cloud_spec cloud_r4, cloud_r2_twice;
enum { R1, R2, R3 };
/* All three, registered, the trace forgotten. */
void cloud_add_three(struct cloud *c);
/* Likewise, protected. */
void cloud_add_three_protected(struct cloud *c);

/* A test with a cloud of its own as its state. */
#define cloud_unit_test(function)                                                                  \
	cmocka_unit_test_setup_teardown(function, cloud_setup, cloud_teardown)
int cloud_setup(void **state);
int cloud_teardown(void **state);
