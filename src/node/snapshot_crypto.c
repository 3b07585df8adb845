/* SPDX-License-Identifier: Apache-2.0 */
/* The crypto part of a snapshot: copies, look-ups, and the values in force. */
#include "node/snapshot_crypto.h"

#include <stdlib.h>
#include <string.h>

#include "util/addr.h"
#include "util/memory.h"

static void copy_keys(struct snap_keyring *k)
{
	k->key = memory_copy(k->key, k->n_keys, sizeof *k->key);
	for (size_t i = 0; i < k->n_keys; i++) {
		struct snap_isakmp_key *key = &k->key[i];
		key->secret = memory_strdup(key->secret);
		key->hostname = memory_strdup(key->hostname);
	}
}

struct snap_crypto snap_crypto_copy(const struct snap_crypto *from)
{
	struct snap_crypto to = *from;

	to.policy = memory_copy(from->policy, from->n_policies, sizeof *from->policy);
	for (size_t i = 0; i < to.n_policies; i++)
		to.policy[i].kept = snap_lines_copy(&to.policy[i].kept);
	to.keyring = memory_copy(from->keyring, from->n_keyrings, sizeof *from->keyring);
	for (size_t i = 0; i < to.n_keyrings; i++) {
		copy_keys(&to.keyring[i]);
		to.keyring[i].kept = snap_lines_copy(&to.keyring[i].kept);
	}
	to.isakmp_profile = memory_copy(from->isakmp_profile, from->n_isakmp_profiles,
	                                sizeof *from->isakmp_profile);
	for (size_t i = 0; i < to.n_isakmp_profiles; i++) {
		struct snap_isakmp_profile *p = &to.isakmp_profile[i];
		p->match = memory_copy(p->match, p->n_match, sizeof *p->match);
		p->host = memory_copy(p->host, p->n_hosts, sizeof *p->host);
		for (size_t k = 0; k < p->n_hosts; k++)
			p->host[k].name = memory_strdup(p->host[k].name);
		p->kept = snap_lines_copy(&p->kept);
	}
	to.set = memory_copy(from->set, from->n_sets, sizeof *from->set);
	for (size_t i = 0; i < to.n_sets; i++) {
		to.set[i].other = memory_strdup(to.set[i].other);
		to.set[i].kept = snap_lines_copy(&to.set[i].kept);
	}
	to.profile = memory_copy(from->profile, from->n_profiles, sizeof *from->profile);
	for (size_t i = 0; i < to.n_profiles; i++)
		to.profile[i].kept = snap_lines_copy(&to.profile[i].kept);
	to.trustpoint =
		memory_copy(from->trustpoint, from->n_trustpoints, sizeof *from->trustpoint);
	for (size_t i = 0; i < to.n_trustpoints; i++) {
		struct snap_trustpoint *t = &to.trustpoint[i];
		t->file = memory_strdup(t->file);
		t->crl_file = memory_strdup(t->crl_file);
		t->kept = snap_lines_copy(&t->kept);
	}
	return to;
}

void snap_isakmp_key_fini(struct snap_isakmp_key *k)
{
	if (k->secret)
		memory_wipe(k->secret, strlen(k->secret));
	free(k->secret);
	free(k->hostname);
	*k = (struct snap_isakmp_key){ 0 };
}

void snap_keyring_fini(struct snap_keyring *k)
{
	for (size_t i = 0; i < k->n_keys; i++)
		snap_isakmp_key_fini(&k->key[i]);
	free(k->key);
	snap_lines_fini(&k->kept);
	*k = (struct snap_keyring){ 0 };
}

void snap_isakmp_profile_fini(struct snap_isakmp_profile *p)
{
	free(p->match);
	for (size_t i = 0; i < p->n_hosts; i++)
		free(p->host[i].name);
	free(p->host);
	snap_lines_fini(&p->kept);
	*p = (struct snap_isakmp_profile){ 0 };
}

void snap_transform_set_fini(struct snap_transform_set *s)
{
	free(s->other);
	snap_lines_fini(&s->kept);
	*s = (struct snap_transform_set){ 0 };
}

void snap_trustpoint_fini(struct snap_trustpoint *t)
{
	free(t->file);
	free(t->crl_file);
	snap_lines_fini(&t->kept);
	*t = (struct snap_trustpoint){ 0 };
}

void snap_crypto_fini(struct snap_crypto *c)
{
	for (size_t i = 0; i < c->n_policies; i++)
		snap_lines_fini(&c->policy[i].kept);
	for (size_t i = 0; i < c->n_keyrings; i++)
		snap_keyring_fini(&c->keyring[i]);
	for (size_t i = 0; i < c->n_isakmp_profiles; i++)
		snap_isakmp_profile_fini(&c->isakmp_profile[i]);
	for (size_t i = 0; i < c->n_sets; i++)
		snap_transform_set_fini(&c->set[i]);
	for (size_t i = 0; i < c->n_profiles; i++)
		snap_lines_fini(&c->profile[i].kept);
	for (size_t i = 0; i < c->n_trustpoints; i++)
		snap_trustpoint_fini(&c->trustpoint[i]);
	free(c->trustpoint);
	free(c->policy);
	free(c->keyring);
	free(c->isakmp_profile);
	free(c->set);
	free(c->profile);
	*c = (struct snap_crypto){ 0 };
}

