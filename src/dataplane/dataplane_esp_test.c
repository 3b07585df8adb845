/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two data planes in namespaces of their own, a cable between them: hub 192.0.2.1 and spoke
 * 192.0.2.2 with protected tunnels. A sniffer on the cable sees that GRE never comes by in clear.
 */
#include "dataplane/port_test_netns.h"

#include <errno.h>
#include <stdlib.h>

#include "crypto/crypto.h"
#include "dataplane/dataplane.h"
#include "dataplane/port_udp.h"
#include "dataplane/test_packets.h"
#include "gre/gre.h"

enum {
	TUNNEL = 4,
	OTHER_TUNNEL = 5,
	KEY_LEN = 64,
	SPI = 0x1000,
	WINDOW = 64,
	LINK_BUFFER = 32 << 20, /* for a whole stream */
	ID_STEP = 2,            /* each pair of SAs takes two ids at each end */
};

struct end {
	int netns;
	struct dataplane *dp;
	struct dp_tunnel tunnel;
	int link;                /* packet socket on its TAP */
	uint8_t mac[DP_MAC_LEN]; /* names the other end */
};

struct fixture {
	struct crypto *crypto;
	struct end hub, spoke;
	int sniffer[2]; /* at both ends of the cable: one end's own are not always seen there */
};

static struct fixture fx;
static unsigned n_workers = 2;

/* ---- the two ends ---- */

static void enter(const struct end *e)
{
	assert_int_equal(setns(e->netns, CLONE_NEWNET), 0);
}

static int open_link(const char *name)
{
	int fd = test_open_link(name), size = LINK_BUFFER;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size), 0);
	return fd;
}

static void make_cable(void)
{
	char words[96];

	fx.hub.netns = open("/proc/self/ns/net", O_RDONLY);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	fx.spoke.netns = open("/proc/self/ns/net", O_RDONLY);
	test_ip_command("link set lo up");
	snprintf(words, sizeof words, "link add es type veth peer name eh netns /proc/self/fd/%d",
	         fx.hub.netns);
	assert_int_equal(test_ip_command(words), 0);
	assert_int_equal(test_ip_command("addr add 192.0.2.2/24 dev es"), 0);
	assert_int_equal(test_ip_command("link set es up"), 0);
	fx.sniffer[1] = open_link("es");
	enter(&fx.hub);
	assert_int_equal(test_ip_command("addr add 192.0.2.1/24 dev eh"), 0);
	assert_int_equal(test_ip_command("link set eh up"), 0);
	fx.sniffer[0] = open_link("eh");
}

/* The kernel would send multicast of its own. Without the file it has no IPv6 to do so. */
static void disable_ipv6(void)
{
	int fd = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY);

	if (fd < 0)
		return;
	assert_int_equal(write(fd, "1", 1), 1);
	close(fd);
}

static void open_end(struct end *e, const char *ifname, uint8_t last_byte, enum dp_port port)
{
	const struct dataplane_options options = {
		.n_workers = n_workers,
		.port = port,
		.generation = last_byte,
		.crypto = fx.crypto,
	};
	const char *error;
	char words[64];

	enter(e);
	disable_ipv6();
	assert_int_equal(dataplane_new(&options, &e->dp, &error), 0);
	e->tunnel = (struct dp_tunnel){
		.number = TUNNEL,
		.source = addr_v4(192, 0, 2, last_byte),
		.up = true,
		.protected = true,
		.mtu_bytes = 1400,
		.icmp_source = addr_v4(10, 0, 0, last_byte),
	};
	snprintf(e->tunnel.ifname, sizeof e->tunnel.ifname, "%s", ifname);
	assert_int_equal(dataplane_tunnel_set(e->dp, &e->tunnel), 0);
	snprintf(words, sizeof words, "link set %s up", ifname);
	assert_int_equal(test_ip_command(words), 0);
	e->link = open_link(ifname);
}

