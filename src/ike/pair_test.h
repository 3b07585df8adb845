/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IKE cores joined by a link in virtual time: it delays, loses, doubles and reorders as a seed
 * says, may translate an address and port, and keeps what the cores have put in force.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "crypto/crypto.h"
#include "crypto/fake_ca.h"
#include "ike/core.h"
#include "ike/ike.h"
#include "node/node.h"
#include "node/snapshot.h"
#include "util/entropy.h"
#include "util/strbuf.h"

enum {
	PAIR_ENDS_MAX = 4,
	PAIR_SAS_MAX = 64,
	PAIR_FLYING_MAX = 256,
	PAIR_BYTES_MAX = IKE_SEND_MAX,
	PAIR_SIGNING_MAX = 8,
	PAIR_TUNNELS_MAX = 3,
};

/* A trustpoint "CA" of a router of the pair. */
struct pair_credentials {
	const struct fake_cert *own, *more; /* more: between own and a CA; or NULL */
	const struct fake_cert *ca;
	const struct fake_crl *crl; /* or NULL */
	enum snap_revocation revocation;
	enum { PAIR_KEY_SIGNS, PAIR_KEY_MISSING, PAIR_KEY_REFUSES, PAIR_KEY_SLEEPS } key;
};

/* What a router of the pair is configured with. Zeroes stand for the reference lab's protect.cfg.
 */
struct pair_spec {
	const char *source; /* of Tunnel0: its NBMA address */
	const char *hostname;
	const char *key;     /* pre-shared; NULL: "cisco123" */
	const char *key_for; /* its prefix, "A/len"; NULL: any */
	struct snap_isakmp_policy policy[2];
	size_t n_policies; /* 0: one, pre-share, the rest left out */
	struct snap_transform_set set[2];
	size_t n_sets;      /* 0: esp-aes esp-sha-hmac, tunnel */
	uint16_t pfs_group; /* 0: group 2; PAIR_NO_PFS */
	uint32_t lifetime_s, lifetime_kb;
	const struct pair_credentials
		*credentials;   /* policies that say nothing are rsa-sig; NULL: pre-share */
	const char *match;      /* an isakmp profile's identity, "A/len", or NULL */
	const char *trustpoint; /* that the profile names, or NULL */
	struct snap_match_host match_host; /* and a name, if match is there; or none */
	struct snap_crypto also;           /* scalars that are copied */
};
enum { PAIR_NO_PFS = 0xffff };

/* What an end was asked to sign and has not been answered yet. */
struct pair_signing {
	uint64_t cookie;
	uint8_t bytes[NODE_SIGNATURE_MAX];
	size_t len;
};

struct pair_end {
	struct ike *ike;
	const struct pair_credentials *credentials;
	struct pair_signing signing[PAIR_SIGNING_MAX];
	size_t n_signing;
	struct snapshot *snapshot;
	struct prng prng;
	struct entropy entropy;
	struct addr address;
	struct node_sa sa[PAIR_SAS_MAX];       /* in force; id 0: free */
	struct addr use_nbma[PAIR_ENDS_MAX];   /* towards this one … */
	uint32_t use[PAIR_ENDS_MAX];           /* … packets leave by this id, or 0 */
	uint32_t tunnel_use[PAIR_TUNNELS_MAX]; /* the latest of a tunnel */
	struct strbuf trace;                   /* one line each, but for packets */
	size_t n_packets, n_moves;
	size_t n_unreadable;   /* messages that were traced and do not parse */
	size_t n_up, n_down;   /* changes that ike_next_change() told */
	struct udp_place told; /* the latest place among them */
};

struct pair_flying {
	bool used;
	int64_t at_ms;
	struct node_ike_path path;
	uint8_t bytes[PAIR_BYTES_MAX];
	size_t len;
};

/* A NAT before one end: its address and ports as the others see them. */
struct pair_nat {
	struct addr inside, outside;
	uint16_t port_offset;
};

struct pair {
	struct crypto *crypto;
	bool borrows_crypto;
	struct pair_end end[PAIR_ENDS_MAX];
	size_t n;
	int64_t now_ms;
	struct prng prng;
	struct pair_flying flying[PAIR_FLYING_MAX];
	unsigned loss_percent, double_percent;
	int64_t delay_ms, jitter_ms;
	bool cut; /* nothing arrives */
	void (*mangle)(struct pair *p,
	               struct pair_flying *f); /* what happens on the way, or NULL */
	struct pair_nat nat[2];
	size_t n_nat;
	uint8_t last[PAIR_BYTES_MAX]; /* the latest message sent by anybody */
	size_t last_len;
	struct node_ike_path last_path;
	size_t len_max; /* a longer packet is lost; 0: none is */
	struct node_out out;
};

/* The two routers of most tests, in the order of their adding. */
enum { HUB, SPOKE };
extern const struct pair_spec HUB_SPEC, SPOKE_SPEC;

void pair_init(struct pair *p, uint64_t seed);
/* Likewise with the caller's crypto, which takes long to make. */
void pair_init_with(struct pair *p, uint64_t seed, struct crypto *crypto);
/* Hub and spoke of these configurations, NULL: protect.cfg's; the spoke wants the hub. */
void pair_start(struct pair *p, uint64_t seed, const struct pair_spec *hub,
                const struct pair_spec *spoke);
/* Likewise, and two seconds later. */
void pair_lab(struct pair *p, uint64_t seed);
/* The first IKE SA of an end, and the first pair of its first peer; NULL: none. */
struct ike_sa *pair_sa(const struct pair *p, int i);
struct ike_child *pair_child(const struct pair *p, int i);
/* The step in progress at an end, for calls into its core; pair_end_step() carries it out. */
struct ike *pair_begin_step(struct pair *p, int i);
void pair_end_step(struct pair *p, int i);
uint64_t pair_dropped(const struct pair *p, int i, enum ike_drop drop);
void pair_fini(struct pair *p);
/* Adds a router; its tunnel is up. Returns its index. */
int pair_add(struct pair *p, const struct pair_spec *spec);
/* Another configuration for a router. */
void pair_configure(struct pair *p, int i, const struct pair_spec *spec);
/* A router that has lost all that it knew. */
void pair_restart(struct pair *p, int i);

/* The trustpoint's files have changed; NULL: they are gone. */
void pair_credentials(struct pair *p, int i, const struct pair_credentials *credentials);

void pair_want(struct pair *p, int i, int other);
/* Wants an address that may be behind a NAT, at a place. */
void pair_want_at(struct pair *p, int i, const struct addr *nbma, const struct udp_place *place);
void pair_forget(struct pair *p, int i, int other);
void pair_event(struct pair *p, int i, const struct node_event *event);
void pair_stop(struct pair *p, int i);
/* Lets time pass. */
void pair_run(struct pair *p, int64_t ms);

/* Number of SAs in force at an end, of one direction. */
size_t pair_count(const struct pair *p, int i, bool outbound);
/* Whether what leaves from one end is opened at the other: same SPI, algorithms and keys. */
bool pair_agrees(const struct pair *p, int from, int to);
/* Whether both ends send, agree, and use the two directions of one pair. */
bool pair_is_joined(const struct pair *p, int a, int b);
bool pair_traced(const struct pair *p, int i, const char *text);
/* The SA by which `from` sends to `to`; NULL: none. */
const struct node_sa *pair_outbound(const struct pair *p, int from, int to);
/* Tells an end what the pair that it sends by has carried so far, in packets and bytes each way. */
struct pair_traffic {
	uint64_t in, out, bytes;
};
void pair_used(struct pair *p, int from, int to, struct pair_traffic traffic);
