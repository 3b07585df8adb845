/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

#include "nhrp/limit.h"

static void the_interval(void **state)
{
	struct nhrp_tunnel t = { .config = { .max_send_packets = 3, .max_send_every_s = 10 } };
	mono start = { NS_PER_S };

	(void)state;
	t.send_window = start;
	for (int i = 0; i < 3; i++)
		assert_true(nhrp_limit_take(&t, start));
	assert_false(nhrp_limit_take(&t, start));
	assert_false(nhrp_limit_take(&t, mono_add_ms(start, 9999)));
	assert_true(nhrp_limit_take(&t, mono_add_s(start, 10)));
	assert_int_equal(t.sent_in_window, 1);
}

static void defaults(void **state)
{
	struct nhrp_tunnel t = { 0 };

	(void)state;
	assert_int_equal(nhrp_limit_packets(&t), 10000);
	assert_int_equal(nhrp_limit_every_s(&t), 10);
}

/* Over the limit nothing is sent, but registration goes on when there is room again. */
static void a_node_keeps_to_it(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r2 = cloud_r2;
	struct node_cursor cursor = { 0 };
	struct nhrp_tunnel_view t;

	c->terse = true;
	r2.max_send = 2;
	cloud_add(c, &r2);
	cloud_run(c, 16000);
	cloud_expect(c,
	             "   0.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	             "   0.000 R2 sent 1.1.1.2 Registration Request 1\n"
	             "   1.000 R2 sent 1.1.1.2 Registration Request 2\n"
	             "  11.871 R2 nhs-down 10.10.10.1 1.1.1.2 (no reply to registration requests)\n"
	             "  11.871 R2 sent 1.1.1.2 Registration Request 2\n");
	assert_int_equal(cloud_drops(c, 0, DROP_RATE), 2);
	assert_true(node_tunnel_next(c->router[0].node, &cursor, &t));
	assert_int_equal(t.max_send_packets, 2);
	assert_int_equal(t.max_send_used, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(the_interval),
		cloud_unit_test(defaults),
		cloud_unit_test(a_node_keeps_to_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
