/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nhrp/packet.h"
#include "nhrp/tunnel.h"
#include "node/cloud_test.h"

static struct nhrp_tunnel tunnel(const char *overlay)
{
	return (struct nhrp_tunnel){ .address = { cloud_addr(overlay), 24 },
		                     .source = cloud_addr("2.2.2.2"),
		                     .mtu_bytes = 1400 };
}

static void families(void **state)
{
	struct nhrp_tunnel t = tunnel("10.10.10.2");
	struct nhrp_draft d;

	(void)state;
	nhrp_packet_start(&d, &t, NHRP_PURGE_REQUEST);
	assert_int_equal(d.packet.afn, 1);
	assert_int_equal(d.packet.proto_type, 0x0800);
	assert_int_equal(d.packet.hops, 255);
	t = tunnel("2001:db8::2");
	t.source = cloud_addr("2001:db8:1::2");
	nhrp_packet_start(&d, &t, NHRP_PURGE_REQUEST);
	assert_int_equal(d.packet.afn, 2);
	assert_int_equal(d.packet.proto_type, 0x86dd);
	assert_int_equal(nhrp_packet_cie(&t, 0).prefix_len, 128);
}

/* A registration as IOS 15 sends it, but for addresses: every byte has its place. */
static void a_registration(void **state)
{
	static const uint8_t golden[] = {
		0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x00, 0x6c,
		0x80, 0x6c, 0x00, 0x34, 0x01, 0x03, 0x04, 0x00, /* fixed header */
		0x04, 0x04, 0x80, 0x02, 0x00, 0x00, 0x00, 0x01, /* flags, id */
		0x02, 0x02, 0x02, 0x02, 0x0a, 0x0a, 0x0a, 0x02, 0x0a, 0x0a, 0x0a, 0x01,
		0x00, 0x20, 0x00, 0x00, 0x45, 0xf8, 0x1c, 0x20, 0x00, 0x00, 0x00, 0xff, /* CIE */
		0x80, 0x03, 0x00, 0x00, 0x80, 0x04, 0x00, 0x00, 0x80, 0x05, 0x00, 0x00,
		0x80, 0x07, 0x00, 0x0c, 0x00, 0x00, 0x00, 0x01, /* password */
		'c',  'i',  's',  'c',  'o',  '1',  '2',  '3',  0x00, 0x09, 0x00, 0x14,
		0x00, 0x20, 0x00, 0x00, 0x45, 0xf8, 0x00, 0x00, 0x04, 0x00, 0x04, 0xff,
		0x01, 0x01, 0x01, 0x02, 0x0a, 0x0a, 0x0a, 0x01, 0x80, 0x00, 0x00, 0x00,
	};
	struct cloud *c = *state;
	struct cloud_spec r2 = cloud_r2;

	r2.authentication = "cisco123";
	cloud_add(c, &r2);
	assert_int_equal(c->last.len, sizeof golden);
	assert_memory_equal(c->last.bytes, golden, sizeof golden);
}

/* What a hub with one client asks of it: the record of its own, 254 hops, all else as received. */
static void a_forwarded_request(void **state)
{
	static const uint8_t golden[] = {
		0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xfe, 0x00, 0x5c, 0x16, 0x9f,
		0x00, 0x34, 0x01, 0x01, 0x04, 0x00, 0x04, 0x04, 0xc8, 0x02, 0x00, 0x00, 0x00, 0x03,
		0x02, 0x02, 0x02, 0x02, 0x0a, 0x0a, 0x0a, 0x02, 0x0a, 0x0a, 0x0a, 0x03, 0x00, 0x20,
		0x00, 0x00, 0x45, 0xf8, 0x1c, 0x20, 0x00, 0x00, 0x00, 0x00, 0x80, 0x03, 0x00, 0x00,
		0x80, 0x04, 0x00, 0x14, 0x00, 0x20, 0x00, 0x00, 0x45, 0xf8, 0x1c, 0x20, 0x04, 0x00,
		0x04, 0x00, 0x01, 0x01, 0x01, 0x02, 0x0a, 0x0a, 0x0a, 0x01, 0x80, 0x05, 0x00, 0x00,
		0x00, 0x09, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00,
	};
	struct cloud *c = *state;

	cloud_add_three(c);
	c->router[R3].deaf = true;
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 15);
	assert_int_equal(c->last.len, sizeof golden);
	assert_memory_equal(c->last.bytes, golden, sizeof golden);
}

