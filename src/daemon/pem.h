/* SPDX-License-Identifier: Apache-2.0 */
/* Files of certificates, revocation lists and a private key in PEM (RFC 7468), or one list in DER.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/crypto.h"

enum {
	PEM_CERTIFICATES_MAX = 32, /* of a file: a router's, and some CAs */
	PEM_CRLS_MAX = 16,
};

struct pem {
	struct crypto_part cert[PEM_CERTIFICATES_MAX], crl[PEM_CRLS_MAX]; /* DER, owned */
	size_t n_certs, n_crls;
	struct evp_pkey_st *key; /* the first, or NULL */
};

/*
 * Adds what is in the text to ret, which starts zeroed. NULL, or what is wrong, as the end of a
 * sentence; ret then holds what came before. Text around the parts is skipped.
 */
const char *pem_read(struct pem *ret, const void *text, size_t len);
/* Wipes the key. */
void pem_fini(struct pem *p);
/* Whether a key is that of a certificate in DER. */
bool pem_key_fits(const struct pem *p, struct crypto_part cert);
