/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "show/fake_node.h"
#include "show/words_crypto.h"

static void transforms_are_spelled_as_ios_shows_them(void **state)
{
	char buf[WORDS_TRANSFORM_SIZE];

	(void)state;
	assert_string_equal(words_transform(ESP_AES256, ESP_SHA256_128, buf),
	                    "esp-256-aes esp-sha256-hmac");
	assert_string_equal(words_transform(ESP_AES128, ESP_SHA1_96, buf), "esp-aes esp-sha-hmac");
	assert_string_equal(words_transform(ESP_3DES, ESP_MD5_96, buf), "esp-3des esp-md5-hmac");
	assert_string_equal(words_transform(ESP_GCM256, ESP_AUTH_NONE, buf), "esp-gcm 256");
	for (int c = 0; c < ESP_CIPHERS_N; c++)
		for (int a = 0; a < ESP_AUTHS_N; a++) {
			words_transform((enum esp_cipher)c, (enum esp_auth)a, buf);
			assert_true(strlen(buf) < sizeof buf - 1);
		}
}

static void short_words(void **state)
{
	(void)state;
	assert_string_equal(words_settings(ESP_TUNNEL, false), "Tunnel");
	assert_string_equal(words_settings(ESP_TRANSPORT, true), "Transport UDP-Encaps");
	assert_string_equal(words_cipher_short(CIPHER_AES256), "aes");
	assert_string_equal(words_cipher_short(CIPHER_3DES), "3des");
	assert_string_equal(words_auth_short(SNAP_AUTH_RSA_SIG), "rsig");
	assert_string_equal(words_auth(SNAP_AUTH_PRE_SHARE), "pre-share");
}

static void capabilities(void **state)
{
	struct ike_sa_view sa = { 0 };
	char buf[WORDS_CAPABILITIES_SIZE];

	(void)state;
	assert_string_equal(words_capabilities(&sa, buf), "");
	sa.has_dpd = true;
	sa.behind_nat = true;
	assert_string_equal(words_capabilities(&sa, buf), "DN");
}

static void identities(void **state)
{
	struct ike_sa_view sa = { 0 };
	char buf[ADDR_TEXT_LEN];

	(void)state;
	assert_null(words_identity(&sa, buf));
	sa.peer_id = fake_addr("2.2.2.2");
	assert_string_equal(words_identity(&sa, buf), "2.2.2.2");
	sa.peer_name = "R2.example.net";
	assert_string_equal(words_identity(&sa, buf), "R2.example.net");
}

static void a_deleted_sa_is_no_session(void **state)
{
	struct ike_sa_view sa = { .state = IKE_QM_IDLE };
	struct crypto_peer peer = { .sa = &sa, .n_sas = 1 };

	(void)state;
	assert_string_equal(words_session(&peer), "UP-IDLE");
	sa.deleted = true;
	assert_string_equal(words_session(&peer), "DOWN");
	peer.n_sas = 0;
	assert_string_equal(words_session(&peer), "DOWN");
}

static void clocks_count_hours_beyond_a_day(void **state)
{
	char buf[WORDS_CLOCK_SIZE];

	(void)state;
	assert_string_equal(words_clock(86400, buf), "24:00:00");
	assert_string_equal(words_clock(61, buf), "00:01:01");
	assert_string_equal(words_clock(-1, buf), "00:00:00");
	assert_string_equal(words_clock(INT64_MAX, buf) + 4, ":30:07");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transforms_are_spelled_as_ios_shows_them),
		cmocka_unit_test(short_words),
		cmocka_unit_test(capabilities),
		cmocka_unit_test(identities),
		cmocka_unit_test(a_deleted_sa_is_no_session),
		cmocka_unit_test(clocks_count_hours_beyond_a_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
