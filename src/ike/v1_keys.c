/* SPDX-License-Identifier: Apache-2.0 */
/* Keying material of IKEv1: RFC 2409 5 (SKEYID), 5.5 (KEYMAT), appendix B (key and IV). */
#include "ike/v1_keys.h"

#include <string.h>

#include "util/check.h"
#include "util/memory.h"

enum { ESP_PROTOCOL = 3, PARTS_MAX = 8, NONCE_MAX = 256 /* RFC 2409 5 */ };

struct parts {
	struct crypto_part part[PARTS_MAX];
	size_t n;
};

static void add(struct parts *p, const void *bytes, size_t len)
{
	if (len)
		p->part[p->n++] = (struct crypto_part){ bytes, len };
}

static void put_u32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void put_cookies(uint8_t *at, uint64_t first, uint64_t second)
{
	put_u32(at, (uint32_t)(first >> 32));
	put_u32(at + 4, (uint32_t)first);
	put_u32(at + 8, (uint32_t)(second >> 32));
	put_u32(at + 12, (uint32_t)second);
}

static size_t digest_len(const struct v1_keys *k)
{
	return hash_algorithm(k->hash)->digest_len;
}

static void prf(const struct v1_keys *k, const uint8_t *key, const struct parts *p, uint8_t *ret)
{
	crypto_hmac(k->crypto, k->hash, (struct crypto_part){ key, digest_len(k) }, p->part, p->n,
	            ret);
}

/* SKEYID_d, _a and _e are chained, each with its number. */
struct link {
	const uint8_t *before;
	uint8_t number;
};

static void derive(const struct v1_keys *k, const struct v1_shared *s, struct link link,
                   uint8_t *ret)
{
	uint8_t cookies[16];
	struct parts p = { .n = 0 };

	put_cookies(cookies, s->icookie, s->rcookie);
	if (link.before)
		add(&p, link.before, digest_len(k));
	add(&p, s->secret.bytes, s->secret.len);
	add(&p, cookies, sizeof cookies);
	add(&p, &link.number, 1);
	prf(k, k->skeyid, &p, ret);
}

/* Appendix B: SKEYID_e itself where it is long enough, else stretched. */
static void derive_key(struct v1_keys *k, const uint8_t *skeyid_e)
{
	size_t need = cipher_algorithm(k->cipher)->key_len, len = digest_len(k), done = 0;
	uint8_t block[CRYPTO_DIGEST_MAX] = { 0 };
	size_t before = 1; /* K1 = prf(SKEYID_e, 0), one byte */

	if (need <= len) {
		memcpy(k->key, skeyid_e, need);
		return;
	}
	while (done < need) {
		struct parts p = { .n = 0 };
		uint8_t next[CRYPTO_DIGEST_MAX];
		add(&p, block, before);
		prf(k, skeyid_e, &p, next);
		memcpy(block, next, len);
		before = len;
		size_t take = need - done < len ? need - done : len;
		memcpy(k->key + done, block, take);
		done += take;
		memory_wipe(next, sizeof next);
	}
	memory_wipe(block, sizeof block);
}

/* All that follows from SKEYID. */
static void derive_all(struct v1_keys *ret, const struct v1_shared *s)
{
	const struct crypto_part publics[2] = { s->public_i, s->public_r };
	uint8_t skeyid_e[CRYPTO_DIGEST_MAX], iv[CRYPTO_DIGEST_MAX];

	derive(ret, s, (struct link){ NULL, 0 }, ret->skeyid_d);
	derive(ret, s, (struct link){ ret->skeyid_d, 1 }, ret->skeyid_a);
	derive(ret, s, (struct link){ ret->skeyid_a, 2 }, skeyid_e);
	derive_key(ret, skeyid_e);
	crypto_digest(ret->crypto, ret->hash, publics, 2, iv);
	memcpy(ret->iv, iv, cipher_algorithm(ret->cipher)->block_len);
	memory_wipe(skeyid_e, sizeof skeyid_e);
}

