/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ike/dump.h"
#include "ike/message.h"
#include "ike/pair_test.h"
#include "ike/v1_info.h"

enum { MESSAGE_SIZE = 256 };

static void dump(const uint8_t *bytes, size_t len, struct strbuf *out)
{
	strbuf_init(out);
	ike_dump(bytes, len, out);
}

static void expect_has(const struct strbuf *out, const char *text)
{
	if (!strstr(out->text, text))
		fail_msg("\"%s\" is not in:\n%s", text, out->text);
}

/* The first message of a main mode of ours, and the answer to it. */
static void main_mode(void **state)
{
	static struct pair p;
	struct strbuf out;

	(void)state;
	pair_init(&p, 1);
	int hub = pair_add(&p, &(struct pair_spec){ .source = "1.1.1.2" });
	int spoke = pair_add(&p, &(struct pair_spec){ .source = "2.2.2.2" });
	p.cut = true;
	pair_want(&p, spoke, hub);
	pair_run(&p, 1);
	dump(p.last, p.last_len, &out);
	expect_has(&out, " 0000000000000000, Main Mode, message ID 00000000, length ");
	expect_has(&out, "\n  SA, ");
	expect_has(&out, "   proposal 1: ISAKMP, 2 transforms\n"
	                 "    transform 1: encryption aes, hash sha256, auth pre-share, "
	                 "group 14, life 86400 seconds\n"
	                 "    transform 2: encryption aes, hash sha, auth pre-share, "
	                 "group 14, life 86400 seconds\n");
	expect_has(&out, "  VID, 16 bytes: NAT traversal, RFC 3947\n");
	expect_has(&out, "  VID, 16 bytes: dead peer detection\n");
	strbuf_fini(&out);
	pair_fini(&p);
}

/* A message with one payload. */
static size_t build(uint8_t bytes[static MESSAGE_SIZE], uint8_t type, const void *body, size_t len)
{
	struct isakmp_builder b;
	const struct isakmp_header header = { .icookie = 1,
		                              .rcookie = 2,
		                              .exchange = ISAKMP_QUICK,
		                              .flags = ISAKMP_FLAG_COMMIT,
		                              .message_id = 0xa0b0c0d0 };

	isakmp_begin(&b, bytes, MESSAGE_SIZE, &header);
	isakmp_add(&b, type, body, len);
	return isakmp_end(&b, 1);
}

static void expect_payload(uint8_t type, const void *body, size_t len, const char *lines)
{
	uint8_t bytes[MESSAGE_SIZE];
	struct strbuf out;

	const size_t n = build(bytes, type, body, len);
	assert_true(n > 0);
	dump(bytes, n, &out);
	char *second = strchr(out.text, '\n') + 1;
	assert_string_equal(second, lines);
	strbuf_fini(&out);
}

static void the_header(void **state)
{
	uint8_t bytes[MESSAGE_SIZE];
	struct strbuf out;

	(void)state;
	const size_t n = build(bytes, ISAKMP_NONCE, "12345678", 8);
	dump(bytes, n, &out);
	assert_string_equal(out.text, "  cookies 0000000000000001 0000000000000002, Quick Mode, "
	                              "message ID A0B0C0D0, commit, length 40\n"
	                              "  NONCE, 8 bytes\n");
	strbuf_fini(&out);
}

static void a_proposal_of_esp(void **state)
{
	static const uint8_t body[] = {
		0,    0,  0, 1,    0,    0,  0,    1, /* DOI, situation */
		0,    0,  0, 0x2c, 1,    3,  4,    1,    0xa2, 0xbc, 0x2f, 0xed, /* proposal */
		0,    0,  0, 0x20, 1,    12, 0,    0,                            /* transform */
		0x80, 1,  0, 1,    0x80, 2,  0x0e, 0x10,                         /* 3600 seconds */
		0x80, 4,  0, 1,    0x80, 5,  0,    2,    0x80, 6,    0,    0x80,
		0x80, 3,  /* mode, auth, bits */
		0,    14, /* group */
	};

	(void)state;
	expect_payload(ISAKMP_SA, body, sizeof body,
	               "  SA, 52 bytes\n"
	               "   proposal 1: ESP, SPI 0xa2bc2fed, 1 transform\n"
	               "    transform 1: esp-aes esp-sha-hmac, tunnel, PFS group 14, "
	               "life 3600 seconds\n");
}

