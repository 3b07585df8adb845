/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authentication of main mode with pre-shared keys (RFC 2409 5.4). The key is chosen by the peer's
 * outer address, for its identity comes encrypted under it.
 */
#include "ike/v1_auth.h"

#include <string.h>

#include "ike/out.h"
#include "ike/tunnel.h"
#include "ike/v1_main.h"

enum { ID_V4 = 1, ID_V6 = 5, UDP_PROTOCOL = 17 };

static const struct snap_isakmp_profile *isakmp_profile(const struct ike *ike,
                                                        const struct ike_tunnel *t)
{
	const struct snap_ipsec_profile *profile = ike_tunnel_profile(ike, t);

	if (!profile || !profile->isakmp_profile[0])
		return NULL;
	return snap_isakmp_profile(&ike->snapshot->crypto, profile->isakmp_profile);
}

static const struct snap_isakmp_key *longer(const struct snap_isakmp_key *a,
                                            const struct snap_isakmp_key *b)
{
	if (!a || !b)
		return a ? a : b;
	return b->peer.len > a->peer.len ? b : a;
}

static const struct snap_isakmp_key *key_of(const struct ike *ike, const struct ike_tunnel *t,
                                            const struct addr *remote)
{
	const struct snap_crypto *crypto = &ike->snapshot->crypto;
	const struct snap_isakmp_profile *profile = isakmp_profile(ike, t);
	const struct snap_isakmp_key *best = NULL;

	if (profile && profile->keyring[0]) {
		const struct snap_keyring *k = snap_keyring(crypto, profile->keyring);
		return k ? snap_isakmp_key(k, remote) : NULL;
	}
	/* Without a profile all keyrings are looked at, as IOS does. */
	for (size_t i = 0; i < crypto->n_keyrings; i++)
		best = longer(best, snap_isakmp_key(&crypto->keyring[i], remote));
	return best;
}

const struct snap_isakmp_key *v1_auth_key(const struct ike *ike, const struct ike_host_key *host)
{
	const struct snap_isakmp_key *best = NULL;

	for (size_t i = 0; ike->snapshot && i < ike->n_tunnels; i++) {
		const struct ike_tunnel *t = &ike->tunnel[i];
		if (!ike_tunnel_runs(t) || !addr_equal(&t->source, &host->local))
			continue;
		const struct snap_isakmp_key *key = key_of(ike, t, &host->remote);
		if (key && !key->type_6)
			best = longer(best, key);
	}
	return best;
}

bool v1_auth_admits(const struct ike *ike, const struct ike_sa *sa, const struct addr *identity)
{
	for (size_t i = 0; i < ike->n_tunnels; i++) {
		const struct ike_tunnel *t = &ike->tunnel[i];
		if (!ike_tunnel_runs(t) || !addr_equal(&t->source, &sa->host->key.local))
			continue;
		const struct snap_isakmp_profile *p = isakmp_profile(ike, t);
		if (!p)
			return true;
		for (size_t k = 0; k < p->n_match; k++)
			if (prefix_contains(&p->match[k], identity))
				return true;
	}
	return false;
}

bool v1_auth_keys(struct ike *ike, struct ike_sa *sa)
{
	const struct snap_isakmp_key *key = v1_auth_key(ike, &sa->host->key);
	struct v1_shared shared;

	if (!key || !key->secret)
		return false;
	v1_main_shared(sa, &shared);
	sa->keys.crypto = ike->crypto;
	sa->keys.hash = sa->policy.hash;
	sa->keys.cipher = sa->policy.cipher;
	v1_keys_psk(&sa->keys, (struct crypto_part){ key->secret, strlen(key->secret) }, &shared);
	ike_out_keys(ike, sa);
	return true;
}

/* Body of our ID payload: our address, UDP, port 500, or 0 behind NAT (RFC 3947 4). */
struct id_body {
	uint8_t bytes[4 + ADDR_V6_LEN];
	size_t len;
};

static struct id_body our_id(const struct ike_sa *sa)
{
	const struct addr *local = &sa->host->key.local;
	struct id_body id;
	struct writer w = writer_over(id.bytes, sizeof id.bytes);

	write_u8(&w, local->family == ADDR_V4 ? ID_V4 : ID_V6);
	write_u8(&w, UDP_PROTOCOL);
	write_u16(&w, sa->path.from_port == IKE_PORT ? IKE_PORT : 0);
	write_addr(&w, local);
	id.len = writer_len(&w);
	return id;
}

void v1_auth_add(struct ike *ike, const struct ike_sa *sa, struct v1_out *o)
{
	const struct id_body id = our_id(sa);
	struct v1_shared shared;
	uint8_t hash[CRYPTO_DIGEST_MAX];

	(void)ike;
	v1_main_shared(sa, &shared);
	v1_hash_main(&sa->keys, &shared,
	             (struct v1_identity){ sa->initiator, { id.bytes, id.len } }, hash);
	isakmp_add(&o->b, ISAKMP_ID, id.bytes, id.len);
	isakmp_add(&o->b, ISAKMP_HASH, hash, hash_algorithm(sa->keys.hash)->digest_len);
}

enum ike_drop v1_auth_check(struct ike *ike, struct ike_sa *sa, const struct v1_in *in)
{
	const struct isakmp_payload *id = isakmp_find(&in->m, ISAKMP_ID);
	const struct isakmp_payload *hash = isakmp_find(&in->m, ISAKMP_HASH);
	size_t digest_len = hash_algorithm(sa->keys.hash)->digest_len;
	struct v1_shared shared;
	uint8_t is[CRYPTO_DIGEST_MAX], protocol;

	(void)ike;
	if (!id || !hash || hash->len != digest_len)
		return IKE_DROP_DECRYPT;
	v1_main_shared(sa, &shared);
	v1_hash_main(&sa->keys, &shared,
	             (struct v1_identity){ !sa->initiator, { id->body, id->len } }, is);
	if (!crypto_equal(is, hash->body, digest_len))
		return IKE_DROP_AUTHENTICATION;
	sa->peer_id = v1_id_address(id, &protocol);
	return IKE_DROP_NONE;
}
