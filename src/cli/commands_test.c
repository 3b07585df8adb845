/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "cli/fake_desk.h"

static void test_show_ip_nhrp(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_expect_show(&d, "show ip nhrp", SHOW_IP_NHRP, "");
	desk_expect_show(&d, "sh ip nh br", SHOW_IP_NHRP_BRIEF, "");
	desk_expect_show(&d, "show ip nhrp detail", SHOW_IP_NHRP_DETAIL, "");
	desk_expect_show(&d, "show ip nhrp 10.0.0.1", SHOW_IP_NHRP, " address 10.0.0.1");
	desk_expect_show(&d, "show ip nhrp tunnel 0", SHOW_IP_NHRP, " tunnel 0 interface Tunnel0");
	desk_expect_show(&d, "show ip nhrp brief 10.0.0.1 tu1", SHOW_IP_NHRP_BRIEF,
	                 " tunnel 1 interface Tunnel1 address 10.0.0.1");
	desk_expect_show(&d, "show ip nhrp 10.0.0.1 tu1 brief", SHOW_IP_NHRP_BRIEF,
	                 " tunnel 1 interface Tunnel1 address 10.0.0.1");
	desk_expect_show(&d, "show ip nhrp Tunnel1 detail", SHOW_IP_NHRP_DETAIL,
	                 " tunnel 1 interface Tunnel1");
	desk_expect_show(&d, "show ip nhrp shortcut", SHOW_IP_NHRP, " entries 6");
	desk_expect_show(&d, "show ip nhrp dynamic 10.0.0.1 tu0 detail", SHOW_IP_NHRP_DETAIL,
	                 " tunnel 0 interface Tunnel0 address 10.0.0.1 entries 2");
	desk_expect_show(&d, "show ip nhrp static brief", SHOW_IP_NHRP_BRIEF, " entries 1");
	desk_expect_show(&d, "show ip nhrp incomplete", SHOW_IP_NHRP, " entries 3");
	desk_expect_show(&d, "show ip nhrp local detail", SHOW_IP_NHRP_DETAIL, " entries 4");
	desk_expect_show(&d, "show ip nhrp remote", SHOW_IP_NHRP, " entries 5");
	desk_expect_show(&d, "show ip nhrp summary", SHOW_IP_NHRP_SUMMARY, "");
	desk_expect_show(&d, "show ip nhrp multicast", SHOW_IP_NHRP_MULTICAST, "");
	desk_expect_show(&d, "show ip nhrp mul tu0", SHOW_IP_NHRP_MULTICAST,
	                 " tunnel 0 interface Tunnel0");
	desk_expect_show(&d, "show ip nhrp traffic", SHOW_IP_NHRP_TRAFFIC, "");
	desk_expect_show(&d, "show ip nhrp traffic interface Tunnel0", SHOW_IP_NHRP_TRAFFIC,
	                 " tunnel 0 interface Tunnel0");
	desk_expect_show(&d, "show ip nhrp nhs", SHOW_IP_NHRP_NHS, "");
	desk_expect_show(&d, "show ip nhrp nhs detail", SHOW_IP_NHRP_NHS_DETAIL, "");
	desk_expect_show(&d, "show ip nhrp nhs Tunnel0 detail", SHOW_IP_NHRP_NHS_DETAIL,
	                 " tunnel 0 interface Tunnel0");
	desk_close(&d);
}

