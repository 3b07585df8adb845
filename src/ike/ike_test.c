/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/ike.h"
#include "ike/pair_test.h"

static void a_router_that_stops_says_so(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	assert_false(ike_is_silent(p.end[SPOKE].ike));
	pair_stop(&p, SPOKE);
	assert_true(ike_is_silent(p.end[SPOKE].ike));
	assert_int_equal(pair_count(&p, SPOKE, true) + pair_count(&p, SPOKE, false), 0);
	pair_run(&p, 100);
	assert_int_equal(pair_count(&p, HUB, true) + pair_count(&p, HUB, false), 0);
	assert_true(ike_is_silent(p.end[HUB].ike));
	assert_true(mono_is_never(ike_deadline(p.end[SPOKE].ike)));
	pair_fini(&p);
}

static void clearing_a_session_makes_it_anew(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	uint32_t first = pair_sa(&p, SPOKE)->id;
	pair_event(&p, SPOKE,
	           &(struct node_event){ .type = NODE_CLEAR_CRYPTO,
	                                 .clear_crypto.what = NODE_CLEAR_SESSION });
	pair_run(&p, 3000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_int_not_equal(pair_sa(&p, SPOKE)->id, first);
	assert_true(pair_traced(&p, SPOKE, "ipsec-down: cleared by command\n"));
	pair_fini(&p);
}

static void a_configuration_that_does_not_admit_a_pair_ends_it(void **state)
{
	struct pair_spec gcm = SPOKE_SPEC;
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	gcm.n_sets = 1;
	gcm.set[0] = (struct snap_transform_set){ .cipher = ESP_GCM128, .auth = ESP_AUTH_NONE };
	pair_configure(&p, SPOKE, &gcm);
	pair_run(&p, 100);
	assert_true(pair_traced(&p, SPOKE, "ipsec-down: configuration changed\n"));
	assert_int_equal(pair_count(&p, HUB, true), 0);
	gcm.source = "1.1.1.2";
	pair_configure(&p, HUB, &gcm);
	pair_run(&p, 15000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_int_equal(pair_outbound(&p, SPOKE, HUB)->cipher, ESP_GCM128);
	pair_fini(&p);
}

static void an_idle_pair_goes(void **state)
{
	struct pair_spec spoke = SPOKE_SPEC;
	struct pair p;

	(void)state;
	spoke.also.idle_s = 60;
	pair_start(&p, 1, NULL, &spoke);
	pair_run(&p, 2000);
	pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 1, 1, 100 });
	pair_run(&p, 58000);
	pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 1, 1, 100 });
	assert_false(pair_traced(&p, SPOKE, "ipsec-down"));
	pair_run(&p, 3000);
	pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 1, 1, 100 });
	assert_true(pair_traced(&p, SPOKE, "ipsec-down: not wanted any more"));
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_router_that_stops_says_so),
		cmocka_unit_test(clearing_a_session_makes_it_anew),
		cmocka_unit_test(a_configuration_that_does_not_admit_a_pair_ends_it),
		cmocka_unit_test(an_idle_pair_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
