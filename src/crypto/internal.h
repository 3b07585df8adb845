/* SPDX-License-Identifier: Apache-2.0 */
/* What crypto.c and dh.c share. */
#pragma once

#include <openssl/bn.h>
#include <openssl/evp.h>

#include "crypto/crypto.h"

struct crypto {
	OSSL_LIB_CTX *library;
	OSSL_PROVIDER *standard, *legacy;
	EVP_MD *hash[HASHES_N];
	EVP_CIPHER *cipher[CIPHERS_N]; /* NULL: not there */
	EVP_MD_CTX *hash_ctx;
	EVP_CIPHER_CTX *cipher_ctx;
	BN_CTX *bn;
};
