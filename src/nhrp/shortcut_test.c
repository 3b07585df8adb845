/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

/* Each spoke has a network 192.168.N.0/24; the hub knows where, the spokes know a summary. */
static struct cloud_spec hub(void)
{
	struct cloud_spec spec = cloud_r1;

	spec.redirect = true;
	spec.route[0] = "192.168.1.0/24 local";
	spec.route[1] = "192.168.2.0/24 10.10.10.2";
	spec.route[2] = "192.168.3.0/24 10.10.10.3";
	return spec;
}

static struct cloud_spec spoke(const struct cloud_spec *like, const char *network)
{
	struct cloud_spec spec = *like;

	spec.shortcut = true;
	spec.holdtime_s = 300;
	spec.route[0] = network;
	spec.route[1] = "192.168.0.0/16 10.10.10.1";
	spec.route[2] = "0.0.0.0/0 local";
	return spec;
}

static void add_three(struct cloud *c)
{
	struct cloud_spec r1 = hub();
	struct cloud_spec r2 = spoke(&cloud_r2, "192.168.2.0/24 local");
	struct cloud_spec r3 = spoke(&cloud_r3, "192.168.3.0/24 local");

	cloud_add(c, &r1);
	cloud_add(c, &r2);
	cloud_add(c, &r3);
	cloud_run(c, 2000);
	cloud_quiet(c);
}

/* R2 has its shortcut to R3's network. */
static void add_shortcut(struct cloud *c)
{
	c->terse = true;
	add_three(c);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 192.168.3.7");
	cloud_run(c, 1000);
	cloud_quiet(c);
}

/* From the packet that took the hub's way to the route of the far spoke's network. */
static void the_shortcut(void **state)
{
	struct cloud *c = *state;

	add_three(c);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 192.168.3.7");
	cloud_run(c, 1000);
	cloud_expect(c, "   2.000 R1 sent 2.2.2.2 Traffic Indication 0\n"
	                "   2.010 R2 cache-add 192.168.3.7\n"
	                "   2.010 R2 sent 1.1.1.2 Resolution Request 3 192.168.3.7\n"
	                "   2.020 R1 forwarded 3.3.3.2 Resolution Request 3 192.168.3.7\n"
	                "   2.030 R3 sent 2.2.2.2 Resolution Reply 3\n"
	                "   2.030 R3 cache-add 192.168.3.0 3.3.3.2\n"
	                "   2.030 R3 cache-add 10.10.10.2 2.2.2.2\n"
	                "   2.030 R3 set-peer 10.10.10.2 2.2.2.2 resolved\n"
	                "   2.030 R3 nhp-up 10.10.10.2 2.2.2.2\n"
	                "   2.040 R2 cache-add 10.10.10.3 3.3.3.2\n"
	                "   2.040 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "   2.040 R2 nhp-up 10.10.10.3 3.3.3.2\n"
	                "   2.040 R2 cache-add 192.168.3.0 3.3.3.2\n"
	                "   2.040 R2 set-route 192.168.3.0/24 10.10.10.3\n"
	                "   2.040 R2 cache-delete 192.168.3.7 (replaced)\n");
	cloud_expect_cache(
		c, R2,
		"10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
		"10.10.10.3/32 10.10.10.3 3.3.3.2 dynamic authoritative router unique nhop\n"
		"192.168.3.0/24 10.10.10.3 3.3.3.2 dynamic router rib\n");
	cloud_expect_cache(
		c, R3,
		"10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
		"10.10.10.2/32 10.10.10.2 2.2.2.2 dynamic router implicit nhop\n"
		"192.168.3.0/24 10.10.10.3 3.3.3.2 dynamic router unique local no-socket\n");
}

/* `clear ip nhrp shortcut`: the path to the far spoke, and who is registered, stay. */
static void cleared_alone(void **state)
{
	struct cloud *c = *state;
	struct node_event event = { .type = NODE_CLEAR };

	add_shortcut(c);
	event.clear.shortcuts = true;
	cloud_event(c, R1, &event);
	cloud_event(c, R2, &event);
	cloud_run(c, 1000);
	cloud_expect(c, "   3.000 R2 del-route 192.168.3.0/24 10.10.10.3\n");
	cloud_expect_cache(
		c, R2,
		"10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
		"10.10.10.3/32 10.10.10.3 3.3.3.2 dynamic authoritative router unique nhop\n");
}