static int setup(void **state)
{
	(void)state;
	fx.crypto = crypto_new();
	make_cable();
	open_end(&fx.hub, "ethub", 1, DP_PORT_AUTO);
	open_end(&fx.spoke, "etspoke", 2, DP_PORT_RAW);
	assert_int_equal(
		dataplane_adjacency_add(fx.hub.dp, TUNNEL, &fx.spoke.tunnel.source, fx.hub.mac), 0);
	assert_int_equal(
		dataplane_adjacency_add(fx.spoke.dp, TUNNEL, &fx.hub.tunnel.source, fx.spoke.mac),
		0);
	return 0;
}

static int setup_many_workers(void **state)
{
	n_workers = 4;
	return setup(state);
}

static void close_end(struct end *e)
{
	enter(e);
	dataplane_tunnel_del(e->dp, TUNNEL, true);
	dataplane_free(e->dp);
	close(e->link);
}

static int teardown(void **state)
{
	(void)state;
	close_end(&fx.spoke);
	close_end(&fx.hub);
	test_ip_command("link del eh");
	close(fx.sniffer[0]);
	close(fx.sniffer[1]);
	close(fx.spoke.netns);
	close(fx.hub.netns);
	crypto_free(fx.crypto);
	n_workers = 2;
	return 0;
}

/* ---- associations ---- */

struct suite {
	enum esp_cipher cipher;
	enum esp_auth auth;
	enum esp_mode mode;
	bool udp;
};

static const struct suite reference = { ESP_AES128, ESP_SHA1_96, ESP_TRANSPORT, false };

/* One end's half of the SA by which packets go from one to the other. */
static struct dp_sa half(const struct suite *s, struct end *local, struct end *peer, uint32_t spi)
{
	static const uint8_t key[KEY_LEN] = { 1, 2, 3, 4, 5 };

	return (struct dp_sa){
		.tunnel = TUNNEL,
		.local = local->tunnel.source,
		.nbma = peer->tunnel.source,
		.remote = peer->tunnel.source,
		.inner_local = local->tunnel.source,
		.inner_remote = peer->tunnel.source,
		.udp_port = s->udp ? DP_NAT_PORT : 0,
		.config = { .spi = spi,
		            .mode = s->mode,
		            .cipher = s->cipher,
		            .auth = s->auth,
		            .cipher_key = key,
		            .auth_key = key,
		            .iv_key = key,
		            .replay_packets = WINDOW },
	};
}

/* The n-th pair of one end: inbound id n * 2 + 1, outbound the next; both SPIs from n. */
static void add_pair(const struct suite *s, struct end *e, struct end *peer, uint32_t n)
{
	bool hub = e == &fx.hub;
	struct dp_sa in = half(s, e, peer, SPI + 2 * n + hub);
	struct dp_sa out = half(s, e, peer, SPI + 2 * n + !hub);

	in.id = n * ID_STEP + 1;
	out.id = n * ID_STEP + 2;
	out.config.outbound = true;
	assert_int_equal(dataplane_sa_add(e->dp, &in), 0);
	assert_int_equal(dataplane_sa_add(e->dp, &out), 0);
}

static void use_pair(struct end *e, struct end *peer, uint32_t n)
{
	assert_int_equal(dataplane_protect(e->dp, TUNNEL, &peer->tunnel.source, n * ID_STEP + 2),
	                 0);
}

static void del_pair(struct end *e, uint32_t n)
{
	dataplane_sa_del(e->dp, n * ID_STEP + 1);
	dataplane_sa_del(e->dp, n * ID_STEP + 2);
}

static void connect_ends(const struct suite *s, uint32_t n)
{
	add_pair(s, &fx.hub, &fx.spoke, n);
	add_pair(s, &fx.spoke, &fx.hub, n);
	use_pair(&fx.hub, &fx.spoke, n);
	use_pair(&fx.spoke, &fx.hub, n);
}

static struct esp_sa_state state_of(const struct end *e, uint32_t id)
{
	struct esp_sa_state s;

	assert_true(dataplane_sa_state(e->dp, id, &s));
	return s;
}

/* ---- packets ---- */

/* What the kernel would send on the TAP. */
static void send_frame(struct end *e, const uint8_t *packet, size_t len)
{
	uint8_t frame[2048];

	memcpy(frame, e->mac, DP_MAC_LEN);
	memset(frame + DP_MAC_LEN, 0, DP_MAC_LEN);
	bytes_set_u16(frame + 12, ETH_PROTO_IPV4);
	memcpy(frame + ETH_LEN, packet, len);
	assert_int_equal(send(e->link, frame, ETH_LEN + len, 0), ETH_LEN + len);
}

