/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/mac.h"

void mac_build(const struct mac_name *name, uint8_t ret_mac[static DP_MAC_LEN])
{
	ret_mac[0] = MAC_PREFIX;
	bytes_set_u16(ret_mac + 1, name->start);
	ret_mac[3] = name->reuse;
	bytes_set_u16(ret_mac + 4, name->index);
}

/* Successive counters as well as random numbers give different values. */
uint16_t mac_start(uint32_t generation)
{
	return (uint16_t)(generation ^ generation >> 16);
}
