/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/test_packets.h"

#include <stdlib.h>

#include "dataplane/receive.h"
#include "util/memory.h"
#include "util/strbuf.h"

struct fixture {
	struct receive r;
	struct punt_ring punts;
	struct slot *slot;
	struct strbuf trace;
	uint8_t bytes[4096];
};

static struct fixture *fx;

static void on_write(void *ctx, struct slot *slot, const struct iovec *iov, int n_iov)
{
	struct fixture *x = ctx;
	const uint8_t *eth = (const uint8_t *)iov[0].iov_base + VNET_LEN;
	size_t len = 0;

	for (int i = 0; i < n_iov; i++)
		len += iov[i].iov_len;
	assert_memory_equal(eth, slot->mac, DP_MAC_LEN);
	strbuf_printf(&x->trace, "tunnel %u type %04x len %zu\n", slot->number, bytes_u16(eth + 12),
	              len - VNET_LEN - ETH_LEN);
}

static struct dp_tunnel config(void)
{
	return (struct dp_tunnel){
		.number = 3,
		.source = addr_v4(10, 0, 0, 2), /* where test_ip sends */
		.up = true,
		.mtu_bytes = 1400,
		.network_id = 1,
	};
}

static int setup(void **state)
{
	const struct dp_tunnel c = config();

	(void)state;
	fx = memory_new(1, sizeof *fx);
	punt_ring_init(&fx->punts);
	strbuf_init(&fx->trace);
	fx->r.tables = tables_new(5);
	fx->r.punts = &fx->punts;
	fx->r.coalesce.write = on_write;
	fx->r.coalesce.ctx = fx;
	fx->slot = tables_slot_new(fx->r.tables, c.number);
	memcpy(fx->slot->mac, "\x02\x03\x04\x05\x06\x07", DP_MAC_LEN);
	tables_set(fx->r.tables, fx->slot, &c);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	strbuf_fini(&fx->trace);
	tables_free(fx->r.tables);
	punt_ring_fini(&fx->punts);
	free(fx);
	return 0;
}

/* Receives a GRE packet: header, then payload_len bytes that already lie behind it. */
static void receive(const uint8_t *gre, size_t gre_len, size_t payload_len)
{
	size_t len = test_ip(fx->bytes, ADDR_V4, IP_PROTO_GRE, gre_len + payload_len);

	memcpy(fx->bytes + len, gre, gre_len);
	receive_packet(&fx->r, fx->bytes, len + gre_len + payload_len);
	receive_flush(&fx->r);
}

static uint64_t drops(enum dp_drop drop)
{
	return fx->slot->counters[0].drops[drop];
}

static void expect(const char *want)
{
	assert_string_equal(fx->trace.text, want);
	strbuf_truncate(&fx->trace, 0);
}

static const uint8_t gre_v4[] = { 0, 0, 8, 0 };

static void test_ip_to_tap(void **state)
{
	const struct tcp_spec spec = { .payload_len = 60, .flags = TCP_ACK };
	const uint8_t gre_v6[] = { 0, 0, 0x86, 0xdd };
	struct tcp_spec v6 = spec;

	(void)state;
	v6.family = ADDR_V6;
	receive(gre_v4, 4, test_tcp(fx->bytes + 24, &spec));
	receive(gre_v6, 4, test_tcp(fx->bytes + 24, &v6));
	expect("tunnel 3 type 0800 len 100\ntunnel 3 type 86dd len 120\n");
	assert_int_equal(fx->slot->counters[0].rx_packets, 2);
	assert_int_equal(fx->slot->counters[0].rx_bytes, 220);
	receive(gre_v6, 4, test_tcp(fx->bytes + 24, &spec));
	expect("");
	assert_int_equal(drops(DP_DROP_INNER), 1);
}

static void test_sender_is_counted(void **state)
{
	const struct tcp_spec spec = { .payload_len = 60 };
	const struct addr peer = addr_v4(10, 0, 0, 1);
	uint8_t mac[DP_MAC_LEN];

	(void)state;
	assert_int_equal(tables_adjacency_add(fx->r.tables, fx->slot, &peer, mac), 0);
	receive(gre_v4, 4, test_tcp(fx->bytes + 24, &spec));
	const struct adjacency *a = tables_adjacency(fx->r.tables, mac);
	assert_int_equal(a->share[0].rx.packets, 1);
	assert_int_equal(a->share[0].rx.bytes, 100);
}

