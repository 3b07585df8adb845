/* SPDX-License-Identifier: Apache-2.0 */
/* Every line that changes a snapshot makes it differ from the one before, and changes nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"

static const char base[] = "hostname R1\n"
			   "interface Loopback0\n ip address 192.0.2.1 255.255.255.255\n"
			   "interface Tunnel0\n"
			   " ip address 10.0.0.1 255.255.255.0\n"
			   " ip nhrp map 10.0.0.2 192.0.2.2\n"
			   " ip nhrp map multicast 192.0.2.2\n"
			   " ip nhrp nhs 10.0.0.2\n"
			   " tunnel source Loopback0\n"
			   "interface Tunnel1\n"
			   "interface eth0\n ip address dhcp\n"
			   "ip route 0.0.0.0 0.0.0.0 192.0.2.9\n";

static void each_line_of_a_tunnel_makes_a_difference(void **state)
{
	static const char *const lines[] = {
		"description x",
		"shutdown",
		"no ip address",
		"ip address 10.0.0.1 255.255.0.0",
		"ip address 10.1.0.1 255.255.255.0 secondary",
		"bandwidth 5",
		"delay 5",
		"ip mtu 1400",
		"ip tcp adjust-mss 1000",
		"no ip redirects",
		"ip nhrp network-id 1",
		"ip nhrp authentication x",
		"ip nhrp holdtime 5",
		"ip nhrp registration timeout 5",
		"ip nhrp registration no-unique",
		"ip nhrp server-only",
		"ip nhrp server-only non-caching",
		"no ip nhrp record",
		"ip nhrp max-send 1 every 10",
		"ip nhrp map multicast dynamic",
		"ip nhrp map 10.0.0.2 192.0.2.3",
		"ip nhrp map 10.0.0.3 192.0.2.2",
		"ip nhrp map 10.0.0.2 192.0.2.2 preference 5",
		"no ip nhrp map multicast 192.0.2.2",
		"ip nhrp nhs 10.0.0.2 priority 5",
		"ip nhrp nhs 10.0.0.2 nbma 192.0.2.2",
		"ip nhrp nhs 10.0.0.2 cluster 5",
		"ip nhrp redirect",
		"ip ospf cost 5",
		"tunnel source 192.0.2.1",
		"tunnel source eth0",
		"tunnel destination 192.0.2.2",
		"tunnel mode gre multipoint",
		"tunnel mode ipsec ipv4",
		"tunnel protection ipsec profile P",
		"tunnel key 0",
		"tunnel tos 0",
		"tunnel ttl 5",
	};
	struct desk d;

	(void)state;
	desk_open(&d);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct config_remark remark;
		desk_load(&d, base);
		struct snapshot *before = snapshot_copy(d.s);
		assert_true(config_equal(before, d.s));
		d.mode = (struct config_mode){ 0 };
		desk_type(&d, "interface Tunnel0");
		assert_true(config_line(d.s, &d.mode, lines[i], &remark));
		free(remark.line);
		free(remark.text);
		bool equal = config_interface_equal(snapshot_interface(before, "Tunnel0"),
		                                    snapshot_interface(d.s, "Tunnel0"));
		if (equal)
			print_error("no difference: %s\n", lines[i]);
		assert_false(equal);
		assert_false(config_equal(before, d.s));
		assert_true(config_interface_equal(snapshot_interface(before, "Tunnel1"),
		                                   snapshot_interface(d.s, "Tunnel1")));
		snapshot_free(before);
	}
	desk_close(&d);
}

static void each_global_line_makes_a_difference(void **state)
{
	static const char *const lines[] = {
		"hostname R2",
		"no ip routing",
		"interface Tunnel9",
		"no interface Tunnel1",
		"ip route 0.0.0.0 0.0.0.0 192.0.2.9 5",
		"ip route 0.0.0.0 0.0.0.0 192.0.2.9 name x",
		"ip route 10.0.0.0 255.0.0.0 Null0",
		"no ip route 0.0.0.0 0.0.0.0",
		"ipv6 unicast-routing",
		"router ospf 1",
	};
	struct desk d;

	(void)state;
	desk_open(&d);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct config_remark remark;
		desk_load(&d, base);
		struct snapshot *before = snapshot_copy(d.s);
		d.mode = (struct config_mode){ 0 };
		assert_true(config_line(d.s, &d.mode, lines[i], &remark));
		free(remark.line);
		free(remark.text);
		assert_false(config_equal(before, d.s));
		snapshot_free(before);
	}
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_of_a_tunnel_makes_a_difference),
		cmocka_unit_test(each_global_line_makes_a_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
