/* SPDX-License-Identifier: Apache-2.0 */
/* A GRE packet on its way out, and the outer headers in front of it; inline, since every packet is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>

#include "dataplane/bytes.h"
#include "dataplane/dataplane.h"
#include "dataplane/inner.h"
#include "dataplane/segment.h"
#include "gre/gre.h"
#include "util/addr.h"
#include "util/checksum.h"

struct adjacency;
struct sa;
struct slot;

enum {
	OUTER_OFFSET = ETH_LEN, /* room for a link header in front */
	GRE_OFFSET = OUTER_OFFSET + IPV4_LEN,
	ENCAP_HEAD_MAX = GRE_OFFSET + GRE_LEN_KEYED + SEGMENT_HEADER_MAX,
	ENCAP_HEAD_SEALED = GRE_OFFSET + UDP_LEN, /* in front of a payload that is sealed */
	OUTER_MAX = 65535,
	TOS_CS6 = 0xc0,
};

/*
 * Ethernet, outer IPv4, and UDP or GRE and headers of a TCP segment are its head, of head_len
 * bytes; the rest is payload, borrowed. The head of a sealed packet lies right in front of its
 * payload.
 */
struct tx_packet {
	size_t head_len;
	const uint8_t *payload;
	size_t payload_len;
	size_t inner_len;            /* what the counters count */
	struct slot *slot;           /* its tunnel */
	struct adjacency *adjacency; /* NULL: sent for the control thread */
	const struct sa *sa;         /* that it is sealed by; NULL: it leaves in clear */
	uint8_t from[ADDR_V4_LEN], to[ADDR_V4_LEN]; /* outer */
	uint8_t tos, ttl;
	uint8_t proto;   /* behind the outer IPv4 header, or behind UDP */
	uint16_t udp_to; /* port of UDP encapsulation, from DP_NAT_PORT; 0: none */
	bool df;
	bool refused;                     /* set by the port: the kernel did not take it */
	uint8_t own_head[ENCAP_HEAD_MAX]; /* of one in clear; last, for its end is seldom touched */
} __attribute__((aligned(64)));

struct encap {
	struct addr from, to;
	uint8_t tos, ttl;
	uint8_t gre[GRE_LEN_KEYED]; /* protocol left open */
	uint8_t gre_len;
};

static inline uint8_t *encap_head(struct tx_packet *p)
{
	return p->sa ? (uint8_t *)(uintptr_t)p->payload - p->head_len : p->own_head;
}

/*
 * The packet from `offset` of its head on, for the kernel, which takes one piece in less time than
 * two. How many they are.
 */
static inline unsigned encap_pieces(struct tx_packet *p, size_t offset, struct iovec ret[static 2])
{
	uint8_t *from = encap_head(p) + offset;
	size_t len = p->head_len - offset;

	if (p->sa) {
		ret[0] = (struct iovec){ from, len + p->payload_len };
		return 1;
	}
	ret[0] = (struct iovec){ from, len };
	ret[1] = (struct iovec){ (void *)(uintptr_t)p->payload, p->payload_len };
	return 2;
}

/* Writes GRE's header: e->gre_len bytes. */
static inline void encap_gre(uint8_t *at, const struct encap *e, uint16_t proto)
{
	/* In the words that it is read by again. */
	bytes_set_u32(at, bytes_u32(e->gre) | proto);
	if (e->gre_len == GRE_LEN_KEYED)
		memcpy(at + GRE_LEN_MIN, e->gre + GRE_LEN_MIN, GRE_LEN_KEYED - GRE_LEN_MIN);
}

/* Both addresses are IPv4. */
static inline void encap_between(struct tx_packet *p, const struct addr *from,
                                 const struct addr *to)
{
	memcpy(p->from, from->bytes, ADDR_V4_LEN);
	memcpy(p->to, to->bytes, ADDR_V4_LEN);
}

/*
 * Starts a packet that leaves in clear: GRE header in place, head_len behind it. The outer IP
 * header comes last, by encap_finish, when the length is known. Both addresses are IPv4.
 */
static inline void encap_start(struct tx_packet *p, const struct encap *e, uint16_t proto)
{
	encap_gre(p->own_head + GRE_OFFSET, e, proto);
	p->head_len = (size_t)GRE_OFFSET + e->gre_len;
	p->payload = NULL;
	p->payload_len = 0;
	encap_between(p, &e->from, &e->to);
	p->tos = e->tos;
	p->ttl = e->ttl;
	p->proto = IP_PROTO_GRE;
	p->udp_to = 0;
	p->df = false;
	p->sa = NULL;
	p->adjacency = NULL;
	p->refused = false;
}

/* Makes the packet one that carries ESP, with ENCAP_HEAD_SEALED bytes of room in front of it. */
static inline void encap_wrap(struct tx_packet *p, const uint8_t *esp, size_t len)
{
	p->proto = IP_PROTO_ESP;
	p->head_len = GRE_OFFSET + (p->udp_to ? UDP_LEN : 0);
	p->payload = esp;
	p->payload_len = len;
}

/* Length of the outer IP packet. */
static inline size_t encap_outer_len(const struct tx_packet *p)
{
	return p->head_len - OUTER_OFFSET + p->payload_len;
}

/* Whole words as they lie in memory: their sum comes out in that order (RFC 1071, 2B). */
static inline void encap_write_ipv4(uint8_t *at, const struct tx_packet *p, uint16_t len,
                                    uint16_t id)
{
	uint8_t proto = p->udp_to ? IP_PROTO_UDP : p->proto;
	uint32_t first = bytes_swap_u32(UINT32_C(0x45) << 24 | (uint32_t)p->tos << 16 | len);
	uint32_t second = bytes_swap_u32((uint32_t)id << 16 | (p->df ? IP_DF : 0));
	uint32_t third = bytes_swap_u32((uint32_t)p->ttl << 24 | (uint32_t)proto << 16);
	uint32_t from, to;

	memcpy(&from, p->from, sizeof from);
	memcpy(&to, p->to, sizeof to);
	uint64_t sum = (uint64_t)first + second + third + from + to;
	/* 2C: carries of wide words are added in the end as well. */
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT16_MAX) + (sum >> 16);
	uint16_t checksum = checksum_finish((uint32_t)sum);
	memcpy(at, &first, sizeof first);
	memcpy(at + 4, &second, sizeof second);
	memcpy(at + 8, &third, sizeof third);
	memcpy(at + 10, &checksum, sizeof checksum);
	memcpy(at + 12, &from, sizeof from);
	memcpy(at + 16, &to, sizeof to);
}

/* RFC 3948 2.1: checksum 0. It is the kernel's to fill in where a UDP socket sends. */
static inline void encap_write_udp(uint8_t *at, const struct tx_packet *p)
{
	bytes_set_u32(at, (uint32_t)DP_NAT_PORT << 16 | p->udp_to);
	bytes_set_u32(at + 4, (uint32_t)(UDP_LEN + p->payload_len) << 16);
}

/* Writes the outer headers, that of UDP included. False when the whole is over 64 KB. */
static inline bool encap_finish(struct tx_packet *p, uint16_t id)
{
	uint8_t *head = encap_head(p);
	size_t len = encap_outer_len(p);

	if (len > OUTER_MAX)
		return false;
	encap_write_ipv4(head + OUTER_OFFSET, p, (uint16_t)len, id);
	if (p->udp_to)
		encap_write_udp(head + GRE_OFFSET, p);
	return true;
}
