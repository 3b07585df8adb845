/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

/* From the wish to the direct path, in both directions at once. */
static void the_direct_path(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 1000);
	cloud_expect(c, "   2.000 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                "   2.000 R2 cache-add 10.10.10.3\n"
	                "   2.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   2.010 R1 forwarded 3.3.3.2 Resolution Request 3 10.10.10.3\n"
	                "   2.020 R3 sent 2.2.2.2 Resolution Reply 3\n"
	                "   2.020 R3 cache-add 10.10.10.3 3.3.3.2\n"
	                "   2.020 R3 cache-add 10.10.10.2 2.2.2.2\n"
	                "   2.020 R3 set-peer 10.10.10.2 2.2.2.2 resolved\n"
	                "   2.020 R3 nhp-up 10.10.10.2 2.2.2.2\n"
	                "   2.030 R2 cache-update 10.10.10.3 3.3.3.2\n"
	                "   2.030 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "   2.030 R2 nhp-up 10.10.10.3 3.3.3.2\n");
	cloud_expect_cache(
		c, R2,
		"10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
		"10.10.10.3/32 10.10.10.3 3.3.3.2 dynamic authoritative router unique nhop\n");
	cloud_expect_cache(
		c, R3,
		"10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
		"10.10.10.2/32 10.10.10.2 2.2.2.2 dynamic router implicit nhop\n"
		"10.10.10.3/32 10.10.10.3 3.3.3.2 dynamic router unique local no-socket\n");
}

static void requests_are_repeated(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add_three(c);
	c->lose = 2;
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 10000);
	cloud_expect(c, "   2.000 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                "   2.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   3.515 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                "   7.275 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                "   7.285 R1 forwarded 3.3.3.2 Resolution Request 3 10.10.10.3\n"
	                "   7.295 R3 sent 2.2.2.2 Resolution Reply 3\n"
	                "   7.295 R3 set-peer 10.10.10.2 2.2.2.2 resolved\n"
	                "   7.295 R3 nhp-up 10.10.10.2 2.2.2.2\n"
	                "   7.305 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "   7.305 R2 nhp-up 10.10.10.3 3.3.3.2\n");
}

/* The hub's path stays for three minutes, then goes; wanted again, it all begins anew. */
static void nobody_knows(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	cloud_want(c, R2, "10.10.10.9");
	cloud_want(c, R2, "10.10.10.9");
	cloud_run(c, 1000);
	cloud_expect_cache(c, R2,
	                   "10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
	                   "10.10.10.9/32 none none incomplete negative\n");
	cloud_run(c, 200000);
	cloud_expect(
		c,
		"   2.000 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.9\n"
		"   2.000 R2 cache-add 10.10.10.9\n"
		"   2.000 R2 set-peer 10.10.10.9 1.1.1.2 via-nhs\n"
		"   2.000 R2 set-peer 10.10.10.9 1.1.1.2 via-nhs\n"
		"   2.010 R1 sent 2.2.2.2 Resolution Reply 3 code 12\n"
		"   2.020 R2 cache-update 10.10.10.9 code 12 (next hop server knows no binding)\n"
		" 182.020 R2 del-peer 10.10.10.9\n"
		" 182.020 R2 cache-delete 10.10.10.9 (holding time expired)\n");
}

static void nobody_answers(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	c->router[R1].deaf = true;
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 100000);
	cloud_used(c, R2, "10.10.10.3");
	c->router[R1].deaf = false;
	cloud_run(c, 100000);
	cloud_expect(c, "   2.000 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                "   2.000 R2 cache-add 10.10.10.3\n"
	                "   2.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   3.515 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                "   7.275 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                "  14.479 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                "  28.229 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                "  56.665 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                " 109.146 R2 cache-update 10.10.10.3 (no reply to resolution requests)\n"
	                " 182.000 R2 sent 1.1.1.2 Resolution Request 4 10.10.10.3\n"
	                " 182.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                " 182.010 R1 forwarded 3.3.3.2 Resolution Request 4 10.10.10.3\n"
	                " 182.020 R3 sent 2.2.2.2 Resolution Reply 4\n"
	                " 182.020 R3 cache-add 10.10.10.3 3.3.3.2\n"
	                " 182.020 R3 cache-add 10.10.10.2 2.2.2.2\n"
	                " 182.020 R3 set-peer 10.10.10.2 2.2.2.2 resolved\n"
	                " 182.020 R3 nhp-up 10.10.10.2 2.2.2.2\n"
	                " 182.030 R2 cache-update 10.10.10.3 3.3.3.2\n"
	                " 182.030 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                " 182.030 R2 nhp-up 10.10.10.3 3.3.3.2\n");
}

