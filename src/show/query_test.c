/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"
#include "show/query.h"

static struct fake f;

static size_t count_entries(struct show_request request)
{
	struct show_query q = { &f.source, &request, fake_ago(0) };
	struct nhrp_entries entries;

	query_entries(&q, &entries);
	size_t n = entries.n;
	query_entries_fini(&entries);
	return n;
}

static void a_request_narrows_the_entries_down(void **state)
{
	(void)state;
	fake_init(&f);
	fake_zoo(&f);
	assert_int_equal(count_entries((struct show_request){ 0 }), 7);
	assert_int_equal(count_entries((struct show_request){ .one_tunnel = true, .tunnel = 7 }),
	                 1);
	assert_int_equal(count_entries((struct show_request){
				 .one_address = true, .address = fake_addr("192.168.2.9") }),
	                 1);
	assert_int_equal(count_entries((struct show_request){ .one_tunnel = true, .tunnel = 99 }),
	                 0);
	fake_fini(&f);
}

static void a_request_is_about_one_kind_or_one_peer(void **state)
{
	static const size_t of_kind[] = {
		[SHOW_ENTRIES_ALL] = 7,        [SHOW_ENTRIES_STATIC] = 1,
		[SHOW_ENTRIES_DYNAMIC] = 4,    [SHOW_ENTRIES_LOCAL] = 1,
		[SHOW_ENTRIES_INCOMPLETE] = 2, [SHOW_ENTRIES_REMOTE] = 6,
		[SHOW_ENTRIES_SHORTCUT] = 1,
	};

	(void)state;
	fake_init(&f);
	fake_zoo(&f);
	for (size_t i = 0; i < sizeof of_kind / sizeof *of_kind; i++)
		assert_int_equal(
			count_entries((struct show_request){ .entries = (enum show_entries)i }),
			of_kind[i]);
	assert_int_equal(count_entries((struct show_request){ .nbma = fake_addr("2.2.2.2") }), 2);
	assert_int_equal(count_entries((struct show_request){ .via = fake_addr("10.10.10.4") }), 1);
	assert_int_equal(
		count_entries((struct show_request){ .network = fake_prefix("192.168.0.0/16") }),
		2);
	assert_int_equal(
		count_entries((struct show_request){ .network = fake_prefix("192.168.2.0/25") }),
		0);
	fake_fini(&f);
}

static void entries_of_a_tunnel_are_a_run(void **state)
{
	struct show_query q = { &f.source, &(struct show_request){ 0 }, fake_ago(0) };
	struct nhrp_entries all;

	(void)state;
	fake_init(&f);
	fake_zoo(&f);
	query_entries(&q, &all);
	assert_int_equal(query_entries_of(&all, 0).n, 6);
	assert_int_equal(query_entries_of(&all, 7).n, 1);
	assert_int_equal(query_entries_of(&all, 8).n, 0);
	assert_int_equal(query_entries_of(&all, 7).entry->tunnel, 7);
	query_entries_fini(&all);
	fake_fini(&f);
}

static void servers_of_a_tunnel_or_of_one_address(void **state)
{
	struct show_request one = { .one_address = true };
	struct show_query q = { &f.source, &one, fake_ago(0) };
	struct nhs_list list;

	(void)state;
	fake_init(&f);
	fake_zoo(&f);
	one.address = fake_addr("10.20.0.254");
	query_tunnel_nhs(&q, 7, &list);
	assert_int_equal(list.n, 1);
	assert_true(list.nhs[0].waiting);
	query_nhs_fini(&list);
	query_tunnel_nhs(&q, 0, &list);
	assert_int_equal(list.n, 0);
	query_nhs_fini(&list);
	fake_fini(&f);
}

static void ages_count_from_the_instant_of_the_answer(void **state)
{
	struct show_query q = { &f.source, &(struct show_request){ 0 }, fake_ago(0) };

	(void)state;
	assert_int_equal(query_age_s(&q, fake_ago(58)), 58);
	assert_int_equal(query_age_s(&q, fake_in(5)), 0);
	assert_int_equal(query_age_ns_s(&q, fake_ago(3).ns), 3);
	assert_int_equal(query_age_ns_s(&q, 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_narrows_the_entries_down),
		cmocka_unit_test(a_request_is_about_one_kind_or_one_peer),
		cmocka_unit_test(entries_of_a_tunnel_are_a_run),
		cmocka_unit_test(servers_of_a_tunnel_or_of_one_address),
		cmocka_unit_test(ages_count_from_the_instant_of_the_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
