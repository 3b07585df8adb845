/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets as IOS 15 sends them; where its captures differ from IOS 12's we follow 15: prefix length
 * 32 (12: 255 in registrations, 0 elsewhere), preference 255 in registrations and their replies
 * (12: 0). Request extensions come in IOS's order: Responder, Forward Transit, Reverse Transit,
 * Authentication, NAT Address; the last without the compulsory bit. Hop count 255 always.
 */
#include "nhrp/packet.h"

#include <string.h>

#include "nhrp/auth.h"
#include "util/writer.h"

enum { AFN_V4 = 1, AFN_V6 = 2, PROTO_V4 = 0x0800, PROTO_V6 = 0x86dd };

void nhrp_packet_start(struct nhrp_draft *d, const struct nhrp_tunnel *t, enum nhrp_type type)
{
	d->room_used = 0;
	d->packet = (struct nhrp_packet){
		.type = (uint8_t)type,
		.hops = NHRP_HOPS,
		.afn = t->source.family == ADDR_V6 ? AFN_V6 : AFN_V4,
		.src_nbma = t->source,
	};
	nhrp_packet_speak_as(d, &t->address.addr);
}

void nhrp_packet_speak_as(struct nhrp_draft *d, const struct addr *source)
{
	d->packet.proto_type = source->family == ADDR_V6 ? PROTO_V6 : PROTO_V4;
	d->packet.src_proto = *source;
}

void nhrp_packet_request_extensions(struct nhrp_draft *d, const struct nhrp_tunnel *t)
{
	static const uint16_t records[] = { NHRP_EXT_RESPONDER, NHRP_EXT_FORWARD_TRANSIT,
		                            NHRP_EXT_REVERSE_TRANSIT };

	d->packet.has_extensions = true;
	for (size_t i = 0; i < sizeof records / sizeof *records; i++)
		nhrp_extension_set(&d->packet, (struct nhrp_extension){ .type = records[i],
		                                                        .compulsory = true });
	nhrp_auth_put(t, &d->packet);
	nhrp_extension_set(&d->packet, (struct nhrp_extension){ .type = NHRP_EXT_NAT_ADDRESS });
}

void nhrp_packet_reply(struct nhrp_draft *d, const struct nhrp_received *rx, enum nhrp_type type)
{
	d->room_used = 0;
	d->packet = rx->packet;
	d->packet.type = (uint8_t)type;
	d->packet.hops = NHRP_HOPS;
	nhrp_auth_put(rx->tunnel, &d->packet);
}

uint8_t nhrp_packet_preference(const struct nhrp_tunnel *t, uint8_t normal)
{
	return t->config.path_preference ? t->config.path_preference : normal;
}

struct nhrp_cie nhrp_packet_cie(const struct nhrp_tunnel *t, uint8_t preference)
{
	return (struct nhrp_cie){
		.prefix_len = addr_bits(&t->address.addr),
		.mtu_bytes = t->mtu_bytes,
		.holdtime_s = snap_nhrp_holdtime_s(&t->config),
		.preference = preference,
	};
}

struct nhrp_cie nhrp_packet_own_cie(const struct nhrp_tunnel *t, uint8_t preference)
{
	struct nhrp_cie cie = nhrp_packet_cie(t, preference);

	cie.nbma = t->source;
	cie.proto = t->address.addr;
	return cie;
}

/* Makes an extension's value of two parts in the draft's room. False when there is too little. */
static bool set_value(struct nhrp_draft *d, struct nhrp_extension ext, const struct nhrp_cie *cie)
{
	uint8_t *value = d->room + d->room_used;
	size_t room = sizeof d->room - d->room_used;

	if (ext.value_len > room)
		return false;
	if (ext.value_len)
		memcpy(value, ext.value, ext.value_len);
	size_t len = nhrp_cie_build(cie, value + ext.value_len, room - ext.value_len);
	if (!len)
		return false;
	ext.value = value;
	ext.value_len = (uint16_t)(ext.value_len + len);
	d->room_used += ext.value_len;
	return nhrp_extension_set(&d->packet, ext);
}

bool nhrp_packet_append(struct nhrp_draft *d, uint16_t type, const struct nhrp_cie *cie)
{
	const struct nhrp_extension *there = nhrp_extension_find(&d->packet, type);

	return there && set_value(d, *there, cie);
}

