/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/test_sas.h"

#include <stdlib.h>

#include "dataplane/forward.h"
#include "util/clock.h"
#include "util/memory.h"
#include "util/strbuf.h"

struct fixture {
	struct forward f;
	struct punt_ring punts;
	struct slot *slot;
	struct strbuf trace;
	uint8_t headroom[FORWARD_HEADROOM], frame[FORWARD_FRAME_MAX], tailroom[FORWARD_TAILROOM];
	uint8_t mac[DP_MAC_LEN]; /* of peer 192.0.2.9 */
	bool refuse;
	struct test_crypto crypto;
	struct seal *seal;
};

static struct fixture *fx;

/* A line for each packet: destination, TOS, outer length; each is checked as a whole. */
static void on_send(void *ctx, struct tx_packet *packets, unsigned n)
{
	struct fixture *x = ctx;

	for (unsigned i = 0; i < n; i++) {
		char to[ADDR_TEXT_LEN];
		struct tx_packet *p = &packets[i];
		struct addr nbma = addr_from_bytes(ADDR_V4, p->to);
		struct inner outer = { 0 };
		uint8_t bytes[2048];
		memcpy(bytes, encap_head(p) + OUTER_OFFSET, p->head_len - OUTER_OFFSET);
		memcpy(bytes + p->head_len - OUTER_OFFSET, p->payload, p->payload_len);
		assert_true(inner_parse(bytes, sizeof bytes, &outer));
		assert_int_equal(checksum(bytes, IPV4_LEN), 0);
		assert_int_equal(outer.proto, p->sa ? IP_PROTO_ESP : IP_PROTO_GRE);
		assert_false(outer.dont_fragment);
		assert_int_equal(outer.len, encap_outer_len(p));
		strbuf_printf(&x->trace, "%s tos %02x len %zu\n", addr_format(&nbma, to), p->tos,
		              outer.len);
		p->refused = x->refuse;
	}
}

static void on_icmp(void *ctx, const uint8_t *packet, size_t len)
{
	struct fixture *x = ctx;

	strbuf_printf(&x->trace, "icmp %u/%u len %zu\n", packet[20], packet[21], len);
}

static void on_multicast(void *ctx, struct slot *slot, const uint8_t *frame, size_t len)
{
	struct fixture *x = ctx;

	assert_ptr_equal(slot, x->slot);
	assert_ptr_equal(frame, x->frame);
	strbuf_printf(&x->trace, "multicast len %zu\n", len - VNET_LEN - ETH_LEN);
}

static bool on_hand_over(void *ctx, unsigned worker, const struct mail *frame)
{
	struct fixture *x = ctx;

	strbuf_printf(&x->trace, "worker %u tunnel %u len %u\n", worker, frame->tunnel, frame->len);
	return !x->refuse;
}

static struct dp_tunnel config(void)
{
	return (struct dp_tunnel){
		.number = 3,
		.source = addr_v4(192, 0, 2, 1),
		.up = true,
		.mtu_bytes = 1400,
		.icmp_source = addr_v4(10, 0, 0, 1),
	};
}

static int setup(void **state)
{
	const struct dp_tunnel c = config();
	const struct addr nbma = addr_v4(192, 0, 2, 9);

	(void)state;
	fx = memory_new(1, sizeof *fx);
	punt_ring_init(&fx->punts);
	strbuf_init(&fx->trace);
	fx->f.tables = tables_new(5);
	fx->f.punts = &fx->punts;
	fx->f.send = on_send;
	fx->f.icmp = on_icmp;
	fx->f.multicast = on_multicast;
	fx->f.hand_over = on_hand_over;
	fx->f.ctx = fx;
	fx->f.now_ns = 100 * NS_PER_S;
	fx->slot = tables_slot_new(fx->f.tables, c.number);
	tables_set(fx->f.tables, fx->slot, &c);
	return tables_adjacency_add(fx->f.tables, fx->slot, &nbma, fx->mac);
}

static int teardown(void **state)
{
	(void)state;
	strbuf_fini(&fx->trace);
	tables_free(fx->f.tables);
	punt_ring_fini(&fx->punts);
	free(fx);
	return 0;
}

static uint8_t *packet_room(void)
{
	return fx->frame + VNET_LEN + ETH_LEN;
}