static void expect_packet(struct end *e, const uint8_t *packet, size_t len)
{
	uint8_t frame[2048];

	assert_int_equal(test_next_frame(e->link, ETH_P_IP, frame, sizeof frame), ETH_LEN + len);
	assert_memory_equal(frame + ETH_LEN, packet, len);
}

static void check_way(struct end *from, struct end *to, size_t payload_len)
{
	uint8_t packet[2048];
	size_t len = test_udp(packet, payload_len);

	send_frame(from, packet, len);
	expect_packet(to, packet, len);
}

static bool next_on_cable(int fd, uint8_t *frame, size_t size)
{
	struct sockaddr_ll from;
	socklen_t from_len = sizeof from;

	while (recvfrom(fd, frame, size, MSG_DONTWAIT, (struct sockaddr *)&from, &from_len) > 0)
		if (from.sll_pkttype != PACKET_OUTGOING && bytes_u16(frame + 12) == ETH_PROTO_IPV4)
			return true;
	return false;
}

/* Everything on the cable so far: how many IP packets, and that none of them was GRE. */
static unsigned sniff(uint8_t *ret_proto, uint8_t *ret_first, size_t size)
{
	uint8_t frame[2048];
	unsigned n = 0;

	for (unsigned i = 0; i < 2; i++) {
		while (next_on_cable(fx.sniffer[i], frame, sizeof frame)) {
			*ret_proto = frame[ETH_LEN + 9];
			assert_int_not_equal(*ret_proto, IP_PROTO_GRE);
			if (n++ == 0)
				memcpy(ret_first, frame + ETH_LEN, size);
		}
	}
	return n;
}

static unsigned sniffed(void)
{
	uint8_t proto, first[IPV4_LEN];

	return sniff(&proto, first, sizeof first);
}

static struct dp_punt last;
static uint8_t last_bytes[64];
static unsigned n_punts;

static void on_punt(void *ctx, const struct dp_punt *punt)
{
	(void)ctx;
	last = *punt;
	assert_true(punt->len <= sizeof last_bytes);
	memcpy(last_bytes, punt->bytes, punt->len);
	n_punts++;
}

static void drain(struct end *e, unsigned want)
{
	struct pollfd pfd = { .fd = dataplane_punt_fd(e->dp), .events = POLLIN };

	n_punts = 0;
	while (n_punts < want && poll(&pfd, 1, TEST_WAIT_MS) > 0)
		dataplane_punt_drain(e->dp, on_punt, NULL);
	assert_int_equal(n_punts, want);
}

static void expect_drops(struct end *e, uint32_t tunnel, enum dp_drop drop, uint64_t want)
{
	struct dp_counters c = { 0 };

	for (unsigned i = 0; i < TEST_WAIT_MS && c.drops[drop] < want; i++) {
		assert_true(dataplane_tunnel_counters(e->dp, tunnel, &c));
		usleep(1000);
	}
	assert_int_equal(c.drops[drop], want);
}

/* AHEAD: packets under way, fewer than any queue holds while workers wait for a processor. */
enum { STREAM = 4000, FLOWS = 16, REKEYS = 20, AHEAD = 200 };

/* The n-th packet of the stream, of one of many flows. */
static size_t stream_packet(uint8_t *packet, unsigned n)
{
	size_t len = test_udp(packet, 200), at = IPV4_LEN;

	bytes_set_u16(packet + at, (uint16_t)(2000 + n % FLOWS));
	bytes_set_u32(packet + at + UDP_LEN, n);
	bytes_set_u16(packet + at + 6, 0);
	bytes_set_u16(packet + at + 6, test_l4_checksum(packet, len));
	return len;
}

/* ---- tests ---- */

