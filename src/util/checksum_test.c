/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "util/checksum.h"
#include "util/entropy.h"

/* RFC 1071 as it is written: 16-bit words, one by one. */
static uint16_t plain(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void test_known(void **state)
{
	/* RFC 1071 section 3: the sum is ddf2 before it is inverted. */
	static const uint8_t words[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };
	/* An IPv4 header with its checksum. */
	static const uint8_t header[] = { 0x45, 0,    0,    0x73, 0, 0, 0x40, 0,    0x40, 0x11,
		                          0xb8, 0x61, 0xc0, 0xa8, 0, 1, 0xc0, 0xa8, 0,    0xc7 };

	(void)state;
	assert_int_equal(checksum(words, sizeof words), 0xffff - 0xddf2);
	assert_int_equal(checksum(header, sizeof header), 0);
	assert_int_equal(checksum(header, 0), 0xffff);
	assert_int_equal(checksum((const uint8_t[]){ 0x12 }, 1), 0xffff - 0x1200);
}

static void test_against_the_plain_form(void **state)
{
	uint8_t bytes[400];
	struct prng prng;
	struct entropy e = prng_entropy(&prng);

	(void)state;
	prng_seed(&prng, 1);
	for (int round = 0; round < 50; round++) {
		e.fill(e.ctx, bytes, sizeof bytes);
		if (round % 5 == 0)
			memset(bytes, 0xff, sizeof bytes);
		for (size_t len = 0; len + 3 <= sizeof bytes; len++)
			assert_int_equal(checksum(bytes + round % 3, len),
			                 plain(bytes + round % 3, len));
	}
}

static void test_in_parts(void **state)
{
	uint8_t bytes[101];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 37);
	for (size_t cut = 0; cut < sizeof bytes; cut += 2) {
		uint32_t sum = checksum_add(0, bytes, cut);
		sum = checksum_add(sum, bytes + cut, sizeof bytes - cut);
		assert_int_equal(checksum_finish(sum), checksum(bytes, sizeof bytes));
	}
	assert_int_equal(checksum_fold(0x0001ffff), 1);
	assert_int_equal(checksum_fold(UINT32_MAX), 0xffff);
}

/* The sum of what was copied, and nothing written but the copy. */
static void test_copy(void **state)
{
	enum { MOST = 400, AROUND = 64 };
	uint8_t from[MOST], to[AROUND + MOST + AROUND], want[sizeof to];
	struct prng prng;
	struct entropy e = prng_entropy(&prng);

	(void)state;
	prng_seed(&prng, 2);
	for (size_t len = 0; len <= MOST - 3; len++) {
		const uint8_t *at = from + len % 3;
		e.fill(e.ctx, from, sizeof from);
		memset(to, 0x77, sizeof to);
		memset(want, 0x77, sizeof want);
		memcpy(want + AROUND + 1, at, len);
		assert_int_equal(checksum_finish(checksum_copy(5, to + AROUND + 1, at, len)),
		                 checksum_finish(checksum_add(5, at, len)));
		assert_memory_equal(to, want, sizeof want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_against_the_plain_form),
		cmocka_unit_test(test_in_parts),
		cmocka_unit_test(test_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
