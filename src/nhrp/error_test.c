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

/* The whole packet in error, no extensions, IOS's sixteen zeroes behind it. */
static void what_it_carries(void **state)
{
	struct cloud *c = *state;
	struct nhrp_packet error, contents;

	cloud_add_three(c);
	struct nhrp_packet p = request_for("10.10.10.3");
	p.hops = 1;
	cloud_inject(c, "2.2.2.2", R1, &p);
	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &error), NHRP_WIRE_OK);
	assert_int_equal(error.type, NHRP_ERROR_INDICATION);
	assert_int_equal(error.error, NHRP_ERROR_HOP_COUNT);
	assert_int_equal(error.hops, NHRP_HOPS);
	assert_int_equal(error.n_ext, 0);
	assert_true(addr_equal(&error.dst_proto, &p.src_proto));
	assert_true(addr_equal(&error.src_proto, &p.dst_proto) == false);
	assert_int_equal(nhrp_parse(error.contents, error.contents_len, &contents), NHRP_WIRE_OK);
	assert_int_equal(contents.request_id, p.request_id);
	for (size_t i = 1; i <= NHRP_ERROR_PADDING_LEN; i++)
		assert_int_equal(c->last.bytes[c->last.len - i], 0);
}

/* Never about an error, from whomever and with whatever authentication. */
static void received(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r2 = cloud_r2;

	r2.authentication = "cisco";
	cloud_add(c, &r2);
	cloud_run(c, 100);
	cloud_quiet(c);
	struct nhrp_packet p = request_for("10.10.10.2");
	p.type = NHRP_ERROR_INDICATION;
	p.src_proto = cloud_addr("10.10.10.1");
	p.src_nbma = cloud_addr("1.1.1.2");
	p.has_extensions = false;
	p.n_ext = 0;
	p.error = NHRP_ERROR_AUTHENTICATION;
	cloud_inject(c, "1.1.1.2", 0, &p);
	p.error = 99;
	cloud_inject(c, "1.1.1.2", 0, &p);
	cloud_expect(
		c,
		"   0.100 R2 error-received 10.10.10.1 1.1.1.2 code 11 \"authentication failure\"\n"
		"   0.100 R2 error-received 10.10.10.1 1.1.1.2 code 99 \"unknown\"\n");
	p.hops = 0;
	cloud_inject(c, "1.1.1.2", 0, &p);
	cloud_expect(c, "   0.100 R2 dropped 1.1.1.2 (hop_count) Error Indication 99\n");
}

/* As large as a packet may be: what does not fit of it is left out. */
static void a_large_packet(void **state)
{
	struct cloud *c = *state;
	static const uint8_t filler[1300];
	struct nhrp_packet error;

	cloud_add_three(c);
	struct nhrp_packet p = request_for("10.10.10.77");
	nhrp_extension_set(&p, (struct nhrp_extension){ .type = 0x3800,
	                                                .compulsory = true,
	                                                .value = filler,
	                                                .value_len = sizeof filler });
	cloud_inject(c, "2.2.2.2", R1, &p);
	cloud_expect(c,
	             "   2.000 R1 dropped 2.2.2.2 (unsupported) Resolution Request 7 10.10.10.77\n"
	             "   2.000 R1 sent 2.2.2.2 Error Indication 1\n");
	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &error), NHRP_WIRE_OK);
	assert_in_range(error.contents_len, 1300, NHRP_PACKET_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(what_it_carries),
		cloud_unit_test(received),
		cloud_unit_test(a_large_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
