/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authentication of main mode (RFC 2409 5). A pre-shared key is chosen by the peer's outer address,
 * for its identity comes encrypted under it; in aggressive mode by the name that it says. A
 * signature is made elsewhere (NODE_IKE_SIGN): private keys are not ours.
 */
#include "ike/v1_auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ike/fail.h"
#include "ike/identity.h"
#include "ike/out.h"
#include "ike/tunnel.h"
#include "ike/v1_cert.h"
#include "ike/v1_main.h"
#include "util/memory.h"

static const struct snap_isakmp_key *longer(const struct snap_isakmp_key *a,
                                            const struct snap_isakmp_key *b)
{
	if (!a || !b)
		return a ? a : b;
	if (a->hostname || b->hostname)
		return a->hostname ? a : b;
	return b->peer.len > a->peer.len ? b : a;
}

static const struct snap_isakmp_key *find_key(const struct snap_keyring *k,
                                              const struct addr *remote, const char *name)
{
	for (size_t i = 0; name && i < k->n_keys; i++)
		if (k->key[i].hostname && strcasecmp(k->key[i].hostname, name) == 0)
			return &k->key[i];
	return snap_isakmp_key(k, remote);
}

static const struct snap_isakmp_key *key_of(const struct ike *ike, const struct ike_tunnel *t,
                                            const struct addr *remote, const char *name)
{
	const struct snap_crypto *crypto = &ike->snapshot->crypto;
	const struct snap_isakmp_profile *profile = ike_tunnel_isakmp_profile(ike, t);
	const struct snap_isakmp_key *best = NULL;

	if (profile && profile->keyring[0]) {
		const struct snap_keyring *k = snap_keyring(crypto, profile->keyring);
		return k ? find_key(k, remote, name) : NULL;
	}
	/* Without a profile all keyrings are looked at, as IOS does. */
	for (size_t i = 0; i < crypto->n_keyrings; i++)
		best = longer(best, find_key(&crypto->keyring[i], remote, name));
	return best;
}

const struct snap_isakmp_key *v1_auth_key(const struct ike *ike, const struct ike_host_key *host,
                                          const char *name)
{
	const struct snap_isakmp_key *best = NULL;

	for (size_t i = 0; ike->snapshot && i < ike->n_tunnels; i++) {
		const struct ike_tunnel *t = &ike->tunnel[i];
		if (!ike_tunnel_runs(t) || !addr_equal(&t->source, &host->local))
			continue;
		const struct snap_isakmp_key *key = key_of(ike, t, &host->remote, name);
		if (key && !key->type_6)
			best = longer(best, key);
	}
	return best;
}

static bool matches(const struct snap_isakmp_profile *p, const struct isakmp_payload *id)
{
	uint8_t protocol;
	struct addr addr = v1_id_address(id, &protocol);

	for (size_t i = 0; i < p->n_match; i++)
		if (p->match[i].len == 0 || prefix_contains(&p->match[i], &addr))
			return true;
	for (size_t i = 0; i < p->n_hosts; i++)
		if (ike_identity_is_host(id, p->host[i].name, p->host[i].domain))
			return true;
	return false;
}

bool v1_auth_admits(const struct ike *ike, const struct ike_sa *sa, const struct isakmp_payload *id)
{
	for (size_t i = 0; i < ike->n_tunnels; i++) {
		const struct ike_tunnel *t = &ike->tunnel[i];
		if (!ike_tunnel_runs(t) || !addr_equal(&t->source, &sa->host->key.local))
			continue;
		const struct snap_isakmp_profile *p = ike_tunnel_isakmp_profile(ike, t);
		if (!p || matches(p, id))
			return true;
	}
	return false;
}

bool v1_auth_keys(struct ike *ike, struct ike_sa *sa)
{
	struct v1_shared shared;
	char text[IKE_ID_TEXT_SIZE];

	v1_main_shared(sa, &shared);
	sa->keys.crypto = ike->crypto;
	sa->keys.hash = sa->policy.hash;
	sa->keys.cipher = sa->policy.cipher;
	if (sa->policy.auth == SNAP_AUTH_RSA_SIG) {
		v1_keys_signed(&sa->keys, &shared);
		ike_out_keys(ike, sa);
		return true;
	}
	const char *name = sa->aggressive ? ike_identity_name(&sa->main->early_id, text) : NULL;
	const struct snap_isakmp_key *key = v1_auth_key(ike, &sa->host->key, name);
	if (!key || !key->secret)
		return false;
	v1_keys_psk(&sa->keys, (struct crypto_part){ key->secret, strlen(key->secret) }, &shared);
	ike_out_keys(ike, sa);
	return true;
}

/* ---- ours ---- */

static size_t hash_own(const struct ike_sa *sa, const struct ike_id_body *id, uint8_t *ret)
{
	struct v1_shared shared;

	v1_main_shared(sa, &shared);
	v1_hash_main(&sa->keys, &shared,
	             (struct v1_identity){ sa->initiator, { id->bytes, id->len } }, ret);
	return hash_algorithm(sa->keys.hash)->digest_len;
}