static void check_suite(const struct suite *s, uint32_t n)
{
	const uint8_t nhrp[] = { 9, 8, 7 };
	uint8_t proto, ip[IPV4_LEN];

	connect_ends(s, n);
	check_way(&fx.spoke, &fx.hub, 64);
	check_way(&fx.hub, &fx.spoke, 1300);
	assert_int_equal(sniff(&proto, ip, sizeof ip), 2);
	assert_int_equal(proto, s->udp ? IP_PROTO_UDP : IP_PROTO_ESP);
	assert_int_equal(dataplane_send(fx.spoke.dp, TUNNEL, &fx.spoke.tunnel.source,
	                                &fx.hub.tunnel.source, GRE_PROTO_NHRP, nhrp, sizeof nhrp),
	                 0);
	drain(&fx.hub, 1);
	assert_int_equal(last.type, DP_PUNT_PACKET);
	assert_true(addr_equal(&last.from, &fx.spoke.tunnel.source));
	assert_true(addr_equal(&last.to, &fx.hub.tunnel.source));
	assert_memory_equal(last_bytes, nhrp, sizeof nhrp);
	assert_int_equal(sniff(&proto, ip, sizeof ip), 1);
	assert_int_equal(ip[1], 0xc0); /* CS6, on the outside too */
	assert_int_equal(state_of(&fx.hub, n * ID_STEP + 1).packets, 2);
	assert_int_equal(state_of(&fx.spoke, n * ID_STEP + 2).sequence, 2);
	del_pair(&fx.hub, n);
	del_pair(&fx.spoke, n);
}

static void test_suites(void **state)
{
	static const struct suite suites[] = {
		{ ESP_AES128, ESP_SHA1_96, ESP_TRANSPORT, false },
		{ ESP_AES256, ESP_SHA256_128, ESP_TUNNEL, false },
		{ ESP_GCM128, ESP_AUTH_NONE, ESP_TRANSPORT, true },
		{ ESP_AES192, ESP_SHA384_192, ESP_TUNNEL, true },
		{ ESP_GCM256, ESP_AUTH_NONE, ESP_TUNNEL, false },
		{ ESP_3DES, ESP_MD5_96, ESP_TRANSPORT, true },
		{ ESP_NULL, ESP_SHA512_256, ESP_TUNNEL, true },
		{ ESP_NULL, ESP_SHA1_96, ESP_TRANSPORT, true },
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof suites / sizeof *suites; i++)
		check_suite(&suites[i], i);
}

/* Without an SA, before there was one and after it went, nothing leaves and nothing is let in. */
static void test_fails_closed(void **state)
{
	const uint8_t gre[] = { 0, 0, 0x20, 0x01, 0xaa };
	struct sockaddr_in to = { .sin_family = AF_INET };
	uint8_t packet[256];
	size_t len = test_udp(packet, 64);
	int raw;

	(void)state;
	send_frame(&fx.spoke, packet, len);
	expect_drops(&fx.spoke, TUNNEL, DP_DROP_UNPROTECTED, 1);
	assert_int_equal(dataplane_send(fx.spoke.dp, TUNNEL, &fx.spoke.tunnel.source,
	                                &fx.hub.tunnel.source, GRE_PROTO_NHRP, packet, 3),
	                 -ENOKEY);
	expect_drops(&fx.spoke, TUNNEL, DP_DROP_UNPROTECTED, 2);

	connect_ends(&reference, 0);
	check_way(&fx.spoke, &fx.hub, 64);
	del_pair(&fx.spoke, 0);
	send_frame(&fx.spoke, packet, len);
	expect_drops(&fx.spoke, TUNNEL, DP_DROP_UNPROTECTED, 3);
	send_frame(&fx.hub, packet, len);
	expect_drops(&fx.spoke, DP_NO_TUNNEL, DP_DROP_NO_SPI, 1);
	drain(&fx.spoke, 1);
	assert_int_equal(last.type, DP_PUNT_SPI);
	assert_int_equal(last.spi, SPI);
	assert_true(addr_equal(&last.from, &fx.hub.tunnel.source));
	assert_int_equal(sniffed(), 2);

	enter(&fx.spoke);
	raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_GRE);
	memcpy(&to.sin_addr, fx.hub.tunnel.source.bytes, ADDR_V4_LEN);
	assert_int_equal(sendto(raw, gre, sizeof gre, 0, (const struct sockaddr *)&to, sizeof to),
	                 sizeof gre);
	expect_drops(&fx.hub, TUNNEL, DP_DROP_CLEAR, 1);
	close(raw);
}

