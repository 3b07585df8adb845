/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;
static const struct show_request request = { .what = SHOW_DMVPN };

#define LEGEND                                                                                     \
	"Legend: Attrb --> S - Static, D - Dynamic, I - Incomplete\n"                              \
	"        N - NATed, L - Local, X - No Socket\n"                                            \
	"        T1 - Route Installed, T2 - Nexthop-override\n"                                    \
	"        C - CTS Capable, I2 - Temporary\n"                                                \
	"        # Ent --> Number of NHRP entries with same NBMA peer\n"                           \
	"        NHS Status: E --> Expecting Replies, R --> Responding, W --> Waiting\n"           \
	"        UpDn Time --> Up or Down Time for a Tunnel\n"                                     \
	"==========================================================================\n\n"
#define COLUMNS                                                                                    \
	" # Ent  Peer NBMA Addr Peer Tunnel Add State  UpDn Tm Attrb\n"                            \
	" ----- --------------- --------------- ----- -------- -----\n"

/* The peers of a real hub, with one more that nobody knows yet. */
static void peers_in_the_columns_of_ios(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_tunnel(&f, 0, "10.0.0.1/24")->is_hub = true;
	struct nhrp_entry_view *e =
		fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "10.0.0.11", "203.0.113.11");
	e->changed = fake_ago(31 * 60 + 47);
	e = fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "172.30.72.72", "172.29.134.1");
	e->flags = 1U << NHRP_FLAG_NHO;
	e->changed = fake_ago(29 * 60 + 40);
	e = fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "172.30.72.72", "172.29.134.1");
	e->flags = 1U << NHRP_FLAG_RIB;
	e->changed = fake_ago(29 * 60 + 40);
	e = fake_add_entry(&f, NHRP_ENTRY_INCOMPLETE, "172.16.0.2", NULL);
	e->state = NHRP_PEER_IKE;
	expect_show(&f, request,
	            LEGEND "Interface: Tunnel0, IPv4 NHRP Details \n"
	                   "Type:Hub, NHRP Peers:3, \n"
	                   "\n" COLUMNS
	                   "     1 203.0.113.11          10.0.0.11    UP 00:31:47     D\n"
	                   "     2 172.29.134.1       172.30.72.72    UP 00:29:40   DT2\n"
	                   "                          172.30.72.72    UP 00:29:40   DT1\n"
	                   "     1 UNKNOWN              172.16.0.2   IKE    never    IX\n"
	                   "\n");
	fake_fini(&f);
}

/* Parsers fail on a heading without rows. */
static void a_tunnel_without_peers_prints_nothing(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_tunnel(&f, 0, "10.0.0.1/24");
	expect_show(&f, request, LEGEND);
	fake_fini(&f);
}

static void a_spoke_shows_its_hub(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_spoke(&f);
	expect_show_has(&f, request,
	                "Type:Spoke, NHRP Peers:1, \n"
	                "\n" COLUMNS
	                "     1 1.1.1.2              10.10.10.1    UP 00:11:31     S\n");
	fake_fini(&f);
}

static void an_ipv6_underlay_address_has_a_line_of_its_own(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_tunnel(&f, 0, "10.0.0.1/24");
	fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "10.0.0.2", "2001:db8::2");
	expect_show_has(&f, request,
	                "     1 2001:db8::2\n"
	                "                              10.0.0.2    UP 00:11:31     D\n");
	fake_fini(&f);
}

static void json_has_tunnels_without_peers_too(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_tunnel(&f, 0, "10.0.0.1/24");
	expect_show_has(&f, (struct show_request){ .what = SHOW_DMVPN, .json = true },
	                "\"peers\": []");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peers_in_the_columns_of_ios),
		cmocka_unit_test(a_tunnel_without_peers_prints_nothing),
		cmocka_unit_test(a_spoke_shows_its_hub),
		cmocka_unit_test(an_ipv6_underlay_address_has_a_line_of_its_own),
		cmocka_unit_test(json_has_tunnels_without_peers_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