static bool ask_for_signature(struct ike *ike, const struct ike_sa *sa, const char *trustpoint,
                              struct crypto_part hash)
{
	const uint8_t *name = ike_out_keep(ike, trustpoint, strlen(trustpoint) + 1);
	const uint8_t *bytes = ike_out_keep(ike, hash.bytes, hash.len);
	struct node_action *action = name && bytes ? ike_out_action(ike, NODE_IKE_SIGN) : NULL;

	if (!action)
		return false;
	action->sign.cookie = sa->ours;
	action->sign.trustpoint = (const char *)name;
	action->sign.bytes = bytes;
	action->sign.len = hash.len;
	return true;
}

static enum v1_auth_result sign(struct ike *ike, struct ike_sa *sa, struct v1_out *o)
{
	const struct ike_trustpoint *t = v1_cert_ours(ike, sa);
	struct ike_main *m = sa->main;
	uint8_t hash[CRYPTO_DIGEST_MAX];
	struct ike_id_body id;

	if (!t) {
		ike_fail(ike, &sa->host->key.remote,
		         "no trustpoint has a certificate of ours and its key");
		return V1_AUTH_FAILED;
	}
	ike_identity_own(ike, sa, t->own[0], &id);
	size_t len = hash_own(sa, &id, hash);
	isakmp_add(&o->b, ISAKMP_ID, id.bytes, id.len);
	v1_cert_add(t, o);
	if (!ask_for_signature(ike, sa, t->name, (struct crypto_part){ hash, len }))
		return V1_AUTH_FAILED;
	free(m->unsigned_out);
	m->unsigned_out = memory_new(1, sizeof *o);
	v1_out_move(m->unsigned_out, o);
	return V1_AUTH_SIGNING;
}

enum v1_auth_result v1_auth_add(struct ike *ike, struct ike_sa *sa, struct v1_out *o)
{
	uint8_t hash[CRYPTO_DIGEST_MAX];
	struct ike_id_body id;

	if (sa->policy.auth == SNAP_AUTH_RSA_SIG)
		return sign(ike, sa, o);
	ike_identity_own(ike, sa, NULL, &id);
	size_t len = hash_own(sa, &id, hash);
	isakmp_add(&o->b, ISAKMP_ID, id.bytes, id.len);
	isakmp_add(&o->b, ISAKMP_HASH, hash, len);
	return V1_AUTH_DONE;
}

struct v1_out *v1_auth_signed(struct ike *ike, struct ike_sa *sa, struct crypto_part signature)
{
	struct v1_out *o = sa->main->unsigned_out;

	sa->main->unsigned_out = NULL;
	if (!signature.len) {
		ike_fail(ike, &sa->host->key.remote,
		         "the key of our certificate is missing, or cannot sign");
		free(o);
		return NULL;
	}
	isakmp_add(&o->b, ISAKMP_SIG, signature.bytes, signature.len);
	if (o->b.w.failed) {
		ike_fail(ike, &sa->host->key.remote,
		         "our certificates do not fit a message of %d bytes", IKE_SEND_MAX);
		free(o);
		return NULL;
	}
	return o;
}

/* ---- the peer's ---- */

static enum ike_drop check_hash(const struct v1_proof *proof)
{
	if (proof->sig->len == proof->hash_len &&
	    crypto_equal(proof->hash, proof->sig->body, proof->hash_len))
		return IKE_DROP_NONE;
	return IKE_DROP_AUTHENTICATION;
}

static void note_identity(struct ike *ike, struct ike_sa *sa, const struct isakmp_payload *id)
{
	char text[IKE_ID_TEXT_SIZE];

	ike_identity_read(ike, id, &sa->peer_id);
	free(sa->peer_name);
	const char *name = ike_identity_name(id, text);
	sa->peer_name = name ? memory_strdup(name) : NULL;
}

enum ike_drop v1_auth_check(struct ike *ike, struct ike_sa *sa, const struct v1_in *in,
                            struct v1_proof *ret)
{
	bool is_signed = sa->policy.auth == SNAP_AUTH_RSA_SIG;
	struct v1_shared shared;

	*ret = (struct v1_proof){
		.id = sa->aggressive ? &sa->main->early_id : isakmp_find(&in->m, ISAKMP_ID),
		.sig = isakmp_find(&in->m, is_signed ? ISAKMP_SIG : ISAKMP_HASH),
		.hash_len = hash_algorithm(sa->keys.hash)->digest_len,
		.notify = IKE_NOTIFY_AUTHENTICATION,
		.why = "the peer's proof does not fit our pre-shared key: the keys differ",
		.advice = "the same crypto isakmp key on both ends",
	};
	if (is_signed) {
		snprintf(ret->why, sizeof ret->why, "identity or signature is missing");
		ret->advice = NULL;
	}
	if (!ret->id || !ret->sig)
		return IKE_DROP_DECRYPT;
	v1_main_shared(sa, &shared);
	v1_hash_main(&sa->keys, &shared,
	             (struct v1_identity){ !sa->initiator, { ret->id->body, ret->id->len } },
	             ret->hash);
	enum ike_drop drop = is_signed ? v1_cert_check(ike, sa, in, ret) : check_hash(ret);
	if (drop == IKE_DROP_NONE)
		note_identity(ike, sa, ret->id);
	return drop;
}
