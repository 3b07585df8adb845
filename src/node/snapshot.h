/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration of one router as a value. config/ fills it from text and prints it; node,
 * daemon and show read it. Once published a snapshot is immutable: a change is a whole new one.
 *
 * Zero means "not configured" in every field unless the field says otherwise; the accessors at the
 * end give the value in force, which is IOS's default where nothing is configured.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/snapshot_crypto.h"
#include "util/addr.h"

enum {
	SNAP_NAME_SIZE = 64,        /* hostname, interface names, with NUL */
	SNAP_DEVICE_SIZE = 16,      /* IFNAMSIZ */
	SNAP_AUTH_SIZE = 9,         /* IOS: up to 8 characters */
	SNAP_FQDN_SIZE = 254,       /* RFC 1035: 253 characters */
	SNAP_INTERFACES_MAX = 4096, /* a configuration with more is refused */
	SNAP_SECONDARY_MAX = 32,    /* addresses of one interface beside the first */
	SNAP_MAPS_MAX = 4096,       /* static maps of one tunnel */
	SNAP_NHS_MAX = 64,          /* next hop servers of one tunnel */
	SNAP_CLUSTERS = 11,         /* of them, by number */
	SNAP_ROUTES_MAX = 65536,
	SNAP_TUNNEL_NUMBER_MAX = 2147483647,

	SNAP_HOLDTIME_S = 7200,
	SNAP_REDIRECT_S = 8,
	SNAP_TTL = 255,
	SNAP_MULTICAST_INTERVAL_MS = 10, /* of batches whose line names none */
	SNAP_MAX_SEND_PACKETS = 10000,
	SNAP_MAX_SEND_EVERY_S = 10,
	SNAP_KEEPALIVE_S =
		10, /* of direct paths in clear: as dead peer detection of protected ones */
	SNAP_KEEPALIVE_TRIES = 3,
	SNAP_DISTANCE_STATIC = 1,
	SNAP_TUNNEL_BANDWIDTH_KBPS = 100,
	SNAP_TUNNEL_DELAY_TENS_US = 5000,
};

enum snap_interface_kind { SNAP_PORT, SNAP_TUNNEL, SNAP_LOOPBACK };
enum snap_addressing {
	SNAP_ADDRESS_UNSET,  /* no address line: a port's addresses are the system's */
	SNAP_ADDRESS_STATIC, /* address[] */
	SNAP_ADDRESS_DHCP,   /* "ip address dhcp": the system's DHCP client has them */
};
enum snap_tunnel_mode { SNAP_MODE_GRE_P2P, SNAP_MODE_GRE_MULTIPOINT };

/* ip nhrp map ADDR [MASK] NBMA */
struct snap_map {
	struct prefix target;
	struct addr nbma;
	uint8_t preference; /* 0: none named */
};

/* ip nhrp summary-map NET MASK NBMA */
struct snap_summary {
	struct prefix target;
	struct addr nbma; /* our own */
};

/* ip nhrp map multicast NBMA */
struct snap_multicast {
	struct addr nbma;
};

/* ip nhrp nhs {ADDR|dynamic} [nbma {NBMA|FQDN}] [multicast] [priority N] [cluster N] */
struct snap_nhs {
	struct addr address; /* none: "dynamic" */
	struct addr nbma;    /* none: found through a static map, or by fqdn */
	char fqdn[SNAP_FQDN_SIZE];
	bool multicast;
	uint8_t priority; /* less is better */
	uint8_t cluster;
};

/* ip nhrp nhs cluster N max-connections N */
struct snap_cluster {
	bool limited; /* else all of its servers are used */
	uint8_t max_connections;
};

struct snap_nhrp {
	uint32_t network_id; /* 0: NHRP is off on this tunnel */
	char authentication[SNAP_AUTH_SIZE];
	uint16_t holdtime_s;
	uint16_t registration_timeout_s;
	uint8_t registration_delay_s;
	bool registration_no_unique;
	bool server_only;
	bool server_only_non_caching;
	bool if_state; /* line protocol follows the servers */
	bool no_record;
	uint16_t max_send_packets, max_send_every_s;
	bool has_keepalive;      /* of direct paths; without it SNAP_KEEPALIVE_… */
	uint8_t keepalive_s;     /* between questions; 0: none */
	uint8_t keepalive_tries; /* questions without an answer */
	bool redirect, shortcut;
	bool cache_authoritative;       /* no ip nhrp cache non-authoritative */
	char responder[SNAP_NAME_SIZE]; /* canonical name, or "" */
	bool interest_none;             /* no traffic asks for a direct path */
	uint16_t use_packets;           /* that ask for a direct path; 0: the first one does */
	uint8_t path_preference;        /* 0: not configured */
	bool send_routed;
	bool no_route_watch;
	uint8_t redirect_timeout_s;
	bool multicast_dynamic;
	uint16_t multicast_batch; /* copies at a time; 0: no line */
	uint16_t multicast_interval_ms;
	struct snap_map *map;
	size_t n_map;
	struct snap_summary *summary;
	size_t n_summary;
	struct snap_multicast *multicast;
	size_t n_multicast;
	struct snap_nhs *nhs;
	size_t n_nhs;
	struct snap_cluster cluster[SNAP_CLUSTERS];
	bool has_nhs_fallback;
	uint8_t nhs_fallback_s; /* until a better server that is back is used again */
};

