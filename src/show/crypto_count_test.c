/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;

static void sas_of_ike(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_ike_sa(&f, "1.1.1.2", "2.2.2.2");
	fake_add_ike_sa(&f, "1.1.1.2", "3.3.3.2");
	fake_add_ike_sa(&f, "1.1.1.2", "4.4.4.2")->state = IKE_MM_KEY_EXCH;
	fake_add_ike_sa(&f, "1.1.1.2", "5.5.5.2")->deleted = true;
	expect_show(&f, (struct show_request){ .what = SHOW_CRYPTO_ISAKMP_SA_COUNT },
	            "Active ISAKMP SA's: 2\n"
	            "Standby ISAKMP SA's: 0\n"
	            "Currently being negotiated ISAKMP SA's: 1\n"
	            "Dead ISAKMP SA's: 1\n"
	            "\n");
	fake_fini(&f);
}

static void sas_of_ipsec(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_ipsec(&f, "1.1.1.2", "2.2.2.2")->old = true;
	fake_add_ipsec(&f, "1.1.1.2", "2.2.2.2");
	fake_add_ipsec(&f, "1.1.1.2", "3.3.3.2");
	fake_add_ipsec(&f, "1.1.1.2", "4.4.4.2")->up = false;
	fake_add_ipsec(&f, "1.1.1.2", "5.5.5.2")->id = 0;
	expect_show(&f, (struct show_request){ .what = SHOW_CRYPTO_IPSEC_SA_COUNT },
	            "IPsec SA total: 8, active: 4, rekeying: 2, unused: 0, invalid: 2\n");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sas_of_ike),
		cmocka_unit_test(sas_of_ipsec),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
