/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "cli/fake_desk.h"

static void test_debug(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_expect(&d, "debug nhrp", CLI_DONE, "NHRP protocol debugging is on\n");
	desk_expect(&d, "debug nhrp packet", CLI_DONE, "NHRP activity debugging is on\n");
	assert_int_equal(cli_debug(d.session), DEBUG_NHRP | DEBUG_NHRP_PACKET);
	desk_expect(&d, "show debugging", CLI_DONE,
	            "NHRP:\n"
	            "  NHRP protocol debugging is on\n"
	            "  NHRP activity debugging is on\n");
	desk_expect(&d, "no debug nhrp", CLI_DONE, "NHRP protocol debugging is off\n");
	assert_int_equal(cli_debug(d.session), DEBUG_NHRP_PACKET);
	desk_expect(&d, "u all", CLI_DONE, "All possible debugging has been turned off\n");
	assert_int_equal(cli_debug(d.session), 0);
	desk_expect(&d, "show debugging", CLI_DONE, "");
	desk_expect(&d, "debug nhrp cache", CLI_DONE, "NHRP cache operations debugging is on\n");
	desk_expect(&d, "debug crypto isakmp", CLI_DONE, "Crypto ISAKMP debugging is on\n");
	desk_expect(&d, "debug crypto ipsec", CLI_DONE, "Crypto IPSEC debugging is on\n");
	desk_expect(&d, "show debugging", CLI_DONE,
	            "NHRP:\n"
	            "  NHRP cache operations debugging is on\n"
	            "Cryptographic Subsystem:\n"
	            "  Crypto ISAKMP debugging is on\n"
	            "  Crypto IPSEC debugging is on\n");
	desk_expect(&d, "no debug crypto ipsec", CLI_DONE, "Crypto IPSEC debugging is off\n");
	desk_expect(&d, "undebug crypto isakmp", CLI_DONE, "Crypto ISAKMP debugging is off\n");
	assert_int_equal(cli_debug(d.session), DEBUG_NHRP_CACHE);
	cli_interrupt(d.session);
	assert_int_equal(cli_debug(d.session), 0);
	desk_close(&d);
}

static void test_terminal(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	assert_int_equal(cli_terminal_length(d.session), CLI_LENGTH_AUTO);
	desk_run(&d, "terminal length 0");
	assert_int_equal(cli_terminal_length(d.session), 0);
	desk_run(&d, "term len 50");
	assert_int_equal(cli_terminal_length(d.session), 50);
	cli_log(d.session, "unheard");
	desk_run(&d, "terminal monitor");
	cli_log(d.session, "heard");
	desk_run(&d, "terminal no monitor");
	cli_log(d.session, "unheard");
	assert_string_equal(d.printed.text, "<log heard>");
	desk_close(&d);
}

static void test_startup_config(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_expect(&d, "show startup-config", CLI_REFUSED, "% startup-config is not present\n");
	desk_expect(&d, "write memory", CLI_DONE, "Building configuration...\n[OK]\n");
	desk_expect(&d, "wr", CLI_DONE, "Building configuration...\n[OK]\n");
	desk_expect(&d, "copy run start", CLI_DONE, "Building configuration...\n[OK]\n");
	desk_expect_journal(&d, "save\nsave\nsave\n");
	desk_expect(&d, "show startup-config | include hostname", CLI_DONE, "hostname R1\n");
	d.fake.fail = -ENOSPC;
	desk_expect(&d, "write", CLI_REFUSED, "Building configuration...\n% The disk is full\n");
	desk_close(&d);
}

/* What is saved is not what was typed: whoever saves is told. */
static void test_saving_what_is_not_finished(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_run(&d, "conf t");
	desk_run(&d, "interface Tunnel7");
	desk_expect(&d, "do write", CLI_DONE,
	            "Building configuration...\n"
	            "[OK]\n"
	            "% Tunnel7 is not finished and was saved with shutdown; leave its block and "
	            "write again\n");
	desk_run(&d, "shutdown");
	desk_expect(&d, "do write", CLI_DONE, "Building configuration...\n[OK]\n");
	desk_run(&d, "no shutdown");
	desk_run(&d, "exit");
	desk_expect(&d, "do write", CLI_DONE, "Building configuration...\n[OK]\n");
	desk_close(&d);
}

static void test_enable_and_disable(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_run(&d, "disable");
	desk_expect_prompt(&d, "R1>");
	desk_expect(&d, "conf t", CLI_REFUSED,
	            "conf t\n"
	            "^\n"
	            "% Invalid input detected at '^' marker.\n");
	desk_run(&d, "enable");
	desk_expect_prompt(&d, "R1#");
	desk_expect(&d, "show privilege", CLI_DONE, "Current privilege level is 15\n");
	desk_expect(&d, "exit", CLI_CLOSE, "");
	desk_expect(&d, "logout", CLI_CLOSE, "");
	desk_close(&d);
}

static void test_ping(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_expect(&d, "ping 10.10.10.2", CLI_RUNNING, "");
	d.fake.pinging = NULL;
	cli_print(d.session, "!!!!!\n", 6);
	cli_done(d.session, true);
	assert_string_equal(d.printed.text, "!!!!!\n<done 0>");
	desk_expect(&d, "ping 10.10.10.2", CLI_RUNNING, "");
	cli_interrupt(d.session);
	assert_string_equal(d.printed.text, "!!!!!\n<done 0>stopped\n<done 0>");
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_debug),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_startup_config),
		cmocka_unit_test(test_enable_and_disable),
		cmocka_unit_test(test_ping),
		cmocka_unit_test(test_saving_what_is_not_finished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
