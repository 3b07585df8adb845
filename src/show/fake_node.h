/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A world to show, for tests only: a node that is nothing but its views, and a source that hands
 * out arrays. What a test does not fill is zero.
 */
#pragma once

#include "show/show.h"

enum {
	FAKE_ENTRIES_MAX = 16,
	FAKE_NHS_MAX = 8,
	FAKE_TUNNELS_MAX = 4,
	FAKE_INTERFACES_MAX = 8,
	FAKE_ROUTES_MAX = 24,
	FAKE_SAS_MAX = 8,
	FAKE_NOW_S = 10000000,    /* the instant of every answer, counted from the world's start */
	FAKE_WALL_S = 1700000000, /* and its time of day */
};

struct node {
	struct nhrp_entry_view entry[FAKE_ENTRIES_MAX];
	size_t n_entries;
	struct nhs_view nhs[FAKE_NHS_MAX];
	size_t n_nhs;
	struct multicast_view multicast[FAKE_NHS_MAX];
	size_t n_multicast;
	struct nhrp_tunnel_view tunnel[FAKE_TUNNELS_MAX];
	size_t n_tunnels;
	uint64_t drops[NODE_DROPS_N];
	size_t memory_bytes;
	struct ike_sa_view ike_sa[FAKE_SAS_MAX];
	size_t n_ike_sas;
	struct ipsec_view ipsec[FAKE_SAS_MAX];
	size_t n_ipsec;
	struct ike_counters ike;
	struct ike_failure_view failure[FAKE_SAS_MAX];
	size_t n_failures;
	struct certificate_view certificate[FAKE_SAS_MAX];
	size_t n_certificates;
};

struct fake {
	struct node node;
	struct snapshot *snapshot;
	struct interface_view interface[FAKE_INTERFACES_MAX];
	size_t n_interfaces;
	struct route_view route[FAKE_ROUTES_MAX];
	size_t n_routes;
	struct dp_counters no_tunnel;
	struct dp_counters peer; /* of every peer at peer_address */
	struct addr peer_address;
	struct esp_sa_state sa_in, sa_out; /* of every inbound SA (odd ids), every outbound one */
	struct program_view program;
	struct show_source source;
};

void fake_init(struct fake *f);
void fake_fini(struct fake *f);

/* An instant so many seconds before now, and after it. */
mono fake_ago(int64_t seconds);
mono fake_in(int64_t seconds);
struct addr fake_addr(const char *text);
/* "10.0.0.1/24". */
struct prefix fake_prefix(const char *text);

/* A configured interface that is up; the caller fills the rest. */
struct interface_view *fake_add_interface(struct fake *f, enum snap_interface_kind kind,
                                          const char *name, const char *address);
/* A tunnel interface "TunnelN" that is up and runs NHRP. */
struct nhrp_tunnel_view *fake_add_tunnel(struct fake *f, uint32_t number, const char *address);
/* The interface view of a tunnel. */
struct interface_view *fake_tunnel_interface(struct fake *f, uint32_t number);
/* A host entry in state UP; nbma NULL: none. */
struct nhrp_entry_view *fake_add_entry(struct fake *f, enum nhrp_entry_type type,
                                       const char *target, const char *nbma);
struct nhs_view *fake_add_nhs(struct fake *f, const char *address, const char *nbma);
struct route_view *fake_add_route(struct fake *f, char code, const char *to, const char *interface);

/* An IKE SA that stands; we are its initiator. */
struct ike_sa_view *fake_add_ike_sa(struct fake *f, const char *local, const char *remote);
/* A pair of IPsec SAs of Tunnel0 that is in use, with protect.cfg's algorithms. */
struct ipsec_view *fake_add_ipsec(struct fake *f, const char *local, const char *remote);

/* The reference lab's hub and its second spoke, 11 minutes after the start. */
void fake_lab_hub(struct fake *f);
void fake_lab_spoke(struct fake *f);
/* Secures either with protect.cfg: the hub has an IKE SA and a pair with its first spoke. */
void fake_lab_protect(struct fake *f);
/* One of everything. */
void fake_zoo(struct fake *f);

/* Fails the test, showing both, unless the answer is exactly this. */
void expect_show(struct fake *f, struct show_request request, const char *text);
/* Likewise, with runs of blanks as one and none at the ends of lines. */
void expect_show_words(struct fake *f, struct show_request request, const char *text);
/* Fails unless the answer has the text somewhere. */
void expect_show_has(struct fake *f, struct show_request request, const char *text);
