/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/test_packets.h"

#include <stdlib.h>

#include "dataplane/replicate.h"
#include "util/clock.h"
#include "util/memory.h"
#include "util/strbuf.h"

struct fixture {
	struct forward forward;
	struct replicate r;
	struct slot *slot;
	struct punt_ring punts;
	struct strbuf trace;
	unsigned sent;
	uint8_t frame[VNET_LEN + ETH_LEN + 2000];
	size_t frame_len;
};

static struct fixture *fx;

/* Each copy has bytes of its own, which whoever sends it may change. */
static void on_send(void *ctx, struct tx_packet *packets, unsigned n)
{
	char to[ADDR_TEXT_LEN];

	(void)ctx;
	for (unsigned i = 0; i < n; i++) {
		struct tx_packet *p = &packets[i];
		struct addr nbma = addr_from_bytes(ADDR_V4, p->to);
		assert_int_equal(p->payload[0], 0x45);
		fx->r.copies[p->payload - fx->r.copies] = 0xff;
		if (n < 8)
			strbuf_printf(&fx->trace, "%s len %zu\n", addr_format(&nbma, to),
			              p->payload_len);
		p->refused = false;
	}
	fx->sent += n;
}

static void set_tunnel(uint16_t batch, uint16_t interval_ms)
{
	const struct dp_tunnel c = {
		.number = 3,
		.source = addr_v4(192, 0, 2, 1),
		.up = true,
		.mtu_bytes = 1400,
		.multicast_batch = batch,
		.multicast_interval_ms = interval_ms,
	};

	tables_set(fx->forward.tables, fx->slot, &c);
}

static void add_members(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct addr nbma = addr_from_u32(0xc0000209u + i);
		assert_int_equal(tables_member_add(fx->forward.tables, fx->slot, &nbma), 0);
	}
}

