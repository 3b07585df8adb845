/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "crypto/fake_ca.h"

/* 2026-01-01, and a sentence's "valid" for what is. */
enum { NOW_S = 1767225600 };
#define PAST   1600000000LL /* 2020-09-13 12:26:40 */
#define FUTURE 1900000000LL /* 2030-03-17 17:46:40 */

/* A root, a CA below it, another root, and certificates of routers. */
static struct lab {
	struct crypto *crypto;
	struct fake_cert root, sub, other;
	struct fake_cert r1, by_sub, expired, later, md5, encipher, stranger;
} lab;

static int setup(void **state)
{
	(void)state;
	lab.crypto = crypto_new();
	fake_cert_make(&lab.root, &(struct fake_cert_spec){ .name = "Root", .ca = true });
	fake_cert_make(&lab.other, &(struct fake_cert_spec){ .name = "Other", .ca = true });
	fake_cert_make(&lab.sub,
	               &(struct fake_cert_spec){ .name = "Sub", .ca = true, .issuer = &lab.root });
	fake_cert_make(&lab.r1, &(struct fake_cert_spec){
					.name = "R1",
					.issuer = &lab.root,
					.alt = "IP:1.1.1.2,IP:2001:db8::1,DNS:r1.example,"
					       "email:r1@example",
				});
	fake_cert_make(&lab.by_sub, &(struct fake_cert_spec){
					    .name = "R2", .issuer = &lab.sub, .host = "r2.lab" });
	fake_cert_make(&lab.expired, &(struct fake_cert_spec){
					     .name = "Old", .issuer = &lab.root, .until = PAST });
	fake_cert_make(&lab.later, &(struct fake_cert_spec){
					   .name = "New", .issuer = &lab.root, .from = FUTURE });
	fake_cert_make(&lab.md5, &(struct fake_cert_spec){
					 .name = "Weak", .issuer = &lab.root, .digest = "MD5" });
	fake_cert_make(&lab.encipher, &(struct fake_cert_spec){ .name = "Usage",
	                                                        .alt = "DNS:both.example",
	                                                        .host = "both.lab",
	                                                        .issuer = &lab.root,
	                                                        .usage = "keyEncipherment" });
	fake_cert_make(&lab.stranger,
	               &(struct fake_cert_spec){ .name = "R3", .issuer = &lab.other });
	return lab.crypto ? 0 : -1;
}

static int teardown(void **state)
{
	struct fake_cert *all[] = { &lab.root,     &lab.sub,     &lab.other, &lab.r1,
		                    &lab.by_sub,   &lab.expired, &lab.later, &lab.md5,
		                    &lab.encipher, &lab.stranger };

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		fake_cert_fini(all[i]);
	crypto_free(lab.crypto);
	return 0;
}

static struct cert *read_cert(const struct fake_cert *from)
{
	struct cert *cert = cert_new(lab.crypto, fake_cert_der(from));

	assert_non_null(cert);
	return cert;
}

/* What a check says: "valid" or the sentence, in memory of the caller's. */
struct ask {
	const struct fake_cert *ca, *cert, *more;
	const struct fake_crl *crl;
	enum cert_revocation revocation;
	int64_t at_s; /* 0: NOW_S */
};

static const char *asked(const struct ask *ask)
{
	static char why[CERT_TEXT_SIZE];
	struct cert_trust *t = cert_trust_new(lab.crypto);
	struct cert *cert = read_cert(ask->cert);
	struct cert *more = ask->more ? read_cert(ask->more) : NULL;
	const struct cert *const list[2] = { cert, more };
	const struct cert_chain chain = {
		.cert = list,
		.n = more ? 2 : 1,
		.wall_ms = (ask->at_s ? ask->at_s : NOW_S) * 1000,
		.revocation = ask->revocation,
	};

	if (ask->ca)
		assert_true(cert_trust_add_ca(t, fake_cert_der(ask->ca)));
	if (ask->crl)
		assert_true(cert_trust_add_crl(t, fake_crl_der(ask->crl)));
	enum cert_verdict verdict = cert_trust_check(t, &chain, why);
	cert_free(cert);
	cert_free(more);
	cert_trust_free(t);
	assert_int_equal(verdict == CERT_ISSUER_UNKNOWN, strstr(why, "is unknown here") != NULL);
	return verdict == CERT_VALID ? "valid" : why;
}

static const char *checked(const struct fake_cert *ca, const struct fake_cert *cert)
{
	return asked(&(struct ask){ .ca = ca, .cert = cert, .revocation = CERT_CRL_IGNORED });
}

