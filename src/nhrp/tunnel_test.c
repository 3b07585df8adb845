/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

/* Paths by direct connection go with the line, clients stay. */
static void the_line_goes_down(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 500);
	cloud_quiet(c);
	cloud_move(c, R2, NULL);
	cloud_move(c, R1, NULL);
	cloud_expect(c, "   2.500 R2 nhs-down 10.10.10.1 1.1.1.2 (tunnel is down)\n"
	                "   2.500 R2 del-peer 10.10.10.3\n"
	                "   2.500 R2 nhp-down 10.10.10.3 3.3.3.2 (tunnel is down)\n"
	                "   2.500 R2 cache-delete 10.10.10.3 3.3.3.2 (tunnel is down)\n");
	cloud_expect_cache(
		c, R1,
		"10.10.10.2/32 10.10.10.2 2.2.2.2 dynamic authoritative unique registered nhop\n"
		"10.10.10.3/32 10.10.10.3 3.3.3.2 dynamic authoritative unique registered nhop\n");
	cloud_move(c, R1, "1.1.1.2");
	cloud_expect(c, "   2.500 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   2.500 R1 set-peer 10.10.10.3 3.3.3.2 registered\n");
}

static void a_tunnel_is_shut(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	cloud_configure(c, R2, &(struct cloud_spec){ .name = "R2" });
	cloud_run(c, 500);
	cloud_expect(c, "   2.000 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   2.000 R2 nhs-down 10.10.10.1 1.1.1.2 (configuration changed)\n"
	                "   2.000 R2 del-peer 10.10.10.1\n"
	                "   2.000 R2 cache-delete 10.10.10.1 1.1.1.2 (configuration changed)\n"
	                "   2.010 R1 del-peer 10.10.10.2\n"
	                "   2.010 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   2.010 R1 cache-delete 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   2.010 R1 sent 2.2.2.2 Purge Reply 2\n");
	struct node_cursor cursor = { 0 };
	struct nhrp_tunnel_view t;
	assert_false(node_tunnel_next(c->router[R2].node, &cursor, &t));
}

static void the_hub_is_shut(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	cloud_configure(c, R1, &(struct cloud_spec){ .name = "R1" });
	cloud_expect(c, "   2.000 R1 del-peer 10.10.10.2\n"
	                "   2.000 R1 nhc-down 10.10.10.2 2.2.2.2 (configuration changed)\n"
	                "   2.000 R1 cache-delete 10.10.10.2 2.2.2.2 (configuration changed)\n"
	                "   2.000 R1 del-peer 10.10.10.3\n"
	                "   2.000 R1 nhc-down 10.10.10.3 3.3.3.2 (configuration changed)\n"
	                "   2.000 R1 cache-delete 10.10.10.3 3.3.3.2 (configuration changed)\n");
	cloud_expect_cache(c, R1, "");
}

static void our_address_changes(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec moved = cloud_r2;

	c->terse = true;
	cloud_add_three(c);
	moved.overlay = "10.10.10.22/24";
	cloud_configure(c, R2, &moved);
	cloud_run(c, 500);
	cloud_expect(c, "   2.000 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   2.000 R2 nhs-down 10.10.10.1 1.1.1.2 (configuration changed)\n"
	                "   2.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                "   2.000 R2 sent 1.1.1.2 Registration Request 3\n"
	                "   2.010 R1 del-peer 10.10.10.2\n"
	                "   2.010 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   2.010 R1 sent 2.2.2.2 Purge Reply 2\n"
	                "   2.010 R1 set-peer 10.10.10.22 2.2.2.2 registered\n"
	                "   2.010 R1 nhc-up 10.10.10.22 2.2.2.2\n"
	                "   2.010 R1 sent 2.2.2.2 Registration Reply 3\n"
	                "   2.020 R2 dropped 1.1.1.2 (no_route) Purge Reply 2\n"
	                "   2.020 R2 nhs-up 10.10.10.1 1.1.1.2\n");
}

