/* SPDX-License-Identifier: Apache-2.0 */
#include "util/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "util/check.h"

struct addr addr_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return (struct addr){ .family = ADDR_V4, .bytes = { a, b, c, d } };
}

struct addr addr_from_u32(uint32_t host_order)
{
	return addr_v4((uint8_t)(host_order >> 24), (uint8_t)(host_order >> 16),
	               (uint8_t)(host_order >> 8), (uint8_t)host_order);
}

uint32_t addr_to_u32(const struct addr *a)
{
	check(a->family == ADDR_V4);
	return (uint32_t)a->bytes[0] << 24 | (uint32_t)a->bytes[1] << 16 |
	       (uint32_t)a->bytes[2] << 8 | a->bytes[3];
}

uint8_t addr_bits(const struct addr *a)
{
	return (uint8_t)(addr_len(a) * 8);
}

bool addr_is_unspecified(const struct addr *a)
{
	static const uint8_t zero[ADDR_V6_LEN];

	return !addr_is_none(a) && memcmp(a->bytes, zero, sizeof zero) == 0;
}

bool addr_is_multicast(const struct addr *a)
{
	if (a->family == ADDR_V4)
		return (a->bytes[0] & 0xf0) == 0xe0;
	return a->family == ADDR_V6 && a->bytes[0] == 0xff;
}

int addr_compare(const struct addr *a, const struct addr *b)
{
	return memcmp(a, b, sizeof *a);
}

bool addr_parse(const char *text, struct addr *ret)
{
	struct addr a = { .family = ADDR_V4 };

	if (inet_pton(AF_INET, text, a.bytes) == 1) {
		*ret = a;
		return true;
	}
	a = (struct addr){ .family = ADDR_V6 };
	if (inet_pton(AF_INET6, text, a.bytes) == 1) {
		*ret = a;
		return true;
	}
	return false;
}

const char *addr_format(const struct addr *a, char buf[static ADDR_TEXT_LEN])
{
	if (addr_is_none(a))
		snprintf(buf, ADDR_TEXT_LEN, "none");
	else
		check(inet_ntop(a->family == ADDR_V4 ? AF_INET : AF_INET6, a->bytes, buf,
		                ADDR_TEXT_LEN) != NULL);
	return buf;
}

const char *prefix_format(const struct prefix *p, char buf[static PREFIX_TEXT_LEN])
{
	char text[ADDR_TEXT_LEN];

	snprintf(buf, PREFIX_TEXT_LEN, "%s/%u", addr_format(&p->addr, text), p->len);
	return buf;
}

struct prefix prefix_host(const struct addr *a)
{
	return (struct prefix){ *a, addr_bits(a) };
}

/* Mask of byte i in a prefix of len bits. */
static uint8_t mask_byte(uint8_t len, size_t i)
{
	int bits = (int)len - (int)(i * 8);

	if (bits >= 8)
		return 0xff;
	return bits <= 0 ? 0 : (uint8_t)(0xff << (8 - bits));
}

struct prefix prefix_network(const struct prefix *p)
{
	struct prefix net = *p;

	for (size_t i = 0; i < addr_len(&net.addr); i++)
		net.addr.bytes[i] &= mask_byte(net.len, i);
	return net;
}

bool prefix_contains(const struct prefix *p, const struct addr *a)
{
	if (p->addr.family != a->family)
		return false;
	for (size_t i = 0; i < addr_len(a); i++)
		if ((p->addr.bytes[i] ^ a->bytes[i]) & mask_byte(p->len, i))
			return false;
	return true;
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->len == b->len && addr_equal(&a->addr, &b->addr);
}

struct addr prefix_mask_v4(uint8_t len)
{
	check(len <= 32);
	return addr_from_u32(len == 0 ? 0 : UINT32_MAX << (32 - len));
}

bool prefix_len_from_mask_v4(const struct addr *mask, uint8_t *ret_len)
{
	uint8_t len = 0;

	if (mask->family != ADDR_V4)
		return false;
	for (uint32_t bits = addr_to_u32(mask); bits & 0x80000000u; bits <<= 1)
		len++;
	struct addr again = prefix_mask_v4(len);
	if (!addr_equal(&again, mask))
		return false;
	*ret_len = len;
	return true;
}

struct addr prefix_broadcast_v4(const struct prefix *p)
{
	if (p->addr.family != ADDR_V4 || p->len > 30)
		return ADDR_ANY_NONE;
	uint32_t host_mask = p->len == 0 ? UINT32_MAX : (1u << (32 - p->len)) - 1;
	return addr_from_u32(addr_to_u32(&p->addr) | host_mask);
}
