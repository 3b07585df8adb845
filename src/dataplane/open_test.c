/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/test_sas.h"

#include <stdlib.h>

#include "dataplane/open.h"
#include "esp/outer.h"
#include "util/clock.h"
#include "util/memory.h"
#include "util/strbuf.h"

enum { IN = 1, OUT = 2, ROOM = 1 << 16 };

struct fixture {
	struct test_crypto crypto;
	struct receive r;
	struct open open;
	struct punt_ring punts;
	struct slot *slot;
	struct strbuf trace;
	struct sa_table peer; /* the other end's */
	struct sa *out;
	uint8_t room[ROOM];
	size_t len;
};

static struct fixture *fx;

static void on_write(void *ctx, struct slot *slot, const struct iovec *iov, int n_iov)
{
	size_t len = 0;

	(void)ctx;
	for (int i = 0; i < n_iov; i++)
		len += iov[i].iov_len;
	strbuf_printf(&fx->trace, "tunnel %u len %zu\n", slot->number, len - VNET_LEN - ETH_LEN);
}

static bool on_hand_over(void *ctx, unsigned worker, const struct mail *mail)
{
	(void)ctx;
	strbuf_printf(&fx->trace, "worker %u spi +%u port %u\n", worker,
	              bytes_u32(mail->bytes) - TEST_SPI, mail->udp_port);
	return true;
}

static struct dp_tunnel config(void)
{
	return (struct dp_tunnel){
		.number = 3,
		.source = addr_v4(192, 0, 2, 1),
		.up = true,
		.protected = true,
		.mtu_bytes = 1400,
	};
}

/* The outbound SA of the peer, and ours, which has its SPI. */
static void add_pair(enum esp_mode mode)
{
	struct dp_sa out = test_sa(OUT, true), in = test_sa(IN, false);

	out.config.mode = in.config.mode = mode;
	out.config.spi = in.config.spi;
	in.inner_remote = addr_v4(10, 0, 0, 1);
	in.inner_local = addr_v4(10, 0, 0, 2);
	fx->out = test_sa_add(&fx->peer, &fx->crypto, &out);
	test_sa_add(&fx->r.tables->sas, &fx->crypto, &in);
}

static int setup(void **state)
{
	const struct dp_tunnel c = config();

	(void)state;
	fx = memory_new(1, sizeof *fx);
	test_crypto_init(&fx->crypto);
	sa_table_init(&fx->peer, 1);
	open_init(&fx->open, fx->crypto.engine);
	punt_ring_init(&fx->punts);
	strbuf_init(&fx->trace);
	fx->r.tables = tables_new(5);
	fx->r.punts = &fx->punts;
	fx->r.open = &fx->open;
	fx->r.now_ns = NS_PER_S;
	fx->r.coalesce.write = on_write;
	fx->r.hand_over = on_hand_over;
	fx->slot = tables_slot_new(fx->r.tables, c.number);
	tables_set(fx->r.tables, fx->slot, &c);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sa_table_fini(&fx->peer);
	tables_free(fx->r.tables);
	strbuf_fini(&fx->trace);
	punt_ring_fini(&fx->punts);
	test_crypto_fini(&fx->crypto);
	free(fx);
	return 0;
}

/* Seals what lies behind the end of the room, and makes it part of the datagrams there. */
static void seal_next(size_t len, uint8_t next_header)
{
	uint8_t *start = fx->room + OPEN_HEADROOM + fx->len;
	struct esp_packet e = {
		.sa = fx->out->esp,
		.bytes = start + ESP_HEADROOM,
		.len = len,
		.headroom = ESP_HEADROOM,
		.tailroom = ESP_TAILROOM,
		.next_header = next_header,
	};

	esp_seal(fx->crypto.engine, &e, 1);
	assert_int_equal(e.drop, ESP_DROP_NONE);
	fx->len += e.len;
}

