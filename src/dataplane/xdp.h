/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending by AF_XDP: frames go to the driver from memory that the kernel maps, some dozens by one
 * system call. No BPF program is needed for it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/encap.h"
#include "dataplane/xdp_link.h"

enum {
	XDP_FRAME_MAX = XDP_CHUNK, /* bytes of a frame, Ethernet header included */
	XDP_LINKS_MAX = 4,         /* ports with a socket of their own at one time */
};

/* The sockets of all workers, one for each port and queue that packets leave by. */
struct xdp;

/* A burst for one port, Ethernet headers written. */
struct xdp_burst {
	int ifindex;
	unsigned queue; /* the worker's number; the port's first queue where it has not so many */
	struct tx_packet *packets;
	unsigned n;
};

/* receives: its queues can be received by, too, which takes more memory. NULL never. */
struct xdp *xdp_new(unsigned n_queues, bool receives);
/* No worker uses it any more. NULL is fine. */
void xdp_free(struct xdp *x);
/*
 * Sends the burst in order and sets `refused` in those that the kernel did not take. False, and
 * nothing is sent, when it has to go another way: the port has no such queue, or it is another's,
 * or a frame is too long, or another worker is sending through it just now. Any worker thread;
 * CLOCK_MONOTONIC.
 */
bool xdp_send(struct xdp *x, const struct xdp_burst *burst, int64_t now_ns);

struct xdp_queue {
	int ifindex;
	unsigned number;
};

/*
 * A queue of a port to receive by; what is sent goes by the same socket. Negative errno. Control
 * thread.
 */
int xdp_take(struct xdp *x, const struct xdp_queue *queue, struct xdp_link **ret);
/* Whether what is sent still goes by it: sending gives up what has failed. */
bool xdp_has(struct xdp *x, const struct xdp_link *link);
/* Gives it back: it is closed, and opened anew when something is sent. */
void xdp_untake(struct xdp *x, struct xdp_link *link);
