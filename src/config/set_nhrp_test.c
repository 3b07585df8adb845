/* SPDX-License-Identifier: Apache-2.0 */
/* NHRP of a tunnel, typed line by line. */
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
	desk_type(&d, "ip nhrp network-id 4294967295");
	desk_type(&d, "ip nhrp authentication cisco123");
	desk_type(&d, "ip nhrp hold-time 600");
	assert_int_equal(n->holdtime_s, 600);
	desk_type(&d, "ip nhrp hold 300");
	assert_int_equal(n->holdtime_s, 300);
	desk_type(&d, "ip nhrp registration timeout 60");
	desk_type(&d, "ip nhrp registration no-unique");
	desk_type(&d, "ip nhrp max-send 100 every 20");
	desk_type(&d, "ip nhrp server-only non-caching");
	desk_type(&d, "no ip nhrp record");
	desk_type(&d, "ip nhrp map multicast dynamic");
	assert_string_equal(desk_print(&d), "interface Tunnel0\n"
	                                    " no ip address\n"
	                                    " ip nhrp authentication cisco123\n"
	                                    " ip nhrp map multicast dynamic\n"
	                                    " ip nhrp network-id 4294967295\n"
	                                    " ip nhrp holdtime 300\n"
	                                    " ip nhrp registration timeout 60\n"
	                                    " ip nhrp registration no-unique\n"
	                                    " ip nhrp server-only non-caching\n"
	                                    " no ip nhrp record\n"
	                                    " ip nhrp max-send 100 every 20\n");
	assert_true(desk_is_stable(&d));
	desk_type(&d, "no ip nhrp network-id");
	desk_type(&d, "no ip nhrp authentication cisco123");
	desk_type(&d, "ip nhrp holdtime 7200");
	desk_type(&d, "no ip nhrp registration timeout");
	desk_type(&d, "no ip nhrp registration no-unique");
	desk_type(&d, "ip nhrp max-send 10000 every 10");
	desk_type(&d, "ip nhrp keepalive 0");
	assert_true(snap_nhrp_keepalive_s(n) == 0 && snap_nhrp_keepalive_tries(n) == 3);
	desk_type(&d, "ip nhrp keepalive 1 2");
	assert_true(snap_nhrp_keepalive_s(n) == 1 && snap_nhrp_keepalive_tries(n) == 2);
	desk_type(&d, "ip nhrp keepalive 10");
	assert_true(!n->has_keepalive && snap_nhrp_keepalive_s(n) == 10);
	desk_type(&d, "ip nhrp keepalive 5");
	desk_type(&d, "no ip nhrp keepalive");
	assert_true(snap_nhrp_keepalive_s(n) == 10 && snap_nhrp_keepalive_tries(n) == 3);
	desk_type(&d, "no ip nhrp server-only non-caching");
	assert_true(n->server_only && !n->server_only_non_caching);
	desk_type(&d, "no ip nhrp server-only");
	desk_type(&d, "ip nhrp record");
	desk_type(&d, "no ip nhrp map multicast dynamic");
	assert_string_equal(desk_print(&d), "interface Tunnel0\n no ip address\n");
	desk_close(&d);
}

static void an_authentication_string_has_eight_characters(void **state)
{
	struct desk d;
	const struct snap_nhrp *n = desk_open_nhrp(&d);
	struct strbuf hidden;

	(void)state;
	desk_type_refused(&d, "ip nhrp authentication 123456789",
	                  "the authentication string has at most 8 characters");
	desk_type(&d, "ip nhrp authentication cisco!23");
	desk_type(&d, "ip nhrp auth 12345678 ! of the cloud");
	assert_string_equal(n->authentication, "12345678");
	strbuf_init(&hidden);
	config_print(d.s, true, &hidden);
	assert_non_null(strstr(hidden.text, " ip nhrp authentication <hidden>\n"));
	assert_null(strstr(hidden.text, "12345678"));
	strbuf_fini(&hidden);
	desk_close(&d);
}

