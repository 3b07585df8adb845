/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of NHRP in one router: tunnels, their next hop servers, the cache, timers and request
 * ids. The files beside this one act on it, one noun each. Nothing here is shared between threads
 * or routers.
 *
 * Bounded output: whatever may touch many things (a configuration, a clear, a tunnel that goes
 * down) only notes on each thing what is to be told and sets its timer to now. nhrp_run() lets
 * timers fire while the step's output has room for one more; the rest stays due for the next step.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nhrp/wire.h"
#include "node/node.h"
#include "node/snapshot.h"
#include "node/view.h"
#include "util/addr.h"
#include "util/clock.h"
#include "util/entropy.h"
#include "util/hash.h"
#include "util/timers.h"

enum {
	NHRP_PREFIX_MIN = 8,   /* shorter routes are no better than a default: never handed out */
	NHRP_FLOWS_MAX = 4096, /* pairs of addresses that were told of a direct path lately */
	NHRP_STRANGERS_MAX = 2048, /* senders that were told lately that they are no clients … */
	NHRP_STRANGER_S = 3,       /* … and are not again so soon */
	NHRP_FORGOTTEN_S = 5,      /* who has just registered does not for a server's word alone */
	NHRP_TOLD_MAX = 4096,      /* clients times those who were told of them from the cache */
	NHRP_QUESTIONS_MAX = 1024, /* open at one time about routes */
	NHRP_NEGATIVE_S = 180,     /* life of incomplete and negative entries, as IOS */
	NHRP_PATHLESS_S = 10,      /* life of those whose packets have no other way meanwhile */
	NHRP_RETRANSMIT_S = 2,     /* first interval, doubled each time and scaled by 0.75 to 1.0 */
	NHRP_RETRANSMIT_MAX_S = 64,   /* last interval of registrations */
	NHRP_NAT_REGISTRATION_S = 20, /* in clear behind NAT: conntrack forgets GRE after 30 */
	NHRP_REPLACED_MAX = 4,        /* ids that may be registered; a move makes two of them */
	NHRP_REGISTRATION_TRIES = 3,  /* unanswered ones until an NHS counts as down */
	NHRP_TRIAL_S = 16,            /* those and the first pair take no longer */
	NHRP_USE_S = 60,              /* in which ip nhrp use counts packets */
	NHRP_RESOLUTION_TRIES = 6,    /* requests for one resolution: about two minutes */
	NHRP_REFRESH_S = 120,   /* used paths are resolved again so long before they expire … */
	NHRP_REFRESH_SHARE = 3, /* … or a third of the holding time, if that is less */
	NHRP_NAME_RETRY_S = 60, /* names of NHSs that are down are looked up again */
	NHRP_GUARD_S = 5, /* who purges and registers anew must not lose its protection between */
	NHRP_AUTH_BYTES_MAX = 4 + SNAP_AUTH_SIZE,
	NHRP_AUTH_PEERS_MAX = 256,    /* peers whose wrong authentication was told once */
	NHRP_PROTOCOL_ERROR_S = 1,    /* between errors about packets that make no sense */
	NHRP_AUTH_FORGET_S = 3600,    /* a full table of them starts anew */
	NHRP_PREFERENCE_STATIC = 255, /* of static entries that name none */
	NHRP_UNIT_ACTIONS = 16,       /* one timer hands out at most so many actions … */
	NHRP_UNIT_BYTES = 4 * 1024,   /* … and bytes */
};

enum nhrp_timer_kind {
	NHRP_TIMER_ENTRY,
	NHRP_TIMER_NHS,
	NHRP_TIMER_NAME,
	NHRP_TIMER_CHOICE,
	NHRP_TIMER_GUARD,
	NHRP_TIMER_MEMBER,
	NHRP_TIMER_TOLD,
	NHRP_TIMER_LINE,
	NHRP_TIMER_PROBE,
};

/* Where an entry comes from. */
enum nhrp_origin {
	NHRP_BY_CONFIG,       /* ip nhrp map, or an NHS with its NBMA address */
	NHRP_BY_MAP,          /* a next hop that a static map of a whole prefix covers */
	NHRP_BY_REGISTRATION, /* a client of ours */
	NHRP_BY_REPLY,        /* resolved */
	NHRP_BY_REQUEST,      /* the reverse of a resolution that we answered */
	NHRP_BY_ANSWER,       /* our own address or network, as we told it to a requester */
	NHRP_BY_SUMMARY,      /* ip nhrp summary-map: a network to tell for all of ours in it */
	NHRP_BY_WANT,         /* incomplete, or negative */
	NHRP_BY_INDICATION,   /* likewise, for a destination that a hub indicated */
	NHRP_BY_SHORTCUT,     /* a network behind a next hop, told as a route */
};

/* What in the configuration names a static entry. A map wins over an NHS's line. */
enum nhrp_wanted { NHRP_UNWANTED, NHRP_WANTED_BY_MAP, NHRP_WANTED_BY_NHS };

