/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;
static const struct show_request policy = { .what = SHOW_CRYPTO_ISAKMP_POLICY };

static void a_policy_as_ios_prints_it(void **state)
{
	(void)state;
	fake_init(&f);
	fake_zoo(&f);
	expect_show_has(&f, policy,
	                "\nGlobal IKE policy\n"
	                "Protection suite of priority 10\n"
	                "\tencryption algorithm:\tAES - Advanced Encryption Standard "
	                "(256 bit keys).\n"
	                "\thash algorithm:\t\tSecure Hash Standard 2 (256 bit)\n"
	                "\tauthentication method:\tPre-Shared Key\n"
	                "\tDiffie-Hellman group:\t#19 (256 bit)\n"
	                "\tlifetime:\t\t3600 seconds, no volume limit\n");
	fake_fini(&f);
}

static void what_is_left_out_has_its_value_in_force(void **state)
{
	(void)state;
	fake_init(&f);
	fake_zoo(&f);
	expect_show_has(&f, policy,
	                "Protection suite of priority 20\n"
	                "\tencryption algorithm:\tAES - Advanced Encryption Standard "
	                "(128 bit keys).\n"
	                "\thash algorithm:\t\tSecure Hash Standard 2 (256 bit)\n"
	                "\taccepted too:\t\tSecure Hash Standard\n"
	                "\tauthentication method:\tRivest-Shamir-Adleman Signature\n"
	                "\tDiffie-Hellman group:\t#14 (2048 bit)\n"
	                "\tlifetime:\t\t86400 seconds, no volume limit\n");
	fake_fini(&f);
}

static void keys_are_shown_to_those_who_may_see_them(void **state)
{
	const struct show_request look = { .what = SHOW_CRYPTO_ISAKMP_KEY };
	const struct show_request see = { .what = SHOW_CRYPTO_ISAKMP_KEY, .secrets = true };
	const struct show_request json = { .what = SHOW_CRYPTO_ISAKMP_KEY, .json = true };

	(void)state;
	fake_init(&f);
	fake_zoo(&f);
	expect_show(&f, see,
	            "Keyring      Hostname/Address                            Preshared Key\n"
	            "\n"
	            "default      0.0.0.0        [0.0.0.0]                    cisco123\n"
	            "default      2.2.2.2                                     one\n"
	            "PARTNERS     4.4.0.0        [255.255.0.0]                AAbb\n"
	            "PARTNERS     hub.example.com                             name\n");
	expect_show(&f, look,
	            "Keyring      Hostname/Address                            Preshared Key\n"
	            "\n"
	            "default      0.0.0.0        [0.0.0.0]                    <hidden>\n"
	            "default      2.2.2.2                                     <hidden>\n"
	            "PARTNERS     4.4.0.0        [255.255.0.0]                <hidden>\n"
	            "PARTNERS     hub.example.com                             <hidden>\n");
	expect_show_has(&f, json, "\"key\": \"<hidden>\"");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_as_ios_prints_it),
		cmocka_unit_test(what_is_left_out_has_its_value_in_force),
		cmocka_unit_test(keys_are_shown_to_those_who_may_see_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
