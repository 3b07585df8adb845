/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/pair_test.h"
#include "ike/tunnel.h"

static void a_tunnel_runs_with_profile_and_source(void **state)
{
	struct addr other = addr_v4(9, 9, 9, 9);
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	pair_add(&p, &HUB_SPEC);
	struct ike *ike = p.end[0].ike;
	struct ike_tunnel *t = ike_tunnel_find(ike, 0);
	assert_true(ike_tunnel_runs(t));
	assert_ptr_equal(ike_tunnel_at(ike, &p.end[0].address), t);
	assert_null(ike_tunnel_at(ike, &other));
	assert_null(ike_tunnel_find(ike, 7));
	assert_string_equal(ike_tunnel_profile(ike, t)->name, "myDMVPN");
	pair_begin_step(&p, 0);
	ike_tunnel(ike, 0, &ADDR_ANY_NONE);
	pair_end_step(&p, 0);
	assert_false(ike_tunnel_runs(t));
	pair_fini(&p);
}

static void shared_tunnels_follow_the_lowest(void **state)
{
	struct ike_tunnel t[3] = {
		{ .number = 5, .source = addr_v4(1, 1, 1, 1), .profile = "P", .shared = true },
		{ .number = 3, .source = addr_v4(1, 1, 1, 1), .profile = "P", .shared = true },
		{ .number = 1, .source = addr_v4(1, 1, 1, 1), .profile = "P" },
	};
	const struct ike ike = { .tunnel = t, .n_tunnels = 3 };

	(void)state;
	assert_ptr_equal(ike_tunnel_leader(&ike, &t[0]), &t[1]);
	assert_ptr_equal(ike_tunnel_leader(&ike, &t[2]), &t[2]);
	assert_true(ike_tunnel_follows(&t[0], &t[1]));
	assert_false(ike_tunnel_follows(&t[2], &t[1]));
	t[1].source = addr_v4(2, 2, 2, 2);
	assert_ptr_equal(ike_tunnel_leader(&ike, &t[0]), &t[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tunnel_runs_with_profile_and_source),
		cmocka_unit_test(shared_tunnels_follow_the_lowest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