static struct cloud_spec brief(const struct cloud_spec *spec)
{
	struct cloud_spec copy = *spec;

	copy.holdtime_s = 300;
	return copy;
}

static void add_brief_three(struct cloud *c)
{
	struct cloud_spec r2 = brief(&cloud_r2), r3 = brief(&cloud_r3);

	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &r2);
	cloud_add(c, &r3);
	cloud_run(c, 2000);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 1000);
	cloud_quiet(c);
}

static void unused_paths_expire(void **state)
{
	struct cloud *c = *state;

	add_brief_three(c);
	cloud_run(c, 400000);
	cloud_expect(c, " 101.020 R2 sent 1.1.1.2 Registration Request 4\n"
	                " 101.020 R3 sent 1.1.1.2 Registration Request 3\n"
	                " 101.030 R1 sent 2.2.2.2 Registration Reply 4\n"
	                " 101.030 R1 sent 3.3.3.2 Registration Reply 3\n"
	                " 201.040 R2 sent 1.1.1.2 Registration Request 5\n"
	                " 201.040 R3 sent 1.1.1.2 Registration Request 4\n"
	                " 201.050 R1 sent 2.2.2.2 Registration Reply 5\n"
	                " 201.050 R1 sent 3.3.3.2 Registration Reply 4\n"
	                " 301.060 R2 sent 1.1.1.2 Registration Request 6\n"
	                " 301.060 R3 sent 1.1.1.2 Registration Request 5\n"
	                " 301.070 R1 sent 2.2.2.2 Registration Reply 6\n"
	                " 301.070 R1 sent 3.3.3.2 Registration Reply 5\n"
	                " 302.020 R3 del-peer 10.10.10.2\n"
	                " 302.020 R3 nhp-down 10.10.10.2 2.2.2.2 (holding time expired)\n"
	                " 302.030 R2 del-peer 10.10.10.3\n"
	                " 302.030 R2 nhp-down 10.10.10.3 3.3.3.2 (holding time expired)\n"
	                " 401.080 R2 sent 1.1.1.2 Registration Request 7\n"
	                " 401.080 R3 sent 1.1.1.2 Registration Request 6\n"
	                " 401.090 R1 sent 2.2.2.2 Registration Reply 7\n"
	                " 401.090 R1 sent 3.3.3.2 Registration Reply 6\n");
}

/* Both ends ask again a third of the holding time before the end, and nothing blinks. */
static void used_paths_are_refreshed(void **state)
{
	struct cloud *c = *state;

	add_brief_three(c);
	cloud_used(c, R2, "10.10.10.3");
	cloud_used(c, R3, "10.10.10.2");
	cloud_run(c, 320000);
	cloud_expect(c, " 101.020 R2 sent 1.1.1.2 Registration Request 4\n"
	                " 101.020 R3 sent 1.1.1.2 Registration Request 3\n"
	                " 101.030 R1 sent 2.2.2.2 Registration Reply 4\n"
	                " 101.030 R1 sent 3.3.3.2 Registration Reply 3\n"
	                " 201.040 R2 sent 1.1.1.2 Registration Request 5\n"
	                " 201.040 R3 sent 1.1.1.2 Registration Request 4\n"
	                " 201.050 R1 sent 2.2.2.2 Registration Reply 5\n"
	                " 201.050 R1 sent 3.3.3.2 Registration Reply 4\n"
	                " 202.020 R3 sent 1.1.1.2 Resolution Request 5 10.10.10.2\n"
	                " 202.030 R2 sent 1.1.1.2 Resolution Request 6 10.10.10.3\n"
	                " 202.030 R1 forwarded 2.2.2.2 Resolution Request 5 10.10.10.2\n"
	                " 202.040 R1 forwarded 3.3.3.2 Resolution Request 6 10.10.10.3\n"
	                " 202.040 R2 sent 3.3.3.2 Resolution Reply 5\n"
	                " 202.050 R3 sent 2.2.2.2 Resolution Reply 6\n"
	                " 301.060 R2 sent 1.1.1.2 Registration Request 7\n"
	                " 301.060 R3 sent 1.1.1.2 Registration Request 6\n"
	                " 301.070 R1 sent 2.2.2.2 Registration Reply 7\n"
	                " 301.070 R1 sent 3.3.3.2 Registration Reply 6\n");
}

