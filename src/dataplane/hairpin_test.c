/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/test_packets.h"

#include "dataplane/tables.h"
#include "util/clock.h"

/* A hub with two tunnels of one network and one of another. */
struct hub {
	struct tables *t;
	struct slot *slot[3];
	uint8_t packet[64];
	struct inner in;
	int64_t now_ns;
};

static void set_tunnel(struct hub *h, unsigned i, uint32_t network_id, bool redirect)
{
	const struct dp_tunnel c = {
		.number = 10 + i, .up = true, .network_id = network_id, .redirect = redirect
	};

	if (!h->slot[i])
		h->slot[i] = tables_slot_new(h->t, c.number);
	tables_set(h->t, h->slot[i], &c);
}

static void hub_init(struct hub *h)
{
	*h = (struct hub){ .t = tables_new(1), .now_ns = 100 * NS_PER_S };
	set_tunnel(h, 0, 1, true);
	set_tunnel(h, 1, 1, false);
	set_tunnel(h, 2, 2, true);
	h->in = test_parse(h->packet, test_udp(h->packet, 8));
}

static void came(struct hub *h, unsigned slot, uint8_t from)
{
	const struct addr nbma = addr_v4(192, 0, 2, from);

	hairpin_note(h->t, &(struct hairpin_packet){ h->slot[slot], &nbma, h->packet, &h->in,
	                                             h->now_ns });
}

static bool leaves(struct hub *h, unsigned slot, uint8_t to, struct hairpin *ret)
{
	const struct addr nbma = addr_v4(192, 0, 2, to);

	return hairpin_find(
		h->t,
		&(struct hairpin_packet){ h->slot[slot], &nbma, h->packet, &h->in, h->now_ns },
		ret);
}

static void test_round_to_another_peer(void **state)
{
	struct hub h;
	struct hairpin found;

	(void)state;
	hub_init(&h);
	assert_false(leaves(&h, 0, 9, &found)); /* never came */
	came(&h, 0, 8);
	assert_false(leaves(&h, 0, 8, &found)); /* back to its sender */
	assert_true(leaves(&h, 0, 9, &found));
	assert_int_equal(found.tunnel, 10);
	assert_int_equal(addr_to_u32(&found.from), 0xc0000208);
	assert_int_equal(found.head[8], h.packet[8] + 1);
	assert_int_equal(checksum(found.head, IPV4_LEN), 0);
	tables_free(h.t);
}

static void test_told_once_in_a_while(void **state)
{
	struct hub h;
	struct hairpin found;

	(void)state;
	hub_init(&h);
	came(&h, 0, 8);
	assert_true(leaves(&h, 0, 9, &found));
	assert_false(leaves(&h, 0, 9, &found));
	h.now_ns += (HAIRPIN_AGAIN_MS - 1) * NS_PER_MS;
	came(&h, 0, 8);
	assert_false(leaves(&h, 0, 9, &found));
	h.now_ns += NS_PER_MS;
	assert_true(leaves(&h, 0, 9, &found));
	h.now_ns += HAIRPIN_AGAIN_MS * NS_PER_MS;
	came(&h, 0, 7); /* the sender has another address */
	assert_true(leaves(&h, 0, 9, &found));
	assert_int_equal(addr_to_u32(&found.from), 0xc0000207);
	h.now_ns += (HAIRPIN_FRESH_MS + 1) * NS_PER_MS;
	assert_false(leaves(&h, 0, 9, &found)); /* it came too long ago */
	tables_free(h.t);
}

static void test_networks(void **state)
{
	struct hub h;
	struct hairpin found;

	(void)state;
	hub_init(&h);
	came(&h, 0, 8);
	assert_false(leaves(&h, 2, 9, &found)); /* another network */
	assert_true(leaves(&h, 1, 9, &found));  /* another tunnel of the same */
	came(&h, 1, 8);
	assert_false(leaves(&h, 0, 9, &found)); /* came by one without redirects */
	came(&h, 0, 8);
	tables_del(h.t, h.slot[0]);
	tables_slot_free(h.slot[0]);
	assert_false(leaves(&h, 1, 9, &found)); /* that tunnel is gone */
	tables_free(h.t);
}

/* Both directions, and other pairs, are flows of their own. */
static void test_flows(void **state)
{
	struct hub h;
	struct hairpin found;

	(void)state;
	hub_init(&h);
	came(&h, 0, 8);
	for (unsigned i = 0; i < 32; i++) {
		h.packet[12 + i / 8 + (i >= 16)] ^= (uint8_t)(1 << i % 8);
		assert_false(leaves(&h, 0, 9, &found));
		h.packet[12 + i / 8 + (i >= 16)] ^= (uint8_t)(1 << i % 8);
	}
	assert_true(leaves(&h, 0, 9, &found));
	tables_free(h.t);
}

/* Halves of two flows in one place are no flow. */
static void test_torn(void **state)
{
	struct hub h;
	struct hairpin found;
	struct hairpin_flow *f;

	(void)state;
	hub_init(&h);
	came(&h, 0, 8);
	f = h.t->hairpins;
	while (!f->flow)
		f++;
	f->from ^= 1 << 20;
	assert_false(leaves(&h, 0, 9, &found));
	tables_free(h.t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_to_another_peer),
		cmocka_unit_test(test_told_once_in_a_while),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_flows),
		cmocka_unit_test(test_torn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
