/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;
static const struct show_request request = { .what = SHOW_DMVPN_DETAIL };

static void a_spoke_with_its_server_and_the_networks_behind(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_tunnel(&f, 0, "172.16.123.4/24")->is_spoke = true;
	fake_tunnel_interface(&f, 0)->source = fake_addr("4.4.4.4");
	fake_add_nhs(&f, "172.16.123.1", "1.1.1.1");
	struct nhrp_entry_view *e =
		fake_add_entry(&f, NHRP_ENTRY_STATIC, "172.16.123.1", "1.1.1.1");
	e->changed = fake_ago(13 * 60 + 38);
	e = fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "192.168.4.0/24", "1.1.1.1");
	e->via = fake_addr("172.16.123.1");
	e->changed = fake_ago(6);
	expect_show_has(
		&f, request,
		"Interface Tunnel0 is up/up, Addr. is 172.16.123.4, VRF \"\" \n"
		"   Tunnel Src./Dest. addr: 4.4.4.4/MGRE, Tunnel VRF \"\"\n"
		"   Protocol/Transport: \"multi-GRE/IP\", Protect \"\" \n"
		"   Interface State Control: Disabled\n"
		"   nhrp event-publisher : Disabled\n"
		"\n"
		"IPv4 NHS:\n"
		"172.16.123.1  RE priority = 0 cluster = 0\n"
		"Type:Spoke, Total NBMA Peers (v4/v6): 1\n"
		"\n"
		"# Ent  Peer NBMA Addr Peer Tunnel Add State  UpDn Tm Attrb    Target Network\n"
		"----- --------------- --------------- ----- -------- ----- -----------------\n"
		"    2 1.1.1.1            172.16.123.1    UP 00:13:38     S    172.16.123.1/32\n"
		"      1.1.1.1            172.16.123.1    UP 00:00:06     D     192.168.4.0/24\n");
	fake_fini(&f);
}

static void sessions_have_their_headings(void **state)
{
	(void)state;
	fake_init(&f);
	expect_show_has(&f, request,
	                "\nCrypto Session Details: \n"
	                "----------------------------------------"
	                "----------------------------------------\n"
	                "\nPending DMVPN Sessions:\n");
	fake_fini(&f);
}

static void a_session_that_stands_and_one_that_is_wanted(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_hub(&f);
	fake_lab_protect(&f);
	f.node.ipsec[0].spi_out = 0x623029E;
	struct ipsec_view *v = fake_add_ipsec(&f, "1.1.1.2", "3.3.3.2");
	*v = (struct ipsec_view){
		.local = v->local, .remote = v->remote, .at = v->remote, .wanted = true
	};
	expect_show_has(&f, request, "Protect \"DMVPN\" \n");
	expect_show_has(&f, request,
	                "\nCrypto Session Details: \n"
	                "----------------------------------------"
	                "----------------------------------------\n"
	                "\n"
	                "Interface: Tunnel0\n"
	                "Session: [0x000007D1]\n"
	                "  Session ID: 0  \n"
	                "  IKEv1 SA: local 1.1.1.2/500 remote 2.2.2.2/500 Active \n"
	                "          Capabilities:D connid:1001 lifetime:23:48:29\n"
	                "  Crypto Session Status: UP-ACTIVE     \n"
	                "  fvrf: (none),\tPhase1_id: 2.2.2.2\n"
	                "  IPSEC FLOW: permit 47 host 1.1.1.2 host 2.2.2.2 \n"
	                "        Active SAs: 2, origin: crypto map\n"
	                "        Inbound:  #pkts dec'ed 121 drop 0 life (KB/Sec) 4607984/2909\n"
	                "        Outbound: #pkts enc'ed 121 drop 0 life (KB/Sec) 4607985/2909\n"
	                "   Outbound SPI : 0x 623029E, transform : esp-aes esp-sha-hmac \n"
	                "    Socket State: Open\n"
	                "\n"
	                "Pending DMVPN Sessions:\n"
	                "\n"
	                "Interface: Tunnel0\n"
	                "Session: [0x00000000]\n"
	                "  Crypto Session Status: DOWN     \n"
	                "  fvrf: (none),\tPhase1_id: (none)\n"
	                "  IPSEC FLOW: permit 47 host 1.1.1.2 host 3.3.3.2 \n"
	                "        Active SAs: 0, origin: crypto map\n"
	                "        Inbound:  #pkts dec'ed 0 drop 0 life (KB/Sec) 0/0\n"
	                "        Outbound: #pkts enc'ed 0 drop 0 life (KB/Sec) 0/0\n"
	                "    Socket State: Closed\n"
	                "\n");
	expect_show_has(&f, (struct show_request){ .what = SHOW_DMVPN_DETAIL, .json = true },
	                "\"status\": \"UP-ACTIVE\"");
	fake_fini(&f);
}

static void the_state_of_the_interface(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_spoke(&f);
	expect_show_has(&f, request, "   Tunnel Src./Dest. addr: 3.3.3.2/1.1.1.2, Tunnel VRF");
	expect_show_has(&f, request, "\"GRE/IP\"");
	fake_tunnel_interface(&f, 0)->line_up = false;
	expect_show_has(&f, request, "Interface Tunnel0 is up/down, Addr. is 10.10.10.3, VRF");
	fake_tunnel_interface(&f, 0)->admin_up = false;
	expect_show_has(&f, request, "Interface Tunnel0 is admin down/down, Addr.");
	fake_fini(&f);
}

static void json_has_the_counters_of_a_path(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_hub(&f);
	f.peer_address = fake_addr("10.10.10.2");
	f.peer.tx_packets = 77;
	expect_show_has(&f, (struct show_request){ .what = SHOW_DMVPN_DETAIL, .json = true },
	                "\"tx_packets\": 77");
	expect_show_has(&f, (struct show_request){ .what = SHOW_DMVPN_DETAIL, .json = true },
	                "\"counters\": null");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spoke_with_its_server_and_the_networks_behind),
		cmocka_unit_test(sessions_have_their_headings),
		cmocka_unit_test(a_session_that_stands_and_one_that_is_wanted),
		cmocka_unit_test(the_state_of_the_interface),
		cmocka_unit_test(json_has_the_counters_of_a_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