/* Sends what lies in packet_room as a frame to a MAC. */
static void frame_to(const uint8_t *mac, uint16_t type, size_t packet_len)
{
	memcpy(fx->frame + VNET_LEN, mac, DP_MAC_LEN);
	bytes_set_u16(fx->frame + VNET_LEN + 12, type);
	forward_frame(&fx->f, fx->slot, fx->frame, VNET_LEN + ETH_LEN + packet_len);
	forward_flush(&fx->f);
}

static void set_vnet(const struct virtio_net_hdr_v1 *vnet)
{
	memcpy(fx->frame, vnet, VNET_LEN);
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

static void test_plain(void **state)
{
	const struct tcp_spec spec = { .tos = 0xb8, .payload_len = 100 };

	(void)state;
	frame_to(fx->mac, ETH_PROTO_IPV4, test_tcp(packet_room(), &spec));
	expect("192.0.2.9 tos b8 len 164\n");
	assert_int_equal(fx->slot->counters[0].tx_packets, 1);
	assert_int_equal(fx->slot->counters[0].tx_bytes, 140);
	const struct adjacency *a = tables_adjacency(fx->f.tables, fx->mac);
	assert_int_equal(a->share[0].tx.packets, 1);
	assert_int_equal(a->share[0].tx.last_ns, fx->f.now_ns);
}

/* Each of a burst counts for its own tunnel, whatever their order. */
static void test_burst_of_two_tunnels(void **state)
{
	enum { N = 5, SECOND = 0x16 /* bit i: frame i is the other tunnel's */ };
	static uint8_t frames[N][VNET_LEN + ETH_LEN + 256];
	const struct addr nbma = addr_v4(192, 0, 2, 8);
	struct dp_tunnel c = config();
	uint8_t mac[DP_MAC_LEN];

	(void)state;
	c.number = 4;
	struct slot *other = tables_slot_new(fx->f.tables, c.number);
	tables_set(fx->f.tables, other, &c);
	assert_int_equal(tables_adjacency_add(fx->f.tables, other, &nbma, mac), 0);
	for (unsigned i = 0; i < N; i++) {
		const struct tcp_spec spec = { .payload_len = 60 + i };
		bool second = SECOND >> i & 1;
		size_t len = test_tcp(frames[i] + VNET_LEN + ETH_LEN, &spec);
		memcpy(frames[i] + VNET_LEN, second ? mac : fx->mac, DP_MAC_LEN);
		bytes_set_u16(frames[i] + VNET_LEN + 12, ETH_PROTO_IPV4);
		forward_frame(&fx->f, second ? other : fx->slot, frames[i],
		              VNET_LEN + ETH_LEN + len);
	}
	forward_flush(&fx->f);
	assert_int_equal(fx->slot->counters[0].tx_packets, 2);
	assert_int_equal(fx->slot->counters[0].tx_bytes, 100 + 103);
	assert_int_equal(other->counters[0].tx_packets, 3);
	assert_int_equal(other->counters[0].tx_bytes, 101 + 102 + 104);
	assert_int_equal(other->counters[0].last_tx_ns, fx->f.now_ns);
}

static void test_key_tos_ttl(void **state)
{
	struct dp_tunnel c = config();
	const struct tcp_spec spec = { .tos = 0xb8 };

	(void)state;
	c.has_key = c.has_tos = true;
	c.key = 9;
	c.tos = 0x20;
	tables_set(fx->f.tables, fx->slot, &c);
	frame_to(fx->mac, ETH_PROTO_IPV4, test_tcp(packet_room(), &spec));
	expect("192.0.2.9 tos 20 len 68\n");
}

static void test_segments(void **state)
{
	const struct tcp_spec spec = { .payload_len = 60000, .flags = TCP_ACK };
	const struct virtio_net_hdr_v1 vnet = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		                                .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		                                .gso_size = 600 };

	(void)state;
	set_vnet(&vnet);
	frame_to(fx->mac, ETH_PROTO_IPV4, test_tcp(packet_room(), &spec));
	assert_int_equal(fx->slot->counters[0].tx_packets, 100);
	assert_int_equal(fx->slot->counters[0].tx_bytes, 64000);
	assert_int_equal(fx->trace.len, 100 * strlen("192.0.2.9 tos 00 len 664\n"));
}

static void test_too_big(void **state)
{
	const struct tcp_spec spec = { .payload_len = 1400 };
	size_t len = test_tcp(packet_room(), &spec);

	(void)state;
	frame_to(fx->mac, ETH_PROTO_IPV4, len);
	expect("icmp 3/4 len 576\n");
	frame_to(fx->mac, ETH_PROTO_IPV4, len); /* at once again: dropped without a word */
	expect("");
	assert_int_equal(drops(DP_DROP_TOO_BIG), 2);
	bytes_set_u16(packet_room() + 6, 0); /* no DF: the outer packet is cut */
	frame_to(fx->mac, ETH_PROTO_IPV4, len);
	expect("192.0.2.9 tos 00 len 1464\n");
}