static void chains_lead_to_what_is_trusted(void **state)
{
	(void)state;
	assert_string_equal(checked(&lab.root, &lab.r1), "valid");
	assert_string_equal(checked(&lab.root, &lab.stranger),
	                    "certificate CN=R3,O=Lab: its issuer CN=Other,O=Lab is unknown here");
	assert_string_equal(checked(NULL, &lab.r1),
	                    "certificate CN=R1,O=Lab: its issuer CN=Root,O=Lab is unknown here");
	assert_string_equal(checked(&lab.root, &lab.other),
	                    "certificate CN=Other,O=Lab: its issuer CN=Other,O=Lab is unknown "
	                    "here");
	assert_string_equal(checked(&lab.root, &lab.by_sub),
	                    "certificate CN=R2,unstructuredName=r2.lab,O=Lab: its issuer "
	                    "CN=Sub,O=Lab is unknown here");
	assert_string_equal(asked(&(struct ask){ .ca = &lab.root,
	                                         .cert = &lab.by_sub,
	                                         .more = &lab.sub,
	                                         .revocation = CERT_CRL_IGNORED }),
	                    "valid");
	/* A CA that is no root is an anchor all the same. */
	assert_string_equal(checked(&lab.sub, &lab.by_sub), "valid");
	/* One that only issued nothing cannot vouch. */
	assert_string_equal(checked(&lab.root, &lab.encipher),
	                    "certificate CN=Usage,unstructuredName=both.lab,O=Lab: its key usage "
	                    "is not digital signature");
	assert_string_equal(checked(&lab.root, &lab.md5),
	                    "certificate CN=Weak,O=Lab is signed with MD5");
}

static void a_certificate_that_is_no_ca_vouches_for_nobody(void **state)
{
	struct cert_trust *t = cert_trust_new(lab.crypto);
	struct fake_cert below;

	(void)state;
	fake_cert_make(&below, &(struct fake_cert_spec){ .name = "Evil", .issuer = &lab.r1 });
	assert_string_equal(asked(&(struct ask){ .ca = &lab.root,
	                                         .cert = &below,
	                                         .more = &lab.r1,
	                                         .revocation = CERT_CRL_IGNORED }),
	                    "certificate CN=R1,O=Lab: invalid CA certificate");
	assert_false(cert_trust_add_ca(t, fake_cert_der(&lab.r1)));
	assert_int_equal(cert_trust_subject(t, 0).len, 0);
	cert_trust_free(t);
	fake_cert_fini(&below);
}

static void time_is_the_callers(void **state)
{
	(void)state;
	assert_string_equal(checked(&lab.root, &lab.expired),
	                    "certificate CN=Old,O=Lab has expired on 2020-09-13 12:26:40 UTC");
	assert_string_equal(checked(&lab.root, &lab.later),
	                    "certificate CN=New,O=Lab is valid from 2030-03-17 17:46:40 UTC on");
	assert_string_equal(asked(&(struct ask){ .ca = &lab.root,
	                                         .cert = &lab.expired,
	                                         .revocation = CERT_CRL_IGNORED,
	                                         .at_s = PAST - 1 }),
	                    "valid");
	assert_string_equal(asked(&(struct ask){ .ca = &lab.root,
	                                         .cert = &lab.later,
	                                         .revocation = CERT_CRL_IGNORED,
	                                         .at_s = FUTURE + 1 }),
	                    "valid");
}

static void revocation_is_heeded(void **state)
{
	struct fake_crl empty, full, old, later;
	struct ask ask = { .ca = &lab.root, .cert = &lab.r1, .revocation = CERT_CRL_NEEDED };

	(void)state;
	fake_crl_make(&empty, &(struct fake_crl_spec){ .issuer = &lab.root });
	fake_crl_make(&full, &(struct fake_crl_spec){ .issuer = &lab.root, .revoked = &lab.r1 });
	fake_crl_make(&old, &(struct fake_crl_spec){ .issuer = &lab.root, .until = PAST });
	fake_crl_make(&later, &(struct fake_crl_spec){ .issuer = &lab.root, .from = FUTURE });
	assert_string_equal(asked(&ask), "certificate CN=R1,O=Lab: there is no revocation list of "
	                                 "its issuer CN=Root,O=Lab");
	ask.crl = &empty;
	assert_string_equal(asked(&ask), "valid");
	ask.crl = &full;
	assert_string_equal(asked(&ask), "certificate CN=R1,O=Lab is revoked");
	ask.crl = &old;
	assert_string_equal(asked(&ask), "the revocation list of CN=Root,O=Lab has expired on "
	                                 "2020-09-13 12:26:40 UTC");
	ask.crl = &later;
	assert_string_equal(asked(&ask), "the revocation list of CN=Root,O=Lab is valid from "
	                                 "2030-03-17 17:46:40 UTC on");
	ask.revocation = CERT_CRL_HEEDED;
	ask.crl = NULL;
	assert_string_equal(asked(&ask), "valid");
	ask.crl = &old;
	assert_string_equal(asked(&ask), "valid");
	ask.crl = &full;
	assert_string_equal(asked(&ask), "certificate CN=R1,O=Lab is revoked");
	ask.revocation = CERT_CRL_IGNORED;
	assert_string_equal(asked(&ask), "valid");
}

