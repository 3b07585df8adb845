/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "crypto/test_hex.h"
#include "ike/v1_keys.h"

enum { BYTES_MAX = 128 };

/* What both ends have said, and what a calculation apart from this code made of it. */
struct vector {
	enum crypto_hash hash;
	enum crypto_cipher cipher;
	const char *d, *a, *key, *iv, *hash_i, *hash_r, *next_iv, *hash_1, *hash_2, *hash_3,
		*keymat;
};

static const struct vector VECTOR[] = {
	{ HASH_SHA1, CIPHER_AES256, "6f125640be16c43c027565258c8ca5f0ee1f47ab",
	  "e511e168c9e0752b850038fdb1463f18e8de70c0",
	  "fd9492dd258dffe92db45892bfc6aba570b99787595b17c58dcbd856fa06baad",
	  "2e42591c7434efb5f6a4e77048182b4f", "06098575b11181783d8397c6b800d549e6b5659b",
	  "c9a22ed2de3f409ce22a3fccba518c58ab206153", "6d7452458068fc49ba41d002154039db",
	  "868162b6e9cf35e81cf736fd357aa926927eb056", "ada7f8e277ae278e22a0c8e6311a89811b246e6e",
	  "ee5093f977558864ee39a97327e5787f31a6ab9d",
	  "258aab13167db170fc4d86c70eb127b10ee1167494fa5ab76e84d7ec29683cd09d6274ca795be519"
	  "7a72fec7a5cac7ca20db068b" },
	{ HASH_SHA256, CIPHER_AES128,
	  "b64f5ecf884695c8c4deaee06147560a0db0c4df2e56480b1aa03a81d1ae066a",
	  "b7c84270e84aeb7224718c1234f67f9a18739ff9c4cb33054db60329999ae4e8",
	  "31094e18a1ff09e8f51d0ae38f31d457", "8759177b6e8fc901106d7264cbbe88d5",
	  "61d56b6ff3254ac5fd5a4b047a8da330f9c7b167bad7cbc2795e62741732c4a0",
	  "1fe1dfdf17b9ec5ce3244466d59ef484528f16b5f57241b8f9f8f13a3504178e",
	  "03451069aae04e7da14718b9af648c53",
	  "8c4c75f3f1f21d302e16b6d14c04f564b2ab9a8f07f03ce2dba86009129b8173",
	  "ba7cbbd3cf0779c2c3c5665375848ae6691d3b6de6b079d3ddae83ae5b94ef3f",
	  "18b682b8bf16754627c6d18d08b4dae40a2dd59a705251050f9a651d6f7c4fc3",
	  "d6a30e3c9a811f6e7128c036eae7865b9453f564115eeee9fcf4c08cec6c2bfff7788ff2a73fce0b"
	  "7062b758b712adee881dce7d" },
};
enum { N_VECTORS = sizeof VECTOR / sizeof VECTOR[0] };

static void is(const uint8_t *bytes, const char *hex)
{
	uint8_t want[TEST_HEX_MAX];
	size_t len = test_unhex(hex, want);

	assert_memory_equal(bytes, want, len);
}

static void check_vector(struct crypto *crypto, const struct vector *v)
{
	static const uint8_t id[] = { 1, 0x11, 1, 0xf4, 2, 2, 2, 2 };
	uint8_t ni[20], nr[20], gi[BYTES_MAX], gr[BYTES_MAX], gxy[BYTES_MAX], pfs[16], got[64];
	struct v1_keys k = { .crypto = crypto, .hash = v->hash, .cipher = v->cipher };
	const struct v1_shared s = { 0x0102030405060708, 0x1112131415161718,
		                     { ni, 20 },         { nr, 20 },
		                     { gi, BYTES_MAX },  { gr, BYTES_MAX },
		                     { gxy, BYTES_MAX }, { "SA body of the initiator", 24 } };

	for (uint8_t i = 0; i < 20; i++) {
		ni[i] = (uint8_t)(1 + i);
		nr[i] = (uint8_t)(101 + i);
	}
	memset(gi, 0x11, sizeof gi);
	memset(gr, 0x22, sizeof gr);
	memset(gxy, 0x33, sizeof gxy);
	memset(pfs, 0x44, sizeof pfs);
	v1_keys_psk(&k, (struct crypto_part){ "cisco123", 8 }, &s);
	is(k.skeyid_d, v->d);
	is(k.skeyid_a, v->a);
	is(k.key, v->key);
	is(k.iv, v->iv);
	v1_hash_main(&k, &s, (struct v1_identity){ true, { id, sizeof id } }, got);
	is(got, v->hash_i);
	v1_hash_main(&k, &s, (struct v1_identity){ false, { id, sizeof id } }, got);
	is(got, v->hash_r);
	v1_iv(&k, 0xcafebabe, got);
	is(got, v->next_iv);
	struct v1_hashed of = { .message_id = 0xcafebabe, .rest = { "rest", 4 } };
	v1_hash_quick(&k, &of, got);
	is(got, v->hash_1);
	of.nonce_i = s.nonce_i;
	v1_hash_quick(&k, &of, got);
	is(got, v->hash_2);
	v1_hash_quick(&k,
	              &(struct v1_hashed){ 0xcafebabe, true, s.nonce_i, s.nonce_r, { NULL, 0 } },
	              got);
	is(got, v->hash_3);
	v1_keymat(&k, &(struct v1_keymat){ 0xdeadbeef, s.nonce_i, s.nonce_r, { pfs, 16 } }, got,
	          52);
	is(got, v->keymat);
}

static void keys_and_hashes_of_rfc_2409(void **state)
{
	struct crypto *crypto = crypto_new();

	(void)state;
	for (size_t i = 0; i < N_VECTORS; i++)
		check_vector(crypto, &VECTOR[i]);
	crypto_free(crypto);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_hashes_of_rfc_2409),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
