/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Received TCP segments put together into frames of up to 64 KB, so that the kernel's TCP sees one
 * where the wire had forty. One coalescer belongs to one worker and is empty between bursts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "dataplane/inner.h"
#include "dataplane/segment.h"

enum {
	COALESCE_FLOWS = 8,   /* put together at one time; more flows only get shorter frames */
	COALESCE_PIECES = 64, /* segments of one frame: 64 KB of the usual size is 48 */
	COALESCE_HEAD_MAX = VNET_LEN + ETH_LEN + SEGMENT_HEADER_MAX,
};

/* Where frames go: a TAP, told apart by address. */
struct slot;

struct coalesce_flow {
	bool open;
	struct slot *slot;
	struct inner in; /* of the first segment */
	size_t header_len, total_len, gso_size;
	uint32_t next_seq;
	int n_pieces;
	uint8_t head[COALESCE_HEAD_MAX]; /* vnet, Ethernet, IP, TCP */
	struct iovec iov[1 + COALESCE_PIECES];
};

struct coalesce {
	struct coalesce_flow flow[COALESCE_FLOWS];
	unsigned next; /* the flow to close when all are open */
	/* Takes a frame of `packets` inner packets, which begins with its vnet header; borrowed. */
	void (*write)(void *ctx, struct slot *slot, const struct iovec *iov, int n_iov);
	void *ctx;
};

/* A received packet for a TAP. `eth` is the Ethernet header to put in front. */
struct coalesce_packet {
	struct slot *slot;
	const uint8_t *eth;
	const uint8_t *bytes;
	struct inner in;
	uint16_t mtu_bytes; /* of the tunnel: a longer packet is an aggregate of the port */
};

/*
 * Takes a packet, borrowed until coalesce_flush. It is written at once or later, in order with the
 * others of its flow.
 */
void coalesce_add(struct coalesce *c, const struct coalesce_packet *p);
/* Writes everything held back. */
void coalesce_flush(struct coalesce *c);
