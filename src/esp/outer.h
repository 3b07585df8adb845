/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies around ESP: IP headers outside and, in tunnel mode, inside, and UDP encapsulation (RFC
 * 3948). Pure functions; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/addr.h"

enum {
	ESP_PROTOCOL = 50,
	ESP_UDP_PORT = 4500,
	ESP_UDP_LEN = 8,
	ESP_OUTER_MAX = 40 + ESP_UDP_LEN,
};

struct esp_outer {
	struct addr from, to;      /* of one family */
	uint16_t udp_from, udp_to; /* ports; udp_to 0: ESP right in IP */
	uint8_t protocol;          /* ESP_PROTOCOL; of an inner header what it carries */
	uint8_t tos, ttl;
	bool df;
};

/* Length of the headers: 20 or 40, and 8 for UDP. */
size_t esp_outer_len(const struct esp_outer *o);

/*
 * Writes the headers in front of payload, which has len bytes and as much headroom as they need.
 * id: IPv4's identification. UDP's checksum is 0 over IPv4 (RFC 3948 2.1) and computed over IPv6,
 * so the payload must be as it will be sent. Returns the length of the headers, or 0 when it is too
 * long for an IP packet.
 */
size_t esp_outer_build(const struct esp_outer *o, uint16_t id, uint8_t *payload, size_t len);

enum esp_udp_kind { ESP_UDP_ESP, ESP_UDP_IKE, ESP_UDP_KEEPALIVE, ESP_UDP_BAD };

/* What came to port 4500 (RFC 3948 2.2, 2.3). IKE's message is behind 4 bytes of zero. */
enum esp_udp_kind esp_udp_kind(const uint8_t *bytes, size_t len);

/* The packet that tunnel mode carries. */
struct esp_inner {
	struct addr from, to;
	uint8_t protocol, tos, ttl;
	bool fragment;     /* a part only: protocol may not be what its payload begins with */
	size_t header_len; /* IPv6: without extension headers; protocol is then the first of them */
	size_t len;        /* of the packet; what is behind is padding (RFC 4303 2.7) */
};

/* False when it is no IPv4 or IPv6 packet, or longer than len. */
bool esp_inner_parse(const uint8_t *bytes, size_t len, struct esp_inner *ret);
