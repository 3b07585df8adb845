/* SPDX-License-Identifier: Apache-2.0 */
/* Trustpoints, typed line by line and loaded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"

#define KNOWN "known, not yet in force"

static const struct snap_trustpoint *trustpoint(const struct desk *d)
{
	assert_int_equal(d->s->crypto.n_trustpoints, 1);
	return d->s->crypto.trustpoint;
}

static void a_trustpoint_in_a_file(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto pki trustpoint CA");
	desk_type(&d, "enrollment file /etc/dmvpnd/r1.pem");
	desk_type(&d, "crl file /etc/dmvpnd/ca.crl");
	desk_type(&d, "revocation-check crl");
	assert_string_equal(trustpoint(&d)->file, "/etc/dmvpnd/r1.pem");
	assert_string_equal(trustpoint(&d)->crl_file, "/etc/dmvpnd/ca.crl");
	assert_int_equal(trustpoint(&d)->revocation, SNAP_REVOCATION_CRL);
	assert_string_equal(desk_print(&d), "crypto pki trustpoint CA\n"
	                                    " enrollment file /etc/dmvpnd/r1.pem\n"
	                                    " crl file /etc/dmvpnd/ca.crl\n");
	assert_true(desk_is_stable(&d));
	desk_type(&d, "revocation-check crl none");
	assert_int_equal(trustpoint(&d)->revocation, SNAP_REVOCATION_CRL_NONE);
	assert_true(desk_is_stable(&d));
	desk_type(&d, "no crl file");
	desk_type(&d, "no enrollment file");
	assert_string_equal(desk_print(&d),
	                    "crypto pki trustpoint CA\n revocation-check crl none\n");
	desk_type(&d, "no revocation-check");
	desk_type_refused(&d, "enrollment file r1.pem", "the path must begin with /");
	desk_type_refused(&d, "crl file r1.pem", "the path must begin with /");
	desk_type(&d, "no crypto pki trustpoint CA");
	assert_int_equal(d.s->crypto.n_trustpoints, 0);
	desk_type_refused(&d, "no crypto pki trustpoint CA", "there is no such trustpoint");
	desk_close(&d);
}

/* As IOS prints one. */
static void a_trustpoint_of_ios(void **state)
{
	static const char text[] = "crypto pki trustpoint VPN\n"
				   " enrollment terminal pem\n"
				   " fqdn r1.example.com\n"
				   " subject-name CN=R1, O=Example\n"
				   " revocation-check none\n"
				   " rsakeypair R1.example 2048 1024\n"
				   " auto-enroll 70 regenerate\n";
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_load(&d, text);
	assert_string_equal(d.text.text, "3: warning: " KNOWN "\n"
	                                 "4: warning: " KNOWN "\n"
	                                 "7: warning: " KNOWN "\n");
	assert_string_equal(desk_print(&d), text);
	assert_true(desk_is_stable(&d));
	assert_true(trustpoint(&d)->terminal && trustpoint(&d)->pem);
	assert_int_equal(trustpoint(&d)->revocation, SNAP_REVOCATION_NONE);
	assert_string_equal(trustpoint(&d)->key_label, "R1.example");
	desk_type(&d, "crypto pki trustpoint VPN");
	desk_type(&d, "rsakeypair R1");
	desk_type(&d, "no subject-name");
	desk_type(&d, "no fqdn");
	desk_type(&d, "no auto-enroll");
	desk_type(&d, "enrollment terminal");
	assert_string_equal(desk_print(&d), "crypto pki trustpoint VPN\n"
	                                    " enrollment terminal\n"
	                                    " revocation-check none\n"
	                                    " rsakeypair R1\n");
	desk_type(&d, "no rsakeypair");
	desk_type(&d, "no enrollment terminal");
	desk_type_refused(&d, "rsakeypair ../R1", "the label names a file and cannot hold a /");
	desk_close(&d);
}

static void one_enrollment_replaces_another(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto ca trustpoint CA");
	desk_type_warned(&d, "enrollment url http://192.0.2.1:80", KNOWN);
	desk_type(&d, "enrollment file /r1.pem");
	assert_string_equal(desk_print(&d), "crypto pki trustpoint CA\n enrollment file /r1.pem\n");
	desk_type(&d, "enrollment terminal pem");
	assert_string_equal(desk_print(&d), "crypto pki trustpoint CA\n enrollment terminal pem\n");
	desk_type_warned(&d, "enrollment selfsigned", KNOWN);
	assert_string_equal(desk_print(&d), "crypto pki trustpoint CA\n enrollment selfsigned\n");
	desk_type_warned(&d, "enrollment mode ra", KNOWN);
	desk_type(&d, "no enrollment selfsigned");
	assert_string_equal(desk_print(&d), "crypto pki trustpoint CA\n enrollment mode ra\n");
	desk_close(&d);
}