/* What is known already is not asked for again, nor what is on its way. */
static void one_indication_is_enough(void **state)
{
	struct cloud *c = *state;

	add_shortcut(c);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.6 > 192.168.3.8");
	cloud_run(c, 1000);
	cloud_expect(c, "   3.000 R1 sent 2.2.2.2 Traffic Indication 0\n");
	c->router[R3].deaf = true;
	cloud_clear(c, R2);
	cloud_run(c, 100);
	cloud_quiet(c);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.7 > 192.168.3.7");
	cloud_run(c, 20);
	cloud_quiet(c);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.8 > 192.168.3.7");
	cloud_run(c, 500);
	cloud_expect(c, "   4.120 R1 sent 2.2.2.2 Traffic Indication 0\n");
}

static void an_indication_without_the_line_changes_nothing(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r1 = hub(), r2 = cloud_r2;

	c->terse = true;
	cloud_add(c, &r1);
	cloud_add(c, &r2);
	cloud_run(c, 2000);
	cloud_quiet(c);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 192.168.3.7");
	cloud_run(c, 100);
	cloud_expect(c, "   2.000 R1 sent 2.2.2.2 Traffic Indication 0\n"
	                "   2.010 R2 dropped 1.1.1.2 (unsupported) Traffic Indication 0\n");
}

/* An address of the tunnel's own network is resolved as any next hop. */
static void next_hops_are_indicated_too(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	add_three(c);
	cloud_hairpin(c, R1, "2.2.2.2", "10.10.10.2 > 10.10.10.3");
	cloud_run(c, 20);
	cloud_expect(c, "   2.000 R1 sent 2.2.2.2 Traffic Indication 0\n"
	                "   2.010 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                "   2.010 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   2.020 R1 forwarded 3.3.3.2 Resolution Request 3 10.10.10.3\n");
}

/* What the spoke itself sends elsewhere than to the tunnel is none of the hub's business. */
static void a_route_that_leaves_elsewhere_stays(void **state)
{
	struct cloud *c = *state;

	add_three(c);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 8.8.8.8");
	cloud_run(c, 500);
	cloud_expect(c, "   2.000 R1 sent 2.2.2.2 Traffic Indication 0\n"
	                "   2.010 R2 cache-add 8.8.8.8\n"
	                "   2.010 R2 cache-delete 8.8.8.8 (not wanted any more)\n");
}

/* A more specific route of ours says that only so much goes that way. */
static void the_covering_route_clamps(void **state)
{
	static const char *const routes[CLOUD_LINES_MAX] = { "192.168.2.0/24 local",
		                                             "192.168.3.0/28 10.10.10.1",
		                                             "192.168.0.0/16 10.10.10.1" };
	struct cloud *c = *state;

	add_three(c);
	cloud_reroute(c, R2, routes);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 192.168.3.7");
	cloud_run(c, 100);
	cloud_expect_cache(
		c, R2,
		"10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
		"10.10.10.3/32 10.10.10.3 3.3.3.2 dynamic authoritative router unique nhop\n"
		"192.168.3.0/28 10.10.10.3 3.3.3.2 dynamic router nho\n");
}

/* Where an equal route stands it is overridden, as long as that stands. */
static void an_equal_route_is_overridden(void **state)
{
	static const char *const equal[CLOUD_LINES_MAX] = { "192.168.2.0/24 local",
		                                            "192.168.3.0/24 10.10.10.1",
		                                            "192.168.0.0/16 10.10.10.1" };
	static const char *const summary[CLOUD_LINES_MAX] = { "192.168.2.0/24 local",
		                                              "192.168.0.0/16 10.10.10.1" };
	struct cloud *c = *state;

	add_shortcut(c);
	cloud_reroute(c, R2, equal);
	cloud_run(c, 100);
	cloud_expect(c, "   3.000 R2 set-route 192.168.3.0/24 10.10.10.3 override\n");
	cloud_reroute(c, R2, summary);
	cloud_run(c, 100);
	cloud_expect(c, "   3.100 R2 set-route 192.168.3.0/24 10.10.10.3\n");
	cloud_reroute(c, R2, summary);
	cloud_run(c, 100);
	cloud_expect(c, "");
}

/* A default route of the far spoke would draw everything. */
static void a_default_is_never_handed_out(void **state)
{
	static const char *const at_hub[CLOUD_LINES_MAX] = { "0.0.0.0/0 10.10.10.3" };
	static const char *const at_spoke[CLOUD_LINES_MAX] = { "0.0.0.0/0 10.10.10.1" };
	struct cloud *c = *state;

	c->terse = true;
	add_three(c);
	cloud_reroute(c, R1, at_hub);
	cloud_reroute(c, R2, at_spoke);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 8.8.8.8");
	cloud_run(c, 500);
	cloud_expect(c, "   2.000 R1 sent 2.2.2.2 Traffic Indication 0\n"
	                "   2.010 R2 sent 1.1.1.2 Resolution Request 3 8.8.8.8\n"
	                "   2.020 R1 forwarded 3.3.3.2 Resolution Request 3 8.8.8.8\n"
	                "   2.030 R3 sent 2.2.2.2 Resolution Reply 3 code 12\n");
	cloud_expect_cache(c, R2,
	                   "10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
	                   "8.8.8.8/32 none none incomplete negative\n");
}

/* R3, or whoever says so, answers R2's question for an address with a network of some length. */
static void answer(struct cloud *c, const char *asked, const char *via, uint8_t len)
{
	struct nhrp_packet p;
	char flow[64];

	snprintf(flow, sizeof flow, "192.168.2.5 > %s", asked);
	cloud_hairpin(c, R1, "2.2.2.2", flow);
	cloud_run(c, 15);
	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &p), NHRP_WIRE_OK);
	assert_int_equal(p.type, NHRP_RESOLUTION_REQUEST);
	p.type = NHRP_RESOLUTION_REPLY;
	p.cie[0].prefix_len = len;
	p.cie[0].holdtime_s = 600;
	p.cie[0].nbma = cloud_addr("3.3.3.2");
	p.cie[0].proto = cloud_addr(via);
	cloud_quiet(c);
	cloud_inject(c, "3.3.3.2", R2, &p);
}

