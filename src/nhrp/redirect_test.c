/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

static const struct cloud_spec hub = { .name = "R1",
	                               .nbma = "1.1.1.2",
	                               .overlay = "10.10.10.1/24",
	                               .authentication = "secret",
	                               .redirect = true,
	                               .redirect_s = 10 };

static uint64_t suppressed(const struct cloud *c)
{
	struct node_cursor cursor = { 0 };
	struct nhrp_tunnel_view t;

	assert_true(node_tunnel_next(c->router[R1].node, &cursor, &t));
	return t.traffic.redirects_suppressed;
}

static void the_sender_is_told(void **state)
{
	struct cloud *c = *state;
	struct nhrp_packet p;

	cloud_add(c, &hub);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 192.168.3.7");
	cloud_expect(c, "   0.000 R1 sent 2.2.2.2 Traffic Indication 0\n");
	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &p), NHRP_WIRE_OK);
	struct addr sender = cloud_addr("192.168.2.5"), own = cloud_addr("10.10.10.1");
	assert_true(addr_equal(&p.dst_proto, &sender));
	assert_true(addr_equal(&p.src_proto, &own));
	assert_int_equal(p.flags, 0);
	assert_int_equal(p.contents_len, NHRP_INDICATION_CONTENTS_LEN);
	assert_null(nhrp_extension_find(&p, NHRP_EXT_RESPONDER));
	assert_non_null(nhrp_extension_find(&p, NHRP_EXT_AUTHENTICATION));
}

/* Each flow once in the time; the way back is a flow of its own. */
static void each_flow_is_told_once_in_a_while(void **state)
{
	struct cloud *c = *state;

	cloud_add(c, &hub);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 192.168.3.7");
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 192.168.3.7");
	cloud_hairpin(c, R1, "3.3.3.2", "192.168.3.7 > 192.168.2.5");
	cloud_run(c, 9000);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 192.168.3.7");
	assert_int_equal(suppressed(c), 2);
	cloud_run(c, 1000);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 192.168.3.7");
	cloud_expect(c, "   0.000 R1 sent 2.2.2.2 Traffic Indication 0\n"
	                "   0.000 R1 sent 3.3.3.2 Traffic Indication 0\n"
	                "  10.000 R1 sent 2.2.2.2 Traffic Indication 0\n");
}

static void nothing_is_said_without_the_line(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec silent = hub;

	silent.redirect = false;
	cloud_add(c, &silent);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 192.168.3.7");
	cloud_expect(c, "");
	assert_int_equal(suppressed(c), 0);
}

static void what_is_no_packet_between_hosts_is_ignored(void **state)
{
	struct cloud *c = *state;
	static const uint8_t garbage[] = { 0x45, 0, 0 };
	struct node_event event = { .type = NODE_HAIRPIN };

	cloud_add(c, &hub);
	event.hairpin.from = cloud_addr("2.2.2.2");
	event.hairpin.bytes = garbage;
	event.hairpin.len = sizeof garbage;
	cloud_event(c, R1, &event);
	event.hairpin.len = 0;
	cloud_event(c, R1, &event);
	event.hairpin.tunnel = 9;
	cloud_event(c, R1, &event);
	cloud_hairpin(c, R1, "2.2.2.2", "0.0.0.0 > 192.168.3.7");
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 224.0.0.5");
	cloud_expect(c, "");
}

/* More flows than can be remembered are not told of, and those remembered stay quiet. */
static void a_flood_is_bounded(void **state)
{
	enum { FLOWS = 4096 };
	struct cloud *c = *state;
	struct cloud_spec r1 = hub;
	uint8_t packet[28] = { 0x45, [12] = 10, [16] = 11 };
	struct node_event event = { .type = NODE_HAIRPIN };

	r1.max_send = 65535;
	cloud_add(c, &r1);
	c->router[R1].deaf = true;
	event.hairpin.from = cloud_addr("2.2.2.2");
	event.hairpin.bytes = packet;
	event.hairpin.len = sizeof packet;
	for (unsigned i = 0; i < FLOWS + 10; i++) {
		packet[18] = (uint8_t)(i >> 8);
		packet[19] = (uint8_t)i;
		cloud_event(c, R1, &event);
		cloud_run(c, 1);
		cloud_run(c, i % 400 ? 0 : 20); /* packets arrive nowhere */
	}
	assert_int_equal(suppressed(c), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(the_sender_is_told),
		cloud_unit_test(each_flow_is_told_once_in_a_while),
		cloud_unit_test(nothing_is_said_without_the_line),
		cloud_unit_test(what_is_no_packet_between_hosts_is_ignored),
		cloud_unit_test(a_flood_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
