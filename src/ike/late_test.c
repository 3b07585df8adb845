/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/late.h"

#include "ike/child.h"
#include "ike/pair_test.h"

/* The spoke has stopped, and the hub has just heard it. */
static void stop_spoke(struct pair *p)
{
	pair_lab(p, 1);
	pair_stop(p, SPOKE);
	pair_run(p, p->delay_ms);
	assert_true(pair_traced(p, HUB, "ipsec-down: peer deleted it\n"));
	assert_int_equal(pair_count(p, SPOKE, false) + pair_count(p, SPOKE, true), 0);
}

/* Nothing is sealed any more, and what is under way is opened. */
static void what_is_under_way_is_opened(void **state)
{
	struct pair p;

	(void)state;
	stop_spoke(&p);
	assert_int_equal(pair_count(&p, HUB, true), 0);
	assert_int_equal(pair_count(&p, HUB, false), 1);
	assert_int_equal(p.end[HUB].n_down, 1);
	pair_run(&p, IKE_LATE_MS - 1);
	assert_int_equal(pair_count(&p, HUB, false), 1);
	pair_run(&p, 1);
	assert_int_equal(pair_count(&p, HUB, false), 0);
	pair_fini(&p);
}

/* A spoke that has lost all says so by its main mode: by what it had it has sealed its last. */
static void not_by_who_starts_anew(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	pair_restart(&p, SPOKE);
	pair_want(&p, SPOKE, HUB);
	for (int i = 0; i < 500 && !pair_traced(&p, HUB, "ipsec-down: peer deleted it\n"); i++)
		pair_run(&p, 1);
	assert_true(pair_traced(&p, HUB, "ipsec-down: peer deleted it\n"));
	assert_int_equal(pair_count(&p, HUB, false), 0);
	pair_fini(&p);
}

static void nor_by_invalid_spi(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	pair_event(&p, SPOKE,
	           &(struct node_event){ .type = NODE_SA_UNKNOWN,
	                                 .unknown = { p.end[HUB].address, p.end[SPOKE].address,
	                                              pair_child(&p, HUB)->spi_out, 0 } });
	pair_run(&p, p.delay_ms);
	assert_true(pair_traced(&p, HUB, "ipsec-down: peer deleted it\n"));
	assert_int_equal(pair_count(&p, HUB, false), 0);
	pair_fini(&p);
}

static void not_by_who_clears_configures_or_stops_himself(void **state)
{
	const struct node_event clear = { .type = NODE_CLEAR_CRYPTO };

	(void)state;
	for (int what = 0; what < 3; what++) {
		struct pair p;
		stop_spoke(&p);
		assert_int_equal(pair_count(&p, HUB, false), 1);
		if (what == 0)
			pair_event(&p, HUB, &clear);
		else if (what == 1)
			pair_configure(&p, HUB, &HUB_SPEC);
		else
			pair_stop(&p, HUB);
		pair_run(&p, 0);
		assert_int_equal(pair_count(&p, HUB, false), 0);
		assert_true(ike_is_silent(p.end[HUB].ike));
		pair_fini(&p);
	}
}

/* One too many goes at once. */
static void few_are_kept(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	struct ike *ike = pair_begin_step(&p, HUB);
	for (uint32_t i = 1; i <= IKE_LATE_MAX; i++)
		ike_late_del(ike, i);
	assert_int_equal(p.out.n, 0);
	ike_late_del(ike, IKE_LATE_MAX + 1);
	assert_int_equal(p.out.n, 1);
	assert_int_equal(p.out.action[0].type, NODE_SA_DEL);
	assert_int_equal(p.out.action[0].sa_id, IKE_LATE_MAX + 1);
	ike_late_free(ike);
	assert_int_equal(ike->n_late, 0);
	p.out.n = 0;
	pair_end_step(&p, HUB);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_under_way_is_opened),
		cmocka_unit_test(not_by_who_starts_anew),
		cmocka_unit_test(nor_by_invalid_spi),
		cmocka_unit_test(not_by_who_clears_configures_or_stops_himself),
		cmocka_unit_test(few_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
