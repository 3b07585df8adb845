/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"
#include "util/memory.h"

static void add_summary(struct snap_nhrp *nhrp, const char *network, uint8_t len, const char *nbma)
{
	nhrp->summary = memory_resize(nhrp->summary, nhrp->n_summary + 1, sizeof *nhrp->summary);
	nhrp->summary[nhrp->n_summary++] = (struct snap_summary){
		.target = { cloud_addr(network), len },
		.nbma = cloud_addr(nbma),
	};
}

/* As R3 has them: its own and, nested, another one; one with the address of somebody else. */
static void summaries(struct snap_nhrp *nhrp)
{
	add_summary(nhrp, "192.168.0.0", 16, "3.3.3.2");
	add_summary(nhrp, "192.168.48.0", 20, "3.3.3.2");
	add_summary(nhrp, "192.168.3.0", 28, "9.9.9.2");
}

static struct cloud_spec far_spoke(const char *route)
{
	struct cloud_spec spec = cloud_r3;

	spec.also = summaries;
	spec.route[0] = route;
	return spec;
}

static void add(struct cloud *c, const char *route)
{
	struct cloud_spec r3 = far_spoke(route);

	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &cloud_r2);
	cloud_add(c, &r3);
	cloud_run(c, 2000);
	cloud_quiet(c);
}

/* The prefix length that R3 answers with to R2. */
static unsigned ask(struct cloud *c, const char *target)
{
	struct nhrp_packet p = { .type = NHRP_RESOLUTION_REQUEST,
		                 .hops = NHRP_HOPS,
		                 .afn = 1,
		                 .proto_type = 0x0800,
		                 .flags = NHRP_RESOLUTION_AUTHORITATIVE |
		                          NHRP_RESOLUTION_SOURCE_STABLE,
		                 .request_id = 7,
		                 .has_extensions = true,
		                 .n_cie = 1 };

	p.src_nbma = cloud_addr("2.2.2.2");
	p.src_proto = cloud_addr("10.10.10.2");
	p.dst_proto = cloud_addr(target);
	p.cie[0] = (struct nhrp_cie){ .prefix_len = 32, .holdtime_s = 600 };
	cloud_inject(c, "1.1.1.2", R3, &p);
	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &p), NHRP_WIRE_OK);
	assert_int_equal(p.type, NHRP_RESOLUTION_REPLY);
	if (!p.cie[0].code)
		assert_true(addr_equal(&p.cie[0].nbma, &c->router[R3].nbma));
	return p.cie[0].code ? 100u + p.cie[0].code : p.cie[0].prefix_len;
}

/* The most specific one of ours, whether the route is narrower or wider. */
static void answers_name_the_summary(void **state)
{
	struct cloud *c = *state;

	add(c, "192.168.0.0/17 local");
	assert_int_equal(ask(c, "192.168.3.7"), 16);
	assert_int_equal(ask(c, "192.168.50.7"), 20);
	cloud_expect_cache(c, R3,
	                   "10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
	                   "10.10.10.2/32 10.10.10.2 2.2.2.2 dynamic implicit nhop\n"
	                   "192.168.0.0/16 10.10.10.3 3.3.3.2 static local no-socket\n"
	                   "192.168.3.0/28 10.10.10.3 9.9.9.2 static local no-socket\n"
	                   "192.168.48.0/20 10.10.10.3 3.3.3.2 static local no-socket\n");
}

/* A default route of ours says that the address is routed here, and the summary how much is. */
static void a_default_route_below(void **state)
{
	struct cloud *c = *state;

	add(c, "0.0.0.0/0 local");
	assert_int_equal(ask(c, "192.168.3.7"), 16);
	assert_int_equal(ask(c, "8.8.8.8"), 100 + NHRP_CODE_NO_BINDING);
}

/* What is not routed here is not answered with a summary either. */
static void what_is_elsewhere(void **state)
{
	struct cloud *c = *state;

	add(c, "172.16.0.0/16 local");
	assert_int_equal(ask(c, "172.16.1.1"), 16);
	assert_int_equal(ask(c, "192.168.3.7"), 100 + NHRP_CODE_NO_BINDING);
}

/* Packets for it are none of the cache's business, and it is not to be had by registering. */
static void it_is_no_path(void **state)
{
	struct cloud *c = *state;
	struct nhrp_packet p = { .type = NHRP_REGISTRATION_REQUEST,
		                 .hops = NHRP_HOPS,
		                 .afn = 1,
		                 .proto_type = 0x0800,
		                 .request_id = 7,
		                 .has_extensions = true,
		                 .n_cie = 1 };

	add(c, "192.168.0.0/17 local");
	cloud_want(c, R3, "192.168.9.9");
	cloud_clear(c, R3);
	cloud_run(c, 1000);
	cloud_quiet(c);
	p.src_nbma = cloud_addr("2.2.2.2");
	p.src_proto = cloud_addr("192.168.0.0");
	p.dst_proto = cloud_addr("10.10.10.3");
	p.cie[0] = (struct nhrp_cie){ .prefix_len = 16, .holdtime_s = 600 };
	cloud_inject(c, "2.2.2.2", R3, &p);
	cloud_expect(c, "   3.000 R3 rejected 192.168.0.0 2.2.2.2 code 4\n"
	                "   3.000 R3 sent 2.2.2.2 Registration Reply 7 code 4\n");
	assert_int_equal(ask(c, "192.168.3.7"), 16);
}

/* Those who were told hear that it is void. */
static void the_line_goes(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r3 = far_spoke("192.168.0.0/17 local");
	struct nhrp_packet p;

	add(c, "192.168.0.0/17 local");
	ask(c, "192.168.3.7");
	cloud_quiet(c);
	r3.also = NULL;
	cloud_configure(c, R3, &r3);
	cloud_expect(c, "   2.000 R3 sent 2.2.2.2 Purge Request 3\n");
	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &p), NHRP_WIRE_OK);
	assert_int_equal(p.type, NHRP_PURGE_REQUEST);
	assert_int_equal(ask(c, "192.168.3.7"), 17);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(answers_name_the_summary),
		cloud_unit_test(a_default_route_below),
		cloud_unit_test(what_is_elsewhere),
		cloud_unit_test(it_is_no_path),
		cloud_unit_test(the_line_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
