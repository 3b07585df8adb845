/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nhrp/nhrp.h"
#include "node/cloud_test.h"

static void is_authoritative(struct snap_nhrp *nhrp)
{
	nhrp->cache_authoritative = true;
}

/* R2 has R3's address from the hub, and R3 knows nothing of R2. */
static void add_told(struct cloud *c)
{
	struct cloud_spec hub = cloud_r1;

	c->terse = true;
	hub.also = is_authoritative;
	cloud_add(c, &hub);
	cloud_add(c, &cloud_r2);
	cloud_add(c, &cloud_r3);
	cloud_run(c, 2000);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 500);
	cloud_quiet(c);
}

static void the_client_moves(void **state)
{
	struct cloud *c = *state;

	add_told(c);
	cloud_used(c, R2, "10.10.10.3");
	cloud_move(c, R3, "33.3.3.2");
	cloud_run(c, 500);
	cloud_expect(c, "   2.500 R3 sent 1.1.1.2 Purge Request 2\n"
	                "   2.500 R3 sent 1.1.1.2 Registration Request 3\n"
	                "   2.510 R1 del-peer 10.10.10.3\n"
	                "   2.510 R1 nhc-down 10.10.10.3 3.3.3.2 (purge received)\n"
	                "   2.510 R1 sent 33.3.3.2 Purge Reply 2\n"
	                "   2.510 R1 sent 2.2.2.2 Purge Request 1\n"
	                "   2.510 R1 set-peer 10.10.10.3 33.3.3.2 registered\n"
	                "   2.510 R1 nhc-up 10.10.10.3 33.3.3.2\n"
	                "   2.510 R1 sent 33.3.3.2 Registration Reply 3\n"
	                "   2.520 R2 nhp-down 10.10.10.3 3.3.3.2 (purge received)\n"
	                "   2.520 R2 sent 1.1.1.2 Resolution Request 4 10.10.10.3\n"
	                "   2.520 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   2.520 R2 sent 1.1.1.2 Purge Reply 1\n"
	                "   2.530 R1 sent 2.2.2.2 Resolution Reply 4\n"
	                "   2.540 R2 set-peer 10.10.10.3 33.3.3.2 resolved\n"
	                "   2.540 R2 nhp-up 10.10.10.3 33.3.3.2\n");
	cloud_expect_cache(
		c, R2,
		"10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
		"10.10.10.3/32 10.10.10.3 33.3.3.2 dynamic authoritative router unique nhop\n");
}

/* Without a purge of its own before: the hub finds another NBMA address. */
static void the_client_is_elsewhere(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec hub = cloud_r1, r3 = cloud_r3;

	c->terse = true;
	hub.also = is_authoritative;
	r3.no_unique = true;
	cloud_add(c, &hub);
	cloud_add(c, &cloud_r2);
	cloud_add(c, &r3);
	cloud_run(c, 2000);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 500);
	cloud_quiet(c);
	cloud_move(c, R3, "33.3.3.2");
	cloud_run(c, 500);
	cloud_expect(c, "   2.500 R3 sent 1.1.1.2 Registration Request 3\n"
	                "   2.510 R1 nhc-down 10.10.10.3 3.3.3.2 (NBMA address changed)\n"
	                "   2.510 R1 nhc-up 10.10.10.3 33.3.3.2\n"
	                "   2.510 R1 set-peer 10.10.10.3 33.3.3.2 registered\n"
	                "   2.510 R1 sent 33.3.3.2 Registration Reply 3\n"
	                "   2.510 R1 sent 2.2.2.2 Purge Request 1\n"
	                "   2.520 R2 del-peer 10.10.10.3\n"
	                "   2.520 R2 nhp-down 10.10.10.3 3.3.3.2 (purge received)\n"
	                "   2.520 R2 sent 1.1.1.2 Purge Reply 1\n");
}

/* A request from somewhere, answered from the cache. */
static void ask(struct cloud *c, const char *requester, const char *client)
{
	struct nhrp_packet p = { .type = NHRP_RESOLUTION_REQUEST,
		                 .hops = NHRP_HOPS,
		                 .afn = 1,
		                 .proto_type = 0x0800,
		                 .has_extensions = true };

	p.src_nbma = cloud_addr("9.9.9.2");
	p.src_proto = cloud_addr(requester);
	p.dst_proto = cloud_addr(client);
	cloud_inject(c, "9.9.9.2", R1, &p);
	cloud_quiet(c);
}