/* The refresh fails: the hub takes over at the end, so that no packet is lost. */
static void a_used_path_falls_back_to_the_hub(void **state)
{
	struct cloud *c = *state;

	add_brief_three(c);
	cloud_used(c, R2, "10.10.10.3");
	c->router[R3].deaf = true;
	cloud_run(c, 250000);
	cloud_used(c, R2, "10.10.10.3");
	cloud_run(c, 60000);
	cloud_expect(c,
	             " 101.020 R2 sent 1.1.1.2 Registration Request 4\n"
	             " 101.020 R3 sent 1.1.1.2 Registration Request 3\n"
	             " 101.030 R1 sent 2.2.2.2 Registration Reply 4\n"
	             " 101.030 R1 sent 3.3.3.2 Registration Reply 3\n"
	             " 102.821 R3 sent 1.1.1.2 Registration Request 3\n"
	             " 102.831 R1 sent 3.3.3.2 Registration Reply 3\n"
	             " 106.258 R3 sent 1.1.1.2 Registration Request 3\n"
	             " 106.268 R1 sent 3.3.3.2 Registration Reply 3\n"
	             " 113.367 R3 nhs-down 10.10.10.1 1.1.1.2 (no reply to registration requests)\n"
	             " 113.367 R3 sent 1.1.1.2 Registration Request 3\n"
	             " 113.377 R1 sent 3.3.3.2 Registration Reply 3\n"
	             " 126.487 R3 sent 1.1.1.2 Registration Request 3\n"
	             " 126.497 R1 sent 3.3.3.2 Registration Reply 3\n"
	             " 156.297 R3 sent 1.1.1.2 Registration Request 3\n"
	             " 156.307 R1 sent 3.3.3.2 Registration Reply 3\n"
	             " 201.040 R2 sent 1.1.1.2 Registration Request 5\n"
	             " 201.050 R1 sent 2.2.2.2 Registration Reply 5\n"
	             " 202.030 R2 sent 1.1.1.2 Resolution Request 6 10.10.10.3\n"
	             " 202.040 R1 forwarded 3.3.3.2 Resolution Request 6 10.10.10.3\n"
	             " 203.983 R2 sent 1.1.1.2 Resolution Request 6 10.10.10.3\n"
	             " 203.993 R1 forwarded 3.3.3.2 Resolution Request 6 10.10.10.3\n"
	             " 207.867 R2 sent 1.1.1.2 Resolution Request 6 10.10.10.3\n"
	             " 207.877 R1 forwarded 3.3.3.2 Resolution Request 6 10.10.10.3\n"
	             " 207.962 R3 sent 1.1.1.2 Registration Request 3\n"
	             " 207.972 R1 sent 3.3.3.2 Registration Reply 3\n"
	             " 215.280 R2 sent 1.1.1.2 Resolution Request 6 10.10.10.3\n"
	             " 215.290 R1 forwarded 3.3.3.2 Resolution Request 6 10.10.10.3\n"
	             " 227.360 R2 sent 1.1.1.2 Resolution Request 6 10.10.10.3\n"
	             " 227.370 R1 forwarded 3.3.3.2 Resolution Request 6 10.10.10.3\n"
	             " 252.423 R2 sent 1.1.1.2 Resolution Request 6 10.10.10.3\n"
	             " 252.433 R1 forwarded 3.3.3.2 Resolution Request 6 10.10.10.3\n"
	             " 261.431 R3 sent 1.1.1.2 Registration Request 3\n"
	             " 261.441 R1 sent 3.3.3.2 Registration Reply 3\n"
	             " 301.060 R2 sent 1.1.1.2 Registration Request 7\n"
	             " 301.070 R1 sent 2.2.2.2 Registration Reply 7\n"
	             " 302.020 R3 del-peer 10.10.10.2\n"
	             " 302.020 R3 nhp-down 10.10.10.2 2.2.2.2 (holding time expired)\n"
	             " 302.030 R2 nhp-down 10.10.10.3 3.3.3.2 (holding time expired)\n"
	             " 302.030 R2 sent 1.1.1.2 Resolution Request 8 10.10.10.3\n"
	             " 302.030 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	             " 302.040 R1 forwarded 3.3.3.2 Resolution Request 8 10.10.10.3\n"
	             " 303.673 R2 sent 1.1.1.2 Resolution Request 8 10.10.10.3\n"
	             " 303.683 R1 forwarded 3.3.3.2 Resolution Request 8 10.10.10.3\n"
	             " 307.595 R2 sent 1.1.1.2 Resolution Request 8 10.10.10.3\n"
	             " 307.605 R1 forwarded 3.3.3.2 Resolution Request 8 10.10.10.3\n");
}

