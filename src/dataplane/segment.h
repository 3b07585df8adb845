/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel leaves to the device behind a TAP with a vnet header: cutting a TCP frame of up
 * to 64 KB into segments and finishing checksums.
 */
#pragma once

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/inner.h"

enum {
	SEGMENT_HEADER_MAX = 128, /* IP and TCP headers that are repeated in every segment */
	VNET_LEN = sizeof(struct virtio_net_hdr_v1),
};

struct segments {
	const uint8_t *packet;
	struct inner in;
	size_t header_len; /* IP and TCP */
	size_t size;       /* payload of each segment but the last */
	size_t at;         /* first payload byte of the next one, as an offset into the packet */
	uint16_t n_done;
	uint8_t header[SEGMENT_HEADER_MAX]; /* what all of them have in common … */
	uint32_t ip_sum, tcp_sum;           /* … and its running sums, pseudo-header included */
	uint32_t seq;                       /* of the first */
	uint16_t id;
	uint8_t flags;
};

/*
 * Prepares for cutting a packet. Borrows it until the last segment was sent. False when the vnet
 * header and the packet don't fit together.
 */
bool segments_init(struct segments *s, const struct virtio_net_hdr_v1 *vnet, const uint8_t *packet,
                   const struct inner *in);

static inline bool segments_left(const struct segments *s)
{
	return s->at < s->in.len;
}

/* How many there will be. */
size_t segments_count(const struct segments *s);

/* IP length of the longest segment. */
size_t segments_longest(const struct segments *s);

/*
 * Writes the headers of the next segment (s->header_len bytes) into header, checksums finished, and
 * points *ret_payload at its payload. Returns the payload's length.
 */
size_t segments_next(struct segments *s, uint8_t *header, const uint8_t **ret_payload);
/* The same with the payload behind the headers; returns the length of both. */
size_t segments_copy(struct segments *s, uint8_t *to);

/*
 * Finishes the checksum that a vnet header with NEEDS_CSUM leaves open. packet_offset is where the
 * packet begins in the frame that the vnet header counts from. False when it points outside the
 * packet.
 */
bool segment_finish_checksum(const struct virtio_net_hdr_v1 *vnet, uint8_t *packet,
                             const struct inner *in, size_t packet_offset);
