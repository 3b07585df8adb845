/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One whole DMVPN control plane as a value. It opens no socket, reads no clock, draws no randomness
 *of its own, logs nothing and owns no globals. The caller hands it an instant and an event; it
 *hands back a bounded list of actions and one deadline:
 *
 *	node_step(node, now, &event, out);
 *	node_deadline(node);
 *
 * The contract: step is total (any event in any state acts or counts a drop). Actions are carried
 *out in order, before the next step. Nothing passes ownership: what an event points to is borrowed
 *for the step (a snapshot: until the next NODE_CONFIGURE or node_free), what out points to until
 *the next step. Work that does not fit one out goes on in later steps: the deadline is then due at
 *once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/crypto.h"
#include "nhrp/wire.h"
#include "node/snapshot.h"
#include "util/addr.h"
#include "util/clock.h"
#include "util/entropy.h"

enum {
	NODE_ACTIONS_MAX = 256,       /* actions of one step */
	NODE_OUT_BYTES = 32 * 1024,   /* packets of one step */
	NODE_NAME_ADDRS_MAX = 8,      /* addresses of one FQDN that are looked at */
	NODE_CERTIFICATES_MAX = 16,   /* of each kind, of one trustpoint */
	NODE_SIGNATURE_MAX = 1024,    /* bytes: RSA with 8192 bits */
	NODE_CACHE_MAX = 65536,       /* default limit of cache entries */
	NODE_REQUEST_ID_BLOCK = 1024, /* request ids reserved at a time */
};

struct node;

struct node_options {
	struct entropy entropy;   /* used for the life of the node */
	struct crypto *crypto;    /* for IKE, borrowed; NULL: protected tunnels stay down */
	bool hand_out_keys;       /* NODE_IKE_KEYS: for tests, never for a router in use */
	size_t cache_max;         /* 0: NODE_CACHE_MAX */
	uint32_t request_id_next; /* first id that was never reserved; 0 on the very first start */
};

struct node *node_new(const struct node_options *options);
void node_free(struct node *node);

/* ---- events ---- */

enum node_event_type {
	NODE_TICK,      /* the deadline has come; harmless at any time */
	NODE_CONFIGURE, /* a new snapshot is in force */
	NODE_TUNNEL,    /* a tunnel's source address or line state has changed */
	NODE_PACKET,    /* an NHRP packet came in by a tunnel */
	NODE_WANT,      /* the data plane needs the path to an overlay next hop */
	NODE_USED,      /* packets went to a peer since the last time */
	NODE_NAMED,     /* the answer to NODE_LOOK_UP */
	/* The answer to NODE_FIND_ROUTE; routes that are not shortcuts have changed. */
	NODE_ROUTE,
	NODE_ROUTES_CHANGED,
	/* A packet that came by a tunnel with redirects leaves by one of the same network. */
	NODE_HAIRPIN,
	/* A packet came in clear by a multipoint tunnel from where none of its peers is. */
	NODE_STRANGER,
	NODE_CLEAR, /* clear ip nhrp */
	NODE_CLEAR_COUNTERS,
	NODE_RESTORE,    /* a cache entry from an earlier life; before packets, after configure and
	                    tunnel */
	NODE_IKE_PACKET, /* a datagram came to port 500, or to 4500 with the non-ESP marker */
	NODE_SA_UNKNOWN, /* ESP with an SPI that is none of ours came to us */
	NODE_SA_MOVED, /* its peer's newest ESP came from another address or port (RFC 3948 4.1) */
	NODE_SA_USED,  /* what a pair of SAs has carried so far; every second or so */
	NODE_CLEAR_CRYPTO, /* clear crypto … */
	NODE_CREDENTIALS,  /* the certificates of a trustpoint, at start and when they change */
	NODE_IKE_SIGNED,   /* the answer to NODE_IKE_SIGN */
	NODE_STOP,         /* purge our registrations and withdraw what we announced */
};

