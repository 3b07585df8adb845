/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ike/pair_test.h"

static struct pair p;
static int hub, spoke;

static void join(uint32_t lifetime_s)
{
	pair_init(&p, 1);
	hub = pair_add(&p, &(struct pair_spec){ .source = "1.1.1.2", .lifetime_s = lifetime_s });
	spoke = pair_add(&p, &(struct pair_spec){ .source = "2.2.2.2", .lifetime_s = lifetime_s });
	pair_want(&p, spoke, hub);
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, spoke, hub));
}

static void both_ends_see_one_sa(void **state)
{
	struct ike_sa_view initiator, responder;
	struct node_cursor at = { 0 }, behind = { 0 };

	(void)state;
	join(0);
	assert_true(ike_next_sa(p.end[spoke].ike, &at, &initiator));
	assert_false(ike_next_sa(p.end[spoke].ike, &at, &initiator));
	assert_true(ike_next_sa(p.end[hub].ike, &behind, &responder));
	assert_int_equal(initiator.id, 1001);
	assert_int_equal(initiator.state, IKE_QM_IDLE);
	assert_true(initiator.initiator && !responder.initiator && !initiator.deleted);
	assert_int_equal(initiator.icookie, responder.icookie);
	assert_int_equal(initiator.rcookie, responder.rcookie);
	assert_true(addr_equal(&initiator.remote, &responder.local));
	assert_true(addr_equal(&initiator.peer_id, &p.end[hub].address));
	pair_fini(&p);
}

/* The latest pair of the spoke's. */
static struct ipsec_view pair_view(void)
{
	struct node_cursor at = { 0 };
	struct ipsec_view v, latest = { 0 };

	while (ike_next_ipsec(p.end[spoke].ike, &at, &v))
		latest = v;
	return latest;
}

static void totals_go_on_when_sas_are_renewed(void **state)
{
	(void)state;
	join(120);
	struct ipsec_view before = pair_view();
	pair_used(&p, spoke, hub, (struct pair_traffic){ .in = 5, .out = 7, .bytes = 700 });
	pair_run(&p, 200 * 1000);
	struct ipsec_view after = pair_view();
	assert_true(after.id > before.id && after.up && !after.old);
	assert_true(after.since.ns > before.since.ns);
	assert_int_equal(after.peer_since.ns, before.peer_since.ns);
	assert_int_equal(before.gone_packets_in + before.gone_packets_out, 0);
	assert_int_equal(after.gone_packets_in, 5);
	assert_int_equal(after.gone_packets_out, 7);
	pair_fini(&p);
}

static void a_peer_that_is_not_protected_is_seen_too(void **state)
{
	(void)state;
	pair_init(&p, 1);
	hub = pair_add(&p, &(struct pair_spec){ .source = "1.1.1.2" });
	spoke = pair_add(&p, &(struct pair_spec){ .source = "2.2.2.2" });
	p.cut = true;
	pair_want(&p, spoke, hub);
	pair_run(&p, 100);
	struct ipsec_view v = pair_view();
	assert_true(v.wanted && !v.up && !v.id);
	assert_true(addr_equal(&v.local, &p.end[spoke].address));
	assert_true(addr_equal(&v.remote, &p.end[hub].address));
	struct ike *ike = pair_begin_step(&p, spoke);
	ike_tunnel(ike, 0, &ADDR_ANY_NONE);
	pair_end_step(&p, spoke);
	assert_false(pair_view().wanted); /* nothing is to be had of a tunnel that is down */
	ike = pair_begin_step(&p, spoke);
	ike_tunnel(ike, 0, &p.end[spoke].address);
	pair_end_step(&p, spoke);
	assert_true(pair_view().wanted);
	pair_fini(&p);
}

static void messages_are_counted(void **state)
{
	struct ike_counters c;

	(void)state;
	join(0);
	ike_counters(p.end[hub].ike, &c);
	assert_int_equal(c.main_mode_done, 1);
	assert_int_equal(c.quick_mode_done, 1);
	assert_int_equal(c.n_sas, 1);
	assert_int_equal(c.n_half_open, 0);
	assert_true(c.sent >= 4 && c.received >= 5);
	pair_fini(&p);
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(ike_state_text(IKE_QM_IDLE), "QM_IDLE");
	assert_string_equal(ike_drop_key(IKE_DROP_NO_KEY), "no_key");
	assert_string_equal(ike_drop_text(IKE_DROP_FULL), "too many IKE SAs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_see_one_sa),
		cmocka_unit_test(totals_go_on_when_sas_are_renewed),
		cmocka_unit_test(a_peer_that_is_not_protected_is_seen_too),
		cmocka_unit_test(messages_are_counted),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