struct snap_tunnel {
	uint32_t number; /* of "Tunnel7" */
	bool unfinished; /* its lines are still being typed: what protects it may be to come */
	char source_interface[SNAP_NAME_SIZE]; /* canonical name, or "" */
	struct addr source_address;            /* or none */
	struct addr destination;               /* none: not configured */
	enum snap_tunnel_mode mode;
	bool other_mode; /* "tunnel mode …" of a kind that we do not speak is among the kept lines
	                  */
	bool protected;  /* nothing may leave in clear: protection, or a form of it that we lack */
	bool other_protection; /* a form of it that we lack is among the kept lines */
	struct snap_protection protection;
	bool has_key;
	uint32_t key;
	bool has_tos; /* without it the inner TOS is copied */
	uint8_t tos;
	uint8_t ttl; /* 0: default */
	struct snap_nhrp nhrp;
};

struct snap_interface {
	enum snap_interface_kind kind;
	char name[SNAP_NAME_SIZE]; /* canonical: "FastEthernet0/0", "Tunnel0", "Loopback1", "eth0"
	                            */
	char device[SNAP_DEVICE_SIZE]; /* of "device eth0", or "" */
	char *description;             /* or NULL */
	bool shutdown;
	enum snap_addressing addressing;
	struct prefix
		address[1 + SNAP_SECONDARY_MAX]; /* host bits kept; the first is the primary */
	size_t n_address;
	uint32_t bandwidth_kbps;
	uint32_t delay_tens_us;
	uint16_t ip_mtu_bytes;
	uint16_t tcp_mss_bytes;
	bool no_ip_redirects;
	struct snap_tunnel *tunnel; /* of a SNAP_TUNNEL, else NULL */
	struct snap_lines kept;     /* in order: known lines not in force, and lines not ours */
};

/* ip route NET MASK {NEXTHOP | INTERFACE [NEXTHOP] | Null0} [distance] [name N] … */
struct snap_route {
	struct prefix to;               /* host bits cleared */
	struct addr via;                /* none: by interface only */
	char interface[SNAP_NAME_SIZE]; /* canonical, "Null0", or "" */
	uint8_t distance;               /* 0: default */
	char *rest; /* what followed the distance ("name X", "track 1"), kept word for word, or NULL
	             */
};

struct snapshot {
	char hostname[SNAP_NAME_SIZE]; /* "" : the system's */
	bool no_ip_routing;
	struct snap_interface **interface; /* in the order in which they are printed */
	size_t n_interfaces;
	struct snap_route *route;
	size_t n_routes;
	struct snap_crypto crypto;
	struct snap_lines kept;    /* global lines known and not in force */
	struct snap_lines foreign; /* blocks that are not ours, word for word */
};

struct snapshot *snapshot_new(void);
/* A deep copy, to be changed and published. */
struct snapshot *snapshot_copy(const struct snapshot *s);
/* Secrets are wiped. NULL is fine. */
void snapshot_free(struct snapshot *s);

/* By canonical name; NULL when there is none. */
struct snap_interface *snapshot_interface(const struct snapshot *s, const char *name);
/* The interface of a tunnel by number; NULL when there is none. */
struct snap_interface *snapshot_tunnel(const struct snapshot *s, uint32_t number);
/* Adds an empty interface in printing order; the name must be canonical and not there yet. */
struct snap_interface *snapshot_add_interface(struct snapshot *s, enum snap_interface_kind kind,
                                              const char *name);
void snapshot_del_interface(struct snapshot *s, struct snap_interface *i);

/* The primary address, or none. */
const struct prefix *snap_interface_address(const struct snap_interface *i);
uint16_t snap_nhrp_holdtime_s(const struct snap_nhrp *n);
/* registration timeout, else a third of the holding time, at least 1. */
uint16_t snap_nhrp_registration_s(const struct snap_nhrp *n);
/* Seconds in which a flow is told of a direct path once. */
uint8_t snap_nhrp_redirect_s(const struct snap_nhrp *n);
/* Seconds between questions to the peer of a direct path, 0: none, and how many go unanswered until
 * it is dead. */
uint8_t snap_nhrp_keepalive_s(const struct snap_nhrp *n);
uint8_t snap_nhrp_keepalive_tries(const struct snap_nhrp *n);
uint8_t snap_tunnel_ttl(const struct snap_tunnel *t);
/*
 * True when the tunnel may run: it has a source, a destination where its mode needs one, a mode
 * that we speak, and when it is protected, all that its protection names.
 */
bool snap_tunnel_is_complete(const struct snapshot *s, const struct snap_tunnel *t);
