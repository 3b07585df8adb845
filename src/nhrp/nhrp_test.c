/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

/* A hub forgets its clients by command: they are told, and are back at once. */
static void clearing_a_hub(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	cloud_clear(c, R1);
	cloud_run(c, 500);
	cloud_expect(c, "   2.000 R1 sent 2.2.2.2 Purge Request 2\n"
	                "   2.000 R1 del-peer 10.10.10.2\n"
	                "   2.000 R1 nhc-down 10.10.10.2 2.2.2.2 (cleared by command)\n"
	                "   2.000 R1 cache-delete 10.10.10.2 2.2.2.2 (cleared by command)\n"
	                "   2.000 R1 sent 3.3.3.2 Purge Request 2\n"
	                "   2.000 R1 del-peer 10.10.10.3\n"
	                "   2.000 R1 nhc-down 10.10.10.3 3.3.3.2 (cleared by command)\n"
	                "   2.000 R1 cache-delete 10.10.10.3 3.3.3.2 (cleared by command)\n"
	                "   2.010 R2 sent 1.1.1.2 Purge Reply 2\n"
	                "   2.010 R2 sent 1.1.1.2 Registration Request 3\n"
	                "   2.010 R3 sent 1.1.1.2 Purge Reply 2\n"
	                "   2.010 R3 sent 1.1.1.2 Registration Request 3\n"
	                "   2.020 R1 cache-add 10.10.10.2 2.2.2.2\n"
	                "   2.020 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   2.020 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   2.020 R1 sent 2.2.2.2 Registration Reply 3\n"
	                "   2.020 R1 cache-add 10.10.10.3 3.3.3.2\n"
	                "   2.020 R1 set-peer 10.10.10.3 3.3.3.2 registered\n"
	                "   2.020 R1 nhc-up 10.10.10.3 3.3.3.2\n"
	                "   2.020 R1 sent 3.3.3.2 Registration Reply 3\n");
}

static void clearing_a_spoke(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add_three(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 500);
	cloud_quiet(c);
	cloud_clear(c, R2);
	cloud_run(c, 500);
	cloud_expect(c, "   2.500 R2 del-peer 10.10.10.3\n"
	                "   2.500 R2 nhp-down 10.10.10.3 3.3.3.2 (cleared by command)\n"
	                "   2.500 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   2.500 R2 sent 1.1.1.2 Registration Request 4\n"
	                "   2.510 R1 del-peer 10.10.10.2\n"
	                "   2.510 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   2.510 R1 sent 2.2.2.2 Purge Reply 2\n"
	                "   2.510 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   2.510 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   2.510 R1 sent 2.2.2.2 Registration Reply 4\n");
}

static void clearing_one_address(void **state)
{
	struct cloud *c = *state;
	struct node_event event = { .type = NODE_CLEAR };

	cloud_add_three(c);
	c->router[R3].deaf = true;
	event.clear.one_tunnel = event.clear.one_target = true;
	event.clear.target = (struct prefix){ cloud_addr("10.10.10.3"), 32 };
	cloud_event(c, R1, &event);
	event.clear.tunnel = 1;
	event.clear.one_target = false;
	cloud_event(c, R1, &event);
	cloud_expect(c, "   2.000 R1 sent 3.3.3.2 Purge Request 2\n"
	                "   2.000 R1 del-peer 10.10.10.3\n"
	                "   2.000 R1 nhc-down 10.10.10.3 3.3.3.2 (cleared by command)\n"
	                "   2.000 R1 cache-delete 10.10.10.3 3.3.3.2 (cleared by command)\n");
	cloud_expect_cache(
		c, R1,
		"10.10.10.2/32 10.10.10.2 2.2.2.2 dynamic authoritative unique registered nhop\n");
}

static uint64_t sent_replies(const struct cloud *c)
{
	struct node_cursor cursor = { 0 };
	struct nhrp_tunnel_view t;

	assert_true(node_tunnel_next(c->router[R1].node, &cursor, &t));
	return t.traffic.sent[NHRP_REGISTRATION_REPLY];
}

static void clearing_counters(void **state)
{
	struct cloud *c = *state;
	struct node_event event = { .type = NODE_CLEAR_COUNTERS };
	struct node_event packet = { .type = NODE_PACKET };

	cloud_add_three(c);
	packet.packet.tunnel = 9;
	cloud_event(c, R1, &packet);
	assert_int_equal(sent_replies(c), 4);
	event.clear.one_tunnel = true;
	event.clear.tunnel = 9;
	cloud_event(c, R1, &event);
	assert_int_equal(sent_replies(c), 4);
	event.clear.one_tunnel = false;
	cloud_event(c, R1, &event);
	assert_int_equal(sent_replies(c), 0);
	assert_int_equal(node_drops(c->router[R1].node, DROP_NO_TUNNEL), 0);
}

