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

static struct ike_failure_view failure(struct ike *ike, size_t i)
{
	struct node_cursor cursor = { 0 };
	struct ike_failure_view view = { 0 };

	for (size_t k = 0; k <= i; k++)
		if (!ike_next_failure(ike, &cursor, &view))
			return (struct ike_failure_view){ 0 };
	return view;
}

static bool is_about(struct ike *ike, size_t i, const struct addr *peer)
{
	const struct ike_failure_view view = failure(ike, i);

	return addr_equal(&view.peer, peer);
}

static void failures_are_kept_the_latest_first(void **state)
{
	const struct addr peer = addr_v4(3, 3, 3, 3), other = addr_v4(4, 4, 4, 4);
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	pair_add(&p, &HUB_SPEC);
	struct ike *ike = pair_begin_step(&p, 0);
	assert_null(failure(ike, 0).text);
	ike_fail(ike, &peer, "keys differ");
	ike_advise(ike, &peer, "crypto isakmp key");
	ike_fail(ike, &other, "keys differ");
	assert_true(is_about(ike, 0, &other));
	assert_null(failure(ike, 0).advice);
	assert_int_equal(failure(ike, 1).count, 1);
	ike->now.wall_ms += 5000;
	ike_fail(ike, &peer, "keys differ");
	assert_true(is_about(ike, 0, &peer));
	assert_string_equal(failure(ike, 0).text, "keys differ");
	assert_string_equal(failure(ike, 0).advice, "crypto isakmp key");
	assert_int_equal(failure(ike, 0).count, 2);
	assert_int_equal(failure(ike, 0).wall_ms, ike->now.wall_ms);
	assert_null(failure(ike, 2).text);
	pair_end_step(&p, 0);
	pair_fini(&p);
}

static void repeats_are_counted_until_there_is_a_pause(void **state)
{
	const struct addr peer = addr_v4(3, 3, 3, 3);
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	pair_add(&p, &HUB_SPEC);
	struct ike *ike = pair_begin_step(&p, 0);
	ike->now.wall_ms = 1000000000000;
	for (int i = 0; i < 3; i++) {
		ike_fail(ike, &peer, "keys differ");
		ike_advise(ike, &peer, "the same key");
		assert_int_equal(ike->failure[0].repeats, i);
		const struct node_out *out = ike->out;
		assert_int_equal(out->action[out->n - 2].trace.repeats, i);
		assert_int_equal(out->action[out->n - 1].trace.repeats, i);
		ike->now.wall_ms += IKE_FAILURE_PAUSE_S * INT64_C(1000);
	}
	ike->now.wall_ms += 1;
	ike_fail(ike, &peer, "keys differ");
	assert_int_equal(ike->failure[0].repeats, 0);
	assert_int_equal(failure(ike, 0).count, 4);
	pair_end_step(&p, 0);
	pair_fini(&p);
}

static void the_oldest_failure_goes(void **state)
{
	const struct addr peer = addr_v4(3, 3, 3, 3);
	struct ike_counters counters;
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	pair_add(&p, &HUB_SPEC);
	struct ike *ike = pair_begin_step(&p, 0);
	for (int i = 0; i <= IKE_FAILURES_KEPT; i++) {
		ike->now.mono = mono_add_s(ike->now.mono, 1);
		ike_fail(ike, &peer, "number %d", i);
	}
	assert_string_equal(failure(ike, 0).text, "number 50");
	assert_string_equal(failure(ike, IKE_FAILURES_KEPT - 1).text, "number 1");
	assert_null(failure(ike, IKE_FAILURES_KEPT).text);
	ike_counters(ike, &counters);
	assert_int_equal(counters.failures_dropped, 1);
	pair_end_step(&p, 0);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_are_counted_and_told_up_to_a_limit),
		cmocka_unit_test(failures_are_kept_the_latest_first),
		cmocka_unit_test(repeats_are_counted_until_there_is_a_pause),
		cmocka_unit_test(the_oldest_failure_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
