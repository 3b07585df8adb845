/* SPDX-License-Identifier: Apache-2.0 */
#include "config/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "util/check.h"

static const void *find_keyring(const struct snapshot *s, const char *name)
{
	return snap_keyring(&s->crypto, name);
}

static const void *find_isakmp_policy(const struct snapshot *s, const char *name)
{
	unsigned long priority = strtoul(name, NULL, 10);

	for (size_t i = 0; i < s->crypto.n_policies; i++)
		if (s->crypto.policy[i].priority == priority)
			return &s->crypto.policy[i];
	return NULL;
}

static const void *find_isakmp_profile(const struct snapshot *s, const char *name)
{
	return snap_isakmp_profile(&s->crypto, name);
}

static const void *find_transform_set(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->crypto.n_sets; i++)
		if (strcmp(s->crypto.set[i].name, name) == 0)
			return &s->crypto.set[i];
	return NULL;
}

static const void *find_ipsec_profile(const struct snapshot *s, const char *name)
{
	return snap_ipsec_profile(&s->crypto, name);
}

static const void *find_trustpoint(const struct snapshot *s, const char *name)
{
	return snap_trustpoint(&s->crypto, name);
}

static const struct block_type {
	const char *head; /* fixed words of the line that opens it */
	const char *mode_name;
	const void *(*find)(const struct snapshot *s, const char *name);
	size_t kept; /* offset of a struct snap_lines */
} types[CONFIG_BLOCKS_N] = {
	[CONFIG_KEYRING] = { "crypto keyring", "config-keyring", find_keyring,
	                     offsetof(struct snap_keyring, kept) },
	[CONFIG_ISAKMP_POLICY] = { "crypto isakmp policy", "config-isakmp", find_isakmp_policy,
	                           offsetof(struct snap_isakmp_policy, kept) },
	[CONFIG_ISAKMP_PROFILE] = { "crypto isakmp profile", "conf-isa-prof", find_isakmp_profile,
	                            offsetof(struct snap_isakmp_profile, kept) },
	[CONFIG_TRANSFORM_SET] = { "crypto ipsec transform-set", "cfg-crypto-trans",
	                           find_transform_set, offsetof(struct snap_transform_set, kept) },
	[CONFIG_IPSEC_PROFILE] = { "crypto ipsec profile", "ipsec-profile", find_ipsec_profile,
	                           offsetof(struct snap_ipsec_profile, kept) },
	[CONFIG_TRUSTPOINT] = { "crypto pki trustpoint", "ca-trustpoint", find_trustpoint,
	                        offsetof(struct snap_trustpoint, kept) },
};

enum config_block block_of_row(const struct row *row)
{
	static const enum config_block blocks[] = {
		[SCOPE_GLOBAL] = CONFIG_GLOBAL,
		[SCOPE_INTERFACE] = CONFIG_INTERFACE,
		[SCOPE_PORT] = CONFIG_INTERFACE,
		[SCOPE_TUNNEL] = CONFIG_INTERFACE,
		[SCOPE_KEYRING] = CONFIG_KEYRING,
		[SCOPE_ISAKMP_POLICY] = CONFIG_ISAKMP_POLICY,
		[SCOPE_ISAKMP_PROFILE] = CONFIG_ISAKMP_PROFILE,
		[SCOPE_TRANSFORM_SET] = CONFIG_TRANSFORM_SET,
		[SCOPE_IPSEC_PROFILE] = CONFIG_IPSEC_PROFILE,
		[SCOPE_TRUSTPOINT] = CONFIG_TRUSTPOINT,
	};

	return blocks[row->scope];
}

const char *block_mode_name(enum config_block block)
{
	return types[block].mode_name;
}

const char *block_head(enum config_block block)
{
	return types[block].head;
}

void *block_object(const struct snapshot *s, enum config_block block, const char *name)
{
	if (!types[block].find)
		return NULL;
	return (void *)(uintptr_t)types[block].find(s, name);
}

struct snap_lines *block_kept(enum config_block block, const void *object)
{
	check(types[block].find && object);
	return (struct snap_lines *)(uintptr_t)((const char *)object + types[block].kept);
}
