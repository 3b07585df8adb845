/* SPDX-License-Identifier: Apache-2.0 */
/* ISAKMP profiles, typed line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"

static void a_profile_says_who_is_meant(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto isakmp profile P");
	desk_type(&d, "keyring K");
	desk_type(&d, "match identity address 0.0.0.0");
	desk_type(&d, "match identity address 192.0.2.1 255.255.255.255");
	desk_type(&d, "match identity address 192.0.2.1");
	desk_type(&d, "match identity address 198.51.100.0 255.255.255.0");
	desk_type(&d, "keepalive 30 retry 5");
	desk_type_warned(&d, "match identity address 203.0.113.1 255.255.255.255 RED",
	                 "known, not yet in force");
	assert_int_equal(d.s->crypto.isakmp_profile->n_match, 3);
	assert_string_equal(desk_print(&d),
	                    "crypto isakmp profile P\n"
	                    " keyring K\n"
	                    " match identity address 0.0.0.0\n"
	                    " match identity address 192.0.2.1\n"
	                    " match identity address 198.51.100.0 255.255.255.0\n"
	                    " match identity address 203.0.113.1 255.255.255.255 RED\n"
	                    " keepalive 30 retry 5\n");
	assert_true(desk_is_stable(&d));
	desk_type_warned(&d, "keyring L", "one keyring is in force: this one, instead of K");
	desk_type(&d, "no match identity address 192.0.2.1");
	desk_type_refused(&d, "no match identity address 192.0.2.1", "there is no such line");
	desk_type(&d, "no match identity address 198.51.100.0 255.255.255.0");
	desk_type(&d, "no match identity address 203.0.113.1 255.255.255.255 RED");
	desk_type(&d, "no keepalive");
	assert_string_equal(desk_print(&d), "crypto isakmp profile P\n"
	                                    " keyring L\n"
	                                    " match identity address 0.0.0.0\n");
	desk_type(&d, "no keyring");
	desk_type(&d, "no crypto isakmp profile P");
	desk_type_refused(&d, "no crypto isakmp profile P", "there is no such profile");
	assert_int_equal(d.s->crypto.n_isakmp_profiles, 0);
	desk_close(&d);
}

static void peers_by_name(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto isakmp profile P");
	desk_type(&d, "match identity host R1.example.com");
	desk_type(&d, "match identity host domain example.net");
	desk_type(&d, "match identity host r1.EXAMPLE.com");
	desk_type_refused(&d, "match identity host 192.0.2.1", "that is no host name");
	assert_int_equal(d.s->crypto.isakmp_profile->n_hosts, 2);
	assert_string_equal(desk_print(&d), "crypto isakmp profile P\n"
	                                    " match identity host R1.example.com\n"
	                                    " match identity host domain example.net\n");
	assert_true(desk_is_stable(&d));
	desk_type(&d, "no match identity host R1.example.com");
	desk_type_refused(&d, "no match identity host example.net", "there is no such line");
	assert_int_equal(d.s->crypto.isakmp_profile->n_hosts, 1);
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_says_who_is_meant),
		cmocka_unit_test(peers_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
