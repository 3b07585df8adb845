/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/nat.h"
#include "ike/pair_test.h"

static const struct pair_nat NAT = { { 0 }, { 0 }, 20000 };

static void behind_nat(struct pair *p, uint64_t seed)
{
	pair_init(p, seed);
	p->nat[0] = NAT;
	p->nat[0].inside = addr_v4(192, 168, 1, 2);
	p->nat[0].outside = addr_v4(9, 9, 9, 9);
	p->n_nat = 1;
	pair_add(p, &HUB_SPEC);
	pair_add(p, &(struct pair_spec){ .source = "192.168.1.2" });
	pair_want(p, SPOKE, HUB);
	pair_run(p, 2000);
}

static void both_ends_see_the_nat_and_use_udp(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, 1);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_true(pair_sa(&p, SPOKE)->behind_nat);
	assert_true(pair_sa(&p, HUB)->peer_behind_nat);
	assert_int_equal(pair_outbound(&p, SPOKE, HUB)->udp_port, 4500);
	assert_int_equal(pair_outbound(&p, HUB, SPOKE)->udp_port, 24500);
	assert_true(addr_equal(&pair_outbound(&p, HUB, SPOKE)->remote, &p.nat[0].outside));
	pair_fini(&p);
}

static void without_nat_there_is_no_udp(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	assert_int_equal(pair_sa(&p, HUB)->nat, IKE_NAT_RFC);
	assert_false(ike_nat_is_there(pair_sa(&p, HUB)));
	assert_int_equal(pair_outbound(&p, SPOKE, HUB)->udp_port, 0);
	pair_fini(&p);
}

static void keepalives_come_from_behind_the_nat_only(void **state)
{
	struct pair p;

	(void)state;
	behind_nat(&p, 1);
	size_t hub = p.end[HUB].n_packets, spoke = p.end[SPOKE].n_packets;
	pair_run(&p, 61000);
	assert_int_equal(p.end[HUB].n_packets, hub);
	assert_int_equal(p.end[SPOKE].n_packets, spoke + 3);
	assert_int_equal(p.last_len, 1);
	assert_int_equal(p.last[0], 0xff);
	pair_fini(&p);
}

/* `udp-encapsulation force` at one end is enough for both. */
static void forced_udp(void **state)
{
	struct pair_spec spoke = SPOKE_SPEC;
	struct pair p;

	(void)state;
	spoke.also.force_udp = true;
	pair_start(&p, 1, NULL, &spoke);
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_int_equal(pair_outbound(&p, SPOKE, HUB)->udp_port, 4500);
	assert_int_equal(pair_outbound(&p, HUB, SPOKE)->udp_port, 4500);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_see_the_nat_and_use_udp),
		cmocka_unit_test(without_nat_there_is_no_udp),
		cmocka_unit_test(keepalives_come_from_behind_the_nat_only),
		cmocka_unit_test(forced_udp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
