/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every algorithm through EVP, one packet after the other. An association holds contexts that have
 * their keys already: per packet only the IV is set. The library's thread fetches and keys, the
 * worker runs.
 */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "crypto/crypto.h"
#include "esp/internal.h"
#include "util/check.h"

enum { GCM_TAG_LEN = 16 };

static const char *const cipher_names[ESP_CIPHERS_N] = {
	[ESP_DES] = "DES-CBC",        [ESP_3DES] = "DES-EDE3-CBC",  [ESP_AES128] = "AES-128-CBC",
	[ESP_AES192] = "AES-192-CBC", [ESP_AES256] = "AES-256-CBC", [ESP_GCM128] = "AES-128-GCM",
	[ESP_GCM192] = "AES-192-GCM", [ESP_GCM256] = "AES-256-GCM",
};

static const char *const digest_names[ESP_AUTHS_N] = {
	[ESP_MD5_96] = "MD5",          [ESP_SHA1_96] = "SHA1",        [ESP_SHA256_128] = "SHA2-256",
	[ESP_SHA384_192] = "SHA2-384", [ESP_SHA512_256] = "SHA2-512",
};

void esp_openssl_fetch(struct esp_library *l, struct crypto *crypto)
{
	OSSL_LIB_CTX *library = crypto_library(crypto);

	for (int i = 0; i < ESP_CIPHERS_N; i++) {
		if (cipher_names[i])
			l->cipher[i] = EVP_CIPHER_fetch(library, cipher_names[i], NULL);
		if (l->cipher[i])
			l->cipher_by[i] = &esp_openssl;
	}
	for (int i = ESP_AUTH_NONE + 1; i < ESP_AUTHS_N; i++)
		l->auth_by[i] = &esp_openssl;
	l->hmac = EVP_MAC_fetch(library, "HMAC", NULL);
	l->iv_cipher_64 = EVP_CIPHER_fetch(library, "DES-EDE3-ECB", NULL);
	l->iv_cipher_128 = EVP_CIPHER_fetch(library, "AES-128-ECB", NULL);
	check(l->hmac && l->iv_cipher_64 && l->iv_cipher_128);
	ERR_clear_error();
}

void esp_openssl_drop(struct esp_library *l)
{
	for (int i = 0; i < ESP_CIPHERS_N; i++)
		EVP_CIPHER_free(l->cipher[i]);
	EVP_MAC_free(l->hmac);
	EVP_CIPHER_free(l->iv_cipher_64);
	EVP_CIPHER_free(l->iv_cipher_128);
}

static void key_mac(struct esp_sa *sa, const uint8_t *key)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
		                                 (char *)digest_names[sa->auth], 0),
		OSSL_PARAM_END,
	};

	sa->mac_ctx = EVP_MAC_CTX_new(sa->library->hmac);
	check(sa->mac_ctx);
	check(EVP_MAC_init(sa->mac_ctx, key, esp_auth_algorithm(sa->auth)->key_len, params));
}

void esp_openssl_key(struct esp_sa *sa, const struct esp_sa_config *config)
{
	if (sa->cipher != ESP_NULL) {
		sa->cipher_ctx = EVP_CIPHER_CTX_new();
		check(sa->cipher_ctx);
		check(EVP_CipherInit_ex2(sa->cipher_ctx, sa->library->cipher[sa->cipher],
		                         config->cipher_key, NULL, sa->outbound, NULL));
		check(EVP_CIPHER_CTX_set_padding(sa->cipher_ctx, 0));
	}
	if (sa->auth != ESP_AUTH_NONE)
		key_mac(sa, config->auth_key);
	if (sa->outbound && esp_cipher_is_cbc(sa->cipher)) {
		const EVP_CIPHER *ecb = sa->iv_len == ESP_IV_MAX ? sa->library->iv_cipher_128
		                                                 : sa->library->iv_cipher_64;
		sa->iv_ctx = EVP_CIPHER_CTX_new();
		check(sa->iv_ctx);
		check(EVP_EncryptInit_ex2(sa->iv_ctx, ecb, config->iv_key, NULL, NULL));
		check(EVP_CIPHER_CTX_set_padding(sa->iv_ctx, 0));
	}
}

void esp_openssl_forget(struct esp_sa *sa)
{
	EVP_CIPHER_CTX_free(sa->cipher_ctx);
	EVP_MAC_CTX_free(sa->mac_ctx);
	EVP_CIPHER_CTX_free(sa->iv_ctx);
}

static void run_cbc(struct esp_job *job)
{
	EVP_CIPHER_CTX *ctx = job->sa->cipher_ctx;
	const uint8_t *iv = job->esp + ESP_HEADER_LEN;
	uint8_t *text = job->esp + job->sa->header_len;
	int n;

	check(EVP_CipherInit_ex2(ctx, NULL, NULL, iv, -1, NULL));
	check(EVP_CipherUpdate(ctx, text, &n, text, (int)job->text_len));
}

/* When opening, the tag is computed by decrypting without checking: the caller compares. */
static void run_gcm(struct esp_job *job)
{
	EVP_CIPHER_CTX *ctx = job->sa->cipher_ctx;
	uint8_t *text = job->esp + job->sa->header_len;
	uint32_t aad_len;
	const uint8_t *aad = esp_job_aad(job, &aad_len);
	int n;

	check(EVP_CipherInit_ex2(ctx, NULL, NULL, job->nonce, -1, NULL));
	if (!job->sa->outbound)
		check(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, GCM_TAG_LEN,
		                          text + job->text_len));
	check(EVP_CipherUpdate(ctx, NULL, &n, aad, (int)aad_len));
	check(EVP_CipherUpdate(ctx, text, &n, text, (int)job->text_len));
	int good = EVP_CipherFinal_ex(ctx, text + job->text_len, &n);
	if (job->sa->outbound) {
		check(good);
		check(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_LEN, job->tag_to));
		return;
	}
	/* OpenSSL compares by itself, in constant time: hand back its verdict as a tag. */
	memcpy(job->tag_to, text + job->text_len, GCM_TAG_LEN);
	if (!good)
		job->tag_to[0] ^= 0xff;
}

static void cipher(struct esp_engine *e, struct esp_job *jobs, size_t n)
{
	(void)e;
	for (size_t i = 0; i < n; i++) {
		if (jobs[i].sa->gcm)
			run_gcm(&jobs[i]);
		else
			run_cbc(&jobs[i]);
	}
}

static void auth(struct esp_engine *e, struct esp_job *jobs, size_t n)
{
	(void)e;
	for (size_t i = 0; i < n; i++) {
		struct esp_job *job = &jobs[i];
		uint8_t mac[CRYPTO_DIGEST_MAX];
		size_t len;

		/* NULL: with the key it has. */
		check(EVP_MAC_init(job->sa->mac_ctx, NULL, 0, NULL));
		check(EVP_MAC_update(job->sa->mac_ctx, job->esp, job->auth_len));
		check(EVP_MAC_final(job->sa->mac_ctx, mac, &len, sizeof mac));
		memcpy(job->tag_to, mac, job->sa->icv_len);
	}
}

const struct esp_provider esp_openssl = { "OpenSSL", NULL, cipher, auth, NULL };
