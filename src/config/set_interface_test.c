/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, descriptions and devices, typed line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"

static void addresses_are_primary_and_secondary(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface Fa0/0");
	desk_type_refused(&d, "ip address 10.0.1.1 255.255.255.0 secondary",
	                  "the primary address must be configured first");
	desk_type(&d, "ip address 10.0.0.1 255.255.255.0");
	desk_type(&d, "ip add 10.0.1.1 255.255.255.0 sec");
	desk_type(&d, "ip address 10.0.2.1 255.255.255.0 secondary");
	assert_string_equal(desk_print(&d), "interface FastEthernet0/0\n"
	                                    " ip address 10.0.1.1 255.255.255.0 secondary\n"
	                                    " ip address 10.0.2.1 255.255.255.0 secondary\n"
	                                    " ip address 10.0.0.1 255.255.255.0\n");
	assert_true(desk_is_stable(&d));
	desk_type_refused(&d, "no ip address 10.0.0.1 255.255.255.0",
	                  "must delete secondary addresses first");
	desk_type_refused(&d, "no ip address 10.9.0.1 255.255.255.0", "there is no such address");
	desk_type(&d, "no ip address 10.0.1.1 255.255.255.0 secondary");
	desk_type(&d, "ip address 10.0.2.1 255.255.255.0");
	const struct snap_interface *i = desk_interface(&d, "FastEthernet0/0");
	assert_int_equal(i->n_address, 1);
	assert_int_equal(snap_interface_address(i)->addr.bytes[2], 2);
	desk_type(&d, "no ip address");
	assert_int_equal(desk_interface(&d, "FastEthernet0/0")->addressing, SNAP_ADDRESS_UNSET);
	desk_close(&d);
}

static void what_is_no_host_address_is_refused(void **state)
{
	static const char *const bad[][2] = {
		{ "ip address 10.0.0.0 255.255.255.0",
		  "10.0.0.0/24 is not an address for an interface" },
		{ "ip address 10.0.0.255 255.255.255.0",
		  "10.0.0.255/24 is not an address for an interface" },
		{ "ip address 224.0.0.1 255.255.255.0",
		  "224.0.0.1/24 is not an address for an interface" },
		{ "ip address 0.0.0.0 0.0.0.0", "0.0.0.0/0 is not an address for an interface" },
		{ "ip address 10.0.0.1 255.0.255.0", "invalid input, expected A.B.C.D" },
		{ "ip address 10.0.0.1", "incomplete command, expected A.B.C.D" },
	};
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface Tunnel0");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		desk_type_refused(&d, bad[i][0], bad[i][1]);
	desk_type(&d, "ip address 10.0.0.0 255.255.255.254");
	desk_type_refused(&d, "ip address dhcp", "not a command of Tunnel0");
	desk_close(&d);
}

static void dhcp_and_static_addresses_exclude_each_other(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface eth0");
	desk_type(&d, "ip address 10.0.0.1 255.255.255.0");
	desk_type(&d, "ip address dhcp");
	assert_string_equal(desk_print(&d), "interface eth0\n ip address dhcp\n");
	assert_int_equal(desk_interface(&d, "eth0")->n_address, 0);
	desk_type(&d, "ip address 10.0.0.1 255.255.255.0");
	assert_int_equal(desk_interface(&d, "eth0")->addressing, SNAP_ADDRESS_STATIC);
	desk_type(&d, "no ip address");
	desk_type(&d, "ip address dhcp");
	desk_type(&d, "no ip address dhcp");
	assert_string_equal(desk_print(&d), "interface eth0\n no ip address\n");
	desk_close(&d);
}

static void numbers_and_flags_have_ranges(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface Tunnel0");
	desk_type(&d, "bandwidth 1000");
	desk_type(&d, "delay 10");
	desk_type(&d, "ip mtu 1400");
	desk_type(&d, "ip tcp adjust-mss 1360");
	desk_type(&d, "no ip redirects");
	desk_type(&d, "shut");
	desk_type(&d, "description  All  offices ! of ours");
	assert_string_equal(desk_print(&d), "interface Tunnel0\n"
	                                    " description All  offices ! of ours\n"
	                                    " bandwidth 1000\n"
	                                    " no ip address\n"
	                                    " no ip redirects\n"
	                                    " ip mtu 1400\n"
	                                    " ip tcp adjust-mss 1360\n"
	                                    " delay 10\n"
	                                    " shutdown\n");
	desk_type_refused(&d, "ip mtu 67", "invalid input, expected <68-17916>");
	desk_type_refused(&d, "ip mtu 17917", "invalid input, expected <68-17916>");
	assert_int_equal(d.remark.column, 7);
	desk_type_refused(&d, "ip tcp adjust-mss 1461", "invalid input, expected <500-1460>");
	desk_type(&d, "no shutdown");
	desk_type(&d, "no description");
	desk_type(&d, "no bandwidth");
	desk_type(&d, "no delay 10");
	desk_type(&d, "no ip mtu");
	desk_type(&d, "no ip tcp adjust-mss");
	desk_type(&d, "ip redirects");
	assert_string_equal(desk_print(&d), "interface Tunnel0\n no ip address\n");
	desk_close(&d);
}

static void a_device_belongs_to_one_port(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface Fa0/0");
	desk_type(&d, "device eth0");
	desk_type(&d, "interface Fa0/1");
	desk_type_refused(&d, "device eth0", "FastEthernet0/0 has device eth0 already");
	desk_type_refused(&d, "device a-very-long-name",
	                  "a Linux interface has at most 15 characters and no slash");
	desk_type(&d, "device eth1");
	assert_true(desk_is_stable(&d));
	desk_type(&d, "no device");
	assert_string_equal(desk_interface(&d, "FastEthernet0/1")->device, "");
	desk_type(&d, "interface Tunnel0");
	desk_type_refused(&d, "device eth1", "not a command of Tunnel0");
	desk_close(&d);
}

static void an_overlap_is_warned_of(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface Fa0/0");
	desk_type(&d, "ip address 10.0.0.1 255.255.255.0");
	desk_type(&d, "interface Tunnel0");
	desk_type_warned(&d, "ip address 10.0.0.2 255.255.0.0",
	                 "this network overlaps with that of FastEthernet0/0");
	desk_type(&d, "ip address 10.1.0.2 255.255.0.0");
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_primary_and_secondary),
		cmocka_unit_test(what_is_no_host_address_is_refused),
		cmocka_unit_test(dhcp_and_static_addresses_exclude_each_other),
		cmocka_unit_test(numbers_and_flags_have_ranges),
		cmocka_unit_test(a_device_belongs_to_one_port),
		cmocka_unit_test(an_overlap_is_warned_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
