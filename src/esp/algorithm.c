/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 2403, 2404, 2405, 2451, 3602, 4106, 4868: sizes of the algorithms, and words for users. */
#include "esp/esp.h"

#include "util/check.h"

static const struct esp_cipher_algorithm ciphers[ESP_CIPHERS_N] = {
	[ESP_NULL] = { "esp-null", 0, 0, 0, 4, 0, false },
	[ESP_DES] = { "esp-des", 8, 0, 8, 8, 0, true },
	[ESP_3DES] = { "esp-3des", 24, 0, 8, 8, 0, true },
	[ESP_AES128] = { "esp-aes", 16, 0, 16, 16, 0, false },
	[ESP_AES192] = { "esp-aes 192", 24, 0, 16, 16, 0, false },
	[ESP_AES256] = { "esp-aes 256", 32, 0, 16, 16, 0, false },
	[ESP_GCM128] = { "esp-gcm", 20, 4, 8, 4, 16, false },
	[ESP_GCM192] = { "esp-gcm 192", 28, 4, 8, 4, 16, false },
	[ESP_GCM256] = { "esp-gcm 256", 36, 4, 8, 4, 16, false },
};

static const struct esp_auth_algorithm auths[ESP_AUTHS_N] = {
	[ESP_AUTH_NONE] = { "", 0, 0, false },
	[ESP_MD5_96] = { "esp-md5-hmac", 16, 12, true },
	[ESP_SHA1_96] = { "esp-sha-hmac", 20, 12, false },
	[ESP_SHA256_128] = { "esp-sha256-hmac", 32, 16, false },
	[ESP_SHA384_192] = { "esp-sha384-hmac", 48, 24, false },
	[ESP_SHA512_256] = { "esp-sha512-hmac", 64, 32, false },
};

const struct esp_cipher_algorithm *esp_cipher_algorithm(enum esp_cipher cipher)
{
	check(cipher < ESP_CIPHERS_N);
	return &ciphers[cipher];
}

const struct esp_auth_algorithm *esp_auth_algorithm(enum esp_auth auth)
{
	check(auth < ESP_AUTHS_N);
	return &auths[auth];
}

const char *esp_drop_key(enum esp_drop drop)
{
	static const char *const keys[] = {
#define X(id, key, text) [id] = key,
		ESP_DROPS(X)
#undef X
	};

	check(drop < ESP_DROPS_N);
	return keys[drop];
}

const char *esp_drop_text(enum esp_drop drop)
{
	static const char *const texts[] = {
#define X(id, key, text) [id] = text,
		ESP_DROPS(X)
#undef X
	};

	check(drop < ESP_DROPS_N);
	return texts[drop];
}

const char *esp_sa_error_text(enum esp_sa_error error)
{
	static const char *const texts[] = {
#define X(id, text) [id] = text,
		ESP_SA_ERRORS(X)
#undef X
	};

	check(error < ESP_SA_ERRORS_N);
	return texts[error];
}
