/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's side of a TAP interface: system calls only. Negative errno on failure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/dataplane.h"

/*
 * Opens one more queue of a TAP, which is made (persistent, multi-queue) or taken over. The
 * descriptor does not block. Frames carry a vnet header of 12 bytes and may be TCP of up to 64 KB.
 */
int tap_open_queue(const char *ifname);
/*
 * Opens a queue that gets no frames: while it is open, the carrier stays though all others close.
 * It reads as an error to poll().
 */
int tap_open_held(const char *ifname);
/* Whether such a descriptor still holds the TAP of that name: somebody may have deleted it. */
bool tap_is_held(int fd, const char *ifname);
/* The interface's own MAC. */
int tap_mac(int fd, uint8_t ret_mac[static DP_MAC_LEN]);
/* The kernel forgets the interface's neighbours, even when it has this MAC already. */
int tap_set_mac(int fd, const uint8_t mac[static DP_MAC_LEN]);
/* False once somebody has deleted the interface. */
bool tap_is_alive(int fd);
int tap_set_carrier(int fd, bool on);
/* The interface vanishes when its last queue is closed. */
int tap_unpersist(int fd);
