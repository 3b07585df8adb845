/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

static struct nhrp_packet purge_of(const char *target, uint32_t request_id)
{
	struct nhrp_packet p = { .type = NHRP_PURGE_REQUEST,
		                 .hops = NHRP_HOPS,
		                 .afn = 1,
		                 .proto_type = 0x0800,
		                 .request_id = request_id,
		                 .has_extensions = true,
		                 .n_cie = 1 };

	p.src_nbma = cloud_addr("9.9.9.2");
	p.src_proto = cloud_addr("10.10.10.9");
	p.dst_proto = cloud_addr("10.10.10.1");
	p.cie[0] = (struct nhrp_cie){ .prefix_len = 32, .proto = cloud_addr(target) };
	return p;
}

/* Only the id of the registration in force undoes it; answered it is in any case. */
static void registrations_go_by_their_id(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	struct nhrp_packet p = purge_of("10.10.10.2", 1);
	cloud_inject(c, "9.9.9.2", R1, &p);
	cloud_inject(c, "2.2.2.2", R1, &p);
	cloud_expect(c, "   2.000 R1 sent 9.9.9.2 Purge Reply 1\n"
	                "   2.000 R1 sent 2.2.2.2 Purge Reply 1\n");
	p = purge_of("10.10.10.2", 2);
	p.flags = NHRP_PURGE_NO_REPLY;
	cloud_inject(c, "9.9.9.2", R1, &p);
	cloud_expect(c, "   2.000 R1 del-peer 10.10.10.2\n"
	                "   2.000 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   2.000 R1 cache-delete 10.10.10.2 2.2.2.2 (purge received)\n");
}

static void a_purge_without_authentication(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r1 = cloud_r1, r2 = cloud_r2;

	r1.authentication = r2.authentication = "cisco";
	c->terse = true;
	cloud_add(c, &r1);
	cloud_add(c, &r2);
	cloud_run(c, 2000);
	cloud_quiet(c);
	struct nhrp_packet p = purge_of("10.10.10.2", 2);
	cloud_inject(c, "9.9.9.2", R1, &p);
	cloud_expect(c, "   2.000 R1 dropped 9.9.9.2 (authentication) Purge Request 2\n"
	                "   2.000 R1 sent 9.9.9.2 Error Indication 11\n"
	                "   2.000 R1 auth-fail 10.10.10.9 9.9.9.2\n");
}

/* Clients with the same id are no business of each other; direct paths go. */
static void a_whole_prefix(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 1000);
	cloud_quiet(c);
	struct nhrp_packet p = purge_of("10.10.10.0", 2);
	p.cie[0].prefix_len = 24;
	cloud_inject(c, "9.9.9.2", R1, &p);
	p.dst_proto = cloud_addr("10.10.10.2");
	cloud_inject(c, "9.9.9.2", R2, &p);
	cloud_expect(c, "   3.000 R1 sent 9.9.9.2 Purge Reply 2\n"
	                "   3.000 R2 sent 9.9.9.2 Purge Reply 2\n"
	                "   3.000 R2 del-peer 10.10.10.3\n"
	                "   3.000 R2 nhp-down 10.10.10.3 3.3.3.2 (purge received)\n"
	                "   3.000 R2 cache-delete 10.10.10.3 3.3.3.2 (purge received)\n");
}

/* A direct path goes at once; in use, the hub has the traffic until it is resolved again. */
static void direct_paths(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add_three(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 1000);
	cloud_quiet(c);
	struct nhrp_packet p = purge_of("10.10.10.3", 77);
	p.dst_proto = cloud_addr("10.10.10.2");
	cloud_inject(c, "9.9.9.2", R2, &p);
	cloud_expect(c, "   3.000 R2 del-peer 10.10.10.3\n"
	                "   3.000 R2 nhp-down 10.10.10.3 3.3.3.2 (purge received)\n"
	                "   3.000 R2 sent 9.9.9.2 Purge Reply 77\n");
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 1000);
	cloud_used(c, R2, "10.10.10.3");
	cloud_quiet(c);
	cloud_inject(c, "9.9.9.2", R2, &p);
	cloud_run(c, 1000);
	cloud_expect(c, "   4.000 R2 nhp-down 10.10.10.3 3.3.3.2 (purge received)\n"
	                "   4.000 R2 sent 1.1.1.2 Resolution Request 5 10.10.10.3\n"
	                "   4.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   4.000 R2 sent 9.9.9.2 Purge Reply 77\n"
	                "   4.010 R1 forwarded 3.3.3.2 Resolution Request 5 10.10.10.3\n"
	                "   4.020 R3 sent 2.2.2.2 Resolution Reply 5\n"
	                "   4.030 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "   4.030 R2 nhp-up 10.10.10.3 3.3.3.2\n");
}