/* What we cannot ask is no reason to accept what may be revoked. */
static void other_ways_to_know_fall_back_to_lists(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto pki trustpoint CA");
	desk_type(&d, "revocation-check none");
	desk_type_warned(&d, "revocation-check ocsp none", KNOWN);
	assert_int_equal(trustpoint(&d)->revocation, SNAP_REVOCATION_CRL);
	assert_string_equal(desk_print(&d),
	                    "crypto pki trustpoint CA\n revocation-check ocsp none\n");
	assert_true(desk_is_stable(&d));
	desk_type(&d, "revocation-check none");
	assert_string_equal(desk_print(&d), "crypto pki trustpoint CA\n revocation-check none\n");
	desk_close(&d);
}

static void a_chain_is_kept_word_for_word(void **state)
{
	static const char text[] = "crypto pki certificate chain CA\n"
				   " certificate 02\n"
				   "  30820321 30820209 A0030201 02020101\n"
				   "   quit\n"
				   " certificate ca 01\n"
				   "  3082\n"
				   "  quit\n"
				   "crypto pki trustpoint CA\n"
				   " enrollment terminal pem\n";
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_load(&d, text);
	assert_string_equal(d.text.text, "");
	assert_string_equal(desk_print(&d), text);
	assert_true(desk_is_stable(&d));
	desk_type(&d, "no crypto pki trustpoint CA");
	assert_string_equal(desk_print(&d), "");
	desk_load(&d, "crypto pki certificate chain CA\n"
	              " certificate 02\n"
	              "  3082032\n"
	              "  quit\n"
	              "ip routing\n");
	assert_string_equal(d.text.text, "1: warning: certificate 02: half a byte at its end\n");
	assert_true(desk_is_stable(&d));
	desk_close(&d);
}

static void a_chain_is_typed(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "cry pki cert chain CA");
	desk_type(&d, "certificate ca 01");
	desk_type(&d, "30820321");
	desk_type(&d, "quit");
	desk_type(&d, "certificate 02");
	desk_type(&d, "3082032");
	desk_type_warned(&d, "quit", "certificate 02: half a byte at its end");
	desk_type(&d, "exit");
	assert_string_equal(desk_print(&d), "crypto pki certificate chain CA\n"
	                                    " certificate ca 01\n"
	                                    " 30820321\n"
	                                    " quit\n"
	                                    " certificate 02\n"
	                                    " 3082032\n"
	                                    " quit\n");
	desk_type(&d, "no crypto pki certificate chain CA");
	assert_string_equal(desk_print(&d), "");
	desk_close(&d);
}

static void a_profile_names_its_trustpoint(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_load(&d, "crypto isakmp profile P\n"
	              " ca trust-point CA\n"
	              " match identity address 0.0.0.0\n");
	assert_string_equal(d.text.text,
	                    "2: warning: there is no crypto pki trustpoint CA: nobody has "
	                    "certificates of it\n");
	assert_string_equal(d.s->crypto.isakmp_profile->trustpoint, "CA");
	assert_true(desk_is_stable(&d));
	desk_type(&d, "crypto isakmp profile P");
	desk_type_warned(&d, "ca trust-point CB",
	                 "one trustpoint is in force: this one, instead of CA");
	desk_type(&d, "no ca trust-point");
	assert_string_equal(d.s->crypto.isakmp_profile->trustpoint, "");
	desk_close(&d);
}

static void there_is_a_limit(void **state)
{
	struct desk d;
	char line[64];

	(void)state;
	desk_open(&d);
	for (int i = 0; i < SNAP_TRUSTPOINTS_MAX; i++) {
		snprintf(line, sizeof line, "crypto pki trustpoint T%d", i);
		desk_type(&d, line);
	}
	desk_type_refused(&d, "crypto pki trustpoint ONEMORE", "more than 32 trustpoints");
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trustpoint_in_a_file),
		cmocka_unit_test(a_trustpoint_of_ios),
		cmocka_unit_test(one_enrollment_replaces_another),
		cmocka_unit_test(other_ways_to_know_fall_back_to_lists),
		cmocka_unit_test(a_chain_is_kept_word_for_word),
		cmocka_unit_test(a_chain_is_typed),
		cmocka_unit_test(a_profile_names_its_trustpoint),
		cmocka_unit_test(there_is_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
