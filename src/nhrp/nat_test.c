/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

static const struct cloud_spec behind = { .name = "R2",
	                                  .nbma = "192.168.0.2",
	                                  .public = "2.2.2.2",
	                                  .overlay = "10.10.10.2/24",
	                                  .nhs = { "10.10.10.1 nbma 1.1.1.2" } };

static size_t count(struct cloud *c, const char *what)
{
	size_t n = 0;

	for (const char *at = c->trace.text; (at = strstr(at, what)); at++)
		n++;
	cloud_quiet(c);
	return n;
}

/* Every 20 seconds, since the NAT forgets GRE after 30; less often only if configured so. */
static void in_clear_the_nat_is_kept_open(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = behind;

	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &spoke);
	cloud_run(c, 2000);
	cloud_quiet(c);
	cloud_run(c, 41000);
	cloud_expect(c, "  21.020 R2 sent 1.1.1.2 Registration Request 3\n"
	                "  21.030 R1 sent 2.2.2.2 Registration Reply 3\n"
	                "  41.040 R2 sent 1.1.1.2 Registration Request 4\n"
	                "  41.050 R1 sent 2.2.2.2 Registration Reply 4\n");
	spoke.registration_s = 10;
	cloud_configure(c, 1, &spoke);
	cloud_run(c, 20000);
	cloud_quiet(c);
	cloud_run(c, 40000);
	assert_int_equal(count(c, "Registration Request"), 4);
}

static void without_a_nat_nothing_changes(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	cloud_run(c, 300000);
	assert_int_equal(count(c, "Registration Request"), 0);
}

/* UDP port 4500 has keepalives of its own. */
static void protected_the_association_keeps_it_open(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec hub = cloud_r1, spoke = behind;

	hub.psk = spoke.psk = "secret";
	cloud_add(c, &hub);
	cloud_add(c, &spoke);
	cloud_run(c, 5000);
	assert_in_range(count(c, "sent 1.1.1.2 Registration Request"), 1, 2);
	cloud_run(c, 120000);
	assert_int_equal(count(c, "sent 1.1.1.2 Registration Request"), 0);
}

/* Told once, after as many as make the server count as down, and again after it was up. */
static void the_second_one_says_so(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add(c, &behind);
	cloud_run(c, 12000);
	cloud_expect(c,
	             "   0.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	             "   0.000 R2 sent 1.1.1.2 Registration Request 1\n"
	             "   1.000 R2 sent 1.1.1.2 Registration Request 2\n"
	             "   2.530 R2 sent 1.1.1.2 Registration Request 2\n"
	             "   5.808 R2 sent 1.1.1.2 Registration Request 2\n"
	             "  11.871 R2 nhs-down 10.10.10.1 1.1.1.2 (no reply to registration requests)\n"
	             "  11.871 R2 nat-suspected 10.10.10.1 1.1.1.2 (no reply to registration "
	             "requests)\n"
	             "  11.871 R2 sent 1.1.1.2 Registration Request 2\n");
	cloud_run(c, 300000);
	assert_int_equal(count(c, "nat-suspected"), 0);
}

/* Whose address says nothing knows it from the server that answered. */
static void a_nat_that_was_seen(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = behind;

	spoke.nbma = "198.51.100.2";
	cloud_add(c, &cloud_r1);
	cloud_add(c, &spoke);
	cloud_run(c, 2000);
	c->router[0].deaf = true;
	cloud_run(c, 60000);
	assert_int_equal(count(c, "nat-suspected"), 1);
}

static void a_server_that_is_dead_is_no_nat(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec inside = behind;

	inside.public = NULL;
	inside.nhs[0] = "10.10.10.1 nbma 172.16.0.1";
	cloud_add(c, &inside);
	cloud_add(c, &cloud_r3);
	cloud_run(c, 60000);
	assert_int_equal(count(c, "nat-suspected"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(in_clear_the_nat_is_kept_open),
		cloud_unit_test(without_a_nat_nothing_changes),
		cloud_unit_test(protected_the_association_keeps_it_open),
		cloud_unit_test(the_second_one_says_so),
		cloud_unit_test(a_nat_that_was_seen),
		cloud_unit_test(a_server_that_is_dead_is_no_nat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