/* R3 moves: R2, which sends to it directly, hears of it and follows. */
static void a_peer_moves(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add_three(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 1000);
	cloud_used(c, R2, "10.10.10.3");
	cloud_quiet(c);
	cloud_move(c, R3, "33.3.3.2");
	cloud_run(c, 500);
	cloud_expect(c, "   3.000 R3 sent 1.1.1.2 Purge Request 2\n"
	                "   3.000 R3 sent 1.1.1.2 Registration Request 3\n"
	                "   3.000 R3 sent 2.2.2.2 Purge Request 4\n"
	                "   3.010 R1 del-peer 10.10.10.3\n"
	                "   3.010 R1 nhc-down 10.10.10.3 3.3.3.2 (purge received)\n"
	                "   3.010 R1 sent 33.3.3.2 Purge Reply 2\n"
	                "   3.010 R1 set-peer 10.10.10.3 33.3.3.2 registered\n"
	                "   3.010 R1 nhc-up 10.10.10.3 33.3.3.2\n"
	                "   3.010 R1 sent 33.3.3.2 Registration Reply 3\n"
	                "   3.010 R2 nhp-down 10.10.10.3 3.3.3.2 (purge received)\n"
	                "   3.010 R2 sent 1.1.1.2 Resolution Request 4 10.10.10.3\n"
	                "   3.010 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   3.010 R2 sent 33.3.3.2 Purge Reply 4\n"
	                "   3.020 R1 forwarded 33.3.3.2 Resolution Request 4 10.10.10.3\n"
	                "   3.030 R3 sent 2.2.2.2 Resolution Reply 4\n"
	                "   3.040 R2 set-peer 10.10.10.3 33.3.3.2 resolved\n"
	                "   3.040 R2 nhp-up 10.10.10.3 33.3.3.2\n");
	cloud_expect_cache(
		c, R2,
		"10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
		"10.10.10.3/32 10.10.10.3 33.3.3.2 dynamic authoritative router unique nhop\n");
}

/* R3's tunnel goes: R2 does not send to it directly for a whole holding time. */
static void a_peer_goes(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add_three(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 1000);
	cloud_quiet(c);
	cloud_configure(c, R3, &(struct cloud_spec){ .name = "R3" });
	cloud_run(c, 500);
	cloud_expect(c, "   3.000 R3 sent 1.1.1.2 Purge Request 2\n"
	                "   3.000 R3 nhs-down 10.10.10.1 1.1.1.2 (configuration changed)\n"
	                "   3.000 R3 del-peer 10.10.10.1\n"
	                "   3.000 R3 sent 2.2.2.2 Purge Request 3\n"
	                "   3.000 R3 del-peer 10.10.10.2\n"
	                "   3.000 R3 nhp-down 10.10.10.2 2.2.2.2 (configuration changed)\n"
	                "   3.010 R1 del-peer 10.10.10.3\n"
	                "   3.010 R1 nhc-down 10.10.10.3 3.3.3.2 (purge received)\n"
	                "   3.010 R1 sent 3.3.3.2 Purge Reply 2\n"
	                "   3.010 R2 del-peer 10.10.10.3\n"
	                "   3.010 R2 nhp-down 10.10.10.3 3.3.3.2 (purge received)\n"
	                "   3.010 R2 sent 3.3.3.2 Purge Reply 3\n");
	cloud_expect_cache(c, R2, "10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n");
}

