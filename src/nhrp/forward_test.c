/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

/* A resolution request as R2 would send it. */
static struct nhrp_packet request_for(const char *target)
{
	struct nhrp_packet p = { .type = NHRP_RESOLUTION_REQUEST,
		                 .hops = NHRP_HOPS,
		                 .afn = 1,
		                 .proto_type = 0x0800,
		                 .request_id = 7,
		                 .has_extensions = true,
		                 .n_cie = 1 };
	static const uint16_t empty[] = { NHRP_EXT_RESPONDER, NHRP_EXT_FORWARD_TRANSIT,
		                          NHRP_EXT_REVERSE_TRANSIT, NHRP_EXT_NAT_ADDRESS };

	p.flags = NHRP_RESOLUTION_ROUTER | NHRP_RESOLUTION_AUTHORITATIVE |
	          NHRP_RESOLUTION_SOURCE_STABLE;
	p.src_nbma = cloud_addr("2.2.2.2");
	p.src_proto = cloud_addr("10.10.10.2");
	p.dst_proto = cloud_addr(target);
	p.cie[0] = (struct nhrp_cie){ .prefix_len = 32, .holdtime_s = 600, .mtu_bytes = 1400 };
	for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
		nhrp_extension_set(
			&p, (struct nhrp_extension){ .type = empty[i], .compulsory = i < 3 });
	return p;
}

static struct nhrp_packet sent(const struct cloud *c)
{
	struct nhrp_packet p;

	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &p), NHRP_WIRE_OK);
	return p;
}

static size_t count_records(const struct nhrp_packet *p, uint16_t type)
{
	struct nhrp_cie cie[NHRP_CIES_MAX];
	const struct nhrp_extension *ext = nhrp_extension_find(p, type);

	assert_non_null(ext);
	return (size_t)nhrp_extension_cies(ext, cie, NHRP_CIES_MAX);
}

static void hop_count_and_record(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	struct nhrp_packet p = request_for("10.10.10.3");
	p.hops = 10;
	cloud_inject(c, "2.2.2.2", R1, &p);
	p = sent(c);
	assert_int_equal(p.hops, 9);
	assert_int_equal(count_records(&p, NHRP_EXT_FORWARD_TRANSIT), 1);
	assert_int_equal(count_records(&p, NHRP_EXT_REVERSE_TRANSIT), 0);
	cloud_expect(c, "   2.000 R1 forwarded 3.3.3.2 Resolution Request 7 10.10.10.3\n");
}

static void no_record(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec hub = cloud_r1;

	cloud_add_three(c);
	hub.no_record = true;
	cloud_configure(c, R1, &hub);
	struct nhrp_packet p = request_for("10.10.10.3");
	cloud_inject(c, "2.2.2.2", R1, &p);
	p = sent(c);
	assert_int_equal(count_records(&p, NHRP_EXT_FORWARD_TRANSIT), 0);
}

static void hops_run_out(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	struct nhrp_packet p = request_for("10.10.10.3");
	p.hops = 1;
	cloud_inject(c, "2.2.2.2", R1, &p);
	cloud_expect(c, "   2.000 R1 dropped 2.2.2.2 (hop_count) Resolution Request 7 10.10.10.3\n"
	                "   2.000 R1 sent 2.2.2.2 Error Indication 15\n");
	assert_int_equal(cloud_drops(c, R1, DROP_HOP_COUNT), 1);
}

/* A resolution has an answer of its own for that; a registration and a purge have none. */
static void nowhere_to_go(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	struct nhrp_packet p = request_for("10.10.10.77");
	p.type = NHRP_REGISTRATION_REQUEST;
	cloud_inject(c, "2.2.2.2", R1, &p);
	p.type = NHRP_PURGE_REQUEST;
	cloud_inject(c, "2.2.2.2", R1, &p);
	cloud_expect(c, "   2.000 R1 dropped 2.2.2.2 (no_route) Registration Request 7\n"
	                "   2.000 R1 sent 2.2.2.2 Error Indication 6\n"
	                "   2.000 R1 dropped 2.2.2.2 (no_route) Purge Request 7\n"
	                "   2.000 R1 sent 2.2.2.2 Error Indication 6\n");
	assert_int_equal(cloud_drops(c, R1, DROP_NO_ROUTE), 2);
}

