/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/snapshot.h"
#include "util/memory.h"

/* As IOS prints them: loopbacks, tunnels, ports, and numbers as numbers. */
static void interfaces_in_printing_order(void **state)
{
	static const char *const names[] = { "Loopback0", "Tunnel2", "Tunnel10", "FastEthernet0/0",
		                             "eth1" };
	struct snapshot *s = snapshot_new();

	(void)state;
	snapshot_add_interface(s, SNAP_PORT, "eth1");
	snapshot_add_interface(s, SNAP_TUNNEL, "Tunnel10");
	snapshot_add_interface(s, SNAP_PORT, "FastEthernet0/0");
	snapshot_add_interface(s, SNAP_TUNNEL, "Tunnel2");
	snapshot_add_interface(s, SNAP_LOOPBACK, "Loopback0");
	assert_int_equal(s->n_interfaces, 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(s->interface[i]->name, names[i]);
	assert_int_equal(snapshot_tunnel(s, 10)->tunnel->number, 10);
	assert_null(snapshot_tunnel(s, 3));
	snapshot_del_interface(s, snapshot_interface(s, "Tunnel10"));
	assert_null(snapshot_tunnel(s, 10));
	assert_null(snapshot_interface(s, "Tunnel10"));
	assert_int_equal(s->n_interfaces, 4);
	snapshot_free(s);
	snapshot_free(NULL);
}

static void copies_are_deep(void **state)
{
	struct snapshot *s = snapshot_new();
	struct snap_interface *i = snapshot_add_interface(s, SNAP_TUNNEL, "Tunnel0");

	(void)state;
	i->description = memory_strdup("to the hub");
	i->tunnel->nhrp.map = memory_new(1, sizeof(struct snap_map));
	i->tunnel->nhrp.n_map = 1;
	i->tunnel->nhrp.map[0].nbma = addr_v4(1, 1, 1, 2);
	snap_lines_add(&i->kept, "ip nhrp redirect");
	s->route = memory_new(1, sizeof *s->route);
	s->n_routes = 1;
	s->route[0].rest = memory_strdup("name upstream");
	snap_lines_add(&s->foreign, "line vty 0 4\n login");
	struct snapshot *copy = snapshot_copy(s);
	snapshot_free(s);
	i = snapshot_tunnel(copy, 0);
	assert_string_equal(i->description, "to the hub");
	assert_int_equal(addr_to_u32(&i->tunnel->nhrp.map[0].nbma), 0x01010102);
	assert_string_equal(i->kept.line[0].text, "ip nhrp redirect");
	assert_string_equal(copy->route[0].rest, "name upstream");
	assert_string_equal(copy->foreign.line[0].text, "line vty 0 4\n login");
	snapshot_free(copy);
}

/* IOS's defaults where nothing is configured. */
static void values_in_force(void **state)
{
	struct snap_nhrp n = { 0 };
	struct snap_tunnel t = { 0 };
	struct snap_interface i = { 0 };

	(void)state;
	assert_int_equal(snap_nhrp_holdtime_s(&n), 7200);
	assert_int_equal(snap_nhrp_registration_s(&n), 2400);
	n.holdtime_s = 2;
	assert_int_equal(snap_nhrp_registration_s(&n), 1);
	n.registration_timeout_s = 60;
	assert_int_equal(snap_nhrp_registration_s(&n), 60);
	assert_int_equal(snap_tunnel_ttl(&t), 255);
	t.ttl = 9;
	assert_int_equal(snap_tunnel_ttl(&t), 9);
	assert_true(addr_is_none(&snap_interface_address(&i)->addr));
	i.n_address = 1;
	i.address[0] = (struct prefix){ addr_v4(10, 10, 10, 1), 24 };
	assert_int_equal(snap_interface_address(&i)->len, 24);
}

static void completeness(void **state)
{
	struct snap_tunnel t = { .mode = SNAP_MODE_GRE_MULTIPOINT };
	struct snapshot *s = snapshot_new();

	(void)state;
	assert_false(snap_tunnel_is_complete(s, &t));
	t.source_address = addr_v4(1, 1, 1, 2);
	assert_true(snap_tunnel_is_complete(s, &t));
	t.mode = SNAP_MODE_GRE_P2P;
	assert_false(snap_tunnel_is_complete(s, &t));
	t.destination = addr_v4(2, 2, 2, 2);
	assert_true(snap_tunnel_is_complete(s, &t));
	t.mode = SNAP_MODE_GRE_MULTIPOINT;
	assert_false(snap_tunnel_is_complete(s, &t));
	t = (struct snap_tunnel){ .mode = SNAP_MODE_GRE_MULTIPOINT, .source_interface = "eth0" };
	assert_true(snap_tunnel_is_complete(s, &t));
	t.protected = true;
	assert_false(snap_tunnel_is_complete(s, &t));
	t.protected = false;
	t.other_mode = true;
	assert_false(snap_tunnel_is_complete(s, &t));
	t.other_mode = false;
	t.unfinished = true;
	assert_false(snap_tunnel_is_complete(s, &t));
	snapshot_free(s);
}

/* What protection names must be there, or nothing may run. */
static void completeness_of_protection(void **state)
{
	struct snap_tunnel t = { .mode = SNAP_MODE_GRE_MULTIPOINT,
		                 .source_interface = "eth0",
		                 .protected = true,
		                 .protection.profile = "P" };
	struct snapshot *s = snapshot_new();

	(void)state;
	assert_false(snap_tunnel_is_complete(s, &t));
	s->crypto.profile = memory_new(1, sizeof *s->crypto.profile);
	s->crypto.n_profiles = 1;
	snprintf(s->crypto.profile->name, sizeof s->crypto.profile->name, "P");
	assert_false(snap_tunnel_is_complete(s, &t));
	s->crypto.set = memory_new(1, sizeof *s->crypto.set);
	s->crypto.n_sets = 1;
	snprintf(s->crypto.set->name, sizeof s->crypto.set->name, "TS");
	snprintf(s->crypto.profile->set[0], sizeof s->crypto.profile->set[0], "TS");
	s->crypto.profile->n_sets = 1;
	assert_true(snap_tunnel_is_complete(s, &t));
	t.other_protection = true;
	assert_false(snap_tunnel_is_complete(s, &t));
	snapshot_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interfaces_in_printing_order),
		cmocka_unit_test(copies_are_deep),
		cmocka_unit_test(values_in_force),
		cmocka_unit_test(completeness),
		cmocka_unit_test(completeness_of_protection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
