/* SPDX-License-Identifier: Apache-2.0 */
/* The checked reader and writer of network bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "util/reader.h"
#include "util/writer.h"

static void test_round_trip(void **state)
{
	uint8_t bytes[64];
	struct writer w = writer_over(bytes, sizeof bytes);
	const struct addr four = addr_v4(192, 0, 2, 1);
	struct addr six;

	(void)state;
	addr_parse("2001:db8::1", &six);
	write_u8(&w, 0x12);
	write_u16(&w, 0x3456);
	write_u32(&w, 0x789abcde);
	write_zero(&w, 2);
	write_addr(&w, &four);
	write_addr(&w, &six);
	write_addr(&w, &ADDR_ANY_NONE);
	write_u16_at(&w, 7, 0xbeef);
	assert_false(w.failed);
	assert_int_equal(writer_len(&w), 29);
	static const uint8_t golden[] = { 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde,
		                          0xbe, 0xef, 192,  0,    2,    1 };
	assert_memory_equal(bytes, golden, sizeof golden);

	struct reader r = reader_over(bytes, 29);
	assert_int_equal(read_u8(&r), 0x12);
	assert_int_equal(read_u16(&r), 0x3456);
	assert_int_equal(read_u32(&r), 0x789abcde);
	read_skip(&r, 2);
	struct addr a = read_addr(&r, 4);
	assert_true(addr_equal(&a, &four));
	a = read_addr(&r, 16);
	assert_true(addr_equal(&a, &six));
	a = read_addr(&r, 0);
	assert_true(addr_is_none(&a));
	assert_int_equal(reader_left(&r), 0);
	assert_false(r.failed);
}

static void test_reading_past_the_end_sticks(void **state)
{
	static const uint8_t bytes[] = { 0xff, 0xff, 0xff };
	struct reader r = reader_over(bytes, sizeof bytes);

	(void)state;
	assert_int_equal(read_u32(&r), 0);
	assert_true(r.failed);
	assert_int_equal(read_u8(&r), 0);
	assert_null(read_bytes(&r, 0));
	assert_true(r.failed);
	assert_int_equal(reader_left(&r), 3);
}

static void test_a_length_beyond_all_memory(void **state)
{
	static const uint8_t bytes[] = { 1, 2, 3 };
	struct reader r = reader_over(bytes, sizeof bytes);

	(void)state;
	read_skip(&r, SIZE_MAX);
	assert_true(r.failed);
}

static void test_no_bytes(void **state)
{
	struct reader r = reader_over(NULL, 0);

	(void)state;
	assert_non_null(read_bytes(&r, 0));
	assert_false(r.failed);
	assert_int_equal(read_u8(&r), 0);
	assert_true(r.failed);
}

static void test_sub_reader(void **state)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4 };
	struct reader r = reader_over(bytes, sizeof bytes);
	struct reader sub = read_sub(&r, 3);

	(void)state;
	assert_int_equal(read_u16(&sub), 0x0102);
	assert_int_equal(read_u16(&sub), 0);
	assert_true(sub.failed);
	assert_false(r.failed);
	assert_int_equal(read_u8(&r), 4);
	sub = read_sub(&r, 1);
	assert_true(sub.failed && r.failed);
	assert_int_equal(reader_left(&sub), 0);
}

static void test_address_lengths(void **state)
{
	static const uint8_t bytes[40] = { 1 };

	(void)state;
	for (size_t len = 0; len <= 20; len++) {
		struct reader r = reader_over(bytes, sizeof bytes);
		struct addr a = read_addr(&r, len);
		bool good = len == 0 || len == 4 || len == 16;
		assert_int_equal(r.failed, !good);
		assert_int_equal(addr_len(&a), good ? len : 0);
	}
	struct reader r = reader_over(bytes, 3);
	struct addr a = read_addr(&r, 4);
	assert_true(r.failed && addr_is_none(&a));
}

static void test_writing_past_the_end_sticks(void **state)
{
	uint8_t bytes[4] = { 9, 9, 9, 9 };
	struct writer w = writer_over(bytes, 3);

	(void)state;
	write_u16(&w, 0x0102);
	write_u16(&w, 0x0304);
	assert_true(w.failed);
	write_u8(&w, 5);
	write_zero(&w, 1);
	assert_null(write_room(&w, 0));
	write_u16_at(&w, 0, 0xffff);
	static const uint8_t want[4] = { 1, 2, 9, 9 };
	assert_memory_equal(bytes, want, sizeof want);
	assert_int_equal(writer_len(&w), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_reading_past_the_end_sticks),
		cmocka_unit_test(test_a_length_beyond_all_memory),
		cmocka_unit_test(test_no_bytes),
		cmocka_unit_test(test_sub_reader),
		cmocka_unit_test(test_address_lengths),
		cmocka_unit_test(test_writing_past_the_end_sticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