/* Others may answer what we would not: no network that is as good as a default, nor one that holds
 * an end of the path to it. */
static void a_network_too_wide(void **state)
{
	static const char *const at_spoke[CLOUD_LINES_MAX] = { "0.0.0.0/0 10.10.10.1" };
	struct cloud *c = *state;

	c->terse = true;
	add_three(c);
	cloud_reroute(c, R2, at_spoke);
	c->router[R1].deaf = c->router[R3].deaf = true;
	answer(c, "8.8.8.8", "10.10.10.3", 8);
	cloud_expect(c, "   2.015 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "   2.015 R2 nhp-up 10.10.10.3 3.3.3.2\n"
	                "   2.015 R2 set-route 8.0.0.0/8 10.10.10.3\n");
	answer(c, "16.8.8.8", "10.10.10.3", 7);
	cloud_expect(c, "   2.030 R2 set-route 16.8.8.8/32 10.10.10.3\n");
	answer(c, "2.9.9.9", "10.10.10.3", 8); /* our own NBMA address */
	cloud_expect(c, "   2.045 R2 set-route 2.9.9.9/32 10.10.10.3\n");
	answer(c, "12.9.9.9", "12.1.1.1", 8); /* the next hop */
	cloud_expect(c, "   2.060 R2 set-peer 12.1.1.1 3.3.3.2 resolved\n"
	                "   2.060 R2 nhp-up 12.1.1.1 3.3.3.2\n"
	                "   2.060 R2 set-route 12.9.9.9/32 12.1.1.1\n");
	answer(c, "10.9.9.9", "12.1.1.1", 8); /* our own overlay address */
	cloud_expect(c, "   2.075 R2 set-route 10.9.9.9/32 12.1.1.1\n");
}

/* The far spoke's underlay must not be routed into the tunnel that needs it. */
static void the_path_itself_is_left_out(void **state)
{
	static const char *const at_far[CLOUD_LINES_MAX] = { "3.0.0.0/8 local" };
	static const char *const at_hub[CLOUD_LINES_MAX] = { "3.0.0.0/8 10.10.10.3" };
	static const char *const at_spoke[CLOUD_LINES_MAX] = { "0.0.0.0/0 10.10.10.1" };
	struct cloud *c = *state;

	c->terse = true;
	add_three(c);
	cloud_reroute(c, R1, at_hub);
	cloud_reroute(c, R2, at_spoke);
	cloud_reroute(c, R3, at_far);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 3.9.9.9");
	cloud_run(c, 500);
	cloud_expect(c, "   2.000 R1 sent 2.2.2.2 Traffic Indication 0\n"
	                "   2.010 R2 sent 1.1.1.2 Resolution Request 3 3.9.9.9\n"
	                "   2.020 R1 forwarded 3.3.3.2 Resolution Request 3 3.9.9.9\n"
	                "   2.030 R3 sent 2.2.2.2 Resolution Reply 3\n"
	                "   2.030 R3 set-peer 10.10.10.2 2.2.2.2 resolved\n"
	                "   2.030 R3 nhp-up 10.10.10.2 2.2.2.2\n"
	                "   2.040 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "   2.040 R2 nhp-up 10.10.10.3 3.3.3.2\n"
	                "   2.040 R2 set-route 3.9.9.9/32 10.10.10.3\n");
}

