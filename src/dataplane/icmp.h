/* SPDX-License-Identifier: Apache-2.0 */
/* ICMP at a tunnel: "too big" messages that we send, redirects of our own kernel that we keep. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/inner.h"

enum { ICMP_TOO_BIG_MAX = 576 }; /* of IPv4, RFC 1812 4.3.2.3; IPv6's limit of 1280 allows more */

struct icmp_too_big {
	struct addr source; /* ours, of the packet's family */
	uint16_t mtu_bytes; /* of the next hop */
};

/*
 * Builds the whole IP packet that tells the sender of `packet` its limit into bytes, which has room
 * for ICMP_TOO_BIG_MAX. Returns its length, or 0 when none may be sent: an ICMP error, a later
 * fragment, a multicast or unspecified source or destination, or no source address of that family.
 */
size_t icmp_too_big(const struct icmp_too_big *about, const uint8_t *packet, const struct inner *in,
                    uint8_t *bytes);

/* An ICMP or ICMPv6 redirect from that address; IPv6's come from a link-local address: any counts.
 */
bool icmp_is_redirect(const uint8_t *packet, const struct inner *in, const struct addr *source);
