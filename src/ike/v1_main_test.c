/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/v1_main.h"

#include "ike/pair_test.h"
#include "util/memory.h"

static void protect_cfg_comes_up(void **state)
{
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	const struct node_sa *out = pair_outbound(&p, SPOKE, HUB);
	assert_int_equal(out->cipher, ESP_AES128);
	assert_int_equal(out->auth, ESP_SHA1_96);
	assert_int_equal(out->mode, ESP_TUNNEL);
	assert_int_equal(p.end[HUB].n_up, 1);
	assert_int_equal(p.end[SPOKE].n_up, 1);
	assert_string_equal(p.end[SPOKE].trace.text, "ike-up\nipsec-up\n");
	assert_string_equal(p.end[HUB].trace.text, "ike-up\nipsec-up\n");
	assert_int_equal(p.end[SPOKE].n_packets, 5);
	assert_int_equal(p.end[HUB].n_packets, 4);
	pair_fini(&p);
}

/* In main mode the key is looked for by the address, whatever the peer calls itself later. */
static void a_name_admits_nobody(void **state)
{
	struct pair_spec spoke = SPOKE_SPEC;
	struct pair p;

	(void)state;
	spoke.hostname = "r2.lab";
	spoke.also.identity = SNAP_ID_HOSTNAME;
	pair_start(&p, 1, NULL, &spoke);
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	struct snap_isakmp_key *key = p.end[HUB].snapshot->crypto.keyring->key;
	assert_true(ike_main_is_admitted(p.end[HUB].ike, pair_sa(&p, HUB)));
	assert_string_equal(pair_sa(&p, HUB)->peer_name, "r2.lab");
	key->hostname = memory_strdup("r2.lab");
	key->peer = (struct prefix){ 0 };
	assert_false(ike_main_is_admitted(p.end[HUB].ike, pair_sa(&p, HUB)));
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protect_cfg_comes_up),
		cmocka_unit_test(a_name_admits_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
