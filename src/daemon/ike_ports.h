/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UDP port 500, one socket for each source address of a protected tunnel: while no tunnel is
 * protected the port is not ours. (Port 4500 belongs to the data plane, for ESP comes there too.)
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "node/node.h"
#include "util/addr.h"

enum {
	IKE_PORTS_PORT = 500,
	IKE_PORTS_BURST = 64, /* messages that are read before others have their turn */
};

struct ike_port;

struct ike_ports {
	uv_loop_t *loop;
	uint16_t number; /* IKE_PORTS_PORT, but for tests */
	/* A message; path.to is ours. bytes are borrowed for the call. */
	void (*message)(void *ctx, const struct node_ike_path *path, const uint8_t *bytes,
	                size_t len);
	void *ctx;
	struct ike_port *first;
};

/* All that follows are wanted anew: what is not by ike_ports_sweep() goes. */
void ike_ports_begin(struct ike_ports *p);
/*
 * Has the port of an address of ours. -EADDRINUSE when another program has it, -EADDRNOTAVAIL when
 * the address is not there (yet), other negative errno.
 */
int ike_ports_want(struct ike_ports *p, const struct addr *address);
void ike_ports_sweep(struct ike_ports *p);

/* Sends a message from one of these ports. -ENOENT when path.from has none; other negative errno.
 */
int ike_ports_send(struct ike_ports *p, const struct node_ike_path *path, const uint8_t *bytes,
                   size_t len);

/* Closes all; their handles go with the loop's next turn. */
void ike_ports_stop(struct ike_ports *p);
