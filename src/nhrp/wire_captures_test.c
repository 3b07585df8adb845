/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every NHRP packet in captures of real routers must come out of parse and build byte for byte as
 * it went in. The captures are no part of the project: the first argument names their folder, and
 * the test is skipped when it is not there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nhrp/capture_test.h"
#include "nhrp/wire.h"

struct source {
	const char *name;
	size_t n_packets; /* NHRP ones that it holds */
};

static const struct source sources[] = {
	{ "ios12-registration.cap", 4 },       { "ios12-phase3-key-auth.pcap", 4 },
	{ "ios15-registration-auth.pcap", 2 }, { "ios15-registration-group.pcap", 12 },
	{ "ios15-phase2-resolution.pcap", 3 }, { "ios15-ipv6-overlay-registration.pcap", 8 },
};

static void fail(const char *name, const char *what)
{
	fprintf(stderr, "%s: %s\n", name, what);
	exit(EXIT_FAILURE);
}

static void see(void *name, const struct capture_packet *packet)
{
	struct nhrp_packet p;
	uint8_t again[NHRP_PACKET_MAX];
	enum nhrp_wire_error error = nhrp_parse(packet->bytes, packet->len, &p);

	if (error)
		fail(name, nhrp_wire_error_text(error));
	if (nhrp_build(&p, again, sizeof again) != packet->len ||
	    memcmp(again, packet->bytes, packet->len) != 0)
		fail(name, "built packet differs from the captured one");
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		char name[64];
		snprintf(name, sizeof name, "%s", sources[i].name);
		size_t n = capture_each(argv[1], name, see, name);
		if (n != sources[i].n_packets)
			fail(name, "not the number of NHRP packets that it holds");
		printf("%s: %zu packets\n", name, n);
	}
	return EXIT_SUCCESS;
}
