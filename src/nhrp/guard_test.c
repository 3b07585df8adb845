/* SPDX-License-Identifier: Apache-2.0 */
/* What is wanted of protection, seen in whole nodes: association by association. */
#include "nhrp/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

static size_t add(struct cloud *c, const struct cloud_spec *spec)
{
	struct cloud_spec it = *spec;

	it.psk = "cisco123";
	return cloud_add(c, &it);
}

/* The hub forgets the client, and hears of it again before it has let go of its protection. */
static void outlasts_a_new_registration(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add_three_protected(c);
	cloud_clear(c, R2);
	cloud_run(c, 20000);
	cloud_expect(c, "   3.000 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   3.000 R2 sent 1.1.1.2 Registration Request 3\n"
	                "   3.010 R1 del-peer 10.10.10.2\n"
	                "   3.010 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   3.010 R1 sent 2.2.2.2 Purge Reply 2\n"
	                "   3.010 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   3.010 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   3.010 R1 sent 2.2.2.2 Registration Reply 3\n");
}

static void ends_with_the_entry(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add_three_protected(c);
	cloud_event(c, R1, &(struct node_event){ .type = NODE_CLEAR });
	c->n_flight = 0;
	cloud_quiet(c);
	cloud_run(c, 4990);
	cloud_expect(c, "");
	cloud_run(c, 10);
	cloud_expect(c, "   8.000 R1 ipsec-down 3.3.3.2 (not wanted any more)\n"
	                "   8.000 R1 ipsec-down 2.2.2.2 (not wanted any more)\n");
}

static void map_is_wanted(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	add(c, &cloud_r1);
	add(c, &(struct cloud_spec){ .name = "R2",
	                             .nbma = "2.2.2.2",
	                             .overlay = "10.10.10.2/24",
	                             .map = { "10.10.10.0/24 1.1.1.2" } });
	cloud_run(c, 1000);
	assert_non_null(strstr(c->trace.text, "R2 ipsec-up 1.1.1.2\n"));
}

static void destination_is_wanted(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	add(c, &cloud_r1);
	size_t i = add(c, &(struct cloud_spec){ .name = "R2",
	                                        .nbma = "2.2.2.2",
	                                        .overlay = "10.10.10.2/24",
	                                        .destination = "1.1.1.2" });
	cloud_run(c, 1000);
	assert_non_null(strstr(c->trace.text, "R2 ipsec-up 1.1.1.2\n"));
	cloud_quiet(c);
	struct cloud_spec moved = c->router[i].spec;
	moved.destination = "1.1.1.3";
	cloud_configure(c, i, &moved);
	cloud_run(c, 6000);
	assert_non_null(strstr(c->trace.text, "R2 ipsec-down 1.1.1.2 (not wanted any more)\n"));
}

/* The hub has a client of an earlier life, but no way to tell it anything. */
static void unprotected_packets_are_counted(void **state)
{
	struct cloud *c = *state;
	struct node_event event = { .type = NODE_RESTORE };

	add(c, &cloud_r1);
	event.saved = (struct node_saved_entry){
		.target = { cloud_addr("10.10.10.2"), 32 },
		.nbma = cloud_addr("2.2.2.2"),
		.holdtime_s = 7200,
		.request_id = 2,
		.expires_wall_ms = cloud_now(c).wall_ms + 3600 * 1000,
	};
	cloud_event(c, R1, &event);
	cloud_clear(c, R1);
	assert_int_equal(cloud_drops(c, R1, DROP_UNPROTECTED), 1);
}

/*
 * Two moves in a row: the reply to the registration from the first new address is lost with its
 * association, and the one sent from the second before it is told so never leaves.
 */
static void moves_before_the_reply(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add_three_protected(c);
	cloud_move(c, R2, "22.2.2.2");
	for (int i = 0; i < 100 && !strstr(c->trace.text, "R1 nhc-up 10.10.10.2 22.2.2.2"); i++)
		cloud_run(c, 10);
	assert_non_null(strstr(c->trace.text, "R1 nhc-up 10.10.10.2 22.2.2.2"));
	cloud_move(c, R2, "222.2.2.2");
	cloud_quiet(c);
	cloud_run(c, 5000);
	assert_non_null(strstr(c->trace.text, "R1 nhc-up 10.10.10.2 222.2.2.2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(outlasts_a_new_registration),
		cloud_unit_test(ends_with_the_entry),
		cloud_unit_test(map_is_wanted),
		cloud_unit_test(destination_is_wanted),
		cloud_unit_test(unprotected_packets_are_counted),
		cloud_unit_test(moves_before_the_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
