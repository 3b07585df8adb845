/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diffie-Hellman with private values from the caller: modular exponentiation for the MODP groups
 * (RFC 2409 6, RFC 3526, RFC 5114 2.3), point multiplication for the ECP groups (RFC 5903). A
 * peer's value is checked before it is used (RFC 6989 2.1, 2.3).
 */
#include "crypto/crypto.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>
#include <string.h>

#include "crypto/internal.h"
#include "util/check.h"

enum { POINT_HEAD_LEN = 1, POINT_UNCOMPRESSED = 4 }; /* SEC 1, 2.3.3 */

/*
 * Private values of MODP groups have twice the bits of the group's estimated strength (RFC 3526 8),
 * rounded up; those of group 24 the length of its subgroup.
 */
static const struct dh_group groups[] = {
	{ 1, 768, 96, 96, 20, true },      { 2, 1024, 128, 128, 20, true },
	{ 5, 1536, 192, 192, 30, true },   { 14, 2048, 256, 256, 40, false },
	{ 15, 3072, 384, 384, 52, false }, { 16, 4096, 512, 512, 60, false },
	{ 19, 256, 64, 32, 32, false },    { 20, 384, 96, 48, 48, false },
	{ 21, 521, 132, 66, 66, false },   { 24, 2048, 256, 256, 32, true },
};

const struct dh_group *dh_group(uint16_t number)
{
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		if (groups[i].number == number)
			return &groups[i];
	return NULL;
}

/* Our half of an exchange. */
struct half {
	struct crypto *c;
	const struct dh_group *group;
	const uint8_t *private;
};

/* ---- MODP ---- */

struct modp {
	BIGNUM *p, *g, *q; /* q: of group 24 only; the others are safe primes */
};

static void modp_fini(struct modp *m)
{
	BN_free(m->p);
	BN_free(m->g);
	BN_free(m->q);
}

/* Group 24 from OpenSSL's own table, through the only door that is not deprecated. */
static void modp_named(struct crypto *c, const char *name, struct modp *ret)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)name, 0),
		OSSL_PARAM_END,
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(c->library, "DH", NULL);
	EVP_PKEY *key = NULL;

	check(ctx && EVP_PKEY_fromdata_init(ctx) > 0);
	check(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEY_PARAMETERS, params) > 0);
	check(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_FFC_P, &ret->p));
	check(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_FFC_G, &ret->g));
	check(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_FFC_Q, &ret->q));
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(ctx);
}

static void modp_init(struct crypto *c, const struct dh_group *group, struct modp *ret)
{
	*ret = (struct modp){ 0 };
	switch (group->number) {
	case 1:
		ret->p = BN_get_rfc2409_prime_768(NULL);
		break;
	case 2:
		ret->p = BN_get_rfc2409_prime_1024(NULL);
		break;
	case 5:
		ret->p = BN_get_rfc3526_prime_1536(NULL);
		break;
	case 14:
		ret->p = BN_get_rfc3526_prime_2048(NULL);
		break;
	case 15:
		ret->p = BN_get_rfc3526_prime_3072(NULL);
		break;
	case 16:
		ret->p = BN_get_rfc3526_prime_4096(NULL);
		break;
	default:
		modp_named(c, "dh_2048_256", ret);
		return;
	}
	ret->g = BN_new();
	check(ret->p && ret->g && BN_set_word(ret->g, 2));
}

/* base ^ private mod p, written with leading zeroes. */
static bool modp_power(const struct half *h, const struct modp *m, const BIGNUM *base, uint8_t *ret)
{
	int len = (int)h->group->public_len;
	BIGNUM *x = BN_secure_new(), *result = BN_secure_new();

	check(x && result && BN_bin2bn(h->private, (int)h->group->private_len, x));
	BN_set_flags(x, BN_FLG_CONSTTIME);
	bool ok = !BN_is_zero(x) && !BN_is_one(x);
	if (ok) {
		check(BN_mod_exp(result, base, x, m->p, h->c->bn));
		check(BN_bn2binpad(result, ret, len) == len);
	}
	BN_clear_free(x);
	BN_clear_free(result);
	return ok;
}

/* RFC 6989 2.1 and 2.2: 1 < y < p - 1, and in the subgroup where there is a small one. */
static bool modp_is_sane(struct crypto *c, const struct modp *m, const BIGNUM *y)
{
	BIGNUM *limit = BN_dup(m->p), *power = BN_new();

	check(limit && power && BN_sub_word(limit, 1));
	bool ok = BN_cmp(y, BN_value_one()) > 0 && BN_cmp(y, limit) < 0;
	if (ok && m->q) {
		check(BN_mod_exp(power, y, m->q, m->p, c->bn));
		ok = BN_is_one(power);
	}
	BN_free(limit);
	BN_free(power);
	return ok;
}

