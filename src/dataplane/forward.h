/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a TAP to the wire: frames of the kernel become GRE packets. A burst step without system
 * calls; one `struct forward` belongs to one worker.
 */
#pragma once

#include <assert.h>
#include <stdint.h>

#include "dataplane/encap.h"
#include "dataplane/mailbox.h"
#include "dataplane/punt.h"
#include "dataplane/seal.h"
#include "dataplane/tables.h"

enum {
	FORWARD_BURST = 64, /* packets handed to the port at once: more than a 64 KB frame has */
	FORWARD_FRAME_MAX = VNET_LEN + ETH_LEN + 65535,
	/* Of each frame, before and behind it: its packet is sealed where it lies. */
	FORWARD_HEADROOM = SEAL_HEADROOM - VNET_LEN - ETH_LEN,
	FORWARD_TAILROOM = SEAL_TAILROOM,
	STALE_REMEMBERED = 64, /* stale MACs told to the control thread not long ago */
};

/* Why a stale MAC is not told again: it just was. */
struct stale_memory {
	uint8_t mac[DP_MAC_LEN];
	int64_t told_ns;
};

static_assert((int)FORWARD_HEADROOM <= (int)MAIL_HEADROOM &&
                      (int)SEAL_HEADROOM <= (int)MAIL_HEADROOM &&
                      (int)FORWARD_TAILROOM <= (int)MAIL_TAILROOM,
              "frames and packets that were handed over have room, too");

struct forward {
	struct tables *tables;
	struct punt_ring *punts;
	unsigned worker; /* index of its counters */
	int64_t now_ns;  /* set by the owner before each burst */

	/* Sends the packets and sets `refused` in those that the kernel did not take. */
	void (*send)(void *ctx, struct tx_packet *packets, unsigned n);
	/* Sends an ICMP message of ours, a whole IP packet, to its destination. */
	void (*icmp)(void *ctx, const uint8_t *packet, size_t len);
	/* Takes a frame for every member of the tunnel's replication list: see forward_copy. */
	void (*multicast)(void *ctx, struct slot *slot, const uint8_t *frame, size_t len);
	/* Hands a frame to the worker that owns its peer's association. False: it has no room. */
	bool (*hand_over)(void *ctx, unsigned worker, const struct mail *frame);
	void *ctx;
	struct seal *seal; /* NULL: protected tunnels carry nothing */

	uint16_t id;     /* of the next outer header */
	int64_t icmp_ns; /* when the last "too big" went out */
	struct stale_memory stale[STALE_REMEMBERED];
	bool borrows; /* some of the packets lie where the caller has them */
	unsigned n;
	struct tx_packet packet[FORWARD_BURST];
};

/*
 * Takes one frame as read from the TAP, vnet header first. Writes into it, and up to
 * FORWARD_HEADROOM in front of it and FORWARD_TAILROOM behind, and borrows it until forward_flush.
 */
void forward_frame(struct forward *f, struct slot *slot, uint8_t *frame, size_t len);
/* The same to one adjacency, whatever the frame's MAC says. */
void forward_copy(struct forward *f, struct adjacency *to, uint8_t *frame, size_t len);
/* Takes a payload of the control thread for a protected tunnel, as it lies in a mailbox; borrowed
 * likewise. */
void forward_packet(struct forward *f, const struct mail *packet);
/* Whether anything borrowed is still needed: not what was copied to be sealed. */
static inline bool forward_borrows(const struct forward *f)
{
	return f->borrows;
}

/* Sends everything that is ready. */
void forward_flush(struct forward *f);
