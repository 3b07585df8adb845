/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "dataplane/tables.h"

enum { GENERATION = 7 };

static struct slot *add_tunnel(struct tables *t, const struct dp_tunnel *config)
{
	struct slot *slot = tables_slot_new(t, config->number);

	assert_non_null(slot);
	tables_set(t, slot, config);
	return slot;
}

static struct dp_tunnel multipoint(uint32_t number, bool has_key, uint32_t key)
{
	return (struct dp_tunnel){
		.number = number,
		.source = addr_v4(192, 0, 2, 1),
		.up = true,
		.has_key = has_key,
		.key = key,
	};
}

static struct slot *lookup(struct tables *t, uint8_t from, bool has_key, uint32_t key)
{
	const struct decap d = {
		.from = addr_v4(192, 0, 2, from),
		.to = addr_v4(192, 0, 2, 1),
		.gre = { .has_key = has_key, .key = key },
	};

	return tables_lookup(t, &d.to, &d.from, &d.gre);
}

static void test_keys_tell_tunnels_apart(void **state)
{
	struct tables *t = tables_new(GENERATION);
	const struct dp_tunnel plain = multipoint(0, false, 0), seven = multipoint(1, true, 7);
	struct slot *a = add_tunnel(t, &plain), *b = add_tunnel(t, &seven);

	(void)state;
	assert_ptr_equal(lookup(t, 9, false, 0), a);
	assert_ptr_equal(lookup(t, 9, true, 7), b);
	assert_null(lookup(t, 9, true, 0)); /* key 0 is not "no key" */
	assert_null(lookup(t, 9, true, 8));
	tables_del(t, a);
	tables_slot_free(a);
	assert_null(lookup(t, 9, false, 0));
	assert_ptr_equal(lookup(t, 9, true, 7), b);
	tables_free(t);
}

static void test_p2p_goes_first(void **state)
{
	struct tables *t = tables_new(GENERATION);
	const struct dp_tunnel any = multipoint(0, false, 0);
	struct dp_tunnel one = multipoint(1, false, 0);

	(void)state;
	one.destination = addr_v4(192, 0, 2, 9);
	struct slot *a = add_tunnel(t, &any), *b = add_tunnel(t, &one);
	assert_ptr_equal(lookup(t, 9, false, 0), b);
	assert_ptr_equal(lookup(t, 8, false, 0), a);
	assert_ptr_equal(tables_peer(t, b, &one.destination), b->tunnel->peer);
	tables_free(t);
}

static void test_same_key_lowest_number(void **state)
{
	struct tables *t = tables_new(GENERATION);
	const struct dp_tunnel five = multipoint(5, false, 0), two = multipoint(2, false, 0);

	(void)state;
	add_tunnel(t, &five);
	struct slot *b = add_tunnel(t, &two);
	assert_ptr_equal(lookup(t, 9, false, 0), b);
	tables_free(t);
}

static void test_no_source_no_packets(void **state)
{
	struct tables *t = tables_new(GENERATION);
	struct dp_tunnel config = multipoint(0, false, 0);
	struct slot *slot = add_tunnel(t, &config);

	(void)state;
	config.source = ADDR_ANY_NONE;
	tables_set(t, slot, &config);
	assert_null(lookup(t, 9, false, 0));
	tables_free(t);
}

static void test_adjacency_by_mac_and_by_peer(void **state)
{
	struct tables *t = tables_new(GENERATION);
	const struct dp_tunnel one = multipoint(0, false, 0), two = multipoint(1, true, 1);
	struct slot *a = add_tunnel(t, &one), *b = add_tunnel(t, &two);
	const struct addr nbma = addr_v4(192, 0, 2, 9);
	uint8_t mac_a[DP_MAC_LEN], mac_b[DP_MAC_LEN];

	(void)state;
	assert_int_equal(tables_adjacency_add(t, a, &nbma, mac_a), 0);
	assert_int_equal(tables_adjacency_add(t, b, &nbma, mac_b), 0);
	struct adjacency *in_a = tables_adjacency(t, mac_a), *in_b = tables_adjacency(t, mac_b);
	assert_non_null(in_a);
	assert_ptr_not_equal(in_a, in_b);
	assert_ptr_equal(tables_peer(t, a, &nbma), in_a);
	assert_ptr_equal(tables_peer(t, b, &nbma), in_b);
	tables_adjacency_del(t, in_a);
	assert_null(tables_adjacency(t, mac_a));
	assert_null(tables_peer(t, a, &nbma));
	tables_free(t);
}

/* A stale neighbour's MAC never names another peer: not after reuse of its index, not after a
 * restart. */
static void test_members(void **state)
{
	struct tables *t = tables_new(GENERATION);
	const struct dp_tunnel config = multipoint(0, false, 0);
	struct slot *slot = add_tunnel(t, &config);
	const struct addr a = addr_v4(192, 0, 2, 8), b = addr_v4(192, 0, 2, 9);
	uint8_t mac[DP_MAC_LEN];

	(void)state;
	assert_null(slot->replication);
	assert_int_equal(tables_member_add(t, slot, &a), 0);
	assert_int_equal(tables_member_add(t, slot, &a), -EEXIST);
	assert_int_equal(tables_member_add(t, slot, &b), 0);
	assert_int_equal(slot->replication->n, 2);
	/* A sender that is no peer yet is known by what it is a member for. */
	assert_ptr_equal(tables_peer(t, slot, &a), slot->replication->member[0]);
	assert_int_equal(tables_adjacency_add(t, slot, &a, mac), 0);
	assert_ptr_equal(tables_peer(t, slot, &a), tables_adjacency(t, mac));
	tables_member_del(t, slot, &a);
	tables_member_del(t, slot, &a);
	assert_int_equal(slot->replication->n, 1);
	assert_true(addr_equal(&slot->replication->member[0]->nbma, &b));
	assert_ptr_equal(tables_peer(t, slot, &a), tables_adjacency(t, mac));
	tables_free(t);
}

