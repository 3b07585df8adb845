/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/pair_test.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protect_cfg_comes_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
