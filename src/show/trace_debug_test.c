/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "nhrp/wire.h"
#include "show/fake_node.h"

static void expect_debug(const struct trace *t, unsigned debug, const char *text)
{
	struct strbuf out;

	strbuf_init(&out);
	show_trace_debug(t, debug, &out);
	assert_string_equal(out.text, text);
	strbuf_fini(&out);
}

static struct trace trace_of(enum trace_type type)
{
	return (struct trace){ .type = type,
		               .overlay = fake_addr("10.1.1.3"),
		               .peer = fake_addr("192.1.3.3") };
}

/* A Registration Request, with one extension and the End or with no extension part. */
static size_t build_request(uint8_t *bytes, size_t size, bool extended)
{
	struct nhrp_packet p = {
		.type = NHRP_REGISTRATION_REQUEST,
		.hops = NHRP_HOPS,
		.afn = 1,
		.proto_type = 0x0800,
		.flags = NHRP_REGISTRATION_UNIQUE,
		.request_id = 3,
		.src_nbma = fake_addr("192.1.3.3"),
		.src_proto = fake_addr("10.1.1.3"),
		.dst_proto = fake_addr("10.1.1.4"),
		.cie = { { .prefix_len = 32, .mtu_bytes = 17916, .holdtime_s = 7200 } },
		.n_cie = 1,
		.has_extensions = extended,
	};

	if (extended)
		nhrp_extension_set(&p, (struct nhrp_extension){ .type = NHRP_EXT_RESPONDER,
		                                                .compulsory = true });
	return nhrp_build(&p, bytes, size);
}

static void packets_have_the_head_lines_of_ios(void **state)
{
	struct trace t = trace_of(TRACE_PACKET_SENT);
	uint8_t bytes[NHRP_PACKET_MAX];

	(void)state;
	t.packet = bytes;
	t.packet_len = build_request(bytes, sizeof bytes, false);
	assert_int_equal(t.packet_len, 52);
	expect_debug(&t, DEBUG_NHRP,
	             "NHRP: Send Registration Request via Tunnel0 vrf 0, packet size: 52\n"
	             " src: 10.1.1.3, dst: 10.1.1.4\n"
	             "NHRP: 52 bytes out Tunnel0\n");
	t.type = TRACE_PACKET_RECEIVED;
	expect_debug(&t, DEBUG_NHRP,
	             "NHRP: Receive Registration Request via Tunnel0 vrf 0, packet size: 52\n"
	             "NHRP: 52 bytes in Tunnel0\n");
	t.type = TRACE_PACKET_FORWARDED;
	expect_debug(&t, DEBUG_NHRP_DETAIL,
	             "NHRP: Forward Registration Request via Tunnel0 vrf 0, packet size: 52\n"
	             " src: 10.1.1.3, dst: 10.1.1.4\n"
	             "NHRP: Tunnel NBMA addr 192.1.3.3\n"
	             "NHRP: 52 bytes out Tunnel0\n");
}

static void debug_nhrp_packet_tells_what_a_packet_holds(void **state)
{
	struct trace t = trace_of(TRACE_PACKET_RECEIVED);
	uint8_t bytes[NHRP_PACKET_MAX];

	(void)state;
	t.packet = bytes;
	t.packet_len = build_request(bytes, sizeof bytes, false);
	expect_debug(&t, DEBUG_NHRP_PACKET,
	             "NHRP: Receive Registration Request via Tunnel0 vrf 0, packet size: 52\n"
	             " (F) afn: AF_IP(1), type: IP(800), hop: 255, ver: 1\n"
	             "     shtl: 4(NSAP), sstl: 0(NSAP)\n"
	             "     pktsz: 52 extoff: 0\n"
	             " (M) flags: \"unique \", reqid: 3\n"
	             "     src NBMA: 192.1.3.3\n"
	             "     src protocol: 10.1.1.3, dst protocol: 10.1.1.4\n"
	             " (C-1) code: no error(0)\n"
	             "       prefix: 32, mtu: 17916, hd_time: 7200\n"
	             "       addr_len: 0(NSAP), subaddr_len: 0(NSAP), proto_len: 0, pref: 0\n");
}

static void a_packet_that_cannot_be_read_is_told_all_the_same(void **state)
{
	struct trace t = trace_of(TRACE_PACKET_RECEIVED);
	const uint8_t bytes[] = { 0, 1, 2 };

	(void)state;
	t.packet = bytes;
	t.packet_len = sizeof bytes;
	expect_debug(&t, DEBUG_NHRP,
	             "NHRP: Receive malformed packet via Tunnel0 vrf 0, packet size: 3\n"
	             "NHRP: 3 bytes in Tunnel0\n");
}