/* A sender that is no peer of a multipoint tunnel is told of once in a second. */
static void test_strangers_are_told(void **state)
{
	const struct tcp_spec spec = { .payload_len = 60 };
	const struct addr peer = addr_v4(10, 0, 0, 1);
	uint8_t mac[DP_MAC_LEN];

	(void)state;
	fx->r.now_ns = 5000000000;
	receive(gre_v4, 4, test_tcp(fx->bytes + 24, &spec));
	const struct dp_punt *p = punt_ring_peek(&fx->punts);
	assert_non_null(p);
	assert_int_equal(p->type, DP_PUNT_STRANGER);
	assert_int_equal(p->tunnel, 3);
	assert_true(addr_equal(&p->from, &peer));
	assert_int_equal(p->len, DP_HAIRPIN_LEN);
	assert_int_equal(p->bytes[0], 0x45);
	punt_ring_pop(&fx->punts);
	fx->r.now_ns += 999999999;
	receive(gre_v4, 4, test_tcp(fx->bytes + 24, &spec));
	assert_null(punt_ring_peek(&fx->punts));
	fx->r.now_ns += 1;
	receive(gre_v4, 4, test_tcp(fx->bytes + 24, &spec));
	assert_non_null(punt_ring_peek(&fx->punts));
	punt_ring_pop(&fx->punts);

	fx->r.now_ns *= 2;
	assert_int_equal(tables_adjacency_add(fx->r.tables, fx->slot, &peer, mac), 0);
	receive(gre_v4, 4, test_tcp(fx->bytes + 24, &spec));
	assert_null(punt_ring_peek(&fx->punts));
}

/* What NHRP does not answer leaves the place to what it does. */
static void test_strangers_of_no_use(void **state)
{
	const struct tcp_spec spec = { .payload_len = 60 }, v6 = { .family = ADDR_V6 };
	const uint8_t gre_v6[] = { 0, 0, 0x86, 0xdd };
	struct dp_tunnel c = config();

	(void)state;
	fx->r.now_ns = 5000000000;
	receive(gre_v6, 4, test_tcp(fx->bytes + 24, &v6));
	c.network_id = 0;
	tables_set(fx->r.tables, fx->slot, &c);
	receive(gre_v4, 4, test_tcp(fx->bytes + 24, &spec));
	assert_null(punt_ring_peek(&fx->punts));
	c.network_id = 1;
	tables_set(fx->r.tables, fx->slot, &c);
	receive(gre_v4, 4, test_tcp(fx->bytes + 24, &spec));
	assert_non_null(punt_ring_peek(&fx->punts));
}

/* A p2p tunnel hears its destination only, which is its peer. */
static void test_strangers_are_not_p2p(void **state)
{
	const struct tcp_spec spec = { .payload_len = 60 };
	struct dp_tunnel c = config();

	(void)state;
	fx->r.now_ns = 5000000000;
	c.destination = addr_v4(10, 0, 0, 1);
	tables_set(fx->r.tables, fx->slot, &c);
	receive(gre_v4, 4, test_tcp(fx->bytes + 24, &spec));
	expect("tunnel 3 type 0800 len 100\n");
	assert_null(punt_ring_peek(&fx->punts));
}

static void test_nhrp_is_punted(void **state)
{
	const uint8_t gre[] = { 0, 0, 0x20, 0x01 };

	(void)state;
	memset(fx->bytes + 24, 0xab, 100);
	receive(gre, 4, 100);
	const struct dp_punt *p = punt_ring_peek(&fx->punts);
	assert_non_null(p);
	assert_int_equal(p->type, DP_PUNT_PACKET);
	assert_int_equal(p->proto, GRE_PROTO_NHRP);
	assert_int_equal(p->len, 100);
	assert_int_equal(p->bytes[99], 0xab);
	assert_int_equal(addr_to_u32(&p->from), 0x0a000001);
	assert_int_equal(addr_to_u32(&p->to), 0x0a000002);
	for (unsigned i = 0; i < DP_PUNT_RING; i++)
		receive(gre, 4, 100);
	assert_int_equal(drops(DP_DROP_PUNT_FULL), 1);
}

