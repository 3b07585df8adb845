/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "cli/fake_desk.h"

static void test_refusals_with_caret(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_expect(&d, "show ip nonsense", CLI_REFUSED,
	            "show ip nonsense\n"
	            "        ^\n"
	            "% Invalid input detected at '^' marker.\n");
	desk_expect(&d, "show ip nhrp trafic", CLI_REFUSED,
	            "show ip nhrp trafic\n"
	            "             ^\n"
	            "% Invalid input detected at '^' marker.\n");
	desk_expect(&d, "show ip", CLI_REFUSED, "show ip\n% Incomplete command.\n");
	desk_expect(&d, "show ip nhrp tunnel 9", CLI_REFUSED,
	            "show ip nhrp tunnel 9\n"
	            "             ^\n"
	            "% Invalid input detected at '^' marker.\n");
	desk_expect(&d, "show dmvpn interface fa0/0", CLI_REFUSED,
	            "show dmvpn interface fa0/0\n"
	            "                     ^\n"
	            "% Invalid input detected at '^' marker.\n");
	desk_expect(&d, "show version | frob x", CLI_REFUSED,
	            "show version | frob x\n"
	            "               ^\n"
	            "% Invalid input detected at '^' marker.\n");
	desk_expect(&d, "clear counters | include x", CLI_REFUSED,
	            "clear counters | include x\n"
	            "               ^\n"
	            "% Invalid input detected at '^' marker.\n");
	desk_expect(&d, "show version | include (", CLI_REFUSED,
	            "show version | include (\n"
	            "% Invalid regular expression: Unmatched ( or \\(\n");

	/* On a terminal the line stands behind the prompt already, and the caret below it. */
	cli_set_echoed(d.session, true);
	desk_expect(&d, " show ip nonsense", CLI_REFUSED,
	            "            ^\n"
	            "% Invalid input detected at '^' marker.\n");
	desk_run(&d, "");
	desk_run(&d, "   ! a comment");
	desk_close(&d);
}

static void test_do(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_run(&d, "conf t");
	desk_run(&d, "interface Tunnel0");
	desk_expect_show(&d, "do show ip nhrp brief", SHOW_IP_NHRP_BRIEF, "");
	desk_expect(&d, "do show ip x", CLI_REFUSED,
	            "do show ip x\n"
	            "           ^\n"
	            "% Invalid input detected at '^' marker.\n");
	desk_expect(&d, "do configure terminal", CLI_REFUSED,
	            "do configure terminal\n"
	            "   ^\n"
	            "% Invalid input detected at '^' marker.\n");
	desk_expect_prompt(&d, "R1(config-if)#");
	desk_close(&d);
}

static void test_help_and_completion(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_expect_help(&d, "terminal ",
	                 "  length   Lines of a page, 0 for no paging\n"
	                 "  monitor  Show log lines in this session\n"
	                 "  no       Turn off\n");
	desk_expect_help(&d, "show c", "clock  crypto\n");
	desk_expect_help(&d, "show ip nhrp brief ",
	                 "  A.B.C.D  IPv4 address\n"
	                 "  Tunnel   Tunnel interface\n"
	                 "  X:X::X   IPv6 address\n"
	                 "  <cr>\n");
	desk_expect_help(&d, "ping 10.0.0.1 repeat ", "  <1-2147483647>  How many\n");
	desk_expect_help(&d, "ping 10.0.0.1 repeat 5 d", "df-bit\n");
	desk_expect_help(&d, "ping 10.0.0.1 df-bit ",
	                 "  df-bit   Set the don't-fragment bit\n"
	                 "  repeat   How many\n"
	                 "  size     Bytes of the whole IP packet\n"
	                 "  source   Source address, or the interface that has it\n"
	                 "  timeout  Seconds to wait for an answer\n"
	                 "  <cr>\n");
	desk_expect_help(&d, "frobnicate ", "% Unrecognized command\n");
	desk_expect_help(&d, "show version | c", "count\n");
	desk_expect_completion(&d, "sh", "show\n");
	desk_expect_completion(&d, "show ip nhrp tr", "traffic\n");
	desk_expect_completion(&d, "ping 10.0.0.1 s", "size\nsource\n");
	desk_expect_completion(&d, "show version | inc", "include\n");

	desk_run(&d, "conf t");
	desk_expect_completion(&d, "do sh", "show\n");
	desk_expect_completion(&d, "hostn", "hostname\n");
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals_with_caret),
		cmocka_unit_test(test_do),
		cmocka_unit_test(test_help_and_completion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
