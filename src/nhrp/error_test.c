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

/* About a packet of a router, in its own words, from another one. */
static void complain(struct cloud *c, const char *from, size_t to, const struct nhrp_packet *about)
{
	uint8_t bytes[NHRP_PACKET_MAX];
	struct nhrp_packet p = { .type = NHRP_ERROR_INDICATION,
		                 .hops = NHRP_HOPS,
		                 .afn = 1,
		                 .proto_type = 0x0800,
		                 .error = NHRP_ERROR_UNREACHABLE,
		                 .contents = bytes };

	p.src_nbma = cloud_addr("1.1.1.2");
	p.src_proto = cloud_addr("10.10.10.1");
	p.dst_proto = about->src_proto;
	p.contents_len = nhrp_build(about, bytes, sizeof bytes);
	cloud_inject(c, from, to, &p);
}

/* A destination that is waited for is asked for once at each server, then given up. */
static void a_resolution_in_vain(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add(c, &cloud_r1);
	cloud_add(c, &cloud_r2_twice);
	cloud_add(c, &cloud_r4);
	cloud_run(c, 4000);
	c->router[0].deaf = c->router[2].deaf = true;
	cloud_want(c, 1, "10.10.10.9");
	cloud_run(c, 100);
	cloud_quiet(c);
	struct nhrp_packet request = request_for("10.10.10.9");
	request.request_id = 6;
	complain(c, "1.1.1.2", 1, &request);
	cloud_run(c, 10);
	cloud_expect(c, "   4.100 R2 error-received 10.10.10.1 1.1.1.2 code 6 \"protocol address "
	                "unreachable\"\n");
	request.request_id = 5;
	complain(c, "1.1.1.2", 1, &request);
	cloud_run(c, 10);
	cloud_expect(c, "   4.110 R2 error-received 10.10.10.1 1.1.1.2 code 6 \"protocol address "
	                "unreachable\"\n"
	                "   4.110 R2 sent 4.4.4.2 Resolution Request 5 10.10.10.9\n");
	complain(c, "4.4.4.2", 1, &request);
	cloud_run(c, 100000);
	cloud_expect(c, "   4.120 R2 error-received 10.10.10.1 4.4.4.2 code 6 \"protocol address "
	                "unreachable\"\n");
}

/* Nobody vouches for an error: what stands stays. */
static void what_is_in_use_stays(void **state)
{
	struct cloud *c = *state;

	cloud_add_three(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 1000);
	cloud_quiet(c);
	struct nhrp_packet request = request_for("10.10.10.3");
	request.request_id = 3;
	complain(c, "1.1.1.2", R2, &request);
	request.type = NHRP_REGISTRATION_REQUEST;
	request.request_id = 2;
	complain(c, "1.1.1.2", R2, &request);
	cloud_run(c, 1000);
	cloud_expect(c, "   3.000 R2 error-received 10.10.10.1 1.1.1.2 code 6 \"protocol address "
	                "unreachable\"\n"
	                "   3.000 R2 error-received 10.10.10.1 1.1.1.2 code 6 \"protocol address "
	                "unreachable\"\n");
}

/* Only the server itself can say that it will not have us. */
static void a_registration_in_vain(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add(c, &cloud_r2);
	cloud_run(c, 100);
	cloud_quiet(c);
	struct nhrp_packet request = request_for("10.10.10.1");
	request.type = NHRP_REGISTRATION_REQUEST;
	request.request_id = 1;
	complain(c, "9.9.9.2", 0, &request);
	complain(c, "1.1.1.2", 0, &request);
	cloud_expect(c,
	             "   0.100 R2 error-received 10.10.10.1 9.9.9.2 code 6 \"protocol address "
	             "unreachable\"\n"
	             "   0.100 R2 error-received 10.10.10.1 1.1.1.2 code 6 \"protocol address "
	             "unreachable\"\n"
	             "   0.100 R2 nhs-down 10.10.10.1 1.1.1.2 (refused by the next hop server)\n");
}

/* On to whom it is for, without an authentication; never back, nor our own. */
static void for_somebody_else(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec r1 = cloud_r1, r2 = cloud_r2;
	struct nhrp_packet p;

	r1.authentication = r2.authentication = "cisco";
	cloud_add(c, &r1);
	cloud_add(c, &r2);
	cloud_run(c, 2000);
	cloud_quiet(c);
	const struct nhrp_packet request = request_for("10.10.10.9");
	complain(c, "3.3.3.2", R1, &request);
	cloud_expect(c, "   2.000 R1 dropped 3.3.3.2 (loop) Error Indication 6\n");
	p = (struct nhrp_packet){ .type = NHRP_ERROR_INDICATION,
		                  .hops = 9,
		                  .afn = 1,
		                  .proto_type = 0x0800,
		                  .error = NHRP_ERROR_UNREACHABLE };
	p.src_nbma = cloud_addr("3.3.3.2");
	p.src_proto = cloud_addr("10.10.10.3");
	p.dst_proto = cloud_addr("10.10.10.2");
	cloud_inject(c, "3.3.3.2", R1, &p);
	cloud_expect(c, "   2.000 R1 forwarded 2.2.2.2 Error Indication 6\n");
	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &p), NHRP_WIRE_OK);
	assert_int_equal(p.hops, 8);
	assert_int_equal(c->last.bytes[14] | c->last.bytes[15], 0); /* no extensions */
	cloud_inject(c, "2.2.2.2", R1, &p);
	cloud_expect(c, "   2.000 R1 dropped 2.2.2.2 (loop) Error Indication 6\n");
	p.dst_proto = cloud_addr("10.10.10.77");
	cloud_inject(c, "2.2.2.2", R1, &p);
	cloud_expect(c, "   2.000 R1 error-received 10.10.10.3 2.2.2.2 code 6 \"protocol address "
	                "unreachable\"\n");
}

