/* SPDX-License-Identifier: Apache-2.0 */
/* Beside OpenSSL's AES-CBC and HMAC-SHA-1, for every length that takes another way through. */
#include "esp/stitch.h"

#include <intel-ipsec-mb.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* after those it needs: */
#include <cmocka.h>

#include "util/check.h"
#include "util/entropy.h"

enum {
	AT = 5, /* of the packet in the buffer: at no alignment */
	TEXT_AT = 24,
	BLOCK = 16,
	TEXT_MAX = 65536,
	LONG = 4000,
	BEHIND = 32,
	MAC_KEY_LEN = 20,
	SHA_BLOCK = 64,
	DIGEST_LEN = 20,
};

struct fixture {
	struct prng prng;
	struct entropy entropy;
	IMB_MGR *mgr;
	uint8_t key[32], mac_key[MAC_KEY_LEN];
	_Alignas(64) uint8_t encrypt[15 * BLOCK];
	_Alignas(64) uint8_t decrypt[15 * BLOCK];
	_Alignas(64) uint8_t inner[SHA_BLOCK];
	_Alignas(64) uint8_t outer[SHA_BLOCK];
	uint8_t ours[AT + TEXT_AT + TEXT_MAX + BEHIND], theirs[AT + TEXT_AT + TEXT_MAX + BEHIND];
};

static void mac_state(struct fixture *fx, uint8_t with, uint8_t *ret)
{
	uint8_t block[SHA_BLOCK];

	memset(block, with, sizeof block);
	for (size_t i = 0; i < MAC_KEY_LEN; i++)
		block[i] ^= fx->mac_key[i];
	IMB_SHA1_ONE_BLOCK(fx->mgr, block, ret);
}

static void set_keys(struct fixture *fx, unsigned key_len)
{
	fx->entropy.fill(fx->entropy.ctx, fx->key, sizeof fx->key);
	fx->entropy.fill(fx->entropy.ctx, fx->mac_key, sizeof fx->mac_key);
	if (key_len == 16)
		IMB_AES_KEYEXP_128(fx->mgr, fx->key, fx->encrypt, fx->decrypt);
	else if (key_len == 24)
		IMB_AES_KEYEXP_192(fx->mgr, fx->key, fx->encrypt, fx->decrypt);
	else
		IMB_AES_KEYEXP_256(fx->mgr, fx->key, fx->encrypt, fx->decrypt);
	mac_state(fx, 0x36, fx->inner);
	mac_state(fx, 0x5c, fx->outer);
}

static void seal_theirs(struct fixture *fx, unsigned key_len, uint32_t text_len, uint32_t more)
{
	const EVP_CIPHER *cipher = key_len == 16   ? EVP_aes_128_cbc()
	                           : key_len == 24 ? EVP_aes_192_cbc()
	                                           : EVP_aes_256_cbc();
	uint8_t *bytes = fx->theirs + AT, *text = bytes + TEXT_AT, tag[DIGEST_LEN];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned tag_len;
	int n;

	check(ctx && EVP_EncryptInit_ex2(ctx, cipher, fx->key, text - BLOCK, NULL));
	check(EVP_EncryptUpdate(ctx, text, &n, text, (int)text_len) && n == (int)text_len);
	EVP_CIPHER_CTX_free(ctx);
	check(HMAC(EVP_sha1(), fx->mac_key, MAC_KEY_LEN, bytes, TEXT_AT + text_len + more, tag,
	           &tag_len));
	memcpy(text + text_len, tag, STITCH_TAG_LEN);
}

/* more: authenticated behind the text, and overwritten by the tag, as with ESN. */
static void compare(struct fixture *fx, unsigned key_len, uint32_t text_len, uint32_t more)
{
	const struct stitch_packet p = {
		.keys = fx->encrypt,
		.rounds = key_len / 4 + 6,
		.inner = fx->inner,
		.outer = fx->outer,
		.bytes = fx->ours + AT,
		.text_at = TEXT_AT,
		.text_len = text_len,
		.auth_len = TEXT_AT + text_len + more,
		.tag = fx->ours + AT + TEXT_AT + text_len,
	};
	size_t len = AT + TEXT_AT + text_len + BEHIND;

	fx->entropy.fill(fx->entropy.ctx, fx->ours, len);
	memcpy(fx->theirs, fx->ours, len);
	stitch_seal(&p);
	seal_theirs(fx, key_len, text_len, more);
	assert_memory_equal(fx->ours, fx->theirs, len);
}

static void same_bytes_as_openssl(void **state)
{
	struct fixture *fx = *state;

	if (!stitch_is_possible())
		skip();
	for (unsigned key_len = 16; key_len <= 32; key_len += 8) {
		set_keys(fx, key_len);
		for (uint32_t more = 0; more <= 4; more += 4) {
			for (uint32_t text_len = BLOCK; text_len < LONG; text_len += BLOCK)
				compare(fx, key_len, text_len, more);
			compare(fx, key_len, TEXT_MAX, more);
		}
	}
}

static int setup(void **state)
{
	static struct fixture fx;

	prng_seed(&fx.prng, 1);
	fx.entropy = prng_entropy(&fx.prng);
	fx.mgr = alloc_mb_mgr(0);
	check(fx.mgr);
	init_mb_mgr_sse(fx.mgr);
	*state = &fx;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;

	free_mb_mgr(fx->mgr);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(same_bytes_as_openssl, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