static void test_other_shows(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_expect_show(&d, "show dmvpn", SHOW_DMVPN, "");
	desk_expect_show(&d, "show dmvpn detail", SHOW_DMVPN_DETAIL, "");
	desk_expect_show(&d, "show dmvpn interface tunnel 0 detail", SHOW_DMVPN_DETAIL,
	                 " tunnel 0 interface Tunnel0");
	desk_expect_show(&d, "show dmvpn ipv4 peer nbma 2.2.2.2", SHOW_DMVPN, " nbma 2.2.2.2");
	desk_expect_show(&d, "show dmvpn peer tunnel 10.10.10.2 detail", SHOW_DMVPN_DETAIL,
	                 " via 10.10.10.2");
	desk_expect_show(&d, "show dmvpn tu0 peer network 192.168.2.9 255.255.255.0 static",
	                 SHOW_DMVPN,
	                 " tunnel 0 interface Tunnel0 entries 1 network 192.168.2.0/24");
	desk_expect_show(&d, "sh int tu0", SHOW_INTERFACES, " tunnel 0 interface Tunnel0");
	desk_expect_show(&d, "show interfaces fa0/0", SHOW_INTERFACES,
	                 " interface FastEthernet0/0");
	desk_expect_show(&d, "sh ip int br", SHOW_IP_INTERFACE_BRIEF, "");
	desk_expect_show(&d, "show ip route", SHOW_IP_ROUTE, "");
	desk_expect_show(&d, "show ip route nhrp", SHOW_IP_ROUTE, " code H");
	desk_expect_show(&d, "sh ip ro st", SHOW_IP_ROUTE, " code S");
	desk_expect_show(&d, "sh ver", SHOW_VERSION, "");
	desk_expect_show(&d, "show drops", SHOW_DROPS, "");
	desk_expect_show(&d, "sh cry isa sa", SHOW_CRYPTO_ISAKMP_SA, "");
	desk_expect_show(&d, "show crypto isakmp sa detail", SHOW_CRYPTO_ISAKMP_SA_DETAIL, "");
	desk_expect_show(&d, "sh crypto ipsec sa", SHOW_CRYPTO_IPSEC_SA, "");
	desk_expect_show(&d, "show crypto ipsec sa peer 2.2.2.2 detail",
	                 SHOW_CRYPTO_IPSEC_SA_DETAIL, " address 2.2.2.2");
	desk_expect_show(&d, "show crypto ipsec sa interface tu0 peer 2.2.2.2 | json",
	                 SHOW_CRYPTO_IPSEC_SA, " json tunnel 0 interface Tunnel0 address 2.2.2.2");
	desk_expect_show(&d, "show crypto isakmp sa count", SHOW_CRYPTO_ISAKMP_SA_COUNT, "");
	desk_expect_show(&d, "show crypto ipsec sa count", SHOW_CRYPTO_IPSEC_SA_COUNT, "");
	desk_expect_show(&d, "show crypto isakmp policy", SHOW_CRYPTO_ISAKMP_POLICY, "");
	desk_expect_show(&d, "show crypto isakmp stats", SHOW_CRYPTO_ISAKMP_STATS, "");
	desk_expect_show(&d, "show crypto isakmp diagnose error", SHOW_CRYPTO_ISAKMP_ERROR, "");
	desk_expect_show(&d, "show crypto ipsec profile", SHOW_CRYPTO_IPSEC_PROFILE, "");
	desk_expect_show(&d, "show crypto ipsec transform", SHOW_CRYPTO_IPSEC_TRANSFORM_SET, "");
	desk_expect_show(&d, "show crypto pki certificates", SHOW_CRYPTO_PKI_CERTIFICATES, "");
	desk_expect_show(&d, "show crypto pki trustpoints LAB", SHOW_CRYPTO_PKI_TRUSTPOINTS,
	                 " name LAB");
	desk_expect_show(&d, "show crypto sockets", SHOW_CRYPTO_SOCKETS, "");
	desk_expect_show(&d, "show crypto session", SHOW_CRYPTO_SESSION, "");
	desk_expect_show(&d, "show crypto session brief", SHOW_CRYPTO_SESSION_BRIEF, "");
	desk_expect_show(&d, "show crypto session remote 2.2.2.2 detail",
	                 SHOW_CRYPTO_SESSION_DETAIL, " address 2.2.2.2");
	desk_expect_show(&d, "show ip nhrp | json", SHOW_IP_NHRP, " json");
	desk_expect(&d, "show interfaces | include line (1|2)$ | count .", CLI_DONE,
	            "Number of lines which match regexp = 2\n");
	desk_close(&d);
}

static void test_clear(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true);
	desk_run(&d, "clear ip nhrp");
	desk_run(&d, "clear ip nhrp 10.0.0.1");
	desk_run(&d, "clear ip nhrp 10.1.2.3 255.255.0.0 tunnel 1");
	desk_run(&d, "clear ip nhrp tu0");
	desk_run(&d, "clear ip nhrp shortcut");
	desk_run(&d, "clear ip nhrp shortcut interface tunnel 1");
	desk_run(&d, "clear dmvpn session");
	desk_run(&d, "clear dmvpn session interface tu0 peer nbma 2.2.2.2 static");
	desk_run(&d, "clear dmvpn session peer tunnel 10.10.10.2");
	desk_run(&d, "clear dmvpn statistics");
	desk_run(&d, "clear ip nhrp counters");
	desk_run(&d, "clear ip nhrp counters interface tunnel 1");
	desk_run(&d, "clear crypto isakmp");
	desk_run(&d, "clear cry isa 1001");
	desk_run(&d, "clear crypto sa");
	desk_run(&d, "clear crypto sa peer 2.2.2.2");
	desk_run(&d, "clear crypto session");
	desk_run(&d, "clear crypto session remote 2.2.2.2");
	desk_run(&d, "clear counters");
	desk_run(&d, "clear counters Tunnel0");
	desk_expect_journal(&d, "clear\n"
	                        "clear target 10.0.0.1/32\n"
	                        "clear tunnel 1 target 10.1.0.0/16\n"
	                        "clear tunnel 0\n"
	                        "clear shortcuts\n"
	                        "clear tunnel 1 shortcuts\n"
	                        "clear sessions\n"
	                        "clear tunnel 0 sessions and static nbma 2.2.2.2\n"
	                        "clear sessions via 10.10.10.2\n"
	                        "clear counters\n"
	                        "clear counters\n"
	                        "clear counters tunnel 1\n"
	                        "clear crypto isakmp\n"
	                        "clear crypto isakmp 1001\n"
	                        "clear crypto ipsec\n"
	                        "clear crypto ipsec of 2.2.2.2\n"
	                        "clear crypto session\n"
	                        "clear crypto session of 2.2.2.2\n"
	                        "clear data plane all 0\n"
	                        "clear data plane tunnel 0\n");
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_show_ip_nhrp),
		cmocka_unit_test(test_other_shows),
		cmocka_unit_test(test_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
