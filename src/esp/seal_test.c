/* SPDX-License-Identifier: Apache-2.0 */
/* Against published packets: RFC 3602 4 (CBC), and what sealing must never do. */
#include "esp/internal.h"
#include "esp/test_esp.h"

#include "crypto/test_hex.h"

/* RFC 3602 4, cases 5 and 7: transport and tunnel mode, without ICV. */
static const struct sample {
	const char *key, *iv, *payload, *sealed;
	uint32_t spi, sequence;
	uint8_t next_header;
} samples[] = {
	{
		.key = "90d382b4 10eeba7a d938c46c ec1a82bf",
		.iv = "e96e8c08 ab465763 fd098d45 dd3ff893",
		.payload =
			"08000ebd a70a0000 8e9c083d b95b0700 08090a0b 0c0d0e0f 10111213 14151617"
			"18191a1b 1c1d1e1f 20212223 24252627 28292a2b 2c2d2e2f 30313233 34353637",
		.sealed = "00004321 00000001 e96e8c08 ab465763 fd098d45 dd3ff893"
			  "f663c25d 325c18c6 a9453e19 4e120849 a4870b66 cc6b9965 330013b4 898dc856"
			  "a4699e52 3a55db08 0b59ec3a 8e4b7e52 775b07d1 db34ed9c 538ab50c 551b874a"
			  "a269add0 47ad2d59 13ac19b7 cfbad4a6",
		.spi = 0x4321,
		.sequence = 1,
		.next_header = 1,
	},
	{
		.key = "01234567 89abcdef 01234567 89abcdef",
		.iv = "f4e76524 4f6407ad f13dc138 0f673f37",
		.payload =
			"45000054 09040000 4001f988 c0a87b03 c0a87bc8"
			"08009f76 a90a0100 b49c083d 02a20400 08090a0b 0c0d0e0f 10111213 14151617"
			"18191a1b 1c1d1e1f 20212223 24252627 28292a2b 2c2d2e2f 30313233 34353637",
		.sealed = "00008765 00000002 f4e76524 4f6407ad f13dc138 0f673f37"
			  "773b5241 a4c44922 5e4f3ce5 ed611b0c 237ca96c f74a9301 3c1b0ea1 a0cf70f8"
			  "e4ecaec7 8ac53aad 7a0f022b 859243c6 47752e94 a859352b 8a4d4d2d ecd136e5"
			  "c177f132 ad3fbfb2 201ac990 4c74ee0a 109e0ca1 e4dfe9d5 a100b842 f1c22f0d",
		.spi = 0x8765,
		.sequence = 2,
		.next_header = 4,
	},
};

static void rfc_3602_packet(struct test_esp *t, int library, const struct sample *s)
{
	struct test_keys keys;
	struct esp_sa_config c =
		test_config(t, (struct test_suite){ ESP_AES128, ESP_SHA1_96 }, &keys);
	uint8_t payload[TEST_HEX_MAX], want[TEST_HEX_MAX];
	size_t len = test_unhex(s->payload, payload), want_len = test_unhex(s->sealed, want);
	struct test_buffer b;

	c.spi = s->spi;
	test_unhex(s->key, keys.cipher);
	struct esp_sa *sa = test_sa(t, library, &c);
	sa->sequence = s->sequence - 1;
	test_unhex(s->iv, sa->iv);
	sa->iv_used = 0;
	struct esp_packet p = test_packet(&b, sa, payload, len);
	p.next_header = s->next_header;
	esp_seal(t->engine[library], &p, 1);
	assert_int_equal(p.len, want_len + 12);
	assert_memory_equal(p.bytes, want, want_len);
	assert_int_equal(p.headroom, 0);
	esp_sa_free(sa);
}

static void packets_of_rfc_3602(void **state)
{
	for (int library = 0; library < TEST_LIBRARIES_N; library++)
		for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
			rfc_3602_packet(*state, library, &samples[i]);
}

static void expect_refused(struct test_esp *t, struct esp_packet p, enum esp_drop why)
{
	const struct esp_packet before = p;

	esp_seal(t->engine[TEST_FAST], &p, 1);
	assert_int_equal(p.drop, why);
	assert_ptr_equal(p.bytes, before.bytes);
	assert_int_equal(p.len, before.len);
}

