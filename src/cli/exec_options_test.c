/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "cli/fake_desk.h"

static void test_ping_options(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_expect(&d, "ping ip 10.10.10.2 timeout 1 df-bit size 1400 source tunnel 0 rep 7",
	            CLI_RUNNING, "");
	cli_interrupt(d.session);
	desk_expect(&d, "ping 10.10.10.2 source 1.1.1.2", CLI_RUNNING, "");
	cli_interrupt(d.session);
	desk_expect_journal(&d, "ping 10.10.10.2 from 10.10.10.1 repeat 7 size 1400 timeout 1 df\n"
	                        "ping stop\n"
	                        "ping 10.10.10.2 from 1.1.1.2 repeat 5 size 100 timeout 2\n"
	                        "ping stop\n");
	desk_close(&d);
}

static void test_ping_refusals(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_expect(&d, "ping", CLI_REFUSED, "ping\n% Incomplete command.\n");
	desk_expect(&d, "ping 10.0.0.1 size 35", CLI_REFUSED,
	            "ping 10.0.0.1 size 35\n"
	            "                   ^\n"
	            "% Invalid input detected at '^' marker.\n");
	desk_expect(&d, "ping 10.0.0.1 df-bit repeat", CLI_REFUSED,
	            "ping 10.0.0.1 df-bit repeat\n"
	            "% Incomplete command.\n");
	desk_expect(&d, "ping 10.0.0.1 source Tunnel1", CLI_REFUSED,
	            "% Invalid source interface - it does not exist or has no IP address\n");
	d.fake.fail = -EPERM;
	desk_expect(&d, "ping 10.0.0.1", CLI_REFUSED, "% Cannot ping\n");
	desk_expect_journal(&d, "");
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ping_options),
		cmocka_unit_test(test_ping_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
