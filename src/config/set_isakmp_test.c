/* SPDX-License-Identifier: Apache-2.0 */
/* Policies of IKEv1, typed line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"

static void policies_stand_in_the_order_of_their_numbers(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto isakmp policy 20");
	desk_type(&d, "encr aes 256");
	desk_type(&d, "hash sha512");
	desk_type(&d, "authentication pre-share");
	desk_type(&d, "group 19");
	desk_type(&d, "lifetime 3600");
	desk_type(&d, "crypto isakmp policy 5");
	desk_type(&d, "encryption aes");
	desk_type(&d, "authentication rsa-sig");
	desk_type(&d, "lifetime 86400");
	assert_string_equal(desk_print(&d), "crypto isakmp policy 5\n"
	                                    " encr aes\n"
	                                    " authentication rsa-sig\n"
	                                    "crypto isakmp policy 20\n"
	                                    " encr aes 256\n"
	                                    " hash sha512\n"
	                                    " authentication pre-share\n"
	                                    " group 19\n"
	                                    " lifetime 3600\n");
	desk_type(&d, "crypto isakmp policy 20");
	desk_type(&d, "no encryption");
	desk_type(&d, "no hash sha512");
	desk_type(&d, "no authentication");
	desk_type(&d, "no group");
	desk_type(&d, "no lifetime");
	desk_type(&d, "no crypto isakmp policy 5");
	assert_string_equal(desk_print(&d), "crypto isakmp policy 20\n");
	const struct snap_isakmp_policy *p = d.s->crypto.policy;
	assert_false(p->has_encryption || p->has_hash || p->has_authentication || p->has_group);
	desk_close(&d);
}

static void weak_choices_work_with_a_warning(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto isakmp policy 1");
	desk_type_warned(&d, "encr 3des", "3des is weak: instead write \"encryption aes\"");
	desk_type_warned(&d, "encr des", "des is weak: instead write \"encryption aes\"");
	desk_type_warned(&d, "hash md5", "md5 is weak: instead write \"hash sha256\"");
	desk_type_warned(&d, "group 5", "group 5 is weak: instead write \"group 14\"");
	desk_type(&d, "hash sha");
	const struct snap_isakmp_policy *p = d.s->crypto.policy;
	assert_int_equal(p->encryption, CIPHER_DES);
	assert_int_equal(p->hash, HASH_SHA1);
	assert_int_equal(p->group, 5);
	desk_close(&d);
}

/* One way of authentication takes the place of another. */
static void ways_that_we_lack_are_kept(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto isakmp policy 1");
	desk_type(&d, "authentication pre-share");
	desk_type_warned(&d, "authentication rsa-encr", "known, not yet in force");
	assert_string_equal(desk_print(&d), "crypto isakmp policy 1\n authentication rsa-encr\n");
	desk_type(&d, "authentication pre-share");
	assert_string_equal(desk_print(&d), "crypto isakmp policy 1\n authentication pre-share\n");
	desk_close(&d);
}

static void what_holds_for_all_of_ikev1(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto isakmp keepalive 20");
	desk_type(&d, "crypto isakmp nat keepalive 30");
	desk_type(&d, "crypto isakmp aggressive-mode accept");
	desk_type(&d, "no crypto isakmp invalid-spi-recovery");
	desk_type(&d, "crypto isakmp identity dn");
	assert_string_equal(desk_print(&d), "crypto isakmp identity dn\n"
	                                    "crypto isakmp keepalive 20\n"
	                                    "crypto isakmp nat keepalive 30\n"
	                                    "crypto isakmp aggressive-mode accept\n"
	                                    "no crypto isakmp invalid-spi-recovery\n");
	desk_type(&d, "crypto isakmp keepalive 10 3 periodic");
	assert_int_equal(d.s->crypto.keepalive_s, 10);
	assert_int_equal(d.s->crypto.keepalive_retry_s, 3);
	assert_true(d.s->crypto.keepalive_periodic);
	assert_true(desk_is_stable(&d));
	desk_type(&d, "no crypto isakmp keepalive");
	desk_type(&d, "no crypto isakmp nat keepalive");
	desk_type(&d, "crypto isakmp aggressive-mode disable");
	desk_type(&d, "crypto isakmp invalid-spi-recovery");
	desk_type(&d, "crypto isakmp identity address");
	assert_string_equal(desk_print(&d), "");
	desk_close(&d);
}

/* As where OpenSSL has no legacy provider. */
static void des_is_refused_where_there_is_none(void **state)
{
	const struct config_machine machine = { .no_ike_des = true };
	const char *text = "crypto isakmp policy 1\n encr des\n";
	struct config_remarks remarks;
	struct snapshot *s = config_parse_on(&machine, text, strlen(text), &remarks);

	(void)state;
	assert_int_equal(remarks.n_errors, 1);
	assert_int_equal(remarks.remark[1].line_number, 2);
	assert_string_equal(remarks.remark[1].text,
	                    "this machine has no DES, for OpenSSL's legacy provider is missing: "
	                    "write \"encryption aes\"");
	assert_false(s->crypto.policy->has_encryption);
	config_remarks_fini(&remarks);
	snapshot_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies_stand_in_the_order_of_their_numbers),
		cmocka_unit_test(weak_choices_work_with_a_warning),
		cmocka_unit_test(ways_that_we_lack_are_kept),
		cmocka_unit_test(what_holds_for_all_of_ikev1),
		cmocka_unit_test(des_is_refused_where_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
