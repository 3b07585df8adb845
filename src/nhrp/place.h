/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a client behind NAT is reached by UDP, in a Vendor-Private extension of ours (RFC 2332
 * 5.3.5). NHRP knows addresses; the port that a NAT has given to a protected client is known to
 * the server alone that the client has an association with.
 *
 *	OUI (3), then of each client: type 1, length of what follows (1 byte each),
 *	UDP port (2), length of its public address (1), public address, protocol address
 *
 * What has another type is for somebody else and passed over. The OUI is one of those that IEEE 802
 * leaves to local use, and spells "RDV".
 */
#pragma once

#include "nhrp/wire.h"

enum {
	NHRP_OUI_LEN = 3,
	NHRP_OUI_PLACE = 0x524456,
	NHRP_PLACE_LEN_MAX = 2 + 3 + 2 * ADDR_V6_LEN,
	NHRP_PLACES_MAX = 8, /* of one packet that are looked at: it has two ends */
};

struct nhrp_place {
	struct addr proto;
	struct udp_place place; /* its port is never 0 */
};

/* The packet's extension for places; NULL: there is none. */
const struct nhrp_extension *nhrp_place_extension(const struct nhrp_packet *packet);
/*
 * The places in an extension's value, none where it is another vendor's. Returns how many, at most
 * max, or -1 when the value is malformed.
 */
int nhrp_place_read(const struct nhrp_extension *ext, struct nhrp_place *ret, size_t max);
/* Writes one place, without the OUI. Returns its length, or 0 when size is too small. */
size_t nhrp_place_build(const struct nhrp_place *place, uint8_t *bytes, size_t size);