static void mappings_are_hosts_and_prefixes(void **state)
{
	struct desk d;
	const struct snap_nhrp *n = desk_open_nhrp(&d);

	(void)state;
	desk_type(&d, "ip nhrp map 10.0.0.1 192.0.2.1");
	desk_type(&d, "ip nhrp map 10.1.0.0 255.255.0.0 192.0.2.2");
	desk_type(&d, "ip nhrp map 10.0.0.1 192.0.2.9");
	desk_type(&d, "ip nhrp map multicast 192.0.2.1");
	desk_type(&d, "ip nhrp map multicast 192.0.2.1");
	assert_int_equal(n->n_map, 2);
	assert_int_equal(n->n_multicast, 1);
	assert_int_equal(n->map[1].target.len, 16);
	desk_type_warned(&d, "ip nhrp map 10.0.0.3 2001:db8::1",
	                 "IPv6 transport is not yet in force");
	desk_type(&d, "ip nhrp map 10.0.0.4 192.0.2.4 preference 200");
	assert_string_equal(desk_print(&d), "interface Tunnel0\n"
	                                    " no ip address\n"
	                                    " ip nhrp map 10.0.0.1 192.0.2.9\n"
	                                    " ip nhrp map 10.1.0.0 255.255.0.0 192.0.2.2\n"
	                                    " ip nhrp map 10.0.0.3 2001:db8::1\n"
	                                    " ip nhrp map 10.0.0.4 192.0.2.4 preference 200\n"
	                                    " ip nhrp map multicast 192.0.2.1\n");
	assert_true(desk_is_stable(&d));

	desk_type_refused(&d, "ip nhrp map 10.1.0.1 255.255.0.0 192.0.2.2",
	                  "inconsistent address and mask");
	desk_type_refused(&d, "ip nhrp map 10.1.0.1 0.0.0.0", "not the NBMA address of one router");
	desk_type_refused(&d, "no ip nhrp map 10.0.0.1 192.0.2.1", "there is no such mapping");
	desk_type(&d, "no ip nhrp map 10.0.0.1 192.0.2.9");
	desk_type(&d, "no ip nhrp map 10.1.0.0 255.255.0.0");
	desk_type(&d, "no ip nhrp map multicast 192.0.2.1");
	desk_type_refused(&d, "no ip nhrp map multicast 192.0.2.1", "there is no such mapping");
	assert_int_equal(n->n_map, 2);
	desk_close(&d);
}

static void direct_paths_are_told_and_used(void **state)
{
	struct desk d;
	const struct snap_nhrp *n = desk_open_nhrp(&d);

	(void)state;
	desk_type(&d, "ip nhrp shortcut");
	desk_type(&d, "ip nhrp redirect");
	assert_true(n->shortcut && n->redirect);
	assert_int_equal(snap_nhrp_redirect_s(n), SNAP_REDIRECT_S);
	desk_type(&d, "ip nhrp redirect timeout 8");
	assert_string_equal(desk_print(&d), "interface Tunnel0\n"
	                                    " no ip address\n"
	                                    " ip nhrp shortcut\n"
	                                    " ip nhrp redirect\n");
	desk_type(&d, "ip nhrp redirect timeout 30");
	assert_int_equal(snap_nhrp_redirect_s(n), 30);
	assert_true(desk_is_stable(&d));
	desk_type(&d, "no ip nhrp redirect");
	desk_type(&d, "no ip nhrp shortcut");
	assert_string_equal(desk_print(&d), "interface Tunnel0\n no ip address\n");
	desk_close(&d);
}

static void multicast_goes_in_batches(void **state)
{
	struct desk d;
	const struct snap_nhrp *n = desk_open_nhrp(&d);

	(void)state;
	desk_type(&d, "ip nhrp multicast batch-size 250");
	assert_int_equal(n->multicast_batch, 250);
	assert_int_equal(n->multicast_interval_ms, SNAP_MULTICAST_INTERVAL_MS);
	assert_string_equal(desk_print(&d), "interface Tunnel0\n"
	                                    " no ip address\n"
	                                    " ip nhrp multicast batch-size 250\n");
	desk_type(&d, "ip nhrp multicast batch-size 250 batch-interval 20");
	assert_int_equal(n->multicast_interval_ms, 20);
	assert_string_equal(desk_print(&d),
	                    "interface Tunnel0\n"
	                    " no ip address\n"
	                    " ip nhrp multicast batch-size 250 batch-interval 20\n");
	assert_true(desk_is_stable(&d));
	desk_type(&d, "no ip nhrp multicast batch-size");
	assert_int_equal(n->multicast_batch, 0);
	/* How many that is at IOS no source says. */
	desk_type_warned(&d, "ip nhrp multicast batch-size", "known, not yet in force");
	assert_int_equal(n->multicast_batch, 0);
	assert_string_equal(desk_print(&d), "interface Tunnel0\n"
	                                    " no ip address\n"
	                                    " ip nhrp multicast batch-size\n");
	assert_true(desk_is_stable(&d));
	desk_type(&d, "no ip nhrp multicast batch-size");
	assert_string_equal(desk_print(&d), "interface Tunnel0\n no ip address\n");
	desk_close(&d);
}

