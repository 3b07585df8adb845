/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;
static const struct show_request stats = { .what = SHOW_CRYPTO_ISAKMP_STATS };
static const struct show_request errors = { .what = SHOW_CRYPTO_ISAKMP_ERROR };

static void every_reason_has_its_row(void **state)
{
	(void)state;
	fake_init(&f);
	fake_zoo(&f);
	expect_show_has(&f, stats,
	                "IKE:\n"
	                "           4  IKE SAs\n"
	                "           1  of them not authenticated yet\n"
	                "          21  messages sent\n"
	                "           2  of them again\n"
	                "          20  messages received\n"
	                "           3  main modes done\n"
	                "           4  quick modes done\n"
	                "           5  exchanges failed\n"
	                "  Messages dropped:\n");
#define X(id, key, text)                                                                           \
	if (id != IKE_DROP_NONE)                                                                   \
		expect_show_has(&f, stats, "  " text "\n");
	IKE_DROPS(X)
#undef X
	expect_show_has(&f, stats, "           7  too many IKE SAs\n");
	fake_fini(&f);
}

static void failures_have_their_remedy(void **state)
{
	(void)state;
	fake_init(&f);
	expect_show(&f, errors,
	            "Exit Path Table - status: enable, current entry 0, deleted 0, max allow 50\n");
	fake_zoo(&f);
	expect_show(&f, errors,
	            "Exit Path Table - status: enable, current entry 2, deleted 4, max allow 50\n"
	            "\n"
	            "Error(3): no pre-shared key for 6.6.6.2 is configured\n"
	            "   Peer: 6.6.6.2, 00:00:12 ago\n"
	            "   Configure: crypto isakmp key KEY address 6.6.6.2\n"
	            "\n"
	            "Error(1): the peer fell silent in quick mode after message 2\n"
	            "   Peer: 2.2.2.2, 01:01:40 ago\n");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_its_row),
		cmocka_unit_test(failures_have_their_remedy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
