/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static void iterators_end_and_then_stay_at_their_end(void **state)
{
	static struct node node = { .n_entries = 2, .n_tunnels = 1 };
	struct node_cursor cursor = { 0 };
	struct nhrp_entry_view e;
	struct nhrp_tunnel_view t;
	struct nhs_view n;

	(void)state;
	node.entry[1].tunnel = 5;
	assert_true(node_entry_next(&node, &cursor, &e));
	assert_true(node_entry_next(&node, &cursor, &e));
	assert_int_equal(e.tunnel, 5);
	assert_false(node_entry_next(&node, &cursor, &e));
	assert_false(node_entry_next(&node, &cursor, &e));
	cursor = (struct node_cursor){ 0 };
	assert_true(node_tunnel_next(&node, &cursor, &t));
	assert_false(node_tunnel_next(&node, &cursor, &t));
	cursor = (struct node_cursor){ 0 };
	assert_false(node_nhs_next(&node, &cursor, &n));
}

static void every_word_is_there(void **state)
{
	(void)state;
	for (int i = 0; i < NHRP_ENTRY_FLAGS_N; i++)
		assert_non_null(nhrp_entry_flag_word((enum nhrp_entry_flag)i));
	for (int i = 0; i < TRACE_TYPES_N; i++)
		assert_non_null(trace_type_word((enum trace_type)i));
	for (int i = 0; i < TRACE_REASONS_N; i++)
		assert_non_null(trace_reason_text((enum trace_reason)i));
	for (int i = 0; i < NODE_DROPS_N; i++)
		assert_non_null(node_drop_key((enum node_drop)i));
	for (int i = 0; i < DP_DROPS_N; i++)
		assert_non_null(dp_drop_text((enum dp_drop)i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(iterators_end_and_then_stay_at_their_end),
		cmocka_unit_test(every_word_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
