/* SPDX-License-Identifier: Apache-2.0 */
#include "config/chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char BLOCK[] = "crypto pki certificate chain CA\n"
			    " certificate 02\n"
			    "  30820321 3082 0209 \n"
			    "  a0\n"
			    "  \tquit\n"
			    " certificate self-signed 01 nvram:IOS-Self-Sig#1.cer\n"
			    " certificate ca 01\n"
			    "  FF00\n"
			    "  quit";

static void certificates_of_a_trustpoint(void **state)
{
	static const uint8_t own[] = { 0x30, 0x82, 0x03, 0x21, 0x30, 0x82, 0x02, 0x09, 0xa0 };
	struct snapshot *s = snapshot_new();
	struct config_certificate cert;
	const char *cursor = NULL;

	(void)state;
	snap_lines_add(&s->foreign,
	               "crypto pki certificate chain CAB\n certificate 01\n  11\n  quit");
	snap_lines_add(&s->foreign, BLOCK);
	assert_true(config_chain_next(s, "CA", &cursor, &cert));
	assert_int_equal(cert.len, sizeof own);
	assert_memory_equal(cert.der, own, sizeof own);
	assert_true(config_chain_next(s, "CA", &cursor, &cert));
	assert_memory_equal(cert.der, "\xff", 2);
	assert_false(config_chain_next(s, "CA", &cursor, &cert));
	assert_false(config_chain_next(s, "CA", &cursor, &cert));
	cursor = NULL;
	assert_false(config_chain_next(s, "C", &cursor, &cert));
	snapshot_free(s);
}

static void heads(void **state)
{
	(void)state;
	assert_true(config_chain_is_head("crypto pki certificate chain CA"));
	assert_false(config_chain_is_head("crypto pki certificate map CA 10"));
	assert_false(config_chain_is_head("crypto pki trustpoint CA"));
}

static void expect_wrong(const char *lines, const char *what)
{
	char block[4 * CONFIG_CERTIFICATE_MAX], text[CONFIG_CHAIN_TEXT_SIZE];
	struct snapshot *s = snapshot_new();
	struct config_certificate cert;
	const char *cursor = NULL;

	snprintf(block, sizeof block, "crypto pki certificate chain CA\n%s", lines);
	assert_int_equal(config_chain_is_wrong(block, text), what != NULL);
	if (what)
		assert_string_equal(text, what);
	snap_lines_add(&s->foreign, block);
	assert_int_equal(config_chain_next(s, "CA", &cursor, &cert), !what);
	snapshot_free(s);
}

static void mistakes_are_named(void **state)
{
	char longer[3 * CONFIG_CERTIFICATE_MAX];

	(void)state;
	expect_wrong(" certificate 01\n  30 31\n  quit", NULL);
	expect_wrong(" certificate 01\n  30 3\n  quit", "certificate 01: half a byte at its end");
	expect_wrong(" certificate 01\n  30 3g\n  quit", "certificate 01: not hexadecimal");
	expect_wrong(" certificate ca 01\n  quit", "certificate ca 01: empty");
	expect_wrong(" certificate 01\n  30 31", "certificate 01: it does not end with quit");
	for (int more = 0; more <= 1; more++) {
		snprintf(longer, sizeof longer, " certificate 01\n  %0*d\n  quit",
		         2 * CONFIG_CERTIFICATE_MAX + more, 0);
		expect_wrong(longer, more ? "certificate 01: too long" : NULL);
	}
}

/* A wrong one does not take the right ones behind it away. */
static void the_rest_is_read(void **state)
{
	struct snapshot *s = snapshot_new();
	struct config_certificate cert;
	const char *cursor = NULL;

	(void)state;
	snap_lines_add(&s->foreign,
	               "crypto pki certificate chain CA\n certificate 01\n  xy\n  quit\n"
	               " certificate 02\n  77\n  quit");
	assert_true(config_chain_next(s, "CA", &cursor, &cert));
	assert_memory_equal(cert.der, "w", 1);
	snapshot_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_of_a_trustpoint),
		cmocka_unit_test(heads),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(the_rest_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
