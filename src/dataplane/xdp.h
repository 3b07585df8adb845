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

/* The sockets of one worker, one for each port that its packets leave by. */
struct xdp;

/* A burst for one port, Ethernet headers written. */
struct xdp_burst {
	int ifindex;
	struct tx_packet *packets;
	unsigned n;
};

/* queue: of each port, the one to take; a queue has one socket in the whole machine. NULL never. */
struct xdp *xdp_new(uint32_t queue);
/* NULL is fine. */
void xdp_free(struct xdp *x);
/*
 * Sends the burst in order and sets `refused` in those that the kernel did not take. False, and
 * nothing is sent, when it has to go another way: the port has no such queue, or it is another's,
 * or a frame is too long. CLOCK_MONOTONIC.
 */
bool xdp_send(struct xdp *x, const struct xdp_burst *burst, int64_t now_ns);
