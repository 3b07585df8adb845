/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "cli/fake_desk.h"

static void test_configure(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_expect_prompt(&d, "R1#");
	desk_run(&d, "conf t");
	desk_expect_prompt(&d, "R1(config)#");
	desk_expect_journal(&d, "");
	desk_run(&d, "interface Tunnel0");
	desk_expect_prompt(&d, "R1(config-if)#");
	desk_expect_journal(&d, "");
	desk_run(&d, " ip mtu 1400");
	desk_expect_journal(&d, "commit\n");
	assert_int_equal(snapshot_tunnel(d.fake.running, 0)->ip_mtu_bytes, 1400);
	/* The same again changes nothing and commits nothing. */
	desk_run(&d, "ip mtu 1400");
	desk_expect_journal(&d, "");
	desk_run(&d, "hostname Branch7");
	desk_expect_prompt(&d, "Branch7(config)#");
	desk_run(&d, "interface tu1");
	desk_run(&d, "exit");
	desk_expect_prompt(&d, "Branch7(config)#");
	desk_run(&d, "exit");
	desk_expect_prompt(&d, "Branch7#");
	desk_expect_journal(&d, "commit\nlog %SYS-5-CONFIG_I: Configured from console by root\n");
	desk_close(&d);
}

static bool is_held(const struct desk *d)
{
	return snapshot_tunnel(d->fake.running, 7)->tunnel->unfinished;
}

/* A tunnel that is new stays down until its block is left, in whatever way. */
static void test_a_new_tunnel_waits_for_the_end_of_its_block(void **state)
{
	static const char *const ways[] = { "exit", "end", "interface Tunnel0", "hostname R7" };
	struct desk d;

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		desk_open(&d, true);
		desk_run(&d, "conf t");
		desk_run(&d, "interface Tunnel7");
		desk_run(&d, "tunnel source 1.1.1.2");
		desk_expect_journal(&d, "commit\ncommit\n");
		assert_true(is_held(&d));
		desk_run(&d, ways[i]);
		assert_false(is_held(&d));
		if (strcmp(ways[i], "end") == 0)
			desk_run(&d, "conf t");
		/* Not so the second time. */
		desk_run(&d, "interface Tunnel7");
		assert_false(is_held(&d));
		assert_false(snapshot_tunnel(d.fake.running, 0)->tunnel->unfinished);
		desk_close(&d);
	}
}

/* Ctrl-C leaves the block, and so does whoever is lost in it not: he may not have come to the line
 * that protects it. */
static void test_a_new_tunnel_and_the_end_of_its_session(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_run(&d, "conf t");
	desk_run(&d, "interface Tunnel7");
	cli_interrupt(d.session);
	assert_false(is_held(&d));
	desk_close(&d);

	desk_open(&d, true);
	desk_run(&d, "conf t");
	desk_run(&d, "interface Tunnel7");
	desk_expect_journal(&d, "commit\n");
	cli_hang_up(d.session);
	cli_session_free(d.session);
	desk_expect_journal(&d,
	                    "log %SYS-4-UNFINISHED: Tunnel7 stays down: the session of root was "
	                    "lost in the block that makes it; enter 'interface Tunnel7' again, and "
	                    "leave it by 'exit'\n"
	                    "log %SYS-5-CONFIG_I: Configured from console by root\n");
	assert_true(is_held(&d));
	/* Another session finishes it. */
	d.session = cli_session_new(&d.fake.host, &(struct cli_output){ .user = "root" }, true);
	desk_run(&d, "conf t");
	assert_false(cli_types(d.session, "Tunnel7"));
	desk_run(&d, "interface Tunnel7");
	assert_true(cli_types(d.session, "Tunnel7"));
	assert_true(is_held(&d));
	desk_run(&d, "exit");
	assert_false(cli_types(d.session, "Tunnel7"));
	assert_false(is_held(&d));
	desk_close(&d);
}

/* Whoever is lost elsewhere leaves nothing behind. */
static void test_a_session_that_is_lost_elsewhere(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_run(&d, "conf t");
	desk_run(&d, "interface Tunnel0");
	cli_hang_up(d.session);
	desk_expect_journal(&d, "");
	desk_close(&d);
}

/* The last of two that leaves it is done with it; or is lost in it. */
static void test_a_new_tunnel_with_two_sessions_in_it(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_run(&d, "conf t");
	desk_run(&d, "interface Tunnel7");
	d.fake.others = true;
	desk_run(&d, "exit");
	assert_true(is_held(&d));
	desk_run(&d, "interface Tunnel7");
	desk_expect_journal(&d, "commit\n");
	cli_hang_up(d.session);
	desk_expect_journal(&d, "");
	d.fake.others = false;
	desk_run(&d, "exit");
	assert_false(is_held(&d));
	desk_close(&d);
}

/* What cannot be put in force leaves it down. */
static void test_a_new_tunnel_whose_end_is_refused(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_run(&d, "conf t");
	desk_run(&d, "interface Tunnel7");
	d.fake.fail = -EIO;
	desk_expect(&d, "exit", CLI_REFUSED, "% The commit failed\n");
	assert_true(is_held(&d));
	desk_close(&d);
}

