/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MAC that names an adjacency: a locally administered prefix byte, the generation of the start,
 * the number of times the index was reused in it, and the index. So neither a neighbour entry left
 * by an earlier start nor one of an earlier owner of the index is ever taken for a live one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/bytes.h"
#include "dataplane/dataplane.h"

enum { MAC_PREFIX = 0xd6 }; /* locally administered, unicast */

struct mac_name {
	uint16_t start; /* low half of the start's generation, folded */
	uint8_t reuse;
	uint16_t index;
};

void mac_build(const struct mac_name *name, uint8_t ret_mac[static DP_MAC_LEN]);
/* False when the MAC has not our prefix. */
static inline bool mac_parse(const uint8_t mac[static DP_MAC_LEN], struct mac_name *ret)
{
	if (mac[0] != MAC_PREFIX)
		return false;
	ret->start = bytes_u16(mac + 1);
	ret->reuse = mac[3];
	ret->index = bytes_u16(mac + 4);
	return true;
}

/* Broadcast included. */
static inline bool mac_is_multicast(const uint8_t *mac)
{
	return mac[0] & 1;
}
/* The part of dataplane_options.generation that fits into a MAC. */
uint16_t mac_start(uint32_t generation);
