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

#define POLICY                                                                                     \
	"crypto isakmp policy 10\n authentication pre-share\n"                                     \
	"crypto isakmp key k address 0.0.0.0\n"
#define SET      "crypto ipsec transform-set TS esp-gcm\n"
#define DOWN     "tunnels with this profile stay down\n"
#define PROTECTS " tunnel protection ipsec profile P\n"

static void what_protection_names_must_be_there(void **state)
{
	(void)state;
	expect(POLICY SET "crypto ipsec profile P\n set transform-set TS\n" TUNNEL PROTECTS, "");
	expect(POLICY TUNNEL PROTECTS,
	       "8: warning: there is no crypto ipsec profile P: the tunnel stays down, for it may "
	       "not send in clear\n");
	expect(POLICY "crypto ipsec profile P\n set transform-set TS\n" TUNNEL PROTECTS,
	       "5: warning: there is no transform set TS: " DOWN);
	expect(POLICY "crypto ipsec transform-set TS ah-sha-hmac\n"
	              "crypto ipsec profile P\n set transform-set TS\n" TUNNEL PROTECTS,
	       "4: warning: known, not yet in force: tunnels with this transform set stay down\n"
	       "6: warning: transform set TS is not in force: " DOWN);
	expect(POLICY "crypto ipsec profile P\n" TUNNEL PROTECTS,
	       "4: warning: no set transform-set: " DOWN);
	expect(POLICY SET "crypto ipsec profile P\n set transform-set TS\n set isakmp-profile I\n",
	       "7: warning: there is no crypto isakmp profile I: " DOWN);
	expect(POLICY "crypto isakmp profile I\n keyring K\n match identity address 0.0.0.0\n",
	       "5: warning: there is no crypto keyring K: " DOWN);
	expect(POLICY "crypto isakmp profile I\n",
	       "4: warning: no match identity address: nobody is let in\n");
}

static void something_must_be_there_to_agree_on(void **state)
{
	(void)state;
	expect(SET "crypto ipsec profile P\n set transform-set TS\n",
	       "2: warning: there is no crypto isakmp policy: tunnels with this profile reach "
	       "nobody\n");
	expect(SET "crypto ipsec profile P\n set transform-set TS\n set ikev2-profile V\n",
	       "4: warning: known, not yet in force\n"
	       "4: warning: without IKEv2, and without a crypto isakmp policy for IKEv1, tunnels "
	       "with this profile reach nobody\n");
	expect("crypto isakmp policy 10\n authentication pre-share\n",
	       "2: warning: there is no pre-shared key: crypto isakmp key … address …\n");
	expect("crypto isakmp policy 10\n",
	       "1: warning: without an authentication line it is rsa-sig, which needs "
	       "certificates: there is no crypto pki trustpoint\n");
	expect("crypto pki trustpoint CA\ncrypto isakmp policy 10\n", "");
	expect("crypto isakmp policy 10\n authentication rsa-sig\n",
	       "2: warning: rsa-sig needs certificates: there is no crypto pki trustpoint\n");
	expect("crypto ipsec transform-set TS esp-gcm esn\ncrypto ipsec profile P\n"
	       " set transform-set TS\n set security-association replay disable\n",
	       "2: warning: there is no crypto isakmp policy: tunnels with this profile reach "
	       "nobody\n"
	       "3: warning: esn of TS needs a replay window\n");
}

static void protected_tunnels_on_one_source_share(void **state)
{
	const char *profile = POLICY SET "crypto ipsec profile P\n set transform-set TS\n" TUNNEL
					 " tunnel key 1\n tunnel protection ipsec profile P%s\n"
					 "interface Tunnel1\n tunnel source Fa0/0\n"
					 " tunnel mode gre multipoint\n tunnel key 2\n"
					 " tunnel protection ipsec profile P%s\n";
	const char *remark = "17: warning: same source as Tunnel0: write the same profile and "
			     "\"shared\" under both\n";
	char text[1024];

	(void)state;
	snprintf(text, sizeof text, profile, " shared", " shared");
	expect(text, "");
	snprintf(text, sizeof text, profile, "", " shared");
	expect(text, remark);
	snprintf(text, sizeof text, profile, "", "");
	expect(text, remark);
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
		cmocka_unit_test(what_protection_names_must_be_there),
		cmocka_unit_test(something_must_be_there_to_agree_on),
		cmocka_unit_test(protected_tunnels_on_one_source_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
