/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions against a daemon made of nothing: lines in, transcripts and the host's journal out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/fake_host.h"
#include "util/memory.h"

struct desk { /* a session, its host, and what reached the terminal later */
	struct fake_host fake;
	struct cli_session *session;
	struct strbuf printed;
};

static void on_print(void *ctx, const char *text, size_t len)
{
	struct desk *d = ctx;

	strbuf_add(&d->printed, text, len);
}

static void on_done(void *ctx, enum cli_result result)
{
	struct desk *d = ctx;

	strbuf_printf(&d->printed, "<done %d>", result);
}

static void on_log(void *ctx, const char *line)
{
	struct desk *d = ctx;

	strbuf_printf(&d->printed, "<log %s>", line);
}

static void open_desk(struct desk *d, bool privileged)
{
	const struct cli_output output = {
		.print = on_print, .done = on_done, .log = on_log, .ctx = d, .user = "root"
	};

	fake_host_init(&d->fake);
	strbuf_init(&d->printed);
	d->session = cli_session_new(&d->fake.host, &output, privileged);
}

static void close_desk(struct desk *d)
{
	cli_session_free(d->session);
	fake_host_fini(&d->fake);
	strbuf_fini(&d->printed);
}

static void expect(struct desk *d, const char *line, enum cli_result result, const char *text)
{
	struct strbuf out;

	strbuf_init(&out);
	const enum cli_result got = cli_exec(d->session, line, &out);
	assert_string_equal(out.text, text);
	assert_int_equal(got, result);
	strbuf_fini(&out);
}

/* Runs a line that says nothing. */
static void run(struct desk *d, const char *line)
{
	expect(d, line, CLI_DONE, "");
}

static void expect_prompt(struct desk *d, const char *expected)
{
	char prompt[CLI_PROMPT_SIZE];

	assert_string_equal(cli_prompt(d->session, prompt), expected);
}

static void expect_journal(struct desk *d, const char *expected)
{
	assert_string_equal(d->fake.journal.text, expected);
	strbuf_truncate(&d->fake.journal, 0);
}

static void expect_help(struct desk *d, const char *line, const char *expected)
{
	struct strbuf out;

	strbuf_init(&out);
	cli_help(d->session, line, &out);
	assert_string_equal(out.text, expected);
	strbuf_fini(&out);
}

static void expect_completion(struct desk *d, const char *line, const char *expected)
{
	struct strbuf out;

	strbuf_init(&out);
	cli_complete(d->session, line, &out);
	assert_string_equal(out.text, expected);
	strbuf_fini(&out);
}

static void expect_show(struct desk *d, const char *line, enum show_what what, const char *rest)
{
	char expected[128];

	snprintf(expected, sizeof expected, "show %d%s\n", what, rest);
	expect(d, line, CLI_DONE, expected);
}

static void test_show_ip_nhrp(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, true);
	expect_show(&d, "show ip nhrp", SHOW_IP_NHRP, "");
	expect_show(&d, "sh ip nh br", SHOW_IP_NHRP_BRIEF, "");
	expect_show(&d, "show ip nhrp detail", SHOW_IP_NHRP_DETAIL, "");
	expect_show(&d, "show ip nhrp 10.0.0.1", SHOW_IP_NHRP, " address 10.0.0.1");
	expect_show(&d, "show ip nhrp tunnel 0", SHOW_IP_NHRP, " tunnel 0 interface Tunnel0");
	expect_show(&d, "show ip nhrp brief 10.0.0.1 tu1", SHOW_IP_NHRP_BRIEF,
	            " tunnel 1 interface Tunnel1 address 10.0.0.1");
	expect_show(&d, "show ip nhrp 10.0.0.1 tu1 brief", SHOW_IP_NHRP_BRIEF,
	            " tunnel 1 interface Tunnel1 address 10.0.0.1");
	expect_show(&d, "show ip nhrp Tunnel1 detail", SHOW_IP_NHRP_DETAIL,
	            " tunnel 1 interface Tunnel1");
	expect_show(&d, "show ip nhrp summary", SHOW_IP_NHRP_SUMMARY, "");
	expect_show(&d, "show ip nhrp traffic", SHOW_IP_NHRP_TRAFFIC, "");
	expect_show(&d, "show ip nhrp traffic interface Tunnel0", SHOW_IP_NHRP_TRAFFIC,
	            " tunnel 0 interface Tunnel0");
	expect_show(&d, "show ip nhrp nhs", SHOW_IP_NHRP_NHS, "");
	expect_show(&d, "show ip nhrp nhs detail", SHOW_IP_NHRP_NHS_DETAIL, "");
	expect_show(&d, "show ip nhrp nhs Tunnel0 detail", SHOW_IP_NHRP_NHS_DETAIL,
	            " tunnel 0 interface Tunnel0");
	close_desk(&d);
}