/* The next sealed packet in the room: GRE with UDP inside. */
static size_t put_gre(void)
{
	uint8_t *gre = fx->room + OPEN_HEADROOM + fx->len + ESP_HEADROOM;
	const struct gre_header header = { .proto = GRE_PROTO_IPV4 };
	size_t gre_len = gre_build(&header, gre);
	size_t len = gre_len + test_udp(gre + gre_len, 100), before = fx->len;

	seal_next(len, IP_PROTO_GRE);
	return fx->len - before;
}

static struct arrival arrival(void)
{
	return (struct arrival){
		.bytes = fx->room + OPEN_HEADROOM,
		.len = fx->len,
		.from = addr_v4(198, 51, 100, 7),
		.to = addr_v4(192, 0, 2, 1),
		.udp_port = 4444,
	};
}

static void take(size_t segment)
{
	const struct arrival a = arrival();

	open_datagrams(&fx->r, &a, segment);
	open_flush(&fx->r);
	receive_flush(&fx->r);
	fx->len = 0;
}

static void expect(const char *want)
{
	assert_string_equal(fx->trace.text, want);
	strbuf_truncate(&fx->trace, 0);
}

static uint64_t drops(enum dp_drop drop)
{
	return fx->slot->counters[0].drops[drop];
}

static uint64_t nowhere(enum dp_drop drop)
{
	return fx->r.tables->nowhere[0].drops[drop];
}

/* What came in a row is ESP of two SAs, one of them unknown, IKE and a keepalive. */
static void test_mixed_row(void **state)
{
	const uint8_t ike[] = { 0, 0, 0, 0, 'I', 'K', 'E' };
	struct dp_sa unknown = test_sa(OUT + 1, true);
	const struct dp_punt *punt;

	(void)state;
	add_pair(ESP_TRANSPORT);
	struct sa *known = fx->out;
	size_t segment = put_gre();
	fx->out = test_sa_add(&fx->peer, &fx->crypto, &unknown);
	assert_int_equal(put_gre(), segment);
	fx->out = known;
	assert_int_equal(put_gre(), segment);
	memcpy(fx->room + OPEN_HEADROOM + fx->len, ike, sizeof ike);
	fx->len += sizeof ike;
	take(segment);
	expect("tunnel 3 len 128\ntunnel 3 len 128\n");
	punt = punt_ring_peek(&fx->punts);
	assert_int_equal(punt->type, DP_PUNT_SPI);
	assert_int_equal(punt->spi, unknown.config.spi);
	assert_int_equal(punt->from_port, 4444);
	punt_ring_pop(&fx->punts);
	punt = punt_ring_peek(&fx->punts);
	assert_int_equal(punt->type, DP_PUNT_IKE);
	assert_int_equal(punt->from_port, 4444);
	assert_int_equal(punt->len, 3);
	assert_memory_equal(punt->bytes, "IKE", 3);
	assert_int_equal(nowhere(DP_DROP_NO_SPI), 1);

	put_gre();
	fx->room[OPEN_HEADROOM + fx->len++] = 0xff;
	take(segment);
	expect("tunnel 3 len 128\n");
	assert_int_equal(nowhere(DP_DROP_ENCAPSULATION), 0);
	memset(fx->room, 1, OPEN_HEADROOM + 3);
	fx->len = 3;
	take(3);
	assert_int_equal(nowhere(DP_DROP_ENCAPSULATION), 1);
}

/* A NAT may move the peer: it is known by its SPI, and counts as the NBMA address of its SA. */
static void test_belongs_to_its_peer(void **state)
{
	const struct addr nbma = addr_v4(192, 0, 2, 9);
	uint8_t mac[DP_MAC_LEN];

	(void)state;
	tables_adjacency_add(fx->r.tables, fx->slot, &nbma, mac);
	add_pair(ESP_TRANSPORT);
	take(put_gre());
	expect("tunnel 3 len 128\n");
	assert_int_equal(tables_adjacency(fx->r.tables, mac)->share[0].rx.packets, 1);
}

