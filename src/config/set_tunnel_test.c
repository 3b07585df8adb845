/* SPDX-License-Identifier: Apache-2.0 */
/* Source, destination and mode of a tunnel, typed line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"

static void a_spoke_turns_multipoint_in_the_order_of_ios(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface Tunnel0");
	desk_type(&d, "tunnel source FastEthernet0/0");
	desk_type(&d, "tunnel destination 1.1.1.2");
	desk_type(&d, "tunnel key 1");
	const struct snap_tunnel *t = desk_interface(&d, "Tunnel0")->tunnel;
	assert_true(snap_tunnel_is_complete(d.s, t));
	desk_type_refused(&d, "tunnel mode gre multipoint",
	                  "Tunnel set mode failed. p2mp tunnels cannot have a tunnel destination.");
	desk_type(&d, "no tunnel destination");
	assert_false(snap_tunnel_is_complete(d.s, t));
	assert_int_equal(t->mode, SNAP_MODE_GRE_P2P);
	desk_type(&d, "tunnel mode gre multipoint");
	assert_true(snap_tunnel_is_complete(d.s, t));
	desk_type_refused(&d, "tunnel destination 1.1.1.2",
	                  "p2mp tunnels cannot have a tunnel destination");
	assert_string_equal(desk_print(&d), "interface Tunnel0\n"
	                                    " no ip address\n"
	                                    " tunnel source FastEthernet0/0\n"
	                                    " tunnel mode gre multipoint\n"
	                                    " tunnel key 1\n");
	desk_type(&d, "no tunnel mode");
	desk_type(&d, "tunnel mode gre ip");
	assert_int_equal(t->mode, SNAP_MODE_GRE_P2P);
	desk_close(&d);
}

static void a_source_is_an_interface_or_an_address(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface Tunnel0");
	const struct snap_tunnel *t = desk_interface(&d, "Tunnel0")->tunnel;
	desk_type(&d, "tunnel source lo0");
	assert_string_equal(t->source_interface, "Loopback0");
	desk_type(&d, "tunnel source 192.0.2.1");
	assert_string_equal(t->source_interface, "");
	assert_int_equal(t->source_address.family, ADDR_V4);
	desk_type_warned(&d, "tunnel source 2001:db8::1", "IPv6 transport is not yet in force");
	desk_type(&d, "tunnel source fastEthernet 0/0");
	assert_string_equal(t->source_interface, "FastEthernet0/0");
	assert_true(addr_is_none(&t->source_address));
	desk_type_refused(&d, "tunnel source Tunnel0", "a tunnel cannot be its own source");
	desk_type_refused(&d, "tunnel source 10.0.0.256", "invalid input");
	desk_type(&d, "no tunnel source");
	assert_string_equal(t->source_interface, "");
	desk_close(&d);
}

static void key_tos_and_ttl_may_be_zero_or_default(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface Tunnel0");
	desk_type(&d, "tunnel key 0");
	desk_type(&d, "tunnel tos 0");
	desk_type(&d, "tunnel ttl 255");
	const struct snap_tunnel *t = desk_interface(&d, "Tunnel0")->tunnel;
	assert_true(t->has_key && t->has_tos);
	assert_int_equal(t->ttl, 0);
	assert_int_equal(snap_tunnel_ttl(t), 255);
	assert_string_equal(desk_print(&d), "interface Tunnel0\n"
	                                    " no ip address\n"
	                                    " tunnel key 0\n"
	                                    " tunnel tos 0\n");
	desk_type(&d, "no tunnel key");
	desk_type(&d, "no tunnel tos 0");
	assert_false(t->has_key || t->has_tos);
	desk_type_refused(&d, "tunnel ttl 0", "invalid input, expected <1-255>");
	desk_type_refused(&d, "tunnel key 4294967296", "invalid input, expected <0-4294967295>");
	desk_close(&d);
}

static void a_mode_that_we_do_not_speak_keeps_the_tunnel_down(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface Tunnel0");
	desk_type(&d, "tunnel source Fa0/0");
	desk_type(&d, "tunnel mode gre multipoint");
	const struct snap_tunnel *t = desk_interface(&d, "Tunnel0")->tunnel;
	desk_type_warned(&d, "tunnel mode gre multipoint ipv6",
	                 "known, not yet in force: the tunnel stays down");
	assert_true(t->other_mode);
	assert_false(snap_tunnel_is_complete(d.s, t));
	desk_type_warned(&d, "tunnel mode ipsec ipv4",
	                 "known, not yet in force: the tunnel stays down");
	assert_int_equal(desk_interface(&d, "Tunnel0")->kept.n, 1);
	assert_true(desk_is_stable(&d));
	desk_type(&d, "tunnel mode gre multipoint");
	assert_false(t->other_mode);
	assert_true(snap_tunnel_is_complete(d.s, t));
	assert_int_equal(desk_interface(&d, "Tunnel0")->kept.n, 0);
	desk_close(&d);
}

#define STAYS_DOWN "the tunnel stays down, for it may not send in clear"

/* Nothing runs until all that protection names is there. */
static void a_protected_tunnel_needs_its_profile(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface Tunnel0");
	desk_type(&d, "tunnel source Fa0/0");
	desk_type(&d, "tunnel destination 192.0.2.1");
	const struct snap_tunnel *t = desk_interface(&d, "Tunnel0")->tunnel;
	desk_type_warned(&d, "tunnel protection ipsec profile A shared",
	                 "there is no crypto ipsec profile A: " STAYS_DOWN);
	assert_true(t->protected);
	assert_false(snap_tunnel_is_complete(d.s, t));
	desk_type(&d, "crypto ipsec transform-set TS esp-gcm");
	desk_type(&d, "crypto ipsec profile A");
	desk_type(&d, "set transform-set TS");
	assert_true(snap_tunnel_is_complete(d.s, t));
	assert_true(t->protection.shared);
	desk_type(&d, "interface Tunnel0");
	desk_type(&d, "tunnel protection ipsec profile A");
	assert_false(t->protection.shared);
	assert_true(desk_is_stable(&d));
	desk_type(&d, "no tunnel protection ipsec profile A");
	assert_false(t->protected);
	assert_true(snap_tunnel_is_complete(d.s, t));
	desk_close(&d);
}