static void what_cannot_be_sealed(void **state)
{
	struct test_esp *t = *state;
	struct test_keys keys;
	struct esp_sa_config c =
		test_config(t, (struct test_suite){ ESP_AES128, ESP_SHA1_96 }, &keys);
	struct esp_sa *sa = test_sa(t, TEST_FAST, &c);
	struct test_buffer b;
	struct esp_packet good = test_packet(&b, sa, "x", 1), p;
	struct esp_sa_state s;

	p = good, p.sa = NULL;
	expect_refused(t, p, ESP_DROP_NO_SA);
	p = good, p.headroom = ESP_HEADROOM - 1;
	expect_refused(t, p, ESP_DROP_ROOM);
	p = good, p.tailroom = ESP_TAILROOM - 1;
	expect_refused(t, p, ESP_DROP_ROOM);
	p = good, p.len = 65500;
	expect_refused(t, p, ESP_DROP_TOO_LONG);
	esp_sa_state(sa, &s);
	assert_int_equal(s.sequence, 0);
	assert_int_equal(s.packets, 0);
	assert_int_equal(s.drops[ESP_DROP_ROOM], 2);
	esp_sa_free(sa);
}

static void overflow(struct test_esp *t, bool esn, uint64_t last)
{
	struct test_keys keys;
	struct esp_sa_config c =
		test_config(t, (struct test_suite){ ESP_GCM128, ESP_AUTH_NONE }, &keys);
	struct test_buffer b[4];
	struct esp_packet p[4];

	c.esn = esn;
	struct esp_sa *sa = test_sa(t, TEST_FAST, &c);
	sa->sequence = last - 2;
	for (int i = 0; i < 4; i++)
		p[i] = test_packet(&b[i], sa, "x", 1);
	esp_seal(t->engine[TEST_FAST], p, 4);
	assert_int_equal(p[0].drop, ESP_DROP_NONE);
	assert_int_equal(p[1].drop, ESP_DROP_NONE);
	assert_int_equal(esp_u32(p[1].bytes + 4), UINT32_MAX);
	assert_int_equal(p[2].drop, ESP_DROP_EXHAUSTED);
	assert_int_equal(p[3].drop, ESP_DROP_EXHAUSTED);
	assert_int_equal(p[3].bytes[0], 'x');
	esp_sa_free(sa);
}

/* RFC 4303 3.3.3. */
static void sequence_numbers_never_begin_again(void **state)
{
	overflow(*state, false, UINT32_MAX);
	overflow(*state, true, UINT64_MAX);
}

static void order_within_an_association(void **state)
{
	enum { N = 3 * ESP_BURST + 7, SAS = 3 };
	static const struct test_suite suites[SAS] = {
		{ ESP_AES128, ESP_SHA1_96 },
		{ ESP_GCM256, ESP_AUTH_NONE },
		{ ESP_AES128, ESP_SHA1_96 },
	};
	struct test_esp *t = *state;
	struct test_keys keys[SAS];
	struct esp_sa *sas[SAS];
	struct test_buffer *b = memory_new(N, sizeof *b);
	struct esp_packet p[N];
	uint32_t next[SAS] = { 0 };

	for (int i = 0; i < SAS; i++) {
		struct esp_sa_config c = test_config(t, suites[i], &keys[i]);
		sas[i] = test_sa(t, TEST_FAST, &c);
	}
	for (int i = 0; i < N; i++)
		p[i] = test_packet(&b[i], sas[i % SAS], "payload", 7);
	esp_seal(t->engine[TEST_FAST], p, N);
	for (int i = 0; i < N; i++) {
		assert_int_equal(p[i].drop, ESP_DROP_NONE);
		assert_int_equal(esp_u32(p[i].bytes), sas[i % SAS]->spi);
		assert_int_equal(esp_u32(p[i].bytes + 4), ++next[i % SAS]);
	}
	for (int i = 0; i < SAS; i++)
		esp_sa_free(sas[i]);
	free(b);
}

static int compare_ivs(const void *a, const void *b)
{
	return memcmp(a, b, ESP_IV_MAX);
}

