/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An unanswered question for a next hop is what starts a resolution. We never answer it ourselves:
 * the control plane writes the neighbour by netlink. RFC 826, RFC 5227 (probes), RFC 4861 4.3, RFC
 * 4862 5.4.
 */
#include "dataplane/want.h"

#include "dataplane/bytes.h"

enum {
	ARP_ETHERNET = 1,
	ARP_REQUEST = 1,
	MAC_LEN = 6,
	ND_FIRST = 133, /* router solicitation */
	ND_SOLICITATION = 135,
	ND_LAST = 137, /* redirect */
	ND_TARGET = 8,
};

static bool is_plain_target(const struct addr *target, const struct addr *own)
{
	return !addr_is_unspecified(target) && !addr_is_multicast(target) &&
	       !addr_equal(target, own);
}

bool want_from_arp(const uint8_t *bytes, size_t len, const struct addr *own,
                   struct addr *ret_target)
{
	struct reader r = reader_over(bytes, len);
	bool plain = read_u16(&r) == ARP_ETHERNET;

	plain &= read_u16(&r) == ETH_PROTO_IPV4;
	plain &= read_u8(&r) == MAC_LEN;
	plain &= read_u8(&r) == ADDR_V4_LEN;
	plain &= read_u16(&r) == ARP_REQUEST;
	read_skip(&r, MAC_LEN);
	struct addr sender = read_addr(&r, ADDR_V4_LEN);
	read_skip(&r, MAC_LEN);
	struct addr target = read_addr(&r, ADDR_V4_LEN);
	if (r.failed || !plain)
		return false;
	if (addr_is_unspecified(&sender) || addr_equal(&sender, &target) ||
	    !is_plain_target(&target, own))
		return false;
	*ret_target = target;
	return true;
}

bool want_is_discovery(const uint8_t *packet, const struct inner *in)
{
	return in->family == ADDR_V6 && in->proto == IP_PROTO_ICMPV6 && in->len > in->l4_offset &&
	       packet[in->l4_offset] >= ND_FIRST && packet[in->l4_offset] <= ND_LAST;
}

bool want_from_solicitation(const uint8_t *packet, const struct inner *in, const struct addr *own,
                            struct addr *ret_target)
{
	struct reader r = reader_over(packet + in->l4_offset, in->len - in->l4_offset);

	if (!want_is_discovery(packet, in) || read_u8(&r) != ND_SOLICITATION)
		return false;
	read_skip(&r, ND_TARGET - 1);
	struct addr target = read_addr(&r, ADDR_V6_LEN), sender = inner_source(packet, in);
	if (r.failed || addr_is_unspecified(&sender) || !is_plain_target(&target, own))
		return false;
	*ret_target = target;
	return true;
}
