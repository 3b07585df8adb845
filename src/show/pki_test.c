/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;
static const struct show_request certificates = { .what = SHOW_CRYPTO_PKI_CERTIFICATES };
static const struct show_request trustpoints = { .what = SHOW_CRYPTO_PKI_TRUSTPOINTS };

static void certificates_as_ios_prints_them(void **state)
{
	struct show_request none = certificates;

	(void)state;
	fake_init(&f);
	fake_zoo(&f);
	expect_show_has(&f, certificates,
	                "Certificate\n"
	                "  Status: Available\n"
	                "  Certificate Serial Number (hex): 02\n"
	                "  Certificate Usage: General Purpose\n"
	                "  Issuer: \n"
	                "    cn=Lab CA\n"
	                "    o=Lab\n"
	                "  Subject: \n"
	                "    cn=R1\n"
	                "    o=Lab\n"
	                "  Validity Date: \n"
	                "    start date: 20:13:20 UTC Nov 14 2023\n"
	                "    end   date: 22:13:20 UTC Nov 14 2023\n"
	                "  Private Key: there\n"
	                "  Associated Trustpoints: LAB \n"
	                "\n"
	                "CA Certificate\n"
	                "  Status: Available\n"
	                "  Certificate Serial Number (hex): 01\n"
	                "  Certificate Usage: Signature\n");
	none.name = "OTHER";
	expect_show(&f, none, "");
	fake_fini(&f);
}

static void a_certificate_out_of_its_time(void **state)
{
	(void)state;
	fake_init(&f);
	fake_zoo(&f);
	f.node.certificate[0].facts.until_s = FAKE_WALL_S - 1;
	f.node.certificate[0].has_key = false;
	expect_show_has(&f, certificates, "Certificate\n  Status: Expired\n");
	expect_show_has(&f, certificates,
	                "  Private Key: missing, so that nothing can be signed\n");
	f.node.certificate[0].facts.from_s = FAKE_WALL_S + 1;
	expect_show_has(&f, certificates, "Certificate\n  Status: Pending\n");
	fake_fini(&f);
}

static void trustpoints_say_what_they_lack(void **state)
{
	(void)state;
	fake_init(&f);
	fake_zoo(&f);
	expect_show(&f, trustpoints,
	            "Trustpoint LAB:\n"
	            "    Subject Name: \n"
	            "    cn=Lab CA\n"
	            "    o=Lab\n"
	            "          Serial Number (hex): 01\n"
	            "    Certificate configured.\n"
	            "    Enrollment: file /etc/dmvpnd/lab.pem\n"
	            "    Revocation check: crl, list in /etc/dmvpnd/lab.crl\n"
	            "\n"
	            "Trustpoint EMPTY:\n"
	            "    No certificate of a CA: no peer is trusted by it.\n"
	            "    No certificate of this router.\n"
	            "    Enrollment: terminal\n"
	            "    Revocation check: none\n"
	            "\n");
	f.node.certificate[0].has_key = false;
	expect_show_has(&f, trustpoints, "    Certificate without its private key.\n");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_as_ios_prints_them),
		cmocka_unit_test(a_certificate_out_of_its_time),
		cmocka_unit_test(trustpoints_say_what_they_lack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
