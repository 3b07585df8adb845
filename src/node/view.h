/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking into a node: plain values, copied out one by one, for `show`, for the file that the cache
 * is kept in, and for the simulator's checkers. A view never changes the node. Cursors start zeroed
 * and are good until the next step.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nhrp/wire.h"
#include "node/node.h"
#include "node/view_crypto.h"
#include "util/addr.h"
#include "util/clock.h"

enum nhrp_entry_type { NHRP_ENTRY_STATIC, NHRP_ENTRY_DYNAMIC, NHRP_ENTRY_INCOMPLETE };

/* X(identifier, word): the flags of `show ip nhrp`, in the order in which IOS prints them. */
#define NHRP_ENTRY_FLAGS(X)                                                                        \
	X(NHRP_FLAG_AUTHORITATIVE, "authoritative")                                                \
	X(NHRP_FLAG_ROUTER, "router")                                                              \
	X(NHRP_FLAG_IMPLICIT, "implicit")                                                          \
	X(NHRP_FLAG_UNIQUE, "unique")                                                              \
	X(NHRP_FLAG_NAT, "nat")                                                                    \
	X(NHRP_FLAG_REGISTERED, "registered")                                                      \
	X(NHRP_FLAG_USED, "used")                                                                  \
	X(NHRP_FLAG_NHOP, "nhop")                                                                  \
	X(NHRP_FLAG_RIB, "rib")                                                                    \
	X(NHRP_FLAG_NHO, "nho")                                                                    \
	X(NHRP_FLAG_LOCAL, "local")                                                                \
	X(NHRP_FLAG_NEGATIVE, "negative")                                                          \
	X(NHRP_FLAG_NO_SOCKET, "no-socket")

enum nhrp_entry_flag {
#define X(id, word) id,
	NHRP_ENTRY_FLAGS(X)
#undef X
		NHRP_ENTRY_FLAGS_N
};

/* State column of `show dmvpn`. */
enum nhrp_peer_state { NHRP_PEER_NHRP, NHRP_PEER_IKE, NHRP_PEER_IPSEC, NHRP_PEER_UP };

struct nhrp_entry_view {
	uint32_t tunnel;
	struct prefix target;
	struct addr via;     /* next hop, an overlay address; none while incomplete */
	struct addr nbma;    /* none while incomplete */
	struct addr claimed; /* the address that a client behind NAT claims; none without NAT */
	enum nhrp_entry_type type;
	uint32_t flags; /* bits 1 << enum nhrp_entry_flag */
	enum nhrp_peer_state state;
	mono created,
		changed; /* changed: last time the state did; never-up entries have ever_up false */
	bool ever_up;
	mono expires;        /* MONO_NEVER: never */
	uint32_t cache_hits; /* wanted how often while incomplete */
	uint16_t mtu_bytes, holdtime_s;
	uint8_t preference;
	uint32_t request_id;
	bool has_requester;
	struct addr requester; /* of a local entry: who asked last */
	uint32_t size_bytes;   /* memory that the entry takes, all told */
};

struct nhs_view {
	uint32_t tunnel;
	struct addr address;                          /* none while a dynamic one is not known */
	struct addr nbma;                             /* none while not known */
	const char *fqdn;                             /* or NULL; borrowed from the snapshot */
	bool expecting, responding, waiting, dynamic; /* E R W D */
	uint8_t priority, cluster;
	uint32_t requests_sent, requests_failed, replies_received;
	mono last_reply;           /* MONO_NEVER: none yet */
	uint32_t request_id;       /* of the latest request; 0: none yet */
	uint32_t request_id_acked; /* 0: none yet */
	bool pending;              /* a request is unanswered */
	uint32_t retransmit_s;     /* current interval while pending */
};

/* An NBMA address that gets a copy of a tunnel's multicast, and why: one reason at least. */
struct multicast_view {
	uint32_t tunnel;
	struct addr nbma;
	bool by_map;    /* ip nhrp map multicast */
	bool by_client; /* a registration */
	bool by_server; /* ip nhrp nhs … multicast */
};

struct nhrp_traffic {
	uint64_t sent[NHRP_TYPES], received[NHRP_TYPES],
		forwarded[NHRP_TYPES]; /* by enum nhrp_type */
	uint64_t redirects_suppressed;
	uint64_t drops[NODE_DROPS_N];
	uint64_t malformed[NHRP_WIRE_ERRORS_N];
};

struct nhrp_tunnel_view {
	uint32_t tunnel;
	bool up;
	struct addr source; /* NBMA in force, or none */
	bool is_hub;        /* a client is registered, or no NHS is configured */
	bool is_spoke;      /* an NHS is configured */
	size_t n_entries;
	struct nhrp_traffic traffic;
	uint16_t max_send_packets, max_send_every_s;
	uint16_t max_send_used; /* packets sent in the current interval */
};

struct node_cursor {
	size_t tunnel_i;
	struct addr after_addr;
	uint8_t after_len;
	bool started;
	const void *at;
};

/* Entries by tunnel and then by target address; incomplete ones last within a tunnel. */
bool node_entry_next(const struct node *node, struct node_cursor *cursor,
                     struct nhrp_entry_view *ret);
/* In the order of the configuration. */
bool node_nhs_next(const struct node *node, struct node_cursor *cursor, struct nhs_view *ret);
/* In the order in which they became members. */
bool node_multicast_next(const struct node *node, struct node_cursor *cursor,
                         struct multicast_view *ret);
/* Tunnels that run NHRP, by number. */
bool node_tunnel_next(const struct node *node, struct node_cursor *cursor,
                      struct nhrp_tunnel_view *ret);
/* Entries to be kept on disk, in the order in which they can be restored. */
bool node_saved_next(const struct node *node, struct node_cursor *cursor, struct now now,
                     struct node_saved_entry *ret);

/*
 * IKE SAs; pairs of IPsec SAs, then the wanted peers that have none. In the order of their making;
 * none in a node without crypto.
 */
bool node_ike_sa_next(const struct node *node, struct node_cursor *cursor, struct ike_sa_view *ret);
bool node_certificate_next(const struct node *node, struct node_cursor *cursor,
                           struct certificate_view *ret);
bool node_ipsec_next(const struct node *node, struct node_cursor *cursor, struct ipsec_view *ret);
void node_ike_counters(const struct node *node, struct ike_counters *ret);
/* Failures of IKE, the latest first; those of an earlier configuration too. */
bool node_ike_failure_next(const struct node *node, struct node_cursor *cursor,
                           struct ike_failure_view *ret);

/* Packets dropped before they had a tunnel. */
uint64_t node_drops(const struct node *node, enum node_drop drop);
/* All memory that the node holds, in bytes, the snapshot not counted. */
size_t node_memory_bytes(const struct node *node);
const char *nhrp_entry_flag_word(enum nhrp_entry_flag flag);
