/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads NHRP packets and ISAKMP messages from capture files, for tests: pcap and pcapng, either
 * byte order, Ethernet only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "util/addr.h"

enum { CAPTURE_SKIP = 77 /* Meson's exit status of a skipped test */ };

struct capture_packet {
	struct addr from, to; /* outer addresses */
	const uint8_t *bytes; /* from the NHRP fixed header, or the ISAKMP header, on */
	size_t len;
};

/*
 * Calls back for each NHRP packet of folder/name, in order. Returns their number. Ends the program:
 * as skipped when the file is not there, with a message when it makes no sense.
 */
size_t capture_each(const char *folder, const char *name,
                    void (*see)(void *ctx, const struct capture_packet *packet), void *ctx);
/* Likewise for each message between two UDP ports 500. */
size_t capture_each_isakmp(const char *folder, const char *name,
                           void (*see)(void *ctx, const struct capture_packet *packet), void *ctx);