static void test_stale_macs(void **state)
{
	struct tables *t = tables_new(GENERATION), *restarted = tables_new(GENERATION + 1);
	const struct dp_tunnel config = multipoint(0, false, 0);
	struct slot *slot = add_tunnel(t, &config), *again = add_tunnel(restarted, &config);
	const struct addr nbma = addr_v4(192, 0, 2, 9), other = addr_v4(192, 0, 2, 8);
	uint8_t first[DP_MAC_LEN], mac[DP_MAC_LEN];

	(void)state;
	assert_int_equal(tables_adjacency_add(t, slot, &nbma, first), 0);
	tables_adjacency_del(t, tables_adjacency(t, first));
	/* All other indexes come first, then this one again, under another MAC. */
	for (unsigned i = 0; i < DP_ADJACENCIES_MAX; i++) {
		assert_int_equal(tables_adjacency_add(t, slot, &other, mac), 0);
		assert_null(tables_adjacency(t, first));
	}
	assert_int_equal(mac[4], first[4]);
	assert_int_equal(mac[5], first[5]);
	assert_int_not_equal(mac[3], first[3]);
	assert_int_equal(tables_adjacency_add(t, slot, &other, mac), -ENOSPC);

	assert_int_equal(tables_adjacency_add(restarted, again, &other, mac), 0);
	assert_null(tables_adjacency(restarted, first));
	tables_free(t);
	tables_free(restarted);
}

/* Adjacencies of now and of later, and that of a p2p tunnel, leave by the same SA. */
static void test_protection(void **state)
{
	struct tables *t = tables_new(GENERATION);
	struct dp_tunnel c = multipoint(0, false, 0), p2p = multipoint(1, true, 1);
	const struct addr nbma = addr_v4(192, 0, 2, 9), other = addr_v4(192, 0, 2, 8);
	struct sa sa = { .id = 1 };
	uint8_t before[DP_MAC_LEN], after[DP_MAC_LEN], elsewhere[DP_MAC_LEN];
	struct slot *slot = add_tunnel(t, &c), *second;

	(void)state;
	p2p.destination = nbma;
	second = add_tunnel(t, &p2p);
	tables_adjacency_add(t, slot, &nbma, before);
	assert_int_equal(tables_protect(t, 0, &nbma, &sa), 0);
	assert_int_equal(tables_protect(t, 1, &nbma, &sa), 0);
	tables_adjacency_add(t, slot, &nbma, after);
	tables_adjacency_add(t, slot, &other, elsewhere);
	assert_ptr_equal(tables_adjacency(t, before)->sa, &sa);
	assert_ptr_equal(tables_adjacency(t, after)->sa, &sa);
	assert_null(tables_adjacency(t, elsewhere)->sa);
	assert_ptr_equal(second->tunnel->peer->sa, &sa);
	assert_int_equal(tables_protect(t, 0, &nbma, NULL), 0);
	assert_null(tables_adjacency(t, before)->sa);
	assert_null(tables_adjacency(t, after)->sa);
	assert_int_equal(tables_protect(t, 1, &nbma, NULL), 0);
	assert_null(second->tunnel->peer->sa);
	assert_int_equal(sa.n_uses, 0);
	tables_free(t);
}

static void test_tunnel_takes_its_adjacencies_along(void **state)
{
	struct tables *t = tables_new(GENERATION);
	const struct dp_tunnel config = multipoint(0, false, 0);
	struct slot *slot = add_tunnel(t, &config);
	const struct addr nbma = addr_v4(192, 0, 2, 9);
	uint8_t mac[DP_MAC_LEN];

	(void)state;
	assert_int_equal(tables_adjacency_add(t, slot, &nbma, mac), 0);
	tables_del(t, slot);
	tables_slot_free(slot);
	assert_null(tables_adjacency(t, mac));
	assert_null(tables_find(t, 0));
	tables_free(t);
}

static void test_settings_replace_settings(void **state)
{
	struct tables *t = tables_new(GENERATION);
	struct dp_tunnel config = multipoint(0, false, 0);
	struct slot *slot = add_tunnel(t, &config);
	uint32_t epoch = t->path_epoch;

	(void)state;
	config.destination = addr_v4(192, 0, 2, 9);
	tables_set(t, slot, &config);
	const struct adjacency *peer = slot->tunnel->peer;
	assert_non_null(peer);
	config.ttl = 3;
	tables_set(t, slot, &config);
	assert_ptr_equal(slot->tunnel->peer, peer); /* its counters go on */
	assert_int_equal(slot->tunnel->encap.ttl, 3);
	config.destination = ADDR_ANY_NONE;
	tables_set(t, slot, &config);
	assert_null(slot->tunnel->peer);
	assert_int_not_equal(t->path_epoch, epoch);
	tables_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys_tell_tunnels_apart),
		cmocka_unit_test(test_p2p_goes_first),
		cmocka_unit_test(test_same_key_lowest_number),
		cmocka_unit_test(test_no_source_no_packets),
		cmocka_unit_test(test_adjacency_by_mac_and_by_peer),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_stale_macs),
		cmocka_unit_test(test_protection),
		cmocka_unit_test(test_tunnel_takes_its_adjacencies_along),
		cmocka_unit_test(test_settings_replace_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