static void servers_come_in_every_form(void **state)
{
	struct desk d;
	const struct snap_nhrp *n = desk_open_nhrp(&d);

	(void)state;
	desk_type(&d, "ip nhrp nhs 10.0.0.1");
	desk_type(&d, "ip nhrp nhs 10.0.0.2 nbma 192.0.2.2 multicast");
	desk_type(&d, "ip nhrp nhs 10.0.0.3 nbma hub.example.net multicast priority 7");
	desk_type(&d, "ip nhrp nhs dynamic nbma 192.0.2.4 multicast");
	desk_type(&d, "ip nhrp nhs dynamic nbma hub.example.net priority 255");
	desk_type(&d, "ip nhrp nhs 10.0.0.1 priority 1");
	assert_int_equal(n->n_nhs, 5);
	assert_int_equal(n->nhs[0].priority, 1);
	desk_type(&d, "ip nhrp nhs 10.0.0.4 nbma 192.0.2.4 multicast priority 10 cluster 1");
	assert_int_equal(n->nhs[5].cluster, 1);
	desk_type_warned(&d, "ip nhrp nhs 10.0.0.5 nbma 2001:db8::1 multicast",
	                 "IPv6 transport is not yet in force");
	assert_string_equal(desk_print(&d),
	                    "interface Tunnel0\n"
	                    " no ip address\n"
	                    " ip nhrp nhs 10.0.0.1 priority 1\n"
	                    " ip nhrp nhs 10.0.0.2 nbma 192.0.2.2 multicast\n"
	                    " ip nhrp nhs 10.0.0.3 nbma hub.example.net multicast priority 7\n"
	                    " ip nhrp nhs dynamic nbma 192.0.2.4 multicast\n"
	                    " ip nhrp nhs dynamic nbma hub.example.net priority 255\n"
	                    " ip nhrp nhs 10.0.0.4 nbma 192.0.2.4 multicast priority 10 cluster 1\n"
	                    " ip nhrp nhs 10.0.0.5 nbma 2001:db8::1 multicast\n");
	assert_true(desk_is_stable(&d));

	desk_type_refused(&d, "ip nhrp nhs 10.0.0.6 nbma 192.0.2.256",
	                  "neither an address nor a name");
	desk_type_refused(&d, "ip nhrp nhs 10.0.0.6 priority 256",
	                  "invalid input, expected <0-255>");
	desk_type_refused(&d, "ip nhrp nhs dynamic", "incomplete command, expected nbma");
	desk_type_refused(&d, "no ip nhrp nhs 10.0.0.9", "there is no such next hop server");
	desk_type(&d, "no ip nhrp nhs 10.0.0.2");
	desk_type(&d, "no ip nhrp nhs 10.0.0.3 nbma hub.example.net");
	desk_type(&d, "no ip nhrp nhs 10.0.0.4 nbma 192.0.2.4 multicast priority 10 cluster 1");
	desk_type(&d, "no ip nhrp nhs dynamic nbma 192.0.2.4");
	assert_int_equal(n->n_nhs, 3);
	desk_close(&d);
}

static void clusters_have_limits(void **state)
{
	struct desk d;
	const struct snap_nhrp *n = desk_open_nhrp(&d);

	(void)state;
	assert_false(n->cluster[0].limited);
	desk_type(&d, "ip nhrp nhs cluster 10 max-connections 255");
	desk_type(&d, "ip nhrp nhs cluster 0 max-connections 2");
	desk_type(&d, "ip nhrp nhs cluster 0 max-connections 0");
	desk_type(&d, "ip nhrp nhs fallback 0");
	assert_true(n->cluster[0].limited);
	assert_int_equal(n->cluster[0].max_connections, 0);
	assert_int_equal(n->cluster[10].max_connections, 255);
	assert_string_equal(desk_print(&d), "interface Tunnel0\n"
	                                    " no ip address\n"
	                                    " ip nhrp nhs cluster 0 max-connections 0\n"
	                                    " ip nhrp nhs cluster 10 max-connections 255\n"
	                                    " ip nhrp nhs fallback 0\n");
	assert_true(desk_is_stable(&d));
	desk_type(&d, "ip nhrp nhs fallback 60");
	assert_int_equal(n->nhs_fallback_s, 60);

	desk_type_refused(&d, "ip nhrp nhs cluster 11 max-connections 1",
	                  "invalid input, expected <0-10>");
	desk_type_refused(&d, "ip nhrp nhs cluster 1 max-connections 256",
	                  "invalid input, expected <0-255>");
	desk_type_refused(&d, "no ip nhrp nhs cluster 1", "this cluster has no limit");
	desk_type(&d, "no ip nhrp nhs cluster 0");
	desk_type(&d, "no ip nhrp nhs cluster 10 max-connections 3");
	desk_type(&d, "no ip nhrp nhs fallback");
	assert_string_equal(desk_print(&d), "interface Tunnel0\n no ip address\n");
	desk_close(&d);
}

static void lists_have_limits(void **state)
{
	struct desk d;
	const struct snap_nhrp *n = desk_open_nhrp(&d);
	char line[64];

	(void)state;
	for (int i = 1; i <= SNAP_NHS_MAX; i++) {
		snprintf(line, sizeof line, "ip nhrp nhs 10.0.1.%d", i);
		desk_type(&d, line);
	}
	desk_type_refused(&d, "ip nhrp nhs 10.0.2.1", "more than 64 next hop servers");
	desk_type(&d, "ip nhrp nhs 10.0.1.1 priority 3");
	assert_int_equal(n->n_nhs, SNAP_NHS_MAX);
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_have_defaults_that_are_not_printed),
		cmocka_unit_test(an_authentication_string_has_eight_characters),
		cmocka_unit_test(mappings_are_hosts_and_prefixes),
		cmocka_unit_test(direct_paths_are_told_and_used),
		cmocka_unit_test(multicast_goes_in_batches),
		cmocka_unit_test(servers_come_in_every_form),
		cmocka_unit_test(clusters_have_limits),
		cmocka_unit_test(lists_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
