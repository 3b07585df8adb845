/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ike/pair_test.h"

static const struct pair_spec R1 = { .source = "1.1.1.2" };
static const struct pair_spec R2 = { .source = "2.2.2.2" };

static void protect_cfg_comes_up(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p, 1);
	int hub = pair_add(&p, &R1), spoke = pair_add(&p, &R2);
	pair_want(&p, spoke, hub);
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, spoke, hub));
	const struct node_sa *out = pair_outbound(&p, spoke, hub);
	assert_int_equal(out->cipher, ESP_AES128);
	assert_int_equal(out->auth, ESP_SHA1_96);
	assert_int_equal(out->mode, ESP_TUNNEL);
	assert_int_equal(p.end[hub].n_up, 1);
	assert_int_equal(p.end[spoke].n_up, 1);
	assert_string_equal(p.end[spoke].trace.text, "ike-up\nipsec-up\n");
	assert_string_equal(p.end[hub].trace.text, "ike-up\nipsec-up\n");
	assert_int_equal(p.end[spoke].n_packets, 5);
	assert_int_equal(p.end[hub].n_packets, 4);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protect_cfg_comes_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
