/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/ports.h"

static void expect_device(const struct ports *p, const struct snapshot *s, const char *name,
                          const char *expected)
{
	char device[SNAP_DEVICE_SIZE];

	ports_device(p, s, name, device);
	assert_string_equal(device, expected);
}

static void names_become_devices(void **state)
{
	struct ports p = { 0 };
	struct snapshot *s = snapshot_new();

	(void)state;
	assert_true(ports_add(&p, "Fa0/0=eth0"));
	assert_true(ports_add(&p, "GigabitEthernet1=ens3"));
	snapshot_add_interface(s, SNAP_TUNNEL, "Tunnel0");
	snapshot_add_interface(s, SNAP_LOOPBACK, "Loopback1");
	struct snap_interface *gi = snapshot_add_interface(s, SNAP_PORT, "GigabitEthernet1");

	expect_device(&p, s, "FastEthernet0/0", "eth0");
	expect_device(&p, s, "FastEthernet0/1", ""); /* nobody says which */
	expect_device(&p, s, "GigabitEthernet1", "ens3");
	snprintf(gi->device, sizeof gi->device, "ens9");
	expect_device(&p, s, "GigabitEthernet1", "ens9"); /* the configuration knows better */
	expect_device(&p, s, "Tunnel0", "Tunnel0");
	expect_device(&p, s, "Loopback1", "lo");
	expect_device(&p, s, "eth7", "eth7");
	expect_device(&p, s, "an-interface-name", "");
	snapshot_free(s);
	ports_fini(&p);
}

static void nonsense_is_refused(void **state)
{
	static const char *const texts[] = {
		"",          "Fa0/0",        "=eth0",
		"Fa0/0=",    "Fa0/0=a/b",    "Fa0/0=.",
		"Fa0/0=a b", "Fa0/0=eth0:1", "Fa0/0=a-name-of-16-let"
	};
	struct ports p = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_false(ports_add(&p, texts[i]));
	assert_true(ports_add(&p, "Fa0/0=eth0"));
	assert_true(ports_add(&p, "FastEthernet 0/0=eth0")); /* twice the same */
	assert_false(ports_add(&p, "Fa0/0=eth1"));
	assert_int_equal(p.n, 1);
	ports_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_devices),
		cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
