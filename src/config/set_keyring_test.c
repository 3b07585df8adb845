/* SPDX-License-Identifier: Apache-2.0 */
/* Pre-shared keys, typed line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"

static void keys_are_for_a_peer_a_network_or_anybody(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto isakmp key any address 0.0.0.0 0.0.0.0");
	desk_type(&d, "crypto isakmp key 0 host address 192.0.2.1 no-xauth");
	desk_type(&d, "crypto isakmp key net address 198.51.100.77 255.255.255.0");
	assert_string_equal(desk_print(&d),
	                    "crypto isakmp key any address 0.0.0.0\n"
	                    "crypto isakmp key host address 192.0.2.1 no-xauth\n"
	                    "crypto isakmp key net address 198.51.100.0 255.255.255.0\n");
	assert_true(desk_is_stable(&d));
	const struct addr host = addr_v4(192, 0, 2, 1), other = addr_v4(192, 0, 2, 2);
	const struct snap_keyring *k = snap_keyring(&d.s->crypto, "");
	assert_string_equal(snap_isakmp_key(k, &host)->secret, "host");
	assert_string_equal(snap_isakmp_key(k, &other)->secret, "any");
	desk_type(&d, "crypto isakmp key new address 0.0.0.0");
	assert_string_equal(snap_isakmp_key(k, &other)->secret, "new");
	desk_type(&d, "no crypto isakmp key new address 0.0.0.0");
	assert_null(snap_isakmp_key(k, &other));
	desk_type_refused(&d, "no crypto isakmp key new address 0.0.0.0", "there is no such key");
	desk_type(&d, "no crypto isakmp key host address 192.0.2.1");
	desk_type(&d, "no crypto isakmp key net address 198.51.100.0 255.255.255.0");
	assert_int_equal(d.s->crypto.n_keyrings, 0);
	desk_close(&d);
}

static void keys_that_cannot_be_used_are_warned_of(void **state)
{
	struct desk d;
	char line[300];

	(void)state;
	desk_open(&d);
	desk_type_warned(&d, "crypto isakmp key 6 ABC address 192.0.2.1",
	                 "encrypted under a master key that we have not: write the key itself");
	desk_type_warned(&d, "crypto isakmp key k hostname R2.example.net",
	                 "for who begins aggressive mode by this name: main mode finds keys by "
	                 "address");
	desk_type_refused(&d, "crypto isakmp key k hostname 192.0.2.256", "not the name of a host");
	assert_string_equal(desk_print(&d), "crypto isakmp key 6 ABC address 192.0.2.1\n"
	                                    "crypto isakmp key k hostname R2.example.net\n");
	assert_true(desk_is_stable(&d));
	snprintf(line, sizeof line, "crypto isakmp key %0*d address 192.0.2.1", SNAP_SECRET_MAX + 1,
	         7);
	desk_type_refused(&d, line, "a key has at most 128 characters");
	desk_close(&d);
}

/* "0" and "6" as keys are told from the type of a key. */
static void a_key_may_be_a_digit(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto isakmp key 0 6 address 192.0.2.1");
	assert_string_equal(d.s->crypto.keyring->key->secret, "6");
	assert_false(d.s->crypto.keyring->key->type_6);
	assert_string_equal(desk_print(&d), "crypto isakmp key 0 6 address 192.0.2.1\n");
	assert_true(desk_is_stable(&d));
	desk_close(&d);
}

static void keyrings_have_names(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto keyring B");
	desk_type(&d, "pre-shared-key address 0.0.0.0 0.0.0.0 key b");
	desk_type(&d, "pre-shared-key address 192.0.2.1 key host");
	desk_type_warned(&d, "pre-shared-key hostname R2 key name",
	                 "for who begins aggressive mode by this name: main mode finds keys by "
	                 "address");
	desk_type_warned(&d, "crypto keyring A vrf RED",
	                 "the VRF is not yet in force; the keyring is");
	desk_type(&d, "description of A");
	desk_type(&d, "crypto isakmp key any address 0.0.0.0");
	assert_string_equal(desk_print(&d), "crypto keyring B\n"
	                                    " pre-shared-key address 0.0.0.0 0.0.0.0 key b\n"
	                                    " pre-shared-key address 192.0.2.1 key host\n"
	                                    " pre-shared-key hostname R2 key name\n"
	                                    "crypto keyring A vrf RED\n"
	                                    " description of A\n"
	                                    "crypto isakmp key any address 0.0.0.0\n");
	assert_true(desk_is_stable(&d));
	desk_type(&d, "crypto keyring B");
	desk_type(&d, "no pre-shared-key address 192.0.2.1");
	desk_type(&d, "no pre-shared-key hostname R2 key name");
	desk_type_refused(&d, "no pre-shared-key address 192.0.2.1", "there is no such key");
	desk_type(&d, "no crypto keyring A");
	desk_type_refused(&d, "no crypto keyring A", "there is no such keyring");
	assert_string_equal(desk_print(&d), "crypto keyring B\n"
	                                    " pre-shared-key address 0.0.0.0 0.0.0.0 key b\n"
	                                    "crypto isakmp key any address 0.0.0.0\n");
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_for_a_peer_a_network_or_anybody),
		cmocka_unit_test(keys_that_cannot_be_used_are_warned_of),
		cmocka_unit_test(a_key_may_be_a_digit),
		cmocka_unit_test(keyrings_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
