/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/snapshot_crypto.h"
#include "util/addr.h"

static struct prefix prefix_of(const char *text, uint8_t len)
{
	struct prefix p = { .len = len };

	assert_true(addr_parse(text, &p.addr));
	return p;
}

static const char *secret_for(const struct snap_keyring *k, const char *address)
{
	const struct prefix p = prefix_of(address, 32);
	const struct snap_isakmp_key *key = snap_isakmp_key(k, &p.addr);

	return key ? key->secret : NULL;
}

static void the_longest_key_fits_best(void **state)
{
	static char any[] = "any", net[] = "net", host[] = "host", name[] = "name";
	struct snap_isakmp_key key[] = {
		{ .secret = any, .peer = prefix_of("0.0.0.0", 0) },
		{ .secret = host, .peer = prefix_of("10.1.2.3", 32) },
		{ .secret = net, .peer = prefix_of("10.1.0.0", 16) },
		{ .secret = name, .hostname = name },
	};
	const struct snap_keyring all = { .key = key, .n_keys = 4 };
	const struct snap_keyring narrow = { .key = key + 1, .n_keys = 3 };

	(void)state;
	assert_string_equal(secret_for(&all, "10.1.2.3"), "host");
	assert_string_equal(secret_for(&all, "10.1.2.4"), "net");
	assert_string_equal(secret_for(&all, "10.2.2.4"), "any");
	assert_null(secret_for(&narrow, "10.2.2.4"));
	assert_null(secret_for(&all, "2001:db8::1"));
}

static void a_profile_stands_before_the_global_values(void **state)
{
	struct snap_crypto c = { 0 };
	struct snap_ipsec_profile p = { 0 };

	(void)state;
	assert_int_equal(snap_profile_lifetime_s(&c, &p), SNAP_IPSEC_LIFETIME_S);
	assert_int_equal(snap_profile_lifetime_kb(&c, &p), SNAP_IPSEC_LIFETIME_KB);
	assert_int_equal(snap_profile_replay(&c, &p), SNAP_REPLAY_PACKETS);
	c = (struct snap_crypto){ .lifetime_s = 7200, .lifetime_kb_off = true, .replay_off = true };
	assert_int_equal(snap_profile_lifetime_s(&c, &p), 7200);
	assert_int_equal(snap_profile_lifetime_kb(&c, &p), 0);
	assert_int_equal(snap_profile_replay(&c, &p), 0);
	p = (struct snap_ipsec_profile){ .lifetime_s = 120,
		                         .lifetime_kb = 5000,
		                         .replay_packets = 512 };
	assert_int_equal(snap_profile_lifetime_s(&c, &p), 120);
	assert_int_equal(snap_profile_lifetime_kb(&c, &p), 5000);
	assert_int_equal(snap_profile_replay(&c, &p), 512);
}

static void a_profile_needs_all_its_sets(void **state)
{
	struct snap_transform_set set = { .name = "one" };
	struct snap_ipsec_profile p = { .name = "P", .set = { "one", "two" } };
	const struct snap_crypto c = { .set = &set, .n_sets = 1, .profile = &p, .n_profiles = 1 };

	(void)state;
	assert_ptr_equal(snap_ipsec_profile(&c, "P"), &p);
	assert_null(snap_ipsec_profile(&c, "p"));
	assert_false(snap_profile_is_complete(&c, &p));
	p.n_sets = 1;
	assert_true(snap_profile_is_complete(&c, &p));
	p.n_sets = 2;
	assert_false(snap_profile_is_complete(&c, &p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_key_fits_best),
		cmocka_unit_test(a_profile_stands_before_the_global_values),
		cmocka_unit_test(a_profile_needs_all_its_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
