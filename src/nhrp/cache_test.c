/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nhrp/cache.h"
#include "nhrp/tunnel.h"
#include "node/cloud_test.h"

/* A cache without a node around it: one tunnel, an output. */
struct box {
	struct nhrp n;
	struct prng prng;
	struct node_out out;
	struct snapshot *snapshot;
	struct nhrp_tunnel *tunnel;
};

static struct box *box_new(size_t cache_max)
{
	struct box *b = memory_new(1, sizeof *b);

	prng_seed(&b->prng, 1);
	nhrp_init(&b->n, &(struct node_options){ .entropy = prng_entropy(&b->prng),
	                                         .cache_max = cache_max });
	b->n.out = &b->out;
	b->snapshot = snapshot_new();
	struct snap_interface *i = snapshot_add_interface(b->snapshot, SNAP_TUNNEL, "Tunnel0");
	i->address[0] = (struct prefix){ cloud_addr("10.10.10.1"), 24 };
	i->n_address = 1;
	i->tunnel->source_address = cloud_addr("1.1.1.2");
	i->tunnel->mode = SNAP_MODE_GRE_MULTIPOINT;
	i->tunnel->nhrp.network_id = 1;
	nhrp_tunnel_configure(&b->n, b->snapshot);
	b->tunnel = nhrp_tunnel_find(&b->n, 0);
	return b;
}

static void box_free(struct box *b)
{
	nhrp_fini(&b->n);
	snapshot_free(b->snapshot);
	free(b);
}

static struct nhrp_entry *add(struct box *b, const char *target, uint8_t len,
                              enum nhrp_origin origin)
{
	struct prefix p = { cloud_addr(target), len };
	struct nhrp_entry *e = nhrp_cache_add(&b->n, b->tunnel, &p, origin);

	if (e) {
		e->nbma = cloud_addr("2.2.2.2");
		nhrp_cache_settle(&b->n, e);
	}
	b->out.n = 0;
	return e;
}

/* `show ip nhrp summary` prints the real size: at most that of IOS. */
static void an_entry_is_small(void **state)
{
	(void)state;
	assert_in_range(sizeof(struct nhrp_entry), 100, 248);
}

static void the_longest_match(void **state)
{
	struct box *b = box_new(0);
	struct addr a = cloud_addr("10.10.10.77");

	(void)state;
	assert_null(nhrp_cache_match(&b->n, b->tunnel, &a));
	struct nhrp_entry *all = add(b, "0.0.0.0", 0, NHRP_BY_CONFIG);
	assert_ptr_equal(nhrp_cache_match(&b->n, b->tunnel, &a), all);
	struct nhrp_entry *net = add(b, "10.10.10.64", 26, NHRP_BY_CONFIG);
	assert_ptr_equal(nhrp_cache_match(&b->n, b->tunnel, &a), net);
	struct nhrp_entry *host = add(b, "10.10.10.77", 32, NHRP_BY_REGISTRATION);
	assert_ptr_equal(nhrp_cache_match(&b->n, b->tunnel, &a), host);
	nhrp_cache_delete_later(&b->n, host, REASON_CLEARED);
	assert_ptr_equal(nhrp_cache_match(&b->n, b->tunnel, &a), net);
	assert_null(nhrp_cache_find_host(&b->n, 0, &a));
	a = cloud_addr("10.10.10.1");
	assert_ptr_equal(nhrp_cache_match(&b->n, b->tunnel, &a), all);
	box_free(b);
}

static void incomplete_entries_match_nothing(void **state)
{
	struct box *b = box_new(0);
	struct addr a = cloud_addr("10.10.10.77");

	(void)state;
	struct nhrp_entry *e = add(b, "10.10.10.77", 32, NHRP_BY_WANT);
	assert_null(nhrp_cache_match(&b->n, b->tunnel, &a));
	assert_ptr_equal(nhrp_cache_find_host(&b->n, 0, &a), e);
	assert_false(nhrp_entry_is_path(e));
	nhrp_cache_become(&b->n, e, NHRP_BY_REPLY);
	assert_true(nhrp_entry_is_path(e));
	assert_int_equal(b->n.n_incomplete, 0);
	box_free(b);
}

