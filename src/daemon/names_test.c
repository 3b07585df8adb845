/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/names.h"

struct answer {
	unsigned calls;
	uint32_t cookie;
	size_t n;
	struct addr first;
};

static void on_named(void *ctx, uint32_t cookie, const struct addr *addr, size_t n)
{
	struct answer *a = ctx;

	a->calls++;
	a->cookie = cookie;
	a->n = n;
	if (n)
		a->first = addr[0];
}

/* Numbers need no resolver, so this runs anywhere. */
static void answers_carry_their_cookie(void **state)
{
	uv_loop_t loop;
	struct answer a = { 0 };
	struct names names = { .loop = &loop, .named = on_named, .ctx = &a };
	struct addr expected = addr_v4(192, 0, 2, 7);

	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	names_look_up(&names, 7, "192.0.2.7");
	assert_int_equal(names.n, 1);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(a.calls, 1);
	assert_int_equal(a.cookie, 7);
	assert_int_equal(a.n, 1);
	assert_true(addr_equal(&a.first, &expected));

	names_look_up(&names, 8, "2001:db8::7");
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(a.calls, 2);
	assert_int_equal(a.first.family, ADDR_V6);

	names_look_up(&names, 9, "..not a name..");
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(a.calls, 3);
	assert_int_equal(a.cookie, 9);
	assert_int_equal(a.n, 0);
	assert_int_equal(names.n, 0);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void nobody_hears_after_the_stop(void **state)
{
	uv_loop_t loop;
	struct answer a = { 0 };
	struct names names = { .loop = &loop, .named = on_named, .ctx = &a };

	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_true(names_stop(&names));
	for (uint32_t i = 0; i < NAMES_MAX + 10; i++)
		names_look_up(&names, i, "192.0.2.7");
	assert_int_equal(names.n, NAMES_MAX);
	(void)names_stop(&names);
	assert_int_equal(names.n, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(a.calls, 0);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_carry_their_cookie),
		cmocka_unit_test(nobody_hears_after_the_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
