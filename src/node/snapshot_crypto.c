/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in the crypto part of a snapshot, and the values in force. */
#include "node/snapshot_crypto.h"

#include <string.h>

#include "util/addr.h"

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
		if (strcmp(c->set[i].name, name) == 0)
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
	for (size_t i = 0; i < p->n_sets; i++)
		if (!snap_transform_set(c, p->set[i]))
			return false;
	return p->n_sets > 0;
}

uint32_t snap_policy_lifetime_s(const struct snap_isakmp_policy *p)
{
	return p->lifetime_s ? p->lifetime_s : SNAP_ISAKMP_LIFETIME_S;
}
