/* SPDX-License-Identifier: Apache-2.0 */
/* A GRE packet on its way out, and the outer headers in front of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/inner.h"
#include "dataplane/segment.h"
#include "gre/gre.h"
#include "util/addr.h"

struct adjacency;
struct sa;
struct slot;

enum {
	OUTER_OFFSET = ETH_LEN, /* room for a link header in front */
	GRE_OFFSET = OUTER_OFFSET + IPV4_LEN,
	ENCAP_HEAD_MAX = GRE_OFFSET + GRE_LEN_KEYED + SEGMENT_HEADER_MAX,
	OUTER_MAX = 65535,
	TOS_CS6 = 0xc0,
};

/* head: room for Ethernet, outer IPv4, GRE, headers of a TCP segment; the rest is payload,
 * borrowed. */
struct tx_packet {
	uint8_t head[ENCAP_HEAD_MAX];
	size_t head_len;
	const uint8_t *payload;
	size_t payload_len;
	uint8_t *own;     /* the payload, where it may be sealed in its place (seal.h); else NULL */
	size_t inner_len; /* what the counters count */
	struct slot *slot;           /* its tunnel */
	struct adjacency *adjacency; /* NULL: sent for the control thread */
	const struct sa *sa;         /* that it is sealed by; NULL: it leaves in clear */
	struct addr from, to;
	uint8_t tos, ttl;
	uint8_t proto;   /* behind the outer IPv4 header, or behind UDP */
	uint16_t udp_to; /* port of UDP encapsulation, from DP_NAT_PORT; 0: none */
	bool df;
	bool refused; /* set by the port: the kernel did not take it */
};

struct encap {
	struct addr from, to;
	uint8_t tos, ttl;
	uint8_t gre[GRE_LEN_KEYED]; /* protocol left open */
	uint8_t gre_len;
};

/*
 * Starts a packet: GRE header in place, head_len behind it. The outer IP header comes last, by
 * encap_finish, when the length is known. Both addresses are IPv4.
 */
void encap_start(struct tx_packet *p, const struct encap *e, uint16_t proto);
/* Makes the packet one that carries ESP, in the head nothing yet but room for outer headers. */
void encap_wrap(struct tx_packet *p, const uint8_t *esp, size_t len);
/* Writes the outer headers, that of UDP included. False when the whole is over 64 KB. */
bool encap_finish(struct tx_packet *p, uint16_t id);

/* Length of the outer IP packet. */
static inline size_t encap_outer_len(const struct tx_packet *p)
{
	return p->head_len - OUTER_OFFSET + p->payload_len;
}
