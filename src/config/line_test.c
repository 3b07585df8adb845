/* SPDX-License-Identifier: Apache-2.0 */
/* Which row takes a line, what a refused one says, and how lines that are not in force are kept. */
#include "config/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"

static void a_line_is_tried_in_its_block_and_then_globally(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface Tunnel0");
	desk_type(&d, "ip mtu 1400");
	assert_int_equal(d.mode.block, CONFIG_INTERFACE);
	desk_type(&d, "ip route 10.0.0.0 255.0.0.0 Tunnel0");
	assert_int_equal(d.mode.block, CONFIG_GLOBAL);
	desk_type_refused(&d, "ip mtu 1400", "invalid input, expected route or routing");
	assert_int_equal(d.remark.column, 3);
	desk_type(&d, "interface Tunnel0");
	desk_type(&d, "interface Loopback0");
	assert_string_equal(d.mode.name, "Loopback0");
	desk_type_refused(&d, "tunnel key 1", "not a command of Loopback0");
	desk_close(&d);
}

static void errors_point_at_the_word(void **state)
{
	static const struct {
		const char *line, *text;
		size_t column;
		enum grammar_result syntax;
	} errors[] = {
		{ " ip nhrp zork", "invalid input", 9, GRAMMAR_INVALID },
		{ "ip nhrp network-id 0", "invalid input, expected <1-4294967295>", 19,
		  GRAMMAR_INVALID },
		{ "no ip nhrp holdtime 0", "invalid input, expected <1-65535> or <cr>", 20,
		  GRAMMAR_INVALID },
		{ "ip nhrp holdtime", "incomplete command, expected <1-65535>", 16,
		  GRAMMAR_INCOMPLETE },
		{ "ip nhrp re", "ambiguous command", 8, GRAMMAR_AMBIGUOUS },
		{ "ip nhrp holdtime 60 now", "invalid input: nothing more can follow", 20,
		  GRAMMAR_INVALID },
		{ "tunnel mode gre zork", "invalid input, expected ip or ipv6 or multipoint", 16,
		  GRAMMAR_INVALID },
		{ "tunnel key x ! comment", "invalid input, expected <0-4294967295>", 11,
		  GRAMMAR_INVALID },
		{ "zork", "unknown command", 0, GRAMMAR_INVALID },
		{ "no zork", "unknown command", 3, GRAMMAR_INVALID },
		{ "no ! comment", "incomplete command", 3, GRAMMAR_INCOMPLETE },
		{ "do show version", "not in this mode", 0, GRAMMAR_OK },
	};
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface Tunnel0");
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		desk_type_refused(&d, errors[i].line, errors[i].text);
		assert_int_equal(d.remark.column, errors[i].column);
		assert_int_equal(d.remark.syntax, errors[i].syntax);
	}
	desk_close(&d);
}

static void a_trailing_comment_is_cut_where_it_is_none_of_the_line(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface Tunnel0   ! the cloud");
	desk_type(&d, "ip nhrp network-id 1    ! \xe3\x83\x8f");
	desk_type(&d, "no ip redirects !");
	desk_type(&d, "description a ! b");
	desk_type(&d, "ip nhrp authentication a!b");
	assert_string_equal(desk_interface(&d, "Tunnel0")->description, "a ! b");
	assert_string_equal(desk_interface(&d, "Tunnel0")->tunnel->nhrp.authentication, "a!b");
	assert_int_equal(desk_interface(&d, "Tunnel0")->tunnel->nhrp.network_id, 1);
	desk_close(&d);
}

static void known_lines_are_kept_in_the_order_of_print(void **state)
{
	const char *text = "known, not yet in force";
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface Tunnel0");
	desk_type_warned(&d, "tunnel vrf RED", text);
	desk_type_warned(&d, "ip nhrp connect 7", text);
	desk_type_warned(&d, "ip nhrp connect 5", text);
	desk_type_warned(&d, "no ipv6 redirects", text);
	desk_type_warned(&d, "ipv6 address 2001:db8::1/64", text);
	desk_type_warned(&d, "ipv6 address fe80::1 link-local", text);
	desk_type_warned(&d, "vrf forwarding RED", "not ours: kept as it stands");
	desk_type_warned(&d, "ip ospf network broadcast", "not ours: kept as it stands");
	assert_string_equal(desk_print(&d), "interface Tunnel0\n"
	                                    " vrf forwarding RED\n"
	                                    " no ip address\n"
	                                    " ip nhrp connect 5\n"
	                                    " ip ospf network broadcast\n"
	                                    " ipv6 address 2001:db8::1/64\n"
	                                    " ipv6 address fe80::1 link-local\n"
	                                    " no ipv6 redirects\n"
	                                    " tunnel vrf RED\n");
	assert_true(desk_is_stable(&d));
	desk_type_warned(&d, "ipv6 redirects", text);
	desk_type(&d, "no ip nhrp connect");
	desk_type(&d, "no ipv6 address 2001:db8::1/64");
	desk_type(&d, "no tunnel vrf");
	desk_type_warned(&d, "no ip ospf network broadcast", "not ours: kept as it stands");
	desk_type_warned(&d, "no vrf forwarding", "not ours: kept as it stands");
	assert_string_equal(desk_print(&d), "interface Tunnel0\n"
	                                    " no ip address\n"
	                                    " ipv6 address fe80::1 link-local\n"
	                                    " ipv6 redirects\n");
	desk_close(&d);
}

static void ranges_of_known_lines_are_checked(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface Tunnel0");
	desk_type_refused(&d, "ip nhrp redirect timeout 31", "invalid input, expected <2-30>");
	desk_type_refused(&d, "ip nhrp nhs fallback 61", "invalid input, expected <0-60>");
	desk_type_refused(&d, "tunnel path-mtu-discovery age-timer 9",
	                  "invalid input, expected <10-30> or infinite");
	desk_type_refused(&d, "ipv6 nhrp map 2001:db8::/129 192.0.2.1",
	                  "invalid input, expected X:X::X/M or group or multicast");
	desk_close(&d);
}

static void global_words_are_recognised(void **state)
{
	(void)state;
	assert_true(line_is_global("interface Tunnel0"));
	assert_true(line_is_global("int tu0"));
	assert_true(line_is_global("ip route 10.0.0.0 zork"));
	assert_true(line_is_global("no ip http server"));
	assert_true(line_is_global("router ospf 1"));
	assert_false(line_is_global("network 10.0.0.0"));
	assert_false(line_is_global("no auto-summary"));
	assert_false(line_is_global("logging synchronous"));
	assert_false(line_is_global("version 2"));
	assert_false(line_is_global("host 10.0.0.1"));
	assert_true(line_is_global("version 15.4"));
	assert_true(line_is_ours("hostname R1 ! x"));
	assert_false(line_is_ours("router ospf 1"));
	assert_false(line_is_ours("exit"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_tried_in_its_block_and_then_globally),
		cmocka_unit_test(errors_point_at_the_word),
		cmocka_unit_test(a_trailing_comment_is_cut_where_it_is_none_of_the_line),
		cmocka_unit_test(known_lines_are_kept_in_the_order_of_print),
		cmocka_unit_test(ranges_of_known_lines_are_checked),
		cmocka_unit_test(global_words_are_recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
