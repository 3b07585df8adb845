/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses of either family, by value. Overlay ("protocol") and underlay (NBMA) addresses are the
 * same type. Bytes are in network order and those behind the family's length are zero, so that
 * equality and hashing look at the whole struct.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum addr_family { ADDR_NONE = 0, ADDR_V4 = 4, ADDR_V6 = 6 };

enum {
	ADDR_V4_LEN = 4,
	ADDR_V6_LEN = 16,
	ADDR_TEXT_LEN = 46, /* longest IPv6 text and its NUL, as INET6_ADDRSTRLEN */
	PREFIX_TEXT_LEN = ADDR_TEXT_LEN + 4,
};

struct addr {
	uint8_t family; /* enum addr_family */
	uint8_t bytes[ADDR_V6_LEN];
};

/* An address and its network's length in bits. Host bits may be set (an interface's address). */
struct prefix {
	struct addr addr;
	uint8_t len;
};

/* An address and a UDP port, in host order. Port 0: no place. */
struct udp_place {
	struct addr addr;
	uint16_t port;
};

/* The address of no family: "none", "not known". */
#define ADDR_ANY_NONE ((struct addr){ 0 })

struct addr addr_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d);
/* From an IPv4 address as a number, first byte the most significant. */
struct addr addr_from_u32(uint32_t host_order);
/* The reverse; the address must be IPv4. */
uint32_t addr_to_u32(const struct addr *a);

/* 4, 16, or 0 for none. */
static inline size_t addr_len(const struct addr *a)
{
	if (a->family == ADDR_V4)
		return ADDR_V4_LEN;
	return a->family == ADDR_V6 ? ADDR_V6_LEN : 0;
}

/* bytes: 4 or 16 of them, as family says. */
static inline struct addr addr_from_bytes(enum addr_family family, const void *bytes)
{
	struct addr a = { .family = (uint8_t)family };

	if (family == ADDR_V4)
		memcpy(a.bytes, bytes, ADDR_V4_LEN);
	else if (family == ADDR_V6)
		memcpy(a.bytes, bytes, ADDR_V6_LEN);
	return a;
}

/* 32, 128, or 0 for none. */
uint8_t addr_bits(const struct addr *a);

static inline bool addr_is_none(const struct addr *a)
{
	return a->family == ADDR_NONE;
}

/* 0.0.0.0 or ::. */
bool addr_is_unspecified(const struct addr *a);
bool addr_is_multicast(const struct addr *a);

/*
 * An address in the pieces that compilers copy it by: a processor has to wait for what was just
 * written in other ones.
 */
struct addr_words {
	uint64_t word[2];
	uint8_t last;
};

static inline struct addr_words addr_words(const struct addr *a)
{
	struct addr_words w;

	_Static_assert(sizeof *a == sizeof w.word + 1, "two words and a byte");
	memcpy(w.word, a, sizeof w.word);
	w.last = a->bytes[ADDR_V6_LEN - 1];
	return w;
}

static inline bool addr_equal(const struct addr *a, const struct addr *b)
{
	struct addr_words x = addr_words(a), y = addr_words(b);

	return ((x.word[0] ^ y.word[0]) | (x.word[1] ^ y.word[1]) | (uint64_t)(x.last ^ y.last)) ==
	       0;
}

static inline bool udp_place_equal(const struct udp_place *a, const struct udp_place *b)
{
	return a->port == b->port && addr_equal(&a->addr, &b->addr);
}

/* memcmp's contract; IPv4 before IPv6, then numerically. */
int addr_compare(const struct addr *a, const struct addr *b);

/* Multiplying carries each bit upwards: the upper half of the product depends on all of them. */
static inline uint32_t addr_hash(const struct addr *a)
{
	const uint64_t odd = 0x9e3779b97f4a7c15; /* 2^64 by the golden ratio */
	struct addr_words w = addr_words(a);

	return (uint32_t)((((w.word[0] * odd) ^ w.word[1]) + w.last) * odd >> 32);
}

/* Reads dotted quad or IPv6 text, the whole string. False, *ret untouched, when it is neither. */
bool addr_parse(const char *text, struct addr *ret);
/* Writes the text, always with a NUL, and returns buf. None prints as "none". */
const char *addr_format(const struct addr *a, char buf[static ADDR_TEXT_LEN]);
/* "A.B.C.D/len". */
const char *prefix_format(const struct prefix *p, char buf[static PREFIX_TEXT_LEN]);

/* The whole-length prefix of one address. */
struct prefix prefix_host(const struct addr *a);
/* The same prefix with host bits cleared. */
struct prefix prefix_network(const struct prefix *p);
bool prefix_contains(const struct prefix *p, const struct addr *a);
bool prefix_equal(const struct prefix *a, const struct prefix *b);
/* IPv4 netmask of a length, 0 to 32. */
struct addr prefix_mask_v4(uint8_t len);
/* Length of a contiguous IPv4 netmask. False when it has holes. */
bool prefix_len_from_mask_v4(const struct addr *mask, uint8_t *ret_len);
/* All-ones host part of an IPv4 network; none for IPv6 and for lengths over 30. */
struct addr prefix_broadcast_v4(const struct prefix *p);
