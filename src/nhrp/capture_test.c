/* SPDX-License-Identifier: Apache-2.0 */
#include "nhrp/capture_test.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gre/gre.h"
#include "util/memory.h"
#include "util/reader.h"

enum {
	FILE_MAX = 1 << 20,
	ETHERNET_LEN = 14,
	IP_PROTO_GRE = 47,
	IP_PROTO_UDP = 17,
	ISAKMP_PORT = 500,
	PCAP_FILE_HEADER_LEN = 24,
	PCAP_LEN_AT = 8, /* in a packet's header */
	PCAP_MAGIC_SWAPPED = 0xd4c3b2a1,
	PCAPNG_SECTION = 0x0a0d0d0a,
	PCAPNG_ORDER_SWAPPED = 0x4d3c2b1a,
	PCAPNG_ENHANCED_PACKET = 6,
};

/* One file while it is read. */
struct capture {
	const char *name;
	bool isakmp; /* and not NHRP */
	size_t n;
	void (*see)(void *ctx, const struct capture_packet *packet);
	void *ctx;
};

static void give_up(const struct capture *c, const char *what)
{
	fprintf(stderr, "%s: %s\n", c->name, what);
	exit(EXIT_FAILURE);
}

/* The NHRP packet in GRE, if there is one. */
static bool find_nhrp(const struct capture *c, struct capture_packet *packet)
{
	struct gre_header gre;
	size_t gre_len;

	if (gre_parse(packet->bytes, packet->len, &gre, &gre_len) != GRE_OK)
		give_up(c, "GRE header refused");
	packet->bytes += gre_len;
	packet->len -= gre_len;
	return gre.proto == GRE_PROTO_NHRP;
}

static bool find_isakmp(struct capture_packet *packet)
{
	struct reader r = reader_over(packet->bytes, packet->len);
	uint16_t from = read_u16(&r), to = read_u16(&r);

	read_skip(&r, 4);
	packet->len = reader_left(&r);
	packet->bytes = read_bytes(&r, packet->len);
	return !r.failed && from == ISAKMP_PORT && to == ISAKMP_PORT;
}

static void see_frame(struct capture *c, const uint8_t *bytes, size_t len)
{
	struct reader r = reader_over(bytes, len);
	struct capture_packet packet;

	read_skip(&r, ETHERNET_LEN);
	size_t header_len = (read_u8(&r) & 0xfu) * 4;
	read_skip(&r, 1);
	size_t total = read_u16(&r);
	read_skip(&r, 5);
	uint8_t proto = read_u8(&r);
	read_skip(&r, 2);
	packet.from = read_addr(&r, ADDR_V4_LEN);
	packet.to = read_addr(&r, ADDR_V4_LEN);
	if (r.failed || proto != (c->isakmp ? IP_PROTO_UDP : IP_PROTO_GRE) ||
	    ETHERNET_LEN + total > len || header_len > total)
		return;
	packet.bytes = bytes + ETHERNET_LEN + header_len;
	packet.len = total - header_len;
	if (!(c->isakmp ? find_isakmp(&packet) : find_nhrp(c, &packet)))
		return;
	c->n++;
	c->see(c->ctx, &packet);
}

static uint32_t read_file_u32(struct reader *r, bool swapped)
{
	uint32_t value = read_u32(r);

	return swapped ? __builtin_bswap32(value) : value;
}

static void see_pcap(struct capture *c, struct reader r, bool swapped)
{
	read_skip(&r, PCAP_FILE_HEADER_LEN);
	while (!r.failed && reader_left(&r)) {
		read_skip(&r, PCAP_LEN_AT);
		size_t len = read_file_u32(&r, swapped);
		read_skip(&r, 4);
		const uint8_t *bytes = read_bytes(&r, len);
		if (bytes)
			see_frame(c, bytes, len);
	}
	if (r.failed)
		give_up(c, "truncated file");
}

static void see_pcapng(struct capture *c, struct reader r)
{
	struct reader head = r;

	read_skip(&head, 8);
	bool swapped = read_u32(&head) == PCAPNG_ORDER_SWAPPED;
	while (!r.failed && reader_left(&r)) {
		uint32_t type = read_file_u32(&r, swapped);
		size_t block_len = read_file_u32(&r, swapped);
		if (block_len < 12)
			give_up(c, "block too short");
		struct reader block = read_sub(&r, block_len - 12);
		read_skip(&r, 4);
		if (type != PCAPNG_ENHANCED_PACKET)
			continue;
		read_skip(&block, 12);
		size_t len = read_file_u32(&block, swapped);
		read_skip(&block, 4);
		const uint8_t *bytes = read_bytes(&block, len);
		if (!bytes)
			give_up(c, "truncated block");
		see_frame(c, bytes, len);
	}
	if (r.failed)
		give_up(c, "truncated file");
}

static size_t read_file(const char *folder, struct capture *c)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", folder, c->name);
	FILE *f = fopen(path, "rb");
	if (!f) {
		printf("skipped: %s: %s\n", path, strerror(errno));
		exit(CAPTURE_SKIP);
	}
	uint8_t *bytes = memory_new(1, FILE_MAX);
	struct reader r = reader_over(bytes, fread(bytes, 1, FILE_MAX, f));
	fclose(f);
	struct reader head = r;
	uint32_t magic = read_u32(&head);
	if (magic == PCAPNG_SECTION)
		see_pcapng(c, r);
	else
		see_pcap(c, r, magic == PCAP_MAGIC_SWAPPED);
	free(bytes);
	return c->n;
}

size_t capture_each(const char *folder, const char *name,
                    void (*see)(void *ctx, const struct capture_packet *packet), void *ctx)
{
	return read_file(folder, &(struct capture){ .name = name, .see = see, .ctx = ctx });
}

size_t capture_each_isakmp(const char *folder, const char *name,
                           void (*see)(void *ctx, const struct capture_packet *packet), void *ctx)
{
	return read_file(folder,
	                 &(struct capture){ .name = name, .isakmp = true, .see = see, .ctx = ctx });
}
