/* SPDX-License-Identifier: Apache-2.0 */
/* How packets for one NBMA address leave this machine when they need no help of the kernel's IP
 * layer. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <urcu-qsbr.h>

#include "dataplane/dataplane.h"

struct path {
	struct rcu_head rcu;
	uint32_t epoch;   /* of tables.path_epoch; another one there: void */
	bool usable;      /* to send by */
	bool receivable;  /* nor would IP input have a say in what comes from there */
	int64_t until_ns; /* ask again then: CLOCK_MONOTONIC */
	int ifindex;
	uint16_t mtu_bytes;
	uint8_t mac[DP_MAC_LEN], own_mac[DP_MAC_LEN]; /* the next hop's, the port's */
};