static int setup(void **state)
{
	static const uint8_t group[DP_MAC_LEN] = { 1, 0, 0x5e, 0, 0, 5 };

	(void)state;
	fx = memory_new(1, sizeof *fx);
	strbuf_init(&fx->trace);
	punt_ring_init(&fx->punts);
	fx->forward.tables = tables_new(5);
	fx->forward.punts = &fx->punts;
	fx->forward.send = on_send;
	fx->forward.now_ns = NS_PER_S;
	fx->slot = tables_slot_new(fx->forward.tables, 3);
	set_tunnel(0, 0);
	replicate_init(&fx->r, &fx->forward);
	memcpy(fx->frame + VNET_LEN, group, sizeof group);
	bytes_set_u16(fx->frame + VNET_LEN + 12, ETH_PROTO_IPV4);
	fx->frame_len = VNET_LEN + ETH_LEN + test_udp(fx->frame + VNET_LEN + ETH_LEN, 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	replicate_fini(&fx->r);
	tables_free(fx->forward.tables);
	punt_ring_fini(&fx->punts);
	strbuf_fini(&fx->trace);
	free(fx);
	return 0;
}

static void take(void)
{
	replicate_take(&fx->r, fx->slot, fx->frame, fx->frame_len);
}

static void test_everybody_has_a_copy(void **state)
{
	(void)state;
	add_members(3);
	assert_int_equal(replicate_wait_ms(&fx->r), -1);
	take();
	memset(fx->frame, 0, sizeof fx->frame); /* the reader's buffer has the next frame */
	assert_int_equal(replicate_wait_ms(&fx->r), 0);
	replicate_run(&fx->r);
	assert_string_equal(fx->trace.text,
	                    "192.0.2.9 len 48\n192.0.2.10 len 48\n192.0.2.11 len 48\n");
	assert_int_equal(replicate_wait_ms(&fx->r), -1);
	assert_int_equal(fx->slot->counters[0].tx_packets, 3);
	assert_int_equal(fx->slot->replication->member[1]->share[0].tx.packets, 1);
}

static void test_nobody_is_there(void **state)
{
	const struct addr nbma = addr_v4(192, 0, 2, 9);

	(void)state;
	take();
	assert_int_equal(fx->slot->counters[0].drops[DP_DROP_MULTICAST], 1);
	add_members(1);
	take();
	tables_member_del(fx->forward.tables, fx->slot, &nbma);
	replicate_run(&fx->r); /* the last member left meanwhile */
	take();
	assert_int_equal(fx->slot->counters[0].drops[DP_DROP_MULTICAST], 2);
	assert_int_equal(fx->sent, 0);
	assert_int_equal(fx->r.n, 0);
}

/* A hub with many spokes serves others between batches, over frames as within one. */
static void test_batches(void **state)
{
	(void)state;
	add_members(DP_MULTICAST_BATCH + 100);
	take();
	take();
	replicate_run(&fx->r);
	assert_int_equal(fx->sent, DP_MULTICAST_BATCH);
	assert_int_equal(replicate_wait_ms(&fx->r), 0);
	replicate_run(&fx->r);
	assert_int_equal(fx->sent, 2 * DP_MULTICAST_BATCH);
	replicate_run(&fx->r);
	assert_int_equal(fx->sent, 2 * (DP_MULTICAST_BATCH + 100));
	assert_int_equal(replicate_wait_ms(&fx->r), -1);
}

static void test_interval(void **state)
{
	(void)state;
	set_tunnel(2, 10);
	add_members(3);
	take();
	replicate_run(&fx->r);
	assert_int_equal(fx->sent, 2);
	assert_int_equal(replicate_wait_ms(&fx->r), 10);
	fx->forward.now_ns += 9 * NS_PER_MS + 1;
	replicate_run(&fx->r);
	assert_int_equal(fx->sent, 2);
	assert_int_equal(replicate_wait_ms(&fx->r), 1);
	fx->forward.now_ns += NS_PER_MS;
	replicate_run(&fx->r);
	assert_int_equal(fx->sent, 3);
	assert_int_equal(replicate_wait_ms(&fx->r), -1);
}

static void test_bounds(void **state)
{
	(void)state;
	add_members(1);
	for (unsigned i = 0; i < REPLICATE_QUEUE + 3; i++)
		take();
	assert_int_equal(fx->slot->counters[0].drops[DP_DROP_MULTICAST_FULL], 3);
	assert_int_equal(fx->r.bytes, REPLICATE_QUEUE * fx->frame_len);
	fx->frame_len = VNET_LEN + ETH_LEN + test_udp(fx->frame + VNET_LEN + ETH_LEN, 1300);
	for (unsigned i = 0; i < 4; i++)
		replicate_run(&fx->r);
	assert_int_equal(fx->sent, REPLICATE_QUEUE);
	assert_int_equal(fx->r.bytes, 0);
}

/* What waits for a tunnel that is gone goes with it, even when its place is another's. */
static void test_a_tunnel_goes(void **state)
{
	const struct dp_tunnel other = { .number = 4, .up = true };

	(void)state;
	add_members(1);
	take();
	tables_del(fx->forward.tables, fx->slot);
	tables_slot_free(fx->slot);
	replicate_run(&fx->r);
	assert_int_equal(fx->r.n, 0);
	fx->slot = tables_slot_new(fx->forward.tables, 3);
	set_tunnel(0, 0);
	add_members(1);
	take();
	tables_del(fx->forward.tables, fx->slot);
	tables_slot_free(fx->slot);
	fx->slot = tables_slot_new(fx->forward.tables, other.number);
	tables_set(fx->forward.tables, fx->slot, &other);
	add_members(1);
	replicate_run(&fx->r);
	assert_int_equal(fx->r.n, 0);
	assert_int_equal(fx->sent, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_everybody_has_a_copy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nobody_is_there, setup, teardown),
		cmocka_unit_test_setup_teardown(test_batches, setup, teardown),
		cmocka_unit_test_setup_teardown(test_interval, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bounds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_tunnel_goes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
