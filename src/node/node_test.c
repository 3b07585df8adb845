/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

/* The reference lab as its configuration files have it: spokes are point to point. */
static const struct cloud_spec p2p_r2 = { .name = "R2",
	                                  .nbma = "2.2.2.2",
	                                  .overlay = "10.10.10.2/24",
	                                  .destination = "1.1.1.2",
	                                  .nhs = { "10.10.10.1" },
	                                  .map = { "10.10.10.1/32 1.1.1.2" } };

static void reference_lab(void **state)
{
	struct cloud *c = *state;

	cloud_add(c, &cloud_r1);
	cloud_add(c, &p2p_r2);
	cloud_run(c, 3000);
	cloud_expect(c, "   0.000 R2 cache-add 10.10.10.1 1.1.1.2\n"
	                "   0.000 R2 sent 1.1.1.2 Registration Request 1\n"
	                "   0.010 R1 cache-add 10.10.10.2 2.2.2.2\n"
	                "   0.010 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   0.010 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   0.010 R1 sent 2.2.2.2 Registration Reply 1\n"
	                "   0.020 R2 nhs-up 10.10.10.1 1.1.1.2\n"
	                "   1.000 R2 sent 1.1.1.2 Registration Request 2\n"
	                "   1.010 R1 cache-update 10.10.10.2 2.2.2.2\n"
	                "   1.010 R1 sent 2.2.2.2 Registration Reply 2\n");
	cloud_used(c, R1, "10.10.10.2");
	cloud_expect_cache(c, R1,
	                   "10.10.10.2/32 10.10.10.2 2.2.2.2 dynamic authoritative unique "
	                   "registered used nhop\n");
	cloud_expect_cache(c, R2, "10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n");
}

static void the_spoke_turns_multipoint(void **state)
{
	struct cloud *c = *state;

	cloud_add(c, &cloud_r1);
	cloud_add(c, &p2p_r2);
	cloud_run(c, 3000);
	cloud_quiet(c);
	cloud_configure(c, R2, &cloud_r2);
	cloud_run(c, 3000);
	cloud_expect(c, "   3.000 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   3.000 R2 nhs-down 10.10.10.1 1.1.1.2 (configuration changed)\n"
	                "   3.000 R2 cache-add 10.10.10.1 1.1.1.2\n"
	                "   3.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                "   3.000 R2 sent 1.1.1.2 Registration Request 3\n"
	                "   3.010 R1 del-peer 10.10.10.2\n"
	                "   3.010 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   3.010 R1 cache-delete 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   3.010 R1 sent 2.2.2.2 Purge Reply 2\n"
	                "   3.010 R1 cache-add 10.10.10.2 2.2.2.2\n"
	                "   3.010 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   3.010 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   3.010 R1 sent 2.2.2.2 Registration Reply 3\n"
	                "   3.020 R2 nhs-up 10.10.10.1 1.1.1.2\n"
	                "   4.000 R2 sent 1.1.1.2 Registration Request 4\n"
	                "   4.010 R1 cache-update 10.10.10.2 2.2.2.2\n"
	                "   4.010 R1 sent 2.2.2.2 Registration Reply 4\n");
	cloud_configure(c, R2, &p2p_r2);
	cloud_run(c, 3000);
	cloud_expect(c, "   6.000 R2 sent 1.1.1.2 Purge Request 4\n"
	                "   6.000 R2 nhs-down 10.10.10.1 1.1.1.2 (configuration changed)\n"
	                "   6.000 R2 cache-add 10.10.10.1 1.1.1.2\n"
	                "   6.000 R2 del-peer 10.10.10.1\n"
	                "   6.000 R2 sent 1.1.1.2 Registration Request 5\n"
	                "   6.010 R1 del-peer 10.10.10.2\n"
	                "   6.010 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   6.010 R1 cache-delete 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   6.010 R1 sent 2.2.2.2 Purge Reply 4\n"
	                "   6.010 R1 cache-add 10.10.10.2 2.2.2.2\n"
	                "   6.010 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   6.010 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   6.010 R1 sent 2.2.2.2 Registration Reply 5\n"
	                "   6.020 R2 nhs-up 10.10.10.1 1.1.1.2\n"
	                "   7.000 R2 sent 1.1.1.2 Registration Request 6\n"
	                "   7.010 R1 cache-update 10.10.10.2 2.2.2.2\n"
	                "   7.010 R1 sent 2.2.2.2 Registration Reply 6\n");
}

static void what_did_not_change_stays(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 1000);
	cloud_quiet(c);
	for (size_t i = 0; i < c->n; i++) {
		struct cloud_spec same = c->router[i].spec;
		cloud_configure(c, i, &same);
	}
	cloud_run(c, 1000);
	cloud_expect(c, "");
}

static void stopping_withdraws_everything(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 1000);
	cloud_quiet(c);
	cloud_stop(c, R2);
	cloud_run(c, 1000);
	cloud_expect(c, "   3.000 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   3.000 R2 nhs-down 10.10.10.1 1.1.1.2 (router stops)\n"
	                "   3.000 R2 del-peer 10.10.10.1\n"
	                "   3.000 R2 cache-delete 10.10.10.1 1.1.1.2 (router stops)\n"
	                "   3.000 R2 sent 3.3.3.2 Purge Request 4\n"
	                "   3.000 R2 del-peer 10.10.10.3\n"
	                "   3.000 R2 nhp-down 10.10.10.3 3.3.3.2 (router stops)\n"
	                "   3.000 R2 cache-delete 10.10.10.3 3.3.3.2 (router stops)\n"
	                "   3.000 R2 stopped\n"
	                "   3.010 R1 del-peer 10.10.10.2\n"
	                "   3.010 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   3.010 R1 cache-delete 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   3.010 R1 sent 2.2.2.2 Purge Reply 2\n"
	                "   3.010 R3 del-peer 10.10.10.2\n"
	                "   3.010 R3 nhp-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   3.010 R3 cache-delete 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   3.010 R3 sent 2.2.2.2 Purge Reply 4\n");
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 100000);
	assert_true(mono_is_never(node_deadline(c->router[R2].node)));
}

