/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ike/v1_numbers.h"

/* IANA's ipsec-registry and isakmp-registry. */
static void numbers_are_those_of_iana(void **state)
{
	(void)state;
	assert_int_equal(v1_cipher_number(CIPHER_3DES), 5);
	assert_int_equal(v1_cipher_bits(CIPHER_3DES), 0);
	assert_int_equal(v1_cipher_number(CIPHER_AES256), 7);
	assert_int_equal(v1_cipher_bits(CIPHER_AES256), 256);
	assert_int_equal(v1_hash_number(HASH_SHA256), 4);
	assert_int_equal(v1_hash_number(HASH_SHA512), 6);
	assert_int_equal(v1_esp_cipher_number(ESP_GCM128), 20);
	assert_int_equal(v1_esp_cipher_number(ESP_AES192), 12);
	assert_int_equal(v1_esp_cipher_bits(ESP_AES192), 192);
	assert_int_equal(v1_esp_cipher_number(ESP_NULL), 11);
	assert_int_equal(v1_esp_auth_number(ESP_SHA256_128), 5);
	assert_int_equal(v1_esp_auth_number(ESP_AUTH_NONE), 0);
}

static void words_are_those_of_the_configuration(void **state)
{
	(void)state;
	assert_string_equal(v1_cipher_text(7, 192), "aes 192");
	assert_string_equal(v1_cipher_text(7, 100), "unknown");
	assert_string_equal(v1_hash_text(2), "sha");
	assert_string_equal(v1_hash_text(77), "unknown");
	assert_string_equal(v1_esp_cipher_text(3, 0), "esp-3des");
	assert_string_equal(v1_esp_cipher_text(99, 0), "unknown");
	assert_string_equal(v1_esp_auth_text(2), "esp-sha-hmac");
	assert_string_equal(v1_esp_auth_text(0), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_those_of_iana),
		cmocka_unit_test(words_are_those_of_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
