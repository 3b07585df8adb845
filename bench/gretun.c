/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One p2p GRE tunnel over our data plane and nothing else: no NHRP, no IKE, no configuration. For
 * measuring the data plane apart from the daemon. Protected ones have fixed keys: never for traffic
 * that matters. With xdp it receives by AF_XDP, too; with xdp-send it does not.
 *
 *   gretun TAPNAME LOCAL REMOTE raw|packet|xdp|xdp-send|auto WORKERS [cbc-sha1|gcm plain|udp]
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/crypto.h"
#include "dataplane/dataplane.h"

enum {
	MTU = 1476, /* 1500 less outer IPv4 and GRE */
	SPI = 0x1000,
	WINDOW = 1024,
};

struct suite {
	const char *name;
	enum esp_cipher cipher;
	enum esp_auth auth;
	uint16_t mtu_plain, mtu_udp; /* the longest inner packets that need no fragments */
};

static const struct suite suites[] = {
	{ "cbc-sha1", ESP_AES128, ESP_SHA1_96, 1434, 1418 },
	{ "gcm", ESP_GCM128, ESP_AUTH_NONE, 1442, 1434 },
};

static void ignore(void *ctx, const struct dp_punt *punt)
{
	(void)ctx;
	(void)punt;
}

static bool parse(char **argv, struct dataplane_options *options, struct dp_tunnel *tunnel)
{
	static const struct {
		const char *name;
		enum dp_port port;
		bool receives;
	} ports[] = {
		{ "auto", DP_PORT_AUTO, false },     { "raw", DP_PORT_RAW, false },
		{ "packet", DP_PORT_PACKET, false }, { "xdp", DP_PORT_XDP, true },
		{ "xdp-send", DP_PORT_XDP, false },
	};

	snprintf(tunnel->ifname, sizeof tunnel->ifname, "%s", argv[1]);
	options->n_workers = (unsigned)strtoul(argv[5], NULL, 10);
	for (unsigned i = 0; i < sizeof ports / sizeof ports[0]; i++) {
		if (strcmp(argv[4], ports[i].name) != 0)
			continue;
		options->port = ports[i].port;
		options->xdp_receive = ports[i].receives;
		return addr_parse(argv[2], &tunnel->source) &&
		       addr_parse(argv[3], &tunnel->destination);
	}
	return false;
}

static const struct suite *parse_suite(char **argv, struct dp_tunnel *tunnel, uint16_t *ret_port)
{
	bool udp = strcmp(argv[7], "udp") == 0;

	for (unsigned i = 0; i < sizeof suites / sizeof suites[0]; i++) {
		if (strcmp(argv[6], suites[i].name) != 0)
			continue;
		tunnel->protected = true;
		tunnel->mtu_bytes = udp ? suites[i].mtu_udp : suites[i].mtu_plain;
		*ret_port = udp ? DP_NAT_PORT : 0;
		return &suites[i];
	}
	return NULL;
}

/* Both ends have the same keys; an SPI is that of the end that receives by it. */
static int protect(struct dataplane *dp, const struct dp_tunnel *t, const struct suite *s,
                   uint16_t udp_port)
{
	static const uint8_t key[ESP_AUTH_KEY_MAX] = { 1, 2, 3 };
	struct dp_sa sa = {
		.local = t->source,
		.nbma = t->destination,
		.remote = t->destination,
		.udp_port = udp_port,
		.config = { .cipher = s->cipher,
		            .auth = s->auth,
		            .cipher_key = key,
		            .auth_key = key,
		            .iv_key = key,
		            .replay_packets = WINDOW },
	};

	sa.id = 1;
	sa.config.spi = SPI + t->source.bytes[ADDR_V4_LEN - 1];
	int code = dataplane_sa_add(dp, &sa);
	if (code)
		return code;
	sa.id = 2;
	sa.config.spi = SPI + t->destination.bytes[ADDR_V4_LEN - 1];
	sa.config.outbound = true;
	code = dataplane_sa_add(dp, &sa);
	return code ? code : dataplane_protect(dp, t->number, &t->destination, sa.id);
}

int main(int argc, char **argv)
{
	struct dataplane_options options = { .generation = (uint32_t)time(NULL) };
	struct dp_tunnel tunnel = { .up = true, .mtu_bytes = MTU };
	const struct suite *suite = NULL;
	uint16_t udp_port = 0;
	struct dataplane *dp;
	const char *error;

	if ((argc != 6 && argc != 8) || !parse(argv, &options, &tunnel) ||
	    (argc == 8 && !(suite = parse_suite(argv, &tunnel, &udp_port)))) {
		fprintf(stderr, "gretun TAPNAME LOCAL REMOTE raw|packet|xdp|xdp-send|auto WORKERS "
		                "[cbc-sha1|gcm plain|udp]\n");
		return 2;
	}
	options.crypto = crypto_new();
	int code = dataplane_new(&options, &dp, &error);
	if (code) {
		fprintf(stderr, "gretun: %s: %s\n", error, strerror(-code));
		return 1;
	}
	code = dataplane_tunnel_set(dp, &tunnel);
	if (!code && suite)
		code = protect(dp, &tunnel, suite, udp_port);
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
