/* SPDX-License-Identifier: Apache-2.0 */
/* What only the whole configuration shows: each case as a file and the remarks it gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"

#define TUNNEL                                                                                     \
	"interface Tunnel0\n"                                                                      \
	" ip address 10.0.0.1 255.255.255.0\n"                                                     \
	" tunnel source Fa0/0\n"                                                                   \
	" tunnel mode gre multipoint\n"

static void expect(const char *text, const char *remarks)
{
	struct desk d;

	desk_open(&d);
	desk_load(&d, text);
	assert_string_equal(d.text.text, remarks);
	desk_close(&d);
}

static void tunnels_need_a_source_and_a_destination(void **state)
{
	(void)state;
	expect("interface Tunnel0\n", "1: warning: the tunnel has no source\n");
	expect("\ninterface Tunnel0\n tunnel source Fa0/0\n",
	       "2: warning: the tunnel has no destination\n");
	expect("interface Tunnel0\n shutdown\n", "");
	expect(TUNNEL, "");
}

static void a_tunnels_name_is_one_that_linux_takes(void **state)
{
	(void)state;
	expect("interface Tunnel999999999\n shutdown\n", "");
	expect("interface Tunnel1000000000\n shutdown\n",
	       "1: error: Linux has no interface names of more than 15 letters\n");
}

static void nhrp_needs_a_network(void **state)
{
	(void)state;
	expect(TUNNEL " ip nhrp holdtime 600\n",
	       "5: warning: NHRP is off: there is no ip nhrp network-id\n");
	expect(TUNNEL " ip nhrp holdtime 600\n ip nhrp network-id 1\n", "");
}

static void servers_need_an_nbma_address(void **state)
{
	(void)state;
	expect(TUNNEL " ip nhrp network-id 1\n ip nhrp nhs 10.0.0.2\n ip nhrp nhs 10.0.0.3\n"
	              " ip nhrp map 10.0.0.3 192.0.2.3\n",
	       "6: warning: no NBMA address for next hop server 10.0.0.2: neither nbma nor ip nhrp "
	       "map\n");
	expect(TUNNEL " ip nhrp network-id 1\n ip nhrp nhs 10.0.0.2 nbma hub.example.net\n", "");
	/* Point to point, the destination is the server. */
	expect("interface Tunnel0\n tunnel source Fa0/0\n tunnel destination 192.0.2.2\n"
	       " ip nhrp network-id 1\n ip nhrp nhs 10.0.0.2\n",
	       "");
}

static void tunnels_on_one_source_need_keys(void **state)
{
	const char *same = "interface Tunnel1\n tunnel source Fa0/0\n tunnel mode gre multipoint\n";
	struct strbuf text;

	(void)state;
	strbuf_init(&text);
	strbuf_printf(&text, "%s%s", TUNNEL, same);
	expect(text.text,
	       "6: warning: same source and key as Tunnel0: packets cannot be told apart, "
	       "give each a tunnel key\n");
	strbuf_adds(&text, " tunnel key 0\n");
	expect(text.text, "");
	strbuf_adds(&text, "interface Tunnel0\n tunnel key 0\n");
	expect(text.text,
	       "6: warning: same source and key as Tunnel0: packets cannot be told apart, "
	       "give each a tunnel key\n");
	strbuf_adds(&text, " shutdown\n");
	expect(text.text, "");
	strbuf_fini(&text);
	expect("interface Tunnel0\n tunnel source Fa0/0\n tunnel destination 192.0.2.1\n"
	       "interface Tunnel1\n tunnel source Fa0/0\n tunnel destination 192.0.2.2\n",
	       "");
}

static void networks_do_not_overlap(void **state)
{
	(void)state;
	expect(TUNNEL "interface eth0\n ip address 10.0.0.2 255.255.0.0\n",
	       "2: warning: this network overlaps with that of eth0\n"
	       "6: warning: this network overlaps with that of Tunnel0\n");
	expect(TUNNEL "interface eth0\n vrf forwarding RED\n ip address 10.0.0.2 255.255.0.0\n",
	       "6: note: not ours: kept as it stands\n");
}

static void secondary_addresses_need_a_primary(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_load(&d, "interface eth0\n ip address 10.0.0.1 255.255.255.0 secondary\n");
	assert_string_equal(d.text.text,
	                    "2: error: secondary addresses without a primary are left out\n");
	assert_int_equal(desk_interface(&d, "eth0")->n_address, 0);
	assert_true(desk_is_stable(&d));
	desk_close(&d);
}

static void multipoint_and_a_destination_exclude_each_other(void **state)
{
	(void)state;
	expect(TUNNEL " tunnel destination 192.0.2.1\n",
	       "5: error: p2mp tunnels cannot have a tunnel destination\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tunnels_need_a_source_and_a_destination),
		cmocka_unit_test(a_tunnels_name_is_one_that_linux_takes),
		cmocka_unit_test(nhrp_needs_a_network),
		cmocka_unit_test(servers_need_an_nbma_address),
		cmocka_unit_test(tunnels_on_one_source_need_keys),
		cmocka_unit_test(networks_do_not_overlap),
		cmocka_unit_test(secondary_addresses_need_a_primary),
		cmocka_unit_test(multipoint_and_a_destination_exclude_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
