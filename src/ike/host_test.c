/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/host.h"
#include "ike/pair_test.h"

static void a_host_lives_while_it_has_something(void **state)
{
	const struct addr other = addr_v4(7, 7, 7, 7);
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	struct ike *ike = p.end[HUB].ike;
	const struct ike_host_key key = { p.end[HUB].address, p.end[SPOKE].address, 0 };
	const struct ike_host_key nat = { p.end[HUB].address, other, 24500 };
	const struct ike_host_key base = { p.end[HUB].address, other, 0 };
	struct ike_host *host = ike_host_find(ike, &key);
	assert_non_null(host);
	assert_ptr_equal(ike_host_standing(host), pair_sa(&p, HUB));
	assert_null(ike_host_coming(host));
	assert_true(ike_host_is_used(host));
	struct ike_host *bare = ike_host_get(ike, &nat);
	assert_false(ike_host_is_used(bare));
	assert_ptr_equal(ike_host_next_port(ike_host_find(ike, &base)), bare);
	assert_null(ike_host_next_port(bare));
	ike_host_release(ike, bare);
	assert_null(ike_host_find(ike, &nat));
	assert_null(ike_host_find(ike, &base));
	ike_host_release(ike, host);
	assert_ptr_equal(ike_host_find(ike, &key), host);
	pair_fini(&p);
}

/* All that stands with a peer that proved dead goes, at this end. */
static void a_lost_host_is_negotiated_anew(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	struct ike *ike = pair_begin_step(&p, SPOKE);
	ike_host_lost(ike, pair_sa(&p, SPOKE), REASON_PEER_DEAD);
	pair_end_step(&p, SPOKE);
	assert_true(pair_traced(&p, SPOKE,
	                        "ike-down: peer does not answer\n"
	                        "ipsec-down: peer does not answer\n"));
	assert_int_equal(pair_count(&p, SPOKE, true), 0);
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, HUB, SPOKE));
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_lives_while_it_has_something),
		cmocka_unit_test(a_lost_host_is_negotiated_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
