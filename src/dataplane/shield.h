/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that a worker needs for protected tunnels, and has only while there is one: its engine, the
 * sockets for ESP and UDP port 4500, and bursts that wait to be sealed and opened.
 */
#pragma once

#include "dataplane/open.h"
#include "dataplane/port.h"
#include "dataplane/port_udp.h"
#include "dataplane/seal.h"

struct shield {
	int esp_fd, udp_fd, whole_fd;
	struct esp_engine *engine;
	struct port *esp_port, *udp_port, *whole_port;
	struct port_receiver *esp_receiver;
	struct udp_receiver *udp_receiver;
	struct open open;
	struct seal seal;
};

struct shield_options {
	const struct esp_library *library;
	unsigned worker, n_workers;
	int udp_fd; /* taken over, also on failure: of port_udp_open */
	/* How ESP leaves where the path allows, save fd; borrowed for the call. NULL: raw only. */
	const struct port_packet_options *packet_port;
};

/* Negative errno. */
int shield_new(const struct shield_options *options, struct shield **ret);
/* No worker uses it any more. NULL is fine. */
void shield_free(struct shield *s);

/* Sends sealed packets in their order, each by the port that it needs. */
void shield_send(struct shield *s, struct tx_packet *packets, unsigned n, int64_t now_ns);