/* SKEYID = prf(key, Ni | Nr) */
void v1_keys_psk(struct v1_keys *ret, struct crypto_part psk, const struct v1_shared *s)
{
	const struct crypto_part nonces[2] = { s->nonce_i, s->nonce_r };

	crypto_hmac(ret->crypto, ret->hash, psk, nonces, 2, ret->skeyid);
	derive_all(ret, s);
}

/* SKEYID = prf(Ni | Nr, g^xy) */
void v1_keys_signed(struct v1_keys *ret, const struct v1_shared *s)
{
	uint8_t nonces[2 * NONCE_MAX];
	size_t len = s->nonce_i.len + s->nonce_r.len;

	check(len <= sizeof nonces);
	memcpy(nonces, s->nonce_i.bytes, s->nonce_i.len);
	memcpy(nonces + s->nonce_i.len, s->nonce_r.bytes, s->nonce_r.len);
	crypto_hmac(ret->crypto, ret->hash, (struct crypto_part){ nonces, len }, &s->secret, 1,
	            ret->skeyid);
	derive_all(ret, s);
}

void v1_hash_main(const struct v1_keys *k, const struct v1_shared *s, struct v1_identity who,
                  uint8_t *ret)
{
	const struct crypto_part *own = who.initiator ? &s->public_i : &s->public_r;
	const struct crypto_part *other = who.initiator ? &s->public_r : &s->public_i;
	uint8_t cookies[16];
	struct parts p = { .n = 0 };

	if (who.initiator)
		put_cookies(cookies, s->icookie, s->rcookie);
	else
		put_cookies(cookies, s->rcookie, s->icookie);
	add(&p, own->bytes, own->len);
	add(&p, other->bytes, other->len);
	add(&p, cookies, sizeof cookies);
	add(&p, s->sa_i.bytes, s->sa_i.len);
	add(&p, who.id.bytes, who.id.len);
	prf(k, k->skeyid, &p, ret);
}

void v1_iv(const struct v1_keys *k, uint32_t message_id, uint8_t *ret)
{
	size_t block_len = cipher_algorithm(k->cipher)->block_len;
	uint8_t id[4], digest[CRYPTO_DIGEST_MAX];
	const struct crypto_part part[2] = { { k->iv, block_len }, { id, sizeof id } };

	put_u32(id, message_id);
	crypto_digest(k->crypto, k->hash, part, 2, digest);
	memcpy(ret, digest, block_len);
}

void v1_hash_quick(const struct v1_keys *k, const struct v1_hashed *of, uint8_t *ret)
{
	static const uint8_t zero = 0;
	uint8_t id[4];
	struct parts p = { .n = 0 };

	put_u32(id, of->message_id);
	if (of->third)
		add(&p, &zero, 1);
	add(&p, id, sizeof id);
	add(&p, of->nonce_i.bytes, of->nonce_i.len);
	add(&p, of->nonce_r.bytes, of->nonce_r.len);
	add(&p, of->rest.bytes, of->rest.len);
	prf(k, k->skeyid_a, &p, ret);
}

void v1_keymat(const struct v1_keys *k, const struct v1_keymat *of, uint8_t *ret, size_t len)
{
	static const uint8_t protocol = ESP_PROTOCOL;
	uint8_t spi[4], block[CRYPTO_DIGEST_MAX], next[CRYPTO_DIGEST_MAX];
	size_t block_len = digest_len(k);

	put_u32(spi, of->spi);
	for (size_t done = 0; done < len;) {
		struct parts p = { .n = 0 };
		add(&p, block, done ? block_len : 0);
		add(&p, of->secret.bytes, of->secret.len);
		add(&p, &protocol, 1);
		add(&p, spi, sizeof spi);
		add(&p, of->nonce_i.bytes, of->nonce_i.len);
		add(&p, of->nonce_r.bytes, of->nonce_r.len);
		prf(k, k->skeyid_d, &p, next);
		memcpy(block, next, block_len);
		size_t take = len - done < block_len ? len - done : block_len;
		memcpy(ret + done, block, take);
		done += take;
	}
	memory_wipe(block, sizeof block);
	memory_wipe(next, sizeof next);
}