/* Unanswered wishes take half of the room at most. */
static void limits(void **state)
{
	struct box *b = box_new(4);

	(void)state;
	assert_non_null(add(b, "10.10.10.2", 32, NHRP_BY_WANT));
	assert_non_null(add(b, "10.10.10.3", 32, NHRP_BY_WANT));
	assert_null(add(b, "10.10.10.4", 32, NHRP_BY_WANT));
	assert_non_null(add(b, "10.10.10.5", 32, NHRP_BY_REGISTRATION));
	assert_non_null(add(b, "10.10.10.6", 32, NHRP_BY_REGISTRATION));
	assert_null(add(b, "10.10.10.7", 32, NHRP_BY_REGISTRATION));
	assert_non_null(add(b, "10.10.10.2", 32, NHRP_BY_REGISTRATION));
	assert_int_equal(b->n.n_entries, 4);
	assert_int_equal(b->tunnel->n_registered, 3);
	box_free(b);
}

static void a_new_entry_replaces_the_old_one(void **state)
{
	struct box *b = box_new(0);

	(void)state;
	struct prefix target = { cloud_addr("10.10.10.2"), 32 };
	add(b, "10.10.10.2", 32, NHRP_BY_REGISTRATION);
	assert_non_null(nhrp_cache_add(&b->n, b->tunnel, &target, NHRP_BY_REGISTRATION));
	assert_int_equal(b->out.n, 2);
	assert_int_equal(b->out.action[0].trace.type, TRACE_NHC_DOWN);
	assert_int_equal(b->out.action[1].trace.type, TRACE_CACHE_DELETED);
	assert_int_equal(b->out.action[1].trace.reason, REASON_REPLACED);
	assert_int_equal(b->n.n_entries, 1);
	box_free(b);
}

/* Claimed for the configuration an entry changes in place, even one about to be deleted. */
static void claiming(void **state)
{
	struct box *b = box_new(0);
	struct prefix target = { cloud_addr("10.10.10.2"), 32 };

	(void)state;
	struct nhrp_entry *e = add(b, "10.10.10.2", 32, NHRP_BY_REGISTRATION);
	nhrp_cache_delete_later(&b->n, e, REASON_CONFIGURED);
	assert_ptr_equal(nhrp_cache_claim(&b->n, b->tunnel, &target), e);
	assert_int_equal(e->type, NHRP_ENTRY_STATIC);
	assert_int_equal(e->todo, 0);
	assert_int_equal(b->out.n, 0);
	assert_ptr_equal(nhrp_cache_find(&b->n, 0, &target), e);
	box_free(b);
}

static void the_order_of_show(void **state)
{
	static const char *const order[] = { "10.10.10.2", "10.10.10.64", "10.10.10.64",
		                             "10.10.10.200", "10.10.10.1" };
	struct box *b = box_new(0);

	(void)state;
	add(b, "10.10.10.200", 32, NHRP_BY_REGISTRATION);
	add(b, "10.10.10.1", 32, NHRP_BY_WANT);
	add(b, "10.10.10.64", 32, NHRP_BY_REPLY);
	add(b, "10.10.10.64", 26, NHRP_BY_CONFIG);
	add(b, "10.10.10.2", 32, NHRP_BY_REGISTRATION);
	struct nhrp_entry **sorted = nhrp_cache_sorted(&b->n);
	for (size_t i = 0; i < 5; i++) {
		struct addr a = cloud_addr(order[i]);
		assert_true(addr_equal(&sorted[i]->key.target.addr, &a));
	}
	nhrp_cache_delete(&b->n, sorted[0], REASON_CLEARED);
	sorted = nhrp_cache_sorted(&b->n);
	assert_int_equal(sorted[0]->key.target.len, 26);
	box_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(an_entry_is_small),
		cloud_unit_test(the_longest_match),
		cloud_unit_test(incomplete_entries_match_nothing),
		cloud_unit_test(limits),
		cloud_unit_test(a_new_entry_replaces_the_old_one),
		cloud_unit_test(claiming),
		cloud_unit_test(the_order_of_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
