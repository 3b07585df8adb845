/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;
static const struct show_request request = { .what = SHOW_IP_NHRP_SUMMARY };

static void an_empty_cache_is_counted_too(void **state)
{
	(void)state;
	fake_init(&f);
	expect_show_has(&f, request,
	                "IP NHRP cache 0 entries, 0 bytes\n"
	                "    0 static   0 dynamic    0 incomplete\n"
	                "0 Remote\n");
	fake_fini(&f);
}

static void bytes_are_the_sum_of_the_entries(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_entry(&f, NHRP_ENTRY_STATIC, "10.0.0.1", "1.1.1.1")->size_bytes = 100;
	fake_add_entry(&f, NHRP_ENTRY_INCOMPLETE, "10.0.0.2", NULL)->size_bytes = 23;
	expect_show_has(&f, request,
	                "IP NHRP cache 2 entries, 123 bytes\n"
	                "    1 static   0 dynamic    1 incomplete\n");
	fake_fini(&f);
}

static void the_whole_layout(void **state)
{
	(void)state;
	fake_init(&f);
	struct nhrp_entry_view *e = fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "10.0.0.1", "1.1.1.1");
	e->flags = 1U << NHRP_FLAG_NHOP;
	e->size_bytes = 784;
	expect_show(&f, request,
	            "IP NHRP cache 1 entry, 784 bytes\n"
	            "    0 static   1 dynamic    0 incomplete\n"
	            "1 Remote\n"
	            "    0 static   1 dynamic    0 incomplete\n"
	            "    1 nhop     0 bfd\n"
	            "    0 default  0 temporary\n"
	            "    0 route\n"
	            "        0 rib (0 H    0 nho)\n"
	            "        0 bgp\n"
	            "    0 lfib\n"
	            "0 Local\n"
	            "    0 static   0 dynamic    0 incomplete\n"
	            "    0 lfib\n");
	fake_fini(&f);
}

static void a_static_host_map_is_a_next_hop(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_spoke(&f);
	expect_show_has(&f, request, "    1 nhop     0 bfd\n");
	f.node.entry[0].target.len = 24;
	expect_show_has(&f, request, "    0 nhop     0 bfd\n");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_cache_is_counted_too),
		cmocka_unit_test(bytes_are_the_sum_of_the_entries),
		cmocka_unit_test(the_whole_layout),
		cmocka_unit_test(a_static_host_map_is_a_next_hop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