static void requests_are_repeated(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	add_three(c);
	c->router[R3].deaf = true;
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 192.168.3.7");
	cloud_run(c, 3000);
	c->router[R3].deaf = false;
	cloud_run(c, 4000);
	cloud_expect(c, "   2.000 R1 sent 2.2.2.2 Traffic Indication 0\n"
	                "   2.010 R2 sent 1.1.1.2 Resolution Request 3 192.168.3.7\n"
	                "   2.020 R1 forwarded 3.3.3.2 Resolution Request 3 192.168.3.7\n"
	                "   3.525 R2 sent 1.1.1.2 Resolution Request 3 192.168.3.7\n"
	                "   3.535 R1 forwarded 3.3.3.2 Resolution Request 3 192.168.3.7\n"
	                "   7.285 R2 sent 1.1.1.2 Resolution Request 3 192.168.3.7\n"
	                "   7.295 R1 forwarded 3.3.3.2 Resolution Request 3 192.168.3.7\n"
	                "   7.305 R3 sent 2.2.2.2 Resolution Reply 3\n"
	                "   7.305 R3 set-peer 10.10.10.2 2.2.2.2 resolved\n"
	                "   7.305 R3 nhp-up 10.10.10.2 2.2.2.2\n"
	                "   7.315 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "   7.315 R2 nhp-up 10.10.10.3 3.3.3.2\n"
	                "   7.315 R2 set-route 192.168.3.0/24 10.10.10.3\n");
}

static void nobody_answers(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	add_three(c);
	c->router[R3].deaf = true;
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 192.168.3.7");
	cloud_run(c, 50000);
	cloud_quiet(c);
	cloud_run(c, 50000);
	cloud_expect(c, "  56.675 R2 sent 1.1.1.2 Resolution Request 3 192.168.3.7\n"
	                "  56.685 R1 forwarded 3.3.3.2 Resolution Request 3 192.168.3.7\n"
	                " 101.020 R2 sent 1.1.1.2 Registration Request 4\n"
	                " 101.020 R3 sent 1.1.1.2 Registration Request 3\n"
	                " 101.030 R1 sent 2.2.2.2 Registration Reply 4\n"
	                " 101.030 R1 sent 3.3.3.2 Registration Reply 3\n");
	c->terse = false;
	cloud_run(c, 10000);
	cloud_quiet(c);
	cloud_expect_cache(c, R2,
	                   "10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
	                   "192.168.3.7/32 none none incomplete negative\n");
	cloud_run(c, 80000);
	cloud_expect_cache(c, R2, "10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n");
}

static void used_shortcuts_are_refreshed(void **state)
{
	struct cloud *c = *state;

	add_shortcut(c);
	cloud_used(c, R2, "10.10.10.3");
	cloud_run(c, 199000);
	cloud_quiet(c);
	cloud_run(c, 95000);
	cloud_expect(c, " 202.040 R2 sent 1.1.1.2 Resolution Request 6 10.10.10.3\n"
	                " 202.040 R2 sent 1.1.1.2 Resolution Request 7 192.168.3.7\n"
	                " 202.050 R1 forwarded 3.3.3.2 Resolution Request 6 10.10.10.3\n"
	                " 202.050 R1 forwarded 3.3.3.2 Resolution Request 7 192.168.3.7\n"
	                " 202.060 R3 sent 2.2.2.2 Resolution Reply 6\n"
	                " 202.060 R3 sent 2.2.2.2 Resolution Reply 7\n"
	                " 202.070 R2 set-route 192.168.3.0/24 10.10.10.3\n");
}

