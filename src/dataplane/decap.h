/* SPDX-License-Identifier: Apache-2.0 */
/* A packet as a raw socket hands it over, taken apart: outer IPv4, GRE, payload. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/bytes.h"
#include "dataplane/dataplane.h"
#include "gre/gre.h"
#include "util/addr.h"

struct decap {
	struct addr from, to; /* outer */
	uint8_t tos;
	struct gre_header gre;
	uint8_t *payload;
	size_t payload_len;
};

/* Borrows the bytes. False with the reason to count; *ret may be half filled then. */
bool decap_parse(uint8_t *bytes, size_t len, struct decap *ret, enum dp_drop *ret_drop);

/* For decap_gre: a header with more than the protocol. */
bool decap_gre_full(uint8_t *bytes, size_t len, struct decap *ret, enum dp_drop *ret_drop);

/* The same of what ESP carried, which begins with GRE; addresses and tos are the caller's. */
static inline bool decap_gre(uint8_t *bytes, size_t len, struct decap *ret, enum dp_drop *ret_drop)
{
	/* RFC 2784 2: nothing but the protocol, as most have it. */
	if (len < GRE_LEN_MIN || bytes_u16(bytes) != 0)
		return decap_gre_full(bytes, len, ret, ret_drop);
	ret->gre = (struct gre_header){ .proto = bytes_u16(bytes + 2) };
	ret->payload = bytes + GRE_LEN_MIN;
	ret->payload_len = len - GRE_LEN_MIN;
	return true;
}

enum { ECN_MASK = 3, ECN_CE = 3 };

/* For decap_congestion: the outer header bears a mark. */
bool decap_mark_congestion(uint8_t *packet, uint8_t family);

/*
 * RFC 6040 4.2: carries a congestion mark of the outer header into the inner one. False when the
 * inner packet cannot bear it and is to be dropped.
 */
static inline bool decap_congestion(uint8_t outer_tos, uint8_t *packet, uint8_t family)
{
	return (outer_tos & ECN_MASK) != ECN_CE || decap_mark_congestion(packet, family);
}

/* Sequence numbers seen from one sender (RFC 2890 2.2). */
struct gre_sequence {
	bool seen;
	uint32_t last;
};

/* False for a packet not newer than the last one. */
bool gre_sequence_check(struct gre_sequence *s, uint32_t sequence);
