/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/fake_ca.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "util/check.h"
#include "util/memory.h"

enum { KEY_BITS = 1024 /* quickly made */, V3 = 2, CRL_V2 = 1 };

static const EVP_MD *digest_of(const char *name)
{
	const EVP_MD *md = EVP_get_digestbyname(name ? name : "SHA256");

	check(md);
	return md;
}

static void add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	check(ext && X509_add_ext(x, ext, -1));
	X509_EXTENSION_free(ext);
}

static void set_subject(X509 *x, const struct fake_cert_spec *spec)
{
	X509_NAME *name = X509_get_subject_name(x);
	const unsigned char *host = (const unsigned char *)spec->host;

	check(X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)"Lab", -1,
	                                 -1, 0));
	if (host)
		check(X509_NAME_add_entry_by_txt(name, "unstructuredName", MBSTRING_ASC, host, -1,
		                                 -1, 0));
	check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	                                 (const unsigned char *)spec->name, -1, -1, 0));
}

static void set_times(X509 *x, const struct fake_cert_spec *spec)
{
	check(ASN1_TIME_set(X509_getm_notBefore(x), spec->from ? spec->from : FAKE_FROM));
	check(ASN1_TIME_set(X509_getm_notAfter(x), spec->until ? spec->until : FAKE_UNTIL));
}

/* Serial numbers only have to differ within an issuer. */
static void set_serial(X509 *x)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned len;
	long serial = 0;

	check(X509_pubkey_digest(x, EVP_sha256(), digest, &len));
	for (int i = 0; i < 7; i++)
		serial = serial << 8 | digest[i];
	check(ASN1_INTEGER_set(X509_get_serialNumber(x), serial));
}

void fake_cert_make(struct fake_cert *ret, const struct fake_cert_spec *spec)
{
	const struct fake_cert *issuer = spec->issuer ? spec->issuer : ret;
	unsigned char *at = ret->der;
	X509 *x = X509_new();

	check(x);
	ret->x = x;
	ret->key = EVP_RSA_gen(spec->key_bits ? spec->key_bits : KEY_BITS);
	check(ret->key && X509_set_version(x, V3) && X509_set_pubkey(x, ret->key));
	set_serial(x);
	set_subject(x, spec);
	set_times(x, spec);
	check(X509_set_issuer_name(x, X509_get_subject_name(issuer->x)));
	add_extension(x, NID_basic_constraints, spec->ca ? "critical,CA:TRUE" : "CA:FALSE");
	if (spec->ca)
		add_extension(x, NID_key_usage, "critical,keyCertSign,cRLSign");
	else
		add_extension(x, NID_key_usage, spec->usage ? spec->usage : "digitalSignature");
	if (spec->alt)
		add_extension(x, NID_subject_alt_name, spec->alt);
	check(X509_sign(x, issuer->key, digest_of(spec->digest)));
	check(i2d_X509(x, NULL) <= FAKE_DER_MAX);
	ret->der_len = (size_t)i2d_X509(x, &at);
}

void fake_cert_fini(struct fake_cert *cert)
{
	X509_free(cert->x);
	EVP_PKEY_free(cert->key);
	cert->x = NULL;
	cert->key = NULL;
}

struct crypto_part fake_cert_der(const struct fake_cert *cert)
{
	return (struct crypto_part){ cert->der, cert->der_len };
}

void fake_crl_make(struct fake_crl *ret, const struct fake_crl_spec *spec)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *time = ASN1_TIME_new();
	unsigned char *at = ret->der;

	check(crl && time && X509_CRL_set_version(crl, CRL_V2));
	check(X509_CRL_set_issuer_name(crl, X509_get_subject_name(spec->issuer->x)));
	check(ASN1_TIME_set(time, spec->from ? spec->from : FAKE_FROM));
	check(X509_CRL_set1_lastUpdate(crl, time));
	if (spec->revoked) {
		X509_REVOKED *entry = X509_REVOKED_new();
		check(X509_REVOKED_set_serialNumber(entry,
		                                    X509_get_serialNumber(spec->revoked->x)));
		check(X509_REVOKED_set_revocationDate(entry, time));
		check(X509_CRL_add0_revoked(crl, entry));
	}
	check(ASN1_TIME_set(time, spec->until ? spec->until : FAKE_UNTIL));
	check(X509_CRL_set1_nextUpdate(crl, time));
	check(X509_CRL_sign(crl, spec->issuer->key, EVP_sha256()));
	check(i2d_X509_CRL(crl, NULL) <= FAKE_DER_MAX);
	ret->der_len = (size_t)i2d_X509_CRL(crl, &at);
	ASN1_TIME_free(time);
	X509_CRL_free(crl);
}

struct crypto_part fake_crl_der(const struct fake_crl *crl)
{
	return (struct crypto_part){ crl->der, crl->der_len };
}

size_t fake_sign(const struct fake_cert *cert, struct crypto_part bytes, uint8_t *ret)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(cert->key, NULL);
	size_t len = 1024;

	check(ctx && EVP_PKEY_sign_init(ctx) == 1 &&
	      EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1);
	check(EVP_PKEY_sign(ctx, ret, &len, bytes.bytes, bytes.len) == 1);
	EVP_PKEY_CTX_free(ctx);
	return len;
}

/* What was written to a BIO, which is freed. */
static char *text_of(BIO *bio)
{
	char *bytes;
	long len = BIO_get_mem_data(bio, &bytes);
	char *text = memory_new((size_t)len + 1, 1);

	memcpy(text, bytes, (size_t)len);
	BIO_free(bio);
	return text;
}

char *fake_cert_pem(const struct fake_cert *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());

	check(bio && PEM_write_bio_X509(bio, cert->x));
	return text_of(bio);
}

char *fake_key_pem(const struct fake_cert *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());

	check(bio && PEM_write_bio_PrivateKey(bio, cert->key, NULL, NULL, 0, NULL, NULL));
	return text_of(bio);
}

char *fake_crl_pem(const struct fake_crl *crl)
{
	const unsigned char *at = crl->der;
	X509_CRL *x = d2i_X509_CRL(NULL, &at, (long)crl->der_len);
	BIO *bio = BIO_new(BIO_s_mem());

	check(x && bio && PEM_write_bio_X509_CRL(bio, x));
	X509_CRL_free(x);
	return text_of(bio);
}