static void unused_shortcuts_expire(void **state)
{
	struct cloud *c = *state;

	add_shortcut(c);
	cloud_run(c, 298000);
	cloud_quiet(c);
	cloud_run(c, 2000);
	cloud_expect(c, " 301.060 R2 sent 1.1.1.2 Registration Request 6\n"
	                " 301.060 R3 sent 1.1.1.2 Registration Request 5\n"
	                " 301.070 R1 sent 2.2.2.2 Registration Reply 6\n"
	                " 301.070 R1 sent 3.3.3.2 Registration Reply 5\n"
	                " 302.030 R3 del-peer 10.10.10.2\n"
	                " 302.030 R3 nhp-down 10.10.10.2 2.2.2.2 (holding time expired)\n"
	                " 302.040 R2 del-route 192.168.3.0/24 10.10.10.3\n"
	                " 302.040 R2 del-peer 10.10.10.3\n"
	                " 302.040 R2 nhp-down 10.10.10.3 3.3.3.2 (holding time expired)\n");
}

static void a_route_that_goes_is_purged(void **state)
{
	static const char *const routes[CLOUD_LINES_MAX] = { "192.168.0.0/16 10.10.10.1" };
	struct cloud *c = *state;

	add_shortcut(c);
	cloud_reroute(c, R3, routes);
	cloud_run(c, 500);
	cloud_expect(c, "   3.000 R3 sent 2.2.2.2 Purge Request 3\n"
	                "   3.010 R2 sent 3.3.3.2 Purge Reply 3\n"
	                "   3.010 R2 del-route 192.168.3.0/24 10.10.10.3\n");
}

/* A requester of its own, which is told directly. */
static void ask_as(struct cloud *c, uint8_t number)
{
	const struct nhrp_packet p = {
		.type = NHRP_RESOLUTION_REQUEST,
		.hops = NHRP_HOPS,
		.afn = 1,
		.proto_type = 0x0800,
		.flags = NHRP_RESOLUTION_AUTHORITATIVE | NHRP_RESOLUTION_SOURCE_STABLE,
		.request_id = number,
		.src_nbma = addr_v4(9, 9, 9, number),
		.src_proto = addr_v4(10, 10, 10, number),
		.dst_proto = cloud_addr("192.168.3.7"),
		.cie = { { .prefix_len = 32, .holdtime_s = 600 } },
		.n_cie = 1,
	};
	char from[ADDR_TEXT_LEN];

	addr_format(&p.src_nbma, from);
	cloud_inject(c, from, R3, &p);
}

/* However many they are: the purges of one timer are bounded. */
static void all_who_were_told_are_purged(void **state)
{
	enum { FIRST = 100, LAST = 120 };
	static const char *const routes[CLOUD_LINES_MAX] = { "192.168.0.0/16 10.10.10.1" };
	struct cloud *c = *state;
	char line[64];

	add_shortcut(c);
	for (uint8_t i = FIRST; i <= LAST; i++)
		ask_as(c, i);
	cloud_quiet(c);
	cloud_reroute(c, R3, routes);
	cloud_run(c, 500);
	assert_non_null(strstr(c->trace.text, "R3 sent 2.2.2.2 Purge Request "));
	for (int i = FIRST; i <= LAST; i++) {
		snprintf(line, sizeof line, "R3 sent 9.9.9.%d Purge Request ", i);
		const char *told = strstr(c->trace.text, line);
		assert_non_null(told);
		assert_null(strstr(told + 1, line));
	}
}

/* Routes that change under a shortcut: a more specific one takes over, one elsewhere ends it. */
static void a_route_under_it_goes(void **state)
{
	static const char *const longer[CLOUD_LINES_MAX] = { "192.168.3.0/25 10.10.10.1",
		                                             "192.168.0.0/16 10.10.10.1" };
	static const char *const elsewhere[CLOUD_LINES_MAX] = { "192.168.0.0/16 local" };
	struct cloud *c = *state;

	add_shortcut(c);
	cloud_reroute(c, R2, longer);
	cloud_expect(c, "   3.000 R2 del-route 192.168.3.0/24 10.10.10.3\n");
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.6 > 192.168.3.8");
	cloud_run(c, 500);
	cloud_quiet(c);
	cloud_reroute(c, R2, elsewhere);
	cloud_expect(c, "   3.500 R2 del-route 192.168.3.0/25 10.10.10.3\n");
}

