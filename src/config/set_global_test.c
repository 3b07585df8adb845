/* SPDX-License-Identifier: Apache-2.0 */
/* Host name, interfaces and static routes, typed line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"

static void a_host_name_is_set_and_taken_back(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "hostname R1");
	assert_string_equal(d.s->hostname, "R1");
	desk_type_refused(&d, "hostname R1 R2", "invalid input: nothing more can follow");
	assert_int_equal(d.remark.column, 12);
	desk_type_refused(
		&d, "hostname 0123456789012345678901234567890123456789012345678901234567890123",
		"a host name has at most 63 characters");
	assert_int_equal(d.remark.syntax, GRAMMAR_OK);
	desk_type(&d, "no hostname");
	assert_string_equal(d.s->hostname, "");
	desk_type(&d, "no ip routing");
	assert_true(d.s->no_ip_routing);
	assert_string_equal(desk_print(&d), "no ip routing\n");
	desk_type(&d, "ip routing");
	assert_false(d.s->no_ip_routing);
	desk_close(&d);
}

static void interfaces_have_one_name(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "interface tunnel 10");
	desk_type(&d, "int Tu10");
	desk_type(&d, "interface Tu2");
	desk_type(&d, "interface fa0/0");
	desk_type(&d, "interface FastEthernet0/0");
	desk_type(&d, "interface lo0");
	desk_type(&d, "interface ens3");
	assert_int_equal(d.s->n_interfaces, 5);
	assert_string_equal(d.s->interface[0]->name, "Loopback0");
	assert_int_equal(d.s->interface[0]->kind, SNAP_LOOPBACK);
	assert_string_equal(d.s->interface[1]->name, "Tunnel2");
	assert_string_equal(d.s->interface[2]->name, "Tunnel10");
	assert_int_equal(d.s->interface[2]->tunnel->number, 10);
	assert_int_equal(desk_interface(&d, "ens3")->kind, SNAP_PORT);
	desk_type(&d, "interface Tunnel10");
	desk_type(&d, "no interface Tunnel10");
	assert_null(snapshot_interface(d.s, "Tunnel10"));
	assert_int_equal(d.mode.block, CONFIG_GLOBAL);
	desk_type_refused(&d, "no interface Tunnel10", "there is no such interface");
	desk_close(&d);
}

static void routes_are_added_changed_and_removed(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "ip route 0.0.0.0 0.0.0.0 192.0.2.1");
	desk_type(&d, "ip route 10.0.0.0 255.0.0.0 Tu0");
	desk_type(&d, "ip route 10.1.0.0 255.255.0.0 fa0/0 192.0.2.9 200 name x track 7");
	desk_type(&d, "ip route 10.2.0.0 255.255.0.0 null0 1");
	desk_type(&d, "ip route 0.0.0.0 0.0.0.0 192.0.2.1 10 permanent");
	assert_int_equal(d.s->n_routes, 4);
	assert_int_equal(d.s->route[0].distance, 10);
	assert_string_equal(d.s->route[2].rest, "name x track 7");
	assert_string_equal(
		desk_print(&d),
		"ip route 0.0.0.0 0.0.0.0 192.0.2.1 10 permanent\n"
		"ip route 10.0.0.0 255.0.0.0 Tunnel0\n"
		"ip route 10.1.0.0 255.255.0.0 FastEthernet0/0 192.0.2.9 200 name x track 7\n"
		"ip route 10.2.0.0 255.255.0.0 Null0\n");
	assert_true(desk_is_stable(&d));

	desk_type_refused(&d, "no ip route 10.3.0.0 255.255.0.0 Null0",
	                  "no matching route to delete");
	desk_type(&d, "no ip route 10.1.0.0 255.255.0.0 fa0/0 192.0.2.9 200 name x");
	desk_type(&d, "no ip route 0.0.0.0 0.0.0.0");
	assert_int_equal(d.s->n_routes, 2);
	desk_close(&d);
}

static void routes_that_cannot_be_are_refused(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type_refused(&d, "ip route 10.0.0.1 255.0.0.0 192.0.2.1",
	                  "inconsistent address and mask");
	desk_type_refused(&d, "ip route 10.0.0.0 255.0.0.0 224.0.0.1", "invalid next hop address");
	desk_type_refused(&d, "ip route 10.0.0.0 255.0.255.0 192.0.2.1",
	                  "invalid input, expected A.B.C.D");
	assert_int_equal(d.remark.column, 18);
	desk_type_refused(&d, "ip route 10.0.0.0 255.0.0.0 192.0.2.256", "invalid input");
	assert_int_equal(d.remark.column, 28);
	desk_type_refused(&d, "ip route 10.0.0.0 255.0.0.0", "incomplete command");
	assert_int_equal(d.remark.syntax, GRAMMAR_INCOMPLETE);
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_name_is_set_and_taken_back),
		cmocka_unit_test(interfaces_have_one_name),
		cmocka_unit_test(routes_are_added_changed_and_removed),
		cmocka_unit_test(routes_that_cannot_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
