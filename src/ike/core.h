/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of IKE in one router. The files beside this one act on it, one noun each.
 *
 *	tunnel   a protected tunnel: its source now, its profile
 *	peer     (tunnel, NBMA address): who wants it protected, and its pairs of IPsec SAs
 *	host     (our address, the peer's, its port behind a NAT): IKE SAs, and all that is
 *	         negotiated over them
 *	sa       an IKE SA, from the first message of main mode to its DELETE
 *	quick    a quick mode under way
 *	child    a pair of IPsec SAs
 *
 * Bounded output: whatever may touch many things (a configuration, a clear) only notes on each
 *thing what is to be done and sets its timer to now. ike_run() lets timers fire while the step's
 *output has room for one more.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ike/ike.h"
#include "ike/v1_keys.h"
#include "ike/v1_offer.h"
#include "util/hash.h"
#include "util/timers.h"

enum {
	IKE_UNIT_ACTIONS = 24, /* one timer or message hands out at most so many actions, … */
	IKE_UNIT_BYTES = 14 * 1024, /* … bytes of messages and traces … */
	IKE_UNIT_SAS = 4,           /* … and NODE_SA_ADD */
	IKE_STEP_SAS_MAX = 32,      /* NODE_SA_ADD of one step */
	IKE_PEERS_MAX = 65536,
	IKE_QUICKS_PER_SA = 64,    /* quick modes under way over one IKE SA */
	IKE_CHILDREN_PER_PEER = 8, /* pairs of SAs of one peer, old ones included */
	IKE_SEND_MAX = 6144,       /* bytes of a message of ours: three certificates */
	IKE_REPEATS_MAX = 10,      /* stored replies to one message's duplicates */
	IKE_ID_FIRST = 1001,       /* of IKE SAs */
	IKE_IPSEC_ID_FIRST = 2001,
	IKE_EXCHANGE_S = 30, /* a responder waits so long for the next message */
	IKE_SEEN_INFOS = 64, /* message ids of informational exchanges that an IKE SA remembers */
	/*
	 * Quick modes over one IKE SA, all remembered: a day with one in 84 s. When so many of them
	 * are left its initiator renews it, at half of that the responder.
	 */
	IKE_SEEN_QUICKS_MAX = 1024,
	IKE_SEEN_QUICKS_LAST = 64,
	IKE_DIGEST_LEN = 20,
	IKE_NONCE_LEN = 20,      /* of ours, as IOS */
	IKE_NONCE_MAX = 256,     /* RFC 2409 5 */
	IKE_FRAGMENTS_MAX = 64,  /* of one message */
	IKE_FRAGMENT_LEN = 1200, /* bytes of one of ours: 1280 with IPv6, UDP and what is between */
	IKE_LATE_MAX = 4096,     /* inbound SAs that outlive their pairs; further ones go at once */
	IKE_FAILURES_PER_S = 10, /* that are told; any stranger can make us fail */
	IKE_FAILURE_PAUSE_S = 120, /* a failure after so long is a new one: tries take 41 s */
};

enum ike_timer_kind {
	IKE_TIMER_PEER,
	IKE_TIMER_SA,
	IKE_TIMER_QUICK,
	IKE_TIMER_CHILD,
	IKE_TIMER_LATE,
};

#define ike_owner_of(timer, type, member) ((type *)((char *)(timer)-offsetof(type, member)))

/* A tunnel with protection, or one whose source we have heard of. */
struct ike_tunnel {
	uint32_t number;
	struct addr source;                  /* none while it is down */
	char profile[SNAP_CRYPTO_NAME_SIZE]; /* "": not protected, or not completely configured */
	bool shared;
};

/* The sending side of an exchange in which messages alternate. */
struct ike_turn {
	uint8_t *sent; /* our latest message as it went out */
	size_t sent_len;
	uint8_t seen[IKE_DIGEST_LEN]; /* of the message that it answers */
	bool has_seen;
	uint8_t tries;   /* sendings of `sent` by the timer */
	uint8_t repeats; /* sendings of `sent` as an answer to duplicates */
	bool cuts;       /* the peer puts together what Cisco's fragmentation has cut */
	uint16_t cut_id; /* of `sent`, when it is cut */
	mono at;         /* next sending by the timer; never: it was the last word */
};

/* No padding that is not zeroed: hashed as bytes. */
struct ike_peer_key {
	uint32_t tunnel; /* with `shared`: the first of the group */
	struct addr nbma;
};

enum ike_peer_todo {
	IKE_PEER_RENEW = 1,  /* a new pair, though one stands */
	IKE_PEER_DELETE = 2, /* all pairs go, for `reason` */
	IKE_PEER_USE = 4, /* its tunnels are told what they use: one has joined, or left others */
};

struct ike_peer {
	UT_hash_handle hh;
	struct timer timer;
	struct ike_peer_key key;
	struct ike_peer *next_of_host, *next_changed, *next_idle;
	struct ike_host *host;  /* NULL while the tunnel has no source */
	struct udp_place place; /* where it is dialled behind its NAT, or none */
	uint32_t *wants;        /* the tunnels that want it */
	size_t n_wants;
	struct ike_child *children;     /* the latest first */
	struct ike_child *current;      /* packets leave by it; NULL: the peer is down */
	struct ike_quick *quick;        /* of ours, under way */
	size_t n_children, n_answering; /* n_answering: quick modes of the peer under way */
	mono not_before;                /* no new try until then */
	mono since;                     /* up since then */
	uint64_t gone_in, gone_out;     /* packets of pairs that are gone */
	uint8_t todo;                   /* enum ike_peer_todo */
	uint8_t reason;                 /* enum trace_reason */
	uint8_t n_failed;               /* negotiations in a row */
	bool has_yielded;               /* to a main mode of the peer's, once */
	bool place_told;                /* `place` is a server's word */
	bool told_up, has_moved, is_changed, is_idle;
};

struct ike_host_key {
	struct addr local, remote;
	uint16_t port; /* of the peer's with NAT traversal; else 0 */
};

struct ike_host {
	UT_hash_handle hh;
	struct ike_host_key key;
	struct ike_host *base, *ports, *next_port; /* ports: of port 0, those with a port */
	struct ike_sa *sas;                        /* the latest first */
	struct ike_child *children;
	struct ike_peer *peers;
	size_t n_half_open;
	mono heard_at;  /* anything authenticated and fresh, IKE or ESP */
	mono recovered; /* the latest recovery of an invalid SPI, if there was one */
	bool has_recovered;
	mono recovers_since;  /* of port 0: since then … */
	unsigned n_recovered; /* … so many of it and of those with a port */
	bool held;            /* not freed, though it may be empty for a moment */
};

enum ike_sa_step {
	IKE_SENT_1, /* initiator: waits for message 2 … */
	IKE_SENT_3,
	IKE_SENT_5,
	IKE_SENT_2, /* responder: waits for message 3 … */
	IKE_SENT_4,
	IKE_SIGNING, /* waits for our own signature, for message 5 or 6 */
	IKE_STANDS,
	IKE_DELETED, /* is found no more; its timer takes it away */
};

enum ike_nat {
	IKE_NAT_NONE,       /* not spoken by both */
	IKE_NAT_DRAFT,      /* drafts 02 and 03: payload 130 */
	IKE_NAT_LATE_DRAFT, /* drafts 04 to 08: payload 15 */
	IKE_NAT_RFC,        /* RFC 3947: payload 20 */
};

/* Where 0 is the initiator's and 1 the responder's. */
enum { IKE_OF_INITIATOR, IKE_OF_RESPONDER };

/* Whom the peer's ID payload names. */
struct ike_identity {
	struct addr addr;               /* or none: it is of another type */
	uint8_t digest[IKE_DIGEST_LEN]; /* of its type and contents, for comparing */
};

/* What main mode has gathered; wiped when the SA stands. */
struct ike_main {
	uint8_t *sa_i; /* body of the initiator's SA payload */
	size_t sa_i_len;
	uint8_t private[CRYPTO_DH_PRIVATE_MAX];
	uint8_t secret[CRYPTO_DH_MAX];
	uint8_t public[2][CRYPTO_DH_MAX];
	uint8_t nonce[2][IKE_NONCE_MAX];
	size_t nonce_len[2];
	bool told;                              /* a failure has been told, once per exchange */
	bool contact;                           /* INITIAL-CONTACT was said */
	char trustpoint[SNAP_CRYPTO_NAME_SIZE]; /* that the peer has asked us to prove by; or "" */
	struct isakmp_payload early_id; /* of the peer, in aggressive mode; its body is owned */
	struct v1_out *unsigned_out;    /* message 5 or 6, while it is being signed */
};

/* Pieces of one message that Cisco's fragmentation has cut. */
struct ike_fragments {
	uint16_t id;
	uint8_t last; /* number of the last one, 0 while not known */
	uint8_t *piece[IKE_FRAGMENTS_MAX];
	uint16_t len[IKE_FRAGMENTS_MAX];
	size_t n_bytes; /* of all of them */
};

struct ike_sa {
	UT_hash_handle hh; /* by `ours` */
	struct timer timer;
	struct ike_sa *next;                  /* of the host */
	struct ike_sa *prev_open, *next_open; /* of those half-open */
	struct ike_host *host;
	uint64_t ours; /* our cookie */
	uint64_t icookie, rcookie;
	uint32_t id;
	struct node_ike_path path; /* from us */
	enum ike_sa_step step;
	bool initiator;
	bool aggressive;       /* the mode: a key was looked for by the peer's name */
	bool replaced;         /* a newer one stands: nothing new is begun over it */
	struct ike_main *main; /* while main mode is under way */
	struct v1_keys keys;
	struct v1_policy policy;
	struct ike_identity peer_id; /* zeroes until it has been authenticated */
	char *peer_name;             /* where it is no address; NULL */
	struct ike_turn turn;
	struct ike_quick *quicks;
	size_t n_quicks;
	struct ike_fragments *fragments;
	uint32_t seen_info[IKE_SEEN_INFOS]; /* message ids used before: a ring … */
	size_t n_seen_infos;
	uint32_t *seen_quick; /* … and all of them */
	size_t n_seen_quicks;

	enum ike_nat nat;
	bool behind_nat, peer_behind_nat;
	bool peer_dpd;
	uint32_t dpd_sent; /* sequence number of R-U-THERE */
	uint8_t dpd_tries; /* unanswered ones … */
	mono dpd_asked;    /* … since then */
	uint32_t dpd_seen; /* the highest number of the peer's questions … */
	bool was_asked;    /* … if there was one */

	mono begun, stood;
	mono ends_at, renew_at, dpd_at, keepalive_at; /* never: not wanted */
	uint8_t reason; /* enum trace_reason of ike_sa_delete_later() */
	bool leaving;
	bool probes;   /* main mode asks whether the host is alive */
	bool recovers; /* main mode was begun for an SPI that we do not know: */
	uint32_t unknown_spi;
};

/* An inbound SA of a pair that the peer has deleted (ike/late.h). */
struct ike_late {
	struct timer timer;
	struct ike_late *prev, *next;
	uint32_t id;
};

struct ike_failure {
	struct addr peer;
	int64_t wall_ms;
	uint32_t count;
	uint16_t repeats; /* since it was first told, without a pause of IKE_FAILURE_PAUSE_S */
	char *text, *advice;
};

struct ike {
	struct crypto *crypto;
	struct entropy entropy;
	struct timers timers;
	const struct snapshot *snapshot; /* in force; NULL before the first */
	struct ike_tunnel *tunnel;       /* in the order of their coming */
	size_t n_tunnels;
	struct ike_peer *peers;
	struct ike_host *hosts;
	struct ike_sa *sas;
	struct ike_sa *half_open; /* not authenticated, the oldest first */
	struct ike_child *children, *children_by_spi;
	struct ike_late *late;
	size_t n_late;
	struct ike_trustpoint *trustpoints;
	size_t n_half_open;
	uint32_t next_sa_id, next_child_id;
	struct ike_peer *changed, *changed_last; /* not yet told */
	size_t change_at;                        /* tunnels told of the first of them */
	struct ike_peer *idle;                   /* may be freed */
	struct ike_counters counters;
	mono failures_since; /* a window of a second … */
	unsigned n_failures; /* … and what was told in it */
	struct ike_failure
		*failure; /* IKE_FAILURES_KEPT of them, the latest first; NULL at first */
	size_t n_kept_failures;
	bool stopping, hands_out_keys;
	struct now now;       /* of this step */
	struct node_out *out; /* of this step, or NULL */
	struct node_sa step_sa[IKE_STEP_SAS_MAX];
	size_t n_step_sas;
};
