/* SPDX-License-Identifier: Apache-2.0 */
/* The GRE header (RFC 2784, RFC 2890): version 0; checksum, key and sequence number at will. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GRE_PROTO_IPV4 = 0x0800,
	GRE_PROTO_IPV6 = 0x86dd,
	GRE_PROTO_NHRP = 0x2001,
	GRE_LEN_MIN = 4,
	GRE_LEN_MAX = 16,
	GRE_LEN_KEYED = 8,
};

struct gre_header {
	uint16_t proto;
	bool has_key, has_sequence, has_checksum;
	uint32_t key;
	uint32_t sequence;
};

#define GRE_ERRORS(X)                                                                              \
	X(GRE_OK, "ok")                                                                            \
	X(GRE_SHORT, "short")                                                                      \
	X(GRE_VERSION, "version")                                                                  \
	X(GRE_RESERVED, "reserved bits")                                                           \
	X(GRE_CHECKSUM, "checksum")

enum gre_error {
#define X(id, name) id,
	GRE_ERRORS(X)
#undef X
};

/*
 * Reads the header of a GRE packet of len bytes (from the GRE header on) and checks its checksum if
 * it has one. *ret_len is the header's length; both outputs are untouched on an error.
 */
enum gre_error gre_parse(const uint8_t *bytes, size_t len, struct gre_header *ret, size_t *ret_len);

/*
 * Writes a header without checksum or sequence, which we never send: 4 bytes, or 8 with a key.
 * bytes must have room for GRE_LEN_KEYED. Returns the length.
 */
size_t gre_build(const struct gre_header *header, uint8_t *bytes);