static bool modp_shared(const struct half *h, const uint8_t *peer, uint8_t *ret)
{
	BIGNUM *y = BN_bin2bn(peer, (int)h->group->public_len, NULL);
	struct modp m;

	check(y);
	modp_init(h->c, h->group, &m);
	bool ok = modp_is_sane(h->c, &m, y) && modp_power(h, &m, y, ret);
	modp_fini(&m);
	BN_free(y);
	return ok;
}

/* ---- ECP ---- */

static EC_GROUP *ecp_new(struct crypto *c, const struct dh_group *group)
{
	int nid = NID_secp521r1;

	if (group->number == 19)
		nid = NID_X9_62_prime256v1;
	else if (group->number == 20)
		nid = NID_secp384r1;
	EC_GROUP *curve = EC_GROUP_new_by_curve_name_ex(c->library, NULL, nid);
	check(curve);
	return curve;
}

/* The private value as a scalar; 521 bits do not fill 66 bytes, so the order cuts what is over. */
static BIGNUM *ecp_scalar(const struct half *h, const EC_GROUP *curve)
{
	BIGNUM *x = BN_secure_new();

	check(x && BN_bin2bn(h->private, (int)h->group->private_len, x));
	BN_set_flags(x, BN_FLG_CONSTTIME);
	check(BN_nnmod(x, x, EC_GROUP_get0_order(curve), h->c->bn));
	return x;
}

/* base times private; base NULL: the generator. Writes x and y. */
static bool ecp_multiply(const struct half *h, const EC_GROUP *curve, const EC_POINT *base,
                         uint8_t *ret)
{
	size_t len = h->group->public_len;
	uint8_t bytes[POINT_HEAD_LEN + CRYPTO_DH_MAX];
	EC_POINT *point = EC_POINT_new(curve);
	BIGNUM *x = ecp_scalar(h, curve);

	check(point);
	bool ok = !BN_is_zero(x);
	if (ok) {
		check(EC_POINT_mul(curve, point, base ? NULL : x, base, base ? x : NULL, h->c->bn));
		check(EC_POINT_point2oct(curve, point, POINT_CONVERSION_UNCOMPRESSED, bytes,
		                         sizeof bytes, h->c->bn) == POINT_HEAD_LEN + len);
		memcpy(ret, bytes + POINT_HEAD_LEN, len);
	}
	OPENSSL_cleanse(bytes, sizeof bytes);
	BN_clear_free(x);
	EC_POINT_clear_free(point);
	return ok;
}

static bool ecp_shared(const struct half *h, const uint8_t *peer, uint8_t *ret)
{
	size_t len = h->group->public_len;
	uint8_t bytes[POINT_HEAD_LEN + CRYPTO_DH_MAX] = { POINT_UNCOMPRESSED };
	uint8_t both[CRYPTO_DH_MAX];
	EC_GROUP *curve = ecp_new(h->c, h->group);
	EC_POINT *point = EC_POINT_new(curve);

	check(point);
	memcpy(bytes + POINT_HEAD_LEN, peer, len);
	/* oct2point refuses what is not on the curve; the curves' cofactor is 1. */
	bool ok = EC_POINT_oct2point(curve, point, bytes, POINT_HEAD_LEN + len, h->c->bn) &&
	          ecp_multiply(h, curve, point, both);
	ERR_clear_error();
	if (ok)
		memcpy(ret, both, h->group->shared_len);
	OPENSSL_cleanse(both, sizeof both);
	EC_POINT_free(point);
	EC_GROUP_free(curve);
	return ok;
}

static bool is_ecp(const struct dh_group *group)
{
	return group->number >= 19 && group->number <= 21;
}

bool crypto_dh_public(struct crypto *c, const struct dh_group *group, const uint8_t *private,
                      uint8_t *ret_public)
{
	const struct half h = { c, group, private };

	if (is_ecp(group)) {
		EC_GROUP *curve = ecp_new(c, group);
		bool ok = ecp_multiply(&h, curve, NULL, ret_public);
		EC_GROUP_free(curve);
		return ok;
	}
	struct modp m;
	modp_init(c, group, &m);
	bool ok = modp_power(&h, &m, m.g, ret_public);
	modp_fini(&m);
	return ok;
}

bool crypto_dh_shared(struct crypto *c, const struct dh_group *group, const uint8_t *private,
                      const uint8_t *peer_public, uint8_t *ret_shared)
{
	const struct half h = { c, group, private };

	return is_ecp(group) ? ecp_shared(&h, peer_public, ret_shared)
	                     : modp_shared(&h, peer_public, ret_shared);
}
