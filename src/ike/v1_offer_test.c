/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ike/v1_offer.h"
#include "node/snapshot_crypto.h"
#include "util/writer.h"

static const struct v1_policy STRONG = { CIPHER_AES128, HASH_SHA256, 14, SNAP_AUTH_PRE_SHARE,
	                                 86400 };
static const struct v1_policy OLD = { CIPHER_3DES, HASH_SHA1, 2, SNAP_AUTH_PRE_SHARE, 86400 };

struct body {
	uint8_t bytes[1024];
	struct isakmp_payload payload;
};

static const struct isakmp_payload *offer_of(struct body *b, const struct v1_policies *p)
{
	struct writer w = writer_over(b->bytes, sizeof b->bytes);

	v1_offer_policies(&w, p);
	assert_false(w.failed);
	b->payload = (struct isakmp_payload){ ISAKMP_SA, b->bytes, writer_len(&w) };
	return &b->payload;
}

/* As the IOS of the captures writes it. */
static void a_policy_in_bytes(void **state)
{
	static const uint8_t
		golden[] = {
			0,    0,   0,    1,  0, 0,  0,    1, 0,    0,  0,    48,   1,    1,
			0,    1, /* DOI, situation, proposal */
			0,    0,   0,    40, 1, 1,  0,    0, 0x80, 1,  0,    7,    0x80, 14,
			0,    128, 0x80, 2,  0, 4,  0x80, 4, 0,    14, 0x80, 3,    0,    1,
			0x80, 11,  0,    1,  0, 12, 0,    4, 0,    1,  0x51, 0x80,
		};
	const struct v1_policies p = { { STRONG }, 1 };
	struct body b;

	(void)state;
	assert_int_equal(offer_of(&b, &p)->len, sizeof golden);
	assert_memory_equal(b.bytes, golden, sizeof golden);
}

static void the_first_of_the_peers_that_fits(void **state)
{
	const struct v1_policies theirs = { { OLD, STRONG }, 2 }, ours = { { STRONG, OLD }, 2 };
	struct v1_mismatch why;
	struct v1_chosen chosen;
	struct body b;

	(void)state;
	assert_true(v1_choose_policy(offer_of(&b, &theirs), &ours, &chosen, &why));
	assert_int_equal(chosen.policy.cipher, CIPHER_3DES);
	assert_int_equal(chosen.proposal, 1);
}

static void what_differs_is_named(void **state)
{
	const struct v1_policies theirs = { { OLD }, 1 }, ours = { { STRONG }, 1 };
	struct v1_mismatch why;
	struct v1_chosen chosen;
	struct body b;

	(void)state;
	assert_false(v1_choose_policy(offer_of(&b, &theirs), &ours, &chosen, &why));
	assert_string_equal(why.text, "encryption: offered 3des, configured aes; "
	                              "hash: offered sha, configured sha256; "
	                              "group: offered group 2, configured group 14");
}

static void the_shorter_lifetime_counts(void **state)
{
	struct v1_policies theirs = { { STRONG }, 1 }, ours = { { STRONG }, 1 };
	struct v1_mismatch why;
	struct v1_chosen chosen;
	struct body b;

	(void)state;
	theirs.policy[0].lifetime_s = 600;
	assert_true(v1_choose_policy(offer_of(&b, &theirs), &ours, &chosen, &why));
	assert_int_equal(chosen.policy.lifetime_s, 600);
	theirs.policy[0].lifetime_s = 100000;
	assert_true(v1_choose_policy(offer_of(&b, &theirs), &ours, &chosen, &why));
	assert_int_equal(chosen.policy.lifetime_s, 86400);
}

static void an_answer_is_the_transform_as_it_came(void **state)
{
	const struct v1_policies theirs = { { OLD, STRONG }, 2 }, ours = { { STRONG }, 1 };
	struct v1_mismatch why;
	struct v1_chosen chosen;
	struct body b, answer;

	(void)state;
	assert_true(v1_choose_policy(offer_of(&b, &theirs), &ours, &chosen, &why));
	struct writer w = writer_over(answer.bytes, sizeof answer.bytes);
	v1_answer(&w, &chosen, 0);
	assert_int_equal(writer_len(&w), 16 + 40);
	assert_memory_equal(answer.bytes + 16, chosen.transform, 40);
	assert_int_equal(answer.bytes[20], 2); /* the number of the second one */
}

