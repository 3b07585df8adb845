/* SPDX-License-Identifier: Apache-2.0 */
/* The table of what is not ours claims nothing that is ours. */
#include "config/blocks.h"
#include "config/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool is_of_block(const void *row, void *ctx)
{
	return block_of_row(row) == *(const enum config_block *)ctx;
}

static void no_command_of_ours_is_taken_for_foreign(void **state)
{
	const struct grammar g = config_table(TABLE_ROWS);

	(void)state;
	for (size_t i = 0; i < config_n_foreign_rows; i++) {
		const struct foreign_row *row = &config_foreign_rows[i];
		struct grammar_args args;
		size_t ours, column;
		char line[256];
		snprintf(line, sizeof line, "%.*s", (int)strcspn(row->head.pattern, "[{<ALMWIX"),
		         row->head.pattern);
		enum config_block block = row->block;
		bool ok = grammar_match(&g, line, is_of_block, &block, &ours, &args, &column) ==
		          GRAMMAR_OK;
		if (strcmp(line, "interface range ") == 0) /* "range" may be a port */
			continue;
		if (ok)
			print_error("\"%s\"\n", line);
		assert_false(ok);
	}
}

/* What goes wrong in a command of ours stays an error. */
static void mistakes_in_our_commands_are_not_foreign(void **state)
{
	static const char *const lines[] = {
		"tunnel zork",
		"tunnel mode grep multipoint",
		"tunnel key -1",
		"ip nhrp zork",
		"ip nhrp map mutlicast dynamic",
		"ip nhrp network-id 0",
		"ip map multicast dynamic",
		"ip nhs 10.0.0.1",
		"ip tcp adjust-mss 99999",
		"ip mtu 1",
		"ip address 10.0.0.1 255.0.255.0",
		"ip address 10.0.0.256 255.255.255.0",
		"ip route 10.0.0.0 255.0.0.0",
		"ip route 10.0.0.0 255.0.255.0 10.0.0.1",
		"ip redirects now",
		"bandwidth fast",
		"delay",
		"ipv6 nhrp zork",
		"nhrp zork",
		"if-state zork",
		"mpls nhrp zork",
		"tunnel protection ipsec profle P",
		"crypto isakmp polcy 10",
		"crypto isakmp policy 0",
		"crypto isakmp key cisco123 addres",
		"crypto ipsec transform-set T esp-eas esp-sha-hmac",
		"crypto ipsec transfrom-set T esp-aes esp-sha-hmac",
		"crypto ikev2 profle P",
		"crypto zork",
		"zork",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct snapshot *s = snapshot_new();
		struct config_mode mode = { .block = CONFIG_INTERFACE, .name = "Tunnel0" };
		struct edit e = { .s = s, .mode = &mode };
		struct line_result r;
		snapshot_add_interface(s, SNAP_TUNNEL, "Tunnel0");
		line_apply(&e, lines[i], &r);
		if (r.outcome != LINE_REFUSED)
			print_error("\"%s\" was taken\n", lines[i]);
		assert_int_equal(r.outcome, LINE_REFUSED);
		snapshot_free(s);
	}
}

static void what_real_routers_carry_is_foreign(void **state)
{
	static const char *const lines[] = {
		"router ospf 1",
		"router eig 100",
		"line vty 0 4",
		"crypto map M 10 ipsec-isakmp",
		"crypto gdoi group G",
		"crypto isakmp client configuration group G",
		"access-list 10 permit any",
		"ip nat inside source list 1 interface Fa0/0 overload",
		"version 15.4",
		"service timestamps debug datetime msec",
		"no service password-encryption",
		"no ip http server",
		"ip access-list extended X",
		"ip ospf network broadcast",
		"no ip split-horizon eigrp 100",
		"ip tcp header-compression",
		"ip tcp synwait-time 5",
		"ip address negotiated",
		"ip route-cache flow",
		"duplex auto",
		"zone-member security TUNNEL",
		"logging buffered 4096",
		"snmp-server enable traps bgp",
		"mpls ip",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct snapshot *s = snapshot_new();
		struct config_mode mode = { .block = CONFIG_INTERFACE, .name = "Tunnel0" };
		struct edit e = { .s = s, .mode = &mode };
		struct line_result r;
		snapshot_add_interface(s, SNAP_TUNNEL, "Tunnel0");
		line_apply(&e, lines[i], &r);
		if (r.outcome != LINE_FOREIGN)
			print_error("\"%s\": %s\n", lines[i], r.text);
		assert_int_equal(r.outcome, LINE_FOREIGN);
		assert_int_equal(r.severity, CONFIG_NOTE);
		snapshot_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_command_of_ours_is_taken_for_foreign),
		cmocka_unit_test(mistakes_in_our_commands_are_not_foreign),
		cmocka_unit_test(what_real_routers_carry_is_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