/* A copy leaves by the member's SA, whichever worker had the frame; without one it does not. */
static void test_multicast(void **state)
{
	static const uint8_t broadcast[] = { 255, 255, 255, 255, 255, 255 };
	uint8_t packet[512];

	(void)state;
	memcpy(fx.spoke.mac, broadcast, sizeof broadcast);
	assert_int_equal(dataplane_multicast_add(fx.spoke.dp, TUNNEL, &fx.hub.tunnel.source), 0);
	send_frame(&fx.spoke, packet, stream_packet(packet, 0));
	expect_drops(&fx.spoke, TUNNEL, DP_DROP_UNPROTECTED, 1);
	connect_ends(&reference, 0);
	for (unsigned i = 0; i < FLOWS; i++) {
		size_t len = stream_packet(packet, i);
		send_frame(&fx.spoke, packet, len);
		expect_packet(&fx.hub, packet, len);
	}
	assert_int_equal(sniffed(), FLOWS);
}

/* What was sent before the SA went still leaves. */
static void test_farewell(void **state)
{
	const uint8_t nhrp[] = { 9, 8, 7 };

	(void)state;
	for (uint32_t i = 0; i < 50; i++) {
		connect_ends(&reference, i);
		assert_int_equal(dataplane_send(fx.spoke.dp, TUNNEL, &fx.spoke.tunnel.source,
		                                &fx.hub.tunnel.source, GRE_PROTO_NHRP, nhrp,
		                                sizeof nhrp),
		                 0);
		del_pair(&fx.spoke, i);
		drain(&fx.hub, 1);
		del_pair(&fx.hub, i);
	}
}

/* An SA is for one tunnel. The same key on the other tunnel would be taken for it. */
static void test_selector(void **state)
{
	struct dp_tunnel other = fx.hub.tunnel;
	uint8_t packet[256];
	size_t len = test_udp(packet, 64);

	(void)state;
	connect_ends(&reference, 0);
	enter(&fx.hub);
	other.number = OTHER_TUNNEL;
	other.has_key = true;
	snprintf(other.ifname, sizeof other.ifname, "etother");
	assert_int_equal(dataplane_tunnel_set(fx.hub.dp, &other), 0);
	struct dp_tunnel keyed = fx.spoke.tunnel;
	keyed.has_key = true;
	enter(&fx.spoke);
	assert_int_equal(dataplane_tunnel_set(fx.spoke.dp, &keyed), 0);
	send_frame(&fx.spoke, packet, len);
	expect_drops(&fx.hub, OTHER_TUNNEL, DP_DROP_SELECTOR, 1);
	enter(&fx.hub);
	dataplane_tunnel_del(fx.hub.dp, OTHER_TUNNEL, true);
}

/* Takes so many packets that come to the hub, each seen once; how many it were in time. */
static unsigned collect(bool *seen, unsigned want)
{
	struct pollfd pfd = { .fd = fx.hub.link, .events = POLLIN };
	uint8_t frame[2048];
	unsigned n = 0;

	while (n < want && poll(&pfd, 1, TEST_WAIT_MS) > 0) {
		if (recv(fx.hub.link, frame, sizeof frame, 0) < ETH_LEN + IPV4_LEN + UDP_LEN + 4 ||
		    bytes_u16(frame + 12) != ETH_PROTO_IPV4)
			continue;
		uint32_t i = bytes_u32(frame + ETH_LEN + IPV4_LEN + UDP_LEN);
		assert_true(i < STREAM);
		assert_false(seen[i]);
		seen[i] = true;
		n++;
	}
	return n;
}

static void check_no_replays(uint32_t pairs)
{
	for (uint32_t i = 0; i < pairs; i++) {
		struct esp_sa_state s;
		if (!dataplane_sa_state(fx.hub.dp, i * ID_STEP + 1, &s))
			continue;
		assert_int_equal(s.drops[ESP_DROP_REPLAYED], 0);
		assert_int_equal(s.drops[ESP_DROP_OLD], 0);
	}
}

