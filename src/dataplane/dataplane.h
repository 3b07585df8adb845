/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user-space data plane: TAP interfaces on one side, GRE over raw sockets on the other, worker
 * threads between them. The control thread calls everything in this header; workers see its effects
 * through RCU.
 *
 * A TAP's kernel neighbour names an adjacency by its MAC (see dataplane_mac). Overlay addresses,
 * NHRP and netlink are the caller's: this folder knows adjacencies, GRE and Ethernet only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "esp/esp.h"
#include "util/addr.h"

enum {
	DP_WORKERS_MAX = 16,
	DP_WORKERS_DEFAULT_MAX = 4,   /* one per core up to this many */
	DP_ADJACENCIES_MAX = 1 << 16, /* the index part of a MAC is 16 bits */
	DP_TUNNELS_MAX = 1024,        /* in use at one time */
	DP_PUNT_RING = 1024, /* packets and wants waiting for the control thread, per worker */
	DP_MAC_LEN = 6,
	DP_HAIRPIN_LEN = 28,      /* of a packet that turns round: what NHRP tells of it */
	DP_MULTICAST_BATCH = 256, /* copies that a worker makes before it serves others again */
	DP_FRAME_SEGMENTS = 44,   /* of TCP in a frame: so many of 1,480 bytes fit a UDP GSO send */
	DP_NAT_PORT = 4500,       /* UDP port of encapsulated ESP and of IKE beside it (RFC 3948) */
};

/* X(identifier, key, text): counter, row of `show`, metric. */
#define DP_DROPS(X)                                                                                \
	X(DP_DROP_NO_ADJACENCY, "no_adjacency", "next hop is no peer of ours (stale neighbour)")   \
	X(DP_DROP_TUNNEL_DOWN, "tunnel_down", "tunnel is down")                                    \
	X(DP_DROP_MULTICAST, "multicast", "multicast or broadcast without a replication list")     \
	X(DP_DROP_MULTICAST_FULL, "multicast_full", "too much multicast waits to be replicated")   \
	X(DP_DROP_TOO_BIG, "too_big", "longer than the path, told by ICMP")                        \
	X(DP_DROP_FRAME, "bad_frame", "malformed frame or IP packet from the interface")           \
	X(DP_DROP_PROTOCOL, "protocol", "neither IPv4, IPv6 nor NHRP")                             \
	X(DP_DROP_REDIRECT, "icmp_redirect", "ICMP redirect by our own kernel for a hairpin")      \
	X(DP_DROP_GRE, "bad_gre", "malformed GRE header or wrong GRE checksum")                    \
	X(DP_DROP_NO_TUNNEL, "no_tunnel", "GRE for no tunnel of ours (address or key)")            \
	X(DP_DROP_INNER, "bad_inner", "malformed IP inside GRE, or ECN that it cannot bear")       \
	X(DP_DROP_SEQUENCE, "sequence", "GRE sequence number out of order")                        \
	X(DP_DROP_PUNT_FULL, "punt_full", "too many packets for the control thread")               \
	X(DP_DROP_SEND, "send", "the kernel refused to send")                                      \
	X(DP_DROP_WRITE, "write", "the kernel refused a frame into the interface")                 \
	X(DP_DROP_TRUNCATED, "truncated", "received packet longer than any buffer")                \
	X(DP_DROP_UNPROTECTED, "unprotected", "no security association to send by")                \
	X(DP_DROP_CLEAR, "clear", "GRE in clear for a protected tunnel")                           \
	X(DP_DROP_NO_SPI, "no_spi", "ESP with an SPI that is none of ours")                        \
	X(DP_DROP_SEAL, "seal", "could not be sealed: see the ESP counters")                       \
	X(DP_DROP_OPEN, "open", "could not be opened: see the ESP counters")                       \
	X(DP_DROP_SELECTOR, "selector", "protected for another tunnel or peer than it is for")     \
	X(DP_DROP_BUSY, "busy", "the worker that owns the association has too much to do")         \
	X(DP_DROP_ENCAPSULATION, "encapsulation", "neither ESP nor IKE on UDP port 4500")

enum dp_drop {
#define X(id, key, text) id,
	DP_DROPS(X)
#undef X
		DP_DROPS_N
};

enum dp_port { DP_PORT_AUTO, DP_PORT_RAW, DP_PORT_PACKET, DP_PORT_XDP };

struct dataplane_options {
	unsigned n_workers; /* 0: one per core up to DP_WORKERS_DEFAULT_MAX */
	enum dp_port
		port; /* how packets leave; AUTO picks the fastest that works for each next hop */
	bool xdp_receive;      /* by AF_XDP, where IP input would have no say; AUTO and XDP only */
	uint32_t generation;   /* differs from start to start: part of every MAC */
	struct crypto *crypto; /* for ESP, borrowed; NULL: protected tunnels carry nothing */
};

enum dp_df { DP_DF_COPY, DP_DF_CLEAR, DP_DF_SET };

