/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration mode: where lines go, what the prompt is, `?` and TAB. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"

static void lines_move_between_blocks(void **state)
{
	const char *note = "not ours: kept as it stands";
	struct desk d;

	(void)state;
	desk_open(&d);
	assert_string_equal(config_mode_name(&d.mode), "config");
	desk_type(&d, "interface Tunnel0");
	assert_string_equal(config_mode_name(&d.mode), "config-if");
	desk_type(&d, "exit");
	assert_string_equal(config_mode_name(&d.mode), "config");
	desk_type_warned(&d, "router ospf 1", note);
	assert_string_equal(config_mode_name(&d.mode), "config-router");
	desk_type_warned(&d, " network 10.0.0.0 0.0.0.255 area 0", note);
	desk_type(&d, "! comment");
	desk_type(&d, "");
	desk_type_warned(&d, "zork", note);
	desk_type(&d, "interface Tunnel0");
	desk_type_warned(&d, "router ospf 1", note);
	desk_type_warned(&d, "passive-interface default", note);
	desk_type(&d, "end");
	assert_string_equal(config_mode_name(&d.mode), "config");
	assert_string_equal(desk_print(&d), "interface Tunnel0\n"
	                                    " no ip address\n"
	                                    "router ospf 1\n"
	                                    " network 10.0.0.0 0.0.0.255 area 0\n"
	                                    " zork\n"
	                                    " passive-interface default\n");
	desk_type_warned(&d, "line vty 0 4", note);
	assert_string_equal(config_mode_name(&d.mode), "config-line");
	desk_type_warned(&d, "logging synchronous", note);
	desk_type(&d, "exit");
	desk_type_refused(&d, "zork", "unknown command");
	desk_type_warned(&d, "crypto map M 10 ipsec-isakmp", note);
	assert_string_equal(config_mode_name(&d.mode), "config-block");
	desk_type_warned(&d, "ip cef", note);
	assert_string_equal(config_mode_name(&d.mode), "config");
	desk_type_warned(&d, "no line vty 0 4", note);
	desk_type_warned(&d, "router nhrp 1", "known, not yet in force");
	assert_string_equal(config_mode_name(&d.mode), "config-router");
	assert_true(desk_is_stable(&d));
	desk_close(&d);
}

static void a_banner_is_typed_on_one_line(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type_warned(&d, "banner motd #Hello#", "not ours: kept as it stands");
	desk_type_refused(&d, "banner motd #Hello",
	                  "a banner is typed on one line: banner motd #text#");
	desk_type_refused(&d, "banner motd ", "a banner is typed on one line: banner motd #text#");
	assert_true(desk_is_stable(&d));
	desk_close(&d);
}

static void expect_help(struct desk *d, const char *line, const char *text)
{
	strbuf_truncate(&d->text, 0);
	config_help(&d->mode, line, &d->text);
	assert_string_equal(d->text.text, text);
}

static void help_knows_the_block(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	expect_help(&d, "host", "hostname\n");
	expect_help(&d, "ip r", "route  routing\n");
	expect_help(&d, "tunnel ", "% Unrecognized command\n");
	desk_type(&d, "interface Tunnel0");
	expect_help(&d, "ip nhrp registration ",
	            "  delay        Seconds to wait before registering\n"
	            "  no-unique    Let another NBMA address replace our registration\n"
	            "  req-def-map  Ask for the default mapping on registration\n"
	            "  timeout      Seconds between registrations\n");
	expect_help(&d, "no ip nhrp holdtime ",
	            "  <1-65535>  Seconds that other routers keep our mappings\n"
	            "  <cr>\n");
	expect_help(&d, "ip rou", "route  routing\n");
	expect_help(&d, "dev", "% Unrecognized command\n");
	desk_type(&d, "interface Fa0/0");
	expect_help(&d, "dev", "device\n");
	expect_help(&d, "tunnel ", "% Unrecognized command\n");
	desk_close(&d);
}

static void expect_completions(struct desk *d, const char *line, const char *text)
{
	strbuf_truncate(&d->text, 0);
	config_complete(&d->mode, line, &d->text);
	assert_string_equal(d->text.text, text);
}

static void tab_completes_in_the_block_and_then_globally(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	expect_completions(&d, "inter", "interface\n");
	expect_completions(&d, "interface Loop", "Loopback\n");
	desk_type(&d, "interface Tunnel0");
	expect_completions(&d, "ip nhrp hold", "hold-time\nholdtime\n");
	expect_completions(&d, "no shut", "shutdown\n");
	expect_completions(&d, "hostn", "hostname\n");
	expect_completions(&d, "zork", "");
	desk_close(&d);
}

static void a_deleted_interface_is_left(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface Tunnel0");
	snapshot_del_interface(d.s, snapshot_interface(d.s, "Tunnel0"));
	desk_type_refused(&d, "ip mtu 1400", "invalid input, expected route or routing");
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_move_between_blocks),
		cmocka_unit_test(a_banner_is_typed_on_one_line),
		cmocka_unit_test(help_knows_the_block),
		cmocka_unit_test(tab_completes_in_the_block_and_then_globally),
		cmocka_unit_test(a_deleted_interface_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