static void asks_another_server(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &cloud_r4);
	cloud_add(c, &cloud_r2_twice);
	cloud_run(c, 2000);
	cloud_quiet(c);
	c->router[0].deaf = true;
	cloud_want(c, 2, "10.10.10.9");
	cloud_run(c, 3000);
	cloud_expect(c, "   2.000 R2 sent 1.1.1.2 Resolution Request 5 10.10.10.9\n"
	                "   2.000 R2 set-peer 10.10.10.9 1.1.1.2 via-nhs\n"
	                "   3.515 R2 sent 4.4.4.2 Resolution Request 5 10.10.10.9\n"
	                "   3.525 R4 sent 2.2.2.2 Resolution Reply 5 code 12\n");
}

/* When the chosen server goes down, packets of unresolved next hops follow the next one. */
static void another_server_takes_the_packets(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2_twice;

	c->terse = true;
	spoke.registration_s = 100;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &cloud_r4);
	cloud_add(c, &spoke);
	cloud_run(c, 2000);
	cloud_quiet(c);
	c->router[0].deaf = true;
	cloud_run(c, 95000);
	cloud_want(c, 2, "10.10.10.9");
	cloud_run(c, 1000);
	cloud_quiet(c);
	cloud_run(c, 20000);
	cloud_expect(c,
	             "  98.515 R2 sent 4.4.4.2 Resolution Request 5 10.10.10.9\n"
	             "  98.525 R4 sent 2.2.2.2 Resolution Reply 5 code 12\n"
	             " 101.020 R2 sent 1.1.1.2 Registration Request 6\n"
	             " 101.020 R2 sent 4.4.4.2 Registration Request 7\n"
	             " 101.030 R4 sent 2.2.2.2 Registration Reply 7\n"
	             " 102.821 R2 sent 1.1.1.2 Registration Request 6\n"
	             " 106.376 R2 sent 1.1.1.2 Registration Request 6\n"
	             " 112.936 R2 nhs-down 10.10.10.1 1.1.1.2 (no reply to registration requests)\n"
	             " 112.936 R2 sent 1.1.1.2 Registration Request 6\n"
	             " 112.936 R2 set-peer 10.10.10.9 4.4.4.2 via-nhs\n");
}

static void a_hub_has_nobody_to_ask(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	cloud_want(c, R1, "10.10.10.9");
	cloud_run(c, 200000);
	cloud_expect(c, "   2.000 R1 cache-add 10.10.10.9\n"
	                " 182.000 R1 cache-delete 10.10.10.9 (holding time expired)\n");
}

static void server_only_asks_nobody(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2;

	spoke.server_only = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &spoke);
	cloud_run(c, 2000);
	cloud_quiet(c);
	cloud_want(c, 1, "10.10.10.9");
	cloud_run(c, 1000);
	cloud_expect(c, "   2.000 R2 cache-add 10.10.10.9\n"
	                "   2.000 R2 set-peer 10.10.10.9 1.1.1.2 via-nhs\n");
}

