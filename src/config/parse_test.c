/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files, as IOS prints them and as people paste them; and the reference lab's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"

static const char spoke[] = "interface Tunnel0\n"
			    " ip address 10.0.0.2 255.255.255.0\n"
			    " ip nhrp map 10.0.0.1 192.0.2.1\n"
			    " ip nhrp network-id 1\n"
			    " ip nhrp nhs 10.0.0.1\n"
			    " tunnel source FastEthernet0/0\n"
			    " tunnel mode gre multipoint\n"
			    "interface FastEthernet0/0\n"
			    " ip address 192.0.2.2 255.255.255.0\n"
			    "ip route 0.0.0.0 0.0.0.0 192.0.2.254\n";

static void expect_spoke(const char *text, const char *remarks)
{
	struct desk plain, d;

	desk_open(&plain);
	desk_open(&d);
	desk_load(&plain, spoke);
	assert_string_equal(plain.text.text, "");
	desk_load(&d, text);
	assert_string_equal(d.text.text, remarks);
	assert_true(config_equal(plain.s, d.s));
	desk_close(&plain);
	desk_close(&d);
}

static void the_shape_of_the_text_does_not_matter(void **state)
{
	(void)state;
	expect_spoke(
		"interface Tunnel0\nip address 10.0.0.2 255.255.255.0\n"
		"ip nhrp map 10.0.0.1 192.0.2.1\n\n\nip nhrp network-id 1\nip nhrp nhs 10.0.0.1\n"
		"tunnel source FastEthernet0/0\ntunnel mode gre multipoint\n!\n\n"
		"interface Fa0/0\nip address 192.0.2.2 255.255.255.0\n\n"
		"ip route 0.0.0.0 0.0.0.0 192.0.2.254",
		"");
	expect_spoke("\xef\xbb\xbf!\r\nint tu0\r\n\tip add 10.0.0.2 255.255.255.0  \r\n"
	             "      ip nhrp map 10.0.0.1 192.0.2.1 ! \xd1\x82\xd0\xb5\xd1\x81\xd1\x82\r\n"
	             "  ip nhrp network-id 1\r\n ip nhrp nhs 10.0.0.1\r\n! comment\r\n"
	             " tunnel source fastEthernet 0/0\r\n tunnel mode gre multi\r\n exit\r\n"
	             "int fa0/0\r\n\xc2\xa0ip address 192.0.2.2 255.255.255.0\r\n exit\r\n"
	             "ip route 0.0.0.0 0.0.0.0 192.0.2.254\r\nend\r\n",
	             "");
	expect_spoke(
		"Building configuration...\n\nCurrent configuration : 1563 bytes\n!\n"
		"! Last configuration change at 10:00:00 UTC\n"
		"interface FastEthernet0/0\n no shutdown\n ip address 192.0.2.2 255.255.255.0\n"
		"!\ninterface Tunnel0\n ip address 10.0.0.2 255.255.255.0\n"
		" ip nhrp map 10.0.0.1 192.0.2.1\n ip nhrp network-id 1\n"
		" ip nhrp nhs 10.0.0.1\n tunnel source FastEthernet0/0\n"
		" tunnel mode gre multipoint\n!\nip route 0.0.0.0 0.0.0.0 192.0.2.254\n!\nend\n",
		"");
	expect_spoke("enable\nconf t\ninterface Tunnel0\n ip address 10.0.0.2 255.255.255.0\n"
	             " ip nhrp map 10.0.0.1 192.0.2.1\n ip nhrp network-id 1\n"
	             " ip nhrp nhs 10.0.0.1\n tunnel source FastEthernet0/0\n"
	             " tunnel mode gre multipoint\nip route 0.0.0.0 0.0.0.0 192.0.2.254\n"
	             "interface FastEthernet0/0\n ip address 192.0.2.2 255.255.255.0\n"
	             "end\nwrite memory\n",
	             "");
}