static void test_replay_and_forgery(void **state)
{
	uint8_t copy[1024];

	(void)state;
	add_pair(ESP_TRANSPORT);
	size_t len = put_gre();
	memcpy(copy, fx->room + OPEN_HEADROOM, len);
	take(len);
	memcpy(fx->room + OPEN_HEADROOM, copy, len);
	fx->len = len;
	take(len);
	assert_int_equal(drops(DP_DROP_OPEN), 1);
	put_gre();
	fx->room[OPEN_HEADROOM + 40] ^= 1;
	take(len);
	assert_int_equal(drops(DP_DROP_OPEN), 2);
	expect("tunnel 3 len 128\n");
}

/* Nothing but GRE, and in tunnel mode nothing but GRE in IP. */
static void test_selectors(void **state)
{
	uint8_t *packet = fx->room + OPEN_HEADROOM + ESP_HEADROOM;

	(void)state;
	add_pair(ESP_TRANSPORT);
	test_udp(packet, 10);
	seal_next(38, IP_PROTO_UDP);
	take(fx->len);
	assert_int_equal(drops(DP_DROP_SELECTOR), 1);
	packet[0] = 0xff; /* no GRE header */
	seal_next(8, IP_PROTO_GRE);
	take(fx->len);
	assert_int_equal(drops(DP_DROP_GRE), 1);
	expect("");
}

static void test_tunnel_mode(void **state)
{
	uint8_t *packet = fx->room + OPEN_HEADROOM + ESP_HEADROOM;
	const struct gre_header header = { .proto = GRE_PROTO_IPV4 };

	(void)state;
	add_pair(ESP_TUNNEL);
	uint8_t *gre = packet + test_ip(packet, ADDR_V4, IP_PROTO_GRE, 4 + 128);
	gre_build(&header, gre);
	test_udp(gre + 4, 100);
	seal_next(IPV4_LEN + 4 + 128, IP_PROTO_IPIP);
	take(fx->len);
	expect("tunnel 3 len 128\n");
	packet = fx->room + OPEN_HEADROOM + ESP_HEADROOM;
	seal_next(test_udp(packet, 100), IP_PROTO_IPIP);
	take(fx->len);
	assert_int_equal(drops(DP_DROP_SELECTOR), 1);
	expect("");
}

/* Inside are the addresses that were negotiated, or it is not taken. */
static void test_other_selectors(void **state)
{
	uint8_t *packet = fx->room + OPEN_HEADROOM + ESP_HEADROOM;
	const struct gre_header header = { .proto = GRE_PROTO_IPV4 };
	static const size_t source = 12, destination = 16;

	(void)state;
	add_pair(ESP_TUNNEL);
	for (unsigned i = 0; i < 2; i++) {
		uint8_t *gre = packet + test_ip(packet, ADDR_V4, IP_PROTO_GRE, 4 + 128);
		gre_build(&header, gre);
		test_udp(gre + 4, 100);
		bytes_set_u32(packet + (i ? source : destination), 0x0a000009);
		bytes_set_u16(packet + 10, 0);
		bytes_set_u16(packet + 10, checksum(packet, IPV4_LEN));
		seal_next(IPV4_LEN + 4 + 128, IP_PROTO_IPIP);
		take(fx->len);
		assert_int_equal(drops(DP_DROP_SELECTOR), i + 1);
	}
	expect("");
}

static void test_unprotected_tunnel_refuses(void **state)
{
	struct dp_tunnel clear = config();

	(void)state;
	clear.protected = false;
	add_pair(ESP_TRANSPORT);
	tables_set(fx->r.tables, fx->slot, &clear);
	take(put_gre());
	assert_int_equal(drops(DP_DROP_SELECTOR), 1);
}

static void test_handed_over(void **state)
{
	(void)state;
	add_pair(ESP_TRANSPORT);
	sa_table_by_id(&fx->r.tables->sas, IN)->owner = 2;
	take(put_gre());
	expect("worker 2 spi +1 port 4444\n");
}

