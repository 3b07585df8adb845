/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/pair_test.h"
#include "ike/turn.h"
#include "util/memory.h"

static void start(struct pair *p, struct ike_turn *turn)
{
	static const struct node_ike_path path = { .from_port = 500, .to_port = 500 };
	struct ike *ike = pair_begin_step(p, 0);

	ike_turn_send(ike, turn, &(struct ike_message){ &path, (const uint8_t *)"hello", 5, true });
}

static void intervals_double(void **state)
{
	static const struct node_ike_path path = { .from_port = 500, .to_port = 500 };
	static const int64_t low_ms[] = { 1000, 2000, 4000, 8000 };
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	pair_add(&p, &HUB_SPEC);
	struct ike_turn turn = { .at = MONO_NEVER };
	start(&p, &turn);
	struct ike *ike = p.end[0].ike;
	for (int i = 0; i < 4; i++) {
		int64_t wait_ms = (turn.at.ns - ike->now.mono.ns) / NS_PER_MS;
		assert_in_range(wait_ms, low_ms[i], low_ms[i] + low_ms[i] / 4);
		ike->now.mono = turn.at;
		assert_true(ike_turn_fire(ike, &turn, &path));
	}
	ike->now.mono = turn.at;
	assert_false(ike_turn_fire(ike, &turn, &path));
	assert_int_equal(ike->counters.sent, IKE_TRIES);
	ike_turn_fini(&turn);
	pair_fini(&p);
}

static void a_duplicate_is_answered_a_few_times(void **state)
{
	const struct node_event same = { .ike = { .bytes = (const uint8_t *)"question",
		                                  .len = 8 } };
	const struct node_event other = { .ike = { .bytes = (const uint8_t *)"another",
		                                   .len = 7 } };
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	pair_add(&p, &HUB_SPEC);
	struct ike_turn turn = { .at = MONO_NEVER };
	start(&p, &turn);
	struct ike *ike = p.end[0].ike;
	assert_false(ike_turn_repeats(ike, &turn, &same));
	ike_turn_saw(ike, &turn, same.ike.bytes, same.ike.len);
	for (int i = 0; i < 2 * IKE_REPEATS_MAX; i++)
		assert_true(ike_turn_repeats(ike, &turn, &same));
	assert_false(ike_turn_repeats(ike, &turn, &other));
	assert_int_equal(ike->counters.sent, 1 + IKE_REPEATS_MAX);
	ike_turn_done(&turn);
	assert_true(mono_is_never(turn.at));
	ike_turn_fini(&turn);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intervals_double),
		cmocka_unit_test(a_duplicate_is_answered_a_few_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
