/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;
static const struct show_request request = { .what = SHOW_IP_INTERFACE_BRIEF };

static void the_columns_of_ios(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_interface(&f, SNAP_PORT, "GigabitEthernet0/0", "10.0.14.1/24");
	fake_add_tunnel(&f, 0, "10.255.0.1/24");
	struct interface_view *i = fake_add_interface(&f, SNAP_PORT, "GigabitEthernet0/2", NULL);
	i->admin_up = i->line_up = false;
	expect_show(&f, request,
	            "Interface                  IP-Address      OK? Method Status                "
	            "Protocol\n"
	            "GigabitEthernet0/0         10.0.14.1       YES manual up                    "
	            "up      \n"
	            "Tunnel0                    10.255.0.1      YES manual up                    "
	            "up      \n"
	            "GigabitEthernet0/2         unassigned      YES unset  administratively down "
	            "down    \n");
	fake_fini(&f);
}

static void a_port_without_link_is_down_and_a_tunnel_is_not(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_interface(&f, SNAP_PORT, "FastEthernet0/0", "1.1.1.2/24")->line_up = false;
	fake_add_tunnel(&f, 0, "10.0.0.1/24");
	fake_tunnel_interface(&f, 0)->line_up = false;
	expect_show_words(&f, request,
	                  "Interface IP-Address OK? Method Status Protocol\n"
	                  "FastEthernet0/0 1.1.1.2 YES manual down down\n"
	                  "Tunnel0 10.0.0.1 YES manual up down\n");
	fake_fini(&f);
}

static void one_interface(void **state)
{
	struct show_request one = request;

	(void)state;
	fake_init(&f);
	fake_lab_hub(&f);
	one.interface = "FastEthernet0/0";
	expect_show_words(&f, one,
	                  "Interface IP-Address OK? Method Status Protocol\n"
	                  "FastEthernet0/0 1.1.1.2 YES manual up up\n");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_columns_of_ios),
		cmocka_unit_test(a_port_without_link_is_down_and_a_tunnel_is_not),
		cmocka_unit_test(one_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
