/* SPDX-License-Identifier: Apache-2.0 */
#include "node/snapshot_crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "util/memory.h"

#define NAME(field, text) snprintf((field), sizeof(field), "%s", (text))

/* A keyring with keys for anybody, for a network, for one host of it, and for a name. */
static void fill_keyring(struct snap_keyring *k)
{
	static const uint8_t len[] = { 0, 24, 32 };
	static const char *const secret[] = { "any", "network", "host" };

	k->n_keys = 4;
	k->key = memory_new(k->n_keys, sizeof *k->key);
	for (size_t i = 0; i < 3; i++) {
		const struct prefix peer = { addr_v4(2, 2, 2, 2), len[i] };
		k->key[i].peer = prefix_network(&peer);
		k->key[i].secret = memory_strdup(secret[i]);
	}
	k->key[3].hostname = memory_strdup("R2.example.net");
	k->key[3].secret = memory_strdup("name");
}

static struct snap_crypto full(void)
{
	struct snap_crypto c = { 0 };

	c.n_policies = c.n_keyrings = c.n_isakmp_profiles = c.n_sets = c.n_profiles = 1;
	c.policy = memory_new(1, sizeof *c.policy);
	snap_lines_add(&c.policy->kept, "in a policy");
	c.keyring = memory_new(1, sizeof *c.keyring);
	NAME(c.keyring->name, "K");
	fill_keyring(c.keyring);
	snap_lines_add(&c.keyring->kept, "in a keyring");
	c.isakmp_profile = memory_new(1, sizeof *c.isakmp_profile);
	NAME(c.isakmp_profile->name, "I");
	NAME(c.isakmp_profile->keyring, "K");
	c.isakmp_profile->match = memory_new(1, sizeof *c.isakmp_profile->match);
	c.isakmp_profile->n_match = 1;
	c.isakmp_profile->match->addr = addr_v4(2, 2, 2, 2);
	c.isakmp_profile->host = memory_new(1, sizeof *c.isakmp_profile->host);
	c.isakmp_profile->n_hosts = 1;
	c.isakmp_profile->host->name = memory_strdup("R3.example.net");
	c.trustpoint = memory_new(1, sizeof *c.trustpoint);
	c.n_trustpoints = 1;
	NAME(c.trustpoint->name, "CA");
	c.trustpoint->file = memory_strdup("/r1.pem");
	c.trustpoint->crl_file = memory_strdup("/ca.crl");
	snap_lines_add(&c.trustpoint->kept, "in a trustpoint");
	c.set = memory_new(1, sizeof *c.set);
	NAME(c.set->name, "TS");
	snap_lines_add(&c.set->kept, "in a set");
	c.profile = memory_new(1, sizeof *c.profile);
	NAME(c.profile->name, "P");
	NAME(c.profile->isakmp_profile, "I");
	NAME(c.profile->set[0], "TS");
	c.profile->n_sets = 1;
	snap_lines_add(&c.profile->kept, "in a profile");
	return c;
}

static void copies_are_deep(void **state)
{
	struct snap_crypto c = full();
	struct snap_crypto copy = snap_crypto_copy(&c);

	(void)state;
	snap_crypto_fini(&c);
	assert_null(c.policy);
	assert_string_equal(copy.policy->kept.line[0].text, "in a policy");
	assert_string_equal(copy.keyring->key[2].secret, "host");
	assert_string_equal(copy.keyring->key[3].hostname, "R2.example.net");
	assert_string_equal(copy.keyring->kept.line[0].text, "in a keyring");
	assert_int_equal(addr_to_u32(&copy.isakmp_profile->match->addr), 0x02020202);
	assert_string_equal(copy.isakmp_profile->host->name, "R3.example.net");
	assert_string_equal(snap_trustpoint(&copy, "CA")->file, "/r1.pem");
	assert_string_equal(snap_trustpoint(&copy, "CA")->crl_file, "/ca.crl");
	assert_string_equal(snap_trustpoint(&copy, "CA")->kept.line[0].text, "in a trustpoint");
	assert_null(snap_trustpoint(&copy, "CB"));
	assert_string_equal(copy.set->kept.line[0].text, "in a set");
	assert_string_equal(copy.profile->kept.line[0].text, "in a profile");
	snap_crypto_fini(&copy);
}

