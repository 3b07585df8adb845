/* SPDX-License-Identifier: Apache-2.0 */
/* Against the vectors of RFC 5903, and each end against the other. */
#include "crypto/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "crypto/test_hex.h"
#include "util/entropy.h"

static int setup(void **state)
{
	*state = crypto_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	crypto_free(*state);
	return 0;
}

static void assert_hex(const uint8_t *bytes, const char *hex)
{
	uint8_t want[TEST_HEX_MAX];

	assert_memory_equal(bytes, want, test_unhex(hex, want));
}

/* RFC 5903 8.1. */
static void ecp_256(void **state)
{
	const struct dh_group *g = dh_group(19);
	uint8_t i[32], r[32], gi[64], gr[64], shared[32];

	test_unhex("C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433", i);
	test_unhex("C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53", r);
	assert_true(crypto_dh_public(*state, g, i, gi));
	assert_hex(gi, "DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180"
	               "5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3");
	assert_true(crypto_dh_public(*state, g, r, gr));
	assert_hex(gr, "D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63"
	               "56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB");
	assert_true(crypto_dh_shared(*state, g, i, gr, shared));
	assert_hex(shared, "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE");
}

static const uint16_t numbers[] = { 1, 2, 5, 14, 15, 16, 19, 20, 21, 24 };

static void both_ends_agree_in_every_group(void **state)
{
	uint8_t a[CRYPTO_DH_PRIVATE_MAX], b[CRYPTO_DH_PRIVATE_MAX];
	uint8_t ga[CRYPTO_DH_MAX], gb[CRYPTO_DH_MAX], ab[CRYPTO_DH_MAX], ba[CRYPTO_DH_MAX];
	struct prng prng;

	prng_seed(&prng, 2);
	struct entropy e = prng_entropy(&prng);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		const struct dh_group *g = dh_group(numbers[i]);
		assert_non_null(g);
		e.fill(e.ctx, a, sizeof a);
		e.fill(e.ctx, b, sizeof b);
		assert_true(crypto_dh_public(*state, g, a, ga));
		assert_true(crypto_dh_public(*state, g, b, gb));
		assert_memory_not_equal(ga, gb, g->public_len);
		assert_true(crypto_dh_shared(*state, g, a, gb, ab));
		assert_true(crypto_dh_shared(*state, g, b, ga, ba));
		assert_memory_equal(ab, ba, g->shared_len);
	}
	assert_null(dh_group(3));
	assert_null(dh_group(0));
}

/* RFC 6989: 0, 1 and p - 1 of MODP groups, points beside the curve of ECP groups. */
static void impossible_public_values_are_refused(void **state)
{
	uint8_t private[CRYPTO_DH_PRIVATE_MAX], bad[CRYPTO_DH_MAX], shared[CRYPTO_DH_MAX];

	memset(private, 0x5a, sizeof private);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		const struct dh_group *g = dh_group(numbers[i]);
		memset(bad, 0, sizeof bad);
		assert_false(crypto_dh_shared(*state, g, private, bad, shared));
		bad[g->public_len - 1] = 1;
		assert_false(crypto_dh_shared(*state, g, private, bad, shared));
		memset(bad, 0xff, sizeof bad);
		assert_false(crypto_dh_shared(*state, g, private, bad, shared));
	}
}

static void a_private_value_of_zero_is_refused(void **state)
{
	uint8_t private[CRYPTO_DH_PRIVATE_MAX] = { 0 }, public[CRYPTO_DH_MAX];

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		assert_false(crypto_dh_public(*state, dh_group(numbers[i]), private, public));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ecp_256, setup, teardown),
		cmocka_unit_test_setup_teardown(both_ends_agree_in_every_group, setup, teardown),
		cmocka_unit_test_setup_teardown(impossible_public_values_are_refused, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(a_private_value_of_zero_is_refused, setup,
		                                teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