static void test_too_big_segments(void **state)
{
	const struct tcp_spec spec = { .payload_len = 5000 };
	const struct virtio_net_hdr_v1 vnet = { .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		                                .gso_size = 1400 };

	(void)state;
	set_vnet(&vnet);
	frame_to(fx->mac, ETH_PROTO_IPV4, test_tcp(packet_room(), &spec));
	expect("icmp 3/4 len 576\n");
	assert_int_equal(drops(DP_DROP_TOO_BIG), 1);
}

/* What came from one peer and goes to another is told of, as it came. */
static void test_hairpin(void **state)
{
	const struct tcp_spec spec = { .payload_len = 10 };
	size_t len = test_tcp(packet_room(), &spec);
	struct inner in = test_parse(packet_room(), len);
	const struct addr came = addr_v4(192, 0, 2, 8);
	const struct hairpin_packet note = { fx->slot, &came, packet_room(), &in, fx->f.now_ns };
	struct dp_tunnel c = config();
	uint8_t head[DP_HAIRPIN_LEN];

	(void)state;
	c.network_id = 1;
	c.redirect = true;
	tables_set(fx->f.tables, fx->slot, &c);
	frame_to(fx->mac, ETH_PROTO_IPV4, len);
	assert_null(punt_ring_peek(&fx->punts)); /* nobody's but ours */
	hairpin_note(fx->f.tables, &note);
	memcpy(head, packet_room(), sizeof head);
	packet_room()[8]--; /* what the kernel does on the way */
	bytes_set_u16(packet_room() + 10, 0);
	bytes_set_u16(packet_room() + 10, checksum(packet_room(), IPV4_LEN));
	frame_to(fx->mac, ETH_PROTO_IPV4, len);
	frame_to(fx->mac, ETH_PROTO_IPV4, len);
	const struct dp_punt *p = punt_ring_peek(&fx->punts);
	assert_non_null(p);
	assert_int_equal(p->type, DP_PUNT_HAIRPIN);
	assert_int_equal(p->tunnel, 3);
	assert_true(addr_equal(&p->from, &came));
	assert_int_equal(p->len, DP_HAIRPIN_LEN);
	assert_memory_equal(p->bytes, head, DP_HAIRPIN_LEN);
	punt_ring_pop(&fx->punts);
	assert_null(punt_ring_peek(&fx->punts));
	expect("192.0.2.9 tos 00 len 74\n192.0.2.9 tos 00 len 74\n192.0.2.9 tos 00 len 74\n");
}

static void test_stale_mac(void **state)
{
	const struct tcp_spec spec = { .payload_len = 10 };
	size_t len = test_tcp(packet_room(), &spec);
	uint8_t mac[DP_MAC_LEN];

	(void)state;
	memcpy(mac, fx->mac, DP_MAC_LEN);
	mac[2]++; /* another start */
	frame_to(mac, ETH_PROTO_IPV4, len);
	frame_to(mac, ETH_PROTO_IPV4, len);
	expect("");
	assert_int_equal(drops(DP_DROP_NO_ADJACENCY), 2);
	const struct dp_punt *p = punt_ring_peek(&fx->punts);
	assert_non_null(p);
	assert_int_equal(p->type, DP_PUNT_STALE);
	assert_int_equal(p->tunnel, 3);
	assert_memory_equal(p->mac, mac, DP_MAC_LEN);
	assert_int_equal(addr_to_u32(&p->target), 0x0a000002);
	punt_ring_pop(&fx->punts);
	assert_null(punt_ring_peek(&fx->punts)); /* told once */
	fx->f.now_ns += 2 * NS_PER_S;
	frame_to(mac, ETH_PROTO_IPV4, len);
	assert_non_null(punt_ring_peek(&fx->punts));
}

/* The adjacency of one tunnel does not serve another. */
static void test_mac_of_other_tunnel(void **state)
{
	struct dp_tunnel c = config();
	const struct tcp_spec spec = { .payload_len = 10 };

	(void)state;
	c.number = 4;
	struct slot *mine = fx->slot, *other = tables_slot_new(fx->f.tables, c.number);
	tables_set(fx->f.tables, other, &c);
	fx->slot = other;
	frame_to(fx->mac, ETH_PROTO_IPV4, test_tcp(packet_room(), &spec));
	expect("");
	assert_int_equal(drops(DP_DROP_NO_ADJACENCY), 1);
	fx->slot = mine;
}

