/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "nhrp/dump.h"
#include "nhrp/wire.h"

static const uint8_t password[] = { 0, 0, 0, 1, 's', '3', 'c', 'r', 'e', 't' };
static const uint8_t group[] = { 0, 0, 0x0c, 1, 6, 'G', 'O', 'L', 'D', 7, 0x80 };

static struct nhrp_packet request(uint8_t type, uint16_t flags)
{
	return (struct nhrp_packet){
		.type = type,
		.hops = NHRP_HOPS,
		.afn = 1,
		.proto_type = 0x0800,
		.flags = flags,
		.request_id = 1,
		.src_nbma = addr_v4(192, 0, 2, 2),
		.src_proto = addr_v4(10, 0, 0, 2),
		.dst_proto = addr_v4(10, 0, 0, 1),
		.cie = { { .prefix_len = 32, .mtu_bytes = 17916, .holdtime_s = 7200 } },
		.n_cie = 1,
		.has_extensions = true,
	};
}

static void expect_dump(const struct nhrp_packet *p, const char *want)
{
	uint8_t bytes[NHRP_PACKET_MAX];
	struct strbuf text;

	strbuf_init(&text);
	nhrp_dump(bytes, nhrp_build(p, bytes, sizeof bytes), &text);
	assert_string_equal(text.text, want);
	strbuf_fini(&text);
}

static void test_registration(void **state)
{
	struct nhrp_packet p =
		request(NHRP_REGISTRATION_REQUEST, NHRP_REGISTRATION_UNIQUE | NHRP_CISCO_NAT);
	const struct nhrp_cie nhs = { .prefix_len = 32,
		                      .mtu_bytes = 17916,
		                      .nbma = addr_v4(192, 0, 2, 1),
		                      .proto = addr_v4(10, 0, 0, 1) };
	uint8_t nat[20];

	(void)state;
	nhrp_cie_build(&nhs, nat, sizeof nat);
	nhrp_extension_set(&p, (struct nhrp_extension){ NHRP_EXT_RESPONDER, true, NULL, 0 });
	nhrp_extension_set(&p, (struct nhrp_extension){ NHRP_EXT_AUTHENTICATION, true, password,
	                                                sizeof password });
	nhrp_extension_set(&p,
	                   (struct nhrp_extension){ NHRP_EXT_NAT_ADDRESS, false, nat, sizeof nat });
	nhrp_extension_set(&p,
	                   (struct nhrp_extension){ NHRP_EXT_VENDOR, false, group, sizeof group });
	nhrp_extension_set(&p, (struct nhrp_extension){ 77, true, group, 4 });
	expect_dump(&p, " (F) afn: AF_IP(1), type: IP(800), hop: 255, ver: 1\n"
	                "     shtl: 4(NSAP), sstl: 0(NSAP)\n"
	                "     pktsz: 121 extoff: 52\n"
	                " (M) flags: \"unique nat \", reqid: 1\n"
	                "     src NBMA: 192.0.2.2\n"
	                "     src protocol: 10.0.0.2, dst protocol: 10.0.0.1\n"
	                " (C-1) code: no error(0)\n"
	                "       prefix: 32, mtu: 17916, hd_time: 7200\n"
	                "       addr_len: 0(NSAP), subaddr_len: 0(NSAP), proto_len: 0, pref: 0\n"
	                " Responder Address Extension(3):\n"
	                " Authentication Extension(7):\n"
	                "   type:Cleartext(1), data:<hidden>\n"
	                " NAT address Extension(9):\n"
	                " (C) code: no error(0)\n"
	                "       prefix: 32, mtu: 17916, hd_time: 0\n"
	                "       addr_len: 4(NSAP), subaddr_len: 0(NSAP), proto_len: 4, pref: 0\n"
	                "       client NBMA: 192.0.2.1\n"
	                "       client protocol: 10.0.0.1\n"
	                " Vendor Private Extension(8):\n"
	                "   OUI: 00-00-0c, NHRP group: GOLD..\n"
	                " Unknown compulsory Extension(77): 4 bytes\n");
}

static void test_places(void **state)
{
	static const uint8_t value[] = { 'R', 'D', 'V', 1, 11, 0x11, 0x94, 4,
		                         192, 0,   2,   2, 10, 0,    0,    2 };
	struct nhrp_packet p = request(NHRP_RESOLUTION_REQUEST, 0);
	uint8_t bytes[NHRP_PACKET_MAX];
	struct strbuf text;

	(void)state;
	strbuf_init(&text);
	nhrp_extension_set(&p, (struct nhrp_extension){ NHRP_EXT_VENDOR, false, value, 16 });
	nhrp_dump(bytes, nhrp_build(&p, bytes, sizeof bytes), &text);
	assert_non_null(strstr(text.text,
	                       "   OUI: 52-44-56, behind NAT\n"
	                       "       client protocol: 10.0.0.2, UDP: 192.0.2.2 port 4500\n"));
	p.ext[p.n_ext - 1].value_len = 15;
	nhrp_dump(bytes, nhrp_build(&p, bytes, sizeof bytes), &text);
	assert_non_null(strstr(text.text, "   OUI: 52-44-56, malformed\n"));
	strbuf_fini(&text);
}

static void expect_flags(uint8_t type, uint16_t flags, const char *want)
{
	const struct nhrp_packet p = request(type, flags);
	uint8_t bytes[NHRP_PACKET_MAX];
	struct strbuf text;

	strbuf_init(&text);
	nhrp_dump(bytes, nhrp_build(&p, bytes, sizeof bytes), &text);
	assert_non_null(strstr(text.text, want));
	strbuf_fini(&text);
}