static void a_map_of_a_prefix(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r1 = cloud_r1;

	r1.map[0] = "10.10.10.128/25 4.4.4.2";
	cloud_add(c, &r1);
	cloud_quiet(c);
	cloud_want(c, R1, "10.10.10.200");
	cloud_run(c, 7000000);
	cloud_used(c, R1, "10.10.10.200");
	cloud_run(c, 7000000);
	cloud_expect_cache(c, R1,
	                   "10.10.10.128/25 10.10.10.128 4.4.4.2 static authoritative\n"
	                   "10.10.10.200/32 10.10.10.200 4.4.4.2 dynamic used\n");
	cloud_expect(c, "   0.000 R1 cache-add 10.10.10.200 4.4.4.2\n"
	                "   0.000 R1 set-peer 10.10.10.200 4.4.4.2 static\n");
	cloud_configure(c, R1, &cloud_r1);
	cloud_expect(c, "14000.000 R1 cache-delete 10.10.10.128 4.4.4.2 (configuration changed)\n"
	                "14000.000 R1 del-peer 10.10.10.200\n"
	                "14000.000 R1 cache-delete 10.10.10.200 4.4.4.2 (configuration changed)\n");
}

/* What is known already is only told again; what makes no sense is not asked for. */
static void wants_that_need_no_request(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	cloud_want(c, R1, "10.10.10.2");
	cloud_want(c, R1, "10.10.10.1");
	cloud_want(c, R1, "224.0.0.5");
	cloud_want(c, R1, "0.0.0.0");
	cloud_want(c, R1, "2001:db8::1");
	cloud_want(c, R2, "10.10.10.1");
	cloud_expect(c, "   2.000 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   2.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n");
}

static void the_cache_is_full(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2;
	char peer[32];

	c->terse = true;
	spoke.cache_max = 10;
	cloud_add(c, &spoke);
	for (int i = 10; i < 30; i++) {
		snprintf(peer, sizeof peer, "10.10.10.%d", i);
		cloud_want(c, 0, peer);
	}
	assert_int_equal(cloud_drops(c, 0, DROP_CACHE_FULL), 15);
}

static struct nhrp_packet reply_to_r2(const struct cloud *c)
{
	struct nhrp_packet p;

	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &p), NHRP_WIRE_OK);
	p.type = NHRP_RESOLUTION_REPLY;
	p.n_cie = 1;
	p.cie[0] = (struct nhrp_cie){ .prefix_len = 32, .holdtime_s = 600 };
	return p;
}

/* The client with the highest preference counts; nonsense is dropped and the request stays open. */
static void replies_are_judged(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	c->lose = 1;
	cloud_want(c, R2, "10.10.10.7");
	cloud_quiet(c);
	struct nhrp_packet p = reply_to_r2(c);
	cloud_inject(c, "7.7.7.2", R2, &p);
	p.cie[0].nbma = cloud_addr("224.0.0.1");
	p.cie[0].proto = cloud_addr("10.10.10.7");
	cloud_inject(c, "1.1.1.2", R2, &p);
	p.cie[0].nbma = cloud_addr("2.2.2.2");
	cloud_inject(c, "1.1.1.2", R2, &p);
	assert_int_equal(cloud_drops(c, R2, DROP_BAD_CONTENTS), 3);
	p.cie[0].nbma = cloud_addr("7.7.7.2");
	p.cie[1] = p.cie[0];
	p.cie[1].nbma = cloud_addr("7.7.7.3");
	p.cie[1].preference = 5;
	p.n_cie = 2;
	cloud_inject(c, "1.1.1.2", R2, &p);
	cloud_inject(c, "1.1.1.2", R2, &p);
	assert_int_equal(cloud_drops(c, R2, DROP_UNSOLICITED), 1);
	cloud_expect(c, "   2.000 R2 dropped 7.7.7.2 (bad_contents) Resolution Reply 3\n"
	                "   2.000 R2 dropped 1.1.1.2 (bad_contents) Resolution Reply 3\n"
	                "   2.000 R2 dropped 1.1.1.2 (bad_contents) Resolution Reply 3\n"
	                "   2.000 R2 cache-update 10.10.10.7 7.7.7.3\n"
	                "   2.000 R2 set-peer 10.10.10.7 7.7.7.3 resolved\n"
	                "   2.000 R2 nhp-up 10.10.10.7 7.7.7.3\n"
	                "   2.000 R2 dropped 1.1.1.2 (unsolicited) Resolution Reply 3\n");
	p.request_id += 100;
	cloud_inject(c, "1.1.1.2", R2, &p);
	cloud_expect(c, "   2.000 R2 dropped 1.1.1.2 (unsolicited) Resolution Reply 103\n"
	                "   2.000 R2 sent 1.1.1.2 Error Indication 10\n");
}