static void maps_come_and_go(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec hub = cloud_r1;

	cloud_add(c, &cloud_r1);
	hub.map[0] = "10.10.10.5/32 5.5.5.2";
	hub.map[1] = "10.10.10.6/32 6.6.6.2";
	cloud_configure(c, R1, &hub);
	cloud_expect(c, "   0.000 R1 cache-add 10.10.10.5 5.5.5.2\n"
	                "   0.000 R1 set-peer 10.10.10.5 5.5.5.2 static\n"
	                "   0.000 R1 cache-add 10.10.10.6 6.6.6.2\n"
	                "   0.000 R1 set-peer 10.10.10.6 6.6.6.2 static\n");
	hub.map[0] = "10.10.10.5/32 5.5.5.3";
	hub.map[1] = "10.10.10.7/32 7.7.7.2";
	cloud_configure(c, R1, &hub);
	cloud_expect(c, "   0.000 R1 cache-update 10.10.10.5 5.5.5.3\n"
	                "   0.000 R1 set-peer 10.10.10.5 5.5.5.3 static\n"
	                "   0.000 R1 cache-add 10.10.10.7 7.7.7.2\n"
	                "   0.000 R1 set-peer 10.10.10.7 7.7.7.2 static\n"
	                "   0.000 R1 del-peer 10.10.10.6\n"
	                "   0.000 R1 cache-delete 10.10.10.6 6.6.6.2 (configuration changed)\n");
	cloud_configure(c, R1, &cloud_r1);
	cloud_expect(c, "   0.000 R1 del-peer 10.10.10.5\n"
	                "   0.000 R1 cache-delete 10.10.10.5 5.5.5.3 (configuration changed)\n"
	                "   0.000 R1 del-peer 10.10.10.7\n"
	                "   0.000 R1 cache-delete 10.10.10.7 7.7.7.2 (configuration changed)\n");
	cloud_expect_cache(c, R1, "");
}

/* A map of the NHS's address wins over the NBMA address in the NHS's line, and nothing flaps. */
static void a_map_and_a_server(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2;

	c->terse = true;
	spoke.map[0] = "10.10.10.1/32 1.1.1.2";
	cloud_add(c, &cloud_r1);
	cloud_add(c, &spoke);
	cloud_run(c, 2000);
	cloud_quiet(c);
	cloud_configure(c, 1, &spoke);
	spoke.map[0] = NULL;
	cloud_configure(c, 1, &spoke);
	cloud_expect(c, "");
	cloud_expect_cache(c, 1, "10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n");
	spoke.nhs[0] = "10.10.10.1";
	spoke.map[0] = "10.10.10.1/32 1.1.1.2";
	cloud_configure(c, 1, &spoke);
	cloud_run(c, 500);
	cloud_expect(c, "   2.000 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   2.000 R2 nhs-down 10.10.10.1 1.1.1.2 (configuration changed)\n"
	                "   2.000 R2 sent 1.1.1.2 Registration Request 3\n"
	                "   2.010 R1 del-peer 10.10.10.2\n"
	                "   2.010 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   2.010 R1 sent 2.2.2.2 Purge Reply 2\n"
	                "   2.010 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   2.010 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   2.010 R1 sent 2.2.2.2 Registration Reply 3\n"
	                "   2.020 R2 nhs-up 10.10.10.1 1.1.1.2\n");
}

/* One server leaves, another comes, the third stays as it is. */
static void servers_come_and_go(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2;
	struct node_cursor cursor = { 0 };
	struct nhs_view nhs;

	c->terse = true;
	cloud_add_three(c);
	spoke.nhs[0] = "10.10.10.4 nbma 4.4.4.2";
	spoke.nhs[1] = "10.10.10.1 nbma 1.1.1.2";
	cloud_configure(c, R2, &spoke);
	cloud_run(c, 500);
	cloud_expect(c, "   2.000 R2 set-peer 10.10.10.4 4.4.4.2 static\n"
	                "   2.000 R2 sent 4.4.4.2 Registration Request 3\n");
	assert_true(node_nhs_next(c->router[R2].node, &cursor, &nhs));
	assert_false(nhs.responding);
	assert_true(node_nhs_next(c->router[R2].node, &cursor, &nhs));
	assert_true(nhs.responding);
	assert_false(node_nhs_next(c->router[R2].node, &cursor, &nhs));
	spoke.nhs[1] = NULL;
	cloud_configure(c, R2, &spoke);
	cloud_run(c, 100);
	cloud_expect(c, "   2.500 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   2.500 R2 nhs-down 10.10.10.1 1.1.1.2 (configuration changed)\n"
	                "   2.500 R2 del-peer 10.10.10.1\n"
	                "   2.510 R1 del-peer 10.10.10.2\n"
	                "   2.510 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   2.510 R1 sent 2.2.2.2 Purge Reply 2\n");
}

