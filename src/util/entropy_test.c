/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "util/entropy.h"

/* A source that gives the same byte for ever. */
static void fill_with(void *ctx, void *bytes, size_t len)
{
	memset(bytes, *(const uint8_t *)ctx, len);
}

static void test_seed_decides(void **state)
{
	struct prng a, b, c;

	(void)state;
	prng_seed(&a, 7);
	prng_seed(&b, 7);
	prng_seed(&c, 8);
	int n_different = 0;
	for (int i = 0; i < 100; i++) {
		uint64_t value = prng_u64(&a);
		assert_int_equal(value, prng_u64(&b));
		n_different += value != prng_u64(&c);
	}
	assert_int_equal(n_different, 100);
}

static void test_known_sequence(void **state)
{
	/* xoshiro256** from the state 1, 2, 3, 4: the first numbers of its authors' program. */
	struct prng p = { { 1, 2, 3, 4 } };

	(void)state;
	assert_int_equal(prng_u64(&p), 11520);
	assert_int_equal(prng_u64(&p), 0);
	assert_int_equal(prng_u64(&p), 1509978240);
	assert_int_equal(prng_u64(&p), 1215971899390074240);
}

static void test_bytes_are_the_numbers(void **state)
{
	struct prng a = { { 1, 2, 3, 4 } }, b = a;
	struct entropy e = prng_entropy(&a);
	uint8_t bytes[11];

	(void)state;
	assert_int_equal(entropy_u32(&e), 11520);
	a = b;
	e.fill(e.ctx, bytes, sizeof bytes);
	static const uint8_t want[11] = { 0x00, 0x2d };
	assert_memory_equal(bytes, want, sizeof want);
}

static void test_between(void **state)
{
	uint8_t byte = 0;
	struct entropy e = { fill_with, &byte };

	(void)state;
	assert_int_equal(entropy_between(&e, 10, 20), 10);
	assert_int_equal(entropy_between(&e, 0, UINT32_MAX), 0);
	byte = 0xff;
	assert_int_equal(entropy_between(&e, 10, 20), 20);
	assert_int_equal(entropy_between(&e, 0, UINT32_MAX), UINT32_MAX);
	assert_int_equal(entropy_between(&e, 5, 5), 5);
}

static void test_between_is_even(void **state)
{
	struct prng p;
	struct entropy e = prng_entropy(&p);
	int count[10] = { 0 };

	(void)state;
	prng_seed(&p, 3);
	for (int i = 0; i < 100000; i++)
		count[entropy_between(&e, 100, 109) - 100]++;
	for (int i = 0; i < 10; i++)
		assert_in_range(count[i], 9500, 10500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seed_decides),          cmocka_unit_test(test_known_sequence),
		cmocka_unit_test(test_bytes_are_the_numbers), cmocka_unit_test(test_between),
		cmocka_unit_test(test_between_is_even),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