/* An IKE message's way, coming or going. Ports in host order. */
struct node_ike_path {
	struct addr from, to;
	uint16_t from_port, to_port; /* ours is 500 or 4500 */
};

enum node_clear_crypto { NODE_CLEAR_ISAKMP, NODE_CLEAR_IPSEC, NODE_CLEAR_SESSION };

/*
 * The certificates of a trustpoint, in DER; they replace those before. Private keys never come to
 * the node.
 */
struct node_credentials {
	const char *trustpoint;
	const struct crypto_part *own; /* ours first, then what leads from it to a CA */
	const struct crypto_part *ca;  /* that we trust */
	const struct crypto_part *crl;
	size_t n_own, n_ca, n_crl;
	bool has_key; /* of the first of our own */
};

/* What of the cache is kept on disk. */
enum node_saved_kind {
	NODE_SAVED_CLIENT,   /* a registered client */
	NODE_SAVED_PATH,     /* a direct path that was resolved */
	NODE_SAVED_REVERSE,  /* one that its peer's request told */
	NODE_SAVED_SHORTCUT, /* a network behind a next hop, which comes before it */
	NODE_SAVED_ANSWER,   /* a network of ours that was told, behind those who were */
};

/* A cache entry as it is kept on disk. */
struct node_saved_entry {
	enum node_saved_kind kind;
	uint32_t tunnel;
	struct prefix target;
	struct addr nbma;
	struct addr claimed;    /* or none */
	struct udp_place place; /* of nbma behind its NAT, or none */
	bool unique;
	uint16_t holdtime_s;
	uint16_t mtu_bytes;
	uint8_t preference;
	uint32_t request_id;     /* of the registration in force */
	int64_t expires_wall_ms; /* since 1970-01-01 UTC */
	int64_t created_wall_ms;
	/* Of all kinds but clients: */
	uint32_t network_id; /* of the tunnel then */
	struct addr own;     /* our overlay address then */
	bool protected;      /* so was the tunnel then */
	struct addr via;     /* next hop */
	/* Of a shortcut: the destination that was indicated; of an answer: who asked last. */
	struct addr asked_for;
	bool router, authoritative;
};

struct node_event {
	enum node_event_type type;
	union {
		const struct snapshot *snapshot; /* NODE_CONFIGURE */
		struct {
			uint32_t tunnel;
			struct addr source; /* NBMA address in force; none while there is none */
			uint16_t mtu_bytes; /* of the tunnel interface, as put in CIEs */
			bool up;            /* it can carry packets; not whether servers answer */
		} state;                    /* NODE_TUNNEL */
		struct {
			uint32_t tunnel;
			struct addr from, to; /* outer addresses */
			const uint8_t *bytes;
			size_t len;
		} packet; /* NODE_PACKET */
		struct {
			uint32_t tunnel;
			struct addr peer; /* overlay next hop */
			uint64_t packets; /* NODE_USED: that went to it */
		} peer;                   /* NODE_WANT, NODE_USED */
		struct {
			uint32_t cookie;
			struct addr addr[NODE_NAME_ADDRS_MAX];
			size_t n; /* 0: the name did not resolve */
		} named;          /* NODE_NAMED */
		struct {
			uint32_t cookie;
			bool found;
			struct prefix to; /* of the longest match */
			bool by_tunnel;   /* it leaves by a tunnel of ours: */
			uint32_t tunnel;
			struct addr via; /* next hop; none: on the link itself */
		} route;                 /* NODE_ROUTE */
		struct {
			uint32_t tunnel;      /* that it came by */
			struct addr from;     /* NBMA address that it came from */
			const uint8_t *bytes; /* the packet's head, as it came */
			size_t len;
		} hairpin; /* NODE_HAIRPIN, NODE_STRANGER */
		struct {
			bool one_tunnel;
			uint32_t tunnel;
			bool one_target;
			struct prefix target;
			struct addr nbma, via; /* what leads to one peer; none: to all */
			bool shortcuts;        /* networks behind others alone */
			bool sessions;         /* and the associations with these peers … */
			bool statics;          /* … also of static entries, which stay */
		} clear;                       /* NODE_CLEAR; NODE_CLEAR_COUNTERS uses tunnel */
		struct node_saved_entry saved; /* NODE_RESTORE */
		struct {
			struct node_ike_path path;
			const uint8_t *bytes; /* from the ISAKMP header on */
			size_t len;
		} ike; /* NODE_IKE_PACKET */
		struct {
			struct addr from, to;
			uint32_t spi;
			uint16_t udp_port; /* that it came from, with UDP encapsulation; else 0 */
		} unknown;                 /* NODE_SA_UNKNOWN */
		struct {
			uint32_t id; /* of the inbound one of the pair */
			struct addr from;
			uint16_t udp_port;
		} moved; /* NODE_SA_MOVED */
		struct {
			uint32_t id; /* of the inbound one of the pair */
			uint64_t packets_in, bytes_in, packets_out,
				bytes_out; /* since it was made */
		} sa_used;
		struct {
			enum node_clear_crypto what;
			uint32_t ike_id;    /* NODE_CLEAR_ISAKMP: one SA; 0: all */
			struct addr remote; /* one peer; none: all */
		} clear_crypto;
		const struct node_credentials *credentials; /* NODE_CREDENTIALS */
		struct {
			uint64_t cookie;
			const uint8_t *bytes;
			size_t len; /* 0: there is no such key, or it cannot sign so much */
		} signature;        /* NODE_IKE_SIGNED */
	};
};

