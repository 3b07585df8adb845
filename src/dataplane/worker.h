/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that moves packets: its queue of every TAP on one side, its raw socket on the other. */
#pragma once

#include <stdint.h>

#include "dataplane/port.h"
#include "dataplane/punt.h"
#include "dataplane/tables.h"

struct worker;

struct worker_options {
	struct tables *tables;
	unsigned index, n_workers;
	enum dp_port port;
	int punt_fd;     /* eventfd, written when something was punted */
	bool *punt_told; /* set when it was written and not yet read */
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

struct punt_ring *worker_punts(struct worker *w);
/* The raw socket, for sending from the control thread. */
int worker_socket(const struct worker *w);
