/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What other threads hand to a worker, because it alone may use an association: frames that their
 * queue of a TAP gave them, ESP that their socket gave them, packets of the control thread. Any
 * thread puts, the worker takes.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/addr.h"

enum {
	MAILBOX_BYTES = 2 << 20, /* a full burst of 64 KB frames twice */
	MAIL_BYTES_MAX = 66 << 10,
	MAIL_HEADROOM = 128, /* around a mail's bytes, for whom they are handed to */
	MAIL_TAILROOM = 64,
};

enum mail_type {
	MAIL_FRAME,  /* from a TAP, vnet header first */
	MAIL_PACKET, /* payload for GRE, from the control thread */
	MAIL_ESP,    /* from the SPI on */
	MAIL_SKIP,   /* the rest of the ring is empty; never seen outside */
};

struct mail {
	enum mail_type type;
	uint16_t slot_at;     /* the tunnel of a frame or packet: place … */
	uint32_t tunnel;      /* … and number, for the place may have another owner by now */
	uint32_t sa_id;       /* a packet leaves by it */
	struct addr from, to; /* outer addresses of ESP; a packet's own */
	uint16_t proto;       /* GRE protocol of a packet */
	uint16_t udp_port;    /* ESP came from it; 0: plain */
	uint8_t tos;          /* outer one of ESP */
	uint32_t len;
	uint8_t *bytes;
};

struct mailbox {
	pthread_mutex_t lock;
	pthread_cond_t released;
	int event_fd; /* readable when there is mail */
	uint8_t *ring;
	/* Bytes ever put, and ever given back; the ring holds what is between. */
	uint64_t put, taken;
	uint64_t read; /* the worker has seen what is below; its own */
	bool told;
};

/* Negative errno. */
int mailbox_init(struct mailbox *m);
void mailbox_fini(struct mailbox *m);
/* Copies. False when there is no room. */
bool mailbox_put(struct mailbox *m, const struct mail *mail);
/* The worker comes to look: what is put from now on tells it again. */
void mailbox_open(struct mailbox *m);
/*
 * The worker takes what is there; bytes and the room around them may be written to, and stay until
 * mailbox_release. False when there is no more.
 */
bool mailbox_take(struct mailbox *m, struct mail *ret);
/* Gives back the room of everything taken, which has been dealt with. */
void mailbox_release(struct mailbox *m);
/* For any other thread: waits until everything put so far has been dealt with. The worker runs. */
void mailbox_wait(struct mailbox *m);
