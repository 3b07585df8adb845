/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One queue of a port as AF_XDP has it: memory of fixed chunks, shared with the kernel, and rings
 * of what is to be sent, what was sent, what was received and what may be received into. Always in
 * copy mode, so that no queue of the hardware changes hands.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	XDP_CHUNK = 2048,
	XDP_HEADROOM = 256, /* the kernel leaves it free in front of what it receives */
	XDP_SEND_CHUNKS =
		512, /* powers of two; 1 MB, which a port may hold on to until it is sent … */
	XDP_RECEIVE_CHUNKS = 4096,                  /* … and 8 MB: some 10 ms at 4 Gbit/s */
	XDP_RECEIVE_MAX = XDP_CHUNK - XDP_HEADROOM, /* bytes of a frame */
};

struct xdp_ring {
	uint32_t *producer, *consumer;
	void *entries; /* a power of two of them */
	uint32_t mask;
	void *map; /* MAP_FAILED: none */
	size_t map_len;
};

/*
 * The socket that sends, and owns the memory. A queue has one of them in the whole machine. Who
 * sends takes care that one thread does so at a time.
 */
struct xdp_link {
	unsigned n_owners; /* atomic */
	int ifindex;
	uint32_t queue;
	int fd;
	bool receives;
	uint8_t *umem; /* MAP_FAILED: none */
	size_t umem_len;
	struct xdp_ring send, sent, fill;
	pthread_mutex_t fill_lock;      /* of several threads that receive */
	uint64_t free[XDP_SEND_CHUNKS]; /* offsets in umem */
	unsigned n_free;
};

/* Opens the queue, with or without memory to receive into. Negative errno. */
int xdp_link_open(int ifindex, uint32_t queue, bool receives, struct xdp_link **ret);
/* Another owner. */
struct xdp_link *xdp_link_share(struct xdp_link *l);
/* The last one closes it. NULL is fine. */
void xdp_link_release(struct xdp_link *l);

/* A further socket of the queue, that only receives, for one thread. */
struct xdp_inlet {
	struct xdp_link *link; /* NULL: closed */
	int fd;
	struct xdp_ring ring;
};

/* Of a link that receives. Negative errno. */
int xdp_inlet_open(struct xdp_link *link, struct xdp_inlet *ret);
void xdp_inlet_close(struct xdp_inlet *i);

struct xdp_frame {
	uint8_t *bytes; /* XDP_HEADROOM bytes in front of it may be written to */
	size_t len;
	uint64_t chunk;
};

/* Frames for it that the kernel has dropped, for want of room. 0 when it is closed. */
uint64_t xdp_inlet_dropped(const struct xdp_inlet *i);

/* Takes up to `max` received frames, which lie where they are until given back. How many. */
unsigned xdp_inlet_take(struct xdp_inlet *i, struct xdp_frame *ret, unsigned max);
void xdp_inlet_give_back(struct xdp_inlet *i, const struct xdp_frame *frames, unsigned n);