static void send_bytes(struct cloud *c, const uint8_t *bytes, size_t len)
{
	struct node_event event = { .type = NODE_PACKET };

	event.packet.from = cloud_addr("2.2.2.2");
	event.packet.bytes = bytes;
	event.packet.len = len;
	cloud_event(c, R1, &event);
}

/* What cannot be read, with where; one a second, and nothing about an error. */
static void packets_of_no_use(void **state)
{
	enum { VERSION_AT = 16, TYPE_AT = 17, HOPS_AT = 9 };
	struct cloud *c = *state;
	uint8_t bytes[NHRP_PACKET_MAX];
	struct nhrp_packet error;

	cloud_add(c, &cloud_r1);
	const struct nhrp_packet p = request_for("10.10.10.3");
	size_t len = nhrp_build(&p, bytes, sizeof bytes);
	bytes[VERSION_AT] = 2;
	send_bytes(c, bytes, len);
	send_bytes(c, bytes, len);
	cloud_expect(c, "   0.000 R1 dropped 2.2.2.2 (malformed)\n"
	                "   0.000 R1 sent 2.2.2.2 Error Indication 7\n"
	                "   0.000 R1 dropped 2.2.2.2 (malformed)\n");
	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &error), NHRP_WIRE_OK);
	assert_int_equal(error.error_offset, VERSION_AT);
	assert_true(addr_is_none(&error.dst_proto));
	assert_int_equal(error.contents_len, len);
	cloud_run(c, 1000);
	bytes[TYPE_AT] = NHRP_ERROR_INDICATION;
	send_bytes(c, bytes, len);
	cloud_expect(c, "   1.000 R1 dropped 2.2.2.2 (malformed)\n");
	nhrp_build(&p, bytes, sizeof bytes);
	bytes[HOPS_AT]--;
	send_bytes(c, bytes, len);
	cloud_expect(c, "   1.000 R1 dropped 2.2.2.2 (malformed)\n"
	                "   1.000 R1 sent 2.2.2.2 Error Indication 7\n");
}

/* A list of clients that is none, in an extension that we are to act on. */
static void a_malformed_extension(void **state)
{
	static const uint8_t half[5];
	struct cloud *c = *state;
	struct nhrp_packet error;

	cloud_add_three(c);
	struct nhrp_packet p = request_for("10.10.10.1");
	nhrp_extension_set(&p, (struct nhrp_extension){ .type = NHRP_EXT_NAT_ADDRESS,
	                                                .value = half,
	                                                .value_len = sizeof half });
	cloud_inject(c, "2.2.2.2", R1, &p);
	cloud_expect(c,
	             "   2.000 R1 dropped 2.2.2.2 (bad_contents) Resolution Request 7 10.10.10.1\n"
	             "   2.000 R1 sent 2.2.2.2 Error Indication 9\n");
	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &error), NHRP_WIRE_OK);
	assert_int_equal(error.error_offset, 52 + 3 * 4);
}

/* With our record it would be longer than a packet may be. */
static void too_long_to_forward(void **state)
{
	static const uint8_t filler[1420];
	struct cloud *c = *state;

	cloud_add_three(c);
	struct nhrp_packet p = request_for("10.10.10.3");
	nhrp_extension_set(&p, (struct nhrp_extension){ .type = NHRP_EXT_VENDOR,
	                                                .value = filler,
	                                                .value_len = sizeof filler });
	cloud_inject(c, "2.2.2.2", R1, &p);
	cloud_expect(c, "   2.000 R1 dropped 2.2.2.2 (too_big) Resolution Request 7 10.10.10.3\n"
	                "   2.000 R1 sent 2.2.2.2 Error Indication 8\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(what_it_carries),       cloud_unit_test(received),
		cloud_unit_test(a_large_packet),        cloud_unit_test(a_resolution_in_vain),
		cloud_unit_test(what_is_in_use_stays),  cloud_unit_test(a_registration_in_vain),
		cloud_unit_test(for_somebody_else),     cloud_unit_test(packets_of_no_use),
		cloud_unit_test(a_malformed_extension), cloud_unit_test(too_long_to_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