static void appending(void **state)
{
	struct nhrp_tunnel t = tunnel("10.10.10.2");
	struct nhrp_cie cie = nhrp_packet_own_cie(&t, 0);
	struct addr other = cloud_addr("10.10.10.9");
	struct nhrp_draft d;

	(void)state;
	nhrp_packet_start(&d, &t, NHRP_RESOLUTION_REQUEST);
	assert_false(nhrp_packet_append(&d, NHRP_EXT_FORWARD_TRANSIT, &cie));
	nhrp_packet_request_extensions(&d, &t);
	assert_true(nhrp_packet_is_empty(&d.packet, NHRP_EXT_FORWARD_TRANSIT));
	assert_true(nhrp_packet_append(&d, NHRP_EXT_FORWARD_TRANSIT, &cie));
	assert_false(nhrp_packet_is_empty(&d.packet, NHRP_EXT_FORWARD_TRANSIT));
	assert_true(nhrp_packet_records(&d.packet, NHRP_EXT_FORWARD_TRANSIT, &t.address.addr));
	assert_false(nhrp_packet_records(&d.packet, NHRP_EXT_FORWARD_TRANSIT, &other));
	assert_false(nhrp_packet_records(&d.packet, NHRP_EXT_REVERSE_TRANSIT, &t.address.addr));
	/* The draft's room is a packet's: what does not fit is refused, and the packet stays. */
	size_t n = 1;
	while (nhrp_packet_append(&d, NHRP_EXT_FORWARD_TRANSIT, &cie))
		n++;
	assert_in_range(n, 5, NHRP_PACKET_MAX / 20);
	assert_int_equal(nhrp_extension_find(&d.packet, NHRP_EXT_FORWARD_TRANSIT)->value_len,
	                 20 * n);
}

static void nat_addresses(void **state)
{
	struct nhrp_tunnel t = tunnel("10.10.10.2");
	struct nhrp_cie cie = nhrp_packet_own_cie(&t, 0);
	struct addr other = cloud_addr("10.10.10.9"), found;
	struct nhrp_draft d;

	(void)state;
	nhrp_packet_start(&d, &t, NHRP_RESOLUTION_REQUEST);
	nhrp_packet_request_extensions(&d, &t);
	found = nhrp_packet_nat_address(&d.packet, &t.address.addr);
	assert_true(addr_is_none(&found));
	nhrp_packet_fill(&d, NHRP_EXT_NAT_ADDRESS, &cie);
	found = nhrp_packet_nat_address(&d.packet, &t.address.addr);
	assert_true(addr_equal(&found, &t.source));
	found = nhrp_packet_nat_address(&d.packet, &other);
	assert_true(addr_is_none(&found));
}

static void unknown_extensions(void **state)
{
	struct nhrp_tunnel t = tunnel("10.10.10.2");
	struct nhrp_draft d;

	(void)state;
	nhrp_packet_start(&d, &t, NHRP_RESOLUTION_REQUEST);
	nhrp_packet_request_extensions(&d, &t);
	nhrp_extension_set(&d.packet, (struct nhrp_extension){ .type = NHRP_EXT_VENDOR });
	nhrp_extension_set(&d.packet, (struct nhrp_extension){ .type = 0x1234 });
	assert_null(nhrp_packet_unknown(&d.packet));
	nhrp_extension_set(&d.packet,
	                   (struct nhrp_extension){ .type = 0x1235, .compulsory = true });
	assert_int_equal(nhrp_packet_unknown(&d.packet)->type, 0x1235);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(families),
		cloud_unit_test(a_registration),
		cloud_unit_test(a_forwarded_request),
		cloud_unit_test(appending),
		cloud_unit_test(nat_addresses),
		cloud_unit_test(unknown_extensions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