static void errors_are_remarked_and_the_rest_is_loaded(void **state)
{
	(void)state;
	expect_spoke("zork\ninterface Tunnel0\n ip address 10.0.0.2 255.255.255.0\n"
	             " ip nhrp map 10.0.0.1 192.0.2.1\n ip nhrp network-id 1\n"
	             " ip nhrp mutlicast dynamic\n ip nhrp nhs 10.0.0.1\n"
	             " tunnel source FastEthernet0/0\n tunnel mode grep multipoint\n"
	             " tunnel mode gre multipoint\nip route 0.0.0.0 0.0.0.0 192.0.2.254\n"
	             "interface FastEthernet0/0\n ip address 192.0.2.2 255.255.255.0\n",
	             "1: error: unknown command\n"
	             "6: error: invalid input\n"
	             "9: error: invalid input\n");
}

static void blocks_that_are_not_ours_are_kept(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_load(&d, "router eigrp 1\n"
	              "network 10.0.0.0\n"
	              "no auto-summary\n"
	              "!\n"
	              "exit\n"
	              "crypto pki certificate chain CA\n"
	              " certificate ca 01\n"
	              "  30820321 30820209 A0030201 02020101 300D0609 2A864886 F70D0101 0B050030\n"
	              "  \tquit\n"
	              "line vty 0 4\n"
	              "   login local\n"
	              "   transport input ssh\n"
	              "ip cef\n"
	              "interface Tunnel0\n"
	              " tunnel source Fa0/0\n"
	              " tunnel destination 192.0.2.1\n"
	              " cts manual\n"
	              "  policy static sgt 2\n"
	              " ip mtu 1400\n"
	              "interface Virtual-Template1 type tunnel\n"
	              " ip nhrp network-id 1\n"
	              " tunnel mode gre ip\n"
	              "end\n");
	assert_string_equal(d.text.text, "1: note: not ours: kept as it stands\n"
	                                 "10: note: not ours: kept as it stands\n"
	                                 "13: note: not ours: kept as it stands\n"
	                                 "17: note: not ours: kept as it stands\n"
	                                 "20: note: not ours: kept as it stands\n");
	assert_true(desk_is_stable(&d));
	assert_string_equal(
		desk_print(&d),
		"crypto pki certificate chain CA\n"
		" certificate ca 01\n"
		"  30820321 30820209 A0030201 02020101 300D0609 2A864886 F70D0101 0B050030\n"
		"   quit\n"
		"ip cef\n"
		"interface Virtual-Template1 type tunnel\n"
		" ip nhrp network-id 1\n"
		" tunnel mode gre ip\n"
		"interface Tunnel0\n"
		" no ip address\n"
		" ip mtu 1400\n"
		" cts manual\n"
		"  policy static sgt 2\n"
		" tunnel source FastEthernet0/0\n"
		" tunnel destination 192.0.2.1\n"
		"router eigrp 1\n"
		" network 10.0.0.0\n"
		" no auto-summary\n"
		" exit\n"
		"line vty 0 4\n"
		"   login local\n"
		"   transport input ssh\n");
	desk_close(&d);
}

static void banners_are_taken_whole(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_load(&d, "banner motd ^C\n"
	              "! interface Tunnel0\n"
	              "\n"
	              "hostname not-me\n"
	              "^C\n"
	              "banner login #Hello#\n"
	              "banner exec @\n"
	              "x\n"
	              "y @\n"
	              "hostname R1\n");
	assert_string_equal(d.text.text, "1: note: not ours: kept as it stands\n"
	                                 "6: note: not ours: kept as it stands\n"
	                                 "7: note: not ours: kept as it stands\n");
	assert_string_equal(d.s->hostname, "R1");
	assert_int_equal(d.s->foreign.n, 3);
	assert_string_equal(d.s->foreign.line[0].text,
	                    "banner motd ^C\n! interface Tunnel0\n\nhostname not-me\n^C");
	assert_true(desk_is_stable(&d));
	desk_load(&d, "banner motd #\nhostname R1\n");
	assert_string_equal(d.text.text, "1: error: the banner has no end\n");
	desk_load(&d, "banner motd\nbanner login \nbanner motd\t\nhostname R1\n");
	assert_string_equal(d.text.text, "1: error: the banner has no delimiter\n"
	                                 "2: error: the banner has no delimiter\n"
	                                 "3: error: the banner has no delimiter\n");
	assert_string_equal(d.s->hostname, "R1");
	desk_close(&d);
}