static void identities(void **state)
{
	static const uint8_t host[] = { 1, 17, 1, 244, 10, 0, 0, 2 };
	static const uint8_t net[] = { 4, 0, 0, 0, 10, 0, 0, 0, 255, 0, 0, 0 };
	static const uint8_t name[] = { 2, 0, 0, 0, 'R', '2' };
	static const uint8_t cut[] = { 1, 17, 1, 244, 10, 0 };
	static const uint8_t bare[] = { 11, 7, 0 };

	(void)state;
	expect_payload(ISAKMP_ID, host, sizeof host,
	               "  ID, 8 bytes: address 10.0.0.2, protocol 17, port 500\n");
	expect_payload(ISAKMP_ID, net, sizeof net,
	               "  ID, 12 bytes: subnet 10.0.0.0 mask 255.0.0.0, protocol 0, port 0\n");
	expect_payload(ISAKMP_ID, name, sizeof name,
	               "  ID, 6 bytes: FQDN \"R2\", protocol 0, port 0\n");
	expect_payload(ISAKMP_ID, cut, sizeof cut,
	               "  ID, 6 bytes: address malformed, protocol 17, port 500\n");
	expect_payload(ISAKMP_ID, bare, sizeof bare, "  ID, 3 bytes: cut short\n");
}

static void notifies_and_deletes(void **state)
{
	static const uint8_t text[] = { 0, 0, 0, 1, 1, 0, 0, 14, 'n', 'o', ' ', '\n' };
	static const uint8_t esp[] = { 0, 0, 0, 1, 3, 4, 0, 11, 1, 2, 3, 4 };
	static const uint8_t alive[] = { 0, 0, 0, 1, 1, 0, 0x8d, 0x28, 'A', 'B', 'C', 'D' };
	static const uint8_t gone[] = { 0, 0, 0, 1, 3, 4, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8 };

	(void)state;
	expect_payload(ISAKMP_NOTIFY, text, sizeof text,
	               "  NOTIFY, 12 bytes: NO-PROPOSAL-CHOSEN, protocol ISAKMP, "
	               "data 6e6f200a\n");
	expect_payload(ISAKMP_NOTIFY, text, sizeof text - 1,
	               "  NOTIFY, 11 bytes: NO-PROPOSAL-CHOSEN, protocol ISAKMP, data \"no \"\n");
	expect_payload(ISAKMP_NOTIFY, esp, sizeof esp,
	               "  NOTIFY, 12 bytes: INVALID-SPI, protocol ESP, SPI 0x01020304\n");
	expect_payload(ISAKMP_NOTIFY, alive, sizeof alive,
	               "  NOTIFY, 12 bytes: R-U-THERE, protocol ISAKMP, number 1094861636\n");
	expect_payload(ISAKMP_NOTIFY, alive, sizeof alive - 1,
	               "  NOTIFY, 11 bytes: R-U-THERE, protocol ISAKMP, data \"ABC\"\n");
	expect_payload(ISAKMP_DELETE, gone, sizeof gone,
	               "  DELETE, 16 bytes: protocol ESP, SPI 0x01020304, SPI 0x05060708\n");
	expect_payload(ISAKMP_DELETE, gone, sizeof gone - 1,
	               "  DELETE, 15 bytes: protocol ESP, SPI 0x01020304, cut short\n");
}

static void secrets_are_told_by_their_length(void **state)
{
	(void)state;
	expect_payload(ISAKMP_KE, "secret", 6, "  KE, 6 bytes\n");
	expect_payload(ISAKMP_HASH, "secret", 6, "  HASH, 6 bytes\n");
	expect_payload(ISAKMP_SIG, "secret", 6, "  SIG, 6 bytes\n");
	expect_payload(77, "secret", 6, "  77, 6 bytes\n");
}

static void what_does_not_parse(void **state)
{
	struct strbuf out;

	(void)state;
	dump((const uint8_t *)"short", 5, &out);
	assert_string_equal(out.text, "  malformed message, 5 bytes\n");
	strbuf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(main_mode),
		cmocka_unit_test(the_header),
		cmocka_unit_test(a_proposal_of_esp),
		cmocka_unit_test(identities),
		cmocka_unit_test(notifies_and_deletes),
		cmocka_unit_test(secrets_are_told_by_their_length),
		cmocka_unit_test(what_does_not_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