/*
 * A spoke behind NAT: registered, resolved and asked for by its public address. In clear nobody
 * gets through to it but from where it has sent to: it goes direct, and the others by the hub, as
 * does the reply to it.
 */
static void behind_nat(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r2 = cloud_r2;

	r2.nbma = "192.168.0.2";
	r2.public = "2.2.2.2";
	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &r2);
	cloud_add(c, &cloud_r3);
	cloud_run(c, 2000);
	cloud_expect_cache(
		c, R1,
		"10.10.10.2/32 10.10.10.2 2.2.2.2 dynamic authoritative unique nat registered nhop "
		"claimed 192.168.0.2\n"
		"10.10.10.3/32 10.10.10.3 3.3.3.2 dynamic authoritative unique registered nhop\n");
	cloud_quiet(c);
	cloud_want(c, R3, "10.10.10.2");
	cloud_run(c, 1000);
	cloud_expect(c, "   2.000 R3 sent 1.1.1.2 Resolution Request 3 10.10.10.2\n"
	                "   2.000 R3 set-peer 10.10.10.2 1.1.1.2 via-nhs\n"
	                "   2.010 R1 forwarded 2.2.2.2 Resolution Request 3 10.10.10.2\n"
	                "   2.020 R2 sent 3.3.3.2 Resolution Reply 3\n"
	                "   2.020 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "   2.020 R2 nhp-up 10.10.10.3 3.3.3.2\n"
	                "   2.030 R3 set-peer 10.10.10.2 1.1.1.2 via-nhs\n");
	cloud_expect_cache(c, R3,
	                   "10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
	                   "10.10.10.2/32 10.10.10.2 2.2.2.2 dynamic authoritative router unique "
	                   "nat nhop claimed 192.168.0.2\n");
	cloud_clear(c, R3);
	cloud_run(c, 1000);
	cloud_clear(c, R2);
	cloud_run(c, 2000);
	cloud_quiet(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 1000);
	cloud_expect(c, "   6.000 R2 sent 1.1.1.2 Resolution Request 4 10.10.10.3\n"
	                "   6.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   6.010 R1 forwarded 3.3.3.2 Resolution Request 4 10.10.10.3\n"
	                "   6.020 R3 sent 1.1.1.2 Resolution Reply 4\n"
	                "   6.020 R3 set-peer 10.10.10.2 1.1.1.2 via-nhs\n"
	                "   6.030 R1 forwarded 2.2.2.2 Resolution Reply 4\n"
	                "   6.040 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "   6.040 R2 nhp-up 10.10.10.3 3.3.3.2\n");
	cloud_expect_cache(
		c, R3,
		"10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
		"10.10.10.2/32 10.10.10.2 2.2.2.2 dynamic router implicit nat nhop claimed "
		"192.168.0.2\n"
		"10.10.10.3/32 10.10.10.3 3.3.3.2 dynamic router unique local no-socket\n");
}

/* ---- ip nhrp interest, ip nhrp use ---- */

static void is_not_interested(struct snap_nhrp *nhrp)
{
	nhrp->interest_none = true;
}

/* The hub's path, and no question; others may ask. */
static void no_traffic_is_interesting(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spoke = cloud_r2;

	c->terse = true;
	spoke.also = is_not_interested;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &spoke);
	cloud_add(c, &cloud_r3);
	cloud_run(c, 2000);
	cloud_quiet(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 100000);
	cloud_expect(c, "   2.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n");
	cloud_want(c, R3, "10.10.10.2");
	cloud_run(c, 1000);
	cloud_expect(c, " 102.000 R3 sent 1.1.1.2 Resolution Request 3 10.10.10.2\n"
	                " 102.000 R3 set-peer 10.10.10.2 1.1.1.2 via-nhs\n"
	                " 102.010 R1 forwarded 2.2.2.2 Resolution Request 3 10.10.10.2\n"
	                " 102.020 R2 sent 3.3.3.2 Resolution Reply 3\n"
	                " 102.020 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                " 102.020 R2 nhp-up 10.10.10.3 3.3.3.2\n"
	                " 102.030 R3 set-peer 10.10.10.2 2.2.2.2 resolved\n"
	                " 102.030 R3 nhp-up 10.10.10.2 2.2.2.2\n");
}