/* The CA that is trusted needs no list of its own issuer; one between does. */
static void revocation_ends_at_the_anchor(void **state)
{
	struct fake_crl root, sub;
	struct ask ask = { .ca = &lab.sub, .cert = &lab.by_sub, .crl = &sub };

	(void)state;
	fake_crl_make(&root, &(struct fake_crl_spec){ .issuer = &lab.root, .revoked = &lab.sub });
	fake_crl_make(&sub, &(struct fake_crl_spec){ .issuer = &lab.sub });
	assert_string_equal(asked(&ask), "valid");
	ask = (struct ask){ .ca = &lab.root, .cert = &lab.by_sub, .more = &lab.sub, .crl = &sub };
	assert_string_equal(asked(&ask), "certificate CN=Sub,O=Lab: there is no revocation list of "
	                                 "its issuer CN=Root,O=Lab");
	ask.revocation = CERT_CRL_HEEDED;
	ask.crl = &root;
	assert_string_equal(asked(&ask), "certificate CN=Sub,O=Lab is revoked");
}

static struct crypto_part text_part(const char *text)
{
	return (struct crypto_part){ text, strlen(text) };
}

static void identities(void **state)
{
	struct cert *r1 = read_cert(&lab.r1), *r2 = read_cert(&lab.by_sub);
	struct cert *both = read_cert(&lab.encipher);
	struct addr own, own6, else_;

	(void)state;
	assert_true(addr_parse("1.1.1.2", &own) && addr_parse("2001:db8::1", &own6) &&
	            addr_parse("1.1.1.3", &else_));
	assert_true(cert_has_address(r1, &own));
	assert_true(cert_has_address(r1, &own6));
	assert_false(cert_has_address(r1, &else_));
	assert_false(cert_has_address(r2, &own));
	assert_true(cert_has_any_address(r1));
	assert_false(cert_has_any_address(r2));
	assert_true(cert_has_host(r1, text_part("R1.example")));
	/* The subject's name counts only where no dNSName says better. */
	assert_true(cert_has_host(both, text_part("both.example")));
	assert_false(cert_has_host(both, text_part("both.lab")));
	assert_true(cert_has_host(r2, text_part("R2.lab")));
	assert_false(cert_has_host(r2, text_part("r2.la")));
	assert_false(cert_has_host(r2, text_part("")));
	assert_true(cert_has_mailbox(r1, text_part("r1@example")));
	assert_false(cert_has_mailbox(r1, text_part("r2@example")));
	assert_true(cert_names_equal(cert_issuer(r1), cert_issuer(r1)));
	assert_false(cert_names_equal(cert_subject(r1), cert_subject(r2)));
	assert_false(cert_is_ca(r1));
	cert_free(both);
	cert_free(r1);
	cert_free(r2);
}

static void names_are_printable(void **state)
{
	static const uint8_t odd[] = { 0x30, 0x11, 0x31, 0x0f, 0x30, 0x0d, 0x06, 0x03, 0x55, 0x04,
		                       0x03, 0x0c, 0x06, 'a',  '\n', ',',  0xc3, 0xa4, 'b' };
	char text[CERT_NAME_SIZE];

	(void)state;
	assert_string_equal(cert_format_name((struct crypto_part){ odd, sizeof odd }, text),
	                    "CN=a????b");
	assert_string_equal(cert_format_name((struct crypto_part){ odd, sizeof odd - 1 }, text),
	                    "?");
	assert_string_equal(cert_format_name((struct crypto_part){ NULL, 0 }, text), "?");
}

