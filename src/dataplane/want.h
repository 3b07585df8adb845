/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's question for a next hop: an ARP request or a neighbour solicitation on the TAP. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/inner.h"

/*
 * The next hop that an ARP packet (from behind the Ethernet header) asks for. False for everything
 * that is no question of this router for another: probes and duplicate address detection (sender
 * 0.0.0.0), announcements, replies, requests for `own` or garbage.
 */
bool want_from_arp(const uint8_t *bytes, size_t len, const struct addr *own,
                   struct addr *ret_target);

/* The same of an ICMPv6 neighbour solicitation, given as an IPv6 packet. */
bool want_from_solicitation(const uint8_t *packet, const struct inner *in, const struct addr *own,
                            struct addr *ret_target);

/* Neighbour discovery of any kind (RFC 4861 4): it stays on the link and never enters the tunnel.
 */
bool want_is_discovery(const uint8_t *packet, const struct inner *in);
