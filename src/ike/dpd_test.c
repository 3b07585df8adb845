/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/dpd.h"
#include "ike/pair_test.h"

enum {
	POLL_S = 1, /* traffic is told so often */
	DETECTION_S = SNAP_DPD_IDLE_S + POLL_S + IKE_DPD_TRIES * SNAP_DPD_RETRY_S,
};

/* A pair that carries something both ways for some seconds. */
static void talk(struct pair *p, uint64_t seconds)
{
	for (uint64_t i = 1; i <= seconds; i++) {
		pair_run(p, 1000 * POLL_S);
		pair_used(p, SPOKE, HUB, (struct pair_traffic){ i, i, 100 * i });
		pair_used(p, HUB, SPOKE, (struct pair_traffic){ i, i, 100 * i });
	}
}

static bool is_dead(const struct pair *p, int i)
{
	return pair_traced(p, i, "ipsec-down: peer does not answer\n");
}

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

/*
 * The spoke goes on sending; the hub, which only answers, is told of no traffic any more. Both have
 * the other way within the detection time.
 */
static void both_ends_find_it_in_the_same_time(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	talk(&p, 5);
	p.cut = true;
	for (uint64_t i = 1; i < DETECTION_S; i++) {
		assert_false(is_dead(&p, SPOKE) || is_dead(&p, HUB));
		pair_run(&p, 1000 * POLL_S);
		pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 5, 5 + i, 100 * (5 + i) });
	}
	assert_true(is_dead(&p, SPOKE));
	assert_true(is_dead(&p, HUB));
	assert_int_equal(pair_count(&p, HUB, true), 0);
	pair_fini(&p);
}

/* Who only sends is silent as well when the other end begins to ask. */
static void both_ends_find_it_of_one_way_traffic(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	for (uint64_t i = 1; i <= 35; i++) {
		pair_run(&p, 1000 * POLL_S);
		pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 0, i, 100 * i });
		pair_used(&p, HUB, SPOKE, (struct pair_traffic){ i, 0, 100 * i });
	}
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	p.cut = true;
	for (uint64_t i = 1; i < DETECTION_S; i++) {
		pair_run(&p, 1000 * POLL_S);
		pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 0, 35 + i, 100 * (35 + i) });
	}
	assert_true(is_dead(&p, SPOKE));
	assert_true(is_dead(&p, HUB));
	pair_fini(&p);
}

static void lose_what_the_hub_sends(struct pair *p, struct pair_flying *f)
{
	f->used = !addr_equal(&f->path.from, &p->end[HUB].address);
}

/* Only the way to the spoke is dead: the hub hears well that it is asked, and that it is given up.
 */
static void who_is_not_heard_is_told(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	talk(&p, 5);
	p.mangle = lose_what_the_hub_sends;
	for (uint64_t i = 1; i < DETECTION_S; i++) {
		pair_run(&p, 1000 * POLL_S);
		pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 5, 5 + i, 100 * (5 + i) });
		pair_used(&p, HUB, SPOKE, (struct pair_traffic){ 5 + i, 5 + i, 100 * (5 + i) });
	}
	pair_run(&p, 100);
	assert_true(is_dead(&p, SPOKE));
	assert_true(pair_traced(&p, HUB, "ipsec-down: peer deleted it\n"));
	assert_true(pair_traced(&p, HUB, "ike-down: peer deleted it\n"));
	assert_int_equal(pair_count(&p, HUB, true), 0);
	pair_fini(&p);
}

/* A conversation that ends costs a question of each end, and then no more. */
static void a_silent_peer_is_asked_once(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	size_t spoke = p.end[SPOKE].n_packets, hub = p.end[HUB].n_packets;
	talk(&p, 5);
	pair_run(&p, 300000);
	assert_in_range(p.end[SPOKE].n_packets, spoke + 1, spoke + 2); /* and an answer */
	assert_in_range(p.end[HUB].n_packets, hub + 1, hub + 2);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	pair_fini(&p);
}

/* What comes while a question is out is no answer for good: the end that only hears asks again. */
static void silence_after_an_unanswered_question(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	pair_run(&p, 1000);
	pair_used(&p, HUB, SPOKE, (struct pair_traffic){ 1, 0, 100 });
	p.cut = true;
	size_t n = p.end[HUB].n_packets;
	for (int i = 0; i < DETECTION_S && p.end[HUB].n_packets == n; i++)
		pair_run(&p, 1000);
	pair_run(&p, 100);
	pair_used(&p, HUB, SPOKE, (struct pair_traffic){ 2, 0, 200 });
	pair_run(&p, 1000 * SNAP_DPD_IDLE_S);
	assert_false(is_dead(&p, HUB));
	pair_run(&p, 1000 * (DETECTION_S - SNAP_DPD_IDLE_S));
	assert_true(is_dead(&p, HUB));
	pair_fini(&p);
}

/* A shorter idle time holds from the next packet on. */
static void another_idle_time_is_in_force_at_once(void **state)
{
	struct pair_spec spoke = SPOKE_SPEC, patient = SPOKE_SPEC;
	struct pair p;

	(void)state;
	patient.also.keepalive_s = 3600;
	pair_start(&p, 1, NULL, &patient);
	pair_run(&p, 2000);
	talk(&p, 5);
	pair_configure(&p, SPOKE, &spoke);
	p.cut = true;
	for (uint64_t i = 1; i < DETECTION_S; i++) {
		pair_run(&p, 1000 * POLL_S);
		pair_used(&p, SPOKE, HUB, (struct pair_traffic){ 5, 5 + i, 100 * (5 + i) });
	}
	assert_true(is_dead(&p, SPOKE));
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
		cmocka_unit_test(both_ends_find_it_in_the_same_time),
		cmocka_unit_test(both_ends_find_it_of_one_way_traffic),
		cmocka_unit_test(who_is_not_heard_is_told),
		cmocka_unit_test(a_silent_peer_is_asked_once),
		cmocka_unit_test(silence_after_an_unanswered_question),
		cmocka_unit_test(another_idle_time_is_in_force_at_once),
		cmocka_unit_test(a_living_peer_is_left_alone),
		cmocka_unit_test(periodic_detection_needs_no_traffic),
		cmocka_unit_test(a_profile_of_its_own),
		cmocka_unit_test(only_what_is_said_first_is_fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