static void secondary_addresses_may_come_first(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_load(&d, "interface Fa0/0\n"
	              " ip address 10.0.1.1 255.255.255.0 secondary\n"
	              " ip address 10.0.0.1 255.255.255.0\n");
	assert_string_equal(d.text.text, "");
	assert_int_equal(desk_interface(&d, "FastEthernet0/0")->n_address, 2);
	assert_true(desk_is_stable(&d));
	desk_close(&d);
}

static void odd_bytes_do_no_harm(void **state)
{
	static const char text[] = "hostname R1\nhostname R\0X\nhostname \x01\xff\n";
	struct config_remarks remarks;

	(void)state;
	struct snapshot *s = config_parse(text, sizeof text - 1, &remarks);
	assert_int_equal(remarks.n_errors, 1);
	assert_int_equal(remarks.remark[0].line_number, 2);
	assert_string_equal(s->hostname, "\x01\xff");
	config_remarks_fini(&remarks);
	snapshot_free(s);
	s = config_parse("", 0, &remarks);
	assert_int_equal(s->n_interfaces, 0);
	config_remarks_fini(&remarks);
	snapshot_free(s);
}

static char *read_file(const char *folder, const char *name)
{
	char path[1024];
	char *text = calloc(1, 65536);

	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_true(fread(text, 1, 65535, file) < 65535);
	fclose(file);
	return text;
}

static void the_reference_lab_loads_without_a_remark(void **state)
{
	static const char *const names[] = { "R1.cfg", "R2.cfg", "R3.cfg" };
	struct desk d;

	(void)state;
	desk_open(&d);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char *text = read_file(LAB_CONFIGS, names[i]);
		desk_load(&d, text);
		assert_string_equal(d.text.text, "");
		assert_true(snap_tunnel_is_complete(d.s, desk_interface(&d, "Tunnel0")->tunnel));
		assert_true(desk_is_stable(&d));
		free(text);
	}
	desk_close(&d);
}

static void direct_cfg_typed_over_a_spoke_makes_it_multipoint(void **state)
{
	struct desk d;
	char *text = read_file(LAB_CONFIGS, "R2.cfg"), *rest, *line;

	(void)state;
	desk_open(&d);
	desk_load(&d, text);
	free(text);
	text = rest = read_file(LAB_CONFIGS, "direct.cfg");
	while ((line = strsep(&rest, "\n")))
		desk_type(&d, line);
	free(text);
	const struct snap_tunnel *t = desk_interface(&d, "Tunnel0")->tunnel;
	assert_int_equal(t->mode, SNAP_MODE_GRE_MULTIPOINT);
	assert_true(snap_tunnel_is_complete(d.s, t));
	assert_string_equal(t->source_interface, "FastEthernet0/0");
	desk_close(&d);
}