/* Who was told of another one hears nothing. */
static void the_client_goes(void **state)
{
	struct cloud *c = *state;

	add_told(c);
	ask(c, "10.10.10.9", "10.10.10.2");
	cloud_stop(c, R3);
	cloud_run(c, 500);
	cloud_expect(c, "   2.500 R3 sent 1.1.1.2 Purge Request 2\n"
	                "   2.500 R3 nhs-down 10.10.10.1 1.1.1.2 (router stops)\n"
	                "   2.500 R3 del-peer 10.10.10.1\n"
	                "   2.500 R3 stopped\n"
	                "   2.510 R1 del-peer 10.10.10.3\n"
	                "   2.510 R1 nhc-down 10.10.10.3 3.3.3.2 (purge received)\n"
	                "   2.510 R1 sent 3.3.3.2 Purge Reply 2\n"
	                "   2.510 R1 sent 2.2.2.2 Purge Request 1\n"
	                "   2.520 R2 del-peer 10.10.10.3\n"
	                "   2.520 R2 nhp-down 10.10.10.3 3.3.3.2 (purge received)\n"
	                "   2.520 R2 sent 1.1.1.2 Purge Reply 1\n");
	cloud_expect_cache(c, R2, "10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n");
}

/* What was told is over by itself, and the hub that stops takes nothing back. */
static void nothing_to_tell(void **state)
{
	struct cloud *c = *state;

	add_told(c);
	cloud_run(c, 7300 * 1000);
	assert_null(strstr(c->trace.text, "Purge Request"));
	cloud_quiet(c);
	cloud_move(c, R3, "33.3.3.2");
	cloud_run(c, 100);
	cloud_expect(c, "7302.500 R3 sent 1.1.1.2 Purge Request 5\n"
	                "7302.500 R3 sent 1.1.1.2 Registration Request 6\n"
	                "7302.510 R1 del-peer 10.10.10.3\n"
	                "7302.510 R1 nhc-down 10.10.10.3 3.3.3.2 (purge received)\n"
	                "7302.510 R1 sent 33.3.3.2 Purge Reply 5\n"
	                "7302.510 R1 set-peer 10.10.10.3 33.3.3.2 registered\n"
	                "7302.510 R1 nhc-up 10.10.10.3 33.3.3.2\n"
	                "7302.510 R1 sent 33.3.3.2 Registration Reply 6\n");
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 100);
	cloud_quiet(c);
	cloud_stop(c, R1);
	cloud_run(c, 100);
	cloud_expect(c, "7302.700 R1 del-peer 10.10.10.2\n"
	                "7302.700 R1 nhc-down 10.10.10.2 2.2.2.2 (router stops)\n"
	                "7302.700 R1 del-peer 10.10.10.3\n"
	                "7302.700 R1 nhc-down 10.10.10.3 33.3.3.2 (router stops)\n"
	                "7302.700 R1 stopped\n");
}

/* More than the table holds are not told. */
static void many_are_told(void **state)
{
	struct cloud *c = *state;
	struct nhrp_packet p;
	char from[32];
	unsigned n_told = 0;

	add_told(c);
	for (int i = 0; i < NHRP_TOLD_MAX + 100; i++) {
		snprintf(from, sizeof from, "10.11.%d.%d", i / 250, i % 250 + 1);
		c->lose = 1;
		ask(c, from, "10.10.10.3");
	}
	c->router[R2].deaf = true;
	p = (struct nhrp_packet){ .type = NHRP_PURGE_REQUEST,
		                  .flags = NHRP_PURGE_NO_REPLY,
		                  .hops = NHRP_HOPS,
		                  .afn = 1,
		                  .proto_type = 0x0800,
		                  .request_id = 2,
		                  .n_cie = 1,
		                  .has_extensions = true };
	p.src_nbma = cloud_addr("3.3.3.2");
	p.src_proto = cloud_addr("10.10.10.3");
	p.dst_proto = cloud_addr("10.10.10.1");
	p.cie[0] = (struct nhrp_cie){ .prefix_len = 32, .proto = p.src_proto };
	c->lose = 2 * NHRP_TOLD_MAX;
	cloud_inject(c, "3.3.3.2", R1, &p);
	for (const char *at = c->trace.text; (at = strstr(at, "Purge Request")); at++)
		n_told++;
	assert_int_equal(n_told, NHRP_TOLD_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(the_client_moves), cloud_unit_test(the_client_is_elsewhere),
		cloud_unit_test(the_client_goes),  cloud_unit_test(nothing_to_tell),
		cloud_unit_test(many_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
