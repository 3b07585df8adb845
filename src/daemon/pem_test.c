/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/pem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "crypto/fake_ca.h"
#include "util/strbuf.h"

static struct fake_cert root, router;
static struct fake_crl crl;

static int setup(void **state)
{
	(void)state;
	fake_cert_make(&root, &(struct fake_cert_spec){ .name = "Root", .ca = true });
	fake_cert_make(&router, &(struct fake_cert_spec){ .name = "R1", .issuer = &root });
	fake_crl_make(&crl, &(struct fake_crl_spec){ .issuer = &root });
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_cert_fini(&root);
	fake_cert_fini(&router);
	return 0;
}

static void add(struct strbuf *to, char *text)
{
	strbuf_adds(to, text);
	free(text);
}

static void parts_of_a_file(void **state)
{
	struct pem p = { .n_certs = 0 };
	struct strbuf text;

	(void)state;
	strbuf_init(&text);
	strbuf_adds(&text, "Bag attributes\n");
	add(&text, fake_cert_pem(&router));
	add(&text, fake_key_pem(&router));
	add(&text, fake_cert_pem(&root));
	add(&text, fake_crl_pem(&crl));
	assert_null(pem_read(&p, text.text, text.len));
	assert_int_equal(p.n_certs, 2);
	assert_int_equal(p.cert[0].len, router.der_len);
	assert_memory_equal(p.cert[0].bytes, router.der, router.der_len);
	assert_memory_equal(p.cert[1].bytes, root.der, root.der_len);
	assert_int_equal(p.n_crls, 1);
	assert_memory_equal(p.crl[0].bytes, crl.der, crl.der_len);
	assert_true(pem_key_fits(&p, p.cert[0]));
	assert_false(pem_key_fits(&p, p.cert[1]));
	assert_false(pem_key_fits(&p, p.crl[0]));
	pem_fini(&p);
	assert_false(pem_key_fits(&p, fake_cert_der(&router)));
	strbuf_fini(&text);
}

static void a_list_in_der(void **state)
{
	struct pem p = { .n_certs = 0 };

	(void)state;
	assert_null(pem_read(&p, crl.der, crl.der_len));
	assert_int_equal(p.n_crls, 1);
	assert_memory_equal(p.crl[0].bytes, crl.der, crl.der_len);
	pem_fini(&p);
}

static void expect_wrong(const char *text, const char *what)
{
	struct pem p = { .n_certs = 0 };

	assert_string_equal(pem_read(&p, text, strlen(text)), what);
	assert_null(p.key);
	pem_fini(&p);
}

static void what_is_wrong(void **state)
{
	struct pem p = { .n_certs = 0 };
	struct strbuf text;

	(void)state;
	expect_wrong("", "it holds no certificate, key or revocation list");
	expect_wrong("hello", "it holds no certificate, key or revocation list");
	expect_wrong("-----BEGIN CERTIFICATE-----\nAAAA\n", "a part has no end, or is damaged");
	expect_wrong("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	             "the private key cannot be read");
	expect_wrong("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"
	             "-----END ENCRYPTED PRIVATE KEY-----\n",
	             "the private key has a pass phrase");
	expect_wrong("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
	             "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA\n"
	             "-----END RSA PRIVATE KEY-----\n",
	             "the private key has a pass phrase");
	strbuf_init(&text);
	add(&text, fake_key_pem(&router));
	add(&text, fake_key_pem(&root));
	assert_string_equal(pem_read(&p, text.text, text.len),
	                    "there is more than one private key");
	pem_fini(&p);
	strbuf_truncate(&text, 0);
	for (int i = 0; i <= PEM_CERTIFICATES_MAX; i++)
		add(&text, fake_cert_pem(&root));
	assert_string_equal(pem_read(&p, text.text, text.len), "there are too many certificates");
	pem_fini(&p);
	strbuf_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_of_a_file),
		cmocka_unit_test(a_list_in_der),
		cmocka_unit_test(what_is_wrong),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