static void stopping_an_empty_node(void **state)
{
	struct cloud *c = *state;

	cloud_add(c, &(struct cloud_spec){ .name = "R1" });
	cloud_stop(c, R1);
	cloud_expect(c, "   0.000 R1 stopped\n");
}

/* A packet in each state that a node can be in is harmless. */
static void packets_at_any_time(void **state)
{
	struct cloud *c = *state;
	struct node_event event = { .type = NODE_PACKET };
	static const uint8_t garbage[NHRP_PACKET_MAX + 1];

	event.packet.bytes = garbage;
	event.packet.from = cloud_addr("9.9.9.9");
	cloud_add(c, &(struct cloud_spec){ .name = "R1" });
	cloud_event(c, R1, &event);
	assert_int_equal(node_drops(c->router[R1].node, DROP_NO_TUNNEL), 1);
	cloud_configure(c, R1, &cloud_r1);
	cloud_event(c, R1, &event);
	assert_int_equal(cloud_drops(c, R1, DROP_TUNNEL_DOWN), 1);
	cloud_move(c, R1, "1.1.1.2");
	for (event.packet.len = 0; event.packet.len < sizeof garbage; event.packet.len += 7)
		cloud_event(c, R1, &event);
	assert_int_equal(cloud_drops(c, R1, DROP_MALFORMED), (sizeof garbage + 6) / 7);
	cloud_stop(c, R1);
	cloud_event(c, R1, &event);
	assert_int_equal(node_drops(c->router[R1].node, DROP_TUNNEL_DOWN), 1);
}

/* More static maps than one step holds: later steps go on, nothing is lost. */
static void work_is_carried_over(void **state)
{
	struct cloud *c = *state;
	struct snapshot *s = snapshot_new(), *empty = snapshot_new();
	struct snap_interface *i = snapshot_add_interface(s, SNAP_TUNNEL, "Tunnel0");
	struct snap_nhrp *nhrp = &i->tunnel->nhrp;
	enum { MAPS = 3000 };
	size_t n_set = 0, n_del = 0;

	i->address[0] = (struct prefix){ cloud_addr("10.10.0.1"), 16 };
	i->n_address = 1;
	i->tunnel->source_address = cloud_addr("1.1.1.2");
	i->tunnel->mode = SNAP_MODE_GRE_MULTIPOINT;
	nhrp->network_id = 1;
	nhrp->map = calloc(MAPS, sizeof *nhrp->map);
	nhrp->n_map = MAPS;
	for (uint32_t k = 0; k < MAPS; k++) {
		struct addr target = addr_from_u32(0x0a0a1000 + k);
		nhrp->map[k].target = prefix_host(&target);
		nhrp->map[k].nbma = addr_from_u32(0x02000000 + k);
	}
	struct node *node = node_new(&(struct node_options){ .entropy = prng_entropy(&c->prng) });
	struct node_event events[] = { { .type = NODE_CONFIGURE, .snapshot = s },
		                       { .type = NODE_TUNNEL },
		                       { .type = NODE_CONFIGURE, .snapshot = empty } };
	events[1].state.source = cloud_addr("1.1.1.2");
	events[1].state.up = true;
	for (size_t e = 0; e < 3; e++) {
		struct node_event event = events[e];
		size_t steps = 0;
		do {
			node_step(node, cloud_now(c), &event, &c->out);
			for (size_t k = 0; k < c->out.n; k++) {
				n_set += c->out.action[k].type == NODE_SET_PEER;
				n_del += c->out.action[k].type == NODE_DEL_PEER;
			}
			event = (struct node_event){ .type = NODE_TICK };
			assert_in_range(++steps, 1, 100);
		} while (mono_due(node_deadline(node), cloud_now(c).mono));
	}
	assert_int_equal(n_set, MAPS);
	assert_int_equal(n_del, MAPS);
	assert_int_equal(node_drops(node, DROP_OUT_FULL), 0);
	node_free(node);
	snapshot_free(s);
	snapshot_free(empty);
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(trace_type_word(TRACE_NHS_UP), "nhs-up");
	assert_string_equal(trace_type_word(TRACE_TYPES_N), "unknown");
	assert_string_equal(trace_reason_text(REASON_STOPPED), "router stops");
	assert_string_equal(trace_reason_text(TRACE_REASONS_N), "unknown");
	assert_string_equal(node_drop_key(DROP_LOOP), "loop");
	assert_string_equal(node_drop_text(DROP_RATE), "over ip nhrp max-send");
	assert_string_equal(node_drop_key(NODE_DROPS_N), "unknown");
	assert_string_equal(node_drop_text(NODE_DROPS_N), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(reference_lab),
		cloud_unit_test(the_spoke_turns_multipoint),
		cloud_unit_test(what_did_not_change_stays),
		cloud_unit_test(stopping_withdraws_everything),
		cloud_unit_test(stopping_an_empty_node),
		cloud_unit_test(packets_at_any_time),
		cloud_unit_test(work_is_carried_over),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
