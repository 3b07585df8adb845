/* SPDX-License-Identifier: Apache-2.0 */
/* Keying material of IKEv1 (RFC 2409 5, appendix B). The prf is HMAC with the negotiated hash. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/crypto.h"

struct v1_keys {
	struct crypto *crypto; /* borrowed */
	enum crypto_hash hash;
	enum crypto_cipher cipher;
	uint8_t skeyid[CRYPTO_DIGEST_MAX];
	uint8_t skeyid_d[CRYPTO_DIGEST_MAX];
	uint8_t skeyid_a[CRYPTO_DIGEST_MAX];
	uint8_t key[CRYPTO_KEY_MAX]; /* of the cipher, from SKEYID_e */
	uint8_t iv[CRYPTO_IV_MAX];   /* of main mode's next message; then its last block */
};

/* What both ends have said in main mode; everything is borrowed. */
struct v1_shared {
	uint64_t icookie, rcookie;
	struct crypto_part nonce_i, nonce_r;   /* bodies */
	struct crypto_part public_i, public_r; /* bodies of KE */
	struct crypto_part secret;             /* of Diffie-Hellman */
	struct crypto_part sa_i;               /* body of the initiator's SA payload */
};

/* ret's crypto, hash and cipher are set. With a pre-shared key. */
void v1_keys_psk(struct v1_keys *ret, struct crypto_part psk, const struct v1_shared *s);
/* Likewise, with signatures. */
void v1_keys_signed(struct v1_keys *ret, const struct v1_shared *s);
/* HASH_I, or HASH_R, over the body of that end's ID payload. Writes the hash's digest_len bytes. */
struct v1_identity {
	bool initiator;
	struct crypto_part id;
};
void v1_hash_main(const struct v1_keys *k, const struct v1_shared *s, struct v1_identity who,
                  uint8_t *ret);

/* The IV of an exchange after main mode. Writes a block. */
void v1_iv(const struct v1_keys *k, uint32_t message_id, uint8_t *ret);

/*
 * HASH(1), and the hash of informational messages: over what follows the HASH payload. HASH(2):
 * with the initiator's nonce. HASH(3): with both, and nothing that follows.
 */
struct v1_hashed {
	uint32_t message_id;
	bool third;
	struct crypto_part nonce_i, nonce_r, rest;
};
void v1_hash_quick(const struct v1_keys *k, const struct v1_hashed *of, uint8_t *ret);

/* len bytes of keying material of an ESP SA (RFC 2409 5.5). secret: of PFS, or none. */
struct v1_keymat {
	uint32_t spi;
	struct crypto_part nonce_i, nonce_r, secret;
};
void v1_keymat(const struct v1_keys *k, const struct v1_keymat *of, uint8_t *ret, size_t len);
