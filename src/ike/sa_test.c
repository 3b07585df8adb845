/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/pair_test.h"
#include "ike/sa.h"

static void found_by_both_cookies(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	const struct ike_sa *sa = pair_sa(&p, SPOKE);
	struct ike *ike = p.end[SPOKE].ike;
	assert_ptr_equal(ike_sa_find(ike, sa->icookie, sa->rcookie), sa);
	assert_null(ike_sa_find(ike, sa->icookie, sa->rcookie + 1));
	assert_null(ike_sa_find(ike, sa->icookie + 1, sa->rcookie));
	assert_int_equal(ike_sa_theirs(sa), sa->rcookie);
	pair_fini(&p);
}

static void message_ids_are_remembered(void **state)
{
	struct ike_sa sa = { .n_seen = 0 };

	(void)state;
	for (uint32_t id = 1; id <= IKE_SEEN_QUICKS; id++) {
		assert_true(ike_sa_is_new_id(&sa, id));
		ike_sa_note_id(&sa, id);
	}
	assert_false(ike_sa_is_new_id(&sa, 1));
	ike_sa_note_id(&sa, 1000);
	assert_true(ike_sa_is_new_id(&sa, 1));
	assert_false(ike_sa_is_new_id(&sa, 2));
}

static void an_ike_sa_is_renewed_before_its_end(void **state)
{
	struct pair_spec hub = HUB_SPEC;
	struct pair p;

	(void)state;
	hub.n_policies = 1;
	hub.policy[0].lifetime_s = 600;
	pair_start(&p, 1, &hub, NULL);
	pair_run(&p, 2000);
	uint32_t first = pair_sa(&p, SPOKE)->id;
	pair_run(&p, 570000);
	assert_false(pair_traced(&p, SPOKE, "ike-down: holding"));
	assert_true(pair_traced(&p, SPOKE, "ike-up\nipsec-up\nike-up\n"));
	pair_run(&p, 1000LL * (IKE_OLD_SA_S + IKE_OLD_SA_JITTER_S));
	assert_int_equal(HASH_COUNT(p.end[SPOKE].ike->sas), 1);
	assert_int_equal(HASH_COUNT(p.end[HUB].ike->sas), 1);
	assert_int_not_equal(pair_sa(&p, SPOKE)->id, first);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_by_both_cookies),
		cmocka_unit_test(message_ids_are_remembered),
		cmocka_unit_test(an_ike_sa_is_renewed_before_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
