/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The `show` commands: each collects plain values from its source and renders them as IOS lays them
 * out, or as JSON of the same facts (docs/json.md). A source is a table of functions, so that tests
 * and the simulator stand in for the daemon.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/dataplane.h"
#include "esp/esp.h"
#include "node/node.h"
#include "node/snapshot.h"
#include "node/view.h"
#include "util/clock.h"
#include "util/strbuf.h"

/* A Linux interface as it is now, under the name that the configuration gives it. */
struct interface_view {
	char name[SNAP_NAME_SIZE];
	char device[SNAP_DEVICE_SIZE];       /* Linux name, or "" while there is none */
	const struct snap_interface *config; /* NULL: not in the configuration */
	bool admin_up, line_up;
	const char *
		down_reason; /* of a tunnel whose line is down: "no output interface", …; or NULL */
	struct prefix address;        /* none: unassigned */
	const char *method;           /* "manual", "NVRAM", "DHCP", "unset" */
	uint16_t mtu_bytes;           /* of the Linux interface */
	uint16_t nhrp_mtu_bytes;      /* tunnel: as put in CIEs and shown as "MTU 17916 bytes" */
	uint16_t transport_mtu_bytes; /* tunnel: largest inner packet without outer fragments */
	struct addr source;           /* tunnel: NBMA address in force, or none */
	bool has_counters;
	struct dp_counters counters; /* tunnels */
};

struct route_view {
	struct prefix to;
	struct addr via;                /* none: by interface */
	char interface[SNAP_NAME_SIZE]; /* "Null0" for a blackhole */
	uint8_t distance;
	uint32_t metric;
	char code; /* 'S' static, 'C' connected, 'L' local, 'H' NHRP */
};

struct program_view {
	const char *version;
	const char *hostname;
	mono started;
	unsigned n_workers;
	bool xdp_receive; /* asked for; then: */
	unsigned n_xdp_ports;
	uint64_t xdp_packets, xdp_dropped; /* received by it; and what there was no room for */
	const char *xdp_error;             /* why a port, or all, cannot be had, or NULL */
	const char *backend;               /* "user" */
	const char *config_file;
	const char *kernel;  /* uname release */
	size_t memory_bytes; /* resident */
	/* Changes of tunnels' neighbours and routes that the kernel did not take. */
	uint64_t neighbours_refused, routes_refused;
};

struct show_source {
	void *ctx;
	struct now (*now)(void *ctx);
	const struct node *(*node)(void *ctx);
	const struct snapshot *(*running)(void *ctx);
	/* Each in printing order; *cursor starts at 0. */
	bool (*interface_next)(void *ctx, size_t *cursor, struct interface_view *ret);
	bool (*route_next)(void *ctx, size_t *cursor, struct route_view *ret);
	/* False when the peer has none. */
	bool (*peer_counters)(void *ctx, uint32_t tunnel, const struct addr *peer,
	                      struct dp_counters *ret);
	/* The data plane's, tunnel DP_NO_TUNNEL for those of none. */
	bool (*tunnel_counters)(void *ctx, uint32_t tunnel, struct dp_counters *ret);
	/* An IPsec SA by its id. False, *ret untouched, when the data plane does not have it. */
	bool (*sa_state)(void *ctx, uint32_t id, struct esp_sa_state *ret);
	void (*program)(void *ctx, struct program_view *ret);
};

