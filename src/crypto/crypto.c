/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashes and ciphers through EVP. All algorithms are fetched once into a private library context,
 * so that the legacy provider, which DES needs, is loaded for nobody else in the process.
 */
#include "crypto/crypto.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/internal.h"
#include "util/check.h"
#include "util/memory.h"

static const struct hash_algorithm hashes[HASHES_N] = {
	[HASH_MD5] = { "md5", 16, 64, true },         [HASH_SHA1] = { "sha", 20, 64, false },
	[HASH_SHA256] = { "sha256", 32, 64, false },  [HASH_SHA384] = { "sha384", 48, 128, false },
	[HASH_SHA512] = { "sha512", 64, 128, false },
};

static const char *const hash_names[HASHES_N] = { "MD5", "SHA1", "SHA2-256", "SHA2-384",
	                                          "SHA2-512" };

static const struct cipher_algorithm ciphers[CIPHERS_N] = {
	[CIPHER_DES] = { "des", 8, 8, true },
	[CIPHER_3DES] = { "3des", 24, 8, true },
	[CIPHER_AES128] = { "aes", 16, 16, false },
	[CIPHER_AES192] = { "aes 192", 24, 16, false },
	[CIPHER_AES256] = { "aes 256", 32, 16, false },
};

static const char *const cipher_names[CIPHERS_N] = { "DES-CBC", "DES-EDE3-CBC", "AES-128-CBC",
	                                             "AES-192-CBC", "AES-256-CBC" };

const struct hash_algorithm *hash_algorithm(enum crypto_hash hash)
{
	check(hash < HASHES_N);
	return &hashes[hash];
}

const struct cipher_algorithm *cipher_algorithm(enum crypto_cipher cipher)
{
	check(cipher < CIPHERS_N);
	return &ciphers[cipher];
}

static bool fetch_all(struct crypto *c)
{
	c->standard = OSSL_PROVIDER_load(c->library, "default");
	c->legacy = OSSL_PROVIDER_load(c->library, "legacy");
	if (!c->standard)
		return false;
	for (int i = 0; i < HASHES_N; i++)
		c->hash[i] = EVP_MD_fetch(c->library, hash_names[i], NULL);
	for (int i = 0; i < CIPHERS_N; i++)
		c->cipher[i] = EVP_CIPHER_fetch(c->library, cipher_names[i], NULL);
	c->hash_ctx = EVP_MD_CTX_new();
	c->cipher_ctx = EVP_CIPHER_CTX_new();
	c->bn = BN_CTX_secure_new_ex(c->library);
	for (int i = 0; i < HASHES_N; i++)
		if (!c->hash[i])
			return false;
	return c->cipher[CIPHER_AES128] && c->cipher[CIPHER_AES192] && c->cipher[CIPHER_AES256] &&
	       c->hash_ctx && c->cipher_ctx && c->bn;
}

struct crypto *crypto_new(void)
{
	struct crypto *c = memory_new(1, sizeof *c);

	c->library = OSSL_LIB_CTX_new();
	bool ok = c->library && fetch_all(c);
	/* What is missing is told by our own return values; the thread's error queue is others'. */
	ERR_clear_error();
	if (ok)
		return c;
	crypto_free(c);
	return NULL;
}

void crypto_free(struct crypto *c)
{
	if (!c)
		return;
	for (int i = 0; i < HASHES_N; i++)
		EVP_MD_free(c->hash[i]);
	for (int i = 0; i < CIPHERS_N; i++)
		EVP_CIPHER_free(c->cipher[i]);
	EVP_MD_CTX_free(c->hash_ctx);
	EVP_CIPHER_CTX_free(c->cipher_ctx);
	BN_CTX_free(c->bn);
	if (c->standard)
		OSSL_PROVIDER_unload(c->standard);
	if (c->legacy)
		OSSL_PROVIDER_unload(c->legacy);
	OSSL_LIB_CTX_free(c->library);
	free(c);
}

struct ossl_lib_ctx_st *crypto_library(const struct crypto *c)
{
	return c->library;
}

bool crypto_has_cipher(const struct crypto *c, enum crypto_cipher cipher)
{
	check(cipher < CIPHERS_N);
	return c->cipher[cipher] != NULL;
}