static void test_other_shows(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, true);
	expect_show(&d, "show dmvpn", SHOW_DMVPN, "");
	expect_show(&d, "show dmvpn detail", SHOW_DMVPN_DETAIL, "");
	expect_show(&d, "show dmvpn interface tunnel 0 detail", SHOW_DMVPN_DETAIL,
	            " tunnel 0 interface Tunnel0");
	expect_show(&d, "sh int tu0", SHOW_INTERFACES, " tunnel 0 interface Tunnel0");
	expect_show(&d, "show interfaces fa0/0", SHOW_INTERFACES, " interface FastEthernet0/0");
	expect_show(&d, "sh ip int br", SHOW_IP_INTERFACE_BRIEF, "");
	expect_show(&d, "show ip route", SHOW_IP_ROUTE, "");
	expect_show(&d, "sh ver", SHOW_VERSION, "");
	expect_show(&d, "show drops", SHOW_DROPS, "");
	expect_show(&d, "show ip nhrp | json", SHOW_IP_NHRP, " json");
	expect(&d, "show interfaces | include line (1|2)$ | count .", CLI_DONE,
	       "Number of lines which match regexp = 2\n");
	close_desk(&d);
}

static void test_refusals_with_caret(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, true);
	expect(&d, "show ip nonsense", CLI_REFUSED,
	       "show ip nonsense\n"
	       "        ^\n"
	       "% Invalid input detected at '^' marker.\n");
	expect(&d, "show ip", CLI_REFUSED, "show ip\n% Incomplete command.\n");
	expect(&d, "show ip nhrp tunnel 9", CLI_REFUSED,
	       "show ip nhrp tunnel 9\n"
	       "             ^\n"
	       "% Invalid input detected at '^' marker.\n");
	expect(&d, "show dmvpn interface fa0/0", CLI_REFUSED,
	       "show dmvpn interface fa0/0\n"
	       "                     ^\n"
	       "% Invalid input detected at '^' marker.\n");
	expect(&d, "show version | frob x", CLI_REFUSED,
	       "show version | frob x\n"
	       "               ^\n"
	       "% Invalid input detected at '^' marker.\n");
	expect(&d, "clear counters | include x", CLI_REFUSED,
	       "clear counters | include x\n"
	       "               ^\n"
	       "% Invalid input detected at '^' marker.\n");
	expect(&d, "show version | include (", CLI_REFUSED,
	       "show version | include (\n"
	       "% Invalid regular expression: Unmatched ( or \\(\n");

	/* On a terminal the line stands behind the prompt already, and the caret below it. */
	cli_set_echoed(d.session, true);
	expect(&d, " show ip nonsense", CLI_REFUSED,
	       "            ^\n"
	       "% Invalid input detected at '^' marker.\n");
	run(&d, "");
	run(&d, "   ! a comment");
	close_desk(&d);
}

static void test_configure(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, true);
	expect_prompt(&d, "R1#");
	run(&d, "conf t");
	expect_prompt(&d, "R1(config)#");
	expect_journal(&d, "");
	run(&d, "interface Tunnel0");
	expect_prompt(&d, "R1(config-if)#");
	expect_journal(&d, "");
	run(&d, " ip mtu 1400");
	expect_journal(&d, "commit\n");
	assert_int_equal(snapshot_tunnel(d.fake.running, 0)->ip_mtu_bytes, 1400);
	/* The same again changes nothing and commits nothing. */
	run(&d, "ip mtu 1400");
	expect_journal(&d, "");
	run(&d, "hostname Branch7");
	expect_prompt(&d, "Branch7(config)#");
	run(&d, "interface tu1");
	run(&d, "exit");
	expect_prompt(&d, "Branch7(config)#");
	run(&d, "exit");
	expect_prompt(&d, "Branch7#");
	expect_journal(&d, "commit\nlog %SYS-5-CONFIG_I: Configured from console by root\n");
	close_desk(&d);
}