/* The next hop goes, and its routes before it. */
static void the_next_hop_goes(void **state)
{
	struct cloud *c = *state;

	add_shortcut(c);
	cloud_clear(c, R2);
	cloud_expect(c, "   3.000 R2 del-route 192.168.3.0/24 10.10.10.3\n"
	                "   3.000 R2 del-peer 10.10.10.3\n"
	                "   3.000 R2 nhp-down 10.10.10.3 3.3.3.2 (cleared by command)\n"
	                "   3.000 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   3.000 R2 sent 1.1.1.2 Registration Request 4\n");
}

/* Under protection the route waits for the security association with the far spoke. */
static void protection_comes_first(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r1 = hub();
	struct cloud_spec r2 = spoke(&cloud_r2, "192.168.2.0/24 local");
	struct cloud_spec r3 = spoke(&cloud_r3, "192.168.3.0/24 local");

	c->terse = true;
	r1.psk = r2.psk = r3.psk = "cisco123";
	cloud_add(c, &r1);
	cloud_add(c, &r2);
	cloud_add(c, &r3);
	cloud_run(c, 3000);
	cloud_quiet(c);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 192.168.3.7");
	cloud_run(c, 1000);
	cloud_expect(c, "   3.000 R1 sent 2.2.2.2 Traffic Indication 0\n"
	                "   3.010 R2 sent 1.1.1.2 Resolution Request 3 192.168.3.7\n"
	                "   3.020 R1 forwarded 3.3.3.2 Resolution Request 3 192.168.3.7\n"
	                "   3.030 R3 sent 1.1.1.2 Resolution Reply 3\n"
	                "   3.030 R3 set-peer 10.10.10.2 1.1.1.2 via-nhs\n"
	                "   3.040 R1 forwarded 2.2.2.2 Resolution Reply 3\n"
	                "   3.050 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   3.080 R2 ike-up 3.3.3.2\n"
	                "   3.090 R3 ike-up 2.2.2.2\n"
	                "   3.100 R2 ipsec-up 3.3.3.2\n"
	                "   3.100 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "   3.100 R2 nhp-up 10.10.10.3 3.3.3.2\n"
	                "   3.100 R2 set-route 192.168.3.0/24 10.10.10.3\n"
	                "   3.110 R3 ipsec-up 2.2.2.2\n"
	                "   3.110 R3 set-peer 10.10.10.2 2.2.2.2 resolved\n"
	                "   3.110 R3 nhp-up 10.10.10.2 2.2.2.2\n");
}

static void watches_no_routes(struct snap_nhrp *nhrp)
{
	nhrp->no_route_watch = true;
}

/* Neither the shortcut nor what was told to others follows the routes under it. */
static void routes_are_not_watched(void **state)
{
	static const char *const elsewhere[CLOUD_LINES_MAX] = { "192.168.2.0/24 local",
		                                                "0.0.0.0/0 local" };
	static const char *const gone[CLOUD_LINES_MAX] = { "192.168.0.0/16 10.10.10.1" };
	struct cloud *c = *state;

	add_shortcut(c);
	for (size_t i = R2; i <= R3; i++) {
		struct cloud_spec spec = c->router[i].spec;
		spec.also = watches_no_routes;
		cloud_configure(c, i, &spec);
	}
	cloud_reroute(c, R2, elsewhere);
	cloud_reroute(c, R3, gone);
	cloud_run(c, 1000);
	cloud_expect(c, "");
}

static void is_not_interested(struct snap_nhrp *nhrp)
{
	nhrp->interest_none = true;
}

static void indications_are_of_no_interest(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r1 = hub(), r2 = spoke(&cloud_r2, "192.168.2.0/24 local");

	r2.also = is_not_interested;
	cloud_add(c, &r1);
	cloud_add(c, &r2);
	cloud_run(c, 2000);
	cloud_quiet(c);
	cloud_hairpin(c, R1, "2.2.2.2", "192.168.2.5 > 192.168.3.7");
	cloud_run(c, 1000);
	cloud_expect(c, "   2.000 R1 sent 2.2.2.2 Traffic Indication 0\n"
	                "   2.010 R2 dropped 1.1.1.2 (unsupported) Traffic Indication 0\n");
}

static void without_the_line_they_go(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r2 = spoke(&cloud_r2, "192.168.2.0/24 local");

	add_shortcut(c);
	r2.shortcut = false;
	cloud_configure(c, R2, &r2);
	cloud_expect(c, "   3.000 R2 del-route 192.168.3.0/24 10.10.10.3\n");
}