/* p2p: wherever the MAC points, everything goes to the destination; back in multipoint it must not.
 */
static void test_p2p_and_back(void **state)
{
	static const uint8_t group[] = { 0x01, 0x00, 0x5e, 0, 0, 5 }, own[] = { 2, 0, 0, 0, 0, 1 };
	const struct tcp_spec spec = { .payload_len = 10 };
	struct dp_tunnel c = config();
	size_t len = test_tcp(packet_room(), &spec);

	(void)state;
	c.destination = addr_v4(192, 0, 2, 77);
	tables_set(fx->f.tables, fx->slot, &c);
	frame_to(group, ETH_PROTO_IPV4, len);
	frame_to(own, ETH_PROTO_IPV4, len);
	frame_to(fx->mac, ETH_PROTO_IPV4, len);
	expect("192.0.2.77 tos 00 len 74\n192.0.2.77 tos 00 len 74\n192.0.2.77 tos 00 len 74\n");
	assert_int_equal(fx->slot->tunnel->peer->share[0].tx.packets, 3);
	c = config();
	tables_set(fx->f.tables, fx->slot, &c);
	frame_to(own, ETH_PROTO_IPV4, len);
	frame_to(group, ETH_PROTO_IPV4, len);
	expect("multicast len 50\n");
	assert_int_equal(drops(DP_DROP_NO_ADJACENCY), 1);
	forward_copy(&fx->f, tables_adjacency(fx->f.tables, fx->mac), fx->frame,
	             VNET_LEN + ETH_LEN + len);
	forward_flush(&fx->f);
	expect("192.0.2.9 tos 00 len 74\n");
	frame_to(fx->mac, ETH_PROTO_IPV4, len);
	expect("192.0.2.9 tos 00 len 74\n");
}

/* The tunnel is protected from now on; its workers have what they need. */
static void protect(void)
{
	struct dp_tunnel c = config();

	c.protected = true;
	tables_set(fx->f.tables, fx->slot, &c);
	test_crypto_init(&fx->crypto);
	fx->seal = memory_new(1, sizeof *fx->seal);
	seal_init(fx->seal, fx->crypto.engine);
	fx->f.seal = fx->seal;
}

static int teardown_protected(void **state)
{
	/* The SAs go before the library that made them. */
	sa_table_fini(&fx->f.tables->sas);
	rcu_barrier();
	test_crypto_fini(&fx->crypto);
	free(fx->seal);
	return teardown(state);
}

static void test_protected(void **state)
{
	const struct tcp_spec spec = { .tos = 0xb8, .payload_len = 100 };
	const struct dp_sa out = test_sa(2, true);
	size_t len = test_tcp(packet_room(), &spec);

	(void)state;
	protect();
	frame_to(fx->mac, ETH_PROTO_IPV4, len);
	expect("");
	assert_int_equal(drops(DP_DROP_UNPROTECTED), 1);
	struct sa *sa = test_sa_add(&fx->f.tables->sas, &fx->crypto, &out);
	assert_int_equal(tables_protect(fx->f.tables, 3, &out.nbma, sa), 0);
	frame_to(fx->mac, ETH_PROTO_IPV4, len);
	/* IP 20, ESP 8, IV 16, (GRE 4, 140, padding 14, trailer 2), ICV 12 */
	expect("192.0.2.9 tos b8 len 216\n");
	assert_int_equal(fx->slot->counters[0].tx_bytes, 140);
	test_tcp(packet_room(), &spec); /* it was sealed where it lay */
	fx->f.seal = NULL;
	frame_to(fx->mac, ETH_PROTO_IPV4, len);
	assert_int_equal(drops(DP_DROP_UNPROTECTED), 2);
	fx->f.seal = fx->seal;
	tables_sa_del(fx->f.tables, sa);
	frame_to(fx->mac, ETH_PROTO_IPV4, len);
	expect("");
	assert_int_equal(drops(DP_DROP_UNPROTECTED), 3);
	sa_free(sa);
}