static void other_bytes_are_no_certificate(void **state)
{
	uint8_t bytes[FAKE_DER_MAX + 1] = { 0 };
	size_t len = lab.r1.der_len;
	struct fake_crl crl;
	struct cert_trust *t = cert_trust_new(lab.crypto);

	(void)state;
	fake_crl_make(&crl, &(struct fake_crl_spec){ .issuer = &lab.root });
	memcpy(bytes, lab.r1.der, len);
	assert_null(cert_new(lab.crypto, (struct crypto_part){ bytes, len + 1 }));
	assert_null(cert_new(lab.crypto, (struct crypto_part){ bytes, len - 1 }));
	assert_null(cert_new(lab.crypto, (struct crypto_part){ NULL, 0 }));
	assert_null(cert_new(lab.crypto, fake_crl_der(&crl)));
	assert_false(cert_trust_add_crl(t, fake_cert_der(&lab.r1)));
	assert_false(cert_trust_add_crl(t, (struct crypto_part){ crl.der, crl.der_len - 1 }));
	struct cert *r1 = read_cert(&lab.r1);
	assert_memory_equal(cert_der(r1).bytes, lab.r1.der, len);
	cert_free(r1);
	cert_trust_free(t);
}

static void raw_signatures(void **state)
{
	struct cert *r1 = read_cert(&lab.r1), *r2 = read_cert(&lab.by_sub);
	const struct crypto_part hash = { "0123456789abcdef0123", 20 };
	uint8_t signature[1024];

	(void)state;
	size_t len = fake_sign(&lab.r1, hash, signature);
	const struct crypto_part right = { signature, len };
	assert_true(cert_verify_raw(r1, hash, right));
	assert_false(cert_verify_raw(r2, hash, right));
	assert_false(
		cert_verify_raw(r1, (struct crypto_part){ "0123456789abcdef0124", 20 }, right));
	assert_false(cert_verify_raw(r1, (struct crypto_part){ hash.bytes, 19 }, right));
	assert_false(cert_verify_raw(r1, hash, (struct crypto_part){ signature, len - 1 }));
	assert_false(cert_verify_raw(r1, hash, (struct crypto_part){ signature, 0 }));
	signature[len - 1] ^= 1;
	assert_false(cert_verify_raw(r1, hash, right));
	cert_free(r1);
	cert_free(r2);
}

static void short_keys_prove_nothing(void **state)
{
	const struct crypto_part hash = { "0123456789abcdef0123", 20 };
	struct fake_cert weak;
	uint8_t signature[1024];

	(void)state;
	fake_cert_make(&weak, &(struct fake_cert_spec){ .name = "W", .key_bits = 768 });
	struct cert *cert = read_cert(&weak);
	size_t len = fake_sign(&weak, hash, signature);
	assert_false(cert_verify_raw(cert, hash, (struct crypto_part){ signature, len }));
	cert_free(cert);
	fake_cert_fini(&weak);
}

static void facts_that_are_shown(void **state)
{
	struct cert *r1 = read_cert(&lab.r1);
	struct cert_trust *trust = cert_trust_new(lab.crypto);
	struct cert_facts facts;

	(void)state;
	cert_describe(r1, &facts);
	assert_string_equal(facts.subject, "CN=R1,O=Lab");
	assert_string_equal(facts.issuer, "CN=Root,O=Lab");
	assert_int_equal(facts.from_s, FAKE_FROM);
	assert_int_equal(facts.until_s, FAKE_UNTIL);
	assert_int_equal(facts.key_bits, 1024);
	assert_true(!facts.ca && strlen(facts.serial) > 0);
	assert_int_equal(strspn(facts.serial, "0123456789ABCDEF"), strlen(facts.serial));
	assert_false(cert_trust_describe(trust, 0, &facts));
	assert_true(cert_trust_add_ca(trust, fake_cert_der(&lab.root)));
	assert_true(cert_trust_describe(trust, 0, &facts));
	assert_string_equal(facts.subject, "CN=Root,O=Lab");
	assert_true(facts.ca);
	cert_trust_free(trust);
	cert_free(r1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chains_lead_to_what_is_trusted),
		cmocka_unit_test(a_certificate_that_is_no_ca_vouches_for_nobody),
		cmocka_unit_test(time_is_the_callers),
		cmocka_unit_test(revocation_is_heeded),
		cmocka_unit_test(revocation_ends_at_the_anchor),
		cmocka_unit_test(facts_that_are_shown),
		cmocka_unit_test(identities),
		cmocka_unit_test(names_are_printable),
		cmocka_unit_test(other_bytes_are_no_certificate),
		cmocka_unit_test(raw_signatures),
		cmocka_unit_test(short_keys_prove_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