static void test_key_must_be_ours(void **state)
{
	const struct tcp_spec spec = { .payload_len = 60 };
	const uint8_t keyed[] = { 0x20, 0, 8, 0, 0, 0, 0, 1 };
	struct dp_tunnel c = config();

	(void)state;
	receive(keyed, 8, test_tcp(fx->bytes + 28, &spec));
	assert_int_equal(fx->r.tables->nowhere[0].drops[DP_DROP_NO_TUNNEL], 1);
	c.has_key = true;
	c.key = 1;
	tables_set(fx->r.tables, fx->slot, &c);
	receive(keyed, 8, test_tcp(fx->bytes + 28, &spec));
	expect("tunnel 3 type 0800 len 100\n");
	receive(gre_v4, 4, test_tcp(fx->bytes + 24, &spec));
	expect("");
	assert_int_equal(fx->r.tables->nowhere[0].drops[DP_DROP_NO_TUNNEL], 2);
}

static void test_clear_for_a_protected_tunnel(void **state)
{
	const struct tcp_spec spec = { .payload_len = 60 };
	const uint8_t nhrp[] = { 0, 0, 0x20, 0x01 };
	struct dp_tunnel c = config();

	(void)state;
	c.protected = true;
	tables_set(fx->r.tables, fx->slot, &c);
	receive(gre_v4, 4, test_tcp(fx->bytes + 24, &spec));
	receive(nhrp, 4, 100);
	expect("");
	assert_null(punt_ring_peek(&fx->punts));
	assert_int_equal(drops(DP_DROP_CLEAR), 2);
	assert_int_equal(fx->slot->counters[0].rx_packets, 0);
}

/* It counts as coming from the SA's peer, and only the SA's tunnel takes it, or any if shared. */
static void test_protected(void **state)
{
	struct sa sa = { .tunnel = 3, .local = config().source, .nbma = addr_v4(192, 0, 2, 9) };
	struct dp_tunnel c = config();
	struct decap d = { 0 };
	enum dp_drop drop;

	(void)state;
	memcpy(fx->bytes, (const uint8_t[]){ 0, 0, 0x20, 0x01, 1, 2, 3 }, 7);
	assert_true(decap_gre(fx->bytes, 7, &d, &drop));
	receive_protected(&fx->r, &d, &sa);
	assert_int_equal(drops(DP_DROP_SELECTOR), 1); /* the tunnel is not protected */
	c.protected = true;
	tables_set(fx->r.tables, fx->slot, &c);
	receive_protected(&fx->r, &d, &sa);
	const struct dp_punt *p = punt_ring_peek(&fx->punts);
	assert_non_null(p);
	assert_true(addr_equal(&p->from, &sa.nbma));
	assert_int_equal(p->len, 3);
	punt_ring_pop(&fx->punts);
	struct sa other = sa, shared = sa;
	other.tunnel = shared.tunnel = 4;
	other.way = (struct sa_way){ 0 };
	shared.shared = true;
	receive_protected(&fx->r, &d, &other);
	assert_int_equal(drops(DP_DROP_SELECTOR), 2);
	receive_protected(&fx->r, &d, &shared);
	assert_non_null(punt_ring_peek(&fx->punts));
}

/* Two tunnels that only their associations tell apart; the key must be right all the same. */
static void test_protected_twins(void **state)
{
	struct dp_tunnel c = config();
	struct sa sa = { .tunnel = 4, .local = c.source, .nbma = addr_v4(192, 0, 2, 9) };
	struct decap d = { 0 };
	enum dp_drop drop;

	(void)state;
	c.protected = true;
	tables_set(fx->r.tables, fx->slot, &c);
	struct slot *twin = tables_slot_new(fx->r.tables, 4);
	c.number = 4;
	tables_set(fx->r.tables, twin, &c);
	sa.slot_at = twin->at;
	memcpy(fx->bytes, (const uint8_t[]){ 0, 0, 0x20, 0x01, 1, 2, 3 }, 7);
	assert_true(decap_gre(fx->bytes, 7, &d, &drop));
	receive_protected(&fx->r, &d, &sa);
	const struct dp_punt *p = punt_ring_peek(&fx->punts);
	assert_non_null(p);
	assert_int_equal(p->tunnel, 4);
	punt_ring_pop(&fx->punts);
	d.gre.has_key = true;
	receive_protected(&fx->r, &d, &sa);
	assert_null(punt_ring_peek(&fx->punts));
	assert_int_equal(fx->r.tables->nowhere[0].drops[DP_DROP_NO_TUNNEL], 1);
}

