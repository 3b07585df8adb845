/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/child.h"
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
	struct ike_sa sa = { .n_seen_infos = 0 };

	(void)state;
	for (uint32_t id = 1; id <= IKE_SEEN_INFOS; id++) {
		assert_true(ike_sa_is_new_info(&sa, id));
		ike_sa_note_info(&sa, id);
	}
	assert_false(ike_sa_is_new_info(&sa, 1));
	ike_sa_note_info(&sa, 1000);
	assert_true(ike_sa_is_new_info(&sa, 1));
	assert_false(ike_sa_is_new_info(&sa, 2));
}

/* As if so many quick modes had been done over an end's IKE SA. */
static void use_up(struct pair *p, int i, size_t n)
{
	struct ike *ike = pair_begin_step(p, i);
	struct ike_sa *sa = pair_sa(p, i);

	while (sa->n_seen_quicks < n) {
		const uint32_t id = (uint32_t)sa->n_seen_quicks;
		assert_true(ike_sa_has_quicks_left(ike, sa));
		assert_true(ike_sa_is_new_quick(sa, id));
		ike_sa_note_quick(ike, sa, id);
		assert_false(ike_sa_is_new_quick(sa, id));
	}
	pair_end_step(p, i);
}

static void an_ike_sa_is_renewed_before_its_quick_modes_are_used_up(void **state)
{
	const size_t left[] = { [HUB] = IKE_SEEN_QUICKS_LAST / 2, [SPOKE] = IKE_SEEN_QUICKS_LAST };

	(void)state;
	for (int i = HUB; i <= SPOKE; i++) {
		struct pair p;
		pair_lab(&p, 1);
		use_up(&p, i, IKE_SEEN_QUICKS_MAX - left[i] - 1);
		pair_run(&p, 2000);
		assert_false(pair_traced(&p, i, "ipsec-up\nike-up\n"));
		use_up(&p, i, IKE_SEEN_QUICKS_MAX - left[i]);
		pair_run(&p, 2000);
		assert_true(pair_traced(&p, i, "ipsec-up\nike-up\n"));
		assert_false(pair_traced(&p, i, "down"));
		assert_true(pair_is_joined(&p, SPOKE, HUB));
		pair_fini(&p);
	}
}

/* What it cannot remember it does not admit: the next IKE SA has room. */
static void an_ike_sa_whose_quick_modes_are_used_up_ends(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	use_up(&p, HUB, IKE_SEEN_QUICKS_MAX);
	struct ike *ike = pair_begin_step(&p, SPOKE);
	ike_child_renew_now(ike, pair_child(&p, SPOKE));
	pair_end_step(&p, SPOKE);
	pair_run(&p, 5000);
	assert_int_equal(pair_dropped(&p, HUB, IKE_DROP_FULL), 1);
	assert_true(pair_traced(&p, HUB, "ike-down: lifetime is over\nike-up\nipsec-up rekeyed"));
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	pair_fini(&p);
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

/* By chance, as pairs are, and half as early by the responder. */
static void renewals_are_spread(void **state)
{
	const int64_t life_ms = 600 * 1000, margin_ms = life_ms / IKE_REKEY_SHARE;
	const int64_t jitter_ms = life_ms / IKE_REKEY_JITTER_SHARE;
	int64_t least_ms = life_ms, most_ms = 0;
	struct pair_spec hub = HUB_SPEC, spoke = SPOKE_SPEC;
	struct pair p;

	(void)state;
	hub.n_policies = spoke.n_policies = 1;
	hub.policy[0].lifetime_s = spoke.policy[0].lifetime_s = 600;
	for (uint64_t seed = 1; seed <= 8; seed++) {
		pair_start(&p, seed, &hub, &spoke);
		pair_run(&p, 2000);
		for (int i = HUB; i <= SPOKE; i++) {
			const struct ike_sa *sa = pair_sa(&p, i);
			int64_t early_ms = (sa->ends_at.ns - sa->renew_at.ns) / NS_PER_MS;
			int share = sa->initiator ? 1 : 2;
			assert_in_range(early_ms, margin_ms / share,
			                (margin_ms + jitter_ms) / share);
			least_ms = early_ms * share < least_ms ? early_ms * share : least_ms;
			most_ms = early_ms * share > most_ms ? early_ms * share : most_ms;
		}
		pair_fini(&p);
	}
	assert_true(most_ms - least_ms > jitter_ms / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_by_both_cookies),
		cmocka_unit_test(message_ids_are_remembered),
		cmocka_unit_test(an_ike_sa_is_renewed_before_its_quick_modes_are_used_up),
		cmocka_unit_test(an_ike_sa_whose_quick_modes_are_used_up_ends),
		cmocka_unit_test(an_ike_sa_is_renewed_before_its_end),
		cmocka_unit_test(renewals_are_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
