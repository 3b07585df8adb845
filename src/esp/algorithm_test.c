/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "esp/internal.h"

static void sizes_fit_the_limits(void **state)
{
	(void)state;
	for (int i = 0; i < ESP_CIPHERS_N; i++) {
		const struct esp_cipher_algorithm *a = esp_cipher_algorithm((enum esp_cipher)i);
		assert_true(strncmp(a->name, "esp-", 4) == 0);
		assert_true(a->key_len <= ESP_CIPHER_KEY_MAX && a->salt_len <= a->key_len);
		assert_true(a->iv_len <= ESP_IV_MAX && ESP_HEADER_LEN + a->iv_len <= ESP_HEADROOM);
		assert_true(a->align >= 4 && (a->align & (a->align - 1)) == 0);
		assert_true(a->icv_len <= ESP_ICV_MAX && a->icv_len % 4 == 0);
	}
	for (int i = 0; i < ESP_AUTHS_N; i++) {
		const struct esp_auth_algorithm *a = esp_auth_algorithm((enum esp_auth)i);
		assert_true(a->key_len <= ESP_AUTH_KEY_MAX);
		assert_true(a->icv_len <= ESP_ICV_MAX && a->icv_len % 4 == 0);
	}
	/* The longest padding is written as a whole, in front of trailer and ICV. */
	assert_true(15 + ESP_TRAILER_LEN + ESP_ICV_MAX + ESP_SEQUENCE_HIGH_LEN <= ESP_TAILROOM);
}

static void weak_is_what_must_be_written(void **state)
{
	(void)state;
	for (int i = 0; i < ESP_CIPHERS_N; i++)
		assert_int_equal(esp_cipher_algorithm((enum esp_cipher)i)->weak,
		                 i == ESP_DES || i == ESP_3DES);
	for (int i = 0; i < ESP_AUTHS_N; i++)
		assert_int_equal(esp_auth_algorithm((enum esp_auth)i)->weak, i == ESP_MD5_96);
}

static void every_reason_has_words(void **state)
{
	(void)state;
	for (int i = 0; i < ESP_DROPS_N; i++) {
		assert_true(strlen(esp_drop_key((enum esp_drop)i)) > 0);
		assert_true(strlen(esp_drop_text((enum esp_drop)i)) > 0);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(esp_drop_key((enum esp_drop)i),
			                        esp_drop_key((enum esp_drop)j));
	}
	for (int i = 0; i < ESP_SA_ERRORS_N; i++)
		assert_true(strlen(esp_sa_error_text((enum esp_sa_error)i)) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_fit_the_limits),
		cmocka_unit_test(weak_is_what_must_be_written),
		cmocka_unit_test(every_reason_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
