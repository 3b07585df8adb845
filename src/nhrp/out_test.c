/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nhrp/out.h"
#include "node/cloud_test.h"

struct box {
	struct nhrp n;
	struct nhrp_tunnel tunnel;
	struct node_out out;
};

static struct box *box_new(void)
{
	struct box *b = memory_new(1, sizeof *b);

	nhrp_init(&b->n, &(struct node_options){ .cache_max = 1 });
	b->n.out = &b->out;
	b->tunnel.line_up = b->tunnel.multipoint = true;
	b->tunnel.source = cloud_addr("1.1.1.2");
	return b;
}

static struct nhrp_packet packet(void)
{
	struct nhrp_packet p = { .type = NHRP_PURGE_REPLY,
		                 .hops = 255,
		                 .afn = 1,
		                 .proto_type = 0x0800,
		                 .has_extensions = true };

	p.src_nbma = cloud_addr("1.1.1.2");
	p.src_proto = cloud_addr("10.10.10.1");
	p.dst_proto = cloud_addr("10.10.10.2");
	return p;
}

static void request_ids(void **state)
{
	struct box *b = box_new();

	(void)state;
	for (uint32_t id = 1; id <= 3 * NODE_REQUEST_ID_BLOCK; id++)
		assert_int_equal(nhrp_out_request_id(&b->n), id);
	assert_int_equal(b->out.n, 3);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(b->out.action[i].type, NODE_RESERVE_IDS);
		assert_int_equal(b->out.action[i].request_id_next,
		                 1 + (i + 1) * NODE_REQUEST_ID_BLOCK);
	}
	b->n.next_id = UINT32_MAX;
	assert_int_equal(nhrp_out_request_id(&b->n), UINT32_MAX);
	assert_int_equal(nhrp_out_request_id(&b->n), 1);
	free(b);
}

static void a_full_output(void **state)
{
	struct box *b = box_new();

	(void)state;
	assert_true(nhrp_out_has_room(&b->n));
	while (nhrp_out_has_room(&b->n))
		assert_non_null(nhrp_out_action(&b->n, NODE_TRACE));
	assert_int_equal(b->out.n, NODE_ACTIONS_MAX - NHRP_UNIT_ACTIONS + 1);
	while (b->out.n < NODE_ACTIONS_MAX)
		assert_non_null(nhrp_out_action(&b->n, NODE_TRACE));
	assert_null(nhrp_out_action(&b->n, NODE_TRACE));
	assert_int_equal(b->n.drops[DROP_OUT_FULL], 1);
	free(b);
}

static void full_of_bytes(void **state)
{
	struct box *b = box_new();
	static const uint8_t bytes[NODE_OUT_BYTES];
	struct nhrp_packet p = packet();
	struct nhrp_sending how = { .tunnel = &b->tunnel, .to = cloud_addr("2.2.2.2") };

	(void)state;
	assert_ptr_equal(nhrp_out_keep(&b->n, bytes, sizeof bytes - 10), b->out.bytes);
	assert_false(nhrp_out_has_room(&b->n));
	assert_null(nhrp_out_keep(&b->n, bytes, 11));
	assert_false(nhrp_out_send(&b->n, &how, &p));
	assert_int_equal(b->tunnel.traffic.drops[DROP_TOO_BIG], 1);
	assert_int_equal(b->out.n, 0);
	free(b);
}

static void sending(void **state)
{
	struct box *b = box_new();
	struct nhrp_packet p = packet();
	struct nhrp_sending how = { .tunnel = &b->tunnel, .to = cloud_addr("2.2.2.2") };

	(void)state;
	assert_true(nhrp_out_send(&b->n, &how, &p));
	assert_int_equal(b->out.action[0].type, NODE_SEND);
	assert_true(addr_equal(&b->out.action[0].send.to, &how.to));
	assert_int_equal(b->out.action[1].trace.type, TRACE_PACKET_SENT);
	assert_ptr_equal(b->out.action[1].trace.packet, b->out.action[0].send.bytes);
	how.forwarded = true;
	assert_true(nhrp_out_send(&b->n, &how, &p));
	assert_int_equal(b->out.action[3].trace.type, TRACE_PACKET_FORWARDED);
	assert_int_equal(b->tunnel.traffic.sent[NHRP_PURGE_REPLY], 1);
	assert_int_equal(b->tunnel.traffic.forwarded[NHRP_PURGE_REPLY], 1);
	free(b);
}

static void p2p_tunnels_have_one_destination(void **state)
{
	struct box *b = box_new();
	struct nhrp_packet p = packet();
	struct nhrp_sending how = { .tunnel = &b->tunnel, .to = cloud_addr("2.2.2.2") };

	(void)state;
	b->tunnel.multipoint = false;
	b->tunnel.destination = cloud_addr("9.9.9.9");
	assert_true(nhrp_out_send(&b->n, &how, &p));
	assert_true(addr_equal(&b->out.action[0].send.to, &b->tunnel.destination));
	free(b);
}

static void nowhere_to_send(void **state)
{
	struct box *b = box_new();
	struct nhrp_packet p = packet();
	struct nhrp_sending how = { .tunnel = &b->tunnel };

	(void)state;
	assert_false(nhrp_out_send(&b->n, &how, &p));
	how.to = cloud_addr("2001:db8::1");
	assert_false(nhrp_out_send(&b->n, &how, &p));
	assert_int_equal(b->tunnel.traffic.drops[DROP_NO_ROUTE], 2);
	b->tunnel.line_up = false;
	assert_false(nhrp_out_send(&b->n, &how, &p));
	b->tunnel.line_up = true;
	b->tunnel.source = ADDR_ANY_NONE;
	assert_false(nhrp_out_send(&b->n, &how, &p));
	assert_int_equal(b->tunnel.traffic.drops[DROP_TUNNEL_DOWN], 2);
	assert_int_equal(b->out.n, 0);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(request_ids),
		cloud_unit_test(a_full_output),
		cloud_unit_test(full_of_bytes),
		cloud_unit_test(sending),
		cloud_unit_test(p2p_tunnels_have_one_destination),
		cloud_unit_test(nowhere_to_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
