/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "dataplane/mac.h"

static void test_golden(void **state)
{
	const struct mac_name name = { .start = 0x1234, .reuse = 0x56, .index = 0x789a };
	const uint8_t want[DP_MAC_LEN] = { 0xd6, 0x12, 0x34, 0x56, 0x78, 0x9a };
	uint8_t mac[DP_MAC_LEN];
	struct mac_name again;

	(void)state;
	mac_build(&name, mac);
	assert_memory_equal(mac, want, DP_MAC_LEN);
	assert_true(mac_parse(mac, &again));
	assert_int_equal(again.start, name.start);
	assert_int_equal(again.reuse, name.reuse);
	assert_int_equal(again.index, name.index);
}

static void test_is_local_unicast(void **state)
{
	(void)state;
	assert_int_equal(MAC_PREFIX & 3, 2);
}

static void test_foreign(void **state)
{
	uint8_t mac[DP_MAC_LEN] = { 0x02, 1, 2, 3, 4, 5 };
	struct mac_name name = { .index = 77 };

	(void)state;
	assert_false(mac_parse(mac, &name));
	assert_int_equal(name.index, 77);
}

static void test_starts_differ(void **state)
{
	(void)state;
	for (uint32_t i = 1; i < 1000; i++)
		assert_int_not_equal(mac_start(i), mac_start(i + 1));
	assert_int_not_equal(mac_start(0x10000), mac_start(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_is_local_unicast),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_starts_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
