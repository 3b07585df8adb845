/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that moves packets: its queue of every TAP on one side, its raw socket on the other. */
#pragma once

#include <stdint.h>

#include "dataplane/mailbox.h"
#include "dataplane/port.h"
#include "dataplane/punt.h"
#include "dataplane/tables.h"

struct esp_library;
struct intake;
struct worker;

struct worker_options {
	struct tables *tables;
	unsigned index, n_workers;
	enum dp_port port;
	struct xdp *xdp;       /* borrowed, all workers' own; NULL: do without */
	struct intake *intake; /* likewise */
	int punt_fd;           /* eventfd, written when something was punted */
	bool *punt_told;       /* set when it was written and not yet read */
	/* All workers, to hand packets to; filled before any of them starts. */
	struct worker *const *all;
};

/* Opens the sockets; the thread does not run yet. Negative errno. */
int worker_new(const struct worker_options *options, struct worker **ret);
/* Starts the thread. Negative errno. */
int worker_start(struct worker *w);
/* Stops the thread, if it runs, and closes everything. NULL is fine. */
void worker_free(struct worker *w);

/* Control thread: the worker serves, or no longer serves, a TAP queue. The slot is known by its
 * place. */
int worker_add_queue(struct worker *w, int fd, uint16_t slot_at);
void worker_del_queue(struct worker *w, int fd);

/* Control thread: the worker looks at a socket of the intake until it is closed. Negative errno. */
int worker_watch_intake(struct worker *w, int fd);

/*
 * Control thread: the worker takes part in protected tunnels from now on. udp_fd: of port_udp_open,
 * taken over. Negative errno.
 */
int worker_shield(struct worker *w, const struct esp_library *library, int udp_fd);
/* And no longer; waits until it does not. */
void worker_unshield(struct worker *w);

/* For any thread. */
struct mailbox *worker_mailbox(struct worker *w);
struct punt_ring *worker_punts(struct worker *w);
/* The raw socket, for sending from the control thread. */
int worker_socket(const struct worker *w);