/* An old pair goes when what left by it has arrived, as it does with its time. */
static void retire_pair(uint32_t n)
{
	for (unsigned i = 0; i < TEST_WAIT_MS; i++) {
		if (state_of(&fx.hub, n * ID_STEP + 1).packets ==
		    state_of(&fx.spoke, n * ID_STEP + 2).packets)
			break;
		usleep(1000);
	}
	del_pair(&fx.hub, n);
	del_pair(&fx.spoke, n);
}

/* Sends the stream; between its parts the pairs are replaced. */
static void run_stream(const struct suite *s, unsigned rekeys)
{
	static bool seen[STREAM];
	uint8_t packet[512];
	unsigned got = 0, pair = 0;

	memset(seen, 0, sizeof seen);
	connect_ends(s, pair);
	for (unsigned i = 0; i < STREAM; i++) {
		send_frame(&fx.spoke, packet, stream_packet(packet, i));
		if (i - got >= AHEAD)
			got += collect(seen, i - got - AHEAD + 1);
		if (rekeys == 0 || i % (STREAM / rekeys) != STREAM / rekeys / 2)
			continue;
		/* The new pair stands at both ends before it is used; the one before the last goes.
		 */
		pair++;
		connect_ends(s, pair);
		if (pair >= 2)
			retire_pair(pair - 2);
	}
	got += collect(seen, STREAM - got);
	assert_int_equal(got, STREAM);
	check_no_replays(pair + 1);
	sniffed();
}

static void test_rekey_under_load(void **state)
{
	const struct suite udp = { ESP_GCM128, ESP_AUTH_NONE, ESP_TUNNEL, true };

	(void)state;
	run_stream(&reference, REKEYS);
	retire_pair(REKEYS - 1);
	retire_pair(REKEYS);
	run_stream(&udp, REKEYS);
}

/* Flows spread over all queues of the TAP, yet one peer's packets have one sequence. */
static void test_many_workers(void **state)
{
	const struct suite udp = { ESP_AES128, ESP_SHA1_96, ESP_TRANSPORT, true };

	(void)state;
	run_stream(&reference, 0);
	assert_int_equal(state_of(&fx.hub, 1).packets, STREAM);
	del_pair(&fx.hub, 0);
	del_pair(&fx.spoke, 0);
	run_stream(&udp, 0);
	assert_int_equal(state_of(&fx.hub, 1).packets, STREAM);
}