void nhrp_packet_fill(struct nhrp_draft *d, uint16_t type, const struct nhrp_cie *cie)
{
	const struct nhrp_extension *there = nhrp_extension_find(&d->packet, type);

	if (there)
		set_value(d,
		          (struct nhrp_extension){ .type = type, .compulsory = there->compulsory },
		          cie);
}

size_t nhrp_packet_cies(const struct nhrp_packet *packet, uint16_t type,
                        struct nhrp_cie cie[static NHRP_CIES_MAX])
{
	const struct nhrp_extension *ext = nhrp_extension_find(packet, type);
	int count = ext ? nhrp_extension_cies(ext, cie, NHRP_CIES_MAX) : 0;

	return count > 0 ? (size_t)count : 0;
}

struct addr nhrp_packet_nat_address(const struct nhrp_packet *packet, const struct addr *proto)
{
	struct nhrp_cie cie[NHRP_CIES_MAX];
	size_t count = nhrp_packet_cies(packet, NHRP_EXT_NAT_ADDRESS, cie);

	for (size_t i = 0; i < count; i++)
		if (addr_equal(&cie[i].proto, proto))
			return cie[i].nbma;
	return ADDR_ANY_NONE;
}

struct udp_place nhrp_packet_place(const struct nhrp_packet *packet, const struct addr *proto)
{
	const struct nhrp_extension *ext = nhrp_place_extension(packet);
	struct nhrp_place place[NHRP_PLACES_MAX];
	int n = ext ? nhrp_place_read(ext, place, NHRP_PLACES_MAX) : 0;

	for (int i = 0; i < n && i < NHRP_PLACES_MAX; i++)
		if (addr_equal(&place[i].proto, proto))
			return place[i].place;
	return (struct udp_place){ 0 };
}

/* RFC 2332 5.3: a vendor has one extension; others may have theirs before it. */
bool nhrp_packet_add_place(struct nhrp_draft *d, const struct nhrp_place *place)
{
	const struct nhrp_extension *there = nhrp_place_extension(&d->packet);
	size_t at = there ? (size_t)(there - d->packet.ext) : d->packet.n_ext;
	struct writer w = writer_over(d->room + d->room_used, sizeof d->room - d->room_used);
	uint8_t built[NHRP_PLACE_LEN_MAX];

	if (at == NHRP_EXTENSIONS_MAX)
		return false;
	if (there) {
		write_bytes(&w, there->value, there->value_len);
	} else {
		write_u8(&w, NHRP_OUI_PLACE >> 16);
		write_u16(&w, NHRP_OUI_PLACE & 0xffff);
	}
	write_bytes(&w, built, nhrp_place_build(place, built, sizeof built));
	if (w.failed)
		return false;
	d->packet.n_ext += !there;
	d->packet.ext[at] = (struct nhrp_extension){ .type = NHRP_EXT_VENDOR,
		                                     .value = w.start,
		                                     .value_len = (uint16_t)writer_len(&w) };
	d->room_used += writer_len(&w);
	return true;
}

bool nhrp_packet_records(const struct nhrp_packet *packet, uint16_t type, const struct addr *proto)
{
	struct nhrp_cie cie[NHRP_CIES_MAX];
	size_t count = nhrp_packet_cies(packet, type, cie);

	for (size_t i = 0; i < count; i++)
		if (addr_equal(&cie[i].proto, proto))
			return true;
	return false;
}

bool nhrp_packet_is_empty(const struct nhrp_packet *packet, uint16_t type)
{
	const struct nhrp_extension *ext = nhrp_extension_find(packet, type);

	return !ext || ext->value_len == 0;
}

const struct nhrp_extension *nhrp_packet_unknown(const struct nhrp_packet *packet)
{
	for (size_t i = 0; i < packet->n_ext; i++) {
		switch (packet->ext[i].type) {
		case NHRP_EXT_RESPONDER:
		case NHRP_EXT_FORWARD_TRANSIT:
		case NHRP_EXT_REVERSE_TRANSIT:
		case NHRP_EXT_AUTHENTICATION:
		case NHRP_EXT_VENDOR:
		case NHRP_EXT_NAT_ADDRESS:
			break;
		default:
			if (packet->ext[i].compulsory)
				return &packet->ext[i];
		}
	}
	return NULL;
}
