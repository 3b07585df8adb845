/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One p2p GRE tunnel over our data plane and nothing else: no NHRP, no configuration. For measuring
 * the data plane apart from the daemon.
 *
 *   gretun TAPNAME LOCAL REMOTE raw|packet|auto WORKERS
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dataplane/dataplane.h"

enum { MTU = 1476 }; /* 1500 less outer IPv4 and GRE */

static void ignore(void *ctx, const struct dp_punt *punt)
{
	(void)ctx;
	(void)punt;
}

static bool parse(char **argv, struct dataplane_options *options, struct dp_tunnel *tunnel)
{
	static const char *const ports[] = { "auto", "raw", "packet" };

	snprintf(tunnel->ifname, sizeof tunnel->ifname, "%s", argv[1]);
	options->n_workers = (unsigned)strtoul(argv[5], NULL, 10);
	for (unsigned i = 0; i < sizeof ports / sizeof ports[0]; i++) {
		if (strcmp(argv[4], ports[i]) != 0)
			continue;
		options->port = (enum dp_port)i;
		return addr_parse(argv[2], &tunnel->source) &&
		       addr_parse(argv[3], &tunnel->destination);
	}
	return false;
}

int main(int argc, char **argv)
{
	struct dataplane_options options = { .generation = (uint32_t)time(NULL) };
	struct dp_tunnel tunnel = { .up = true, .mtu_bytes = MTU };
	struct dataplane *dp;
	const char *error;

	if (argc != 6 || !parse(argv, &options, &tunnel)) {
		fprintf(stderr, "gretun TAPNAME LOCAL REMOTE raw|packet|auto WORKERS\n");
		return 2;
	}
	int code = dataplane_new(&options, &dp, &error);
	if (code) {
		fprintf(stderr, "gretun: %s: %s\n", error, strerror(-code));
		return 1;
	}
	code = dataplane_tunnel_set(dp, &tunnel);
	if (code) {
		fprintf(stderr, "gretun: %s: %s\n", tunnel.ifname, strerror(-code));
		return 1;
	}
	for (;;) {
		struct pollfd pfd = { .fd = dataplane_punt_fd(dp), .events = POLLIN };
		poll(&pfd, 1, -1);
		dataplane_punt_drain(dp, ignore, NULL);
	}
}
