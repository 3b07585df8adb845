/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;

static void uptime_in_the_words_of_ios(void **state)
{
	enum { MINUTE = 60, HOUR = 3600, DAY = 24 * HOUR, WEEK = 7 * DAY };
	const struct show_request request = { .what = SHOW_VERSION };

	(void)state;
	fake_init(&f);
	f.program.started = fake_ago(59);
	expect_show_has(&f, request, "R1 uptime is 0 minutes\n");
	f.program.started = fake_ago(HOUR + MINUTE);
	expect_show_has(&f, request, "R1 uptime is 1 hour, 1 minute\n");
	f.program.started = fake_ago(2 * WEEK + 3 * HOUR);
	expect_show_has(&f, request, "R1 uptime is 2 weeks, 0 days, 3 hours, 0 minutes\n");
	fake_fini(&f);
}

static void the_program_and_its_system(void **state)
{
	const struct show_request request = { .what = SHOW_VERSION };

	(void)state;
	fake_init(&f);
	f.program.n_workers = 1;
	f.program.kernel = NULL;
	expect_show_has(&f, request,
	                "OpenDMVPN Software, Version 0.1.0\n"
	                "Linux unknown, data plane \"user\", 1 worker\n");
	expect_show_has(&f, (struct show_request){ .what = SHOW_VERSION, .json = true },
	                "\"kernel\": null");
	fake_fini(&f);
}

static void what_af_xdp_receives(void **state)
{
	const struct show_request request = { .what = SHOW_VERSION };
	const struct show_request json = { .what = SHOW_VERSION, .json = true };

	(void)state;
	fake_init(&f);
	f.program.xdp_receive = true;
	f.program.n_xdp_ports = 1;
	f.program.xdp_packets = 5000000000;
	f.program.xdp_dropped = 3;
	expect_show_has(&f, request,
	                "2 workers\nAF_XDP receives on 1 port: 5000000000 packets, 3 dropped\n\n");
	expect_show_has(&f, json, "\"xdp_packets\": 5000000000");
	f.program.n_xdp_ports = 0;
	f.program.xdp_error = "Operation not permitted";
	expect_show_has(&f, request,
	                "on 0 ports: 5000000000 packets, 3 dropped; Operation not permitted\n");
	expect_show_has(&f, json, "\"xdp_error\": \"Operation not permitted\"");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uptime_in_the_words_of_ios),
		cmocka_unit_test(the_program_and_its_system),
		cmocka_unit_test(what_af_xdp_receives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
