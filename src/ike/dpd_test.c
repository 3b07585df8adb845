/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/dpd.h"
#include "ike/pair_test.h"

/* On demand: who sends and hears nothing asks; a dead peer's SAs go. */
static void a_dead_peer_is_found(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	p.cut = true;
	for (uint64_t i = 1; i <= 40; i++) {
		pair_run(&p, 1000);
		pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 0, i, 100 * i });
	}
	assert_true(pair_traced(&p, SPOKE, "ipsec-down: peer does not answer\n"));
	assert_int_equal(pair_count(&p, SPOKE, true), 0);
	assert_int_equal(p.end[SPOKE].n_down, 1);
	pair_fini(&p);
}

static void a_living_peer_is_left_alone(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	size_t n = p.end[SPOKE].n_packets;
	for (uint64_t i = 1; i <= 40; i++) {
		pair_run(&p, 1000);
		pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 0, i, 100 * i });
	}
	assert_in_range(p.end[SPOKE].n_packets, n + 2, n + 5);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	n = p.end[SPOKE].n_packets;
	for (uint64_t i = 41; i <= 80; i++) {
		pair_run(&p, 1000);
		pair_used(&p, SPOKE, HUB, (struct pair_traffic){ i, i, 100 * i });
	}
	assert_int_equal(p.end[SPOKE].n_packets, n);
	pair_fini(&p);
}

static void periodic_detection_needs_no_traffic(void **state)
{
	struct pair_spec spoke = SPOKE_SPEC;
	struct pair p;

	(void)state;
	spoke.also = (struct snap_crypto){ .keepalive_s = 10,
		                           .keepalive_retry_s = 3,
		                           .keepalive_periodic = true };
	pair_start(&p, 1, NULL, &spoke);
	pair_run(&p, 60000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	p.cut = true;
	pair_run(&p, 40000);
	assert_true(pair_traced(&p, SPOKE, "ipsec-down: peer does not answer\n"));
	pair_fini(&p);
}

/* Of the isakmp profile that the tunnel's profile names: these peers are asked at other times. */
static void a_profile_of_its_own(void **state)
{
	struct pair_spec spoke = SPOKE_SPEC;
	struct pair p;

	(void)state;
	spoke.match = "1.1.1.2/32";
	spoke.also.keepalive_s = 10;
	pair_start(&p, 1, NULL, &spoke);
	p.end[SPOKE].snapshot->crypto.isakmp_profile->keepalive_s = 25;
	p.end[SPOKE].snapshot->crypto.isakmp_profile->keepalive_retry_s = 7;
	pair_run(&p, 2000);
	p.cut = true;
	size_t n = p.end[SPOKE].n_packets;
	for (uint64_t i = 1; i <= 35; i++) {
		pair_run(&p, 1000);
		pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 0, i, 100 * i });
		if (i == 22)
			assert_int_equal(p.end[SPOKE].n_packets, n);
	}
	assert_int_equal(p.end[SPOKE].n_packets, n + 2); /* after 25 s, and 7 s later */
	pair_fini(&p);
}

/* Whoever repeats what was said before proves nothing. */
static void only_what_is_said_first_is_fresh(void **state)
{
	struct ike_sa sa = { .dpd_sent = 30 };

	(void)state;
	assert_true(ike_dpd_is_fresh(&sa, false, 0));
	assert_false(ike_dpd_is_fresh(&sa, false, 0));
	assert_true(ike_dpd_is_fresh(&sa, false, 7));
	assert_false(ike_dpd_is_fresh(&sa, false, 7));
	assert_false(ike_dpd_is_fresh(&sa, false, 6));
	assert_true(ike_dpd_is_fresh(&sa, false, 8));
	assert_false(ike_dpd_is_fresh(&sa, true, 30)); /* nothing is asked */
	sa.dpd_tries = 1;
	assert_false(ike_dpd_is_fresh(&sa, true, 29));
	assert_true(ike_dpd_is_fresh(&sa, true, 30));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dead_peer_is_found),
		cmocka_unit_test(a_living_peer_is_left_alone),
		cmocka_unit_test(periodic_detection_needs_no_traffic),
		cmocka_unit_test(a_profile_of_its_own),
		cmocka_unit_test(only_what_is_said_first_is_fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
