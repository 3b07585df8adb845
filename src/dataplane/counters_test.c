/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "dataplane/counters.h"

static void test_sum(void **state)
{
	struct dp_counters a = { 0 }, b = { 0 }, sum = { 0 };
	struct counter_way rx = { 0 }, tx = { 0 };

	(void)state;
	counter_rx(&a, 100, 5);
	counter_rx(&b, 50, 9);
	counter_tx(&b, 1, 7, 3);
	counter_drop(&b, DP_DROP_REDIRECT);
	counters_sum(&sum, &a);
	counters_sum(&sum, &b);
	counter_way_add(&rx, 1, 4);
	counter_way_add(&tx, 2, 11);
	counters_sum_ways(&sum, &rx, &tx);
	assert_int_equal(sum.rx_packets, 3);
	assert_int_equal(sum.rx_bytes, 151);
	assert_int_equal(sum.tx_packets, 2);
	assert_int_equal(sum.tx_bytes, 9);
	assert_int_equal(sum.last_rx_ns, 9);
	assert_int_equal(sum.last_tx_ns, 11);
	assert_int_equal(sum.drops[DP_DROP_REDIRECT], 1);
}

static void test_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < DP_DROPS_N; i++) {
		assert_non_null(dp_drop_text((enum dp_drop)i));
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(dp_drop_key((enum dp_drop)i),
			                        dp_drop_key((enum dp_drop)j));
	}
	assert_string_equal(dp_drop_key(DP_DROPS_N), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sum),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
