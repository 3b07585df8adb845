/* SPDX-License-Identifier: Apache-2.0 */
/* PEM through OpenSSL, without its prompt for a pass phrase: nobody sits at a daemon's terminal. */
#include "daemon/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static struct crypto_part copy(const unsigned char *bytes, long len)
{
	uint8_t *to = memory_new((size_t)len, 1);

	memcpy(to, bytes, (size_t)len);
	return (struct crypto_part){ to, (size_t)len };
}

static const char *take_key(struct pem *ret, const unsigned char *der, long len)
{
	EVP_PKEY *key = ret->key ? NULL : d2i_AutoPrivateKey(NULL, &der, len);

	if (ret->key)
		return "there is more than one private key";
	if (!key)
		return "the private key cannot be read";
	ret->key = key;
	return EVP_PKEY_is_a(key, "RSA") ? NULL : "the private key is not one of RSA";
}

/* One part by its label. */
static const char *take(struct pem *ret, const char *label, const unsigned char *der, long len)
{
	if (len <= 0)
		return "a part is empty";
	if (strcmp(label, "ENCRYPTED PRIVATE KEY") == 0)
		return "the private key has a pass phrase";
	if (ends_with(label, "PRIVATE KEY"))
		return take_key(ret, der, len);
	if (strcmp(label, PEM_STRING_X509) == 0 || strcmp(label, PEM_STRING_X509_OLD) == 0) {
		if (ret->n_certs == PEM_CERTIFICATES_MAX)
			return "there are too many certificates";
		ret->cert[ret->n_certs++] = copy(der, len);
	} else if (strcmp(label, PEM_STRING_X509_CRL) == 0) {
		if (ret->n_crls == PEM_CRLS_MAX)
			return "there are too many revocation lists";
		ret->crl[ret->n_crls++] = copy(der, len);
	}
	return NULL;
}

static const char *read_parts(struct pem *ret, BIO *bio)
{
	const char *wrong = NULL;
	char *label, *header;
	unsigned char *der;
	long len;

	while (!wrong && PEM_read_bio(bio, &label, &header, &der, &len)) {
		/* RFC 1421: "Proc-Type: 4,ENCRYPTED" */
		if (strstr(header, "ENCRYPTED"))
			wrong = "the private key has a pass phrase";
		else
			wrong = take(ret, label, der, len);
		OPENSSL_clear_free(der, (size_t)len);
		OPENSSL_free(label);
		OPENSSL_free(header);
	}
	if (!wrong && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		wrong = "a part has no end, or is damaged";
	ERR_clear_error();
	return wrong;
}

const char *pem_read(struct pem *ret, const void *text, size_t len)
{
	static const char begin[] = "-----BEGIN ";
	BIO *bio;

	if (!memmem(text, len, begin, sizeof begin - 1)) {
		if (len == 0 || *(const uint8_t *)text != 0x30 || len > INT32_MAX ||
		    ret->n_crls == PEM_CRLS_MAX)
			return "it holds no certificate, key or revocation list";
		ret->crl[ret->n_crls++] = copy(text, (long)len);
		return NULL;
	}
	bio = BIO_new_mem_buf(text, (int)len);
	const char *wrong = read_parts(ret, bio);
	BIO_free(bio);
	return wrong;
}

void pem_fini(struct pem *p)
{
	for (size_t i = 0; i < p->n_certs; i++)
		free((void *)(uintptr_t)p->cert[i].bytes);
	for (size_t i = 0; i < p->n_crls; i++)
		free((void *)(uintptr_t)p->crl[i].bytes);
	EVP_PKEY_free(p->key);
	*p = (struct pem){ 0 };
}

bool pem_key_fits(const struct pem *p, struct crypto_part cert)
{
	const unsigned char *at = cert.bytes;
	X509 *x = p->key ? d2i_X509(NULL, &at, (long)cert.len) : NULL;
	bool fits = x && X509_check_private_key(x, p->key) == 1;

	X509_free(x);
	ERR_clear_error();
	return fits;
}