/* ---- actions ---- */

enum node_action_type {
	NODE_SEND,     /* an NHRP packet in GRE on a tunnel */
	NODE_SET_PEER, /* traffic to this overlay next hop goes to this NBMA address; replaces */
	NODE_DEL_PEER, /* and now to nowhere */
	/* This NBMA address has a copy of the tunnel's multicast from now on; and no more. */
	NODE_SET_MULTICAST,
	NODE_DEL_MULTICAST,
	/* Which way an inner address goes, shortcuts left out; answer with NODE_ROUTE. */
	NODE_FIND_ROUTE,
	/* Packets for a network go by this overlay next hop of a tunnel; replaces; and no more. */
	NODE_SET_ROUTE,
	NODE_DEL_ROUTE,
	/* Line protocol of a tunnel with `if-state nhrp`: whether a server answers. Until it is
	 * told first it stays as it is; the tunnel carries NHRP all the same. */
	NODE_LINE,
	NODE_LOOK_UP,     /* resolve a name, answer with NODE_NAMED */
	NODE_RESERVE_IDS, /* store request_id_next durably before the next NODE_SEND */
	NODE_SAVE_CACHE,  /* what is kept on disk changed: node_saved_next() has it */
	NODE_TRACE,       /* something worth telling; never needed for working */
	NODE_IKE_SEND, /* an IKE message; one of a single byte is a keepalive of NAT (RFC 3948 4),
	                  which goes without the non-ESP marker */
	NODE_SA_ADD,   /* an IPsec SA, inbound or outbound */
	NODE_SA_DEL,   /* it goes */
	NODE_SA_USE,   /* a peer's packets leave by this outbound SA from now on */
	NODE_SA_MOVE,  /* the peer of an SA has another address or port behind its NAT */
	NODE_IKE_KEYS, /* of an IKE SA, only when node_options asks for them */
	NODE_IKE_SIGN, /* sign with a trustpoint's key, answer with NODE_IKE_SIGNED */
	NODE_STOPPED,  /* all that NODE_STOP asked for has been handed out */
};