/* What R2 knows is the old address, so that is the one to purge. */
static void a_peer_has_another_address(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec other = cloud_r3;

	c->terse = true;
	other.overlay = "10.10.10.33/24";
	cloud_add_three(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 1000);
	cloud_quiet(c);
	cloud_configure(c, R3, &other);
	cloud_run(c, 500);
	cloud_expect(c, "   3.000 R3 sent 1.1.1.2 Purge Request 2\n"
	                "   3.000 R3 nhs-down 10.10.10.1 1.1.1.2 (configuration changed)\n"
	                "   3.000 R3 set-peer 10.10.10.1 1.1.1.2 static\n"
	                "   3.000 R3 sent 2.2.2.2 Purge Request 3\n"
	                "   3.000 R3 del-peer 10.10.10.2\n"
	                "   3.000 R3 nhp-down 10.10.10.2 2.2.2.2 (configuration changed)\n"
	                "   3.000 R3 sent 1.1.1.2 Registration Request 4\n"
	                "   3.010 R1 del-peer 10.10.10.3\n"
	                "   3.010 R1 nhc-down 10.10.10.3 3.3.3.2 (purge received)\n"
	                "   3.010 R1 sent 3.3.3.2 Purge Reply 2\n"
	                "   3.010 R2 del-peer 10.10.10.3\n"
	                "   3.010 R2 nhp-down 10.10.10.3 3.3.3.2 (purge received)\n"
	                "   3.010 R2 sent 3.3.3.2 Purge Reply 3\n"
	                "   3.010 R1 set-peer 10.10.10.33 3.3.3.2 registered\n"
	                "   3.010 R1 nhc-up 10.10.10.33 3.3.3.2\n"
	                "   3.010 R1 sent 3.3.3.2 Registration Reply 4\n"
	                "   3.020 R3 dropped 1.1.1.2 (no_route) Purge Reply 2\n"
	                "   3.020 R3 forwarded 1.1.1.2 Purge Reply 3\n"
	                "   3.020 R3 nhs-up 10.10.10.1 1.1.1.2\n"
	                "   3.030 R1 dropped 3.3.3.2 (no_route) Purge Reply 3\n");
	cloud_expect_cache(c, R2, "10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n");
}

static void static_entries_stay(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	struct nhrp_packet p = purge_of("10.10.10.1", 2);
	p.dst_proto = cloud_addr("10.10.10.2");
	cloud_inject(c, "9.9.9.2", R2, &p);
	p.cie[0].proto = ADDR_ANY_NONE;
	cloud_inject(c, "9.9.9.2", R2, &p);
	cloud_expect_cache(c, R2, "10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n");
}

/* Our NHS says that it has forgotten us; anyone else may not. */
static void our_own_address(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add_three(c);
	struct nhrp_packet p = purge_of("10.10.10.2", 2);
	p.dst_proto = cloud_addr("10.10.10.2");
	p.flags = NHRP_PURGE_NO_REPLY;
	cloud_inject(c, "9.9.9.2", R2, &p);
	cloud_expect(c, "");
	cloud_inject(c, "1.1.1.2", R2, &p);
	cloud_run(c, 500);
	cloud_expect(c, "   2.000 R2 sent 1.1.1.2 Registration Request 3\n"
	                "   2.010 R1 sent 2.2.2.2 Registration Reply 3\n");
}

static void in_transit(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add_three(c);
	struct nhrp_packet p = purge_of("10.10.10.9", 2);
	p.dst_proto = cloud_addr("10.10.10.3");
	cloud_inject(c, "9.9.9.2", R1, &p);
	p.type = NHRP_PURGE_REPLY;
	p.src_proto = cloud_addr("10.10.10.2");
	cloud_inject(c, "3.3.3.2", R1, &p);
	p.src_proto = cloud_addr("10.10.10.1");
	cloud_inject(c, "3.3.3.2", R1, &p);
	cloud_expect(c, "   2.000 R1 forwarded 3.3.3.2 Purge Request 2\n"
	                "   2.000 R1 forwarded 2.2.2.2 Purge Reply 2\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(registrations_go_by_their_id),
		cloud_unit_test(a_purge_without_authentication),
		cloud_unit_test(a_whole_prefix),
		cloud_unit_test(direct_paths),
		cloud_unit_test(a_peer_moves),
		cloud_unit_test(a_peer_goes),
		cloud_unit_test(a_peer_has_another_address),
		cloud_unit_test(static_entries_stay),
		cloud_unit_test(our_own_address),
		cloud_unit_test(in_transit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
