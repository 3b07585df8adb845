/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What OpenSSL's way seals, taken apart by the hashes and ciphers of src/crypto (checked against
 * published vectors there), and GCM by EVP.
 */
#include <openssl/evp.h>

#include "esp/internal.h"
#include "esp/test_esp.h"

static const enum crypto_cipher cbc[ESP_CIPHERS_N] = {
	[ESP_DES] = CIPHER_DES,       [ESP_3DES] = CIPHER_3DES,     [ESP_AES128] = CIPHER_AES128,
	[ESP_AES192] = CIPHER_AES192, [ESP_AES256] = CIPHER_AES256,
};

static const enum crypto_hash hash[ESP_AUTHS_N] = {
	[ESP_MD5_96] = HASH_MD5,        [ESP_SHA1_96] = HASH_SHA1,
	[ESP_SHA256_128] = HASH_SHA256, [ESP_SHA384_192] = HASH_SHA384,
	[ESP_SHA512_256] = HASH_SHA512,
};

/* RFC 4303 2.8: over everything but the ICV, and the high half of the sequence number. */
static void expect_icv(struct test_esp *t, const struct esp_packet *p,
                       const struct esp_sa_config *c)
{
	const struct esp_auth_algorithm *a = esp_auth_algorithm(c->auth);
	const uint8_t high[4] = { 0 };
	const struct crypto_part parts[] = { { p->bytes, p->len - a->icv_len }, { high, 4 } };
	uint8_t mac[CRYPTO_DIGEST_MAX];

	crypto_hmac(t->crypto, hash[c->auth], (struct crypto_part){ c->auth_key, a->key_len },
	            parts, c->esn ? 2 : 1, mac);
	assert_memory_equal(p->bytes + p->len - a->icv_len, mac, a->icv_len);
}

static void decrypt_cbc(struct test_esp *t, const struct esp_packet *p,
                        const struct esp_sa_config *c, size_t icv_len)
{
	const struct esp_cipher_algorithm *a = esp_cipher_algorithm(c->cipher);
	struct crypto_cbc how = { cbc[c->cipher], c->cipher_key, p->bytes + ESP_HEADER_LEN };
	size_t header_len = ESP_HEADER_LEN + a->iv_len;

	if (c->cipher != ESP_NULL)
		crypto_cbc_decrypt(t->crypto, &how, p->bytes + header_len,
		                   p->len - header_len - icv_len);
}

static void decrypt_gcm(const struct esp_packet *p, const struct esp_sa_config *c)
{
	const EVP_CIPHER *ciphers[] = { EVP_aes_128_gcm(), EVP_aes_192_gcm(), EVP_aes_256_gcm() };
	const struct esp_cipher_algorithm *a = esp_cipher_algorithm(c->cipher);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t nonce[12], aad[12] = { 0 };
	uint8_t *text = p->bytes + 16;
	int n, text_len = (int)(p->len - 16 - 16);

	memcpy(nonce, c->cipher_key + a->key_len - 4, 4);
	memcpy(nonce + 4, p->bytes + 8, 8);
	memcpy(aad, p->bytes, c->esn ? 4 : 8);
	if (c->esn)
		memcpy(aad + 8, p->bytes + 4, 4);
	assert_true(EVP_DecryptInit_ex(ctx, ciphers[c->cipher - ESP_GCM128], NULL, c->cipher_key,
	                               nonce));
	assert_true(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, text + text_len));
	assert_true(EVP_DecryptUpdate(ctx, NULL, &n, aad, c->esn ? 12 : 8));
	assert_true(EVP_DecryptUpdate(ctx, text, &n, text, text_len));
	assert_true(EVP_DecryptFinal_ex(ctx, text + text_len, &n));
	EVP_CIPHER_CTX_free(ctx);
}

static void expect_plain(const struct esp_packet *p, const struct esp_sa *sa,
                         const uint8_t *payload, size_t len)
{
	const uint8_t *text = p->bytes + sa->header_len;
	size_t text_len = p->len - sa->header_len - sa->icv_len;

	assert_memory_equal(text, payload, len);
	assert_int_equal(text[text_len - 1], 47);
	assert_int_equal(text[text_len - 2], text_len - 2 - len);
	assert_int_equal(text_len % sa->align, 0);
	assert_true(text_len - 2 - len < sa->align);
	for (size_t i = len; i < text_len - 2; i++)
		assert_int_equal(text[i], i - len + 1);
}

static void take_apart(struct test_esp *t, struct test_suite suite, bool esn)
{
	struct test_keys keys;
	struct esp_sa_config c = test_config(t, suite, &keys);
	uint8_t payload[TEST_PACKET_MAX];
	struct test_buffer b;

	c.esn = esn;
	struct esp_sa *sa = test_sa(t, TEST_PLAIN, &c);
	for (uint32_t i = 1; i <= 20; i++) {
		size_t len = entropy_between(&t->entropy, 0, 1500);
		test_fill(t, payload, len);
		struct esp_packet p = test_packet(&b, sa, payload, len);
		esp_seal(t->engine[TEST_PLAIN], &p, 1);
		assert_int_equal(p.drop, ESP_DROP_NONE);
		assert_int_equal(esp_u32(p.bytes), c.spi);
		assert_int_equal(esp_u32(p.bytes + 4), i);
		if (suite.auth != ESP_AUTH_NONE) {
			expect_icv(t, &p, &c);
			decrypt_cbc(t, &p, &c, sa->icv_len);
		} else {
			decrypt_gcm(&p, &c);
		}
		expect_plain(&p, sa, payload, len);
	}
	esp_sa_free(sa);
}

static void every_suite_taken_apart(void **state)
{
	struct test_suite suites[TEST_SUITES_MAX];
	size_t n = test_suites(*state, suites);

	for (size_t i = 0; i < n; i++) {
		take_apart(*state, suites[i], false);
		take_apart(*state, suites[i], true);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_suite_taken_apart, test_esp_setup,
		                                test_esp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