static void test_flags(void **state)
{
	(void)state;
	expect_flags(NHRP_RESOLUTION_REQUEST, 0xc802, "\"router auth src-stable nat \", reqid");
	expect_flags(NHRP_RESOLUTION_REPLY, 0xf802,
	             "\"router auth dst-stable unique src-stable nat \"");
	expect_flags(NHRP_REGISTRATION_REPLY, 0x0002, "\"nat \"");
	expect_flags(NHRP_PURGE_REQUEST, 0x8000, "\"no-reply \"");
	expect_flags(NHRP_PURGE_REPLY, 0, "\"none\"");
	expect_flags(NHRP_REGISTRATION_REQUEST, 0x8104, "\"unique 0x0104 \"");
}

static void test_traffic_indication(void **state)
{
	static const uint8_t contents[18] = { 0x45, 0, 0, 100 };
	struct nhrp_packet p = request(NHRP_TRAFFIC_INDICATION, 0);

	(void)state;
	p.request_id = 0;
	p.n_cie = 0;
	p.contents = contents;
	p.contents_len = sizeof contents;
	expect_dump(&p, " (F) afn: AF_IP(1), type: IP(800), hop: 255, ver: 1\n"
	                "     shtl: 4(NSAP), sstl: 0(NSAP)\n"
	                "     pktsz: 62 extoff: 58\n"
	                " (M) traffic code: redirect(0)\n"
	                "     src NBMA: 192.0.2.2\n"
	                "     src protocol: 10.0.0.2, dst protocol: 10.0.0.1\n"
	                "     Contents of nhrp traffic indication packet:\n"
	                "        45 00 00 64 00 00 00 00 00 00 00 00 00 00 00 00\n"
	                "        00 00\n");
}

static void test_error_indication_hides_the_password(void **state)
{
	struct nhrp_packet in_error = request(NHRP_RESOLUTION_REQUEST, 0);
	struct nhrp_packet p = request(NHRP_ERROR_INDICATION, 0);
	uint8_t contents[NHRP_PACKET_MAX];

	(void)state;
	nhrp_extension_set(&in_error, (struct nhrp_extension){ NHRP_EXT_AUTHENTICATION, true,
	                                                       password, sizeof password });
	p.n_cie = 0;
	p.error = NHRP_ERROR_HOP_COUNT;
	p.error_offset = 9;
	p.contents = contents;
	p.contents_len = nhrp_build(&in_error, contents, sizeof contents);
	expect_dump(&p, " (F) afn: AF_IP(1), type: IP(800), hop: 255, ver: 1\n"
	                "     shtl: 4(NSAP), sstl: 0(NSAP)\n"
	                "     pktsz: 126 extoff: 0\n"
	                " (M) error code: hop count exceeded(15), offset: 9\n"
	                "     src NBMA: 192.0.2.2\n"
	                "     src protocol: 10.0.0.2, dst protocol: 10.0.0.1\n"
	                "     Contents of error packet (20 of 70 bytes):\n"
	                "        00 01 08 00 00 00 00 00 00 ff 00 46 79 10 00 34\n"
	                "        01 01 04 00\n");
}

static void test_malformed(void **state)
{
	struct nhrp_packet p = request(NHRP_RESOLUTION_REQUEST, 0);
	struct strbuf text;

	(void)state;
	strbuf_init(&text);
	nhrp_dump((const uint8_t[]){ 0, 1, 8 }, 3, &text);
	assert_string_equal(text.text, " malformed: packet ends early\n");
	strbuf_fini(&text);

	p.n_cie = 0;
	nhrp_extension_set(&p, (struct nhrp_extension){ NHRP_EXT_RESPONDER, true, group, 5 });
	nhrp_extension_set(&p, (struct nhrp_extension){ NHRP_EXT_AUTHENTICATION, true, group, 3 });
	nhrp_extension_set(&p, (struct nhrp_extension){ NHRP_EXT_VENDOR, true, group, 2 });
	expect_dump(&p, " (F) afn: AF_IP(1), type: IP(800), hop: 255, ver: 1\n"
	                "     shtl: 4(NSAP), sstl: 0(NSAP)\n"
	                "     pktsz: 66 extoff: 40\n"
	                " (M) flags: \"none\", reqid: 1\n"
	                "     src NBMA: 192.0.2.2\n"
	                "     src protocol: 10.0.0.2, dst protocol: 10.0.0.1\n"
	                " Responder Address Extension(3):\n"
	                "   malformed, 5 bytes\n"
	                " Authentication Extension(7):\n"
	                "   malformed, 3 bytes\n"
	                " Vendor Private Extension(8):\n"
	                "   malformed, 2 bytes\n");
}

static void test_ipv6(void **state)
{
	struct nhrp_packet p = request(NHRP_PURGE_REQUEST, 0);

	(void)state;
	p.afn = 2;
	p.proto_type = 0x86dd;
	p.n_cie = 0;
	addr_parse("2001:db8::2", &p.src_nbma);
	addr_parse("fd00::2", &p.src_proto);
	p.dst_proto = ADDR_ANY_NONE;
	expect_dump(&p, " (F) afn: AF_IP6(2), type: IPV6(86DD), hop: 255, ver: 1\n"
	                "     shtl: 16(NSAP), sstl: 0(NSAP)\n"
	                "     pktsz: 64 extoff: 60\n"
	                " (M) flags: \"none\", reqid: 1\n"
	                "     src NBMA: 2001:db8::2\n"
	                "     src protocol: fd00::2, dst protocol: none\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registration),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_traffic_indication),
		cmocka_unit_test(test_error_indication_hides_the_password),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
