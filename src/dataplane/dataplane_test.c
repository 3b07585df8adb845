/* SPDX-License-Identifier: Apache-2.0 */
/* Two data planes in one namespace, hub 127.0.0.1 and spoke 127.0.0.2, GRE between them over lo. */
#include "dataplane/port_test_netns.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "dataplane/dataplane.h"
#include "dataplane/test_packets.h"
#include "gre/gre.h"

enum { TUNNEL = 4, WORKERS = 2 };

struct end {
	struct dataplane *dp;
	struct dp_tunnel tunnel;
	int link; /* packet socket on its TAP */
};

struct fixture {
	struct end hub, spoke;
};

static struct dp_punt last;
static unsigned n_punts;

static void on_punt(void *ctx, const struct dp_punt *punt)
{
	(void)ctx;
	last = *punt;
	last.bytes = NULL;
	n_punts++;
}

/* Waits until `want` punts came in all, or the time is over. */
static void drain(struct end *e, unsigned want)
{
	struct pollfd pfd = { .fd = dataplane_punt_fd(e->dp), .events = POLLIN };

	n_punts = 0;
	while (n_punts < want && poll(&pfd, 1, TEST_WAIT_MS) > 0)
		dataplane_punt_drain(e->dp, on_punt, NULL);
	assert_int_equal(n_punts, want);
}

static struct dataplane *start(uint32_t generation, enum dp_port port)
{
	const struct dataplane_options options = { .n_workers = WORKERS,
		                                   .port = port,
		                                   .generation = generation };
	struct dataplane *dp;
	const char *error;

	assert_int_equal(dataplane_new(&options, &dp, &error), 0);
	assert_int_equal(dataplane_workers(dp), WORKERS);
	return dp;
}

static void open_end(struct end *e, const char *ifname, uint8_t last_byte, enum dp_port port)
{
	char words[64];

	e->dp = start(last_byte, port);
	e->tunnel = (struct dp_tunnel){
		.number = TUNNEL,
		.source = addr_v4(127, 0, 0, last_byte),
		.up = true,
		.mtu_bytes = 1400,
		.icmp_source = addr_v4(10, 0, 0, last_byte),
	};
	snprintf(e->tunnel.ifname, sizeof e->tunnel.ifname, "%s", ifname);
	assert_int_equal(dataplane_tunnel_set(e->dp, &e->tunnel), 0);
	snprintf(words, sizeof words, "link set %s up", ifname);
	assert_int_equal(test_ip_command(words), 0);
	e->link = test_open_link(ifname);
}

static int setup(void **state)
{
	static struct fixture f;

	open_end(&f.hub, "dthub", 1, DP_PORT_AUTO);
	open_end(&f.spoke, "dtspoke", 2, DP_PORT_RAW);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	dataplane_tunnel_del(f->hub.dp, TUNNEL, true);
	dataplane_tunnel_del(f->spoke.dp, TUNNEL, true);
	dataplane_free(f->hub.dp);
	dataplane_free(f->spoke.dp);
	close(f->hub.link);
	close(f->spoke.link);
	assert_int_equal(if_nametoindex("dthub"), 0);
	return 0;
}

struct bytes {
	const uint8_t *at;
	size_t len;
};

/* What the kernel would send on the TAP: a frame to a MAC. */
static void send_frame(struct end *e, const uint8_t *mac, uint16_t type, struct bytes packet)
{
	uint8_t frame[2048] = { 0 };

	memcpy(frame, mac, DP_MAC_LEN);
	bytes_set_u16(frame + 12, type);
	memcpy(frame + ETH_LEN, packet.at, packet.len);
	assert_int_equal(send(e->link, frame, ETH_LEN + packet.len, 0), ETH_LEN + packet.len);
}

static size_t ping(uint8_t *packet)
{
	return test_udp(packet, 64);
}

static void expect_packet(struct end *e, const uint8_t *packet, size_t len)
{
	uint8_t frame[2048];

	assert_int_equal(test_next_frame(e->link, ETH_P_IP, frame, sizeof frame), ETH_LEN + len);
	assert_memory_equal(frame + ETH_LEN, packet, len);
}

