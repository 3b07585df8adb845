/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;
static const struct show_request request = { .what = SHOW_CRYPTO_IPSEC_SA };

/* The reference document's transcript, with what IOS 15 adds to it. */
static void the_reference_lab(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_hub(&f);
	fake_lab_protect(&f);
	expect_show_words(&f, request,
	                  "\ninterface: Tunnel0\n"
	                  "    Crypto map tag: Tunnel0-head-0, local addr 1.1.1.2\n"
	                  "\n"
	                  "   protected vrf: (none)\n"
	                  "   local  ident (addr/mask/prot/port): (1.1.1.2/255.255.255.255/47/0)\n"
	                  "   remote ident (addr/mask/prot/port): (2.2.2.2/255.255.255.255/47/0)\n"
	                  "   current_peer 2.2.2.2 port 500\n"
	                  "     PERMIT, flags={origin_is_acl,}\n"
	                  "    #pkts encaps: 121, #pkts encrypt: 121, #pkts digest: 121\n"
	                  "    #pkts decaps: 121, #pkts decrypt: 121, #pkts verify: 121\n"
	                  "    #pkts compressed: 0, #pkts decompressed: 0\n"
	                  "    #pkts not compressed: 0, #pkts compr. failed: 0\n"
	                  "    #pkts not decompressed: 0, #pkts decompress failed: 0\n"
	                  "    #send errors 0, #recv errors 0\n"
	                  "\n"
	                  "     local crypto endpt.: 1.1.1.2, remote crypto endpt.: 2.2.2.2\n"
	                  "     plaintext mtu 1438, "
	                  "path mtu 1500, ip mtu 1500, ip mtu idb FastEthernet0/0\n"
	                  "     current outbound spi: 0xA2BC2FED(2730242029)\n"
	                  "     PFS (Y/N): N, DH group: none\n"
	                  "\n"
	                  "     inbound esp sas:\n"
	                  "      spi: 0x2884EDEA(679800298)\n"
	                  "        transform: esp-aes esp-sha-hmac ,\n"
	                  "        in use settings ={Tunnel, }\n"
	                  "        conn id: 2001, flow_id: SW:1, sibling_flags 80000040, "
	                  "crypto map: Tunnel0-head-0\n"
	                  "        sa timing: remaining key lifetime (k/sec): (4607984/2909)\n"
	                  "        IV size: 16 bytes\n"
	                  "        replay detection support: Y\n"
	                  "        Status: ACTIVE(ACTIVE)\n"
	                  "\n"
	                  "     inbound ah sas:\n"
	                  "\n"
	                  "     inbound pcp sas:\n"
	                  "\n"
	                  "     outbound esp sas:\n"
	                  "      spi: 0xA2BC2FED(2730242029)\n"
	                  "        transform: esp-aes esp-sha-hmac ,\n"
	                  "        in use settings ={Tunnel, }\n"
	                  "        conn id: 2002, flow_id: SW:2, sibling_flags 80000040, "
	                  "crypto map: Tunnel0-head-0\n"
	                  "        sa timing: remaining key lifetime (k/sec): (4607985/2909)\n"
	                  "        IV size: 16 bytes\n"
	                  "        replay detection support: Y\n"
	                  "        Status: ACTIVE(ACTIVE)\n"
	                  "\n"
	                  "     outbound ah sas:\n"
	                  "\n"
	                  "     outbound pcp sas:\n");
	fake_fini(&f);
}

/* IOS's own figures: transport, AES with SHA-256, a path of 1500 bytes. */
static void the_longest_packet_is_what_ios_says(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_hub(&f);
	struct ipsec_view *v = fake_add_ipsec(&f, "1.1.1.2", "2.2.2.2");
	v->cipher = ESP_AES256;
	v->auth = ESP_SHA256_128;
	v->mode = ESP_TRANSPORT;
	expect_show_has(&f, request, "     plaintext mtu 1458, path mtu 1500,");
	v->mode = ESP_TUNNEL;
	v->udp = true;
	v->remote_port = 4500;
	expect_show_has(&f, request, "     plaintext mtu 1422, path mtu 1500,");
	expect_show_has(&f, request, "current_peer 2.2.2.2 port 4500\n");
	expect_show_has(&f, request, "in use settings ={Tunnel UDP-Encaps, }\n");
	fake_fini(&f);
}

static void counters_go_on_when_sas_are_renewed(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_hub(&f);
	fake_lab_protect(&f);
	f.node.ipsec[0].gone_packets_out = 1000;
	f.node.ipsec[0].gone_packets_in = 2000;
	f.sa_in.drops[ESP_DROP_ICV] = 4;
	expect_show_has(&f, request, "#pkts encaps: 1121, #pkts encrypt: 1121,");
	expect_show_has(&f, request, "#pkts decaps: 2121, #pkts decrypt: 2121,");
	expect_show_has(&f, request, "#send errors 0, #recv errors 4\n");
	expect_show_has(&f, (struct show_request){ .what = SHOW_CRYPTO_IPSEC_SA_DETAIL },
	                "#pkts verify failed: 4\n");
	fake_fini(&f);
}

static void a_peer_without_an_sa_has_its_block(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_hub(&f);
	struct ipsec_view *v = fake_add_ipsec(&f, "1.1.1.2", "2.2.2.2");
	*v = (struct ipsec_view){
		.local = v->local, .remote = v->remote, .at = v->remote, .wanted = true
	};
	expect_show_has(&f, request, "     current outbound spi: 0x0(0)\n");
	expect_show_has(&f, request, "     inbound esp sas:\n\n     inbound ah sas:\n");
	fake_fini(&f);
}

static void one_peer_or_one_tunnel(void **state)
{
	const struct show_request peer = { .what = SHOW_CRYPTO_IPSEC_SA,
		                           .one_address = true,
		                           .address = fake_addr("3.3.3.2") };
	const struct show_request tunnel = { .what = SHOW_CRYPTO_IPSEC_SA,
		                             .one_tunnel = true,
		                             .tunnel = 7 };

	(void)state;
	fake_init(&f);
	fake_lab_hub(&f);
	fake_lab_protect(&f);
	expect_show(&f, peer, "");
	expect_show(&f, tunnel, "");
	fake_add_ipsec(&f, "1.1.1.2", "3.3.3.2")->tunnel = 7;
	expect_show_has(&f, tunnel, "\ninterface: Tunnel7\n    Crypto map tag: Tunnel7-head-0,");
	expect_show_has(&f, peer, "current_peer 3.3.3.2 port 500\n");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_reference_lab),
		cmocka_unit_test(the_longest_packet_is_what_ios_says),
		cmocka_unit_test(counters_go_on_when_sas_are_renewed),
		cmocka_unit_test(a_peer_without_an_sa_has_its_block),
		cmocka_unit_test(one_peer_or_one_tunnel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