static void test_unknown_spis_are_told_rarely(void **state)
{
	(void)state;
	add_pair(ESP_TRANSPORT);
	for (int i = 0; i < 10; i++) {
		bytes_set_u32(fx->room + OPEN_HEADROOM, 1000);
		fx->len = 64;
		take(64);
	}
	assert_int_equal(nowhere(DP_DROP_NO_SPI), 10);
	assert_non_null(punt_ring_peek(&fx->punts));
	punt_ring_pop(&fx->punts);
	assert_null(punt_ring_peek(&fx->punts));
	fx->r.now_ns += NS_PER_S;
	fx->len = 64;
	take(64);
	assert_non_null(punt_ring_peek(&fx->punts));
}

/* UDP-encapsulated; expected from where arrival() says. */
static void add_udp_pair(uint16_t replay_packets)
{
	struct dp_sa out = test_sa(OUT, true), in = test_sa(IN, false);

	out.config.spi = in.config.spi;
	in.remote = arrival().from;
	in.udp_port = arrival().udp_port;
	in.config.replay_packets = replay_packets;
	fx->out = test_sa_add(&fx->peer, &fx->crypto, &out);
	test_sa_add(&fx->r.tables->sas, &fx->crypto, &in);
}

static void take_from(uint16_t udp_port, const uint8_t *packet, size_t len)
{
	struct arrival a = arrival();

	memcpy(a.bytes, packet, len);
	a.len = len;
	a.udp_port = udp_port;
	open_datagrams(&fx->r, &a, len);
	open_flush(&fx->r);
	receive_flush(&fx->r);
}

/* The next packet of the peer's; *ret_packet has room for it. */
static size_t draw(uint8_t *ret_packet)
{
	size_t len = put_gre();

	memcpy(ret_packet, fx->room + OPEN_HEADROOM, len);
	fx->len = 0;
	return len;
}

static bool has_moved(uint16_t udp_port)
{
	const struct dp_punt *p = punt_ring_peek(&fx->punts);
	const struct addr from = arrival().from;

	if (!p)
		return false;
	assert_int_equal(p->type, DP_PUNT_MOVED);
	assert_int_equal(p->sa, IN);
	assert_int_equal(p->from_port, udp_port);
	assert_true(addr_equal(&p->from, &from));
	punt_ring_pop(&fx->punts);
	fx->r.now_ns += NS_PER_S;
	return true;
}

static void test_another_port(void **state)
{
	const struct addr from = arrival().from;
	uint8_t packet[256];
	size_t len;

	(void)state;
	add_udp_pair(64);
	len = draw(packet);
	take_from(4444, packet, len);
	assert_false(has_moved(4444));
	for (int i = 0; i < 3; i++) {
		len = draw(packet);
		take_from(5555, packet, len);
	}
	assert_true(has_moved(5555));
	assert_false(has_moved(5555)); /* told once in a second */
	sa_set_route(sa_table_by_id(&fx->r.tables->sas, IN), &from, 5555);
	len = draw(packet);
	take_from(5555, packet, len);
	assert_false(has_moved(5555));
	len = draw(packet);
	take_from(4444, packet, len);
	assert_true(has_moved(4444));
}

/* Neither forged nor repeated nor held back does a packet say where the peer is. */
static void test_nobody_else_moves_it(void **state)
{
	uint8_t seen[256], held[256], packet[256];
	size_t len;

	(void)state;
	add_udp_pair(64);
	len = draw(seen);
	take_from(4444, seen, len);
	take_from(5555, seen, len);
	assert_false(has_moved(5555));
	draw(held);
	draw(packet);
	take_from(4444, packet, len);
	take_from(5555, held, len);
	assert_false(has_moved(5555));
	assert_int_equal(drops(DP_DROP_OPEN), 1); /* the one held back was taken */
	draw(packet);
	packet[40] ^= 1;
	take_from(5555, packet, len);
	assert_false(has_moved(5555));
	packet[40] ^= 1;
	take_from(5555, packet, len);
	assert_true(has_moved(5555));
}

