/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;

static void every_reason_has_its_row(void **state)
{
	(void)state;
	fake_init(&f);
	fake_zoo(&f);
#define X(id, key, text)                                                                           \
	expect_show_has(&f, (struct show_request){ .what = SHOW_DROPS }, "  " text "\n");
	DP_DROPS(X)
#undef X
	expect_show_has(&f, (struct show_request){ .what = SHOW_DROPS },
	                "           7  too many IKE SAs\n");
	expect_show_has(&f, (struct show_request){ .what = SHOW_DROPS, .json = true },
	                "\"full\": 7");
	expect_show_has(&f, (struct show_request){ .what = SHOW_DROPS },
	                "           2  authentication missing or wrong\n");
	expect_show_has(&f, (struct show_request){ .what = SHOW_DROPS },
	                "           3  next hop is no peer of ours (stale neighbour)\n");
	fake_fini(&f);
}

static void refusals_of_the_kernel_are_there(void **state)
{
	(void)state;
	fake_init(&f);
	f.program.neighbours_refused = 5;
	f.program.routes_refused = 6;
	expect_show_has(&f, (struct show_request){ .what = SHOW_DROPS },
	                "  Refused by the kernel:\n"
	                "           5  neighbours of tunnels\n"
	                "           6  routes of shortcuts\n");
	expect_show_has(&f, (struct show_request){ .what = SHOW_DROPS, .json = true },
	                "\"routes\": 6");
	fake_fini(&f);
}

static void one_tunnel_leaves_the_rest_out(void **state)
{
	const struct show_request request = {
		.what = SHOW_DROPS, .json = true, .one_tunnel = true, .tunnel = 0
	};

	(void)state;
	fake_init(&f);
	fake_zoo(&f);
	expect_show_has(&f, request, "\"tunnel\": \"Tunnel0\"");
	expect_show_has(&f, request, "\"no_tunnel\": null");
	fake_fini(&f);
}

static void a_tunnel_without_nhrp_has_the_data_planes_only(void **state)
{
	(void)state;
	fake_init(&f);
	struct interface_view *i = fake_add_interface(&f, SNAP_TUNNEL, "Tunnel3", "10.0.0.1/24");
	i->has_counters = true;
	i->counters.drops[DP_DROP_SEND] = 8;
	expect_show_has(&f, (struct show_request){ .what = SHOW_DROPS },
	                "           8  the kernel refused to send\n");
	expect_show_has(&f, (struct show_request){ .what = SHOW_DROPS, .json = true },
	                "\"nhrp\": null");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_its_row),
		cmocka_unit_test(one_tunnel_leaves_the_rest_out),
		cmocka_unit_test(a_tunnel_without_nhrp_has_the_data_planes_only),
		cmocka_unit_test(refusals_of_the_kernel_are_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