static void test_protected_segments(void **state)
{
	const struct tcp_spec spec = { .payload_len = 60000, .flags = TCP_ACK };
	const struct virtio_net_hdr_v1 vnet = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		                                .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		                                .gso_size = 600 };
	const struct dp_sa out = test_sa(2, true);

	(void)state;
	protect();
	struct sa *sa = test_sa_add(&fx->f.tables->sas, &fx->crypto, &out);
	assert_int_equal(tables_protect(fx->f.tables, 3, &out.nbma, sa), 0);
	set_vnet(&vnet);
	frame_to(fx->mac, ETH_PROTO_IPV4, test_tcp(packet_room(), &spec));
	assert_int_equal(fx->slot->counters[0].tx_packets, 100);
	assert_int_equal(fx->trace.len, 100 * strlen("192.0.2.9 tos 00 len 712\n"));
}

/* A frame's segments leave in one burst; a frame that was sealed is not needed any more. */
static void test_frame_in_one_burst(void **state)
{
	const struct tcp_spec spec = { .payload_len = 24000, .flags = TCP_ACK };
	const struct virtio_net_hdr_v1 vnet = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		                                .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		                                .gso_size = 600 };
	const struct dp_sa out = test_sa(2, true);
	size_t len = VNET_LEN + ETH_LEN + test_tcp(packet_room(), &spec);

	(void)state;
	set_vnet(&vnet);
	memcpy(fx->frame + VNET_LEN, fx->mac, DP_MAC_LEN);
	bytes_set_u16(fx->frame + VNET_LEN + 12, ETH_PROTO_IPV4);
	forward_frame(&fx->f, fx->slot, fx->frame, len);
	assert_int_equal(fx->f.n, 40);
	assert_true(forward_borrows(&fx->f));
	forward_flush(&fx->f);
	assert_false(forward_borrows(&fx->f));

	protect();
	struct sa *sa = test_sa_add(&fx->f.tables->sas, &fx->crypto, &out);
	assert_int_equal(tables_protect(fx->f.tables, 3, &out.nbma, sa), 0);
	forward_frame(&fx->f, fx->slot, fx->frame, len);
	forward_frame(&fx->f, fx->slot, fx->frame, len);
	assert_int_equal(fx->f.n, 40);
	assert_int_equal(fx->slot->counters[0].tx_packets, 80);
	assert_false(forward_borrows(&fx->f));
	forward_flush(&fx->f);
	assert_int_equal(fx->slot->counters[0].tx_packets, 120);
}

/* Another worker owns the association: it gets the frame as it came. */
static void test_handed_over(void **state)
{
	const struct tcp_spec spec = { .payload_len = 100 };
	const struct dp_sa out = test_sa(2, true);
	size_t len = test_tcp(packet_room(), &spec);

	(void)state;
	protect();
	struct sa *sa = test_sa_add(&fx->f.tables->sas, &fx->crypto, &out);
	assert_int_equal(tables_protect(fx->f.tables, 3, &out.nbma, sa), 0);
	sa->owner = 5;
	frame_to(fx->mac, ETH_PROTO_IPV4, len);
	expect("worker 5 tunnel 3 len 166\n");
	fx->refuse = true;
	frame_to(fx->mac, ETH_PROTO_IPV4, len);
	assert_int_equal(drops(DP_DROP_BUSY), 1);
	assert_int_equal(fx->slot->counters[0].tx_packets, 0);
}

/* A copy of a multicast frame goes over with its member's name. */
static void test_copy_handed_over(void **state)
{
	const struct tcp_spec spec = { .payload_len = 100 };
	const struct dp_sa out = test_sa(2, true);
	size_t len = VNET_LEN + ETH_LEN + test_tcp(packet_room(), &spec);

	(void)state;
	protect();
	struct sa *sa = test_sa_add(&fx->f.tables->sas, &fx->crypto, &out);
	sa->owner = 5;
	assert_int_equal(tables_protect(fx->f.tables, 3, &out.nbma, sa), 0);
	memset(fx->frame + VNET_LEN, 0xff, DP_MAC_LEN);
	bytes_set_u16(fx->frame + VNET_LEN + 12, ETH_PROTO_IPV4);
	forward_copy(&fx->f, tables_adjacency(fx->f.tables, fx->mac), fx->frame, len);
	expect("worker 5 tunnel 3 len 166\n");
	assert_memory_equal(fx->frame + VNET_LEN, fx->mac, DP_MAC_LEN);
}

