/* SPDX-License-Identifier: Apache-2.0 */
/* Clamping of the maximum segment size that TCP SYNs offer. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/inner.h"

/*
 * Lowers the MSS option of a SYN to at most mss_bytes and corrects the checksum, unless partial
 * says that the checksum field holds the pseudo-header's sum only. Packets that are no SYN stay
 * untouched. The figure is IPv4's; IPv6, whose header is 20 bytes longer, gets 20 less. True when
 * something was changed.
 */
bool mss_clamp(uint8_t *packet, const struct inner *in, uint16_t mss_bytes, bool partial);
