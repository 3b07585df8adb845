/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"
#include "show/json.h"

static void texts_that_are_no_utf8_are_mended(void **state)
{
	json_t *o = json_object();

	(void)state;
	show_put_string(o, "bad", "caf\xe9");
	show_put_string(o, "good", "caf\xc3\xa9");
	show_put_string(o, "none", NULL);
	assert_string_equal(json_string_value(json_object_get(o, "bad")), "caf?");
	assert_string_equal(json_string_value(json_object_get(o, "good")), "caf\xc3\xa9");
	assert_true(json_is_null(json_object_get(o, "none")));
	json_decref(o);
}

static void counters_beyond_what_json_holds_stay_at_its_end(void **state)
{
	json_t *o = json_object();

	(void)state;
	show_put_u64(o, "n", UINT64_MAX);
	assert_true(json_integer_value(json_object_get(o, "n")) == INT64_MAX);
	json_decref(o);
}

static void nothing_is_null(void **state)
{
	json_t *o = json_object();
	struct addr a = fake_addr("2001:db8::1");

	(void)state;
	show_put_addr(o, "none", &ADDR_ANY_NONE);
	show_put_addr(o, "addr", &a);
	show_put_seconds(o, "never", -1);
	show_put_seconds(o, "now", 0);
	show_put_tunnel(o, "tunnel", 4294967295U);
	assert_true(json_is_null(json_object_get(o, "none")));
	assert_string_equal(json_string_value(json_object_get(o, "addr")), "2001:db8::1");
	assert_true(json_is_null(json_object_get(o, "never")));
	assert_true(json_is_integer(json_object_get(o, "now")));
	assert_string_equal(json_string_value(json_object_get(o, "tunnel")), "Tunnel4294967295");
	json_decref(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_that_are_no_utf8_are_mended),
		cmocka_unit_test(counters_beyond_what_json_holds_stay_at_its_end),
		cmocka_unit_test(nothing_is_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
