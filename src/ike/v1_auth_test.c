/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/pair_test.h"
#include "ike/v1_auth.h"

static void the_longest_key_of_all_keyrings(void **state)
{
	struct pair_spec hub = HUB_SPEC;
	struct pair p;

	(void)state;
	hub.key_for = "2.2.2.0/24";
	pair_start(&p, 1, &hub, NULL);
	const struct ike_host_key known = { p.end[HUB].address, p.end[SPOKE].address, 0 };
	const struct ike_host_key unknown = { p.end[HUB].address, addr_v4(3, 3, 3, 3), 0 };
	assert_string_equal(v1_auth_key(p.end[HUB].ike, &known)->secret, "cisco123");
	assert_null(v1_auth_key(p.end[HUB].ike, &unknown));
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	pair_fini(&p);
}

static void an_isakmp_profile_admits_by_identity(void **state)
{
	struct pair_spec hub = HUB_SPEC;
	struct pair p;

	(void)state;
	hub.match = "2.2.2.0/24";
	pair_start(&p, 1, &hub, NULL);
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_true(v1_auth_admits(p.end[HUB].ike, pair_sa(&p, HUB), &p.end[SPOKE].address));
	assert_false(v1_auth_admits(p.end[HUB].ike, pair_sa(&p, HUB), &p.end[HUB].address));
	pair_fini(&p);
}

static void keys_that_differ_are_told_at_both_ends(void **state)
{
	struct pair_spec hub = HUB_SPEC;
	struct pair p;

	(void)state;
	hub.key = "another";
	pair_start(&p, 1, &hub, NULL);
	pair_run(&p, 5000);
	assert_int_equal(pair_count(&p, HUB, true) + pair_count(&p, SPOKE, true), 0);
	assert_true(pair_traced(&p, HUB, "ike-failed: the peer's proof does not fit"));
	assert_true(pair_traced(&p, SPOKE, "ike-failed: the peer refuses our proof"));
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_key_of_all_keyrings),
		cmocka_unit_test(an_isakmp_profile_admits_by_identity),
		cmocka_unit_test(keys_that_differ_are_told_at_both_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
