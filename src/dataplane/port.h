/* SPDX-License-Identifier: Apache-2.0 */
/* How GRE and ESP leave and enter the machine: the data plane's system calls on the underlay's
 * side. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "dataplane/bytes.h"
#include "dataplane/encap.h"

enum {
	PORT_BURST = 64,         /* packets received by one system call */
	PORT_BUFFER_MAX = 65536, /* a port may hand over aggregates (GRO) */
	PORT_SEND_TRIES = 20,    /* without any progress, while the driver's queue is full */
};

struct port;
struct xdp;

struct port_ops {
	const char *name;
	/* Sends the packets in order and sets `refused` in those that the kernel did not take. */
	void (*send)(struct port *port, struct tx_packet *packets, unsigned n, int64_t now_ns);
	void (*free)(struct port *port);
};

struct port {
	const struct port_ops *ops;
};

/* Between two of them: nothing tells when a driver's queue has room again. */
static inline void port_pause(void)
{
	/* A gigabit port sends four packets meanwhile. */
	const struct timespec pause = { .tv_nsec = 50000 };

	nanosleep(&pause, NULL);
}

/*
 * Opens a raw GRE socket that receives, of n_workers sockets of this kind, the senders of one
 * worker: each sender's packets come to one socket only. It sends as well. Negative errno.
 */
int port_socket(unsigned worker, unsigned n_workers);
/* The same for ESP: the worker gets the packets of SAs that sa_owner gives it. */
int port_esp_socket(unsigned worker, unsigned n_workers);

/* The worker whose GRE socket gets what comes from there. */
static inline unsigned port_worker(const struct addr *from, unsigned n_workers)
{
	uint32_t hash = bytes_u32(from->bytes);

	hash ^= hash >> 16;
	hash ^= hash >> 8;
	return hash % n_workers;
}

/* A port that sends through such a socket, which is borrowed. NULL never. */
struct port *port_raw_new(int fd);
/*
 * A port that sends IP packets of any protocol with the header that they have, and refuses what the
 * path does not carry in one piece. fd, borrowed: from port_icmp_socket.
 */
struct port *port_whole_new(int fd);

/* How a packet port tells that the path of an adjacency should be found out. */
struct port_ask {
	void (*ask)(void *ctx, struct adjacency *adjacency);
	void *ctx;
};

struct port_packet_options {
	int fd;                /* borrowed: raw socket for what may not go the short way */
	const uint32_t *epoch; /* tables.path_epoch */
	struct port_ask ask;
	struct xdp *xdp; /* borrowed; NULL: AF_PACKET only */
	unsigned queue;  /* of it: the worker's number */
};

/*
 * A port that sends through an AF_XDP socket, or else an AF_PACKET one, where the adjacency's path
 * allows, and by the raw socket where not. Negative errno.
 */
int port_packet_new(const struct port_packet_options *options, struct port **ret);

/* Received packets, as many as are there; their bytes lie in the receiver until the next call. */
struct port_receiver;

struct port_receiver *port_receiver_new(int fd);
void port_receiver_free(struct port_receiver *r);
/* How many packets there are, 0 when none. */
unsigned port_receive(struct port_receiver *r);
/* Packet i of the last call, outer IPv4 header first. False when the kernel cut it off. */
bool port_received(struct port_receiver *r, unsigned i, uint8_t **ret_bytes, size_t *ret_len);

/* Sends an IP packet of our own, header and all, to its destination. fd: from port_icmp_socket. */
int port_icmp_socket(enum addr_family family);
void port_icmp_send(int fd, const uint8_t *packet, size_t len);