/* X(identifier, word): one row is the enumerator and the word in golden traces. */
#define TRACE_TYPES(X)                                                                             \
	X(TRACE_PACKET_SENT, "sent")                /* peer: outer destination; packet */          \
	X(TRACE_PACKET_FORWARDED, "forwarded")      /* likewise */                                 \
	X(TRACE_PACKET_RECEIVED, "received")        /* peer: outer source; packet */               \
	X(TRACE_PACKET_DROPPED, "dropped")          /* drop; peer; packet if it is an NHRP one */  \
	X(TRACE_CACHE_ADDED, "cache-add")           /* overlay, peer (NBMA) */                     \
	X(TRACE_CACHE_UPDATED, "cache-update")      /* likewise */                                 \
	X(TRACE_CACHE_DELETED, "cache-delete")      /* likewise; reason */                         \
	X(TRACE_NHS_UP, "nhs-up")                   /* overlay, peer */                            \
	X(TRACE_NHS_DOWN, "nhs-down")               /* overlay, peer; reason */                    \
	X(TRACE_NHC_UP, "nhc-up")                   /* a client registered */                      \
	X(TRACE_NHC_DOWN, "nhc-down")               /* and is gone; reason */                      \
	X(TRACE_NHP_UP, "nhp-up")                   /* a direct path to a peer stands */           \
	X(TRACE_NHP_DOWN, "nhp-down")               /* and is gone; reason */                      \
	X(TRACE_REGISTRATION_REFUSED, "refused")    /* code; overlay, peer: the NHS */             \
	X(TRACE_REGISTRATION_REJECTED, "rejected")  /* code; overlay, peer: the client */          \
	X(TRACE_AUTHENTICATION_FAILED, "auth-fail") /* once per peer */                            \
	X(TRACE_ERROR_RECEIVED, "error-received")   /* code: enum nhrp_error; peer */              \
	X(TRACE_NAME_UNRESOLVED, "name-unresolved") /* text: the name */                           \
	X(TRACE_NAT_SUSPECTED, "nat-suspected")     /* overlay, peer: an NHS out of reach */       \
	X(TRACE_IKE_UP, "ike-up")                   /* peer; an IKE SA stands */                   \
	X(TRACE_IKE_DOWN, "ike-down")               /* peer; and is gone; reason */                \
	X(TRACE_IPSEC_UP, "ipsec-up")         /* peer; a pair of SAs stands; code: 1: rekeyed */   \
	X(TRACE_IPSEC_DOWN, "ipsec-down")     /* peer; the last pair is gone; reason */            \
	X(TRACE_IKE_FAILED, "ike-failed")     /* peer; text: what differs, one sentence */         \
	X(TRACE_IKE_ADVICE, "ike-advice")     /* peer; text: which line would help */              \
	X(TRACE_IKE_SENT, "ike-sent")         /* peer; packet: the ISAKMP message, in clear */     \
	X(TRACE_IKE_RECEIVED, "ike-received") /* likewise */

enum trace_type {
#define X(id, word) id,
	TRACE_TYPES(X)
#undef X
		TRACE_TYPES_N
};

#define TRACE_REASONS(X)                                                                           \
	X(REASON_NONE, "")                                                                         \
	X(REASON_EXPIRED, "holding time expired")                                                  \
	X(REASON_PURGED, "purge received")                                                         \
	X(REASON_CLEARED, "cleared by command")                                                    \
	X(REASON_REPLACED, "replaced")                                                             \
	X(REASON_CONFIGURED, "configuration changed")                                              \
	X(REASON_TUNNEL_DOWN, "tunnel is down")                                                    \
	X(REASON_NO_REPLY, "no reply to registration requests")                                    \
	X(REASON_REFUSED, "refused by the next hop server")                                        \
	X(REASON_UNRESOLVED, "no reply to resolution requests")                                    \
	X(REASON_NO_BINDING, "next hop server knows no binding")                                   \
	X(REASON_NBMA_CHANGED, "NBMA address changed")                                             \
	X(REASON_STOPPED, "router stops")                                                          \
	X(REASON_PEER_DELETED, "peer deleted it")                                                  \
	X(REASON_PEER_DEAD, "peer does not answer")                                                \
	X(REASON_UNWANTED, "not wanted any more")                                                  \
	X(REASON_UNPROTECTED, "no security association")                                           \
	X(REASON_ROUTE, "the route under it has changed")                                          \
	X(REASON_NEXT_HOP, "next hop is gone")                                                     \
	X(REASON_LIFETIME, "lifetime is over")

