/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/fail.h"
#include "ike/pair_test.h"

static void failures_are_counted_and_told_up_to_a_limit(void **state)
{
	const struct addr peer = addr_v4(3, 3, 3, 3);
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	pair_add(&p, &HUB_SPEC);
	struct ike *ike = pair_begin_step(&p, 0);
	for (int i = 0; i < 2 * IKE_FAILURES_PER_S; i++)
		assert_int_equal(ike_fail(ike, &peer, "number %d", i), i < IKE_FAILURES_PER_S);
	ike->now.mono = mono_add_s(ike->now.mono, 1);
	assert_true(ike_fail(ike, &peer, "a second later"));
	ike_advise(ike, &peer, "crypto isakmp policy %d", 10);
	pair_end_step(&p, 0);
	assert_int_equal(ike->counters.failed, 2 * IKE_FAILURES_PER_S + 1);
	assert_true(pair_traced(&p, 0,
	                        "ike-failed: number 9\nike-failed: a second later\n"
	                        "ike-advice: crypto isakmp policy 10\n"));
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_are_counted_and_told_up_to_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
