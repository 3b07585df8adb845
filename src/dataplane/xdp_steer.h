/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The BPF program in front of IP input, and what it asks: which peers' GRE and ESP of a port goes
 * to AF_XDP sockets, and to which. Everything else it leaves to the kernel. The kernel takes the
 * program off the port when the process ends, however it ends.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/dataplane.h"

enum {
	STEER_PEERS_MAX = 8192, /* more than that: the longest unused go through the raw socket */
};

/* The maps that the programs of all ports share. */
struct xdp_steer;

/* Negative errno where the kernel or its administrator wants no BPF of ours. */
int xdp_steer_new(struct xdp_steer **ret);
/* NULL is fine. */
void xdp_steer_free(struct xdp_steer *s);

/* Whose packets a port's sockets get. */
struct steer_peer {
	int ifindex;
	struct addr from, to; /* outer ones of what is received */
	unsigned worker;      /* that its GRE is for */
	bool esp;             /* ESP goes by its SPI; or it is none of ours */
	int64_t until_ns;     /* CLOCK_MONOTONIC */
};

/* Negative errno. */
int xdp_steer_allow(struct xdp_steer *s, const struct steer_peer *peer);
/* No packet is steered any more, from now on, until its peer is allowed anew. */
void xdp_steer_void(struct xdp_steer *s);

struct steer_port {
	int ifindex;
	uint8_t mac[DP_MAC_LEN]; /* its own: what is for others is not ours */
	unsigned n_workers;
	unsigned n_queues;  /* with sockets */
	uint16_t frame_max; /* bytes that a socket takes, Ethernet header included */
};

/* A port's sockets: a map by place, to be filled in with xdp_steer_put. A descriptor, or negative
 * errno. */
int xdp_steer_sockets(const struct steer_port *port);
static inline uint32_t xdp_steer_place(const struct steer_port *port, unsigned queue,
                                       unsigned worker)
{
	return queue * port->n_workers + worker;
}
/* Negative errno. */
int xdp_steer_put(int sockets, uint32_t place, int fd);
/*
 * Puts the program in front of the port. The program is there as long as the descriptor returned is
 * open. Negative errno: -EBUSY when another program is there.
 */
int xdp_steer_attach(const struct xdp_steer *s, const struct steer_port *port, int sockets);
