/* SPDX-License-Identifier: Apache-2.0 */
/* What asks for direct paths and what is answered, typed line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"

static void settings_have_defaults_that_are_not_printed(void **state)
{
	struct desk d;
	const struct snap_nhrp *n = desk_open_nhrp(&d);

	(void)state;
	desk_type(&d, "no ip nhrp cache non-authoritative");
	desk_type(&d, "ip nhrp responder lo1");
	desk_type(&d, "ip nhrp use 5");
	desk_type(&d, "ip nhrp path preference 7");
	desk_type(&d, "ip nhrp send-routed");
	desk_type(&d, "no nhrp route-watch");
	assert_true(n->cache_authoritative && n->send_routed && n->no_route_watch);
	assert_int_equal(n->use_packets, 5);
	assert_int_equal(n->path_preference, 7);
	assert_string_equal(desk_print(&d), "interface Tunnel0\n"
	                                    " no ip address\n"
	                                    " no ip nhrp cache non-authoritative\n"
	                                    " ip nhrp responder Loopback1\n"
	                                    " ip nhrp use 5\n"
	                                    " ip nhrp path preference 7\n"
	                                    " ip nhrp send-routed\n"
	                                    " no nhrp route-watch\n");
	assert_true(desk_is_stable(&d));
	desk_type(&d, "ip nhrp cache non-authoritative");
	desk_type(&d, "no ip nhrp responder");
	desk_type(&d, "ip nhrp use 1");
	desk_type(&d, "no ip nhrp path preference");
	desk_type(&d, "no ip nhrp send-routed");
	desk_type(&d, "nhrp route-watch");
	assert_string_equal(desk_print(&d), "interface Tunnel0\n no ip address\n");
	desk_close(&d);
}

/* A number, or one that adapts itself, which is not in force: the later line counts. */
static void preference(void **state)
{
	static const char kept[] = " ip nhrp path preference 9 adaptive\n";
	struct desk d;
	const struct snap_nhrp *n = desk_open_nhrp(&d);

	(void)state;
	desk_type(&d, "ip nhrp path preference 7");
	desk_type_warned(&d, "ip nhrp path preference 9 adaptive", "known, not yet in force");
	assert_int_equal(n->path_preference, 0);
	assert_non_null(strstr(desk_print(&d), kept));
	assert_true(desk_is_stable(&d));
	desk_type(&d, "ip nhrp path preference 8");
	assert_int_equal(n->path_preference, 8);
	assert_null(strstr(desk_print(&d), kept));
	desk_type_warned(&d, "ip nhrp path preference 9 adaptive", "known, not yet in force");
	desk_type(&d, "no ip nhrp path preference");
	assert_string_equal(desk_print(&d), "interface Tunnel0\n no ip address\n");
	desk_close(&d);
}

/* No traffic, or that of an access list, which is not in force: one of them. */
static void interest(void **state)
{
	struct desk d;
	const struct snap_nhrp *n = desk_open_nhrp(&d);

	(void)state;
	desk_type(&d, "ip nhrp interest none");
	assert_true(n->interest_none);
	assert_string_equal(desk_print(&d),
	                    "interface Tunnel0\n no ip address\n ip nhrp interest none\n");
	desk_type_warned(&d, "ip nhrp interest 101", "known, not yet in force");
	assert_false(n->interest_none);
	assert_string_equal(desk_print(&d),
	                    "interface Tunnel0\n no ip address\n ip nhrp interest 101\n");
	desk_type(&d, "ip nhrp interest none");
	assert_string_equal(desk_print(&d),
	                    "interface Tunnel0\n no ip address\n ip nhrp interest none\n");
	desk_type(&d, "no ip nhrp interest");
	assert_false(n->interest_none);
	desk_type_warned(&d, "ip nhrp interest LIST", "known, not yet in force");
	desk_type(&d, "no ip nhrp interest");
	assert_string_equal(desk_print(&d), "interface Tunnel0\n no ip address\n");
	desk_close(&d);
}

static void summaries(void **state)
{
	struct desk d;
	const struct snap_nhrp *n = desk_open_nhrp(&d);

	(void)state;
	desk_type(&d, "ip nhrp summary-map 192.168.0.0 255.255.0.0 192.0.2.1");
	desk_type(&d, "ip nhrp summary-map 10.0.0.0/8 192.0.2.1");
	desk_type(&d, "ip nhrp summary-map 10.0.0.0/8 192.0.2.2");
	assert_int_equal(n->n_summary, 2);
	desk_type_refused(&d, "ip nhrp summary-map 10.0.0.1/8 192.0.2.1",
	                  "inconsistent address and mask");
	desk_type_refused(&d, "ip nhrp summary-map 10.0.0.0/8 224.0.0.1",
	                  "not the NBMA address of one router");
	desk_type_warned(&d, "ip nhrp summary-map 11.0.0.0/8 resolve", "known, not yet in force");
	desk_type_warned(&d, "ip nhrp summary-map 12.0.0.0/8 192.0.2.1 preference 5 match group G",
	                 "known, not yet in force");
	assert_string_equal(
		desk_print(&d),
		"interface Tunnel0\n"
		" no ip address\n"
		" ip nhrp summary-map 192.168.0.0/16 192.0.2.1\n"
		" ip nhrp summary-map 10.0.0.0/8 192.0.2.2\n"
		" ip nhrp summary-map 11.0.0.0/8 resolve\n"
		" ip nhrp summary-map 12.0.0.0/8 192.0.2.1 preference 5 match group G\n");
	assert_true(desk_is_stable(&d));
	desk_type_refused(&d, "no ip nhrp summary-map 10.0.0.0/8 192.0.2.1",
	                  "there is no such mapping");
	desk_type(&d, "no ip nhrp summary-map 10.0.0.0/8");
	desk_type(&d, "no ip nhrp summary-map 192.168.0.0/16 192.0.2.1");
	assert_int_equal(n->n_summary, 0);
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_have_defaults_that_are_not_printed),
		cmocka_unit_test(preference),
		cmocka_unit_test(interest),
		cmocka_unit_test(summaries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
