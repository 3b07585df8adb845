/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/pair_test.h"
#include "ike/v1_auth.h"
#include "util/memory.h"

static void the_longest_key_of_all_keyrings(void **state)
{
	struct pair_spec hub = HUB_SPEC;
	struct pair p;

	(void)state;
	hub.key_for = "2.2.2.0/24";
	pair_start(&p, 1, &hub, NULL);
	const struct ike_host_key known = { p.end[HUB].address, p.end[SPOKE].address, 0 };
	const struct ike_host_key unknown = { p.end[HUB].address, addr_v4(3, 3, 3, 3), 0 };
	assert_string_equal(v1_auth_key(p.end[HUB].ike, &known, NULL)->secret, "cisco123");
	assert_null(v1_auth_key(p.end[HUB].ike, &unknown, NULL));
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	pair_fini(&p);
}

static void a_name_beats_an_address(void **state)
{
	struct pair p;

	(void)state;
	pair_start(&p, 1, NULL, NULL);
	struct snap_keyring *ring = p.end[HUB].snapshot->crypto.keyring;
	const struct ike_host_key host = { p.end[HUB].address, p.end[SPOKE].address, 0 };
	ring->key = memory_resize(ring->key, 2, sizeof *ring->key);
	ring->key[ring->n_keys++] = (struct snap_isakmp_key){
		.secret = memory_strdup("named"),
		.hostname = memory_strdup("r2.lab"),
	};
	assert_string_equal(v1_auth_key(p.end[HUB].ike, &host, NULL)->secret, "cisco123");
	assert_string_equal(v1_auth_key(p.end[HUB].ike, &host, "r3.lab")->secret, "cisco123");
	assert_string_equal(v1_auth_key(p.end[HUB].ike, &host, "R2.lab")->secret, "named");
	pair_fini(&p);
}

static void an_isakmp_profile_admits_by_identity(void **state)
{
	struct pair_spec hub = HUB_SPEC;
	struct pair p;

	(void)state;
	hub.match = "2.2.2.0/24";
	pair_start(&p, 1, &hub, NULL);
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	static const uint8_t spoke[] = { 1, 17, 1, 0xf4, 2, 2, 2, 2 },
			     other[] = { 1, 17, 1, 0xf4, 1, 1, 1, 2 };
	const struct isakmp_payload admitted = { ISAKMP_ID, spoke, sizeof spoke };
	const struct isakmp_payload refused = { ISAKMP_ID, other, sizeof other };
	assert_true(v1_auth_admits(p.end[HUB].ike, pair_sa(&p, HUB), &admitted));
	assert_false(v1_auth_admits(p.end[HUB].ike, pair_sa(&p, HUB), &refused));
	pair_fini(&p);
}

static void keys_that_differ_are_told_at_both_ends(void **state)
{
	struct pair_spec hub = HUB_SPEC;
	struct pair p;

	(void)state;
	hub.key = "another";
	pair_start(&p, 1, &hub, NULL);
	pair_run(&p, 5000);
	assert_int_equal(pair_count(&p, HUB, true) + pair_count(&p, SPOKE, true), 0);
	assert_true(pair_traced(&p, HUB, "ike-failed: the peer's proof does not fit"));
	assert_true(pair_traced(&p, SPOKE, "ike-failed: the peer refuses our proof"));
	pair_fini(&p);
}

/* Names: of a host, below a domain, or with 0.0.0.0 any. */
static void an_isakmp_profile_admits_by_name(void **state)
{
	static const struct {
		const char *host, *match;
		bool domain, admitted;
	} cases[] = {
		{ "r2.lab", "9.9.9.9/32", false, true },  { "R2.LAB", "9.9.9.9/32", false, true },
		{ "r3.lab", "9.9.9.9/32", false, false }, { "lab", "9.9.9.9/32", true, true },
		{ "2.lab", "9.9.9.9/32", true, false },   { "r2.lab", "9.9.9.9/32", true, false },
		{ "r3.lab", "0.0.0.0/0", false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct pair_spec hub = HUB_SPEC, spoke = SPOKE_SPEC;
		struct pair p;
		hub.match = cases[i].match;
		hub.match_host = (struct snap_match_host){ (char *)(uintptr_t)cases[i].host,
			                                   cases[i].domain };
		spoke.also.identity = SNAP_ID_HOSTNAME;
		spoke.hostname = "r2.lab";
		pair_start(&p, 1, &hub, &spoke);
		pair_run(&p, 2000);
		assert_int_equal(pair_is_joined(&p, SPOKE, HUB), cases[i].admitted);
		assert_int_equal(pair_traced(&p, HUB,
		                             "ike-failed: identity: offered r2.lab, matched by no "
		                             "isakmp profile\nike-advice: match identity host "
		                             "r2.lab in the crypto isakmp profile"),
		                 !cases[i].admitted);
		pair_fini(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_key_of_all_keyrings),
		cmocka_unit_test(a_name_beats_an_address),
		cmocka_unit_test(an_isakmp_profile_admits_by_identity),
		cmocka_unit_test(an_isakmp_profile_admits_by_name),
		cmocka_unit_test(keys_that_differ_are_told_at_both_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