/* A payload of the control thread for a peer without an adjacency. */
static void test_packet_of_control(void **state)
{
	uint8_t bytes[MAIL_HEADROOM + 100 + MAIL_TAILROOM] = { 0 };
	struct dp_sa out = test_sa(2, true);
	struct mail mail = { .tunnel = 3,
		             .sa_id = 2,
		             .proto = GRE_PROTO_NHRP,
		             .len = 100,
		             .bytes = bytes + MAIL_HEADROOM };

	(void)state;
	protect();
	out.remote = addr_v4(198, 51, 100, 1);
	struct sa *sa = test_sa_add(&fx->f.tables->sas, &fx->crypto, &out);
	forward_packet(&fx->f, &mail);
	forward_flush(&fx->f);
	expect("198.51.100.1 tos c0 len 168\n");
	assert_int_equal(fx->slot->counters[0].tx_bytes, 100);
	mail.sa_id = 3;
	forward_packet(&fx->f, &mail);
	assert_int_equal(drops(DP_DROP_UNPROTECTED), 1);
	sa->owner = 5;
	mail.sa_id = 2;
	forward_packet(&fx->f, &mail);
	assert_int_equal(drops(DP_DROP_UNPROTECTED), 2);
	mail.tunnel = 99;
	forward_packet(&fx->f, &mail);
	assert_int_equal(fx->f.tables->nowhere[0].drops[DP_DROP_TUNNEL_DOWN], 1);
	forward_flush(&fx->f);
	expect("");
}

static void test_want(void **state)
{
	static const uint8_t broadcast[] = { 255, 255, 255, 255, 255, 255 };
	const uint8_t arp[28] = { 0,  1, 8, 0, 6, 4, 0, 1, 2, 0, 0,  0, 0, 1,
		                  10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 7 };

	(void)state;
	memcpy(packet_room(), arp, sizeof arp);
	frame_to(broadcast, ETH_PROTO_ARP, sizeof arp);
	expect("");
	const struct dp_punt *p = punt_ring_peek(&fx->punts);
	assert_non_null(p);
	assert_int_equal(p->type, DP_PUNT_WANT);
	assert_int_equal(addr_to_u32(&p->target), 0x0a000007);
}

static void test_drops(void **state)
{
	const struct tcp_spec spec = { .payload_len = 10 };
	struct dp_tunnel c = config();
	size_t len = test_tcp(packet_room(), &spec);

	(void)state;
	frame_to(fx->mac, 0x88cc, len);
	assert_int_equal(drops(DP_DROP_PROTOCOL), 1);
	frame_to(fx->mac, ETH_PROTO_IPV4, len - 1);
	assert_int_equal(drops(DP_DROP_FRAME), 1);
	forward_frame(&fx->f, fx->slot, fx->frame, VNET_LEN + ETH_LEN - 1);
	assert_int_equal(drops(DP_DROP_FRAME), 2);
	fx->refuse = true;
	frame_to(fx->mac, ETH_PROTO_IPV4, len);
	expect("192.0.2.9 tos 00 len 74\n");
	assert_int_equal(drops(DP_DROP_SEND), 1);
	assert_int_equal(fx->slot->counters[0].tx_packets, 0);
	test_ip(packet_room(), ADDR_V4, IP_PROTO_ICMP, 36);
	packet_room()[20] = 5;
	frame_to(fx->mac, ETH_PROTO_IPV4, 56);
	assert_int_equal(drops(DP_DROP_REDIRECT), 1);
	c.up = false;
	tables_set(fx->f.tables, fx->slot, &c);
	frame_to(fx->mac, ETH_PROTO_IPV4, test_tcp(packet_room(), &spec));
	assert_int_equal(drops(DP_DROP_TUNNEL_DOWN), 1);
	expect("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain, setup, teardown),
		cmocka_unit_test_setup_teardown(test_burst_of_two_tunnels, setup, teardown),
		cmocka_unit_test_setup_teardown(test_key_tos_ttl, setup, teardown),
		cmocka_unit_test_setup_teardown(test_segments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_big, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_big_segments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hairpin, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stale_mac, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mac_of_other_tunnel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_p2p_and_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_protected, setup, teardown_protected),
		cmocka_unit_test_setup_teardown(test_protected_segments, setup, teardown_protected),
		cmocka_unit_test_setup_teardown(test_frame_in_one_burst, setup, teardown_protected),
		cmocka_unit_test_setup_teardown(test_handed_over, setup, teardown_protected),
		cmocka_unit_test_setup_teardown(test_copy_handed_over, setup, teardown_protected),
		cmocka_unit_test_setup_teardown(test_packet_of_control, setup, teardown_protected),
		cmocka_unit_test_setup_teardown(test_want, setup, teardown),
		cmocka_unit_test_setup_teardown(test_drops, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