static void takes_ten_packets(struct snap_nhrp *nhrp)
{
	nhrp->use_packets = 10;
}

static void send_packets(struct cloud *c, const char *peer, uint64_t packets)
{
	struct node_event event = { .type = NODE_USED };

	event.peer.peer = cloud_addr(peer);
	event.peer.packets = packets;
	cloud_event(c, R2, &event);
}

static void add_thrifty(struct cloud *c)
{
	struct cloud_spec spoke = cloud_r2;

	c->terse = true;
	spoke.also = takes_ten_packets;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &spoke);
	cloud_add(c, &cloud_r3);
	cloud_run(c, 2000);
	cloud_quiet(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_expect(c, "   2.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n");
}

/* With the tenth packet in a minute it is asked for; those of the minute before do not count. */
static void little_traffic_stays_with_the_hub(void **state)
{
	struct cloud *c = *state;

	add_thrifty(c);
	cloud_run(c, 30000);
	send_packets(c, "10.10.10.3", 9);
	cloud_run(c, 30000);
	send_packets(c, "10.10.10.3", 5);
	send_packets(c, "10.10.10.3", 4);
	cloud_expect(c, "");
	send_packets(c, "10.10.10.3", 1);
	cloud_run(c, 100);
	cloud_expect(c, "  62.000 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                "  62.010 R1 forwarded 3.3.3.2 Resolution Request 3 10.10.10.3\n"
	                "  62.020 R3 sent 2.2.2.2 Resolution Reply 3\n"
	                "  62.020 R3 set-peer 10.10.10.2 2.2.2.2 resolved\n"
	                "  62.020 R3 nhp-up 10.10.10.2 2.2.2.2\n"
	                "  62.030 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "  62.030 R2 nhp-up 10.10.10.3 3.3.3.2\n");
	send_packets(c, "10.10.10.3", 100);
	cloud_expect(c, "");
}

/* Any amount of traffic asks for it once in the life of the negative answer. */
static void much_traffic_to_nobody(void **state)
{
	struct cloud *c = *state;

	add_thrifty(c);
	cloud_want(c, R2, "10.10.10.77");
	cloud_quiet(c);
	send_packets(c, "10.10.10.77", 10);
	cloud_run(c, 100);
	cloud_expect(c, "   2.000 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.77\n"
	                "   2.010 R1 sent 2.2.2.2 Resolution Reply 3 code 12\n");
	send_packets(c, "10.10.10.77", 100);
	cloud_run(c, 100000);
	cloud_expect(c, "");
}

/* Used for as long as an incomplete entry lives, but never enough: no question then either. */
static void little_traffic_for_long(void **state)
{
	struct cloud *c = *state;

	add_thrifty(c);
	for (int minute = 0; minute < 10; minute++) {
		cloud_run(c, 60000);
		send_packets(c, "10.10.10.3", 9);
	}
	cloud_expect(c, " 182.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                " 362.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                " 542.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n");
	assert_int_equal(cloud_drops(c, R2, DROP_RATE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(the_direct_path),
		cloud_unit_test(requests_are_repeated),
		cloud_unit_test(nobody_knows),
		cloud_unit_test(nobody_answers),
		cloud_unit_test(unused_paths_expire),
		cloud_unit_test(used_paths_are_refreshed),
		cloud_unit_test(a_used_path_falls_back_to_the_hub),
		cloud_unit_test(asks_another_server),
		cloud_unit_test(another_server_takes_the_packets),
		cloud_unit_test(a_hub_has_nobody_to_ask),
		cloud_unit_test(server_only_asks_nobody),
		cloud_unit_test(a_map_of_a_prefix),
		cloud_unit_test(wants_that_need_no_request),
		cloud_unit_test(the_cache_is_full),
		cloud_unit_test(replies_are_judged),
		cloud_unit_test(behind_nat),
		cloud_unit_test(no_traffic_is_interesting),
		cloud_unit_test(little_traffic_stays_with_the_hub),
		cloud_unit_test(much_traffic_to_nobody),
		cloud_unit_test(little_traffic_for_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