/* Counters come a moment after the frame. */
static struct dp_counters wait_for_drop(struct end *e, uint32_t tunnel, enum dp_drop drop)
{
	struct dp_counters c = { 0 };

	for (unsigned i = 0; i < TEST_WAIT_MS && c.drops[drop] == 0; i++) {
		usleep(1000);
		assert_true(dataplane_tunnel_counters(e->dp, tunnel, &c));
	}
	return c;
}

static struct dp_counters wait_for_sent(struct end *e, const uint8_t *mac)
{
	struct dp_counters c = { 0 };

	for (unsigned i = 0; i < TEST_WAIT_MS && c.tx_packets == 0; i++) {
		usleep(1000);
		assert_true(dataplane_adjacency_counters(e->dp, mac, &c));
	}
	return c;
}

static void expect_drop(struct end *e, enum dp_drop drop)
{
	assert_int_equal(wait_for_drop(e, TUNNEL, drop).drops[drop], 1);
}

static void test_there_and_back(void **state)
{
	struct fixture *f = *state;
	uint8_t to_hub[DP_MAC_LEN], to_spoke[DP_MAC_LEN], packet[256];
	size_t len = ping(packet);
	struct dp_counters c;

	assert_int_equal(
		dataplane_adjacency_add(f->hub.dp, TUNNEL, &f->spoke.tunnel.source, to_spoke), 0);
	assert_int_equal(
		dataplane_adjacency_add(f->spoke.dp, TUNNEL, &f->hub.tunnel.source, to_hub), 0);
	send_frame(&f->spoke, to_hub, ETH_PROTO_IPV4, (struct bytes){ packet, len });
	expect_packet(&f->hub, packet, len);
	send_frame(&f->hub, to_spoke, ETH_PROTO_IPV4, (struct bytes){ packet, len });
	expect_packet(&f->spoke, packet, len);
	c = wait_for_sent(&f->spoke, to_hub);
	assert_int_equal(c.tx_packets, 1);
	assert_int_equal(c.tx_bytes, len);
	assert_int_equal(c.rx_packets, 1);
	assert_true(c.last_rx_ns > 0);
	/* Each sees its own packets on lo, too, and has no tunnel for them. */
	c = wait_for_drop(&f->hub, DP_NO_TUNNEL, DP_DROP_NO_TUNNEL);
	assert_int_equal(c.drops[DP_DROP_NO_TUNNEL], 1);
	assert_true(dataplane_tunnel_counters(f->hub.dp, TUNNEL, &c));
	assert_int_equal(c.rx_packets, 1);
}

static void test_control_packets(void **state)
{
	struct fixture *f = *state;
	const uint8_t bytes[] = { 1, 2, 3 };

	assert_int_equal(dataplane_send(f->spoke.dp, TUNNEL, &f->spoke.tunnel.source,
	                                &f->hub.tunnel.source, GRE_PROTO_NHRP, bytes, 3),
	                 0);
	drain(&f->hub, 1);
	assert_int_equal(last.type, DP_PUNT_PACKET);
	assert_int_equal(last.tunnel, TUNNEL);
	assert_int_equal(last.len, 3);
	assert_true(addr_equal(&last.from, &f->spoke.tunnel.source));
	assert_int_equal(dataplane_send(f->spoke.dp, 99, &f->spoke.tunnel.source,
	                                &f->hub.tunnel.source, GRE_PROTO_NHRP, bytes, 3),
	                 -ENOENT);
}

static void test_want(void **state)
{
	static const uint8_t broadcast[] = { 255, 255, 255, 255, 255, 255 };
	const uint8_t arp[28] = { 0,  1, 8, 0, 6, 4, 0, 1, 2, 0, 0,  0, 0, 1,
		                  10, 0, 0, 2, 0, 0, 0, 0, 0, 0, 10, 0, 0, 7 };
	struct fixture *f = *state;

	send_frame(&f->spoke, broadcast, ETH_PROTO_ARP, (struct bytes){ arp, sizeof arp });
	drain(&f->spoke, 1);
	assert_int_equal(last.type, DP_PUNT_WANT);
	assert_int_equal(addr_to_u32(&last.target), 0x0a000007);
}

