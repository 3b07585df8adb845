/* SPDX-License-Identifier: Apache-2.0 */
/* IPsec profiles, typed line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"

static void a_profile_says_all_of_it(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto ipsec profile P");
	desk_type(&d, "description of P");
	desk_type(&d, "set transform-set A B");
	desk_type(&d, "set pfs group19");
	desk_type(&d, "set security-association lifetime seconds 120");
	desk_type(&d, "set security-association lifetime kilobytes 5000");
	desk_type(&d, "set security-association idle-time 600");
	desk_type(&d, "set security-association replay disable");
	desk_type(&d, "set isakmp-profile I");
	desk_type_warned(&d, "set ikev2-profile V2", "known, not yet in force");
	const char *all = "crypto ipsec profile P\n"
			  " description of P\n"
			  " set security-association lifetime seconds 120\n"
			  " set security-association lifetime kilobytes 5000\n"
			  " set security-association idle-time 600\n"
			  " set security-association replay disable\n"
			  " set transform-set A B\n"
			  " set pfs group19\n"
			  " set isakmp-profile I\n"
			  " set ikev2-profile V2\n";
	assert_string_equal(desk_print(&d), all);
	assert_true(desk_is_stable(&d));
	assert_int_equal(d.s->crypto.profile->n_sets, 2);
	assert_string_equal(d.s->crypto.profile->set[1], "B");
	desk_type(&d, "no description");
	desk_type(&d, "no set transform-set");
	desk_type(&d, "no set pfs");
	desk_type(&d, "no set security-association lifetime seconds");
	desk_type(&d, "no set security-association lifetime kilobytes");
	desk_type(&d, "no set security-association idle-time");
	desk_type(&d, "no set security-association replay");
	desk_type(&d, "no set isakmp-profile");
	desk_type(&d, "no set ikev2-profile V2");
	assert_string_equal(desk_print(&d), "crypto ipsec profile P\n");
	desk_type(&d, "no crypto ipsec profile P");
	desk_type_refused(&d, "no crypto ipsec profile P", "there is no such profile");
	desk_close(&d);
}

static void a_comment_is_no_transform_set(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto ipsec profile P");
	desk_type(&d, "set transform-set A ! the usual");
	assert_int_equal(d.s->crypto.profile->n_sets, 1);
	desk_type_refused(&d, "set transform-set !", "the name of a transform set is missing");
	desk_close(&d);
}

static void pfs_has_a_group_always(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto ipsec profile P");
	desk_type_warned(&d, "set pfs", "group14 is taken, where IOS takes its weak default");
	assert_int_equal(d.s->crypto.profile->pfs_group, 14);
	desk_type_warned(&d, "set pfs group2", "group2 is weak: instead write \"set pfs group14\"");
	assert_int_equal(d.s->crypto.profile->pfs_group, 2);
	desk_type(&d, "set security-association lifetime days 2");
	assert_int_equal(d.s->crypto.profile->lifetime_s, 172800);
	desk_type(&d, "no set security-association lifetime days");
	assert_int_equal(d.s->crypto.profile->lifetime_s, 0);
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_says_all_of_it),
		cmocka_unit_test(a_comment_is_no_transform_set),
		cmocka_unit_test(pfs_has_a_group_always),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