/* What an entry still has to tell; its timer is due at once meanwhile. */
enum nhrp_todo {
	NHRP_TODO_ADDED = 1,   /* trace */
	NHRP_TODO_UPDATED = 2, /* trace */
	NHRP_TODO_PEER = 4,    /* NODE_SET_PEER */
	NHRP_TODO_PURGE =
		8, /* Purge Request: to a client its registration, to others our address */
	NHRP_TODO_ROUTE = 32,  /* a question for the route under it */
	NHRP_TODO_DELETE = 16, /* with `reason`; nothing finds the entry any more */
};

/* No padding up to the end of nbma: hashed as bytes. */
struct nhrp_member_key {
	uint32_t tunnel;
	struct addr nbma;
};

/* An NBMA address that gets a copy of a tunnel's multicast. */
struct nhrp_member {
	UT_hash_handle hh;
	struct timer timer;
	struct nhrp_member_key key;
	uint32_t holders; /* lines, servers and entries that name it */
	bool told;        /* NODE_SET_MULTICAST was handed out */
};

/* No padding up to the end of target: hashed as bytes. */
struct nhrp_entry_key {
	uint32_t tunnel;
	struct prefix target;
};

struct nhrp_entry {
	UT_hash_handle hh;
	struct timer timer;
	mono created, changed, expires;
	mono due;                   /* what the timer is set to when nothing is to be told */
	struct nhrp_guard *guard;   /* of nbma, on a protected tunnel (nhrp/guard.h) */
	struct nhrp_member *member; /* of a client with multicast; or NULL */
	struct nhrp_entry_key key;
	struct addr via;
	struct addr nbma; /* of an incomplete entry: the hub's, which has its packets meanwhile */
	struct addr claimed;
	union {
		struct addr requester; /* of what we answered */
		struct addr asked_for; /* of a shortcut: the destination that was indicated */
		struct addr known_as;  /* of a direct path: our overlay address at its other end */
	};
	uint32_t request_id; /* of the registration in force, or of our latest resolution request */
	uint32_t cache_hits;
	uint32_t flags; /* bits 1 << enum nhrp_entry_flag */
	uint16_t holdtime_s;
	union {
		uint16_t mtu_bytes;
		uint16_t packets; /* of a next hop not asked for yet: in the current minute */
	};
	uint8_t preference;
	uint8_t type;          /* enum nhrp_entry_type */
	uint8_t origin;        /* enum nhrp_origin */
	uint8_t todo;          /* enum nhrp_todo */
	uint8_t reason;        /* enum trace_reason */
	uint8_t tries;         /* resolution requests sent and unanswered */
	uint8_t covering_len;  /* of a shortcut: length of the route under it */
	bool pending : 1;      /* a resolution request is unanswered */
	bool owes_request : 1; /* … and will be sent when the route to it is known */
	bool asked : 1;        /* a question about its route is open */
	bool used : 1;         /* since the last renewal */
	bool has_peer : 1;     /* NODE_SET_PEER, or of a shortcut NODE_SET_ROUTE, was handed out */
	bool stands : 1;       /* a direct path that was told to be up */
	bool ever_up : 1;
	bool meanwhile_asked : 1; /* `meanwhile` is by the answer to our own question */
	bool relied_on : 1; /* a question of others has gone on by it since we began our latest */
	uint8_t wanted;     /* enum nhrp_wanted, by the configuration that is being applied */
	union {
		uint16_t meanwhile; /* of a direct path: the server for it while it waits:
		                       nhrp/detour.h */
		uint16_t
			owner; /* of a client: whose the guard was when it registered; 0: unknown */
	};
};

enum nhrp_nhs_state { NHRP_NHS_PROBING, NHRP_NHS_UP, NHRP_NHS_DOWN };

struct nhrp_nhs {
	struct timer timer;        /* registration */
	struct timer name_timer;   /* look-up of fqdn */
	struct timer choice_timer; /* end of a trial, or of the fallback time */
	struct nhrp_tunnel *tunnel;
	struct nhrp_member *member; /* with multicast; or NULL */
	struct snap_nhs config;
	uint32_t cookie;     /* of NODE_LOOK_UP */
	struct addr address; /* none while a dynamic one is not known */
	struct addr nbma;    /* none while not known */
	struct nhrp_guard *guard;
	struct addr registered; /* our overlay address that the NHS has heard */
	enum nhrp_nhs_state state;
	mono changed; /* when the state did */
	mono started; /* when the latest attempt to register did */
	bool ever_up;
	bool leaving;        /* withdraws its registration, then goes */
	bool waiting;        /* not chosen: no registration, no protection, no multicast */
	bool overdue;        /* was on trial for too long */
	bool proving;        /* up, not yet for the fallback time: not asked while others are */
	bool withdrawn;      /* the latest acknowledged registration is */
	bool purge;          /* withdraw the registration before the next one */
	bool pending;        /* request_id is unanswered */
	uint8_t burst;       /* registrations of the initial pair still to be sent */
	uint8_t tries;       /* how often request_id was sent */
	uint8_t refusals;    /* in a row */
	uint32_t interval_s; /* current interval while pending */
	uint32_t request_id, previous_id; /* both may be answered; 0: none */
	uint32_t acked_id;                /* latest acknowledged; 0: none */
	struct addr acked_source;         /* our NBMA address in it */
	/* Sent since then, before an address or an association went; the latest first. */
	uint32_t replaced_id[NHRP_REPLACED_MAX];
	uint8_t n_replaced;
	uint32_t requests_sent, requests_failed, replies_received;
	mono last_reply;
	mono client_until; /* it registers with us as well: nhrp/detour.h */
	bool wanted;       /* by the configuration that is being applied */
};