/* The way to the hub is lost: what is direct stays. */
static void shortcuts_outlive_the_hub(void **state)
{
	struct cloud *c = *state;

	add_shortcut(c);
	c->router[R1].deaf = true;
	cloud_run(c, 250000);
	cloud_expect_cache(
		c, R2,
		"10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
		"10.10.10.3/32 10.10.10.3 3.3.3.2 dynamic authoritative router unique nhop\n"
		"192.168.3.0/24 10.10.10.3 3.3.3.2 dynamic router rib\n");
}

/* One router of a hierarchy, with what it registers with above it. */
static void add_level(struct cloud *c, const char *const text[4], const char *const route[3])
{
	struct cloud_spec spec = { .name = text[0],
		                   .nbma = text[1],
		                   .overlay = text[2],
		                   .nhs = { text[3] },
		                   .redirect = true,
		                   .shortcut = true,
		                   .holdtime_s = 300,
		                   .route = { route[0], route[1], route[2] } };

	cloud_add(c, &spec);
}

/* Three levels: R1 above the hubs R4 and R5, these above R2 and R3. The request goes up and down
 * along the routes, the answer directly. */
static void across_three_levels(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	add_level(c, (const char *[4]){ "R1", "1.1.1.2", "10.10.10.1/24" },
	          (const char *[3]){ "192.168.2.0/23 10.10.10.4", "192.168.4.0/23 10.10.10.5" });
	add_level(c,
	          (const char *[4]){ "R4", "4.4.4.2", "10.10.10.4/24", "10.10.10.1 nbma 1.1.1.2" },
	          (const char *[3]){ "192.168.2.0/24 10.10.10.2", "192.168.0.0/16 10.10.10.1" });
	add_level(c,
	          (const char *[4]){ "R5", "5.5.5.2", "10.10.10.5/24", "10.10.10.1 nbma 1.1.1.2" },
	          (const char *[3]){ "192.168.4.0/24 10.10.10.3", "192.168.0.0/16 10.10.10.1" });
	add_level(c,
	          (const char *[4]){ "R2", "2.2.2.2", "10.10.10.2/24", "10.10.10.4 nbma 4.4.4.2" },
	          (const char *[3]){ "192.168.2.0/24 local", "192.168.0.0/16 10.10.10.4" });
	add_level(c,
	          (const char *[4]){ "R3", "3.3.3.2", "10.10.10.3/24", "10.10.10.5 nbma 5.5.5.2" },
	          (const char *[3]){ "192.168.4.0/24 local", "192.168.0.0/16 10.10.10.5" });
	cloud_run(c, 6000);
	cloud_quiet(c);
	cloud_hairpin(c, 1, "2.2.2.2", "192.168.2.5 > 192.168.4.7");
	cloud_run(c, 1000);
	cloud_expect(c, "   6.000 R4 sent 2.2.2.2 Traffic Indication 0\n"
	                "   6.010 R2 sent 4.4.4.2 Resolution Request 3 192.168.4.7\n"
	                "   6.020 R4 forwarded 1.1.1.2 Resolution Request 3 192.168.4.7\n"
	                "   6.030 R1 forwarded 5.5.5.2 Resolution Request 3 192.168.4.7\n"
	                "   6.040 R5 forwarded 3.3.3.2 Resolution Request 3 192.168.4.7\n"
	                "   6.050 R3 sent 2.2.2.2 Resolution Reply 3\n"
	                "   6.050 R3 set-peer 10.10.10.2 2.2.2.2 resolved\n"
	                "   6.050 R3 nhp-up 10.10.10.2 2.2.2.2\n"
	                "   6.060 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "   6.060 R2 nhp-up 10.10.10.3 3.3.3.2\n"
	                "   6.060 R2 set-route 192.168.4.0/24 10.10.10.3\n");
}

/* A spoke that is point to point, one of phase 2 and one of phase 3, with one hub: the first stays
 * with the hub and may not be sent to directly, the second asks for next hops, the third for
 * networks as well. */
