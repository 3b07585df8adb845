/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/v1_advice.h"

#include "ike/pair_test.h"

static void expect_policy(const struct snap_crypto *c, const char *lines)
{
	const struct v1_policy offered = { CIPHER_3DES, HASH_MD5, 2, SNAP_AUTH_PRE_SHARE, 86400 };
	struct strbuf text;

	strbuf_init(&text);
	v1_advise_policy(c, &offered, &text);
	assert_string_equal(text.text, lines);
	strbuf_fini(&text);
}

static void a_policy_behind_all_others(void **state)
{
	struct snap_isakmp_policy policy[] = { { .priority = 10 }, { .priority = 25 } };
	const struct snap_crypto c = { .policy = policy, .n_policies = 2 };

	(void)state;
	expect_policy(&c, "crypto isakmp policy 35, encryption 3des, hash md5, "
	                  "authentication pre-share, group 2");
	policy[0].priority = 9999;
	policy[1].priority = 10000;
	expect_policy(&c, "crypto isakmp policy 9998, encryption 3des, hash md5, "
	                  "authentication pre-share, group 2");
}

/* A profile P with group 2 and a set S; beside it a set OLD that it does not name. */
static struct snap_transform_set sets[] = {
	{ .name = "S", .cipher = ESP_AES128, .auth = ESP_SHA1_96 },
	{ .name = "OLD", .cipher = ESP_DES, .auth = ESP_MD5_96 },
};
static const struct snap_crypto crypto = { .set = sets, .n_sets = 2 };

static void expect(struct v1_suite offered, const char *lines)
{
	struct snap_ipsec_profile p = { .name = "P", .set = { "S" }, .n_sets = 1, .pfs_group = 2 };
	struct strbuf text;

	strbuf_init(&text);
	assert_int_equal(v1_advise_suite(&crypto, &p, &offered, &text), lines != NULL);
	if (lines)
		assert_string_equal(text.text, lines);
	strbuf_fini(&text);
}

static void what_keeps_a_suite_out(void **state)
{
	(void)state;
	expect((struct v1_suite){ ESP_3DES, ESP_SHA1_96, ESP_TUNNEL, .pfs_group = 2 },
	       "crypto ipsec transform-set NAME esp-3des esp-sha-hmac, "
	       "crypto ipsec profile P, set transform-set S NAME");
	expect((struct v1_suite){ ESP_GCM256, ESP_AUTH_NONE, ESP_TUNNEL, .esn = true },
	       "crypto ipsec transform-set NAME esp-gcm 256 esn, "
	       "crypto ipsec profile P, set transform-set S NAME, no set pfs");
	expect((struct v1_suite){ ESP_DES, ESP_MD5_96, ESP_TUNNEL, .pfs_group = 14 },
	       "crypto ipsec profile P, set transform-set S OLD, set pfs group14");
	expect((struct v1_suite){ ESP_AES128, ESP_SHA1_96, ESP_TUNNEL, .pfs_group = 14 },
	       "crypto ipsec profile P, set pfs group14");
	expect((struct v1_suite){ ESP_AES128, ESP_SHA1_96, ESP_TUNNEL, .pfs_group = 2 }, NULL);
}

static void a_mode_that_is_required(void **state)
{
	const struct v1_suite offered = { ESP_AES128, ESP_SHA1_96, ESP_TUNNEL, .pfs_group = 2 };

	(void)state;
	sets[0].mode = SNAP_IPSEC_TRANSPORT;
	expect(offered, NULL);
	sets[0].require = true;
	expect(offered, "crypto ipsec transform-set S esp-aes esp-sha-hmac, mode tunnel");
	sets[0].require = false;
	sets[0].mode = SNAP_IPSEC_TUNNEL;
}

static void a_profile_without_room(void **state)
{
	struct snap_ipsec_profile p = { .name = "P", .n_sets = SNAP_PROFILE_SETS_MAX };
	const struct v1_suite offered = { ESP_3DES, ESP_SHA1_96, ESP_TUNNEL, .esn = false };
	struct strbuf text;

	(void)state;
	strbuf_init(&text);
	assert_false(v1_advise_suite(&crypto, &p, &offered, &text));
	strbuf_fini(&text);
}

/* ---- as it is told ---- */

static void a_policy_is_told(void **state)
{
	struct pair_spec hub = HUB_SPEC, spoke = SPOKE_SPEC;
	struct pair p;

	(void)state;
	hub.n_policies = spoke.n_policies = 1;
	hub.policy[0] = (struct snap_isakmp_policy){ .priority = 10 };
	spoke.policy[0] =
		(struct snap_isakmp_policy){ .priority = 10, .has_hash = true, .hash = HASH_MD5 };
	pair_start(&p, 1, &hub, &spoke);
	pair_run(&p, 2000);
	assert_true(pair_traced(&p, HUB,
	                        "ike-advice: crypto isakmp policy 20, encryption aes, hash md5, "
	                        "authentication pre-share, group 14\n"));
	/* Which admits it. */
	hub.n_policies = 2;
	hub.policy[1] = spoke.policy[0];
	hub.policy[1].priority = 20;
	pair_configure(&p, HUB, &hub);
	pair_run(&p, 60000);
	assert_true(pair_is_joined(&p, HUB, SPOKE));
	pair_fini(&p);
}

static void a_suite_is_told(void **state)
{
	struct pair_spec hub = HUB_SPEC, spoke = SPOKE_SPEC;
	struct pair p;

	(void)state;
	spoke.n_sets = 1;
	spoke.set[0] = (struct snap_transform_set){ .cipher = ESP_3DES, .auth = ESP_SHA1_96 };
	spoke.pfs_group = 5;
	pair_start(&p, 1, &hub, &spoke);
	pair_run(&p, 2000);
	assert_true(pair_traced(&p, HUB,
	                        "ike-advice: crypto ipsec transform-set NAME esp-3des "
	                        "esp-sha-hmac, crypto ipsec profile myDMVPN, "
	                        "set transform-set set0 NAME, set pfs group5\n"));
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_behind_all_others),
		cmocka_unit_test(what_keeps_a_suite_out),
		cmocka_unit_test(a_mode_that_is_required),
		cmocka_unit_test(a_profile_without_room),
		cmocka_unit_test(a_policy_is_told),
		cmocka_unit_test(a_suite_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