static void hash_begin(struct crypto *c, enum crypto_hash hash)
{
	check(hash < HASHES_N);
	check(EVP_DigestInit_ex2(c->hash_ctx, c->hash[hash], NULL));
}

static void hash_add(struct crypto *c, const struct crypto_part *part, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(EVP_DigestUpdate(c->hash_ctx, part[i].bytes, part[i].len));
}

static void hash_end(struct crypto *c, uint8_t *ret)
{
	check(EVP_DigestFinal_ex(c->hash_ctx, ret, NULL));
	/* Forgets the chaining value: of an HMAC it is a key. */
	check(EVP_MD_CTX_reset(c->hash_ctx));
}

void crypto_digest(struct crypto *c, enum crypto_hash hash, const struct crypto_part *part,
                   size_t n, uint8_t *ret)
{
	hash_begin(c, hash);
	hash_add(c, part, n);
	hash_end(c, ret);
}

/* One of HMAC's two pads, RFC 2104 2: the key, filled up with zeroes, XOR a byte. */
static void make_pad(const uint8_t *key, uint8_t with, size_t block_len, uint8_t *ret)
{
	for (size_t i = 0; i < block_len; i++)
		ret[i] = key[i] ^ with;
}

void crypto_hmac(struct crypto *c, enum crypto_hash hash, struct crypto_part key,
                 const struct crypto_part *part, size_t n, uint8_t *ret)
{
	enum { BLOCK_MAX = 128, INNER = 0x36, OUTER = 0x5c };
	const struct hash_algorithm *a = hash_algorithm(hash);
	uint8_t block_key[BLOCK_MAX] = { 0 }, pad[BLOCK_MAX], inner[CRYPTO_DIGEST_MAX];

	if (key.len > a->block_len)
		crypto_digest(c, hash, &key, 1, block_key);
	else if (key.len)
		memcpy(block_key, key.bytes, key.len);

	make_pad(block_key, INNER, a->block_len, pad);
	hash_begin(c, hash);
	hash_add(c, &(struct crypto_part){ pad, a->block_len }, 1);
	hash_add(c, part, n);
	hash_end(c, inner);

	make_pad(block_key, OUTER, a->block_len, pad);
	const struct crypto_part outer[] = { { pad, a->block_len }, { inner, a->digest_len } };
	crypto_digest(c, hash, outer, 2, ret);
	memory_wipe(block_key, sizeof block_key);
	memory_wipe(pad, sizeof pad);
	memory_wipe(inner, sizeof inner);
}

bool crypto_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

static void cbc_begin(struct crypto *c, const struct crypto_cbc *how, size_t len, bool encrypt)
{
	const struct cipher_algorithm *a = cipher_algorithm(how->cipher);

	check(c->cipher[how->cipher] && len % a->block_len == 0 && len <= INT32_MAX);
	check(EVP_CipherInit_ex2(c->cipher_ctx, c->cipher[how->cipher], how->key, how->iv, encrypt,
	                         NULL));
	check(EVP_CIPHER_CTX_set_padding(c->cipher_ctx, 0));
}

static void cbc_end(struct crypto *c, uint8_t *bytes, size_t len)
{
	int n;

	check(EVP_CipherUpdate(c->cipher_ctx, bytes, &n, bytes, (int)len) && n == (int)len);
	/* Forgets the key schedule. */
	check(EVP_CIPHER_CTX_reset(c->cipher_ctx));
}

void crypto_cbc_encrypt(struct crypto *c, const struct crypto_cbc *how, uint8_t *bytes, size_t len)
{
	size_t block_len = cipher_algorithm(how->cipher)->block_len;

	if (!len)
		return;
	cbc_begin(c, how, len, true);
	cbc_end(c, bytes, len);
	memcpy(how->iv, bytes + len - block_len, block_len);
}

void crypto_cbc_decrypt(struct crypto *c, const struct crypto_cbc *how, uint8_t *bytes, size_t len)
{
	size_t block_len = cipher_algorithm(how->cipher)->block_len;

	if (!len)
		return;
	cbc_begin(c, how, len, false);
	memcpy(how->iv, bytes + len - block_len, block_len);
	cbc_end(c, bytes, len);
}
