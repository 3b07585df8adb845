/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "util/entropy.h"
#include "util/strbuf.h"
#include "util/timers.h"

enum { N = 200 };

struct bench {
	struct timers timers;
	struct timer timer[N];
	struct strbuf trace;
};

static int setup(void **state)
{
	struct bench *b = test_calloc(1, sizeof *b);

	timers_init(&b->timers);
	strbuf_init(&b->trace);
	for (uint16_t i = 0; i < N; i++)
		b->timer[i].kind = i;
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	timers_fini(&b->timers);
	strbuf_fini(&b->trace);
	test_free(b);
	return 0;
}

static void set(struct bench *b, int i, int64_t s)
{
	timers_set(&b->timers, &b->timer[i], mono_add_s((mono){ 0 }, s));
}

/* Fires all that is due at an instant and writes down which. */
static void run(struct bench *b, int64_t s)
{
	const mono now = mono_add_s((mono){ 0 }, s);
	struct timer *t;

	while ((t = timers_pop_due(&b->timers, now)))
		strbuf_printf(&b->trace, "%lld:%u ", (long long)s, t->kind);
}

static void test_fire_in_order(void **state)
{
	struct bench *b = *state;

	set(b, 1, 30);
	set(b, 2, 10);
	set(b, 3, 20);
	run(b, 9);
	run(b, 10);
	run(b, 30);
	run(b, 99);
	assert_string_equal(b->trace.text, "10:2 30:3 30:1 ");
	assert_true(mono_is_never(timers_deadline(&b->timers)));
}

static void test_equal_deadlines_fire_in_the_order_they_were_set(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 5; i++)
		set(b, i, 10);
	set(b, 1, 10); /* set again: now the last */
	run(b, 10);
	assert_string_equal(b->trace.text, "10:0 10:2 10:3 10:4 10:1 ");
}

static void test_move_and_clear(void **state)
{
	struct bench *b = *state;

	set(b, 1, 10);
	set(b, 2, 20);
	set(b, 3, 30);
	set(b, 1, 40);
	assert_int_equal(timers_deadline(&b->timers).ns, 20 * NS_PER_S);
	set(b, 3, 5);
	assert_int_equal(timers_deadline(&b->timers).ns, 5 * NS_PER_S);
	timers_clear(&b->timers, &b->timer[2]);
	assert_false(timer_is_set(&b->timer[2]));
	timers_clear(&b->timers, &b->timer[2]);
	timers_set(&b->timers, &b->timer[3], MONO_NEVER);
	assert_false(timer_is_set(&b->timer[3]));
	run(b, 100);
	assert_string_equal(b->trace.text, "100:1 ");
	assert_false(timer_is_set(&b->timer[1]));
}

static void test_set_while_firing(void **state)
{
	struct bench *b = *state;
	const mono now = { 10 * NS_PER_S };

	set(b, 1, 10);
	struct timer *t = timers_pop_due(&b->timers, now);
	assert_int_equal(t->kind, 1);
	timers_set(&b->timers, t, mono_add_s(now, 5));
	assert_null(timers_pop_due(&b->timers, now));
	run(b, 15);
	assert_string_equal(b->trace.text, "15:1 ");
}

/* Against a list that is searched from end to end. */
static void test_random_use(void **state)
{
	struct bench *b = *state;
	struct prng prng;
	struct entropy e = prng_entropy(&prng);
	mono due[N];

	prng_seed(&prng, 42);
	for (int i = 0; i < N; i++)
		due[i] = MONO_NEVER;
	for (int64_t s = 0; s < 20000; s++) {
		uint32_t i = entropy_between(&e, 0, N - 1);
		const mono now = { s * NS_PER_S };
		due[i] = entropy_between(&e, 0, 3) ? mono_add_s(now, entropy_between(&e, 1, 300))
		                                   : MONO_NEVER;
		timers_set(&b->timers, &b->timer[i], due[i]);
		for (struct timer *t; (t = timers_pop_due(&b->timers, now));) {
			assert_int_equal(due[t->kind].ns, now.ns);
			due[t->kind] = MONO_NEVER;
		}
		mono first = MONO_NEVER;
		size_t n = 0;
		for (int k = 0; k < N; k++) {
			first = mono_min(first, due[k]);
			n += !mono_is_never(due[k]);
		}
		assert_int_equal(timers_deadline(&b->timers).ns, first.ns);
		assert_int_equal(b->timers.n, n);
	}
}

static void test_clock(void **state)
{
	const mono zero = { 0 }, late = { INT64_MAX - 1 };

	(void)state;
	assert_true(mono_is_never(mono_add_s(MONO_NEVER, -5)));
	assert_true(mono_is_never(mono_add_s(late, 1)));
	assert_true(mono_is_never(mono_add_ms(zero, INT64_MAX)));
	assert_int_equal(mono_add_s(late, INT64_MIN).ns, INT64_MIN);
	assert_int_equal(mono_add_ms(zero, 1500).ns, 1500000000);
	assert_true(mono_due(zero, zero));
	assert_false(mono_due(late, zero) || mono_due(MONO_NEVER, late));
	assert_int_equal(mono_seconds_between(zero, mono_add_ms(zero, 2999)), 2);
	assert_int_equal(mono_seconds_between(late, zero), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fire_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_equal_deadlines_fire_in_the_order_they_were_set, setup, teardown),
		cmocka_unit_test_setup_teardown(test_move_and_clear, setup, teardown),
		cmocka_unit_test_setup_teardown(test_set_while_firing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random_use, setup, teardown),
		cmocka_unit_test(test_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