/* Killed and started again, the hub has its clients from what it had saved; they notice nothing. */
static void a_hub_remembers(void **state)
{
	struct cloud *c = *state;
	struct node_cursor cursor = { 0 };
	struct node_saved_entry saved[4];
	size_t n = 0;

	cloud_add_three(c);
	cloud_run(c, 100000);
	while (node_saved_next(c->router[R1].node, &cursor, cloud_now(c), &saved[n]))
		n++;
	assert_int_equal(n, 2);
	assert_int_equal(saved[0].holdtime_s, 7200);
	assert_true(saved[0].unique);
	assert_int_equal(saved[0].expires_wall_ms - cloud_now(c).wall_ms, (7200 - 101) * 1000 + 10);
	cloud_restart(c, R1);
	cloud_run(c, 30000);
	cloud_quiet(c);
	for (size_t i = 0; i < n; i++)
		cloud_event(c, R1, &(struct node_event){ .type = NODE_RESTORE, .saved = saved[i] });
	cloud_expect(c, " 132.000 R1 cache-add 10.10.10.2 2.2.2.2\n"
	                " 132.000 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                " 132.000 R1 cache-add 10.10.10.3 3.3.3.2\n"
	                " 132.000 R1 set-peer 10.10.10.3 3.3.3.2 registered\n");
	cloud_expect_cache(
		c, R1,
		"10.10.10.2/32 10.10.10.2 2.2.2.2 dynamic authoritative unique registered nhop\n"
		"10.10.10.3/32 10.10.10.3 3.3.3.2 dynamic authoritative unique registered nhop\n");
	cloud_run(c, 2400000);
	cloud_expect(c, "2401.020 R2 sent 1.1.1.2 Registration Request 3\n"
	                "2401.020 R3 sent 1.1.1.2 Registration Request 3\n"
	                "2401.030 R1 cache-update 10.10.10.2 2.2.2.2\n"
	                "2401.030 R1 sent 2.2.2.2 Registration Reply 3\n"
	                "2401.030 R1 cache-update 10.10.10.3 3.3.3.2\n"
	                "2401.030 R1 sent 3.3.3.2 Registration Reply 3\n");
}

static void restored_entries_expire_by_the_wall_clock(void **state)
{
	struct cloud *c = *state;
	struct node_event event = { .type = NODE_RESTORE };

	cloud_add(c, &cloud_r1);
	event.saved = (struct node_saved_entry){ .target = { cloud_addr("10.10.10.2"), 32 },
		                                 .nbma = cloud_addr("2.2.2.2"),
		                                 .unique = true,
		                                 .holdtime_s = 600 };
	event.saved.created_wall_ms = cloud_now(c).wall_ms - 500000;
	event.saved.expires_wall_ms = cloud_now(c).wall_ms + 100000;
	cloud_event(c, R1, &event);
	cloud_run(c, 99999);
	cloud_expect(c, "   0.000 R1 cache-add 10.10.10.2 2.2.2.2\n"
	                "   0.000 R1 set-peer 10.10.10.2 2.2.2.2 registered\n");
	cloud_run(c, 1);
	cloud_expect(c, " 100.000 R1 del-peer 10.10.10.2\n"
	                " 100.000 R1 nhc-down 10.10.10.2 2.2.2.2 (holding time expired)\n"
	                " 100.000 R1 cache-delete 10.10.10.2 2.2.2.2 (holding time expired)\n");
}

/* What makes no sense any more is left out: expired, no such tunnel, our own address, known better.
 */
static void what_is_not_restored(void **state)
{
	struct cloud *c = *state;
	struct node_event event = { .type = NODE_RESTORE };

	cloud_add_three(c);
	event.saved = (struct node_saved_entry){ .target = { cloud_addr("10.10.10.9"), 32 },
		                                 .nbma = cloud_addr("2.2.2.2"),
		                                 .holdtime_s = 600 };
	event.saved.expires_wall_ms = cloud_now(c).wall_ms;
	cloud_event(c, R1, &event);
	event.saved.expires_wall_ms = cloud_now(c).wall_ms + 1000;
	event.saved.tunnel = 7;
	cloud_event(c, R1, &event);
	event.saved.tunnel = 0;
	event.saved.target = (struct prefix){ cloud_addr("10.10.10.1"), 32 };
	cloud_event(c, R1, &event);
	event.saved.target = (struct prefix){ cloud_addr("10.10.10.2"), 32 };
	cloud_event(c, R1, &event);
	event.saved.target = (struct prefix){ cloud_addr("2001:db8::9"), 128 };
	cloud_event(c, R1, &event);
	event.saved.target = (struct prefix){ cloud_addr("10.10.10.9"), 32 };
	event.saved.nbma = ADDR_ANY_NONE;
	cloud_event(c, R1, &event);
	cloud_expect(c, "");
}

/* A whole hub stops: it tells its clients nothing, and what it saved stays as it was. */
static void stopping_a_hub(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add_three(c);
	unsigned saves = c->router[R1].n_saves;
	cloud_stop(c, R1);
	cloud_expect(c, "   2.000 R1 del-peer 10.10.10.2\n"
	                "   2.000 R1 nhc-down 10.10.10.2 2.2.2.2 (router stops)\n"
	                "   2.000 R1 del-peer 10.10.10.3\n"
	                "   2.000 R1 nhc-down 10.10.10.3 3.3.3.2 (router stops)\n"
	                "   2.000 R1 stopped\n");
	assert_int_equal(c->router[R1].n_saves, saves);
}

static void using_peers(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	cloud_used(c, R1, "10.10.10.2");
	cloud_used(c, R1, "10.10.10.77");
	cloud_used(c, R1, "2001:db8::1");
	cloud_used(c, R2, "10.10.10.1");
	cloud_expect_cache(
		c, R1,
		"10.10.10.2/32 10.10.10.2 2.2.2.2 dynamic authoritative unique registered used "
		"nhop\n"
		"10.10.10.3/32 10.10.10.3 3.3.3.2 dynamic authoritative unique registered nhop\n");
	cloud_expect_cache(c, R2, "10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative used\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(clearing_a_hub),
		cloud_unit_test(clearing_a_spoke),
		cloud_unit_test(clearing_one_address),
		cloud_unit_test(clearing_counters),
		cloud_unit_test(a_hub_remembers),
		cloud_unit_test(restored_entries_expire_by_the_wall_clock),
		cloud_unit_test(what_is_not_restored),
		cloud_unit_test(stopping_a_hub),
		cloud_unit_test(using_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