static void the_longest_match_has_the_key(void **state)
{
	const struct addr host = addr_v4(2, 2, 2, 2), neighbour = addr_v4(2, 2, 2, 3),
			  stranger = addr_v4(3, 3, 3, 3);
	struct snap_crypto c = full();
	const struct snap_keyring *k = snap_keyring(&c, "K");

	(void)state;
	assert_string_equal(snap_isakmp_key(k, &host)->secret, "host");
	assert_string_equal(snap_isakmp_key(k, &neighbour)->secret, "network");
	assert_string_equal(snap_isakmp_key(k, &stranger)->secret, "any");
	assert_null(snap_keyring(&c, ""));
	snap_crypto_fini(&c);
}

static void a_profile_needs_all_that_it_names(void **state)
{
	struct snap_crypto c = full();
	struct snap_ipsec_profile *p = c.profile;

	(void)state;
	assert_true(snap_profile_is_complete(&c, p));
	NAME(c.isakmp_profile->keyring, "other");
	assert_false(snap_profile_is_complete(&c, p));
	NAME(c.isakmp_profile->keyring, "");
	assert_true(snap_profile_is_complete(&c, p));
	NAME(p->isakmp_profile, "other");
	assert_false(snap_profile_is_complete(&c, p));
	NAME(p->isakmp_profile, "");
	NAME(p->set[1], "other");
	p->n_sets = 2;
	assert_false(snap_profile_is_complete(&c, p));
	p->n_sets = 1;
	assert_true(snap_profile_is_complete(&c, p));
	c.set->other = memory_strdup("ah-sha-hmac");
	assert_false(snap_profile_is_complete(&c, p));
	p->n_sets = 0;
	assert_false(snap_profile_is_complete(&c, p));
	snap_crypto_fini(&c);
}

/* The profile's own value, else the global one, else IOS's. */
static void values_in_force(void **state)
{
	struct snap_crypto c = { 0 };
	struct snap_ipsec_profile p = { 0 };
	struct snap_isakmp_policy policy = { 0 };

	(void)state;
	assert_int_equal(snap_policy_lifetime_s(&policy), 86400);
	policy.lifetime_s = 60;
	assert_int_equal(snap_policy_lifetime_s(&policy), 60);
	assert_int_equal(snap_profile_lifetime_s(&c, &p), 3600);
	assert_int_equal(snap_profile_lifetime_kb(&c, &p), 4608000);
	assert_int_equal(snap_profile_replay(&c, &p), 64);
	c.lifetime_s = 1000;
	c.lifetime_kb_off = true;
	c.replay_packets = 512;
	assert_int_equal(snap_profile_lifetime_s(&c, &p), 1000);
	assert_int_equal(snap_profile_lifetime_kb(&c, &p), 0);
	assert_int_equal(snap_profile_replay(&c, &p), 512);
	p.lifetime_s = 120;
	p.lifetime_kb = 5000;
	p.replay_off = true;
	assert_int_equal(snap_profile_lifetime_s(&c, &p), 120);
	assert_int_equal(snap_profile_lifetime_kb(&c, &p), 5000);
	assert_int_equal(snap_profile_replay(&c, &p), 0);
}

static void a_policy_offers_the_secure_value_for_what_is_left_out(void **state)
{
	const struct snap_isakmp_policy bare = { .priority = 10 };
	const struct snap_isakmp_policy full = { .has_encryption = true,
		                                 .encryption = CIPHER_AES256,
		                                 .has_hash = true,
		                                 .hash = HASH_MD5,
		                                 .has_authentication = true,
		                                 .authentication = SNAP_AUTH_PRE_SHARE,
		                                 .has_group = true,
		                                 .group = 2,
		                                 .lifetime_s = 60 };

	(void)state;
	assert_int_equal(snap_policy_encryption(&bare), CIPHER_AES128);
	assert_int_equal(snap_policy_hash(&bare), HASH_SHA256);
	assert_int_equal(snap_policy_authentication(&bare), SNAP_AUTH_RSA_SIG);
	assert_int_equal(snap_policy_group(&bare), 14);
	assert_int_equal(snap_policy_lifetime_s(&bare), SNAP_ISAKMP_LIFETIME_S);
	assert_int_equal(snap_policy_encryption(&full), CIPHER_AES256);
	assert_int_equal(snap_policy_hash(&full), HASH_MD5);
	assert_int_equal(snap_policy_authentication(&full), SNAP_AUTH_PRE_SHARE);
	assert_int_equal(snap_policy_group(&full), 2);
	assert_int_equal(snap_policy_lifetime_s(&full), 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_are_deep),
		cmocka_unit_test(the_longest_match_has_the_key),
		cmocka_unit_test(a_profile_needs_all_that_it_names),
		cmocka_unit_test(values_in_force),
		cmocka_unit_test(a_policy_offers_the_secure_value_for_what_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