static void test_refused_lines_change_nothing(void **state)
{
	struct desk d;
	struct strbuf out;

	(void)state;
	open_desk(&d, true);
	run(&d, "configure terminal");
	run(&d, "interface Tunnel0");
	strbuf_init(&out);
	assert_int_equal(cli_exec(d.session, "ip mtu 1400000", &out), CLI_REFUSED);
	assert_memory_equal(out.text, "ip mtu 1400000\n       ^\n% ", 25);
	strbuf_fini(&out);
	expect_prompt(&d, "R1(config-if)#");
	expect_journal(&d, "");

	d.fake.fail = -EIO;
	expect(&d, "ip mtu 1400", CLI_REFUSED, "% The commit failed\n");
	assert_int_equal(snapshot_tunnel(d.fake.running, 0)->ip_mtu_bytes, 0);
	expect_prompt(&d, "R1(config-if)#");
	d.fake.fail = 0;
	run(&d, "end");
	expect_prompt(&d, "R1#");
	close_desk(&d);
}

static void test_do(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, true);
	run(&d, "conf t");
	run(&d, "interface Tunnel0");
	expect_show(&d, "do show ip nhrp brief", SHOW_IP_NHRP_BRIEF, "");
	expect(&d, "do show ip x", CLI_REFUSED,
	       "do show ip x\n"
	       "           ^\n"
	       "% Invalid input detected at '^' marker.\n");
	expect(&d, "do configure terminal", CLI_REFUSED,
	       "do configure terminal\n"
	       "   ^\n"
	       "% Invalid input detected at '^' marker.\n");
	expect_prompt(&d, "R1(config-if)#");
	close_desk(&d);
}

static void test_show_running_config(void **state)
{
	struct desk d;
	struct strbuf config, expected;

	(void)state;
	open_desk(&d, true);
	strbuf_init(&config);
	strbuf_init(&expected);
	config_print(d.fake.running, false, &config);
	strbuf_printf(&expected,
	              "Building configuration...\n\nCurrent configuration : %zu bytes\n!\n%s",
	              config.len, config.text);
	expect(&d, "show running-config", CLI_DONE, expected.text);
	expect(&d, "show run interface Tunnel0 | section ^interface", CLI_DONE,
	       "interface Tunnel0\n"
	       " ip address 10.10.10.1 255.255.255.0\n"
	       " ip nhrp authentication secret\n"
	       " ip nhrp network-id 1\n");
	expect(&d, "show running-config | count Tunnel", CLI_DONE,
	       "Number of lines which match regexp = 2\n");
	strbuf_fini(&config);
	strbuf_fini(&expected);
	close_desk(&d);
}

static void test_startup_config(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, true);
	expect(&d, "show startup-config", CLI_REFUSED, "% startup-config is not present\n");
	expect(&d, "write memory", CLI_DONE, "Building configuration...\n[OK]\n");
	expect(&d, "wr", CLI_DONE, "Building configuration...\n[OK]\n");
	expect(&d, "copy run start", CLI_DONE, "Building configuration...\n[OK]\n");
	expect_journal(&d, "save\nsave\nsave\n");
	expect(&d, "show startup-config | include hostname", CLI_DONE, "hostname R1\n");
	d.fake.fail = -ENOSPC;
	expect(&d, "write", CLI_REFUSED, "Building configuration...\n% The disk is full\n");
	close_desk(&d);
}

static void test_those_who_may_only_look(void **state)
{
	static const char *const refused[] = { "configure terminal", "clear ip nhrp",
		                               "clear counters",     "debug nhrp",
		                               "write memory",       "copy run start" };
	struct desk d;

	(void)state;
	open_desk(&d, false);
	expect_prompt(&d, "R1>");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct strbuf out;
		strbuf_init(&out);
		assert_int_equal(cli_exec(d.session, refused[i], &out), CLI_REFUSED);
		strbuf_fini(&out);
	}
	expect_journal(&d, "");
	expect(&d, "enable", CLI_REFUSED, "% Access denied: only root may configure\n");
	expect_show(&d, "show ip nhrp", SHOW_IP_NHRP, "");
	expect(&d, "show running-config | include secret", CLI_DONE, "");
	strbuf_adds(&d.fake.startup, "interface Tunnel0\n ip nhrp authentication secret\n");
	expect(&d, "show startup-config | include secret", CLI_DONE, "");
	close_desk(&d);
}

static void test_enable_and_disable(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, true);
	run(&d, "disable");
	expect_prompt(&d, "R1>");
	expect(&d, "conf t", CLI_REFUSED,
	       "conf t\n"
	       "^\n"
	       "% Invalid input detected at '^' marker.\n");
	run(&d, "enable");
	expect_prompt(&d, "R1#");
	expect(&d, "show privilege", CLI_DONE, "Current privilege level is 15\n");
	expect(&d, "exit", CLI_CLOSE, "");
	expect(&d, "logout", CLI_CLOSE, "");
	close_desk(&d);
}