/* Each parameter that is left out: the secure value, and of hash IOS's after it. */
static void parameters_left_out(void **state)
{
	struct snap_isakmp_policy policy = { .priority = 10 };
	const struct snap_crypto c = { .policy = &policy, .n_policies = 1 };
	struct crypto *machine = crypto_new();
	struct v1_policies p;

	(void)state;
	v1_policies(&c, machine, &p);
	assert_int_equal(p.n, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(p.policy[i].cipher, CIPHER_AES128);
		assert_int_equal(p.policy[i].group, 14);
		assert_int_equal(p.policy[i].auth, SNAP_AUTH_RSA_SIG);
		assert_int_equal(p.policy[i].lifetime_s, 86400);
	}
	assert_int_equal(p.policy[0].hash, HASH_SHA256);
	assert_int_equal(p.policy[1].hash, HASH_SHA1);
	policy.has_hash = policy.has_group = true;
	policy.hash = HASH_MD5;
	policy.group = 5;
	v1_policies(&c, machine, &p);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.policy[0].hash, HASH_MD5);
	assert_int_equal(p.policy[0].group, 5);
	crypto_free(machine);
}

static void a_set_is_offered_in_both_modes_unless_required(void **state)
{
	struct snap_transform_set set = {
		.name = "S", .cipher = ESP_AES128, .auth = ESP_SHA1_96, .mode = SNAP_IPSEC_TRANSPORT
	};
	struct snap_ipsec_profile profile = { .set = { "S" }, .n_sets = 1, .pfs_group = 14 };
	const struct snap_crypto c = { .set = &set, .n_sets = 1 };
	struct v1_suites s;

	(void)state;
	v1_suites(&c, &profile, &s);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.suite[0].mode, ESP_TRANSPORT);
	assert_int_equal(s.suite[1].mode, ESP_TUNNEL);
	assert_int_equal(s.suite[0].pfs_group, 14);
	set.require = true;
	v1_suites(&c, &profile, &s);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.suite[0].mode, ESP_TRANSPORT);
}

static void suites_that_differ_are_named(void **state)
{
	static const struct v1_suite aes = { ESP_AES128, ESP_SHA1_96, ESP_TUNNEL, .pfs_group = 2,
		                             .lifetime_s = 3600 };
	static const struct v1_suite gcm = { ESP_GCM128, ESP_AUTH_NONE, ESP_TUNNEL, .pfs_group = 0,
		                             .lifetime_s = 3600 };
	const struct v1_suites theirs = { .suite = { aes }, .n = 1, .pfs_group = 2 };
	struct v1_suites ours = { .suite = { gcm }, .n = 1, .pfs_group = 14 };
	struct v1_mismatch why;
	struct v1_chosen chosen;
	struct body b;
	struct writer w = writer_over(b.bytes, sizeof b.bytes);

	(void)state;
	v1_offer_suites(&w, &theirs, 0x1000);
	b.payload = (struct isakmp_payload){ ISAKMP_SA, b.bytes, writer_len(&w) };
	assert_false(v1_choose_suite(&b.payload, &ours, &chosen, &why));
	assert_string_equal(why.text, "transform: offered esp-aes, configured esp-gcm; "
	                              "transform: offered esp-sha-hmac, configured none; "
	                              "PFS: offered group 2, configured group 14");
	ours = (struct v1_suites){ .suite = { aes }, .n = 1, .pfs_group = 0 };
	assert_true(v1_choose_suite(&b.payload, &ours, &chosen, &why));
	assert_int_equal(chosen.spi, 0x1000);
	assert_int_equal(chosen.suite.pfs_group, 2); /* without `set pfs` the peer's counts */
}

static void lifetimes_of_a_responder(void **state)
{
	static const uint8_t attributes[] = { 0x80, 1, 0, 1, 0, 2, 0, 4, 0, 0, 0, 200,
		                              0x80, 1, 0, 2, 0, 2, 0, 4, 0, 1, 0, 0 };
	struct v1_suite suite = { .lifetime_s = 3600, .lifetime_kb = 0 };

	(void)state;
	v1_read_lifetimes(attributes, sizeof attributes, &suite);
	assert_int_equal(suite.lifetime_s, 200);
	assert_int_equal(suite.lifetime_kb, 65536);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_in_bytes),
		cmocka_unit_test(the_first_of_the_peers_that_fits),
		cmocka_unit_test(what_differs_is_named),
		cmocka_unit_test(the_shorter_lifetime_counts),
		cmocka_unit_test(an_answer_is_the_transform_as_it_came),
		cmocka_unit_test(parameters_left_out),
		cmocka_unit_test(a_set_is_offered_in_both_modes_unless_required),
		cmocka_unit_test(suites_that_differ_are_named),
		cmocka_unit_test(lifetimes_of_a_responder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