/* Behind R1.cfg, as the lab adds it: without indentation. */
static void protect_cfg_protects_the_reference_lab(void **state)
{
	struct strbuf text;
	struct desk d;
	char *lab = read_file(LAB_CONFIGS, "R1.cfg"),
	     *protect = read_file(LAB_CONFIGS, "protect.cfg");

	(void)state;
	strbuf_init(&text);
	strbuf_printf(&text, "%s\n%s", lab, protect);
	desk_open(&d);
	desk_load(&d, text.text);
	assert_non_null(strstr(d.text.text,
	                       ": warning: group2 is weak: instead write \"set pfs group14\"\n"));
	assert_ptr_equal(strchr(d.text.text, '\n'), strrchr(d.text.text, '\n'));
	const struct snap_tunnel *t = desk_interface(&d, "Tunnel0")->tunnel;
	assert_true(t->protected);
	assert_string_equal(t->protection.profile, "myDMVPN");
	assert_true(snap_tunnel_is_complete(d.s, t));
	assert_true(desk_is_stable(&d));
	assert_non_null(strstr(desk_print(&d),
	                       "crypto isakmp policy 10\n"
	                       " authentication pre-share\n"
	                       "crypto isakmp key cisco123 address 0.0.0.0\n"
	                       "crypto ipsec transform-set mySet esp-aes esp-sha-hmac\n"
	                       "crypto ipsec profile myDMVPN\n"
	                       " set security-association lifetime seconds 120\n"
	                       " set transform-set mySet\n"
	                       " set pfs group2\n"
	                       "interface Tunnel0\n"));
	assert_non_null(strstr(d.text.text, " tunnel protection ipsec profile myDMVPN\n"));
	desk_close(&d);
	strbuf_fini(&text);
	free(lab);
	free(protect);
}

/* A mistake in this line must not leave the tunnel in clear. */
static void protection_that_cannot_be_read_shuts_the_tunnel_down(void **state)
{
	static const char *const lines[] = { "tunnel protection ipsec profile",
		                             "tunnel protection ipsec profle P",
		                             "tun proctection ipsec profile P" };
	struct desk d;

	(void)state;
	desk_open(&d);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		char text[200];
		snprintf(text, sizeof text,
		         "interface Tunnel0\n tunnel source Fa0/0\n tunnel mode gre multipoint\n"
		         " %s\n no shutdown\n",
		         lines[i]);
		desk_load(&d, text);
		assert_non_null(strstr(d.text.text, "4: error: "));
		assert_non_null(strstr(d.text.text, "; without protection the tunnel is shut down, "
		                                    "for it may not send in clear\n"));
		assert_true(desk_interface(&d, "Tunnel0")->shutdown);
	}
	desk_load(&d, "interface Tunnel0\n tunnel protection ipsec profle P\n"
	              " tunnel protection ipsec profile P\n");
	assert_false(desk_interface(&d, "Tunnel0")->shutdown);
	desk_load(&d, "interface Tunnel0\n tunnel source zork zork\n tunnel prefix\n");
	assert_false(desk_interface(&d, "Tunnel0")->shutdown);
	desk_close(&d);
}

static void a_large_file_loads(void **state)
{
	struct strbuf text;
	struct desk d;

	(void)state;
	desk_open(&d);
	strbuf_init(&text);
	for (int i = 0; i < 2000; i++)
		strbuf_printf(&text, "ip route 10.%d.%d.0 255.255.255.0 192.0.2.1\n", i / 250,
		              i % 250);
	desk_load(&d, text.text);
	assert_int_equal(d.s->n_routes, 2000);
	strbuf_fini(&text);
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shape_of_the_text_does_not_matter),
		cmocka_unit_test(errors_are_remarked_and_the_rest_is_loaded),
		cmocka_unit_test(blocks_that_are_not_ours_are_kept),
		cmocka_unit_test(banners_are_taken_whole),
		cmocka_unit_test(secondary_addresses_may_come_first),
		cmocka_unit_test(odd_bytes_do_no_harm),
		cmocka_unit_test(the_reference_lab_loads_without_a_remark),
		cmocka_unit_test(direct_cfg_typed_over_a_spoke_makes_it_multipoint),
		cmocka_unit_test(protect_cfg_protects_the_reference_lab),
		cmocka_unit_test(protection_that_cannot_be_read_shuts_the_tunnel_down),
		cmocka_unit_test(a_large_file_loads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
