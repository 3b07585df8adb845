/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/pair_test.h"
#include "ike/v1_quick.h"

static void pfs_groups(void **state)
{
	static const uint16_t groups[] = { 1, 5, 14, 19, 20, 21, PAIR_NO_PFS };

	(void)state;
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
		struct pair_spec hub = HUB_SPEC, spoke = SPOKE_SPEC;
		struct pair p;
		hub.pfs_group = spoke.pfs_group = groups[i];
		pair_start(&p, i, &hub, &spoke);
		pair_run(&p, 2000);
		assert_true(pair_is_joined(&p, SPOKE, HUB));
		assert_int_equal(pair_child(&p, HUB)->pfs_group,
		                 groups[i] == PAIR_NO_PFS ? 0 : groups[i]);
		pair_fini(&p);
	}
}

static void a_pfs_group_that_differs_is_told_at_both_ends(void **state)
{
	struct pair_spec hub = HUB_SPEC;
	struct pair p;

	(void)state;
	hub.pfs_group = 14;
	pair_start(&p, 1, &hub, NULL);
	pair_run(&p, 5000);
	assert_int_equal(pair_count(&p, HUB, false) + pair_count(&p, SPOKE, false), 0);
	assert_true(pair_traced(&p, HUB, "PFS: offered group 2, configured group 14"));
	assert_true(pair_traced(&p, SPOKE, "PFS: offered group 2, configured group 14"));
	pair_fini(&p);
}

static void the_peers_mode_is_taken(void **state)
{
	struct pair_spec hub = HUB_SPEC;
	struct pair p;

	(void)state;
	hub.n_sets = 1;
	hub.set[0] = (struct snap_transform_set){ .cipher = ESP_AES128,
		                                  .auth = ESP_SHA1_96,
		                                  .mode = SNAP_IPSEC_TRANSPORT,
		                                  .require = true };
	pair_start(&p, 1, &hub, NULL);
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_int_equal(pair_outbound(&p, SPOKE, HUB)->mode, ESP_TRANSPORT);
	pair_fini(&p);
}

/* RFC 2409 5.5: an answer is about what was asked. As if the spoke had named something else. */
static void an_answer_about_other_selectors(void **state)
{
	const struct pair_nat nat = { addr_v4(2, 2, 2, 2), addr_v4(9, 9, 9, 9), 20000 };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct pair_spec spec = SPOKE_SPEC;
		struct pair p;
		spec.n_sets = 1;
		spec.set[0].cipher = ESP_AES128;
		spec.set[0].auth = ESP_SHA1_96;
		spec.set[0].mode = i & 1 ? SNAP_IPSEC_TRANSPORT : SNAP_IPSEC_TUNNEL;
		pair_init(&p, 1);
		pair_add(&p, &HUB_SPEC);
		if (i & 2)
			p.nat[p.n_nat++] = nat;
		pair_want(&p, pair_add(&p, &spec), HUB);
		while (!p.end[SPOKE].ike->peers->quick)
			pair_run(&p, 1);
		p.end[SPOKE].ike->peers->quick->inner_remote = addr_v4(1, 1, 1, 3);
		pair_run(&p, 3000);
		/* Behind a NAT each end sees addresses of its own; transport mode carries none. */
		bool taken = i == 3;
		assert_int_equal(pair_is_joined(&p, SPOKE, HUB), taken);
		assert_int_equal(
			pair_traced(&p, SPOKE, "the peer's answer names others than we did"),
			!taken);
		assert_int_equal(pair_count(&p, SPOKE, true), taken);
		pair_fini(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pfs_groups),
		cmocka_unit_test(a_pfs_group_that_differs_is_told_at_both_ends),
		cmocka_unit_test(the_peers_mode_is_taken),
		cmocka_unit_test(an_answer_about_other_selectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
