/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

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
	return (struct trace){ .type = type, .peer = fake_addr("2.2.2.2"), .port = 500 };
}

/* An Informational with a DELETE of an IKE SA. */
static const uint8_t message[] = {
	0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee,
	0xff, 0x00, 0x0c, 0x10, 0x05, 0x00, 0x01, 0x02, 0x03, 0x04, 0x00, 0x00, 0x00, 0x38,
	0x00, 0x00, 0x00, 0x1c, 0x00, 0x00, 0x00, 0x01, 0x01, 0x10, 0x00, 0x01, 0x11, 0x22,
	0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00,
};

static void messages_are_told_payload_by_payload(void **state)
{
	struct trace t = trace_of(TRACE_IKE_RECEIVED);

	(void)state;
	t.packet = message;
	t.packet_len = sizeof message;
	expect_debug(&t, DEBUG_CRYPTO_ISAKMP,
	             "ISAKMP: received packet from 2.2.2.2 peer_port 500, 56 bytes\n"
	             "  cookies 1122334455667788 99AABBCCDDEEFF00, Informational, "
	             "message ID 01020304, length 56\n"
	             "  DELETE, 24 bytes: protocol ISAKMP, "
	             "cookies 0x112233445566778899aabbccddeeff00\n");
	expect_debug(&t, DEBUG_CRYPTO_IPSEC | DEBUG_NHRP, "");
	t.type = TRACE_IKE_SENT;
	t.packet_len = 20;
	expect_debug(&t, DEBUG_CRYPTO_ISAKMP,
	             "ISAKMP: sending packet to 2.2.2.2 peer_port 500, 20 bytes\n"
	             "  malformed message, 20 bytes\n");
	t.packet = NULL;
	expect_debug(&t, DEBUG_CRYPTO_ISAKMP, "");
}

static void what_becomes_of_ike(void **state)
{
	struct trace t = trace_of(TRACE_IKE_UP);

	(void)state;
	expect_debug(&t, DEBUG_CRYPTO_ISAKMP, "ISAKMP: SA has been authenticated with 2.2.2.2\n");
	t = trace_of(TRACE_IKE_DOWN);
	t.reason = REASON_PEER_DEAD;
	expect_debug(&t, DEBUG_CRYPTO_ISAKMP,
	             "ISAKMP: deleting SA with 2.2.2.2, reason: peer does not answer\n");
	t = trace_of(TRACE_IKE_FAILED);
	t.text = "no answer";
	expect_debug(&t, DEBUG_CRYPTO_ISAKMP, "ISAKMP-ERROR: peer 2.2.2.2: no answer\n");
	t = trace_of(TRACE_IKE_ADVICE);
	t.text = "a key";
	expect_debug(&t, DEBUG_CRYPTO_ISAKMP, "ISAKMP: for the peer 2.2.2.2 configure: a key\n");
}

static void what_becomes_of_ipsec(void **state)
{
	struct trace t = trace_of(TRACE_IPSEC_UP);

	(void)state;
	t.tunnel = 7;
	expect_debug(&t, DEBUG_CRYPTO_IPSEC, "IPSEC: Tunnel7: SAs with 2.2.2.2 are created\n");
	expect_debug(&t, DEBUG_CRYPTO_ISAKMP, "");
	t.code = 1;
	expect_debug(&t, DEBUG_CRYPTO_IPSEC, "IPSEC: Tunnel7: SAs with 2.2.2.2 are renewed\n");
	t = trace_of(TRACE_IPSEC_DOWN);
	t.reason = REASON_CLEARED;
	expect_debug(&t, DEBUG_CRYPTO_IPSEC,
	             "IPSEC: Tunnel0: SAs with 2.2.2.2 are gone, reason: cleared by command\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_told_payload_by_payload),
		cmocka_unit_test(what_becomes_of_ike),
		cmocka_unit_test(what_becomes_of_ipsec),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
