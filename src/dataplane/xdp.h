/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AF_XDP, to send only: frames go to the driver from memory that the kernel maps, some dozens by
 * one system call. Always in copy mode, so that no queue of the hardware changes hands and
 * receiving stays as it is; no BPF program is needed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/encap.h"

enum {
	XDP_FRAME_MAX = 2048, /* bytes of a frame, Ethernet header included */
	XDP_LINKS_MAX = 4,    /* ports with a socket of their own at one time */
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

/* NULL never. */
struct xdp *xdp_new(unsigned n_queues);
/* No worker uses it any more. NULL is fine. */
void xdp_free(struct xdp *x);
/*
 * Sends the burst in order and sets `refused` in those that the kernel did not take. False, and
 * nothing is sent, when it has to go another way: the port has no such queue, or it is another's,
 * or a frame is too long, or another worker is sending through it just now. Any worker thread;
 * CLOCK_MONOTONIC.
 */
bool xdp_send(struct xdp *x, const struct xdp_burst *burst, int64_t now_ns);
