/* SPDX-License-Identifier: Apache-2.0 */
/* ESP in UDP (RFC 3948) and what else comes to port 4500: sockets that send and receive bursts. */
#pragma once

#include <stddef.h>

#include "dataplane/open.h"
#include "dataplane/port.h"

/*
 * Opens n sockets on DP_NAT_PORT of all addresses. The one with index i gets the packets of SAs
 * that sa_owner gives to worker i; the first gets everything that is not ESP. -EADDRINUSE when
 * another program has the port; other negative errno.
 */
int port_udp_open(int *ret_fds, unsigned n);

/* A port that sends packets whose udp_to is set through such a socket, which is borrowed. */
struct port *port_udp_new(int fd);

/* Received datagrams, as many as are there; their bytes lie in the receiver until the next call. */
struct udp_receiver;

struct udp_receiver *udp_receiver_new(int fd);
/* NULL is fine. */
void udp_receiver_free(struct udp_receiver *r);
/* How many datagrams, or rows of them, there are; 0 when none. */
unsigned udp_receive(struct udp_receiver *r);
/*
 * Row i of the last call: datagrams of *ret_segment bytes each, as open_datagrams wants it. False
 * when the kernel cut it off.
 */
bool udp_received(struct udp_receiver *r, unsigned i, struct arrival *ret, size_t *ret_segment);

/* Sends one datagram from DP_NAT_PORT. Negative errno. */
int port_udp_send(int fd, const struct tx_packet *p);