static void test_clear(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, true);
	run(&d, "clear ip nhrp");
	run(&d, "clear ip nhrp 10.0.0.1");
	run(&d, "clear ip nhrp 10.1.2.3 255.255.0.0 tunnel 1");
	run(&d, "clear ip nhrp tu0");
	run(&d, "clear ip nhrp counters");
	run(&d, "clear ip nhrp counters interface tunnel 1");
	run(&d, "clear counters");
	run(&d, "clear counters Tunnel0");
	expect_journal(&d, "clear\n"
	                   "clear target 10.0.0.1/32\n"
	                   "clear tunnel 1 target 10.1.0.0/16\n"
	                   "clear tunnel 0\n"
	                   "clear counters\n"
	                   "clear counters tunnel 1\n"
	                   "clear data plane all 0\n"
	                   "clear data plane tunnel 0\n");
	close_desk(&d);
}

static void test_ping(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, true);
	expect(&d, "ping 10.10.10.2", CLI_RUNNING, "");
	d.fake.pinging = NULL;
	cli_print(d.session, "!!!!!\n", 6);
	cli_done(d.session, true);
	assert_string_equal(d.printed.text, "!!!!!\n<done 0>");
	expect(&d, "ping ip 10.10.10.2 timeout 1 df-bit size 1400 source tunnel 0 rep 7",
	       CLI_RUNNING, "");
	cli_interrupt(d.session);
	assert_string_equal(d.printed.text, "!!!!!\n<done 0>stopped\n<done 0>");
	expect(&d, "ping 10.10.10.2 source 1.1.1.2", CLI_RUNNING, "");
	cli_interrupt(d.session);
	expect_journal(&d, "ping 10.10.10.2 from none repeat 5 size 100 timeout 2\n"
	                   "ping 10.10.10.2 from 10.10.10.1 repeat 7 size 1400 timeout 1 df\n"
	                   "ping stop\n"
	                   "ping 10.10.10.2 from 1.1.1.2 repeat 5 size 100 timeout 2\n"
	                   "ping stop\n");
	close_desk(&d);
}

static void test_ping_refusals(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, true);
	expect(&d, "ping", CLI_REFUSED, "ping\n% Incomplete command.\n");
	expect(&d, "ping 10.0.0.1 size 35", CLI_REFUSED,
	       "ping 10.0.0.1 size 35\n"
	       "                   ^\n"
	       "% Invalid input detected at '^' marker.\n");
	expect(&d, "ping 10.0.0.1 df-bit repeat", CLI_REFUSED,
	       "ping 10.0.0.1 df-bit repeat\n"
	       "% Incomplete command.\n");
	expect(&d, "ping 10.0.0.1 source Tunnel1", CLI_REFUSED,
	       "% Invalid source interface - it does not exist or has no IP address\n");
	d.fake.fail = -EPERM;
	expect(&d, "ping 10.0.0.1", CLI_REFUSED, "% Cannot ping\n");
	expect_journal(&d, "");
	close_desk(&d);
}

static void test_a_session_that_ends_stops_its_ping(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, true);
	expect(&d, "ping 10.10.10.2", CLI_RUNNING, "");
	cli_session_free(d.session);
	d.session = NULL;
	assert_string_equal(d.printed.text, "");
	assert_null(d.fake.pinging);
	close_desk(&d);
}

static void test_debug(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, true);
	expect(&d, "debug nhrp", CLI_DONE, "NHRP protocol debugging is on\n");
	expect(&d, "debug nhrp packet", CLI_DONE, "NHRP activity debugging is on\n");
	assert_int_equal(cli_debug(d.session), DEBUG_NHRP | DEBUG_NHRP_PACKET);
	expect_journal(&d, "debug changed\ndebug changed\n");
	expect(&d, "show debugging", CLI_DONE,
	       "NHRP:\n"
	       "  NHRP protocol debugging is on\n"
	       "  NHRP activity debugging is on\n");
	expect(&d, "no debug nhrp", CLI_DONE, "NHRP protocol debugging is off\n");
	assert_int_equal(cli_debug(d.session), DEBUG_NHRP_PACKET);
	expect(&d, "u all", CLI_DONE, "All possible debugging has been turned off\n");
	assert_int_equal(cli_debug(d.session), 0);
	expect(&d, "show debugging", CLI_DONE, "");
	expect(&d, "debug nhrp cache", CLI_DONE, "NHRP cache operations debugging is on\n");
	cli_interrupt(d.session);
	assert_int_equal(cli_debug(d.session), 0);
	close_desk(&d);
}

