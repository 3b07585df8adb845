/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

/* R1 has registration 2 in force, and R2 has only heard of 1. */
static void add_unanswered(struct cloud *c, const struct cloud_spec *spoke)
{
	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, spoke);
	cloud_run(c, 500);
	c->router[1].deaf = true;
	cloud_run(c, 1000);
	cloud_quiet(c);
}

/* The reply to the registration in force is lost, or on its way: it goes as well. */
static void the_router_stops(void **state)
{
	struct cloud *c = *state;

	add_unanswered(c, &cloud_r2);
	cloud_stop(c, 1);
	cloud_run(c, 100);
	cloud_expect(c, "   1.500 R2 sent 1.1.1.2 Purge Request 1\n"
	                "   1.500 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   1.500 R2 nhs-down 10.10.10.1 1.1.1.2 (router stops)\n"
	                "   1.500 R2 del-peer 10.10.10.1\n"
	                "   1.500 R2 stopped\n"
	                "   1.510 R1 sent 2.2.2.2 Purge Reply 1\n"
	                "   1.510 R1 del-peer 10.10.10.2\n"
	                "   1.510 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   1.510 R1 sent 2.2.2.2 Purge Reply 2\n");
	cloud_expect_cache(c, R1, "");
}

static void the_server_is_removed(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec alone = cloud_r2;

	alone.nhs[0] = NULL;
	add_unanswered(c, &cloud_r2);
	cloud_configure(c, 1, &alone);
	cloud_run(c, 100);
	cloud_expect(c, "   1.500 R2 sent 1.1.1.2 Purge Request 1\n"
	                "   1.500 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   1.500 R2 nhs-down 10.10.10.1 1.1.1.2 (configuration changed)\n"
	                "   1.500 R2 del-peer 10.10.10.1\n"
	                "   1.510 R1 sent 2.2.2.2 Purge Reply 1\n"
	                "   1.510 R1 del-peer 10.10.10.2\n"
	                "   1.510 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   1.510 R1 sent 2.2.2.2 Purge Reply 2\n");
	cloud_expect_cache(c, R1, "");
}

/* Never answered at all, and there all the same. */
static void the_first_reply_is_lost(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &cloud_r2);
	c->router[1].deaf = true;
	cloud_run(c, 1500);
	cloud_quiet(c);
	cloud_stop(c, 1);
	cloud_run(c, 100);
	cloud_expect(c, "   1.500 R2 sent 1.1.1.2 Purge Request 1\n"
	                "   1.500 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   1.500 R2 del-peer 10.10.10.1\n"
	                "   1.500 R2 stopped\n"
	                "   1.510 R1 sent 2.2.2.2 Purge Reply 1\n"
	                "   1.510 R1 del-peer 10.10.10.2\n"
	                "   1.510 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   1.510 R1 sent 2.2.2.2 Purge Reply 2\n");
	cloud_expect_cache(c, R1, "");
}

/* The registration from the old address is the one in force, for the new one was lost. */
static void after_a_move(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2;

	spoke.no_unique = true;
	add_unanswered(c, &spoke);
	c->lose = 1;
	cloud_move(c, 1, "22.2.2.2");
	cloud_run(c, 100);
	cloud_quiet(c);
	cloud_stop(c, 1);
	cloud_run(c, 100);
	cloud_expect(c, "   1.600 R2 sent 1.1.1.2 Purge Request 1\n"
	                "   1.600 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   1.600 R2 sent 1.1.1.2 Purge Request 3\n"
	                "   1.600 R2 nhs-down 10.10.10.1 1.1.1.2 (router stops)\n"
	                "   1.600 R2 del-peer 10.10.10.1\n"
	                "   1.600 R2 stopped\n"
	                "   1.610 R1 sent 22.2.2.2 Purge Reply 1\n"
	                "   1.610 R1 del-peer 10.10.10.2\n"
	                "   1.610 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   1.610 R1 sent 22.2.2.2 Purge Reply 2\n"
	                "   1.610 R1 sent 22.2.2.2 Purge Reply 3\n");
	cloud_expect_cache(c, R1, "");
}

/* Each server hears of the registrations that it has. */
static void at_each_server(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &cloud_r2_twice);
	cloud_add(c, &cloud_r4);
	cloud_run(c, 4000);
	cloud_quiet(c);
	cloud_stop(c, 1);
	cloud_run(c, 100);
	cloud_expect_cache(c, 0, "");
	cloud_expect_cache(c, 2, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(the_router_stops),        cloud_unit_test(the_server_is_removed),
		cloud_unit_test(the_first_reply_is_lost), cloud_unit_test(after_a_move),
		cloud_unit_test(at_each_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