enum show_what {
	SHOW_IP_NHRP,
	SHOW_IP_NHRP_BRIEF,
	SHOW_IP_NHRP_DETAIL,
	SHOW_IP_NHRP_SUMMARY,
	SHOW_IP_NHRP_TRAFFIC,
	SHOW_IP_NHRP_MULTICAST,
	SHOW_IP_NHRP_NHS,
	SHOW_IP_NHRP_NHS_DETAIL,
	SHOW_DMVPN,
	SHOW_DMVPN_DETAIL,
	SHOW_INTERFACES,
	SHOW_IP_INTERFACE_BRIEF,
	SHOW_IP_ROUTE,
	SHOW_VERSION,
	SHOW_DROPS, /* ours: every drop counter with its reason */
	SHOW_CRYPTO_ISAKMP_SA,
	SHOW_CRYPTO_ISAKMP_SA_DETAIL,
	SHOW_CRYPTO_IPSEC_SA,
	SHOW_CRYPTO_IPSEC_SA_DETAIL,
	SHOW_CRYPTO_SESSION,
	SHOW_CRYPTO_SESSION_DETAIL,
	SHOW_CRYPTO_SESSION_BRIEF,
	SHOW_CRYPTO_ISAKMP_POLICY,
	SHOW_CRYPTO_ISAKMP_KEY,
	SHOW_CRYPTO_ISAKMP_STATS, /* ours */
	SHOW_CRYPTO_ISAKMP_ERROR,
	SHOW_CRYPTO_IPSEC_PROFILE,
	SHOW_CRYPTO_IPSEC_TRANSFORM_SET,
	SHOW_CRYPTO_SOCKETS,
	SHOW_CRYPTO_ISAKMP_SA_COUNT,
	SHOW_CRYPTO_IPSEC_SA_COUNT,
	SHOW_CRYPTO_PKI_CERTIFICATES,
	SHOW_CRYPTO_PKI_TRUSTPOINTS,
};

/* Which entries of the cache are meant, by what they are. */
enum show_entries {
	SHOW_ENTRIES_ALL,
	SHOW_ENTRIES_STATIC,
	SHOW_ENTRIES_DYNAMIC,
	SHOW_ENTRIES_INCOMPLETE,
	SHOW_ENTRIES_LOCAL,    /* what we told others of ourselves */
	SHOW_ENTRIES_REMOTE,   /* all others */
	SHOW_ENTRIES_SHORTCUT, /* networks behind others, and next hops overridden */
};

struct show_request {
	enum show_what what;
	enum show_entries entries;
	struct addr nbma, via; /* entries that lead to one peer; none: to all */
	struct prefix network; /* entries in one network; none: all */
	char route;            /* the code of route_view, or '\0': all */
	bool json;
	bool secrets; /* who asks may see them */
	bool one_tunnel;
	uint32_t tunnel;
	bool one_address;
	struct addr address;
	const char *interface; /* canonical name, or NULL: all */
	const char *name;      /* of a trustpoint, or NULL: all */
};

/* Appends the command's whole output to out. */
void show(const struct show_source *source, const struct show_request *request, struct strbuf *out);

/* IOS times: "00:11:31", "1d02h", "3w5d"; "never" for less than 0. */
enum { SHOW_TIME_SIZE = 16 };
const char *show_time(int64_t seconds, char buf[static SHOW_TIME_SIZE]);

/* One trace as a log line's mnemonic and text ("%DMVPN-5-NHRP_NHS_UP", "…"). False: not for the
 * log. */
bool show_trace_log(const struct trace *t, struct strbuf *out);
/* One trace as debug lines, by the categories that are on. Appends nothing when none applies. */
enum show_debug {
	DEBUG_NHRP = 1 << 0, /* plain `debug nhrp`: protocol actions */
	DEBUG_NHRP_PACKET = 1 << 1,
	DEBUG_NHRP_CACHE = 1 << 2,
	DEBUG_NHRP_ERROR = 1 << 3,
	DEBUG_NHRP_DETAIL = 1 << 4,
	DEBUG_NHRP_EXTENSION = 1 << 5,
	DEBUG_NHRP_RATE = 1 << 6,
	DEBUG_CRYPTO_ISAKMP = 1 << 7,
	DEBUG_CRYPTO_IPSEC = 1 << 8,
	DEBUG_NHRP_ALL = DEBUG_CRYPTO_ISAKMP - 1,
};
void show_trace_debug(const struct trace *t, unsigned debug, struct strbuf *out);