/* An adjacency that is gone, and a neighbour that an earlier start left behind. */
static void test_stale(void **state)
{
	struct fixture *f = *state;
	uint8_t mac[DP_MAC_LEN], packet[256];
	size_t len = ping(packet);

	assert_int_equal(dataplane_adjacency_add(f->spoke.dp, TUNNEL, &f->hub.tunnel.source, mac),
	                 0);
	assert_true(dataplane_adjacency_del(f->spoke.dp, mac));
	assert_false(dataplane_adjacency_del(f->spoke.dp, mac));
	send_frame(&f->spoke, mac, ETH_PROTO_IPV4, (struct bytes){ packet, len });
	drain(&f->spoke, 1);
	assert_int_equal(last.type, DP_PUNT_STALE);
	assert_memory_equal(last.mac, mac, DP_MAC_LEN);
	expect_drop(&f->spoke, DP_DROP_NO_ADJACENCY);

	assert_int_equal(dataplane_adjacency_add(f->spoke.dp, TUNNEL, &f->hub.tunnel.source, mac),
	                 0);
	dataplane_free(f->spoke.dp);
	f->spoke.dp = start(77, DP_PORT_RAW);
	assert_int_equal(dataplane_tunnel_set(f->spoke.dp, &f->spoke.tunnel), 0);
	uint8_t new[DP_MAC_LEN];
	assert_int_equal(dataplane_adjacency_add(f->spoke.dp, TUNNEL, &f->hub.tunnel.source, new),
	                 0);
	send_frame(&f->spoke, mac, ETH_PROTO_IPV4, (struct bytes){ packet, len });
	drain(&f->spoke, 1);
	assert_int_equal(last.type, DP_PUNT_STALE);
	send_frame(&f->spoke, new, ETH_PROTO_IPV4, (struct bytes){ packet, len });
	expect_packet(&f->hub, packet, len);
}

static void test_p2p_to_multipoint(void **state)
{
	static const uint8_t own[] = { 2, 0, 0, 0, 0, 1 };
	struct fixture *f = *state;
	struct dp_tunnel p2p = f->spoke.tunnel;
	uint8_t mac[DP_MAC_LEN], packet[256];
	size_t len = ping(packet);
	struct dp_counters c;
	const struct addr elsewhere = addr_v4(127, 0, 0, 99);

	assert_int_equal(dataplane_adjacency_add(f->spoke.dp, TUNNEL, &elsewhere, mac), 0);
	p2p.destination = f->hub.tunnel.source;
	assert_int_equal(dataplane_tunnel_set(f->spoke.dp, &p2p), 0);
	send_frame(&f->spoke, own, ETH_PROTO_IPV4, (struct bytes){ packet, len });
	expect_packet(&f->hub, packet, len);
	send_frame(&f->spoke, mac, ETH_PROTO_IPV4,
	           (struct bytes){ packet, len }); /* of its earlier life */
	expect_packet(&f->hub, packet, len);
	assert_true(dataplane_adjacency_counters(f->spoke.dp, mac, &c));
	assert_int_equal(c.tx_packets, 0);
	assert_int_equal(dataplane_tunnel_set(f->spoke.dp, &f->spoke.tunnel), 0);
	send_frame(&f->spoke, own, ETH_PROTO_IPV4, (struct bytes){ packet, len });
	drain(&f->spoke, 1);
	assert_int_equal(last.type, DP_PUNT_STALE);
	expect_drop(&f->spoke, DP_DROP_NO_ADJACENCY);
}

