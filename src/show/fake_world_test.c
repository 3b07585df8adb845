/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;

static void words_are_compared_without_runs_of_blanks(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_entry(&f, NHRP_ENTRY_STATIC, "10.0.0.1", "1.1.1.1");
	expect_show_words(&f, (struct show_request){ .what = SHOW_IP_NHRP },
	                  "10.0.0.1/32   via 10.0.0.1  \n"
	                  " Tunnel0 created   00:11:31, never expire\n"
	                  "Type: static, Flags:\n"
	                  "  NBMA address: 1.1.1.1\n");
	fake_fini(&f);
}

static void a_tunnel_has_a_view_and_a_configuration(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_tunnel(&f, 7, "10.0.0.1/24");
	const struct interface_view *i = fake_tunnel_interface(&f, 7);
	assert_non_null(i);
	assert_string_equal(i->name, "Tunnel7");
	assert_int_equal(i->config->tunnel->number, 7);
	assert_int_equal(i->address.len, 24);
	assert_null(fake_tunnel_interface(&f, 8));
	fake_fini(&f);
}

static void instants_are_counted_from_the_answer(void **state)
{
	(void)state;
	assert_int_equal(mono_seconds_between(fake_ago(5), fake_ago(0)), 5);
	assert_int_equal(mono_seconds_between(fake_ago(0), fake_in(9)), 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_compared_without_runs_of_blanks),
		cmocka_unit_test(a_tunnel_has_a_view_and_a_configuration),
		cmocka_unit_test(instants_are_counted_from_the_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
