/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Algorithms as tables of sizes and functions over OpenSSL, for IKE. (Bulk ESP has its own tables
 * in esp/.) Nothing here draws randomness: IVs, nonces and private keys are the caller's bytes. All
 * secrets that a function copies are wiped before it returns.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CRYPTO_DIGEST_MAX = 64,
	CRYPTO_KEY_MAX = 32,
	CRYPTO_IV_MAX = 16,
	CRYPTO_BLOCK_MAX = 16,
	CRYPTO_DH_MAX = 512,        /* bytes of a public value: group 16 */
	CRYPTO_DH_PRIVATE_MAX = 66, /* bytes of a private value: group 21 */
};

enum crypto_hash { HASH_MD5, HASH_SHA1, HASH_SHA256, HASH_SHA384, HASH_SHA512, HASHES_N };
enum crypto_cipher {
	CIPHER_DES,
	CIPHER_3DES,
	CIPHER_AES128,
	CIPHER_AES192,
	CIPHER_AES256,
	CIPHERS_N
};

struct hash_algorithm {
	const char *name; /* "sha256", as IOS configures it */
	size_t digest_len, block_len;
	bool weak; /* works when written, with a warning */
};

struct cipher_algorithm {
	const char *name; /* "aes 256" */
	size_t key_len, block_len;
	bool weak;
};

/* Diffie-Hellman groups by their IANA numbers: 1 2 5 14 15 16 24 (MODP) and 19 20 21 (ECP). */
struct dh_group {
	uint16_t number;
	uint16_t bits;
	size_t public_len;  /* of a public value; ECP: x and y (RFC 5903 7) */
	size_t shared_len;  /* of the shared secret; ECP: x only (RFC 5903 7) */
	size_t private_len; /* random bytes that a private value is made from */
	bool weak;
};

/* The fetched algorithms. One per thread that does cryptography. */
struct crypto;

/* NULL when OpenSSL lacks what every installation has. DES comes from its legacy provider, which
 * may lack. */
struct crypto *crypto_new(void);
void crypto_free(struct crypto *c);
bool crypto_has_cipher(const struct crypto *c, enum crypto_cipher cipher);

/* OpenSSL's OSSL_LIB_CTX with its default and, where there is one, legacy provider. Borrowed; any
 * thread may fetch from it. */
struct ossl_lib_ctx_st *crypto_library(const struct crypto *c);

const struct hash_algorithm *hash_algorithm(enum crypto_hash hash);
const struct cipher_algorithm *cipher_algorithm(enum crypto_cipher cipher);
/* NULL for a number that is not in the table. */
const struct dh_group *dh_group(uint16_t number);

/* One part of a message that is hashed or authenticated. */
struct crypto_part {
	const void *bytes;
	size_t len;
};

/* Writes digest_len bytes. */
void crypto_digest(struct crypto *c, enum crypto_hash hash, const struct crypto_part *part,
                   size_t n, uint8_t *ret);

/* HMAC (RFC 2104) over the parts in order. Writes digest_len bytes. The key may have any length. */
void crypto_hmac(struct crypto *c, enum crypto_hash hash, struct crypto_part key,
                 const struct crypto_part *part, size_t n, uint8_t *ret);

/* True when len bytes are equal, in time that does not depend on them. */
bool crypto_equal(const void *a, const void *b, size_t len);

/*
 * CBC without padding, in place. len must be a multiple of the block length. iv is updated to the
 * last block of ciphertext, as the next message of an IKEv1 exchange wants it. The cipher must be
 * there.
 */
struct crypto_cbc {
	enum crypto_cipher cipher;
	const uint8_t *key; /* key_len bytes */
	uint8_t *iv;        /* block_len bytes */
};
void crypto_cbc_encrypt(struct crypto *c, const struct crypto_cbc *how, uint8_t *bytes, size_t len);
void crypto_cbc_decrypt(struct crypto *c, const struct crypto_cbc *how, uint8_t *bytes, size_t len);

/*
 * The public value of a private one of private_len random bytes. False (never with random bytes)
 * when the private value is out of range: draw again.
 */
bool crypto_dh_public(struct crypto *c, const struct dh_group *group, const uint8_t *private,
                      uint8_t *ret_public);

/*
 * The shared secret with a peer's public value, padded to shared_len (RFC 2409 5). False when the
 * peer's value is not in the group's range or not on its curve (RFC 6989): the exchange must end.
 */
bool crypto_dh_shared(struct crypto *c, const struct dh_group *group, const uint8_t *private,
                      const uint8_t *peer_public, uint8_t *ret_shared);