static void debug_nhrp_extension_leaves_the_rest_out(void **state)
{
	struct trace t = trace_of(TRACE_PACKET_RECEIVED);
	uint8_t bytes[NHRP_PACKET_MAX];

	(void)state;
	t.packet = bytes;
	t.packet_len = build_request(bytes, sizeof bytes, true);
	expect_debug(&t, DEBUG_NHRP_EXTENSION,
	             "NHRP: Receive Registration Request via Tunnel0 vrf 0, packet size: 60\n"
	             " Responder Address Extension(3):\n");
	t.packet_len = build_request(bytes, sizeof bytes, false);
	expect_debug(&t, DEBUG_NHRP_EXTENSION,
	             "NHRP: Receive Registration Request via Tunnel0 vrf 0, packet size: 52\n");
}

static void cache_entries_come_and_go(void **state)
{
	struct trace t = trace_of(TRACE_CACHE_ADDED);

	(void)state;
	expect_debug(&t, DEBUG_NHRP_CACHE,
	             "NHRP: Tunnel0: Cache add for target 10.1.1.3/32 next-hop 10.1.1.3\n"
	             "           192.1.3.3\n");
	t.type = TRACE_CACHE_DELETED;
	t.reason = REASON_EXPIRED;
	expect_debug(&t, DEBUG_NHRP_CACHE,
	             "NHRP: Tunnel0: Cache delete for target 10.1.1.3/32 next-hop 10.1.1.3, "
	             "holding time expired\n"
	             "           192.1.3.3\n");
	expect_debug(&t, DEBUG_NHRP | DEBUG_NHRP_PACKET | DEBUG_NHRP_ERROR, "");
}

static void drops_are_errors_and_over_the_rate_also_rate(void **state)
{
	struct trace t = trace_of(TRACE_PACKET_DROPPED);

	(void)state;
	t.drop = DROP_LOOP;
	expect_debug(&t, DEBUG_NHRP_ERROR,
	             "NHRP-ERROR: Tunnel0: packet of NBMA 192.1.3.3 dropped: "
	             "we are in the transit record already\n");
	expect_debug(&t, DEBUG_NHRP_RATE, "");
	t.drop = DROP_RATE;
	expect_debug(
		&t, DEBUG_NHRP_RATE,
		"NHRP-RATE: Tunnel0: packet of NBMA 192.1.3.3 dropped: over ip nhrp max-send\n");
}

static void rate_tells_of_each_request(void **state)
{
	struct trace t = trace_of(TRACE_PACKET_SENT);
	uint8_t bytes[NHRP_PACKET_MAX];

	(void)state;
	t.packet = bytes;
	t.packet_len = build_request(bytes, sizeof bytes, true);
	expect_debug(&t, DEBUG_NHRP_RATE,
	             "NHRP-RATE: Sending Registration Request for 10.1.1.4, reqid 3\n");
	t.type = TRACE_PACKET_RECEIVED;
	expect_debug(&t, DEBUG_NHRP_RATE, "");
}

static void failures_are_errors(void **state)
{
	struct trace t = trace_of(TRACE_AUTHENTICATION_FAILED);

	(void)state;
	expect_debug(&t, DEBUG_NHRP_ERROR,
	             "NHRP-ERROR: Tunnel0: authentication failure, peer 10.1.1.3 NBMA 192.1.3.3\n");
	t = trace_of(TRACE_NAT_SUSPECTED);
	expect_debug(&t, DEBUG_NHRP_ERROR,
	             "NHRP-ERROR: Tunnel0: no reply from behind NAT, peer 10.1.1.3 NBMA "
	             "192.1.3.3\n");
	t = (struct trace){ .type = TRACE_NAME_UNRESOLVED, .text = "hub.example.com" };
	expect_debug(&t, DEBUG_NHRP_ERROR,
	             "NHRP-ERROR: Tunnel0: name hub.example.com does not resolve\n");
}

static void nothing_is_said_when_nothing_is_debugged(void **state)
{
	uint8_t bytes[NHRP_PACKET_MAX];

	(void)state;
	for (int type = 0; type < TRACE_TYPES_N; type++) {
		struct trace t = trace_of((enum trace_type)type);

		t.packet = bytes;
		t.packet_len = build_request(bytes, sizeof bytes, false);
		expect_debug(&t, 0, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_have_the_head_lines_of_ios),
		cmocka_unit_test(debug_nhrp_packet_tells_what_a_packet_holds),
		cmocka_unit_test(a_packet_that_cannot_be_read_is_told_all_the_same),
		cmocka_unit_test(debug_nhrp_extension_leaves_the_rest_out),
		cmocka_unit_test(cache_entries_come_and_go),
		cmocka_unit_test(drops_are_errors_and_over_the_rate_also_rate),
		cmocka_unit_test(rate_tells_of_each_request),
		cmocka_unit_test(failures_are_errors),
		cmocka_unit_test(nothing_is_said_when_nothing_is_debugged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