static void forms_of_protection_that_we_lack_keep_the_tunnel_down(void **state)
{
	static const char *const lines[] = {
		"tunnel protection ipsec profile A shared ikev2-profile B",
		"tunnel protection ipsec profile A isakmp-profile B",
		"tunnel protection ipsec policy ipv4 ACL",
		"tunnel protection psk secret",
		"tunnel protection dike profile A local B remote C",
	};
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto ipsec transform-set TS esp-gcm");
	desk_type(&d, "crypto ipsec profile A");
	desk_type(&d, "set transform-set TS");
	desk_type(&d, "interface Tunnel0");
	desk_type(&d, "tunnel source Fa0/0");
	desk_type(&d, "tunnel destination 192.0.2.1");
	const struct snap_tunnel *t = desk_interface(&d, "Tunnel0")->tunnel;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		desk_type(&d, "tunnel protection ipsec profile A");
		desk_type_warned(&d, lines[i], "known, not yet in force: " STAYS_DOWN);
		assert_true(t->protected);
		assert_false(snap_tunnel_is_complete(d.s, t));
		assert_true(desk_is_stable(&d));
		desk_type(&d, "no tunnel protection");
		assert_false(t->protected);
		assert_true(snap_tunnel_is_complete(d.s, t));
	}
	/* What names the profile takes the place of another form, not of a further one. */
	desk_type_warned(&d, lines[0], "known, not yet in force: " STAYS_DOWN);
	desk_type(&d, "tunnel protection ipsec profile A");
	assert_true(snap_tunnel_is_complete(d.s, t));
	desk_type_warned(&d, "tunnel protection ipsec initiate",
	                 "known, not yet in force: " STAYS_DOWN);
	desk_type(&d, "tunnel protection ipsec profile A");
	assert_false(snap_tunnel_is_complete(d.s, t));
	desk_close(&d);
}

static void a_destination_by_name_is_known(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface Tunnel0");
	desk_type(&d, "tunnel destination 192.0.2.1");
	desk_type_warned(&d, "tunnel destination hub.example.net", "known, not yet in force");
	assert_true(addr_is_none(&desk_interface(&d, "Tunnel0")->tunnel->destination));
	desk_type_refused(&d, "tunnel destination 192.0.2.256", "neither an address nor a name");
	desk_type(&d, "tunnel destination 192.0.2.1");
	assert_int_equal(desk_interface(&d, "Tunnel0")->kept.n, 0);
	desk_type_refused(&d, "tunnel destination 224.0.0.1", "not the address of one router");
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spoke_turns_multipoint_in_the_order_of_ios),
		cmocka_unit_test(a_source_is_an_interface_or_an_address),
		cmocka_unit_test(key_tos_and_ttl_may_be_zero_or_default),
		cmocka_unit_test(a_mode_that_we_do_not_speak_keeps_the_tunnel_down),
		cmocka_unit_test(a_protected_tunnel_needs_its_profile),
		cmocka_unit_test(forms_of_protection_that_we_lack_keep_the_tunnel_down),
		cmocka_unit_test(a_destination_by_name_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
