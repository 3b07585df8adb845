/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NHRP packets as values (RFC 2332 section 5, and Cisco's extensions as the captures show them).
 * Parsing borrows from the packet; building writes to the caller's buffer. Nothing here keeps
 * state.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/addr.h"

enum {
	NHRP_PACKET_MAX = 1500,   /* longer ones are refused: no peer sends them */
	NHRP_CIES_MAX = 16,       /* client information entries of one packet */
	NHRP_EXTENSIONS_MAX = 16, /* extensions of one packet, End not counted */
	NHRP_FIXED_LEN = 20,
	NHRP_EXTENSION_HEADER_LEN = 4,     /* type and length */
	NHRP_HOPS = 255,                   /* what IOS originates with */
	NHRP_INDICATION_CONTENTS_LEN = 28, /* of the packet that caused a Traffic Indication */
	NHRP_ERROR_PADDING_LEN = 16, /* zero bytes that IOS wants behind an Error Indication */
};

enum nhrp_type {
	NHRP_RESOLUTION_REQUEST = 1,
	NHRP_RESOLUTION_REPLY,
	NHRP_REGISTRATION_REQUEST,
	NHRP_REGISTRATION_REPLY,
	NHRP_PURGE_REQUEST,
	NHRP_PURGE_REPLY,
	NHRP_ERROR_INDICATION,
	NHRP_TRAFFIC_INDICATION, /* Cisco's */
	NHRP_TYPES,              /* one more than the last */
};

/* RFC 2332 5.2.1 to 5.2.5: the same bits mean different things in different types. */
enum nhrp_flags {
	NHRP_RESOLUTION_ROUTER = 0x8000,        /* Q */
	NHRP_RESOLUTION_AUTHORITATIVE = 0x4000, /* A */
	NHRP_RESOLUTION_DEST_STABLE = 0x2000,   /* D */
	NHRP_RESOLUTION_UNIQUE = 0x1000,        /* U */
	NHRP_RESOLUTION_SOURCE_STABLE = 0x0800, /* S */
	NHRP_REGISTRATION_UNIQUE = 0x8000,      /* U */
	NHRP_PURGE_NO_REPLY = 0x8000,           /* N */
	NHRP_CISCO_NAT = 0x0002, /* the sender understands the NAT Address extension */
};

/* Of a CIE, RFC 2332 5.2.0.1 and 5.2.2. */
enum nhrp_code {
	NHRP_CODE_SUCCESS = 0,
	NHRP_CODE_PROHIBITED = 4,
	NHRP_CODE_NO_RESOURCES = 5,
	NHRP_CODE_NO_BINDING = 12,
	NHRP_CODE_NOT_UNIQUE = 13,
	NHRP_CODE_UNIQUE_REGISTERED = 14,
};

/* Of an Error Indication, RFC 2332 5.2.7. */
enum nhrp_error {
	NHRP_ERROR_UNRECOGNIZED_EXTENSION = 1,
	NHRP_ERROR_LOOP = 3,
	NHRP_ERROR_UNREACHABLE = 6,
	NHRP_ERROR_PROTOCOL = 7,
	NHRP_ERROR_SDU_SIZE = 8,
	NHRP_ERROR_INVALID_EXTENSION = 9,
	NHRP_ERROR_INVALID_REPLY = 10,
	NHRP_ERROR_AUTHENTICATION = 11,
	NHRP_ERROR_HOP_COUNT = 15,
};

enum nhrp_extension_type {
	NHRP_EXT_END = 0,
	NHRP_EXT_RESPONDER = 3,
	NHRP_EXT_FORWARD_TRANSIT = 4,
	NHRP_EXT_REVERSE_TRANSIT = 5,
	NHRP_EXT_AUTHENTICATION = 7,
	NHRP_EXT_VENDOR = 8,      /* Cisco's attributes: OUI 00-00-0c, 1 is the NHRP group */
	NHRP_EXT_NAT_ADDRESS = 9, /* Cisco's */
	NHRP_EXT_COMPULSORY = 0x8000,
	NHRP_EXT_TYPE_MASK = 0x3fff,
};

/* Client information entry, RFC 2332 5.2.0.1. */
struct nhrp_cie {
	uint8_t code;       /* enum nhrp_code */
	uint8_t prefix_len; /* 0 and 255 both mean the whole address */
	uint16_t mtu_bytes;
	uint16_t holdtime_s;
	uint8_t preference;
	struct addr nbma;  /* none: absent */
	struct addr proto; /* none: absent */
};

/* One extension; the value is borrowed from the packet or from the builder's caller. */
struct nhrp_extension {
	uint16_t type; /* without the compulsory bit */
	bool compulsory;
	const uint8_t *value;
	uint16_t value_len;
};

/*
 * A whole packet. CIE type/length bytes of a subaddress are accepted and skipped. For an Error
 * Indication `error`, `error_offset` and `contents` (the packet in error) count; for a Traffic
 * Indication `contents` (the head of the packet that caused it); for all others `request_id` and
 * `cie`.
 */
struct nhrp_packet {
	uint8_t type; /* enum nhrp_type */
	uint8_t hops;
	uint8_t afn;         /* address family of the NBMA: 1 IPv4, 2 IPv6 */
	uint16_t proto_type; /* of the overlay: 0x0800, 0x86dd */
	uint16_t flags;
	uint32_t request_id;
	uint16_t error, error_offset;
	struct addr src_nbma, src_proto, dst_proto;
	struct nhrp_cie cie[NHRP_CIES_MAX];
	size_t n_cie;
	const uint8_t *contents;
	size_t contents_len;
	struct nhrp_extension ext[NHRP_EXTENSIONS_MAX];
	size_t n_ext;
	bool has_extensions; /* an extension part was there, if only its End */
};

/* Why a packet was refused. The X-macro also names counters, rows of `show` and metrics. */
#define NHRP_WIRE_ERRORS(X)                                                                        \
	X(NHRP_WIRE_OK, "ok", "no error")                                                          \
	X(NHRP_WIRE_SHORT, "short", "packet ends early")                                           \
	X(NHRP_WIRE_LONG, "long", "longer than any NHRP packet")                                   \
	X(NHRP_WIRE_VERSION, "version", "version is not 1")                                        \
	X(NHRP_WIRE_TYPE, "type", "unknown packet type")                                           \
	X(NHRP_WIRE_FAMILY, "family", "address family is neither IPv4 nor IPv6")                   \
	X(NHRP_WIRE_CHECKSUM, "checksum", "wrong checksum")                                        \
	X(NHRP_WIRE_SIZE, "size", "packet size field does not fit the packet")                     \
	X(NHRP_WIRE_ADDRESS, "address", "address length is impossible")                            \
	X(NHRP_WIRE_CIES, "cies", "too many client information entries")                           \
	X(NHRP_WIRE_EXTENSIONS, "extensions", "extension part is malformed or too long")

enum nhrp_wire_error {
#define X(id, name, text) id,
	NHRP_WIRE_ERRORS(X)
#undef X
		NHRP_WIRE_ERRORS_N
};

/*
 * Reads a packet that starts at the NHRP fixed header. *ret borrows from bytes. Bytes behind the
 * packet size are ignored (padding). On an error *ret is untouched.
 */
enum nhrp_wire_error nhrp_parse(const uint8_t *bytes, size_t len, struct nhrp_packet *ret);

/*
 * Writes the packet with its lengths, offsets and checksum. All types but Error
 * Indication get an extension part with its End, as IOS sends it, unless has_extensions is false;
 * an Error Indication gets its padding. Returns the length, or 0 when size, or NHRP_PACKET_MAX, is
 * too small.
 */
size_t nhrp_build(const struct nhrp_packet *packet, uint8_t *bytes, size_t size);

/* The first extension of a type, or NULL. */
const struct nhrp_extension *nhrp_extension_find(const struct nhrp_packet *packet, uint16_t type);

/*
 * Appends an extension with a borrowed value, or replaces the first of its type in place, keeping
 * the order. False when the table is full.
 */
bool nhrp_extension_set(struct nhrp_packet *packet, struct nhrp_extension ext);
/* Takes out all extensions of a type, keeping the order of the others. */
void nhrp_extension_del(struct nhrp_packet *packet, uint16_t type);

/*
 * Reads the CIEs in an extension's value (responder, transit records, NAT addresses). Returns how
 * many, at most max, or -1 when the value is malformed. Lengths of addresses come from each CIE.
 */
int nhrp_extension_cies(const struct nhrp_extension *ext, struct nhrp_cie *ret, size_t max);

/* Writes one CIE. Returns its length, or 0 when size is too small. */
size_t nhrp_cie_build(const struct nhrp_cie *cie, uint8_t *bytes, size_t size);

/* The length that a CIE's prefix field means in its packet: 0 and what is too long are "host". */
uint8_t nhrp_cie_prefix_len(const struct nhrp_cie *cie, const struct nhrp_packet *packet);

/* "Registration Request", … as `show ip nhrp traffic` spells them; "unknown" outside the range. */
const char *nhrp_type_name(uint8_t type);
/* "unique address registered already", … for logs. */
const char *nhrp_code_name(uint8_t code);
const char *nhrp_error_name(uint16_t error);
const char *nhrp_wire_error_text(enum nhrp_wire_error error);
