/* SPDX-License-Identifier: Apache-2.0 */
/*
 * X.509 certificates of IKE's ends (RFC 5280, as RFC 4945 profiles them): parsed, checked up to a
 * CA that is trusted, at an instant that the caller names, and the RSA keys in them used to verify.
 * Nothing here is secret, and nothing is fetched.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/crypto.h"
#include "util/addr.h"

enum {
	CERT_DER_MAX = 8192, /* bytes of a certificate; those of routers have one or two thousand */
	CERT_DEPTH_MAX = 8,  /* certificates from a peer's to the CA that is trusted */
	CERT_NAME_SIZE = 160,     /* text of a distinguished name, cut when longer */
	CERT_SERIAL_SIZE = 48,    /* hexadecimal digits of a serial number, cut when longer */
	CERT_TEXT_SIZE = 400,     /* of a sentence */
	CERT_RSA_BITS_MIN = 1024, /* of a peer's key: less is broken in an afternoon */
	CERT_RSA_MAX = 1024,      /* bytes of a signature: 8192 bits */
};

struct cert;
struct cert_trust;

/* NULL when the bytes are not one certificate and nothing else. They are copied. */
struct cert *cert_new(struct crypto *c, struct crypto_part der);
/* NULL is fine. */
void cert_free(struct cert *cert);

/* What follows is borrowed from the certificate. */
struct crypto_part cert_der(const struct cert *cert);
struct crypto_part cert_subject(const struct cert *cert); /* DER, as in ID_DER_ASN1_DN */
struct crypto_part cert_issuer(const struct cert *cert);
/* Whether it may issue others (basicConstraints). */
bool cert_is_ca(const struct cert *cert);

/* A name in DER as "CN=R1,O=Example", printable ASCII; "?" when it is no name. Gives text. */
const char *cert_format_name(struct crypto_part name, char text[static CERT_NAME_SIZE]);

/* A certificate as it is shown. */
struct cert_facts {
	char subject[CERT_NAME_SIZE], issuer[CERT_NAME_SIZE]; /* as cert_format_name() */
	char serial[CERT_SERIAL_SIZE];                        /* hexadecimal */
	int64_t from_s, until_s;                              /* since 1970-01-01 UTC */
	unsigned key_bits;
	bool ca;
};
void cert_describe(const struct cert *cert, struct cert_facts *ret);

/* ---- identities (RFC 4945 3.1) ---- */

/* Whether two names in DER are the same: letters and blanks are compared as RFC 5280 7.1 says. */
bool cert_names_equal(struct crypto_part a, struct crypto_part b);
/* subjectAltName of type iPAddress; any: whether there is one at all. */
bool cert_has_address(const struct cert *cert, const struct addr *address);
bool cert_has_any_address(const struct cert *cert);
/* subjectAltName of type dNSName, else the unstructuredName that IOS puts into the subject. */
bool cert_has_host(const struct cert *cert, struct crypto_part name);
/* subjectAltName of type rfc822Name. */
bool cert_has_mailbox(const struct cert *cert, struct crypto_part mailbox);

/* ---- trust ---- */

struct cert_trust *cert_trust_new(struct crypto *c);
/* NULL is fine. */
void cert_trust_free(struct cert_trust *t);
/* A CA that is trusted, be it a root or not. False when the bytes are no CA's certificate. */
bool cert_trust_add_ca(struct cert_trust *t, struct crypto_part der);
/* False when the bytes are no revocation list. */
bool cert_trust_add_crl(struct cert_trust *t, struct crypto_part der);
/* The subject of the i-th CA in DER, from 0; no bytes behind the last. */
struct crypto_part cert_trust_subject(const struct cert_trust *t, size_t i);
/* The i-th CA. False behind the last. */
bool cert_trust_describe(const struct cert_trust *t, size_t i, struct cert_facts *ret);

enum cert_revocation {
	CERT_CRL_NEEDED, /* without a valid list of its issuer a certificate is not accepted */
	CERT_CRL_HEEDED, /* where there is one */
	CERT_CRL_IGNORED,
};

struct cert_chain {
	const struct cert *const *cert; /* the peer's first, then others that it has sent */
	size_t n;
	int64_t wall_ms; /* the instant of the check */
	enum cert_revocation revocation;
};

enum cert_verdict {
	CERT_VALID,
	CERT_ISSUER_UNKNOWN, /* it does not lead to a CA of these */
	CERT_INVALID,
};

/*
 * Whether the first certificate leads to a CA that is trusted, all on the way are valid then and
 * not revoked, and its key may sign. If not, a sentence says what is wrong with which.
 */
enum cert_verdict cert_trust_check(const struct cert_trust *t, const struct cert_chain *chain,
                                   char why[static CERT_TEXT_SIZE]);

/*
 * Whether signature is the certificate's key's over bytes as they stand: PKCS #1 v1.5 without
 * DigestInfo, as RFC 2409 5.1 has it. False for keys that are not RSA of a sane size.
 */
bool cert_verify_raw(const struct cert *cert, struct crypto_part bytes,
                     struct crypto_part signature);