/* Of a burst from several places the newest counts. */
static void test_newest_of_a_burst(void **state)
{
	uint8_t first[256];
	struct arrival a = arrival();

	(void)state;
	add_udp_pair(64);
	size_t len = draw(first);
	put_gre();
	memcpy(fx->room + OPEN_HEADROOM + len, first, len);
	a.udp_port = 6666;
	a.len = len;
	open_esp(&fx->r, &a);
	a.udp_port = 5555;
	a.bytes += len;
	open_esp(&fx->r, &a);
	open_flush(&fx->r);
	assert_true(has_moved(6666));
	assert_false(has_moved(5555));
	receive_flush(&fx->r);
}

static void test_without_a_window_none_is_new(void **state)
{
	uint8_t packet[256];

	(void)state;
	add_udp_pair(0);
	size_t len = draw(packet);
	take_from(5555, packet, len);
	take_from(6666, packet, len);
	assert_false(has_moved(5555));
	expect("tunnel 3 len 128\ntunnel 3 len 128\n");
}

static void test_plain(void **state)
{
	uint8_t packet[512];

	(void)state;
	add_pair(ESP_TRANSPORT);
	size_t len = put_gre(), at = test_ip(packet, ADDR_V4, IP_PROTO_ESP, len);
	memcpy(packet + at, fx->room + OPEN_HEADROOM, len);
	open_packet(&fx->r, packet, at + len);
	open_packet(&fx->r, packet, at - 1);
	open_flush(&fx->r);
	receive_flush(&fx->r);
	expect("tunnel 3 len 128\n");
	assert_int_equal(nowhere(DP_DROP_ENCAPSULATION), 1);
}

static void set_tunnel(const struct dp_tunnel *c)
{
	tables_set(fx->r.tables, fx->slot, c);
}

/* What the peer's adjacency has received. */
static uint64_t received_from_peer(void)
{
	const struct addr peer = test_sa(IN, false).nbma;

	return tables_peer(fx->r.tables, fx->slot, &peer)->share[0].rx.packets;
}

/* A worker remembers where an association's packets go, no longer than that is true. */
static void test_remembers_only_what_is_true(void **state)
{
	const struct addr peer = test_sa(IN, false).nbma;
	struct dp_tunnel c = config();
	uint8_t mac[DP_MAC_LEN];

	(void)state;
	add_pair(ESP_TRANSPORT);
	take(put_gre());
	expect("tunnel 3 len 128\n");
	c.up = false;
	set_tunnel(&c);
	take(put_gre());
	expect("");
	assert_int_equal(drops(DP_DROP_TUNNEL_DOWN), 1);
	c = config();
	c.source = addr_v4(192, 0, 2, 77);
	set_tunnel(&c);
	take(put_gre());
	expect("");
	assert_int_equal(nowhere(DP_DROP_NO_TUNNEL), 1);
	c = config();
	set_tunnel(&c);
	take(put_gre());
	expect("tunnel 3 len 128\n");
	/* Adjacencies come and go. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(tables_adjacency_add(fx->r.tables, fx->slot, &peer, mac), 0);
		take(put_gre());
		take(put_gre());
		expect("tunnel 3 len 128\ntunnel 3 len 128\n");
		assert_int_equal(received_from_peer(), 2);
		tables_adjacency_del(fx->r.tables, tables_adjacency(fx->r.tables, mac));
		take(put_gre());
		expect("tunnel 3 len 128\n");
	}
	/* Another association may lie where one has been. */
	struct sa *ours = sa_table_by_id(&fx->r.tables->sas, IN);
	uint64_t before = fx->r.tables->version;
	tables_sa_del(fx->r.tables, ours);
	assert_int_not_equal(fx->r.tables->version, before);
	sa_free(ours);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_remembers_only_what_is_true, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mixed_row, setup, teardown),
		cmocka_unit_test_setup_teardown(test_belongs_to_its_peer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replay_and_forgery, setup, teardown),
		cmocka_unit_test_setup_teardown(test_selectors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tunnel_mode, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_selectors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unprotected_tunnel_refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_handed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown_spis_are_told_rarely, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_port, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nobody_else_moves_it, setup, teardown),
		cmocka_unit_test_setup_teardown(test_newest_of_a_burst, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_a_window_none_is_new, setup, teardown),
		cmocka_unit_test_setup_teardown(test_plain, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
