/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receiving by AF_XDP: a port's peers that path_watch vouches for come to the workers past the
 * kernel's IP input. The control thread opens and closes ports, workers receive.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/dataplane.h"
#include "dataplane/xdp.h"
#include "util/addr.h"

enum {
	INTAKE_PORTS_MAX = XDP_LINKS_MAX, /* received by at one time */
	INTAKE_QUEUES_MAX = 16, /* of a port; what comes by others goes to the raw sockets */
	INTAKE_BURST = 64,      /* frames of one socket at a time */
};

struct intake_options {
	struct xdp *xdp; /* borrowed, of at least INTAKE_QUEUES_MAX queues, that receives */
	unsigned n_workers;
	/* The worker looks at this socket of its own until it is closed. Negative errno. */
	int (*watch)(void *ctx, unsigned worker, int fd);
	void *ctx;
};

struct intake;

/* NULL never: where the kernel wants no BPF of ours, nothing is received by it. */
struct intake *intake_new(const struct intake_options *options);
/* No worker uses it any more. NULL is fine. */
void intake_free(struct intake *in);

/* A peer that may be received past IP input, until that time unless anything changes. */
struct intake_peer {
	int ifindex;
	uint8_t own_mac[DP_MAC_LEN];
	struct addr from, to;     /* the peer's outer address, and ours */
	bool esp;                 /* and not GRE only */
	int64_t now_ns, until_ns; /* CLOCK_MONOTONIC */
};

/* Opens the peer's port when need be. False when it cannot be had: the raw sockets receive. */
bool intake_allow(struct intake *in, const struct intake_peer *peer);
/* Everything goes to the raw sockets at once, until peers are allowed anew. */
void intake_void(struct intake *in);
/* Closes ports that no peer is received by any more, whatever the reason. */
void intake_tend(struct intake *in, int64_t now_ns);
void intake_state(const struct intake *in, struct dp_xdp_receive *ret);

/* A burst of one worker's, and where it is to go back. */
struct intake_burst {
	struct xdp_inlet *inlet;
	unsigned n;
	struct xdp_frame frame[INTAKE_BURST];
};

/*
 * Frames of the worker's next socket that has any; `at`, 0 first, is the caller's place among them.
 * False when there are no more. The worker is online to RCU until it has given them back. Worker
 * threads.
 */
bool intake_receive(struct intake *in, unsigned worker, unsigned *at, struct intake_burst *ret);
void intake_give_back(struct intake_burst *burst);
