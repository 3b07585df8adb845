/* SPDX-License-Identifier: Apache-2.0 */
/* Names of interfaces, from any spelling to the canonical one and to the short one. */
#include "config/ifname.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void expect_name(const char *typed, const char *canonical, const char *abbreviated)
{
	char name[64] = "", text[64];
	bool ok = grammar_interface_name(typed, name, sizeof name);

	if (!canonical) {
		if (ok)
			print_error("\"%s\" is \"%s\"\n", typed, name);
		assert_false(ok);
		return;
	}
	assert_string_equal(name, canonical);
	assert_true(ok);
	grammar_interface_short(name, text, sizeof text);
	assert_string_equal(text, abbreviated);
}

static void interface_names_are_made_canonical(void **state)
{
	(void)state;
	expect_name("Fa0/0", "FastEthernet0/0", "Fa0/0");
	expect_name("fastEthernet 0/0", "FastEthernet0/0", "Fa0/0");
	expect_name("FastEthernet0/0", "FastEthernet0/0", "Fa0/0");
	expect_name("gi1", "GigabitEthernet1", "Gi1");
	expect_name("g0/0", "GigabitEthernet0/0", "Gi0/0");
	expect_name("GigabitEthernet0/0/0.100", "GigabitEthernet0/0/0.100", "Gi0/0/0.100");
	expect_name("Tu0", "Tunnel0", "Tu0");
	expect_name("tunnel 0", "Tunnel0", "Tu0");
	expect_name("tunnel 007", "Tunnel7", "Tu7");
	expect_name("Tunnel2147483647", "Tunnel2147483647", "Tu2147483647");
	expect_name("Tunnel2147483648", NULL, NULL);
	expect_name("Tunnel0.1", NULL, NULL);
	expect_name("lo0", "Loopback0", "Lo0");
	expect_name("Vlan10", "Vlan10", "Vl10");
	expect_name("po1", "Port-channel1", "Po1");
	expect_name("Port-channel1", "Port-channel1", "Po1");
	expect_name("e0/2", "Ethernet0/2", "Et0/2");
	expect_name("Eth0", "Ethernet0", "Et0");
	expect_name("s3/1", "Serial3/1", "Se3/1");
	expect_name("null0", "Null0", "Nu0");
	expect_name("Virtual-Template1", "Virtual-Template1", "Vt1");
	expect_name("eth0", "eth0", "eth0");
	expect_name("eth0.100", "eth0.100", "eth0.100");
	expect_name("eth0/0", "Ethernet0/0", "Et0/0");
	expect_name("ens3", "ens3", "ens3");
	expect_name("br-lan", "br-lan", "br-lan");
	expect_name("wan", "wan", "wan");
	expect_name("tunnel", NULL, NULL);
	expect_name("fa", NULL, NULL);
	expect_name("Fa0/", NULL, NULL);
	expect_name("10.0.0.256", NULL, NULL);
	expect_name("a-name-of-16-chr", NULL, NULL);
	expect_name("", NULL, NULL);
}

static void types_are_known_by_their_beginnings(void **state)
{
	size_t n = 0;

	(void)state;
	while (ifname_type(n))
		n++;
	assert_true(n > 20);
	assert_string_equal(ifname_type(0)->name, "Tunnel");
	assert_true(ifname_is_type("tu"));
	assert_true(ifname_is_type("Port-channel"));
	assert_false(ifname_is_type("tu0"));
	assert_false(ifname_is_type("zork"));
	assert_false(ifname_is_type(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interface_names_are_made_canonical),
		cmocka_unit_test(types_are_known_by_their_beginnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
