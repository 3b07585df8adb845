/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;
static const struct show_request plain = { .what = SHOW_CRYPTO_SESSION };
static const struct show_request detail = { .what = SHOW_CRYPTO_SESSION_DETAIL };
static const struct show_request brief = { .what = SHOW_CRYPTO_SESSION_BRIEF };

static void protected_lab(void)
{
	fake_init(&f);
	fake_lab_hub(&f);
	fake_lab_protect(&f);
}

static void a_session_that_stands(void **state)
{
	(void)state;
	protected_lab();
	expect_show(&f, plain,
	            "Crypto session current status\n"
	            "\n"
	            "Interface: Tunnel0\n"
	            "Session status: UP-ACTIVE     \n"
	            "Peer: 2.2.2.2 port 500 \n"
	            "  Session ID: 0  \n"
	            "  IKEv1 SA: local 1.1.1.2/500 remote 2.2.2.2/500 Active \n"
	            "  IPSEC FLOW: permit 47 host 1.1.1.2 host 2.2.2.2 \n"
	            "        Active SAs: 2, origin: crypto map\n"
	            "\n");
	expect_show_has(&f, detail,
	                "Interface: Tunnel0\n"
	                "Uptime: 00:11:31\n"
	                "Session status: UP-ACTIVE     \n"
	                "Peer: 2.2.2.2 port 500 fvrf: (none) ivrf: (none)\n"
	                "      Phase1_id: 2.2.2.2\n"
	                "      Desc: (none)\n"
	                "  Session ID: 0  \n"
	                "  IKEv1 SA: local 1.1.1.2/500 remote 2.2.2.2/500 Active \n"
	                "          Capabilities:D connid:1001 lifetime:23:48:29\n"
	                "  IPSEC FLOW: permit 47 host 1.1.1.2 host 2.2.2.2 \n"
	                "        Active SAs: 2, origin: crypto map\n"
	                "        Inbound:  #pkts dec'ed 121 drop 0 life (KB/Sec) 4607984/2909\n"
	                "        Outbound: #pkts enc'ed 121 drop 0 life (KB/Sec) 4607985/2909\n");
	expect_show_has(
		&f, brief,
		"Peer            I/F          Username        Group/Phase1_id          Uptime   "
		"Status\n"
		"2.2.2.2         Tu0                          2.2.2.2                  00:11:31 "
		"UA    \n");
	fake_fini(&f);
}

static void states_of_a_session(void **state)
{
	(void)state;
	protected_lab();
	f.node.n_ike_sas = 0;
	expect_show_has(&f, plain,
	                "Session status: UP-NO-IKE     \nPeer: 2.2.2.2 port 500 \n  IPSEC");
	expect_show_has(&f, brief, "00:11:31 UK    \n");
	f.node.n_ike_sas = 1;
	f.node.ipsec[0].up = false;
	expect_show_has(&f, plain, "Session status: UP-IDLE     \n");
	expect_show_has(&f, brief, "         UI    \n");
	f.node.ike_sa[0].state = IKE_MM_KEY_EXCH;
	expect_show_has(&f, plain, "Session status: DOWN-NEGOTIATING     \n");
	expect_show_has(&f, plain, "remote 2.2.2.2/500 Inactive \n");
	expect_show_has(&f, brief, "         DN    \n");
	f.node.n_ike_sas = 0;
	expect_show_has(&f, plain, "Session status: DOWN     \n");
	expect_show_has(&f, brief, "         D     \n");
	fake_fini(&f);
}

static void ike_alone_is_a_session_of_the_tunnel_with_its_address(void **state)
{
	(void)state;
	protected_lab();
	f.node.n_ipsec = 0;
	expect_show(&f, plain,
	            "Crypto session current status\n"
	            "\n"
	            "Interface: Tunnel0\n"
	            "Session status: UP-IDLE     \n"
	            "Peer: 2.2.2.2 port 500 \n"
	            "  Session ID: 0  \n"
	            "  IKEv1 SA: local 1.1.1.2/500 remote 2.2.2.2/500 Active \n"
	            "\n");
	f.node.ike_sa[0].local = fake_addr("9.9.9.9");
	expect_show_has(&f, plain, "Interface: (none)\n");
	expect_show_has(&f, (struct show_request){ .what = SHOW_CRYPTO_SESSION, .json = true },
	                "\"flow\": null");
	fake_fini(&f);
}

static void a_peer_that_moved_behind_its_nat(void **state)
{
	(void)state;
	protected_lab();
	f.node.ike_sa[0].local_port = 4500;
	f.node.ike_sa[0].remote_port = 40500;
	f.node.ike_sa[0].peer_behind_nat = true;
	f.node.ike_sa[0].peer_id = fake_addr("10.0.0.2");
	expect_show_has(&f, detail, "Peer: 2.2.2.2 port 40500 fvrf");
	expect_show_has(&f, detail, "      Phase1_id: 10.0.0.2\n");
	expect_show_has(&f, detail, "Capabilities:DN connid:1001");
	fake_fini(&f);
}

static void a_peer_that_shares_its_address(void **state)
{
	(void)state;
	protected_lab();
	f.node.ipsec[0].at = f.node.ike_sa[0].remote = fake_addr("1.1.1.1");
	f.node.ipsec[0].nat_port = f.node.ike_sa[0].nat_port = 40500;
	f.node.ike_sa[0].local_port = 4500;
	f.node.ike_sa[0].remote_port = 40500;
	expect_show_has(&f, plain,
	                "Session status: UP-ACTIVE     \n"
	                "Peer: 1.1.1.1 port 40500 \n"
	                "  Session ID: 0  \n"
	                "  IKEv1 SA: local 1.1.1.2/4500 remote 1.1.1.1/40500 Active \n"
	                "  IPSEC FLOW: permit 47 host 1.1.1.2 host 2.2.2.2 \n");
	expect_show_has(&f, brief, "\n1.1.1.1         Tu0 ");
	expect_show_has(&f, (struct show_request){ .what = SHOW_CRYPTO_SESSION, .json = true },
	                "\"peer\": \"1.1.1.1\",\n      \"peer_nbma\": \"2.2.2.2\"");
	fake_fini(&f);
}

static void the_isakmp_profile_of_a_session(void **state)
{
	struct snap_ipsec_profile profile = { .name = "DMVPN", .isakmp_profile = "PARTNER" };

	(void)state;
	protected_lab();
	f.snapshot->crypto.profile = &profile;
	f.snapshot->crypto.n_profiles = 1;
	expect_show_has(&f, plain,
	                "Interface: Tunnel0\n"
	                "Profile: PARTNER\n"
	                "Session status: UP-ACTIVE     \n");
	expect_show_has(&f, detail,
	                "Interface: Tunnel0\n"
	                "Profile: PARTNER\n"
	                "Uptime: 00:11:31\n"
	                "Session status: UP-ACTIVE     \n");
	expect_show_has(&f, (struct show_request){ .what = SHOW_CRYPTO_SESSION, .json = true },
	                "\"isakmp_profile\": \"PARTNER\"");
	f.snapshot->crypto.profile = NULL;
	f.snapshot->crypto.n_profiles = 0;
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_that_stands),
		cmocka_unit_test(states_of_a_session),
		cmocka_unit_test(ike_alone_is_a_session_of_the_tunnel_with_its_address),
		cmocka_unit_test(a_peer_that_moved_behind_its_nat),
		cmocka_unit_test(a_peer_that_shares_its_address),
		cmocka_unit_test(the_isakmp_profile_of_a_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
