/* SPDX-License-Identifier: Apache-2.0 */
#include "esp/internal.h"
#include "esp/test_esp.h"

static void refused(struct test_esp *t, const struct esp_sa_config *config, enum esp_sa_error want)
{
	enum esp_sa_error error = ESP_SA_OK;

	assert_null(esp_sa_new(t->library[TEST_FAST], config, &error));
	assert_int_equal(error, want);
}

static void what_cannot_be_is_refused(void **state)
{
	struct test_esp *t = *state;
	struct test_keys keys;
	const struct esp_sa_config good =
		test_config(t, (struct test_suite){ ESP_AES128, ESP_SHA1_96 }, &keys);
	struct esp_sa_config c;

	c = good, c.spi = 255;
	refused(t, &c, ESP_SA_SPI);
	c = good, c.auth = ESP_AUTH_NONE;
	refused(t, &c, ESP_SA_NO_AUTH);
	c.cipher = ESP_NULL;
	refused(t, &c, ESP_SA_NO_AUTH);
	c = good, c.cipher = ESP_GCM256;
	refused(t, &c, ESP_SA_TWO_AUTHS);
	c = good, c.outbound = false, c.replay_packets = 65;
	refused(t, &c, ESP_SA_REPLAY);
	c.replay_packets = 1088;
	refused(t, &c, ESP_SA_REPLAY);
	c.replay_packets = 0, c.esn = true;
	refused(t, &c, ESP_SA_ESN);
}

static void all_windows_are_possible(void **state)
{
	struct test_esp *t = *state;
	struct test_keys keys;
	struct esp_sa_config c =
		test_config(t, (struct test_suite){ ESP_AES128, ESP_SHA1_96 }, &keys);

	for (uint16_t size = 0; size <= ESP_REPLAY_MAX; size = (uint16_t)(size + 64)) {
		c.replay_packets = size;
		esp_sa_free(test_sa_in(t, TEST_FAST, c));
	}
}

/* A sealed packet never grows by more than it was said to. */
static void overhead_is_a_bound_that_is_reached(void **state)
{
	struct test_esp *t = *state;
	struct test_suite suites[TEST_SUITES_MAX];
	size_t n = test_suites(t, suites);
	uint8_t payload[64] = { 0 };
	struct test_buffer b;

	assert_true(n >= 4 * 5 + 3);
	for (size_t i = 0; i < n; i++) {
		struct test_keys keys;
		struct esp_sa_config c = test_config(t, suites[i], &keys);
		struct esp_sa *sa = test_sa(t, TEST_FAST, &c);
		size_t most = 0;
		for (size_t len = 0; len < sizeof payload; len++) {
			struct esp_packet p = test_packet(&b, sa, payload, len);
			esp_seal(t->engine[TEST_FAST], &p, 1);
			assert_int_equal(p.drop, ESP_DROP_NONE);
			if (p.len - len > most)
				most = p.len - len;
		}
		assert_int_equal(most, esp_sa_overhead(sa));
		assert_true(esp_sa_header_len(sa) <= ESP_HEADROOM);
		esp_sa_free(sa);
	}
}

static void state_tells_what_was_done(void **state)
{
	struct test_esp *t = *state;
	struct test_keys keys;
	struct esp_sa_config c =
		test_config(t, (struct test_suite){ ESP_GCM128, ESP_AUTH_NONE }, &keys);
	struct esp_sa *out = test_sa(t, TEST_FAST, &c), *in = test_sa_in(t, TEST_FAST, c);
	struct esp_sa_state s;
	struct test_buffer b;
	uint8_t sealed[256];

	assert_int_equal(esp_sa_spi(out), c.spi);
	assert_int_equal(esp_sa_mode(out), ESP_TRANSPORT);
	for (int i = 0; i < 3; i++) {
		struct esp_packet p = test_packet(&b, out, "0123456789", 10);
		esp_seal(t->engine[TEST_FAST], &p, 1);
		memcpy(sealed, p.bytes, p.len);
		p.sa = in;
		esp_open(t->engine[TEST_FAST], &p, 1);
		assert_int_equal(p.drop, ESP_DROP_NONE);
	}
	struct esp_packet again = test_received(&b, in, sealed, 8 + 8 + 12 + 16);
	esp_open(t->engine[TEST_FAST], &again, 1);
	assert_int_equal(again.drop, ESP_DROP_REPLAYED);
	esp_sa_state(out, &s);
	assert_int_equal(s.sequence, 3);
	assert_int_equal(s.packets, 3);
	assert_int_equal(s.bytes, 30);
	esp_sa_state(in, &s);
	assert_int_equal(s.sequence, 3);
	assert_int_equal(s.packets, 3);
	assert_int_equal(s.bytes, 30);
	assert_int_equal(s.drops[ESP_DROP_REPLAYED], 1);
	esp_sa_free(out);
	esp_sa_free(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_cannot_be_is_refused, test_esp_setup,
		                                test_esp_teardown),
		cmocka_unit_test_setup_teardown(all_windows_are_possible, test_esp_setup,
		                                test_esp_teardown),
		cmocka_unit_test_setup_teardown(overhead_is_a_bound_that_is_reached, test_esp_setup,
		                                test_esp_teardown),
		cmocka_unit_test_setup_teardown(state_tells_what_was_done, test_esp_setup,
		                                test_esp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