const struct snap_keyring *snap_keyring(const struct snap_crypto *c, const char *name)
{
	for (size_t i = 0; i < c->n_keyrings; i++)
		if (strcmp(c->keyring[i].name, name) == 0)
			return &c->keyring[i];
	return NULL;
}

const struct snap_isakmp_profile *snap_isakmp_profile(const struct snap_crypto *c, const char *name)
{
	for (size_t i = 0; i < c->n_isakmp_profiles; i++)
		if (strcmp(c->isakmp_profile[i].name, name) == 0)
			return &c->isakmp_profile[i];
	return NULL;
}

const struct snap_transform_set *snap_transform_set(const struct snap_crypto *c, const char *name)
{
	for (size_t i = 0; i < c->n_sets; i++)
		if (strcmp(c->set[i].name, name) == 0 && !c->set[i].other)
			return &c->set[i];
	return NULL;
}

const struct snap_ipsec_profile *snap_ipsec_profile(const struct snap_crypto *c, const char *name)
{
	for (size_t i = 0; i < c->n_profiles; i++)
		if (strcmp(c->profile[i].name, name) == 0)
			return &c->profile[i];
	return NULL;
}

const struct snap_trustpoint *snap_trustpoint(const struct snap_crypto *c, const char *name)
{
	for (size_t i = 0; i < c->n_trustpoints; i++)
		if (strcmp(c->trustpoint[i].name, name) == 0)
			return &c->trustpoint[i];
	return NULL;
}

/* A prefix of length 0 is "any", of either family as it is written; no family: by hostname. */
const struct snap_isakmp_key *snap_isakmp_key(const struct snap_keyring *k, const struct addr *peer)
{
	const struct snap_isakmp_key *best = NULL;

	for (size_t i = 0; i < k->n_keys; i++) {
		const struct snap_isakmp_key *key = &k->key[i];
		if (addr_is_none(&key->peer.addr) || !prefix_contains(&key->peer, peer))
			continue;
		if (!best || key->peer.len > best->peer.len)
			best = key;
	}
	return best;
}

uint32_t snap_profile_lifetime_s(const struct snap_crypto *c, const struct snap_ipsec_profile *p)
{
	if (p->lifetime_s)
		return p->lifetime_s;
	return c->lifetime_s ? c->lifetime_s : SNAP_IPSEC_LIFETIME_S;
}

uint32_t snap_profile_lifetime_kb(const struct snap_crypto *c, const struct snap_ipsec_profile *p)
{
	if (p->lifetime_kb || p->lifetime_kb_off)
		return p->lifetime_kb;
	if (c->lifetime_kb || c->lifetime_kb_off)
		return c->lifetime_kb;
	return SNAP_IPSEC_LIFETIME_KB;
}

uint16_t snap_profile_replay(const struct snap_crypto *c, const struct snap_ipsec_profile *p)
{
	if (p->replay_packets || p->replay_off)
		return p->replay_off ? 0 : p->replay_packets;
	if (c->replay_packets || c->replay_off)
		return c->replay_off ? 0 : c->replay_packets;
	return SNAP_REPLAY_PACKETS;
}

bool snap_profile_is_complete(const struct snap_crypto *c, const struct snap_ipsec_profile *p)
{
	const struct snap_isakmp_profile *isakmp = snap_isakmp_profile(c, p->isakmp_profile);

	for (size_t i = 0; i < p->n_sets; i++)
		if (!snap_transform_set(c, p->set[i]))
			return false;
	if (p->isakmp_profile[0] && !isakmp)
		return false;
	if (isakmp && isakmp->keyring[0] && !snap_keyring(c, isakmp->keyring))
		return false;
	return p->n_sets > 0;
}

enum crypto_cipher snap_policy_encryption(const struct snap_isakmp_policy *p)
{
	return p->has_encryption ? p->encryption : CIPHER_AES128;
}

enum crypto_hash snap_policy_hash(const struct snap_isakmp_policy *p)
{
	return p->has_hash ? p->hash : HASH_SHA256;
}

enum snap_isakmp_auth snap_policy_authentication(const struct snap_isakmp_policy *p)
{
	return p->has_authentication ? p->authentication : SNAP_AUTH_RSA_SIG;
}

uint16_t snap_policy_group(const struct snap_isakmp_policy *p)
{
	return p->has_group ? p->group : SNAP_ISAKMP_GROUP;
}

uint32_t snap_policy_lifetime_s(const struct snap_isakmp_policy *p)
{
	return p->lifetime_s ? p->lifetime_s : SNAP_ISAKMP_LIFETIME_S;
}
