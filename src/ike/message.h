/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ISAKMP messages (RFC 2408 3): the header, and payloads as a list of types and bodies. What is in
 * a body is for those who ask.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/writer.h"

enum {
	ISAKMP_HEADER_LEN = 28,
	ISAKMP_PAYLOAD_HEADER_LEN = 4,
	ISAKMP_PAYLOADS_MAX = 64,
	ISAKMP_VERSION_1 = 0x10,
	ISAKMP_FLAG_ENCRYPTED = 1,
	ISAKMP_FLAG_COMMIT = 2,
};

enum isakmp_exchange {
	ISAKMP_MAIN = 2,
	ISAKMP_AGGRESSIVE = 4,
	ISAKMP_INFORMATIONAL = 5,
	ISAKMP_QUICK = 32,
};

/* Payload types. 130 and 131 are those of the NAT traversal drafts 01 to 03. */
enum isakmp_type {
	ISAKMP_NONE = 0,
	ISAKMP_SA = 1,
	ISAKMP_PROPOSAL = 2,
	ISAKMP_TRANSFORM = 3,
	ISAKMP_KE = 4,
	ISAKMP_ID = 5,
	ISAKMP_CERT = 6,
	ISAKMP_CERT_REQUEST = 7,
	ISAKMP_HASH = 8,
	ISAKMP_SIG = 9,
	ISAKMP_NONCE = 10,
	ISAKMP_NOTIFY = 11,
	ISAKMP_DELETE = 12,
	ISAKMP_VENDOR = 13,
	ISAKMP_NAT_D_LATE_DRAFT = 15, /* drafts 04 to 08 */
	ISAKMP_NAT_D = 20,
	ISAKMP_NAT_OA = 21,
	ISAKMP_NAT_D_DRAFT = 130,
	ISAKMP_NAT_OA_DRAFT = 131,
	ISAKMP_FRAGMENT = 132, /* Cisco's */
};

struct isakmp_header {
	uint64_t icookie, rcookie;
	uint8_t next; /* type of the first payload */
	uint8_t version, exchange, flags;
	uint32_t message_id;
	uint32_t len; /* as it says */
};

struct isakmp_payload {
	uint8_t type;
	const uint8_t *body; /* the payload's own header is the four bytes before it */
	size_t len;
};

struct isakmp_message {
	struct isakmp_header header;
	struct isakmp_payload payload[ISAKMP_PAYLOADS_MAX];
	size_t n;
	size_t used; /* bytes of header and payloads; behind them is padding */
};

/* False when it is shorter than a header, or than the header says. */
bool isakmp_parse_header(const uint8_t *bytes, size_t len, struct isakmp_header *ret);
/* The payloads of a message in clear. ret points into bytes. False when they do not add up. */
bool isakmp_parse(const uint8_t *bytes, size_t len, struct isakmp_message *ret);
/* The first payload of a type; NULL when there is none. */
const struct isakmp_payload *isakmp_find(const struct isakmp_message *m, uint8_t type);

/* A message that is being written. */
struct isakmp_builder {
	struct writer w;
	size_t next_at;  /* where the type of the next payload goes */
	size_t begin_at; /* of the payload under way */
};

/* Writes the header; header->next and len come later. bytes are borrowed. */
void isakmp_begin(struct isakmp_builder *b, void *bytes, size_t size,
                  const struct isakmp_header *header);
/* A payload whose body is written to b->w until isakmp_close(). */
void isakmp_open(struct isakmp_builder *b, uint8_t type);
void isakmp_close(struct isakmp_builder *b);
void isakmp_add(struct isakmp_builder *b, uint8_t type, const void *body, size_t len);
/* Zeroes up to a multiple of block, and the length. 0 when the message does not fit. */
size_t isakmp_end(struct isakmp_builder *b, size_t block);
