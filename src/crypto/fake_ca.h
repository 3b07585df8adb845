/* SPDX-License-Identifier: Apache-2.0 */
/* Certification authorities, certificates and revocation lists made on the spot, for tests. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/crypto.h"

enum { FAKE_DER_MAX = 4096 };

/* Instants in seconds since 1970. */
#define FAKE_FROM  1577836800LL /* 2020-01-01 */
#define FAKE_UNTIL 2208988800LL /* 2040-01-01 */

struct fake_cert {
	struct evp_pkey_st *key;
	struct x509_st *x;
	uint8_t der[FAKE_DER_MAX];
	size_t der_len;
};

struct fake_cert_spec {
	const char *name; /* CN */
	bool ca;
	const struct fake_cert *issuer; /* NULL: itself */
	const char *alt;                /* subjectAltName, "IP:192.0.2.1,DNS:r1.example", or NULL */
	const char *host;               /* unstructuredName in the subject, or NULL */
	const char *usage;              /* keyUsage of one that is no CA; NULL: digitalSignature */
	const char *digest;             /* NULL: SHA256 */
	int64_t from, until;            /* 0: FAKE_FROM, FAKE_UNTIL */
	unsigned key_bits;              /* 0: 1024, which are quickly made */
};

/* Ends the test when it cannot be made. */
void fake_cert_make(struct fake_cert *ret, const struct fake_cert_spec *spec);
void fake_cert_fini(struct fake_cert *cert);
struct crypto_part fake_cert_der(const struct fake_cert *cert);

/* A list of an issuer's that revokes one certificate, or none (NULL). */
struct fake_crl {
	uint8_t der[FAKE_DER_MAX];
	size_t der_len;
};
struct fake_crl_spec {
	const struct fake_cert *issuer, *revoked;
	int64_t from, until; /* 0: as of certificates */
};
void fake_crl_make(struct fake_crl *ret, const struct fake_crl_spec *spec);
struct crypto_part fake_crl_der(const struct fake_crl *crl);

/* A signature over bytes as they stand; returns its length. ret has room for 1024. */
size_t fake_sign(const struct fake_cert *cert, struct crypto_part bytes, uint8_t *ret);

/* PEM, NUL-terminated, to be freed. */
char *fake_cert_pem(const struct fake_cert *cert);
char *fake_key_pem(const struct fake_cert *cert);
char *fake_crl_pem(const struct fake_crl *crl);
