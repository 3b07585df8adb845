/* SPDX-License-Identifier: Apache-2.0 */
#include "nhrp/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* 10.0.0.2 is at 192.0.2.2, port 4500, and 10.0.0.3 at 198.51.100.3, port 61001. */
static const uint8_t golden[] = {
	'R', 'D', 'V',                                         /* OUI */
	1,   11,  0x11, 0x94, 4, 192, 0,  2,   2, 10, 0, 0, 2, /* of 10.0.0.2 */
	1,   11,  0xee, 0x49, 4, 198, 51, 100, 3, 10, 0, 0, 3, /* of 10.0.0.3 */
};

static struct nhrp_extension extension(const uint8_t *value, size_t len)
{
	return (struct nhrp_extension){ .type = NHRP_EXT_VENDOR,
		                        .value = value,
		                        .value_len = (uint16_t)len };
}

static int count(const uint8_t *value, size_t len)
{
	const struct nhrp_extension ext = extension(value, len);
	struct nhrp_place place[NHRP_PLACES_MAX];

	return nhrp_place_read(&ext, place, NHRP_PLACES_MAX);
}

static void expect_place(const struct nhrp_place *got, const struct nhrp_place *want)
{
	assert_true(addr_equal(&got->proto, &want->proto));
	assert_true(udp_place_equal(&got->place, &want->place));
}

static void golden_bytes_both_ways(void **state)
{
	const struct nhrp_place want[] = {
		{ addr_v4(10, 0, 0, 2), { addr_v4(192, 0, 2, 2), 4500 } },
		{ addr_v4(10, 0, 0, 3), { addr_v4(198, 51, 100, 3), 61001 } },
	};
	const struct nhrp_extension ext = extension(golden, sizeof golden);
	struct nhrp_place got[NHRP_PLACES_MAX];
	uint8_t built[2 * NHRP_PLACE_LEN_MAX];

	(void)state;
	assert_int_equal(nhrp_place_read(&ext, got, NHRP_PLACES_MAX), 2);
	expect_place(&got[0], &want[0]);
	expect_place(&got[1], &want[1]);
	size_t len = nhrp_place_build(&want[0], built, sizeof built);
	len += nhrp_place_build(&want[1], built + len, sizeof built - len);
	assert_int_equal(len, sizeof golden - NHRP_OUI_LEN);
	assert_memory_equal(built, golden + NHRP_OUI_LEN, len);
	assert_int_equal(nhrp_place_read(&ext, got, 1), 1);
}

static void the_longest(void **state)
{
	const uint8_t bytes[ADDR_V6_LEN] = { 0x20, 1, 0xd, 0xb8, 1 };
	const struct nhrp_place want = { addr_from_bytes(ADDR_V6, bytes),
		                         { addr_from_bytes(ADDR_V6, bytes), 1 } };
	uint8_t value[NHRP_OUI_LEN + NHRP_PLACE_LEN_MAX] = { 'R', 'D', 'V' };
	struct nhrp_place got;

	(void)state;
	assert_int_equal(nhrp_place_build(&want, value + NHRP_OUI_LEN, NHRP_PLACE_LEN_MAX),
	                 NHRP_PLACE_LEN_MAX);
	assert_int_equal(nhrp_place_build(&want, value + NHRP_OUI_LEN, NHRP_PLACE_LEN_MAX - 1), 0);
	const struct nhrp_extension ext = extension(value, sizeof value);
	assert_int_equal(nhrp_place_read(&ext, &got, 1), 1);
	expect_place(&got, &want);
}

static void what_is_not_ours_has_none(void **state)
{
	static const uint8_t group[] = { 0, 0, 0x0c, 1, 4, 'G', 'O', 'L', 'D' };
	static const uint8_t later[] = { 'R',  'D', 'V', 9, 2, 0, 0,  1, 11, 0x11,
		                         0x94, 4,   192, 0, 2, 2, 10, 0, 0,  2 };
	struct nhrp_packet p = { 0 };

	(void)state;
	assert_int_equal(count(group, sizeof group), 0);
	assert_int_equal(count(golden, 2), 0);
	assert_int_equal(count(golden, NHRP_OUI_LEN), 0);
	assert_int_equal(count(later, sizeof later), 1);
	p.ext[0] = extension(group, sizeof group);
	p.ext[1] = extension(golden, sizeof golden);
	p.n_ext = 1;
	assert_null(nhrp_place_extension(&p));
	p.n_ext = 2;
	assert_ptr_equal(nhrp_place_extension(&p), &p.ext[1]);
	p.ext[1].type = NHRP_EXT_NAT_ADDRESS;
	assert_null(nhrp_place_extension(&p));
}

static void malformed(void **state)
{
	static const struct {
		size_t at;
		uint8_t byte;
	} spoils[] = { { 4, 12 }, { 4, 10 }, { 4, 2 }, { 7, 5 }, { 7, 0 }, { 7, 8 }, { 17, 200 } };
	uint8_t spoilt[sizeof golden];

	(void)state;
	for (size_t i = 0; i < sizeof spoils / sizeof *spoils; i++) {
		memcpy(spoilt, golden, sizeof golden);
		spoilt[spoils[i].at] = spoils[i].byte;
		assert_int_equal(count(spoilt, sizeof spoilt), -1);
	}
	memcpy(spoilt, golden, sizeof golden);
	spoilt[5] = spoilt[6] = 0; /* port 0 */
	assert_int_equal(count(spoilt, sizeof spoilt), -1);
	for (size_t len = NHRP_OUI_LEN + 1; len < sizeof golden; len++)
		if (len != NHRP_OUI_LEN + 13)
			assert_int_equal(count(golden, len), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_bytes_both_ways),
		cmocka_unit_test(the_longest),
		cmocka_unit_test(what_is_not_ours_has_none),
		cmocka_unit_test(malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
