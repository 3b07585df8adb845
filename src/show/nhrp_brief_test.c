/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;

static void one_line_an_entry_in_the_classic_columns(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "10.0.123.2", "200.0.123.2")->tunnel = 123;
	fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "10.9.0.10", "10.10.100.30")->tunnel = 152729;
	expect_show(
		&f, (struct show_request){ .what = SHOW_IP_NHRP_BRIEF },
		"   Target             Via            NBMA           Mode   Intfc   Claimed \n"
		"       10.0.123.2/32 10.0.123.2      200.0.123.2     dynamic  Tu123   <   >\n"
		"        10.9.0.10/32 10.9.0.10       10.10.100.30    dynamic  Tu15272 <   >\n");
	fake_fini(&f);
}

static void a_claimed_address_stands_in_its_brackets(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "10.0.0.2", "190.80.136.7")->claimed =
		fake_addr("192.168.0.2");
	expect_show_has(&f, (struct show_request){ .what = SHOW_IP_NHRP_BRIEF }, "<192.168.0.2>\n");
	fake_fini(&f);
}

static void incomplete_entries_have_no_line(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_entry(&f, NHRP_ENTRY_INCOMPLETE, "10.0.0.9", NULL);
	expect_show(
		&f, (struct show_request){ .what = SHOW_IP_NHRP_BRIEF },
		"   Target             Via            NBMA           Mode   Intfc   Claimed \n");
	expect_show_has(&f, (struct show_request){ .what = SHOW_IP_NHRP_BRIEF, .json = true },
	                "\"entries\": []");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line_an_entry_in_the_classic_columns),
		cmocka_unit_test(a_claimed_address_stands_in_its_brackets),
		cmocka_unit_test(incomplete_entries_have_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