static void test_old_sequence(void **state)
{
	const struct tcp_spec spec = { .payload_len = 60 };
	uint8_t gre[] = { 0x10, 0, 8, 0, 0, 0, 0, 5 }, mac[DP_MAC_LEN];
	const struct addr peer = addr_v4(10, 0, 0, 1);

	(void)state;
	assert_int_equal(tables_adjacency_add(fx->r.tables, fx->slot, &peer, mac), 0);
	receive(gre, 8, test_tcp(fx->bytes + 28, &spec));
	gre[7] = 4;
	receive(gre, 8, test_tcp(fx->bytes + 28, &spec));
	gre[7] = 6;
	receive(gre, 8, test_tcp(fx->bytes + 28, &spec));
	expect("tunnel 3 type 0800 len 100\ntunnel 3 type 0800 len 100\n");
	assert_int_equal(drops(DP_DROP_SEQUENCE), 1);
}

static void test_drops(void **state)
{
	const struct tcp_spec spec = { .payload_len = 60 };
	const uint8_t other[] = { 0, 0, 0x88, 0x0b };
	struct dp_tunnel c = config();
	size_t len = test_tcp(fx->bytes + 24, &spec);

	(void)state;
	receive(other, 4, 60);
	assert_int_equal(drops(DP_DROP_PROTOCOL), 1);
	len = test_tcp(fx->bytes + 24, &spec);
	receive(gre_v4, 4, len - 1);
	assert_int_equal(drops(DP_DROP_INNER), 1);
	receive_packet(&fx->r, fx->bytes, 19);
	assert_int_equal(fx->r.tables->nowhere[0].drops[DP_DROP_GRE], 1);
	c.up = false;
	tables_set(fx->r.tables, fx->slot, &c);
	receive(gre_v4, 4, len);
	assert_int_equal(drops(DP_DROP_TUNNEL_DOWN), 1);
	expect("");
}

/* A p2p tunnel hears its destination only. */
static void test_p2p_sender(void **state)
{
	const struct tcp_spec spec = { .payload_len = 60 };
	struct dp_tunnel c = config();

	(void)state;
	c.destination = addr_v4(10, 0, 0, 99);
	tables_set(fx->r.tables, fx->slot, &c);
	receive(gre_v4, 4, test_tcp(fx->bytes + 24, &spec));
	expect("");
	c.destination = addr_v4(10, 0, 0, 1);
	tables_set(fx->r.tables, fx->slot, &c);
	receive(gre_v4, 4, test_tcp(fx->bytes + 24, &spec));
	expect("tunnel 3 type 0800 len 100\n");
	assert_int_equal(fx->slot->tunnel->peer->share[0].rx.packets, 1);
}

static void test_mss_of_what_comes_in(void **state)
{
	static const uint8_t mss[] = { 2, 4, 0x05, 0xb4 };
	const struct tcp_spec spec = { .flags = TCP_SYN, .options = mss, .options_len = 4 };
	struct dp_tunnel c = config();

	(void)state;
	c.mss_bytes = 1360;
	tables_set(fx->r.tables, fx->slot, &c);
	size_t len = test_tcp(fx->bytes + 24, &spec);
	receive(gre_v4, 4, len);
	assert_int_equal(bytes_u16(fx->bytes + 24 + 42), 1360);
	assert_int_equal(test_l4_checksum(fx->bytes + 24, len), 0);
}

static void test_stream_says_more_is_coming(void **state)
{
	struct tcp_spec spec = { .payload_len = 60, .flags = TCP_ACK };

	(void)state;
	receive(gre_v4, 4, test_tcp(fx->bytes + 24, &spec));
	assert_true(fx->r.more_coming);
	spec.flags = TCP_ACK | TCP_PSH;
	receive(gre_v4, 4, test_tcp(fx->bytes + 24, &spec));
	assert_false(fx->r.more_coming);
	receive(gre_v4, 4, test_udp(fx->bytes + 24, 60));
	assert_false(fx->r.more_coming);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ip_to_tap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sender_is_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strangers_are_told, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strangers_of_no_use, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strangers_are_not_p2p, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nhrp_is_punted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_key_must_be_ours, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clear_for_a_protected_tunnel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_protected, setup, teardown),
		cmocka_unit_test_setup_teardown(test_protected_twins, setup, teardown),
		cmocka_unit_test_setup_teardown(test_old_sequence, setup, teardown),
		cmocka_unit_test_setup_teardown(test_drops, setup, teardown),
		cmocka_unit_test_setup_teardown(test_p2p_sender, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mss_of_what_comes_in, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stream_says_more_is_coming, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