/* All that a tunnel is to the data plane. */
struct dp_tunnel {
	uint32_t number;
	char ifname[16];         /* TAP interface */
	struct addr source;      /* outer source; none: down */
	struct addr destination; /* of a p2p tunnel; none: multipoint */
	bool up;                 /* it carries packets … */
	/* … and the interface has carrier: without it those of the control thread only. */
	bool carrier;
	bool fails_over; /* the kernel's routes by it are not used while it has no carrier */
	bool protected;  /* nothing leaves in clear, nothing in clear is accepted */
	bool has_key;
	uint32_t key;
	bool has_tos; /* else copied from the inner header */
	uint8_t tos, ttl;
	uint16_t mtu_bytes;  /* inner MTU */
	uint32_t network_id; /* tunnels of one NHRP network have the same; 0: none */
	bool redirect;       /* tell of packets that come by it and turn round in its network */
	uint16_t multicast_batch; /* copies at a time, 0: DP_MULTICAST_BATCH, and the time … */
	uint16_t multicast_interval_ms; /* … between two such batches; 0: none */
	uint16_t mss_bytes;             /* TCP MSS clamp of IPv4 (20 less for IPv6), 0: off */
	struct addr
		icmp_source; /* our overlay address, for "too big" messages; none: don't send any */
};

struct dp_counters {
	uint64_t rx_packets, rx_bytes; /* inner packets and their bytes */
	uint64_t tx_packets, tx_bytes;
	uint64_t drops[DP_DROPS_N];
	int64_t last_rx_ns, last_tx_ns; /* CLOCK_MONOTONIC; 0: never */
};

enum dp_punt_type {
	DP_PUNT_PACKET,  /* GRE payload for the control thread: NHRP */
	DP_PUNT_WANT,    /* an ARP request or neighbour solicitation for a next hop */
	DP_PUNT_HAIRPIN, /* a packet came from `from` by a tunnel and leaves by its network again */
	DP_PUNT_STALE,   /* a frame came with a MAC that is no adjacency: rewrite that neighbour */
	DP_PUNT_IKE,     /* an IKE message came to port 4500, behind its non-ESP marker */
	DP_PUNT_SPI,     /* ESP came with an unknown SPI; few of them */
	/* The newest packet of inbound association `sa` came to UDP port 4500 from another place
	 * than it is expected from. Proven and no replay; few of them. */
	DP_PUNT_MOVED,
	/* In clear from `from`, which no peer of the tunnel has: the packet's head; few of them. */
	DP_PUNT_STRANGER,
};

struct dp_punt {
	enum dp_punt_type type;
	uint32_t tunnel;
	struct addr from, to;    /* outer addresses of a packet */
	struct addr target;      /* of a want; destination of a stale frame's IP packet */
	uint8_t mac[DP_MAC_LEN]; /* stale one */
	uint16_t proto;          /* GRE protocol type of a packet */
	uint16_t from_port;      /* of an IKE message, an unknown SPI, or of what has moved */
	uint32_t spi;            /* unknown one */
	uint32_t sa;             /* id of the one that has moved */
	const uint8_t *bytes;
	size_t len;
};

struct dataplane;

/* Starts the workers. 0, or a negative errno; *ret_error is then a static sentence. */
int dataplane_new(const struct dataplane_options *options, struct dataplane **ret,
                  const char **ret_error);
/* Stops the workers. TAP interfaces stay as they are (persistent). NULL is fine. */
void dataplane_free(struct dataplane *dp);
unsigned dataplane_workers(const struct dataplane *dp);

/*
 * Creates the tunnel, or changes it: its TAP (persistent, multi-queue, vnet header, TSO) is made or
 * taken over, never deleted. Negative errno when the TAP cannot be had. The first protected tunnel
 * opens UDP port 4500, the last one that goes closes it; -EADDRINUSE when another program has it:
 * the tunnel is there then, and carries nothing.
 */
int dataplane_tunnel_set(struct dataplane *dp, const struct dp_tunnel *tunnel);
/* Forgets a tunnel and its adjacencies. remove: the TAP interface goes too. */
void dataplane_tunnel_del(struct dataplane *dp, uint32_t number, bool remove);
/* Sets the TAP's carrier. Negative errno. */
int dataplane_tunnel_carrier(struct dataplane *dp, uint32_t number, bool on);
/*
 * Gives the TAP its MAC again where somebody has changed it: what comes by the tunnel is written
 * with the MAC that it had, and the kernel takes nothing else. Negative errno.
 */
int dataplane_tunnel_keep_mac(struct dataplane *dp, uint32_t number);

/*
 * A new adjacency on a tunnel towards an NBMA address. *ret_mac is the MAC that names it. A change
 * of the NBMA address is a new adjacency. -ENOSPC when the table is full, -ENOENT without the
 * tunnel.
 */
int dataplane_adjacency_add(struct dataplane *dp, uint32_t tunnel, const struct addr *nbma,
                            uint8_t ret_mac[static DP_MAC_LEN]);
