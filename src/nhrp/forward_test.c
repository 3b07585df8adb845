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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(hop_count_and_record), cloud_unit_test(no_record),
		cloud_unit_test(hops_run_out),         cloud_unit_test(loops_end),
		cloud_unit_test(replies_by_the_hub),   cloud_unit_test(upwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
