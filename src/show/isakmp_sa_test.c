/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;
static const struct show_request plain = { .what = SHOW_CRYPTO_ISAKMP_SA };
static const struct show_request detail = { .what = SHOW_CRYPTO_ISAKMP_SA_DETAIL };

static void both_headings_stand_without_any_sa(void **state)
{
	(void)state;
	fake_init(&f);
	expect_show(&f, plain,
	            "IPv4 Crypto ISAKMP SA\n"
	            "dst             src             state          conn-id status\n"
	            "\n"
	            "IPv6 Crypto ISAKMP SA\n"
	            "\n");
	expect_show_has(&f, detail, "Lifetime Cap.\n\nIPv6 Crypto ISAKMP SA\n\n");
	fake_fini(&f);
}

static void the_responder_is_the_destination(void **state)
{
	(void)state;
	fake_init(&f);
	struct ike_sa_view *sa = fake_add_ike_sa(&f, "100.0.10.2", "100.13.220.2");
	sa->initiator = false;
	sa->id = 29609;
	expect_show_has(&f, plain,
	                "100.0.10.2      100.13.220.2    QM_IDLE          29609 ACTIVE\n");
	sa->initiator = true;
	sa->deleted = true;
	sa->state = IKE_MM_NO_STATE;
	expect_show_has(
		&f, plain,
		"100.13.220.2    100.0.10.2      MM_NO_STATE      29609 ACTIVE (deleted)\n");
	fake_fini(&f);
}

static void ipv6_has_lines_of_its_own(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_ike_sa(&f, "2001:db8::1", "2001:db8::2");
	expect_show_has(&f, plain,
	                "IPv6 Crypto ISAKMP SA\n\n"
	                " dst: 2001:db8::2\n"
	                " src: 2001:db8::1\n"
	                " state: QM_IDLE         conn-id:   1001 status: ACTIVE\n");
	expect_show_has(&f, detail, "IPv6 Crypto ISAKMP SA\n\n1001  2001:db8::1     2001:db8::2 ");
	fake_fini(&f);
}

static void a_row_of_ios(void **state)
{
	(void)state;
	fake_init(&f);
	struct ike_sa_view *sa = fake_add_ike_sa(&f, "20.10.20.2", "20.30.10.2");
	sa->id = 1074;
	sa->hash = HASH_SHA1;
	sa->auth = SNAP_AUTH_RSA_SIG;
	sa->group = 2;
	sa->has_dpd = false;
	sa->expires = fake_in(23 * 3600 + 47 * 60 + 17);
	expect_show_has(&f, detail,
	                "1074  20.10.20.2      20.30.10.2             ACTIVE aes  sha    rsig 2  "
	                "23:47:17     \n"
	                "       Engine-id:Conn-id =  SW:74\n\n");
	sa->has_dpd = sa->behind_nat = true;
	expect_show_has(&f, detail, "23:47:17 DN  \n");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_headings_stand_without_any_sa),
		cmocka_unit_test(the_responder_is_the_destination),
		cmocka_unit_test(ipv6_has_lines_of_its_own),
		cmocka_unit_test(a_row_of_ios),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