static void test_terminal(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, true);
	assert_int_equal(cli_terminal_length(d.session), CLI_LENGTH_AUTO);
	run(&d, "terminal length 0");
	assert_int_equal(cli_terminal_length(d.session), 0);
	run(&d, "term len 50");
	assert_int_equal(cli_terminal_length(d.session), 50);
	cli_log(d.session, "unheard");
	run(&d, "terminal monitor");
	cli_log(d.session, "heard");
	run(&d, "terminal no monitor");
	cli_log(d.session, "unheard");
	assert_string_equal(d.printed.text, "<log heard>");
	close_desk(&d);
}

static void test_history(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, true);
	run(&d, "terminal monitor");
	run(&d, "terminal monitor");
	expect(&d, "show history", CLI_DONE, "  terminal monitor\n  show history\n");
	for (int i = 0; i < 2 * CLI_HISTORY_MAX; i++)
		run(&d, i % 2 ? "terminal length 0" : "terminal length 1");
	expect(&d, "show history | count .", CLI_DONE,
	       "Number of lines which match regexp = 256\n");
	close_desk(&d);
}

static void test_own_json(void **state)
{
	static const char *const lines[] = {
		"show running-config | json", "show history | json",   "show clock | json",
		"show debugging | json",      "show privilege | json", "show startup-config | json",
	};
	struct desk d;

	(void)state;
	open_desk(&d, true);
	strbuf_adds(&d.fake.startup, "hostname R1\n");
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct strbuf out;
		strbuf_init(&out);
		assert_int_equal(cli_exec(d.session, lines[i], &out), CLI_DONE);
		json_t *answer = json_loads(out.text, 0, NULL);
		assert_non_null(answer);
		assert_int_equal(json_integer_value(json_object_get(answer, "schema")), 1);
		const char *command = json_string_value(json_object_get(answer, "command"));
		assert_memory_equal(command, lines[i], strlen(command));
		json_decref(answer);
		strbuf_fini(&out);
	}
	close_desk(&d);
}

static void test_help_and_completion(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, true);
	expect_help(&d, "terminal ",
	            "  length   Lines of a page, 0 for no paging\n"
	            "  monitor  Show log lines in this session\n"
	            "  no       Turn off\n");
	expect_help(&d, "show c", "clock\n");
	expect_help(&d, "ping 10.0.0.1 repeat ", "  <1-2147483647>  How many\n");
	expect_help(&d, "ping 10.0.0.1 repeat 5 d", "df-bit\n");
	expect_help(&d, "ping 10.0.0.1 df-bit ",
	            "  df-bit   Set the don't-fragment bit\n"
	            "  repeat   How many\n"
	            "  size     Bytes of the whole IP packet\n"
	            "  source   Source address, or the interface that has it\n"
	            "  timeout  Seconds to wait for an answer\n"
	            "  <cr>\n");
	expect_help(&d, "frobnicate ", "% Unrecognized command\n");
	expect_help(&d, "show version | c", "count\n");
	expect_completion(&d, "sh", "show\n");
	expect_completion(&d, "show ip nhrp tr", "traffic\n");
	expect_completion(&d, "ping 10.0.0.1 s", "size\nsource\n");
	expect_completion(&d, "show version | inc", "include\n");

	run(&d, "conf t");
	expect_completion(&d, "do sh", "show\n");
	expect_completion(&d, "hostn", "hostname\n");
	close_desk(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_show_ip_nhrp),
		cmocka_unit_test(test_other_shows),
		cmocka_unit_test(test_refusals_with_caret),
		cmocka_unit_test(test_configure),
		cmocka_unit_test(test_refused_lines_change_nothing),
		cmocka_unit_test(test_do),
		cmocka_unit_test(test_show_running_config),
		cmocka_unit_test(test_startup_config),
		cmocka_unit_test(test_those_who_may_only_look),
		cmocka_unit_test(test_enable_and_disable),
		cmocka_unit_test(test_clear),
		cmocka_unit_test(test_ping),
		cmocka_unit_test(test_ping_refusals),
		cmocka_unit_test(test_a_session_that_ends_stops_its_ping),
		cmocka_unit_test(test_debug),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_own_json),
		cmocka_unit_test(test_help_and_completion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
