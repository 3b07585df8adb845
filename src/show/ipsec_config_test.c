/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;

static void transform_sets(void **state)
{
	(void)state;
	fake_init(&f);
	fake_zoo(&f);
	expect_show(&f, (struct show_request){ .what = SHOW_CRYPTO_IPSEC_TRANSFORM_SET },
	            "Transform set TS: { esp-aes esp-sha-hmac  } \n"
	            "   will negotiate = { Tunnel,  }, \n"
	            "   \n"
	            "Transform set GCM: { esp-gcm 256 esn  } \n"
	            "   will negotiate = { Transport,  } require, \n"
	            "   \n");
	fake_fini(&f);
}

static void profiles_have_the_values_in_force(void **state)
{
	(void)state;
	fake_init(&f);
	fake_zoo(&f);
	f.snapshot->crypto.lifetime_s = 1800;
	expect_show(&f, (struct show_request){ .what = SHOW_CRYPTO_IPSEC_PROFILE },
	            "IPSEC profile DMVPN\n"
	            "\tISAKMP Profile: PARTNER\n"
	            "\tSecurity association lifetime: 4608000 kilobytes/1800 seconds\n"
	            "\tResponder-Only (Y/N): N\n"
	            "\tPFS (Y/N): Y\n"
	            "\tDH group:  group14\n"
	            "\tMixed-mode : Disabled\n"
	            "\tTransform sets={ \n"
	            "\t\tGCM:  { esp-gcm 256 esn  } , \n"
	            "\t\tTS:  { esp-aes esp-sha-hmac  } , \n"
	            "\t}\n"
	            "\n"
	            "IPSEC profile LACKS\n"
	            "\tSecurity association lifetime: 120 seconds\n"
	            "\tResponder-Only (Y/N): N\n"
	            "\tPFS (Y/N): N\n"
	            "\tMixed-mode : Disabled\n"
	            "\tTransform sets={ \n"
	            "\t\tGONE:  { not configured } , \n"
	            "\t}\n"
	            "\n");
	fake_fini(&f);
}

static void json_says_whether_a_profile_is_complete(void **state)
{
	const struct show_request json = { .what = SHOW_CRYPTO_IPSEC_PROFILE, .json = true };

	(void)state;
	fake_init(&f);
	fake_zoo(&f);
	expect_show_has(&f, json, "\"complete\": false");
	expect_show_has(&f, json, "\"lifetime_kb\": null");
	expect_show_has(&f, json, "\"idle_s\": 600");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transform_sets),
		cmocka_unit_test(profiles_have_the_values_in_force),
		cmocka_unit_test(json_says_whether_a_profile_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