enum trace_reason {
#define X(id, text) id,
	TRACE_REASONS(X)
#undef X
		TRACE_REASONS_N
};

/* Every packet that the node does not act on has one of these. X(identifier, key, text) */
#define NODE_DROPS(X)                                                                              \
	X(DROP_NONE, "none", "not dropped")                                                        \
	X(DROP_MALFORMED, "malformed", "malformed NHRP packet")                                    \
	X(DROP_NO_TUNNEL, "no_tunnel", "no such tunnel, or NHRP is off on it")                     \
	X(DROP_TUNNEL_DOWN, "tunnel_down", "tunnel is down")                                       \
	X(DROP_AUTHENTICATION, "authentication", "authentication missing or wrong")                \
	X(DROP_HOP_COUNT, "hop_count", "hop count exceeded")                                       \
	X(DROP_LOOP, "loop", "we are in the transit record already")                               \
	X(DROP_NO_ROUTE, "no_route", "nowhere to forward it to")                                   \
	X(DROP_UNSOLICITED, "unsolicited", "reply to a request that is not pending")               \
	X(DROP_NOT_FOR_US, "not_for_us", "not addressed to us and not to be forwarded")            \
	X(DROP_BAD_CONTENTS, "bad_contents", "fields that make no sense for the packet's type")    \
	X(DROP_CACHE_FULL, "cache_full", "cache is full")                                          \
	X(DROP_RATE, "rate", "over ip nhrp max-send")                                              \
	X(DROP_SERVER_ONLY, "server_only", "ip nhrp server-only")                                  \
	X(DROP_OUT_FULL, "out_full", "more to send than one step holds")                           \
	X(DROP_TOO_BIG, "too_big", "does not fit a packet")                                        \
	X(DROP_ROUTE_BUSY, "route_busy", "too many questions about routes are open")               \
	X(DROP_UNPROTECTED, "unprotected", "no security association with the peer")                \
	X(DROP_STRANGER, "stranger", "unknown SPI from an address that is no peer's")              \
	X(DROP_TOLD, "told", "word that somebody is no client: too soon, too many, not ours")      \
	X(DROP_UNSUPPORTED, "unsupported", "packet type not acted on")

enum node_drop {
#define X(id, key, text) id,
	NODE_DROPS(X)
#undef X
		NODE_DROPS_N
};

struct trace {
	enum trace_type type;
	uint32_t tunnel;
	struct addr overlay; /* or none */
	struct addr peer;    /* NBMA, or none */
	struct addr at;      /* of TRACE_IPSEC_UP and _DOWN: where the peer is seen; or none */
	uint16_t port;       /* of IKE and IPsec: the peer's UDP port, or 0 */
	enum trace_reason reason;
	enum node_drop drop;
	uint16_t code;
	const uint8_t *packet; /* from the NHRP fixed header on, or NULL */
	size_t packet_len;
	const char *text; /* or NULL */
	uint16_t repeats; /* of TRACE_IKE_FAILED and _ADVICE: how often it was told before in a row
	                   */
};

enum node_peer_kind {
	NODE_PEER_STATIC,     /* from the configuration */
	NODE_PEER_REGISTERED, /* a client of ours */
	NODE_PEER_RESOLVED,   /* a direct path */
	NODE_PEER_VIA_NHS,    /* meanwhile, or for good, through the hub: nbma is the NHS's */
};

