/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

static struct nhrp_packet packet(enum nhrp_type type)
{
	struct nhrp_packet p = { .type = (uint8_t)type,
		                 .hops = NHRP_HOPS,
		                 .afn = 1,
		                 .proto_type = 0x0800,
		                 .request_id = 7,
		                 .has_extensions = true };

	p.src_nbma = cloud_addr("9.9.9.2");
	p.src_proto = cloud_addr("10.10.10.9");
	p.dst_proto = cloud_addr("10.10.10.1");
	return p;
}

static struct nhrp_traffic traffic(const struct cloud *c, size_t i)
{
	struct node_cursor cursor = { 0 };
	struct nhrp_tunnel_view t;

	assert_true(node_tunnel_next(c->router[i].node, &cursor, &t));
	return t.traffic;
}

static void every_type_is_counted(void **state)
{
	struct cloud *c = *state;

	cloud_add(c, &cloud_r1);
	for (enum nhrp_type type = 1; type < NHRP_TYPES; type++) {
		struct nhrp_packet p = packet(type);
		cloud_inject(c, "9.9.9.2", R1, &p);
		assert_int_equal(traffic(c, R1).received[type], 1);
	}
	cloud_expect(c, "   0.000 R1 sent 9.9.9.2 Resolution Reply 7\n"
	                "   0.000 R1 cache-add 10.10.10.1 1.1.1.2\n"
	                "   0.000 R1 dropped 9.9.9.2 (no_route) Resolution Reply 7\n"
	                "   0.000 R1 dropped 9.9.9.2 (bad_contents) Registration Request 7\n"
	                "   0.000 R1 dropped 9.9.9.2 (unsolicited) Registration Reply 7\n"
	                "   0.000 R1 sent 9.9.9.2 Purge Reply 7\n"
	                "   0.000 R1 dropped 9.9.9.2 (no_route) Purge Reply 7\n"
	                "   0.000 R1 error-received 10.10.10.9 9.9.9.2 \"unknown\"\n"
	                "   0.000 R1 dropped 9.9.9.2 (unsupported) Traffic Indication 7\n");
}

static void addresses_that_make_no_sense(void **state)
{
	struct cloud *c = *state;

	cloud_add(c, &cloud_r1);
	cloud_quiet(c);
	struct nhrp_packet p = packet(NHRP_PURGE_REQUEST);
	p.src_proto = cloud_addr("0.0.0.0");
	cloud_inject(c, "9.9.9.2", R1, &p);
	p.src_proto = cloud_addr("224.0.0.1");
	cloud_inject(c, "9.9.9.2", R1, &p);
	p = packet(NHRP_PURGE_REQUEST);
	p.dst_proto = ADDR_ANY_NONE;
	cloud_inject(c, "9.9.9.2", R1, &p);
	p = packet(NHRP_PURGE_REQUEST);
	p.proto_type = 0x86dd;
	p.src_proto = cloud_addr("2001:db8::9");
	p.dst_proto = cloud_addr("2001:db8::1");
	cloud_inject(c, "9.9.9.2", R1, &p);
	p = packet(NHRP_PURGE_REQUEST);
	p.afn = 2;
	p.src_nbma = cloud_addr("2001:db8::9");
	cloud_inject(c, "9.9.9.2", R1, &p);
	assert_int_equal(cloud_drops(c, R1, DROP_BAD_CONTENTS), 5);
}

static void no_hops_left(void **state)
{
	struct cloud *c = *state;

	cloud_add(c, &cloud_r1);
	cloud_quiet(c);
	struct nhrp_packet p = packet(NHRP_PURGE_REQUEST);
	p.hops = 0;
	cloud_inject(c, "9.9.9.2", R1, &p);
	cloud_expect(c, "   0.000 R1 dropped 9.9.9.2 (hop_count) Purge Request 7\n"
	                "   0.000 R1 sent 9.9.9.2 Error Indication 15\n");
}

/* Our own request come back; a registration of our address is an answer's business. */
static void our_own_address_as_source(void **state)
{
	struct cloud *c = *state;

	cloud_add(c, &cloud_r1);
	cloud_quiet(c);
	struct nhrp_packet p = packet(NHRP_RESOLUTION_REQUEST);
	p.src_proto = cloud_addr("10.10.10.1");
	p.dst_proto = cloud_addr("10.10.10.9");
	cloud_inject(c, "9.9.9.2", R1, &p);
	p.type = NHRP_REGISTRATION_REQUEST;
	p.dst_proto = p.src_proto;
	p.n_cie = 1;
	p.cie[0] = (struct nhrp_cie){ .prefix_len = 32, .holdtime_s = 600 };
	cloud_inject(c, "9.9.9.2", R1, &p);
	cloud_expect(c, "   0.000 R1 dropped 9.9.9.2 (loop) Resolution Request 7 10.10.10.9\n"
	                "   0.000 R1 rejected 10.10.10.1 9.9.9.2 code 4\n"
	                "   0.000 R1 sent 9.9.9.2 Registration Reply 7 code 4\n");
}

static void malformed_ones_by_kind(void **state)
{
	struct cloud *c = *state;
	struct node_event event = { .type = NODE_PACKET };
	static const uint8_t bytes[10];

	cloud_add(c, &cloud_r1);
	event.packet.from = cloud_addr("9.9.9.2");
	event.packet.bytes = bytes;
	event.packet.len = sizeof bytes;
	cloud_event(c, R1, &event);
	assert_int_equal(traffic(c, R1).malformed[NHRP_WIRE_SHORT], 1);
	event.packet.tunnel = 5;
	cloud_event(c, R1, &event);
	assert_int_equal(node_drops(c->router[R1].node, DROP_NO_TUNNEL), 1);
	cloud_expect(c, "   0.000 R1 dropped 9.9.9.2 (malformed)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(every_type_is_counted),
		cloud_unit_test(addresses_that_make_no_sense),
		cloud_unit_test(no_hops_left),
		cloud_unit_test(our_own_address_as_source),
		cloud_unit_test(malformed_ones_by_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
