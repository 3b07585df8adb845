/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;
static const struct show_request request = { .what = SHOW_IP_NHRP };

static void a_static_entry_never_expires(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_spoke(&f);
	expect_show(&f, request,
	            "10.10.10.1/32 via 10.10.10.1\n"
	            "   Tunnel0 created 00:13:31, never expire\n"
	            "   Type: static, Flags: authoritative \n"
	            "   NBMA address: 1.1.1.2 \n");
	fake_fini(&f);
}

/* Parsers take an entry without "via" for part of the one before it. */
static void incomplete_entries_come_last_over_all_tunnels(void **state)
{
	(void)state;
	fake_init(&f);
	struct nhrp_entry_view *e = fake_add_entry(&f, NHRP_ENTRY_INCOMPLETE, "10.0.0.9", NULL);
	e->flags = 1U << NHRP_FLAG_NEGATIVE;
	e->cache_hits = 4;
	e->created = fake_ago(3);
	e->expires = fake_in(177);
	fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "10.1.0.2", "2.2.2.2")->tunnel = 1;
	expect_show(&f, request,
	            "10.1.0.2/32 via 10.1.0.2\n"
	            "   Tunnel1 created 00:11:31, never expire\n"
	            "   Type: dynamic, Flags: \n"
	            "   NBMA address: 2.2.2.2 \n"
	            "10.0.0.9/32\n"
	            "   Tunnel0 created 00:00:03, expire 00:02:57\n"
	            "   Type: incomplete, Flags: negative \n"
	            "   Cache hits: 4 \n");
	fake_fini(&f);
}

static void one_address_shows_what_covers_it(void **state)
{
	struct show_request one = request;

	(void)state;
	fake_init(&f);
	fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "10.0.0.2", "2.2.2.2");
	fake_add_entry(&f, NHRP_ENTRY_STATIC, "192.168.2.0/24", "2.2.2.2");
	one.one_address = true;
	one.address = fake_addr("192.168.2.77");
	expect_show(&f, one,
	            "192.168.2.0/24 via 192.168.2.0\n"
	            "   Tunnel0 created 00:11:31, never expire\n"
	            "   Type: static, Flags: \n"
	            "   NBMA address: 2.2.2.2 \n");
	fake_fini(&f);
}

static void one_tunnel_shows_its_own(void **state)
{
	(void)state;
	fake_init(&f);
	fake_zoo(&f);
	expect_show_words(
		&f, (struct show_request){ .what = SHOW_IP_NHRP, .one_tunnel = true, .tunnel = 7 },
		"10.20.0.1/32 via 10.20.0.1\n"
		"Tunnel7 created 00:11:31, never expire\n"
		"Type: static, Flags:\n"
		"NBMA address: 5.5.5.2\n");
	fake_fini(&f);
}

static void behind_nat_both_addresses_show(void **state)
{
	(void)state;
	fake_init(&f);
	fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "10.0.0.2", "190.80.136.7")->claimed =
		fake_addr("10.0.0.2");
	expect_show_has(&f, request,
	                "   NBMA address: 190.80.136.7 \n"
	                "    (Claimed NBMA address: 10.0.0.2)\n");
	fake_fini(&f);
}

static void detail_names_preference_and_requester(void **state)
{
	(void)state;
	fake_init(&f);
	struct nhrp_entry_view *e =
		fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "192.168.1.0/24", "1.1.1.2");
	e->preference = 255;
	e->flags = 1U << NHRP_FLAG_LOCAL | 1U << NHRP_FLAG_NO_SOCKET;
	e->has_requester = true;
	e->requester = fake_addr("100.0.0.2");
	e->request_id = 97;
	expect_show_has(&f, (struct show_request){ .what = SHOW_IP_NHRP_DETAIL },
	                "   Type: dynamic, Flags: local \n"
	                "   NBMA address: 1.1.1.2 \n"
	                "    (no-socket) \n"
	                "   Preference: 255\n"
	                "  Requester: 100.0.0.2 Request ID: 97\n");
	fake_fini(&f);
}

static void an_empty_cache_prints_nothing(void **state)
{
	(void)state;
	fake_init(&f);
	expect_show(&f, request, "");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_static_entry_never_expires),
		cmocka_unit_test(incomplete_entries_come_last_over_all_tunnels),
		cmocka_unit_test(one_address_shows_what_covers_it),
		cmocka_unit_test(one_tunnel_shows_its_own),
		cmocka_unit_test(behind_nat_both_addresses_show),
		cmocka_unit_test(detail_names_preference_and_requester),
		cmocka_unit_test(an_empty_cache_prints_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