/* An IPsec SA to be put in force. Keys are wiped by the next step. */
struct node_sa {
	uint32_t id;             /* unique while the node lives, never 0 */
	uint32_t tunnel;         /* the one that it protects … */
	bool shared;             /* … or, inbound, all protected ones with its source */
	struct addr local, nbma; /* the pair that it is for */
	struct addr remote;      /* outer address of the peer as we see it: nbma without NAT */
	struct addr inner_local, inner_remote; /* the negotiated selectors' (RFC 3947 5) */
	uint16_t udp_port;                     /* of the peer, with UDP encapsulation; else 0 */
	enum esp_cipher cipher;
	enum esp_auth auth;
	enum esp_mode mode;
	uint32_t spi;
	bool outbound, esn;
	uint16_t replay_packets;
	enum snap_df_bit df_bit;
	uint8_t cipher_key[ESP_CIPHER_KEY_MAX], auth_key[ESP_AUTH_KEY_MAX], iv_key[ESP_IV_KEY_LEN];
};

struct node_action {
	enum node_action_type type;
	union {
		struct {
			uint32_t tunnel;
			struct addr from, to; /* outer addresses */
			const uint8_t *bytes;
			size_t len;
		} send;
		struct {
			uint32_t tunnel;
			struct addr peer; /* overlay next hop */
			struct addr nbma;
			enum node_peer_kind kind;
		} peer; /* NODE_SET_PEER, NODE_DEL_PEER; NODE_…_MULTICAST: tunnel and nbma only */
		struct {
			uint32_t cookie;
			const char *name;
		} look_up;
		struct {
			uint32_t cookie; /* NODE_FIND_ROUTE */
			uint32_t tunnel; /* NODE_SET_ROUTE, NODE_DEL_ROUTE: this and via */
			struct prefix to;
			struct addr via;
			bool override; /* NODE_SET_ROUTE: there is another one to the same network
			                */
		} route;
		struct {
			uint32_t tunnel;
			bool up;
		} line;                   /* NODE_LINE */
		uint32_t request_id_next; /* NODE_RESERVE_IDS */
		struct trace trace;
		struct {
			struct node_ike_path path;
			const uint8_t *bytes;
			size_t len;
		} ike;                    /* NODE_IKE_SEND */
		const struct node_sa *sa; /* NODE_SA_ADD */
		uint32_t sa_id;           /* NODE_SA_DEL */
		struct {
			uint32_t tunnel;
			struct addr nbma;
			uint32_t id; /* 0: none: nothing leaves to this peer */
		} use;               /* NODE_SA_USE */
		struct {
			uint32_t id;
			struct addr remote;
			uint16_t udp_port;
		} move; /* NODE_SA_MOVE */
		struct {
			uint64_t icookie, rcookie;
			enum crypto_cipher cipher;
			uint8_t key[CRYPTO_KEY_MAX]; /* the cipher's, from SKEYID_e */
		} keys;                              /* NODE_IKE_KEYS */
		struct {
			uint64_t cookie;
			const char *trustpoint;
			const uint8_t *bytes; /* as they stand: RSA, PKCS #1 v1.5 without DigestInfo
			                       */
			size_t len;
		} sign; /* NODE_IKE_SIGN */
	};
};

/* What one step hands back. The caller owns the struct and may keep one for all nodes. */
struct node_out {
	struct node_action action[NODE_ACTIONS_MAX];
	size_t n;
	uint8_t bytes[NODE_OUT_BYTES];
	size_t n_bytes;
};

void node_step(struct node *node, struct now now, const struct node_event *event,
               struct node_out *out);

/* When to step with NODE_TICK if nothing else happens; MONO_NEVER when nothing is waited for. */
mono node_deadline(const struct node *node);

/* The words of the X-macros above. */
const char *trace_type_word(enum trace_type type);
const char *trace_reason_text(enum trace_reason reason);
const char *node_drop_key(enum node_drop drop);
const char *node_drop_text(enum node_drop drop);