static void test_ike(void **state)
{
	const uint8_t message[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	const uint8_t keepalive = 0xff;
	struct dp_ike ike = {
		.from = fx.spoke.tunnel.source,
		.to = fx.hub.tunnel.source,
		.to_port = DP_NAT_PORT,
		.bytes = message,
		.len = sizeof message,
	};

	(void)state;
	assert_int_equal(dataplane_send_ike(fx.spoke.dp, &ike), 0);
	drain(&fx.hub, 1);
	assert_int_equal(last.type, DP_PUNT_IKE);
	assert_int_equal(last.from_port, DP_NAT_PORT);
	assert_true(addr_equal(&last.from, &fx.spoke.tunnel.source));
	assert_true(addr_equal(&last.to, &fx.hub.tunnel.source));
	assert_int_equal(last.len, sizeof message);
	assert_memory_equal(last_bytes, message, sizeof message);
	ike.bytes = &keepalive;
	ike.len = 1;
	assert_int_equal(dataplane_send_ike(fx.spoke.dp, &ike), 0);
	ike.bytes = message;
	ike.len = sizeof message;
	assert_int_equal(dataplane_send_ike(fx.spoke.dp, &ike), 0);
	drain(&fx.hub, 1);
	struct dp_counters c;
	assert_true(dataplane_tunnel_counters(fx.hub.dp, DP_NO_TUNNEL, &c));
	assert_int_equal(c.drops[DP_DROP_ENCAPSULATION], 0);
}

/* Takes UDP port 4500 as another program would; -1 when it is taken. */
static int bind_nat_port(void)
{
	int fd;

	return port_udp_open(&fd, 1) ? -1 : fd;
}

/* UDP port 4500 is taken as long as a tunnel is protected. */
static void test_port_is_lazy(void **state)
{
	struct dp_tunnel clear = fx.hub.tunnel;

	(void)state;
	enter(&fx.hub);
	assert_int_equal(bind_nat_port(), -1);
	clear.protected = false;
	assert_int_equal(dataplane_tunnel_set(fx.hub.dp, &clear), 0);
	int fd = bind_nat_port();
	assert_true(fd >= 0);
	assert_int_equal(dataplane_tunnel_set(fx.hub.dp, &fx.hub.tunnel), -EADDRINUSE);
	close(fd);
	assert_int_equal(dataplane_tunnel_set(fx.hub.dp, &fx.hub.tunnel), 0);
	connect_ends(&reference, 0);
	check_way(&fx.spoke, &fx.hub, 64);
}

/* A peer that comes from another port after its NAT forgot it is told of, and sent to there. */
static void test_move(void **state)
{
	const struct suite udp = { ESP_AES128, ESP_SHA1_96, ESP_TRANSPORT, true };
	const struct addr elsewhere = addr_v4(192, 0, 2, 77);
	uint8_t packet[256], proto, bytes[IPV4_LEN + UDP_LEN];
	size_t len = test_udp(packet, 64);
	unsigned n = 0;

	(void)state;
	connect_ends(&udp, 0);
	enter(&fx.hub);
	assert_int_equal(test_ip_command("neigh add 192.0.2.77 lladdr 02:00:00:00:00:77 dev eh"),
	                 0);
	assert_int_equal(dataplane_sa_move(fx.hub.dp, 2, &elsewhere, 40000), 0);
	assert_int_equal(dataplane_sa_move(fx.hub.dp, 1, &elsewhere, 40000), 0);
	assert_int_equal(dataplane_sa_move(fx.hub.dp, 3, &elsewhere, 40000), -ENOENT);
	send_frame(&fx.hub, packet, len);
	for (unsigned i = 0; i < TEST_WAIT_MS && n == 0; i++) {
		n = sniff(&proto, bytes, sizeof bytes);
		usleep(1000);
	}
	assert_int_equal(n, 1);
	assert_int_equal(bytes[19], 77);
	assert_int_equal(bytes_u16(bytes + IPV4_LEN + 2), 40000);
	check_way(&fx.spoke, &fx.hub, 64);
	drain(&fx.hub, 1);
	assert_int_equal(last.type, DP_PUNT_MOVED);
	assert_int_equal(last.sa, 1);
	assert_int_equal(last.from_port, DP_NAT_PORT);
	assert_true(addr_equal(&last.from, &fx.spoke.tunnel.source));
}

static void test_refusals(void **state)
{
	struct dp_sa sa = half(&reference, &fx.hub, &fx.spoke, SPI);

	(void)state;
	sa.id = 1;
	assert_int_equal(dataplane_sa_add(fx.hub.dp, &sa), 0);
	assert_int_equal(dataplane_sa_add(fx.hub.dp, &sa), -EEXIST);
	sa.id = 2;
	assert_int_equal(dataplane_sa_add(fx.hub.dp, &sa), -EEXIST);
	sa.config.spi = 1;
	assert_int_equal(dataplane_sa_add(fx.hub.dp, &sa), -EINVAL);
	sa.config.spi = SPI + 1;
	sa.tunnel = 99;
	assert_int_equal(dataplane_sa_add(fx.hub.dp, &sa), -ENOENT);
	assert_int_equal(dataplane_protect(fx.hub.dp, TUNNEL, &sa.nbma, 1), -ENOENT);
	assert_int_equal(dataplane_protect(fx.hub.dp, TUNNEL, &sa.nbma, 77), -ENOENT);
	dataplane_sa_del(fx.hub.dp, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_suites, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fails_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_farewell, setup, teardown),
		cmocka_unit_test_setup_teardown(test_selector, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rekey_under_load, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_workers, setup_many_workers, teardown),
		cmocka_unit_test_setup_teardown(test_multicast, setup_many_workers, teardown),
		cmocka_unit_test_setup_teardown(test_ike, setup, teardown),
		cmocka_unit_test_setup_teardown(test_port_is_lazy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_move, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
	};

	if (!test_netns_enter())
		return TEST_SKIP;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
