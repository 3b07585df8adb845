/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/pair_test.h"
#include "ike/peer.h"

static void wanting_twice_is_wanting_once(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	size_t n = p.end[SPOKE].n_packets;
	pair_want(&p, SPOKE, HUB);
	pair_run(&p, 2000);
	assert_int_equal(p.end[SPOKE].n_packets, n);
	assert_int_equal(p.end[SPOKE].ike->peers->n_wants, 1);
	pair_fini(&p);
}

static void a_peer_forgotten_is_told_and_freed(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	pair_forget(&p, SPOKE, HUB);
	pair_run(&p, 100 + IKE_LATE_MS);
	assert_int_equal(pair_count(&p, SPOKE, true) + pair_count(&p, SPOKE, false), 0);
	assert_int_equal(pair_count(&p, HUB, true) + pair_count(&p, HUB, false), 0);
	assert_true(pair_traced(&p, SPOKE, "ipsec-down: not wanted any more\n"));
	assert_true(pair_traced(&p, HUB, "ipsec-down: peer deleted it\n"));
	assert_int_equal(p.end[HUB].n_down, 1);
	assert_int_equal(p.end[SPOKE].n_down, 1);
	assert_null(p.end[SPOKE].ike->peers);
	assert_null(p.end[HUB].ike->peers);
	pair_fini(&p);
}

static void a_peer_that_does_not_answer_is_tried_again(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	pair_add(&p, &HUB_SPEC);
	pair_add(&p, &SPOKE_SPEC);
	p.cut = true;
	pair_want(&p, SPOKE, HUB);
	pair_run(&p, 45000);
	assert_true(pair_traced(&p, SPOKE, "ike-failed: no answer to main mode message 1"));
	p.cut = false;
	pair_run(&p, 15000);
	assert_true(pair_is_joined(&p, HUB, SPOKE));
	pair_fini(&p);
}

/* What its tunnels use is told before the next try, which comes no sooner by it. */
static void use_is_told_while_a_try_is_waited_for(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	pair_add(&p, &HUB_SPEC);
	pair_add(&p, &SPOKE_SPEC);
	p.cut = true;
	pair_want(&p, SPOKE, HUB);
	for (int i = 0; i < 60 && !pair_traced(&p, SPOKE, "ike-failed"); i++)
		pair_run(&p, 1000);
	struct ike *ike = pair_begin_step(&p, SPOKE);
	struct ike_peer *peer = ike->peers;
	size_t n = p.end[SPOKE].n_packets;
	mono next = peer->not_before;
	assert_true(mono_before(ike->now.mono, next));
	peer->todo |= IKE_PEER_USE;
	ike_peer_wake(ike, peer);
	pair_end_step(&p, SPOKE);
	assert_int_equal(peer->todo, 0);
	assert_int_equal(p.end[SPOKE].n_packets, n);
	assert_false(mono_before(next, ike_deadline(ike)));
	pair_run(&p, 1000 * IKE_RETRY_S);
	assert_int_equal(p.end[SPOKE].n_packets, n + 1);
	pair_fini(&p);
}

static void a_tunnel_without_protection_has_no_peers(void **state)
{
	struct addr nbma = addr_v4(2, 2, 2, 2);
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	pair_add(&p, &HUB_SPEC);
	struct ike *ike = pair_begin_step(&p, HUB);
	ike_want(ike, 17, &nbma, &(struct udp_place){ 0 });
	pair_end_step(&p, HUB);
	assert_null(ike->peers);
	assert_false(ike_is_up(ike, 17, &nbma));
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wanting_twice_is_wanting_once),
		cmocka_unit_test(a_peer_forgotten_is_told_and_freed),
		cmocka_unit_test(a_peer_that_does_not_answer_is_tried_again),
		cmocka_unit_test(use_is_told_while_a_try_is_waited_for),
		cmocka_unit_test(a_tunnel_without_protection_has_no_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
