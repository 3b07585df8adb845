/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;
static const struct show_request request = { .what = SHOW_INTERFACES };

static void a_multipoint_tunnel_of_the_lab(void **state)
{
	struct show_request one = request;

	(void)state;
	fake_init(&f);
	fake_lab_hub(&f);
	one.interface = "Tunnel0";
	expect_show(&f, one,
	            "Tunnel0 is up, line protocol is up \n"
	            "  Hardware is Tunnel, Linux device Tunnel0\n"
	            "  Internet address is 10.10.10.1/24\n"
	            "  MTU 17916 bytes, BW 100 Kbit/sec, DLY 50000 usec, \n"
	            "     reliability 255/255, txload 1/255, rxload 1/255\n"
	            "  Encapsulation TUNNEL, loopback not set\n"
	            "  Keepalive not set\n"
	            "  Tunnel linestate evaluation up\n"
	            "  Tunnel source 1.1.1.2 (FastEthernet0/0)\n"
	            "  Tunnel protocol/transport multi-GRE/IP\n"
	            "    Key 0x1, sequencing disabled\n"
	            "    Checksumming of packets disabled\n"
	            "  Tunnel TTL 255, Fast tunneling enabled\n"
	            "  Tunnel transport MTU 1476 bytes\n"
	            "  Tunnel transmit bandwidth 8000 (kbps)\n"
	            "  Tunnel receive bandwidth 8000 (kbps)\n");
	fake_fini(&f);
}

static void a_protected_tunnel_names_its_profile(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_hub(&f);
	fake_lab_protect(&f);
	expect_show_has(&f, request,
	                "  Tunnel receive bandwidth 8000 (kbps)\n"
	                "  Tunnel protection via IPSec (profile \"DMVPN\")\n");
	snapshot_tunnel(f.snapshot, 0)->tunnel->protection.shared = true;
	expect_show_has(&f, request, "  Tunnel protection via IPSec (profile \"DMVPN\" shared)\n");
	fake_fini(&f);
}

static void a_point_to_point_tunnel_has_a_destination(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_spoke(&f);
	expect_show_has(&f, request,
	                "  Tunnel source 3.3.3.2 (FastEthernet0/0), destination 1.1.1.2\n"
	                "  Tunnel protocol/transport GRE/IP\n");
	fake_fini(&f);
}

static void a_tunnel_that_is_down_says_why(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_hub(&f);
	struct interface_view *i = fake_tunnel_interface(&f, 0);
	i->line_up = false;
	i->down_reason = "no output interface";
	expect_show_has(&f, request, "Tunnel0 is up, line protocol is down \n");
	expect_show_has(&f, request, "  Tunnel linestate evaluation down - no output interface\n");
	i->admin_up = false;
	expect_show_has(&f, request, "Tunnel0 is administratively down, line protocol is down \n");
	fake_fini(&f);
}

static void counters_when_there_are_any(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_hub(&f);
	struct interface_view *i = fake_tunnel_interface(&f, 0);
	i->has_counters = true;
	i->counters = (struct dp_counters){ .rx_packets = 7,
		                            .rx_bytes = 700,
		                            .last_rx_ns = fake_ago(1).ns };
	i->counters.drops[DP_DROP_GRE] = 1;
	i->counters.drops[DP_DROP_SEQUENCE] = 2;
	i->counters.drops[DP_DROP_SEND] = 4;
	expect_show_has(&f, request,
	                "  Last input 00:00:01, output never, output hang never\n"
	                "  Total output drops: 4\n"
	                "     7 packets input, 700 bytes\n"
	                "     3 input errors\n"
	                "     0 packets output, 0 bytes\n");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_multipoint_tunnel_of_the_lab),
		cmocka_unit_test(a_protected_tunnel_names_its_profile),
		cmocka_unit_test(a_point_to_point_tunnel_has_a_destination),
		cmocka_unit_test(a_tunnel_that_is_down_says_why),
		cmocka_unit_test(counters_when_there_are_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