static void phases_in_one_cloud(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r1 = hub(), r2 = cloud_r2;
	struct cloud_spec r3 = spoke(&cloud_r3, "192.168.3.0/24 local");
	struct cloud_spec r4 = cloud_r2;

	c->terse = true;
	r1.route[3] = "192.168.4.0/24 10.10.10.4";
	r2.route[0] = "192.168.2.0/24 local";
	r4.name = "R4";
	r4.nbma = "4.4.4.2";
	r4.overlay = "10.10.10.4/24";
	r4.destination = "1.1.1.2";
	r4.route[0] = "192.168.4.0/24 local";
	cloud_add(c, &r1);
	cloud_add(c, &r2);
	cloud_add(c, &r3);
	cloud_add(c, &r4);
	cloud_run(c, 2000);
	cloud_quiet(c);
	/* Phase 2 to phase 3: a next hop. */
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 1000);
	cloud_expect(c, "   2.000 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                "   2.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   2.010 R1 forwarded 3.3.3.2 Resolution Request 3 10.10.10.3\n"
	                "   2.020 R3 sent 2.2.2.2 Resolution Reply 3\n"
	                "   2.020 R3 set-peer 10.10.10.2 2.2.2.2 resolved\n"
	                "   2.020 R3 nhp-up 10.10.10.2 2.2.2.2\n"
	                "   2.030 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "   2.030 R2 nhp-up 10.10.10.3 3.3.3.2\n");
	/* Phase 3 to phase 2: a network. */
	cloud_hairpin(c, R1, "3.3.3.2", "192.168.3.5 > 192.168.2.7");
	cloud_run(c, 1000);
	cloud_expect(c, "   3.000 R1 sent 3.3.3.2 Traffic Indication 0\n"
	                "   3.010 R3 sent 1.1.1.2 Resolution Request 3 192.168.2.7\n"
	                "   3.020 R1 forwarded 2.2.2.2 Resolution Request 3 192.168.2.7\n"
	                "   3.030 R2 sent 3.3.3.2 Resolution Reply 3\n"
	                "   3.040 R3 set-route 192.168.2.0/24 10.10.10.2\n");
	/* Both to phase 1. */
	cloud_hairpin(c, R1, "3.3.3.2", "192.168.3.5 > 192.168.4.7");
	cloud_want(c, R2, "10.10.10.4");
	cloud_run(c, 1000);
	cloud_expect(c, "   4.000 R1 sent 3.3.3.2 Traffic Indication 0\n"
	                "   4.000 R2 sent 1.1.1.2 Resolution Request 4 10.10.10.4\n"
	                "   4.000 R2 set-peer 10.10.10.4 1.1.1.2 via-nhs\n"
	                "   4.010 R3 sent 1.1.1.2 Resolution Request 4 192.168.4.7\n"
	                "   4.010 R1 forwarded 4.4.4.2 Resolution Request 4 10.10.10.4\n"
	                "   4.020 R1 forwarded 4.4.4.2 Resolution Request 4 192.168.4.7\n"
	                "   4.020 R4 sent 1.1.1.2 Resolution Reply 4 code 4\n"
	                "   4.030 R4 sent 1.1.1.2 Resolution Reply 4 code 4\n"
	                "   4.030 R1 forwarded 2.2.2.2 Resolution Reply 4 code 4\n"
	                "   4.040 R1 forwarded 3.3.3.2 Resolution Reply 4 code 4\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(the_shortcut),
		cloud_unit_test(cleared_alone),
		cloud_unit_test(one_indication_is_enough),
		cloud_unit_test(an_indication_without_the_line_changes_nothing),
		cloud_unit_test(next_hops_are_indicated_too),
		cloud_unit_test(a_route_that_leaves_elsewhere_stays),
		cloud_unit_test(the_covering_route_clamps),
		cloud_unit_test(an_equal_route_is_overridden),
		cloud_unit_test(a_default_is_never_handed_out),
		cloud_unit_test(a_network_too_wide),
		cloud_unit_test(the_path_itself_is_left_out),
		cloud_unit_test(requests_are_repeated),
		cloud_unit_test(nobody_answers),
		cloud_unit_test(used_shortcuts_are_refreshed),
		cloud_unit_test(unused_shortcuts_expire),
		cloud_unit_test(a_route_that_goes_is_purged),
		cloud_unit_test(all_who_were_told_are_purged),
		cloud_unit_test(a_route_under_it_goes),
		cloud_unit_test(the_next_hop_goes),
		cloud_unit_test(protection_comes_first),
		cloud_unit_test(routes_are_not_watched),
		cloud_unit_test(indications_are_of_no_interest),
		cloud_unit_test(without_the_line_they_go),
		cloud_unit_test(shortcuts_outlive_the_hub),
		cloud_unit_test(across_three_levels),
		cloud_unit_test(phases_in_one_cloud),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
