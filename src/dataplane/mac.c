/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/mac.h"

#include "dataplane/bytes.h"

void mac_build(const struct mac_name *name, uint8_t ret_mac[static DP_MAC_LEN])
{
	ret_mac[0] = MAC_PREFIX;
	bytes_set_u16(ret_mac + 1, name->start);
	ret_mac[3] = name->reuse;
	bytes_set_u16(ret_mac + 4, name->index);
}

bool mac_parse(const uint8_t mac[static DP_MAC_LEN], struct mac_name *ret)
{
	if (mac[0] != MAC_PREFIX)
		return false;
	ret->start = bytes_u16(mac + 1);
	ret->reuse = mac[3];
	ret->index = bytes_u16(mac + 4);
	return true;
}

/* Successive counters as well as random numbers give different values. */
uint16_t mac_start(uint32_t generation)
{
	return (uint16_t)(generation ^ generation >> 16);
}