static void ivs_of(struct test_esp *t, struct test_suite suite)
{
	enum { N = 5000 };
	struct test_keys keys;
	struct esp_sa_config c = test_config(t, suite, &keys);
	struct esp_sa *sa = test_sa(t, TEST_PLAIN, &c);
	uint8_t(*ivs)[ESP_IV_MAX] = memory_new(N, sizeof *ivs);
	struct test_buffer b;

	for (int i = 0; i < N; i++) {
		struct esp_packet p = test_packet(&b, sa, "x", 1);
		esp_seal(t->engine[TEST_PLAIN], &p, 1);
		memcpy(ivs[i], p.bytes + ESP_HEADER_LEN, sa->iv_len);
		/* CBC: no IV looks like the one before. */
		if (i && !sa->gcm)
			assert_true(memcmp(ivs[i] + 1, ivs[i - 1] + 1, sa->iv_len - 1u) != 0);
	}
	qsort(ivs, N, sizeof *ivs, compare_ivs);
	for (int i = 1; i < N; i++)
		assert_true(memcmp(ivs[i - 1], ivs[i], sizeof *ivs) != 0);
	free(ivs);
	esp_sa_free(sa);
}

static void no_iv_twice(void **state)
{
	static const struct test_suite suites[] = {
		{ ESP_3DES, ESP_SHA1_96 },     { ESP_AES128, ESP_SHA1_96 },
		{ ESP_AES256, ESP_SHA1_96 },   { ESP_GCM128, ESP_AUTH_NONE },
		{ ESP_GCM256, ESP_AUTH_NONE },
	};

	for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
		ivs_of(*state, suites[i]);
}

/* Two associations with the same keys, as after a mistake, still differ by their IV keys. */
static void ivs_are_of_the_association(void **state)
{
	struct test_esp *t = *state;
	struct test_keys keys;
	struct esp_sa_config c =
		test_config(t, (struct test_suite){ ESP_AES128, ESP_SHA1_96 }, &keys);
	struct esp_sa *a = test_sa(t, TEST_PLAIN, &c);
	keys.iv[0] ^= 1;
	struct esp_sa *b = test_sa(t, TEST_PLAIN, &c);
	struct test_buffer buffers[2];
	struct esp_packet p[2] = { test_packet(&buffers[0], a, "x", 1),
		                   test_packet(&buffers[1], b, "x", 1) };

	esp_seal(t->engine[TEST_PLAIN], p, 2);
	assert_memory_not_equal(p[0].bytes + 8, p[1].bytes + 8, 16);
	esp_sa_free(a);
	esp_sa_free(b);
}

/* Nothing beyond ESP_TAILROOM is touched. */
static void tailroom_is_enough(void **state)
{
	struct test_esp *t = *state;
	struct test_suite suites[TEST_SUITES_MAX];
	size_t n = test_suites(t, suites);

	for (size_t i = 0; i < n; i++) {
		for (size_t len = 0; len < 40; len++) {
			struct test_keys keys;
			struct esp_sa_config c = test_config(t, suites[i], &keys);
			c.esn = len & 1;
			struct esp_sa *sa = test_sa(t, TEST_FAST, &c);
			uint8_t *bytes = memory_new(1, ESP_HEADROOM + len + ESP_TAILROOM);
			struct esp_packet p = { .sa = sa,
				                .bytes = bytes + ESP_HEADROOM,
				                .len = len,
				                .headroom = ESP_HEADROOM,
				                .tailroom = ESP_TAILROOM };
			esp_seal(t->engine[TEST_FAST], &p, 1);
			assert_int_equal(p.drop, ESP_DROP_NONE);
			assert_int_equal(p.bytes - bytes, p.headroom);
			assert_int_equal(p.headroom + p.len + p.tailroom,
			                 ESP_HEADROOM + len + ESP_TAILROOM);
			free(bytes);
			esp_sa_free(sa);
		}
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, test_esp_setup, test_esp_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(packets_of_rfc_3602),
		CASE(what_cannot_be_sealed),
		CASE(sequence_numbers_never_begin_again),
		CASE(order_within_an_association),
		CASE(no_iv_twice),
		CASE(ivs_are_of_the_association),
		CASE(tailroom_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