static void test_refused_lines_change_nothing(void **state)
{
	struct desk d;
	struct strbuf out;

	(void)state;
	desk_open(&d, true);
	desk_run(&d, "configure terminal");
	desk_run(&d, "interface Tunnel0");
	strbuf_init(&out);
	assert_int_equal(cli_exec(d.session, "ip mtu 1400000", &out), CLI_REFUSED);
	assert_memory_equal(out.text, "ip mtu 1400000\n       ^\n% ", 25);
	strbuf_fini(&out);
	desk_expect_prompt(&d, "R1(config-if)#");
	desk_expect_journal(&d, "");

	d.fake.fail = -EIO;
	desk_expect(&d, "ip mtu 1400", CLI_REFUSED, "% The commit failed\n");
	assert_int_equal(snapshot_tunnel(d.fake.running, 0)->ip_mtu_bytes, 0);
	desk_expect_prompt(&d, "R1(config-if)#");
	d.fake.fail = 0;
	desk_run(&d, "end");
	desk_expect_prompt(&d, "R1#");
	desk_close(&d);
}

static void test_remarks(void **state)
{
	struct desk d;
	struct strbuf out;

	(void)state;
	desk_open(&d, true);
	desk_run(&d, "configure terminal");
	strbuf_init(&out);
	assert_int_equal(cli_exec(d.session, " router ospf 1", &out), CLI_DONE);
	assert_memory_equal(out.text, "% \"router ospf 1\": ", 19);
	desk_expect_prompt(&d, "R1(config-router)#");
	desk_run(&d, "exit");
	/* On a terminal the line stands there already. */
	strbuf_truncate(&out, 0);
	cli_set_echoed(d.session, true);
	assert_int_equal(cli_exec(d.session, "router bgp 1", &out), CLI_DONE);
	assert_memory_equal(out.text, "% n", 3);
	strbuf_fini(&out);
	desk_close(&d);
}

static void test_those_who_may_only_look(void **state)
{
	static const char *const refused[] = { "configure terminal", "clear ip nhrp",
		                               "clear counters",     "debug nhrp",
		                               "write memory",       "copy run start" };
	struct desk d;

	(void)state;
	desk_open(&d, false);
	desk_expect_prompt(&d, "R1>");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct strbuf out;
		strbuf_init(&out);
		assert_int_equal(cli_exec(d.session, refused[i], &out), CLI_REFUSED);
		strbuf_fini(&out);
	}
	desk_expect_journal(&d, "");
	desk_expect(&d, "enable", CLI_REFUSED, "% Access denied: only root may configure\n");
	desk_expect_show(&d, "show ip nhrp", SHOW_IP_NHRP, "");
	desk_close(&d);
}

/* As scripts type it, who have no `?` key. */
static void test_a_refused_line_with_a_question_mark_is_helped(void **state)
{
	struct desk d;
	struct strbuf out;

	(void)state;
	desk_open(&d, true);
	desk_expect(&d, "show c?", CLI_DONE, "clock  crypto\n");
	desk_expect(&d, "ping 10.0.0.1 repeat ?", CLI_DONE, "  <1-2147483647>  How many\n");
	desk_run(&d, "conf t");
	desk_run(&d, "interface Tunnel0");
	/* In configuration it may be part of a password, and those behind a refused line must not
	 * run. */
	strbuf_init(&out);
	assert_int_equal(cli_exec(d.session, "ip nhrp authentication too-long-a?", &out),
	                 CLI_REFUSED);
	assert_non_null(strstr(out.text, "at most 8"));
	strbuf_fini(&out);
	/* What can be taken as it stands is. */
	desk_run(&d, "description Whose?");
	assert_string_equal(snapshot_tunnel(d.fake.running, 0)->description, "Whose?");
	desk_close(&d);
}

static void test_a_session_that_ends_stops_its_ping(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_expect(&d, "ping 10.10.10.2", CLI_RUNNING, "");
	cli_session_free(d.session);
	d.session = NULL;
	assert_string_equal(d.printed.text, "");
	assert_null(d.fake.pinging);
	desk_close(&d);
}

static void test_a_session_that_ends_leaves_configuration_mode(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_run(&d, "configure terminal");
	cli_session_free(d.session);
	d.session = NULL;
	desk_expect_journal(&d, "log %SYS-5-CONFIG_I: Configured from console by root\n");
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_configure),
		cmocka_unit_test(test_a_new_tunnel_waits_for_the_end_of_its_block),
		cmocka_unit_test(test_a_new_tunnel_and_the_end_of_its_session),
		cmocka_unit_test(test_a_session_that_is_lost_elsewhere),
		cmocka_unit_test(test_a_new_tunnel_with_two_sessions_in_it),
		cmocka_unit_test(test_a_new_tunnel_whose_end_is_refused),
		cmocka_unit_test(test_refused_lines_change_nothing),
		cmocka_unit_test(test_remarks),
		cmocka_unit_test(test_those_who_may_only_look),
		cmocka_unit_test(test_a_refused_line_with_a_question_mark_is_helped),
		cmocka_unit_test(test_a_session_that_ends_stops_its_ping),
		cmocka_unit_test(test_a_session_that_ends_leaves_configuration_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
