/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <sched.h>

#include "dataplane/punt.h"

enum { MANY = 20000 };

static bool push(struct punt_ring *r, uint32_t number)
{
	const uint8_t bytes[2] = { (uint8_t)number, (uint8_t)(number >> 8) };
	const struct dp_punt p = { .tunnel = number, .bytes = bytes, .len = sizeof bytes };

	return punt_ring_push(r, &p);
}

static void expect_next(struct punt_ring *r, uint32_t number)
{
	const struct dp_punt *p = punt_ring_peek(r);

	assert_non_null(p);
	assert_int_equal(p->tunnel, number);
	assert_int_equal(p->bytes[0] | p->bytes[1] << 8, number & 0xffff);
	punt_ring_pop(r);
}

static void test_full_and_empty(void **state)
{
	struct punt_ring r;

	(void)state;
	punt_ring_init(&r);
	assert_null(punt_ring_peek(&r));
	assert_true(punt_ring_is_empty(&r));
	for (uint32_t i = 0; i < DP_PUNT_RING; i++)
		assert_true(push(&r, i));
	assert_false(push(&r, DP_PUNT_RING));
	expect_next(&r, 0);
	assert_true(push(&r, DP_PUNT_RING));
	for (uint32_t i = 1; i <= DP_PUNT_RING; i++)
		expect_next(&r, i);
	assert_true(punt_ring_is_empty(&r));
	punt_ring_fini(&r);
}

static void test_too_long(void **state)
{
	static const uint8_t bytes[PUNT_BYTES_MAX + 1];
	struct dp_punt p = { .bytes = bytes, .len = sizeof bytes };
	struct punt_ring r;

	(void)state;
	punt_ring_init(&r);
	assert_false(punt_ring_push(&r, &p));
	p.len--;
	assert_true(punt_ring_push(&r, &p));
	punt_ring_fini(&r);
}

static void *producer(void *ctx)
{
	for (uint32_t i = 0; i < MANY;)
		if (push(ctx, i))
			i++;
		else
			sched_yield();
	return NULL;
}

static void test_two_threads(void **state)
{
	struct punt_ring r;
	pthread_t thread;

	(void)state;
	punt_ring_init(&r);
	assert_int_equal(pthread_create(&thread, NULL, producer, &r), 0);
	for (uint32_t i = 0; i < MANY;)
		if (punt_ring_peek(&r))
			expect_next(&r, i++);
		else
			sched_yield();
	pthread_join(thread, NULL);
	assert_true(punt_ring_is_empty(&r));
	punt_ring_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_and_empty),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_two_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
