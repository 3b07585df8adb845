/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What carries packets for the control plane, behind one small table: our own data plane
 * (backend_user.c), later the kernel's GRE and XFRM. All functions are called by the control
 * thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/dataplane.h"
#include "node/node.h"
#include "util/addr.h"

/* An NHRP packet in GRE on a tunnel; bytes are borrowed for the call. */
struct backend_packet {
	uint32_t tunnel;
	struct addr from, to; /* outer addresses */
	const uint8_t *bytes;
	size_t len;
};

/* ESP with an SPI that is none of ours. */
struct backend_unknown_spi {
	struct addr from, to; /* outer addresses */
	uint16_t udp_port;    /* that it came from, with UDP encapsulation; else 0 */
	uint32_t spi;
};

struct backend_events { /* called from the control thread's loop */
	void (*packet)(void *ctx, const struct backend_packet *packet);
	void (*want)(void *ctx, uint32_t tunnel, const struct addr *peer);
	/* A packet that came by a tunnel turns round: its head, as it came (NODE_HAIRPIN); no `to`.
	 */
	void (*hairpin)(void *ctx, const struct backend_packet *head);
	/* A packet in clear from where no peer of its tunnel is (NODE_STRANGER); no `to`. */
	void (*stranger)(void *ctx, const struct backend_packet *head);
	/* An IKE message that came to UDP port 4500. */
	void (*ike)(void *ctx, const struct node_ike_path *path, const uint8_t *bytes, size_t len);
	void (*unknown_spi)(void *ctx, const struct backend_unknown_spi *what);
	/* What an inbound SA opens comes from another place (NODE_SA_MOVED). */
	void (*moved)(void *ctx, uint32_t id, const struct addr *from, uint16_t udp_port);
	void *ctx;
};

struct backend_refusals {
	uint64_t neighbours, routes;
};

/* An overlay next hop to which packets went. */
struct backend_use {
	uint32_t tunnel;
	struct addr peer;
	uint64_t packets; /* since the last time */
};

struct backend; /* of a backend's own */

struct backend_route {
	uint32_t tunnel;
	struct prefix to;
	struct addr via;
	bool override; /* before a route of somebody else's to the same network */
};

struct backend_ops {
	const char *name;
	/* Creates or changes a tunnel and its Linux interface. Negative errno. */
	int (*tunnel_set)(struct backend *b, const struct dp_tunnel *tunnel);
	/* remove: the interface goes, and its peers are forgotten; else peers wait for the next
	 * tunnel_set. */
	void (*tunnel_del)(struct backend *b, uint32_t number, bool remove);
	/* All that was kept of an earlier life has been set again: of the routes on the interfaces
	 * that were taken over, those that were not are nobody's, and go. */
	void (*taken_over)(struct backend *b);
	/* Writes what the kernel knows of its peers again: it forgets all of it when an interface
	 * goes down. */
	void (*tunnel_refresh)(struct backend *b, uint32_t number);
	/* Replaces what the overlay next hop had; kept as well while the tunnel is not there.
	 * Negative errno. What peers and routes change in the kernel may wait for flush. */
	int (*peer_set)(struct backend *b, uint32_t tunnel, const struct addr *peer,
	                const struct addr *nbma);
	void (*peer_del)(struct backend *b, uint32_t tunnel, const struct addr *peer);
	/* Multicast of a tunnel goes to this NBMA address as well, or no more; kept as peers are.
	 */
	void (*multicast)(struct backend *b, uint32_t tunnel, const struct addr *nbma, bool on);
	/* A network goes by an overlay next hop; replaces; kept as peers are. */
	void (*route_set)(struct backend *b, const struct backend_route *route);
	void (*route_del)(struct backend *b, uint32_t tunnel, const struct prefix *to);
	/* Tells the kernel what waits, all at once and in order: after each step of the node.
	 * Negative errno, the first, when it refused something; the rest is done. What was
	 * refused is written again when it is wanted again. */
	int (*flush)(struct backend *b);
	/* How much it has refused so far. */
	void (*refusals)(const struct backend *b, struct backend_refusals *ret);
	/* False when nothing is to be received by AF_XDP. */
	bool (*xdp_receive)(const struct backend *b, struct dp_xdp_receive *ret);
	int (*send)(struct backend *b, const struct backend_packet *packet);
	/* The actions of node.h by their names. Negative errno. */
	int (*sa_add)(struct backend *b, const struct node_sa *sa);
	void (*sa_del)(struct backend *b, uint32_t id);
	int (*sa_use)(struct backend *b, uint32_t tunnel, const struct addr *nbma, uint32_t id);
	int (*sa_move)(struct backend *b, uint32_t id, const struct addr *remote,
	               uint16_t udp_port);
	bool (*sa_state)(struct backend *b, uint32_t id, struct esp_sa_state *ret);
	/* From port 4500, behind the non-ESP marker. */
	int (*send_ike)(struct backend *b, const struct node_ike_path *path, const uint8_t *bytes,
	                size_t len);
	bool (*tunnel_counters)(struct backend *b, uint32_t number, struct dp_counters *ret);
	bool (*peer_counters)(struct backend *b, uint32_t tunnel, const struct addr *peer,
	                      struct dp_counters *ret);
	/* Calls back for each peer to which packets went since the last call. */
	void (*each_used)(struct backend *b, void (*used)(void *ctx, const struct backend_use *use),
	                  void *ctx);
	int (*fd)(const struct backend *b); /* readable when dispatch has work */
	void (*dispatch)(struct backend *b);
	void (*free)(struct backend *b);
};