static void expect_mac(const char *ifname, const uint8_t *mac, bool same)
{
	struct ifreq ifr = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(ifr.ifr_name, sizeof ifr.ifr_name, "%s", ifname);
	assert_int_equal(ioctl(fd, SIOCGIFHWADDR, &ifr), 0);
	close(fd);
	assert_int_equal(memcmp(ifr.ifr_hwaddr.sa_data, mac, DP_MAC_LEN) == 0, same);
}

/* Whatever the interface's MAC is: the frames that we write into it go to the one that it had. */
static void test_mac_is_kept(void **state)
{
	struct fixture *f = *state;
	uint8_t to_hub[DP_MAC_LEN], packet[256], frame[2048];
	size_t len = ping(packet);

	assert_int_equal(
		dataplane_adjacency_add(f->spoke.dp, TUNNEL, &f->hub.tunnel.source, to_hub), 0);
	assert_int_equal(test_ip_command("link set dthub address 02:00:00:00:00:09"), 0);
	send_frame(&f->spoke, to_hub, ETH_PROTO_IPV4, (struct bytes){ packet, len });
	assert_int_equal(test_next_frame(f->hub.link, ETH_P_IP, frame, sizeof frame),
	                 ETH_LEN + len);
	expect_mac("dthub", frame, false);
	assert_int_equal(dataplane_tunnel_keep_mac(f->hub.dp, TUNNEL), 0);
	expect_mac("dthub", frame, true);
	assert_int_equal(dataplane_tunnel_keep_mac(f->hub.dp, TUNNEL), 0);
	assert_int_equal(dataplane_tunnel_keep_mac(f->hub.dp, 99), -ENOENT);
}

/* The sender of a packet that does not fit hears of it, from the tunnel's own address. */
static void test_too_big(void **state)
{
	struct fixture *f = *state;
	uint8_t mac[DP_MAC_LEN], packet[2048], answer[2048] = { 0 };
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	size_t len = test_udp(packet, 1400); /* from 10.0.0.1 */
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	assert_int_equal(test_ip_command("addr replace 10.0.0.1/32 dev lo"), 0);
	assert_int_equal(dataplane_adjacency_add(f->spoke.dp, TUNNEL, &f->hub.tunnel.source, mac),
	                 0);
	send_frame(&f->spoke, mac, ETH_PROTO_IPV4, (struct bytes){ packet, len });
	assert_int_equal(poll(&pfd, 1, TEST_WAIT_MS), 1);
	assert_true(recv(fd, answer, sizeof answer, 0) > 28);
	assert_int_equal(bytes_u32(answer + 12), 0x0a000002);
	assert_int_equal(answer[20], 3);
	assert_int_equal(answer[21], 4);
	assert_int_equal(bytes_u16(answer + 26), 1400);
	expect_drop(&f->spoke, DP_DROP_TOO_BIG);
	close(fd);
}

static void test_refusals(void **state)
{
	struct fixture *f = *state;
	struct dp_tunnel v6 = f->hub.tunnel;
	struct addr nbma;
	uint8_t mac[DP_MAC_LEN];
	struct dp_counters c;

	assert_true(addr_parse("2001:db8::1", &nbma));
	assert_int_equal(dataplane_adjacency_add(f->hub.dp, TUNNEL, &nbma, mac), -EAFNOSUPPORT);
	assert_int_equal(dataplane_adjacency_add(f->hub.dp, 99, &nbma, mac), -ENOENT);
	v6.source = nbma;
	assert_int_equal(dataplane_tunnel_set(f->hub.dp, &v6), -EAFNOSUPPORT);
	assert_false(dataplane_tunnel_counters(f->hub.dp, 99, &c));
	assert_int_equal(dataplane_tunnel_carrier(f->hub.dp, 99, true), -ENOENT);
	assert_int_equal(dataplane_tunnel_carrier(f->hub.dp, TUNNEL, false), 0);
	dataplane_tunnel_del(f->hub.dp, 99, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_there_and_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_control_packets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_want, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stale, setup, teardown),
		cmocka_unit_test_setup_teardown(test_p2p_to_multipoint, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mac_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_big, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
	};

	if (!test_netns_enter())
		return TEST_SKIP;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