/* What was told last of a tunnel's line protocol; open: nothing. */
enum nhrp_line { NHRP_LINE_OPEN, NHRP_LINE_UP, NHRP_LINE_DOWN };

struct nhrp_tunnel {
	struct timer line_timer; /* NODE_LINE is to be told, or judged without more waiting */
	uint8_t line;            /* enum nhrp_line */
	uint32_t number;
	bool in_snapshot;
	bool running; /* NHRP is on, and the interface is not shut */
	bool protected;
	struct nhrp_guard **guard; /* its own: nhrp_guard_tunnel() */
	size_t n_guards;
	bool line_up; /* as the caller says */
	bool multipoint;
	bool up;               /* all that is needed to send is there */
	struct prefix address; /* our overlay address and its network */
	bool has_key; /* the GRE key: another one cuts us off from servers that have the old one */
	uint32_t key;
	struct addr destination;
	struct addr source;
	struct addr public_nbma; /* ours as an NHS sees it behind NAT; none without NAT */
	struct addr responder;   /* of ip nhrp responder: its overlay address; or none */
	uint16_t mtu_bytes;
	struct snap_nhrp config; /* scalars only: its tables are looked at while it is applied */
	uint8_t auth[NHRP_AUTH_BYTES_MAX];
	uint16_t auth_len;
	struct nhrp_nhs **nhs;
	size_t n_nhs;
	struct nhrp_member **members; /* of ip nhrp map multicast, one for each line */
	size_t n_members;
	size_t n_entries, n_registered;
	uint32_t n_of_length[129]; /* entries by target length, for the longest match */
	mono send_window;          /* start of the max-send interval */
	uint32_t sent_in_window;
	struct nhrp_traffic traffic;
};

struct nhrp {
	struct entropy entropy;
	struct timers timers;
	struct nhrp_tunnel **tunnel; /* by number */
	size_t n_tunnels;
	struct nhrp_entry *entries; /* uthash, in order of insertion */
	size_t n_entries, n_incomplete, n_direct, cache_max;
	struct nhrp_guard *guards, *untold;
	uint16_t last_owner;        /* numbers of nhrp_guard.owner */
	bool protects;              /* node/ has something that protects tunnels */
	struct nhrp_entry **sorted; /* entries in the order of `show`, made when a view asks */
	size_t sorted_room;
	bool sorted_valid;
	struct nhrp_member *members;     /* uthash */
	struct nhrp_question *questions; /* uthash */
	struct nhrp_told *told;          /* uthash */
	struct nhrp_flow *flows;         /* uthash, told longest ago first */
	struct nhrp_stranger *strangers; /* uthash, told longest ago first */
	struct nhrp_probe *probes;       /* uthash */
	size_t n_shortcuts;
	uint32_t next_id, ids_left; /* ids_left: reserved ones from next_id on */
	uint32_t next_cookie;
	bool save; /* what is kept on disk changed in this step */
	bool stopping, stopped;
	struct addr auth_peer[NHRP_AUTH_PEERS_MAX];
	size_t n_auth_peers;
	mono auth_since;              /* when the first of them was told */
	mono protocol_error_at;       /* none about packets of no use before */
	uint64_t drops[NODE_DROPS_N]; /* of packets without a tunnel */
	struct now now;               /* of this step */
	struct node_out *out;         /* of this step */
};

/* A packet that came in, as the handlers see it. */
struct nhrp_received {
	struct nhrp_tunnel *tunnel;
	struct addr from, to;
	const uint8_t *bytes;  /* kept in the step's output */
	const uint8_t *parsed; /* what `packet` points into: the same bytes */
	size_t len;
	struct nhrp_packet packet;
};

void nhrp_init(struct nhrp *n, const struct node_options *options);
void nhrp_fini(struct nhrp *n);

/* Fires timers that are due while the output has room. */
void nhrp_run(struct nhrp *n);

/* The events of node.h. */
void nhrp_used(struct nhrp *n, const struct node_event *event);
/* Whether NODE_CLEAR is about an entry, static ones too. */
bool nhrp_clears(const struct node_event *event, const struct nhrp_entry *e);
void nhrp_clear(struct nhrp *n, const struct node_event *event);
void nhrp_clear_counters(struct nhrp *n, const struct node_event *event);
void nhrp_stop(struct nhrp *n);

/* A deadline seconds from now, scaled by a random factor from 0.75 to 1.0 as IOS does. */
mono nhrp_jittered(struct nhrp *n, uint32_t seconds);
