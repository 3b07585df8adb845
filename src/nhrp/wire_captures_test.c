/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every NHRP packet in captures of real routers must come out of parse and build byte for byte as
 * it went in. The captures are no part of the project: the first argument names their folder, and
 * the test is skipped when it is not there. Both file formats, pcap and pcapng, in either byte
 * order; Ethernet only.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gre/gre.h"
#include "nhrp/wire.h"
#include "util/memory.h"
#include "util/reader.h"

enum {
	EXIT_SKIP = 77, /* Meson's */
	FILE_MAX = 1 << 20,
	ETHERNET_LEN = 14,
	IPV4_LEN = 20,
	IP_PROTO_GRE = 47,
	PCAP_FILE_HEADER_LEN = 24,
	PCAP_LEN_AT = 8, /* in a packet's header */
	PCAP_MAGIC_SWAPPED = 0xd4c3b2a1,
	PCAPNG_SECTION = 0x0a0d0d0a,
	PCAPNG_ENHANCED_PACKET = 6,
};

struct source {
	const char *name;
	size_t n_packets; /* NHRP ones that it holds */
};

static const struct source sources[] = {
	{ "ios12-registration.cap", 4 },       { "ios12-phase3-key-auth.pcap", 4 },
	{ "ios15-registration-auth.pcap", 2 }, { "ios15-registration-group.pcap", 12 },
	{ "ios15-phase2-resolution.pcap", 3 }, { "ios15-ipv6-overlay-registration.pcap", 8 },
};

/* One file while it is read. */
struct capture {
	const char *name;
	size_t n_nhrp;
};

static void fail(const struct capture *c, const char *what)
{
	fprintf(stderr, "%s: %s\n", c->name, what);
	exit(EXIT_FAILURE);
}

static void see_nhrp(struct capture *c, const uint8_t *bytes, size_t len)
{
	struct nhrp_packet p;
	uint8_t again[NHRP_PACKET_MAX];
	enum nhrp_wire_error error = nhrp_parse(bytes, len, &p);

	if (error)
		fail(c, nhrp_wire_error_text(error));
	if (nhrp_build(&p, again, sizeof again) != len || memcmp(again, bytes, len) != 0)
		fail(c, "built packet differs from the captured one");
	c->n_nhrp++;
}

static void see_frame(struct capture *c, const uint8_t *bytes, size_t len)
{
	struct reader r = reader_over(bytes, len);
	struct gre_header gre;
	size_t gre_len;

	read_skip(&r, ETHERNET_LEN);
	size_t ip_at = ETHERNET_LEN;
	size_t header_len = (read_u8(&r) & 0xfu) * 4;
	read_skip(&r, 1);
	size_t total = read_u16(&r);
	read_skip(&r, 5);
	uint8_t proto = read_u8(&r);
	if (r.failed || proto != IP_PROTO_GRE || ip_at + total > len || header_len > total)
		return;
	const uint8_t *at = bytes + ip_at + header_len;
	if (gre_parse(at, total - header_len, &gre, &gre_len) != GRE_OK)
		fail(c, "GRE header refused");
	if (gre.proto == GRE_PROTO_NHRP)
		see_nhrp(c, at + gre_len, total - header_len - gre_len);
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
		fail(c, "truncated file");
}

static void see_pcapng(struct capture *c, struct reader r)
{
	struct reader head = r;

	read_skip(&head, 8);
	bool swapped = read_u32(&head) == 0x4d3c2b1a;
	while (!r.failed && reader_left(&r)) {
		uint32_t type = read_file_u32(&r, swapped);
		size_t block_len = read_file_u32(&r, swapped);
		if (block_len < 12)
			fail(c, "block too short");
		struct reader block = read_sub(&r, block_len - 12);
		read_skip(&r, 4);
		if (type != PCAPNG_ENHANCED_PACKET)
			continue;
		read_skip(&block, 12);
		size_t len = read_file_u32(&block, swapped);
		read_skip(&block, 4);
		const uint8_t *bytes = read_bytes(&block, len);
		if (!bytes)
			fail(c, "truncated block");
		see_frame(c, bytes, len);
	}
	if (r.failed)
		fail(c, "truncated file");
}

static void see_file(const char *folder, const struct source *source)
{
	struct capture c = { source->name, 0 };
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", folder, source->name);
	FILE *f = fopen(path, "rb");
	if (!f) {
		printf("skipped: %s: %s\n", path, strerror(errno));
		exit(EXIT_SKIP);
	}
	uint8_t *bytes = memory_new(1, FILE_MAX);
	struct reader r = reader_over(bytes, fread(bytes, 1, FILE_MAX, f));
	fclose(f);
	struct reader head = r;
	uint32_t magic = read_u32(&head);
	if (magic == PCAPNG_SECTION)
		see_pcapng(&c, r);
	else
		see_pcap(&c, r, magic == PCAP_MAGIC_SWAPPED);
	if (c.n_nhrp != source->n_packets)
		fail(&c, "not the number of NHRP packets that it holds");
	printf("%s: %zu packets\n", c.name, c.n_nhrp);
	free(bytes);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
		see_file(argv[1], &sources[i]);
	return EXIT_SUCCESS;
}
