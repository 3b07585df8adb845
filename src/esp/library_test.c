/* SPDX-License-Identifier: Apache-2.0 */
#include "esp/internal.h"
#include "esp/test_esp.h"

static void openssl_alone_has_everything(void **state)
{
	const struct test_esp *t = *state;
	const struct esp_library *l = t->library[TEST_PLAIN];

	for (int c = ESP_3DES; c < ESP_CIPHERS_N; c++)
		assert_string_equal(esp_library_cipher_provider(l, (enum esp_cipher)c), "OpenSSL");
	for (int a = ESP_MD5_96; a < ESP_AUTHS_N; a++)
		assert_string_equal(esp_library_auth_provider(l, (enum esp_auth)a), "OpenSSL");
	assert_string_equal(esp_library_cipher_provider(l, ESP_NULL), "");
	assert_string_equal(esp_library_auth_provider(l, ESP_AUTH_NONE), "");
	assert_null(t->engine[TEST_PLAIN]->mb);
}

static void ipsec_mb_has_what_is_fast(void **state)
{
	const struct test_esp *t = *state;
	const struct esp_library *l = t->library[TEST_FAST];

	if (!l->mb)
		skip();
	for (int c = ESP_AES128; c < ESP_CIPHERS_N; c++)
		assert_string_equal(esp_library_cipher_provider(l, (enum esp_cipher)c), "ipsec-mb");
	assert_string_equal(esp_library_cipher_provider(l, ESP_3DES), "OpenSSL");
	assert_string_equal(esp_library_auth_provider(l, ESP_SHA1_96), "ipsec-mb");
	assert_string_equal(esp_library_auth_provider(l, ESP_SHA512_256), "ipsec-mb");
	assert_string_equal(esp_library_auth_provider(l, ESP_MD5_96), "OpenSSL");
}

/* As where OpenSSL comes without its legacy provider. */
static void without_des_there_is_no_association(void **state)
{
	struct test_esp *t = *state;
	struct esp_library *l = t->library[TEST_PLAIN];
	struct test_keys keys;
	struct esp_sa_config config =
		test_config(t, (struct test_suite){ ESP_DES, ESP_SHA1_96 }, &keys);
	enum esp_sa_error error = ESP_SA_OK;

	l->cipher_by[ESP_DES] = NULL;
	assert_false(esp_library_has(l, ESP_DES, ESP_SHA1_96));
	assert_null(esp_sa_new(l, &config, &error));
	assert_int_equal(error, ESP_SA_ALGORITHM);
}

static void nothing_is_freed(void **state)
{
	(void)state;
	esp_library_free(NULL);
	esp_engine_free(NULL);
	esp_sa_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(openssl_alone_has_everything, test_esp_setup,
		                                test_esp_teardown),
		cmocka_unit_test_setup_teardown(ipsec_mb_has_what_is_fast, test_esp_setup,
		                                test_esp_teardown),
		cmocka_unit_test_setup_teardown(without_des_there_is_no_association, test_esp_setup,
		                                test_esp_teardown),
		cmocka_unit_test(nothing_is_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
