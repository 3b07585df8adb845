/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"
#include "show/entry_json.h"

static struct fake f;

static const char *text_of(const json_t *entry, const char *key)
{
	return json_string_value(json_object_get(entry, key));
}

static void what_does_not_apply_is_null(void **state)
{
	struct show_query q = { &f.source, &(struct show_request){ 0 }, fake_ago(0) };
	json_t *array = json_array();

	(void)state;
	fake_init(&f);
	json_t *o = show_add_entry(&q, array,
	                           fake_add_entry(&f, NHRP_ENTRY_INCOMPLETE, "10.0.0.9", NULL));
	assert_string_equal(text_of(o, "target"), "10.0.0.9/32");
	assert_string_equal(text_of(o, "type"), "incomplete");
	assert_true(json_is_null(json_object_get(o, "next_hop")));
	assert_true(json_is_null(json_object_get(o, "nbma_address")));
	assert_true(json_is_null(json_object_get(o, "expires_s")));
	assert_true(json_is_null(json_object_get(o, "state_age_s")));
	json_decref(array);
	fake_fini(&f);
}

static void flags_are_words_in_the_order_of_ios(void **state)
{
	struct show_query q = { &f.source, &(struct show_request){ 0 }, fake_ago(0) };
	json_t *array = json_array();

	(void)state;
	fake_init(&f);
	struct nhrp_entry_view *e = fake_add_entry(&f, NHRP_ENTRY_DYNAMIC, "10.0.0.2", "2.2.2.2");
	e->flags = 1U << NHRP_FLAG_NO_SOCKET | 1U << NHRP_FLAG_UNIQUE | 1U << NHRP_FLAG_USED;
	json_t *flags = json_object_get(show_add_entry(&q, array, e), "flags");
	assert_int_equal(json_array_size(flags), 3);
	assert_string_equal(json_string_value(json_array_get(flags, 0)), "unique");
	assert_string_equal(json_string_value(json_array_get(flags, 1)), "used");
	assert_string_equal(json_string_value(json_array_get(flags, 2)), "no-socket");
	json_decref(array);
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_does_not_apply_is_null),
		cmocka_unit_test(flags_are_words_in_the_order_of_ios),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
