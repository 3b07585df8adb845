/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;

static void fill(void)
{
	fake_init(&f);
	f.node.multicast[f.node.n_multicast++] = (struct multicast_view){
		.tunnel = 1, .nbma = fake_addr("1.1.1.1"), .by_map = true
	};
	f.node.multicast[f.node.n_multicast++] = (struct multicast_view){
		.tunnel = 1, .nbma = fake_addr("100.100.100.100"), .by_client = true
	};
	f.node.multicast[f.node.n_multicast++] = (struct multicast_view){
		.tunnel = 2, .nbma = fake_addr("1.1.1.3"), .by_map = true, .by_server = true
	};
}

static void a_line_an_address(void **state)
{
	(void)state;
	fill();
	expect_show(&f, (struct show_request){ .what = SHOW_IP_NHRP_MULTICAST },
	            "  I/F     NBMA address\n"
	            "Tunnel1    1.1.1.1         Flags: static\n"
	            "Tunnel1    100.100.100.100 Flags: dynamic\n"
	            "Tunnel2    1.1.1.3         Flags: static nhs\n");
	fake_fini(&f);
}

static void of_one_tunnel(void **state)
{
	(void)state;
	fill();
	expect_show(&f,
	            (struct show_request){
			    .what = SHOW_IP_NHRP_MULTICAST, .one_tunnel = true, .tunnel = 2 },
	            "  I/F     NBMA address\n"
	            "Tunnel2    1.1.1.3         Flags: static nhs\n");
	expect_show_has(&f,
	                (struct show_request){ .what = SHOW_IP_NHRP_MULTICAST,
	                                       .json = true,
	                                       .one_tunnel = true,
	                                       .tunnel = 2 },
	                "\"nbma\": \"1.1.1.3\"");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_an_address),
		cmocka_unit_test(of_one_tunnel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
