/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "node/cloud_test.h"

static struct cloud_spec hub(void)
{
	struct cloud_spec spec = cloud_r1;

	spec.multicast_dynamic = true;
	spec.holdtime_s = 300;
	return spec;
}

static struct cloud_spec spoke(void)
{
	struct cloud_spec spec = cloud_r2;

	spec.nhs[0] = "10.10.10.1 nbma 1.1.1.2 multicast";
	spec.holdtime_s = 300;
	return spec;
}

/* A hub and a spoke, registered. */
static void add_two(struct cloud *c)
{
	struct cloud_spec r1 = hub(), r2 = spoke();

	c->terse = true;
	cloud_add(c, &r1);
	cloud_add(c, &r2);
	cloud_run(c, 2000);
}

static void clients_and_servers_are_members(void **state)
{
	struct cloud *c = *state;

	add_two(c);
	cloud_expect(c, "   0.000 R2 set-multicast 1.1.1.2\n"
	                "   0.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                "   0.000 R2 sent 1.1.1.2 Registration Request 1\n"
	                "   0.010 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   0.010 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   0.010 R1 sent 2.2.2.2 Registration Reply 1\n"
	                "   0.010 R1 set-multicast 2.2.2.2\n"
	                "   0.020 R2 nhs-up 10.10.10.1 1.1.1.2\n"
	                "   1.000 R2 sent 1.1.1.2 Registration Request 2\n"
	                "   1.010 R1 sent 2.2.2.2 Registration Reply 2\n");
}

static void a_client_that_expires_leaves(void **state)
{
	struct cloud *c = *state;

	add_two(c);
	c->router[R1].deaf = true;
	cloud_run(c, 298000);
	cloud_quiet(c);
	cloud_run(c, 2000);
	cloud_expect(c, " 301.010 R1 del-peer 10.10.10.2\n"
	                " 301.010 R1 nhc-down 10.10.10.2 2.2.2.2 (holding time expired)\n"
	                " 301.010 R1 del-multicast 2.2.2.2\n");
}

static void a_client_that_moves_is_followed(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r2 = spoke();

	r2.no_unique = true;
	add_two(c);
	cloud_configure(c, R2, &r2);
	cloud_run(c, 2000);
	cloud_quiet(c);
	cloud_move(c, R2, "4.4.4.4");
	cloud_run(c, 500);
	cloud_expect(c, "   4.000 R2 sent 1.1.1.2 Registration Request 5\n"
	                "   4.010 R1 nhc-down 10.10.10.2 2.2.2.2 (NBMA address changed)\n"
	                "   4.010 R1 nhc-up 10.10.10.2 4.4.4.4\n"
	                "   4.010 R1 set-peer 10.10.10.2 4.4.4.4 registered\n"
	                "   4.010 R1 sent 4.4.4.4 Registration Reply 5\n"
	                "   4.010 R1 set-multicast 4.4.4.4\n"
	                "   4.010 R1 del-multicast 2.2.2.2\n");
}

/* Named by a line and by a server: one member, until neither names it. */
static void one_copy_for_an_address_named_twice(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r2 = spoke();

	add_two(c);
	cloud_quiet(c);
	r2.multicast[0] = "1.1.1.2";
	r2.multicast[1] = "9.9.9.9";
	cloud_configure(c, R2, &r2);
	cloud_expect(c, "   2.000 R2 set-multicast 9.9.9.9\n");
	r2.nhs[0] = "10.10.10.1 nbma 1.1.1.2";
	cloud_configure(c, R2, &r2);
	cloud_expect(c, "");
	r2.multicast[0] = "9.9.9.9";
	r2.multicast[1] = NULL;
	cloud_configure(c, R2, &r2);
	cloud_expect(c, "   2.000 R2 del-multicast 1.1.1.2\n");
}

static void dynamic_may_come_and_go(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r1 = hub();

	add_two(c);
	cloud_quiet(c);
	r1.multicast_dynamic = false;
	cloud_configure(c, R1, &r1);
	cloud_expect(c, "   2.000 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   2.000 R1 del-multicast 2.2.2.2\n");
	r1.multicast_dynamic = true;
	cloud_configure(c, R1, &r1);
	cloud_expect(c, "   2.000 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   2.000 R1 set-multicast 2.2.2.2\n");
}

/* All that leaves a point-to-point tunnel goes to its destination anyway. */
static void a_point_to_point_tunnel_has_none(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r2 = spoke();

	r2.destination = "1.1.1.2";
	r2.multicast[0] = "9.9.9.9";
	cloud_add(c, &r2);
	cloud_expect(c, "   0.000 R2 cache-add 10.10.10.1 1.1.1.2\n"
	                "   0.000 R2 sent 1.1.1.2 Registration Request 1\n");
}

static const char *members(const struct cloud *c, size_t i, struct strbuf *out)
{
	struct node_cursor cursor = { 0 };
	struct multicast_view m;
	char text[ADDR_TEXT_LEN];

	strbuf_truncate(out, 0);
	while (node_multicast_next(c->router[i].node, &cursor, &m))
		strbuf_printf(out, "%s%s%s%s\n", addr_format(&m.nbma, text), m.by_map ? " map" : "",
		              m.by_client ? " client" : "", m.by_server ? " server" : "");
	return out->text;
}

/* Each with all that names it; one that nothing names any more is none. */
static void what_is_shown_of_them(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r1 = hub(), r2 = spoke();
	struct strbuf out;

	strbuf_init(&out);
	add_two(c);
	assert_string_equal(members(c, R1, &out), "2.2.2.2 client\n");
	assert_string_equal(members(c, R2, &out), "1.1.1.2 server\n");
	r1.multicast[0] = "2.2.2.2";
	r1.multicast[1] = "9.9.9.9";
	r2.multicast[0] = "1.1.1.2";
	cloud_configure(c, R1, &r1);
	cloud_configure(c, R2, &r2);
	assert_string_equal(members(c, R1, &out), "2.2.2.2 map client\n9.9.9.9 map\n");
	assert_string_equal(members(c, R2, &out), "1.1.1.2 map server\n");
	r1.multicast[1] = NULL;
	cloud_configure(c, R1, &r1);
	assert_string_equal(members(c, R1, &out), "2.2.2.2 map client\n");
	strbuf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(clients_and_servers_are_members),
		cloud_unit_test(what_is_shown_of_them),
		cloud_unit_test(a_client_that_expires_leaves),
		cloud_unit_test(a_client_that_moves_is_followed),
		cloud_unit_test(one_copy_for_an_address_named_twice),
		cloud_unit_test(dynamic_may_come_and_go),
		cloud_unit_test(a_point_to_point_tunnel_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