/* By its MAC; the index is reused with another generation. False when it is not there. */
bool dataplane_adjacency_del(struct dataplane *dp, const uint8_t mac[static DP_MAC_LEN]);
/* Counters of an adjacency. False when it is not there. */
bool dataplane_adjacency_counters(struct dataplane *dp, const uint8_t mac[static DP_MAC_LEN],
                                  struct dp_counters *ret);

/*
 * Packets of a tunnel to a multicast or broadcast MAC have a copy to this NBMA address as well from
 * now on, or no more. The tunnel is multipoint: a p2p one sends all to its destination. -ENOENT
 * without the tunnel, -ENOSPC; what is so already stays so.
 */
int dataplane_multicast_add(struct dataplane *dp, uint32_t tunnel, const struct addr *nbma);
void dataplane_multicast_del(struct dataplane *dp, uint32_t tunnel, const struct addr *nbma);

bool dataplane_tunnel_counters(struct dataplane *dp, uint32_t number, struct dp_counters *ret);
/* Drops that belong to no tunnel are under number UINT32_MAX of dataplane_tunnel_counters. */
#define DP_NO_TUNNEL UINT32_MAX

/*
 * Sends one payload in GRE on a tunnel from the control thread: CS6, TTL, key. On a protected one
 * it goes through ESP; -ENOKEY when there is no SA for it. Negative errno.
 */
int dataplane_send(struct dataplane *dp, uint32_t tunnel, const struct addr *from,
                   const struct addr *to, uint16_t proto, const uint8_t *bytes, size_t len);

/*
 * An IPsec SA. Outbound ones are used by adjacencies (dataplane_protect), inbound ones by whatever
 * ESP comes with their SPI from any address (a NAT may move the peer): the packet inside must be
 * GRE for the tunnel that the SA is for, and counts as coming from nbma.
 */
struct dp_sa {
	uint32_t id; /* the caller's, unique */
	uint32_t tunnel;
	bool shared; /* inbound: for every protected tunnel with this local address */
	struct addr local, nbma;
	struct addr remote;                    /* outer address of the peer */
	struct addr inner_local, inner_remote; /* tunnel mode: the inner header's addresses */
	uint16_t udp_port; /* the peer's port of UDP encapsulation (RFC 3948); 0: plain ESP */
	struct esp_sa_config config; /* borrowed for the call */
	enum dp_df df;               /* tunnel mode: DF of the outer header */
};

/*
 * -EEXIST for an id or an inbound SPI that is there, -ENOENT without the tunnel, -EINVAL when ESP
 * refuses it, -ENOSPC. The inbound one of a pair goes first: then the outbound one is put where the
 * answers are handled.
 */
int dataplane_sa_add(struct dataplane *dp, const struct dp_sa *sa);
/* Waits until no worker uses it, and what dataplane_send was given before has left; peers that used
 * it are then unprotected: their packets are dropped. */
void dataplane_sa_del(struct dataplane *dp, uint32_t id);
/* Another outer address or port: where an outbound SA sends to, where what an inbound one opens is
 * expected from (DP_PUNT_MOVED tells of others). -ENOENT. */
int dataplane_sa_move(struct dataplane *dp, uint32_t id, const struct addr *remote,
                      uint16_t udp_port);
/* Packets of a tunnel to an NBMA address leave by this SA from now on, those of the control thread
 * and adjacencies made later included; 0: by none, so they are dropped. -ENOENT, -ENOSPC. */
int dataplane_protect(struct dataplane *dp, uint32_t tunnel, const struct addr *nbma, uint32_t id);
/* What it has carried. False when it is not there. */
bool dataplane_sa_state(const struct dataplane *dp, uint32_t id, struct esp_sa_state *ret);

struct dp_ike {
	struct addr from, to;
	uint16_t to_port;
	const uint8_t *bytes; /* from the ISAKMP header on, borrowed */
	size_t len;
};

/*
 * Sends an IKE message from UDP port 4500, behind the non-ESP marker; a single byte is a keepalive
 * (RFC 3948 2.3) and goes without. Negative errno; -ENOTCONN as long as no tunnel is protected.
 */
int dataplane_send_ike(struct dataplane *dp, const struct dp_ike *message);

/* How receiving by AF_XDP goes. */
struct dp_xdp_receive {
	int error;        /* negative errno of the last port that could not be had, or of all; 0 */
	unsigned n_ports; /* received by just now */
	uint64_t n_packets;
	uint64_t n_dropped; /* by the kernel, for want of room */
};

/* False when it was not asked for. */
bool dataplane_xdp_receive(const struct dataplane *dp, struct dp_xdp_receive *ret);

/* Readable when something was punted: for the control thread's loop. */
int dataplane_punt_fd(const struct dataplane *dp);
/* Calls back for everything punted so far; bytes are borrowed for the call. */
void dataplane_punt_drain(struct dataplane *dp, void (*each)(void *ctx, const struct dp_punt *punt),
                          void *ctx);

const char *dp_drop_key(enum dp_drop drop);
const char *dp_drop_text(enum dp_drop drop);