static void loops_end(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	struct nhrp_packet p = request_for("10.10.10.3");
	cloud_inject(c, "2.2.2.2", R1, &p);
	p = sent(c);
	cloud_quiet(c);
	cloud_inject(c, "3.3.3.2", R1, &p);
	cloud_expect(c, "   2.000 R1 dropped 3.3.3.2 (loop) Resolution Request 7 10.10.10.3\n"
	                "   2.000 R1 sent 3.3.3.2 Error Indication 3\n");
	assert_int_equal(cloud_drops(c, R1, DROP_LOOP), 1);
}

/* A reply that comes back by the hub is recorded as such. */
static void replies_by_the_hub(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	struct nhrp_packet p = request_for("10.10.10.3");
	p.type = NHRP_RESOLUTION_REPLY;
	cloud_inject(c, "3.3.3.2", R1, &p);
	p = sent(c);
	assert_int_equal(p.hops, NHRP_HOPS - 1);
	assert_int_equal(count_records(&p, NHRP_EXT_REVERSE_TRANSIT), 1);
	assert_int_equal(count_records(&p, NHRP_EXT_FORWARD_TRANSIT), 0);
	cloud_expect(c, "   2.000 R1 forwarded 2.2.2.2 Resolution Reply 7\n");
	cloud_inject(c, "3.3.3.2", R1, &p);
	cloud_expect(c, "   2.000 R1 dropped 3.3.3.2 (loop) Resolution Reply 7\n"
	                "   2.000 R1 sent 3.3.3.2 Error Indication 3\n");
	p.src_proto = cloud_addr("10.10.10.99");
	cloud_inject(c, "3.3.3.2", R1, &p);
	cloud_expect(c, "   2.000 R1 dropped 3.3.3.2 (no_route) Resolution Reply 7\n");
}

/* A hub below another hub asks upwards, but nothing goes back where it came from. */
static void upwards(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec middle = cloud_r2;

	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &middle);
	cloud_run(c, 2000);
	cloud_quiet(c);
	struct nhrp_packet p = request_for("10.10.10.9");
	p.src_nbma = cloud_addr("8.8.8.2");
	p.src_proto = cloud_addr("10.10.10.8");
	cloud_inject(c, "8.8.8.2", R2, &p);
	cloud_run(c, 1000);
	cloud_expect(c, "   2.000 R2 forwarded 1.1.1.2 Resolution Request 7 10.10.10.9\n"
	                "   2.010 R1 sent 8.8.8.2 Resolution Reply 7 code 12\n");
	p.dst_proto = cloud_addr("10.10.10.10");
	cloud_inject(c, "1.1.1.2", R2, &p);
	cloud_expect(c, "   3.000 R2 sent 8.8.8.2 Resolution Reply 7 code 12\n");
}

/* Two hubs registered with each other, a spoke at each. */
static void add_two_hubs(struct cloud *c)
{
	struct cloud_spec first = cloud_r1, spoke = cloud_r2, far = cloud_r3, second = cloud_r4;

	c->terse = true;
	first.nhs[0] = "10.10.10.4 nbma 4.4.4.2";
	second.nhs[0] = "10.10.10.1 nbma 1.1.1.2";
	far.nhs[0] = "10.10.10.4 nbma 4.4.4.2";
	cloud_add(c, &first);
	cloud_add(c, &spoke);
	cloud_add(c, &far);
	cloud_add(c, &second);
	cloud_run(c, 6000);
	cloud_quiet(c);
}

