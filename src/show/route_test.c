/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;
static const struct show_request request = { .what = SHOW_IP_ROUTE };

#define CODES                                                                                      \
	"Codes: L - local, C - connected, S - static, H - NHRP\n"                                  \
	"       * - candidate default\n\n"

static void the_hub_of_the_lab(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_route(&f, 'S', "0.0.0.0/0", "")->via = fake_addr("1.1.1.1");
	fake_add_route(&f, 'C', "10.10.10.0/24", "Tunnel0");
	fake_add_route(&f, 'L', "10.10.10.1/32", "Tunnel0");
	fake_add_route(&f, 'C', "1.1.1.0/24", "FastEthernet0/0");
	fake_add_route(&f, 'L', "1.1.1.2/32", "FastEthernet0/0");
	expect_show(&f, request,
	            CODES "Gateway of last resort is 1.1.1.1 to network 0.0.0.0\n"
	                  "\n"
	                  "S*    0.0.0.0/0 [1/0] via 1.1.1.1\n"
	                  "      1.0.0.0/8 is variably subnetted, 2 subnets, 2 masks\n"
	                  "C        1.1.1.0/24 is directly connected, FastEthernet0/0\n"
	                  "L        1.1.1.2/32 is directly connected, FastEthernet0/0\n"
	                  "      10.0.0.0/8 is variably subnetted, 2 subnets, 2 masks\n"
	                  "C        10.10.10.0/24 is directly connected, Tunnel0\n"
	                  "L        10.10.10.1/32 is directly connected, Tunnel0\n");
	fake_fini(&f);
}

static void no_routes(void **state)
{
	(void)state;
	fake_init(&f);
	expect_show(&f, request, CODES "Gateway of last resort is not set\n\n");
	fake_fini(&f);
}

static void a_default_by_interface(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_route(&f, 'S', "0.0.0.0/0", "Tunnel0");
	expect_show(&f, request,
	            CODES "Gateway of last resort is 0.0.0.0 to network 0.0.0.0\n"
	                  "\n"
	                  "S*    0.0.0.0/0 is directly connected, Tunnel0\n");
	fake_fini(&f);
}

static void routes_of_one_code(void **state)
{
	struct show_request shortcuts = { .what = SHOW_IP_ROUTE, .route = 'H' };

	(void)state;
	fake_init(&f);
	fake_add_route(&f, 'S', "0.0.0.0/0", "")->via = fake_addr("2.2.2.1");
	fake_add_route(&f, 'S', "192.168.0.0/16", "Tunnel0");
	struct route_view *r = fake_add_route(&f, 'H', "192.168.3.0/24", "Tunnel0");
	r->via = fake_addr("10.10.10.3");
	r->distance = 250;
	r->metric = 255;
	expect_show(&f, shortcuts,
	            CODES "Gateway of last resort is 2.2.2.1 to network 0.0.0.0\n"
	                  "\n"
	                  "H     192.168.3.0/24 [250/255] via 10.10.10.3, Tunnel0\n");
	shortcuts.route = 'C';
	shortcuts.json = true;
	expect_show_has(&f, shortcuts, "\"routes\": []");
	fake_fini(&f);
}

static void further_next_hops_stand_below_the_first(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_route(&f, 'S', "10.10.255.0/24", "")->via = fake_addr("10.0.0.2");
	struct route_view *r = fake_add_route(&f, 'S', "10.10.255.0/24", "Tunnel1");
	r->via = fake_addr("10.0.0.1");
	r->distance = 200;
	expect_show(&f, request,
	            CODES "Gateway of last resort is not set\n"
	                  "\n"
	                  "      10.0.0.0/24 is subnetted, 1 subnets\n"
	                  "S        10.10.255.0/24 [200/0] via 10.0.0.1, Tunnel1\n"
	                  "                        [1/0] via 10.0.0.2\n");
	fake_fini(&f);
}

/* A network by class without subnets has no heading; nor has a supernet. */
static void whole_networks_and_supernets_stand_alone(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_route(&f, 'S', "192.168.0.0/16", "Null0");
	fake_add_route(&f, 'S', "192.168.0.0/24", "Tunnel0");
	fake_add_route(&f, 'S', "172.16.0.0/16", "Tunnel0");
	fake_add_route(&f, 'S', "172.16.9.0/24", "Tunnel0");
	expect_show(&f, request,
	            CODES "Gateway of last resort is not set\n"
	                  "\n"
	                  "      172.16.0.0/16 is variably subnetted, 2 subnets, 2 masks\n"
	                  "S        172.16.0.0/16 is directly connected, Tunnel0\n"
	                  "S        172.16.9.0/24 is directly connected, Tunnel0\n"
	                  "S     192.168.0.0/16 is directly connected, Null0\n"
	                  "S     192.168.0.0/24 is directly connected, Tunnel0\n");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hub_of_the_lab),
		cmocka_unit_test(no_routes),
		cmocka_unit_test(a_default_by_interface),
		cmocka_unit_test(routes_of_one_code),
		cmocka_unit_test(further_next_hops_stand_below_the_first),
		cmocka_unit_test(whole_networks_and_supernets_stand_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
