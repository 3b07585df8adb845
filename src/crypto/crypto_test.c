/* SPDX-License-Identifier: Apache-2.0 */
/* Against published vectors: RFC 1321, FIPS 180, RFC 2202, RFC 4231, SP 800-38A. */
#include "crypto/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "crypto/test_hex.h"
#include "util/entropy.h"

static int setup(void **state)
{
	*state = crypto_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	crypto_free(*state);
	return 0;
}

static void assert_hex(const uint8_t *bytes, const char *hex)
{
	uint8_t want[TEST_HEX_MAX];

	assert_memory_equal(bytes, want, test_unhex(hex, want));
}

static void digests(void **state)
{
	static const char *const want[HASHES_N] = {
		[HASH_MD5] = "900150983cd24fb0d6963f7d28e17f72",
		[HASH_SHA1] = "a9993e364706816aba3e25717850c26c9cd0d89d",
		[HASH_SHA256] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		[HASH_SHA384] = "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
				"8086072ba1e7cc2358baeca134c825a7",
		[HASH_SHA512] = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
				"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	};
	const struct crypto_part abc[] = { { "a", 1 }, { "", 0 }, { "bc", 2 } };
	uint8_t digest[CRYPTO_DIGEST_MAX];

	for (int h = 0; h < HASHES_N; h++) {
		crypto_digest(*state, (enum crypto_hash)h, abc, 3, digest);
		assert_hex(digest, want[h]);
		assert_int_equal(strlen(want[h]),
		                 2 * hash_algorithm((enum crypto_hash)h)->digest_len);
	}
}

static void hmacs(void **state)
{
	static const struct {
		enum crypto_hash hash;
		const char *key, *data, *want;
	} vectors[] = {
		{ HASH_MD5, "4a656665", "what do ya want for nothing?",
		  "750c783e6ab0b503eaa86e310a5db738" },
		{ HASH_SHA1, "4a656665", "what do ya want for nothing?",
		  "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
		{ HASH_SHA256, "4a656665", "what do ya want for nothing?",
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ HASH_SHA384, "4a656665", "what do ya want for nothing?",
		  "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
		  "8e2240ca5e69e2c78b3239ecfab21649" },
		{ HASH_SHA512, "4a656665", "what do ya want for nothing?",
		  "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
		  "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737" },
	};
	uint8_t key[TEST_HEX_MAX], mac[CRYPTO_DIGEST_MAX];

	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		const struct crypto_part data = { vectors[i].data, strlen(vectors[i].data) };
		size_t key_len = test_unhex(vectors[i].key, key);
		crypto_hmac(*state, vectors[i].hash, (struct crypto_part){ key, key_len }, &data, 1,
		            mac);
		assert_hex(mac, vectors[i].want);
	}
}

/* RFC 4231 4.7: a key longer than a block is hashed first. */
static void hmac_of_a_long_key(void **state)
{
	const char *text = "Test Using Larger Than Block-Size Key - Hash Key First";
	const struct crypto_part data = { text, strlen(text) };
	uint8_t key[131], mac[CRYPTO_DIGEST_MAX];

	memset(key, 0xaa, sizeof key);
	crypto_hmac(*state, HASH_SHA256, (struct crypto_part){ key, sizeof key }, &data, 1, mac);
	assert_hex(mac, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* SP 800-38A F.2.1, the first two blocks in one call and in two. */
static void aes_cbc(void **state)
{
	const char *cipher = "7649abac8119b246cee98e9b12e9197d 5086cb9b507219ee95db113a917678b2";
	uint8_t key[16], iv[16], bytes[32], plain[32];
	struct crypto_cbc how = { CIPHER_AES128, key, iv };

	test_unhex("2b7e151628aed2a6abf7158809cf4f3c", key);
	test_unhex("000102030405060708090a0b0c0d0e0f", iv);
	test_unhex("6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51", plain);
	memcpy(bytes, plain, sizeof bytes);
	crypto_cbc_encrypt(*state, &how, bytes, 16);
	assert_hex(iv, "7649abac8119b246cee98e9b12e9197d");
	crypto_cbc_encrypt(*state, &how, bytes + 16, 16);
	assert_hex(bytes, cipher);

	test_unhex("000102030405060708090a0b0c0d0e0f", iv);
	crypto_cbc_decrypt(*state, &how, bytes, 16);
	crypto_cbc_decrypt(*state, &how, bytes + 16, 16);
	assert_memory_equal(bytes, plain, sizeof plain);
	assert_hex(iv, "5086cb9b507219ee95db113a917678b2");
}

static void every_cipher_undoes_itself(void **state)
{
	uint8_t key[CRYPTO_KEY_MAX], iv[CRYPTO_IV_MAX], bytes[96], plain[96];
	struct prng prng;

	prng_seed(&prng, 1);
	struct entropy e = prng_entropy(&prng);
	for (int i = 0; i < CIPHERS_N; i++) {
		struct crypto_cbc how = { (enum crypto_cipher)i, key, iv };
		if (!crypto_has_cipher(*state, how.cipher))
			continue;
		e.fill(e.ctx, key, sizeof key);
		e.fill(e.ctx, plain, sizeof plain);
		memcpy(bytes, plain, sizeof plain);
		memset(iv, 0, sizeof iv);
		crypto_cbc_encrypt(*state, &how, bytes, sizeof bytes);
		assert_memory_not_equal(bytes, plain, sizeof plain);
		memset(iv, 0, sizeof iv);
		crypto_cbc_decrypt(*state, &how, bytes, sizeof bytes);
		assert_memory_equal(bytes, plain, sizeof plain);
	}
	assert_true(crypto_has_cipher(*state, CIPHER_3DES));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(digests, setup, teardown),
		cmocka_unit_test_setup_teardown(hmacs, setup, teardown),
		cmocka_unit_test_setup_teardown(hmac_of_a_long_key, setup, teardown),
		cmocka_unit_test_setup_teardown(aes_cbc, setup, teardown),
		cmocka_unit_test_setup_teardown(every_cipher_undoes_itself, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