static void the_other_hub_knows(void **state)
{
	struct cloud *c = *state;

	add_two_hubs(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 1000);
	cloud_expect(c, "   6.000 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                "   6.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   6.010 R1 forwarded 4.4.4.2 Resolution Request 3 10.10.10.3\n"
	                "   6.020 R4 forwarded 3.3.3.2 Resolution Request 3 10.10.10.3\n"
	                "   6.030 R3 sent 2.2.2.2 Resolution Reply 3\n"
	                "   6.030 R3 set-peer 10.10.10.2 2.2.2.2 resolved\n"
	                "   6.030 R3 nhp-up 10.10.10.2 2.2.2.2\n"
	                "   6.040 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "   6.040 R2 nhp-up 10.10.10.3 3.3.3.2\n");
}

/* The second hub does not hand back what came from the first. */
static void neither_hub_knows(void **state)
{
	struct cloud *c = *state;

	add_two_hubs(c);
	cloud_want(c, R2, "10.10.10.9");
	cloud_run(c, 1000);
	cloud_expect(c, "   6.000 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.9\n"
	                "   6.000 R2 set-peer 10.10.10.9 1.1.1.2 via-nhs\n"
	                "   6.010 R1 forwarded 4.4.4.2 Resolution Request 3 10.10.10.9\n"
	                "   6.020 R4 sent 2.2.2.2 Resolution Reply 3 code 12\n");
}

/* Three hubs, each registered with the next: the record ends the round, the hop count if there is
 * none. */
static void hubs_in_a_circle(void **state)
{
	struct cloud *c = *state;
	static const char *const next[] = { "10.10.10.5 nbma 5.5.5.2", "10.10.10.6 nbma 6.6.6.2",
		                            "10.10.10.4 nbma 4.4.4.2" };
	static const char *const nbma[] = { "4.4.4.2", "5.5.5.2", "6.6.6.2" };
	static const char *const overlay[] = { "10.10.10.4/24", "10.10.10.5/24", "10.10.10.6/24" };
	static const char *const name[] = { "R4", "R5", "R6" };
	struct cloud_spec ring[3];

	c->terse = true;
	for (size_t i = 0; i < 3; i++) {
		ring[i] = (struct cloud_spec){
			.name = name[i], .nbma = nbma[i], .overlay = overlay[i], .nhs = { next[i] }
		};
		cloud_add(c, &ring[i]);
	}
	cloud_run(c, 6000);
	cloud_quiet(c);
	struct nhrp_packet p = request_for("10.10.10.9");
	p.hops = 5;
	cloud_inject(c, "2.2.2.2", 0, &p);
	cloud_run(c, 1000);
	cloud_expect(c, "   6.000 R4 forwarded 5.5.5.2 Resolution Request 7 10.10.10.9\n"
	                "   6.010 R5 forwarded 6.6.6.2 Resolution Request 7 10.10.10.9\n"
	                "   6.020 R6 forwarded 4.4.4.2 Resolution Request 7 10.10.10.9\n"
	                "   6.030 R4 dropped 6.6.6.2 (loop) Resolution Request 7 10.10.10.9\n"
	                "   6.030 R4 sent 6.6.6.2 Error Indication 3\n"
	                "   6.040 R6 error-received 10.10.10.4 4.4.4.2 code 3 \"loop detected\"\n");
	for (size_t i = 0; i < 3; i++) {
		ring[i].no_record = true;
		cloud_configure(c, i, &ring[i]);
	}
	cloud_quiet(c);
	cloud_inject(c, "2.2.2.2", 0, &p);
	cloud_run(c, 1000);
	cloud_expect(
		c,
		"   7.000 R4 forwarded 5.5.5.2 Resolution Request 7 10.10.10.9\n"
		"   7.010 R5 forwarded 6.6.6.2 Resolution Request 7 10.10.10.9\n"
		"   7.020 R6 forwarded 4.4.4.2 Resolution Request 7 10.10.10.9\n"
		"   7.030 R4 forwarded 5.5.5.2 Resolution Request 7 10.10.10.9\n"
		"   7.040 R5 dropped 4.4.4.2 (hop_count) Resolution Request 7 10.10.10.9\n"
		"   7.040 R5 sent 4.4.4.2 Error Indication 15\n"
		"   7.050 R4 error-received 10.10.10.5 5.5.5.2 code 15 \"hop count exceeded\"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(hop_count_and_record),
		cloud_unit_test(no_record),
		cloud_unit_test(hops_run_out),
		cloud_unit_test(loops_end),
		cloud_unit_test(nowhere_to_go),
		cloud_unit_test(replies_by_the_hub),
		cloud_unit_test(upwards),
		cloud_unit_test(the_other_hub_knows),
		cloud_unit_test(neither_hub_knows),
		cloud_unit_test(hubs_in_a_circle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
