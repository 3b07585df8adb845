/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

static void add(struct cloud *c, const char *hub, const char *spoke)
{
	struct cloud_spec r1 = cloud_r1, r2 = cloud_r2;

	c->terse = true;
	r1.authentication = hub;
	r2.authentication = spoke;
	cloud_add(c, &r1);
	cloud_add(c, &r2);
}

static void the_same_text(void **state)
{
	struct cloud *c = *state;

	add(c, "cisco123", "cisco123");
	cloud_run(c, 500);
	cloud_expect(c, "   0.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                "   0.000 R2 sent 1.1.1.2 Registration Request 1\n"
	                "   0.010 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   0.010 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   0.010 R1 sent 2.2.2.2 Registration Reply 1\n"
	                "   0.020 R2 nhs-up 10.10.10.1 1.1.1.2\n");
}

/* Told once, to the log and to the peer; dropped silently from then on. */
static void another_text(void **state)
{
	struct cloud *c = *state;

	add(c, "cisco", "Cisco");
	cloud_run(c, 500);
	cloud_expect(c,
	             "   0.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	             "   0.000 R2 sent 1.1.1.2 Registration Request 1\n"
	             "   0.010 R1 dropped 2.2.2.2 (authentication) Registration Request 1\n"
	             "   0.010 R1 sent 2.2.2.2 Error Indication 11\n"
	             "   0.010 R1 auth-fail 10.10.10.2 2.2.2.2\n"
	             "   0.020 R2 error-received 10.10.10.1 1.1.1.2 code 11 \"authentication "
	             "failure\"\n"
	             "   0.020 R2 nhs-down 10.10.10.1 1.1.1.2 (refused by the next hop server)\n");
	cloud_run(c, 5000);
	cloud_expect(c, "   1.000 R2 sent 1.1.1.2 Registration Request 2\n"
	                "   1.010 R1 dropped 2.2.2.2 (authentication) Registration Request 2\n"
	                "   2.530 R2 sent 1.1.1.2 Registration Request 2\n"
	                "   2.540 R1 dropped 2.2.2.2 (authentication) Registration Request 2\n");
	assert_int_equal(cloud_drops(c, R1, DROP_AUTHENTICATION), 3);
}

static void none_where_one_is_asked_for(void **state)
{
	struct cloud *c = *state;

	add(c, "cisco", NULL);
	cloud_run(c, 500);
	assert_int_equal(cloud_drops(c, R1, DROP_AUTHENTICATION), 1);
}

static void one_where_none_is_known(void **state)
{
	struct cloud *c = *state;

	add(c, NULL, "cisco");
	cloud_run(c, 500);
	assert_int_equal(cloud_drops(c, R1, DROP_AUTHENTICATION), 1);
}

static void a_part_of_it(void **state)
{
	struct cloud *c = *state;

	add(c, "cisco", "cisc");
	cloud_run(c, 500);
	assert_int_equal(cloud_drops(c, R1, DROP_AUTHENTICATION), 1);
}

/* A new text is in force at once, and failures are told anew. */
static void the_text_changes(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r1 = cloud_r1;

	add(c, "cisco", "wrong");
	cloud_run(c, 500);
	cloud_quiet(c);
	r1.authentication = "other";
	cloud_configure(c, R1, &r1);
	cloud_run(c, 1000);
	cloud_expect(c, "   1.000 R2 sent 1.1.1.2 Registration Request 2\n"
	                "   1.010 R1 dropped 2.2.2.2 (authentication) Registration Request 2\n"
	                "   1.010 R1 sent 2.2.2.2 Error Indication 11\n"
	                "   1.010 R1 auth-fail 10.10.10.2 2.2.2.2\n"
	                "   1.020 R2 error-received 10.10.10.1 1.1.1.2 code 11 \"authentication "
	                "failure\"\n");
	r1.authentication = "wrong";
	cloud_configure(c, R1, &r1);
	cloud_run(c, 2000);
	cloud_expect(c, "   2.530 R2 sent 1.1.1.2 Registration Request 2\n"
	                "   2.540 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   2.540 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   2.540 R1 sent 2.2.2.2 Registration Reply 2\n"
	                "   2.550 R2 nhs-up 10.10.10.1 1.1.1.2\n");
}

static size_t times_told(struct cloud *c)
{
	size_t n = 0;

	for (const char *at = c->trace.text; (at = strstr(at, "auth-fail")); at++)
		n++;
	cloud_quiet(c);
	return n;
}

/* The memory of whom it was told about is bounded; more than that are only counted. */
static void many_peers(void **state)
{
	struct cloud *c = *state;
	struct nhrp_packet p = { .type = NHRP_PURGE_REQUEST,
		                 .hops = NHRP_HOPS,
		                 .afn = 1,
		                 .proto_type = 0x0800,
		                 .has_extensions = true };
	char from[32];

	add(c, "cisco", "cisco");
	cloud_run(c, 500);
	p.src_nbma = cloud_addr("9.9.9.2");
	p.src_proto = cloud_addr("10.10.10.9");
	p.dst_proto = cloud_addr("10.10.10.1");
	cloud_quiet(c);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 1000; i++) {
			snprintf(from, sizeof from, "9.9.%d.%d", i / 100, i % 100 + 1);
			cloud_inject(c, from, R1, &p);
		}
		assert_int_equal(times_told(c), round == 1 ? 0 : 256);
		if (round == 1)
			cloud_run(c, 3600000);
		cloud_quiet(c);
	}
	assert_int_equal(cloud_drops(c, R1, DROP_AUTHENTICATION), 3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(the_same_text),
		cloud_unit_test(another_text),
		cloud_unit_test(none_where_one_is_asked_for),
		cloud_unit_test(one_where_none_is_known),
		cloud_unit_test(a_part_of_it),
		cloud_unit_test(the_text_changes),
		cloud_unit_test(many_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
