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

static const char *const tunnel_lines[] = {
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
	"ip nhrp registration delay 5",
	"ip nhrp registration no-unique",
	"ip nhrp server-only",
	"ip nhrp server-only non-caching",
	"if-state nhrp",
	"no ip nhrp record",
	"ip nhrp max-send 1 every 10",
	"ip nhrp keepalive 10 2",
	"ip nhrp keepalive 9 3",
	"ip nhrp map multicast dynamic",
	"ip nhrp map 10.0.0.2 192.0.2.3",
	"ip nhrp map 10.0.0.3 192.0.2.2",
	"ip nhrp map 10.0.0.2 192.0.2.2 preference 5",
	"no ip nhrp map multicast 192.0.2.2",
	"ip nhrp nhs 10.0.0.2 priority 5",
	"ip nhrp nhs 10.0.0.2 nbma 192.0.2.2",
	"ip nhrp nhs 10.0.0.2 cluster 5",
	"ip nhrp nhs cluster 10 max-connections 0",
	"ip nhrp nhs fallback 0",
	"ip nhrp nhs fallback 60",
	"ip nhrp redirect",
	"no ip nhrp cache non-authoritative",
	"ip nhrp responder Loopback0",
	"ip nhrp interest none",
	"ip nhrp use 2",
	"ip nhrp path preference 5",
	"ip nhrp send-routed",
	"ip nhrp summary-map 10.1.0.0/16 192.0.2.1",
	"no nhrp route-watch",
	"ip ospf cost 5",
	"tunnel source 192.0.2.1",
	"tunnel source eth0",
	"tunnel destination 192.0.2.2",
	"tunnel mode gre multipoint",
	"tunnel mode ipsec ipv4",
	"tunnel protection ipsec profile P",
	"tunnel protection ipsec initiate",
	"tunnel key 0",
	"tunnel tos 0",
	"tunnel ttl 5",
};

static void each_line_of_a_tunnel_makes_a_difference(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	for (size_t i = 0; i < sizeof tunnel_lines / sizeof tunnel_lines[0]; i++) {
		struct config_remark remark;
		desk_load(&d, base);
		struct snapshot *before = snapshot_copy(d.s);
		assert_true(config_equal(before, d.s));
		d.mode = (struct config_mode){ 0 };
		desk_type(&d, "interface Tunnel0");
		assert_true(config_line(d.s, &d.mode, tunnel_lines[i], &remark));
		free(remark.line);
		free(remark.text);
		bool equal = config_interface_equal(snapshot_interface(before, "Tunnel0"),
		                                    snapshot_interface(d.s, "Tunnel0"));
		if (equal)
			print_error("no difference: %s\n", tunnel_lines[i]);
		assert_false(equal);
		assert_false(config_equal(before, d.s));
		assert_true(config_interface_equal(snapshot_interface(before, "Tunnel1"),
		                                   snapshot_interface(d.s, "Tunnel1")));
		snapshot_free(before);
	}
	desk_close(&d);
}

static const char crypto[] = "crypto keyring K\n pre-shared-key address 0.0.0.0 key k\n"
			     "crypto isakmp policy 10\n"
			     "crypto isakmp key k address 0.0.0.0\n"
			     "crypto isakmp profile I\n match identity address 0.0.0.0\n"
			     "crypto ipsec transform-set T esp-gcm\n"
			     "crypto ipsec profile P\n set transform-set T\n";

/* A line below a head that is there already, or below none. */
static void each_line_of_crypto_makes_a_difference(void **state)
{
	static const struct {
		const char *head, *line;
	} lines[] = {
		{ "crypto keyring K", "pre-shared-key address 0.0.0.0 key other" },
		{ "crypto keyring K", "pre-shared-key address 192.0.2.1 key k" },
		{ "crypto keyring K", "description x" },
		{ "crypto isakmp policy 10", "encryption aes" },
		{ "crypto isakmp policy 10", "hash md5" },
		{ "crypto isakmp policy 10", "authentication rsa-sig" },
		{ "crypto isakmp policy 10", "group 14" },
		{ "crypto isakmp policy 10", "lifetime 60" },
		{ "crypto isakmp policy 20", "exit" },
		{ "crypto isakmp profile I", "keyring K" },
		{ "crypto isakmp profile I", "match identity address 192.0.2.1" },
		{ "crypto isakmp profile I", "keepalive 10 retry 2" },
		{ "crypto ipsec transform-set T esp-gcm 256", "exit" },
		{ "crypto ipsec transform-set T esp-gcm esn", "exit" },
		{ "crypto ipsec transform-set T esp-aes", "exit" },
		{ "crypto ipsec transform-set T esp-gcm", "mode transport" },
		{ "crypto ipsec profile P", "set transform-set T U" },
		{ "crypto ipsec profile P", "set pfs group19" },
		{ "crypto ipsec profile P", "set isakmp-profile I" },
		{ "crypto ipsec profile P", "set ikev2-profile V" },
		{ "crypto ipsec profile P", "set security-association lifetime seconds 120" },
		{ "crypto ipsec profile P", "set security-association lifetime kilobytes disable" },
		{ "crypto ipsec profile P", "set security-association replay disable" },
		{ "crypto ipsec profile P", "set security-association idle-time 60" },
		{ "exit", "no crypto ipsec profile P" },
		{ "exit", "crypto isakmp key other address 0.0.0.0" },
		{ "exit", "crypto isakmp identity dn" },
		{ "exit", "crypto isakmp keepalive 10" },
		{ "exit", "crypto isakmp nat keepalive 5" },
		{ "exit", "crypto isakmp aggressive-mode accept" },
		{ "exit", "no crypto isakmp invalid-spi-recovery" },
		{ "exit", "crypto ipsec security-association lifetime seconds 120" },
		{ "exit", "crypto ipsec security-association lifetime kilobytes 2560" },
		{ "exit", "crypto ipsec security-association replay window-size 512" },
		{ "exit", "crypto ipsec security-association idle-time 60" },
		{ "exit", "crypto ipsec df-bit set" },
		{ "exit", "crypto ipsec nat-transparency udp-encapsulation force" },
		{ "exit", "no crypto ipsec nat-transparency udp-encapsulation" },
	};
	struct desk d;

	(void)state;
	desk_open(&d);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		const char *const typed[] = { lines[i].head, lines[i].line };
		desk_load(&d, crypto);
		struct snapshot *before = snapshot_copy(d.s);
		assert_true(config_equal(before, d.s));
		d.mode = (struct config_mode){ 0 };
		for (size_t k = 0; k < 2; k++) {
			struct config_remark remark;
			assert_true(config_line(d.s, &d.mode, typed[k], &remark));
			free(remark.line);
			free(remark.text);
		}
		if (config_equal(before, d.s))
			print_error("no difference: %s: %s\n", lines[i].head, lines[i].line);
		assert_false(config_equal(before, d.s));
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
		cmocka_unit_test(each_line_of_crypto_makes_a_difference),
		cmocka_unit_test(each_global_line_makes_a_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