static void a_client_becomes_static(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec hub = cloud_r1;

	cloud_add_three(c);
	hub.map[0] = "10.10.10.2/32 2.2.2.9";
	cloud_configure(c, R1, &hub);
	cloud_expect(c, "   2.000 R1 cache-add 10.10.10.2 2.2.2.9\n"
	                "   2.000 R1 set-peer 10.10.10.2 2.2.2.9 static\n");
	cloud_expect_cache(
		c, R1,
		"10.10.10.2/32 10.10.10.2 2.2.2.9 static authoritative\n"
		"10.10.10.3/32 10.10.10.3 3.3.3.2 dynamic authoritative unique registered nhop\n");
}

/* No source address yet: nothing is sent, nothing is told; then everything at once. */
static void the_source_comes_late(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2;

	spoke.nbma = NULL;
	cloud_add(c, &spoke);
	cloud_run(c, 10000);
	cloud_expect(c, "   0.000 R2 cache-add 10.10.10.1 1.1.1.2\n");
	cloud_move(c, 0, "2.2.2.2");
	cloud_expect(c, "  10.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                "  10.000 R2 sent 1.1.1.2 Registration Request 1\n");
}

/* What decides whether and how a server has us is told to it at once; all else can wait. */
static void a_change_that_servers_must_hear_of(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2;

	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &spoke);
	cloud_run(c, 2000);
	cloud_quiet(c);
	spoke.registration_s = 60;
	cloud_configure(c, 1, &spoke);
	cloud_run(c, 500);
	cloud_expect(c, "");
	spoke.holdtime_s = 600;
	cloud_configure(c, 1, &spoke);
	cloud_run(c, 100);
	cloud_expect(c, "   2.500 R2 sent 1.1.1.2 Registration Request 3\n"
	                "   2.510 R1 sent 2.2.2.2 Registration Reply 3\n");
	spoke.key = 7;
	cloud_configure(c, 1, &spoke);
	cloud_expect(c, "   2.600 R2 sent 1.1.1.2 Registration Request 4\n");
}

static void prefers_little(struct snap_nhrp *nhrp)
{
	nhrp->path_preference = 7;
}

/* `ip nhrp path preference`: the server has the new one at once, and what it was without. */
static void another_preference_is_registered_at_once(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2;
	struct nhrp_entry_view e;

	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &spoke);
	cloud_run(c, 2000);
	cloud_quiet(c);
	spoke.also = prefers_little;
	cloud_configure(c, 1, &spoke);
	cloud_run(c, 100);
	cloud_expect(c, "   2.000 R2 sent 1.1.1.2 Registration Request 3\n"
	                "   2.010 R1 sent 2.2.2.2 Registration Reply 3\n");
	assert_true(node_entry_next(c->router[R1].node, &(struct node_cursor){ 0 }, &e));
	assert_int_equal(e.preference, 7);
	cloud_configure(c, 1, &cloud_r2);
	cloud_run(c, 100);
	assert_true(node_entry_next(c->router[R1].node, &(struct node_cursor){ 0 }, &e));
	assert_int_equal(e.preference, 255);
}

static void a_map_has_its_preference(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec hub = cloud_r1;
	struct node_cursor cursor = { 0 };
	struct nhrp_entry_view e;

	hub.map[0] = "10.10.10.5/32 5.5.5.2 7";
	hub.map[1] = "10.10.10.6/32 6.6.6.2";
	size_t i = cloud_add(c, &hub);
	assert_true(node_entry_next(c->router[i].node, &cursor, &e));
	assert_int_equal(e.preference, 7);
	assert_true(node_entry_next(c->router[i].node, &cursor, &e));
	assert_int_equal(e.preference, 255);
	hub.map[0] = "10.10.10.5/32 5.5.5.2 9";
	cloud_configure(c, i, &hub);
	cursor = (struct node_cursor){ 0 };
	assert_true(node_entry_next(c->router[i].node, &cursor, &e));
	assert_int_equal(e.preference, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(the_line_goes_down),
		cloud_unit_test(a_tunnel_is_shut),
		cloud_unit_test(the_hub_is_shut),
		cloud_unit_test(our_address_changes),
		cloud_unit_test(maps_come_and_go),
		cloud_unit_test(another_preference_is_registered_at_once),
		cloud_unit_test(a_map_has_its_preference),
		cloud_unit_test(a_map_and_a_server),
		cloud_unit_test(servers_come_and_go),
		cloud_unit_test(a_client_becomes_static),
		cloud_unit_test(the_source_comes_late),
		cloud_unit_test(a_change_that_servers_must_hear_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
