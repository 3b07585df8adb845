/* SPDX-License-Identifier: Apache-2.0 */
/* What our packets have in common: header, client information entries and extensions as IOS 15
 * sends them. */
#pragma once

#include "nhrp/nhrp.h"
#include "nhrp/place.h"

enum {
	NHRP_PREFERENCE_REGISTRATION = 255, /* IOS 15, in registrations and replies to them */
	NHRP_PREFERENCE_RESOLUTION = 0,
};

/* A packet being made, with room for the extension values that it borrows. */
struct nhrp_draft {
	struct nhrp_packet packet;
	uint8_t room[NHRP_PACKET_MAX];
	size_t room_used;
};

/* A packet from us: type, hop count, families and our addresses. */
void nhrp_packet_start(struct nhrp_draft *d, const struct nhrp_tunnel *t, enum nhrp_type type);

/* With another overlay address as its source than the tunnel's. */
void nhrp_packet_speak_as(struct nhrp_draft *d, const struct addr *source);

/* The extensions of a request: 3, 4, 5, authentication, 9, all empty but authentication. */
void nhrp_packet_request_extensions(struct nhrp_draft *d, const struct nhrp_tunnel *t);

/* The reply to a packet that we received: the request with a new type, authenticated by us. */
void nhrp_packet_reply(struct nhrp_draft *d, const struct nhrp_received *rx, enum nhrp_type type);

/* The preference of our own binding; normal: where none is configured. */
uint8_t nhrp_packet_preference(const struct nhrp_tunnel *t, uint8_t normal);
/* A CIE that says nothing but the tunnel's MTU and holding time and "the whole address". */
struct nhrp_cie nhrp_packet_cie(const struct nhrp_tunnel *t, uint8_t preference);
/* The same with our addresses. */
struct nhrp_cie nhrp_packet_own_cie(const struct nhrp_tunnel *t, uint8_t preference);

/* Appends a CIE to the value of an extension that is there. False when it is not, or is too long.
 */
bool nhrp_packet_append(struct nhrp_draft *d, uint16_t type, const struct nhrp_cie *cie);
/* Replaces the value of an extension that is there. */
void nhrp_packet_fill(struct nhrp_draft *d, uint16_t type, const struct nhrp_cie *cie);

/* The NBMA address that the NAT Address extension names for an overlay address, or none. */
struct addr nhrp_packet_nat_address(const struct nhrp_packet *packet, const struct addr *proto);
/* The CIEs of an extension; 0 when it is absent or malformed. */
size_t nhrp_packet_cies(const struct nhrp_packet *packet, uint16_t type,
                        struct nhrp_cie cie[static NHRP_CIES_MAX]);
/* Where the packet says that an overlay address is reached by UDP behind its NAT; or no place. */
struct udp_place nhrp_packet_place(const struct nhrp_packet *packet, const struct addr *proto);
/* Says it. False when there is no room. */
bool nhrp_packet_add_place(struct nhrp_draft *d, const struct nhrp_place *place);
/* True when an extension's CIEs hold the overlay address. */
bool nhrp_packet_records(const struct nhrp_packet *packet, uint16_t type, const struct addr *proto);
/* True when an extension is absent or has no contents. */
bool nhrp_packet_is_empty(const struct nhrp_packet *packet, uint16_t type);
/* The first extension that is compulsory and not known to us, or NULL. */
const struct nhrp_extension *nhrp_packet_unknown(const struct nhrp_packet *packet);
