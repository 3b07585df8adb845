/* SPDX-License-Identifier: Apache-2.0 */
/* IANA's registries "ipsec-registry" (IKEv1) and "isakmp-registry" (ESP), as tables. */
#include "ike/v1_numbers.h"

struct numbered {
	uint16_t number, bits;
};

static const struct numbered CIPHERS[CIPHERS_N] = {
	[CIPHER_DES] = { 1, 0 },      [CIPHER_3DES] = { 5, 0 },     [CIPHER_AES128] = { 7, 128 },
	[CIPHER_AES192] = { 7, 192 }, [CIPHER_AES256] = { 7, 256 },
};

static const uint16_t HASHES[HASHES_N] = {
	[HASH_MD5] = 1, [HASH_SHA1] = 2, [HASH_SHA256] = 4, [HASH_SHA384] = 5, [HASH_SHA512] = 6,
};

static const struct numbered ESP_CIPHERS[ESP_CIPHERS_N] = {
	[ESP_DES] = { 2, 0 },       [ESP_3DES] = { 3, 0 },      [ESP_NULL] = { 11, 0 },
	[ESP_AES128] = { 12, 128 }, [ESP_AES192] = { 12, 192 }, [ESP_AES256] = { 12, 256 },
	[ESP_GCM128] = { 20, 128 }, [ESP_GCM192] = { 20, 192 }, [ESP_GCM256] = { 20, 256 },
};

static const uint16_t ESP_AUTHS[ESP_AUTHS_N] = {
	[ESP_AUTH_NONE] = 0,  [ESP_MD5_96] = 1,     [ESP_SHA1_96] = 2,
	[ESP_SHA256_128] = 5, [ESP_SHA384_192] = 6, [ESP_SHA512_256] = 7,
};

uint16_t v1_cipher_number(enum crypto_cipher cipher)
{
	return CIPHERS[cipher].number;
}

uint16_t v1_cipher_bits(enum crypto_cipher cipher)
{
	return CIPHERS[cipher].bits;
}

uint16_t v1_hash_number(enum crypto_hash hash)
{
	return HASHES[hash];
}

uint8_t v1_esp_cipher_number(enum esp_cipher cipher)
{
	return (uint8_t)ESP_CIPHERS[cipher].number;
}

uint16_t v1_esp_cipher_bits(enum esp_cipher cipher)
{
	return ESP_CIPHERS[cipher].bits;
}

uint16_t v1_esp_auth_number(enum esp_auth auth)
{
	return ESP_AUTHS[auth];
}

bool v1_find_cipher(uint16_t number, uint16_t bits, enum crypto_cipher *ret)
{
	for (int i = 0; i < CIPHERS_N; i++)
		if (CIPHERS[i].number == number && CIPHERS[i].bits == bits) {
			*ret = (enum crypto_cipher)i;
			return true;
		}
	return false;
}

bool v1_find_hash(uint16_t number, enum crypto_hash *ret)
{
	for (int i = 0; i < HASHES_N; i++)
		if (HASHES[i] == number) {
			*ret = (enum crypto_hash)i;
			return true;
		}
	return false;
}

bool v1_find_esp_cipher(uint8_t number, uint16_t bits, enum esp_cipher *ret)
{
	for (int i = 0; i < ESP_CIPHERS_N; i++)
		if (ESP_CIPHERS[i].number == number && ESP_CIPHERS[i].bits == bits) {
			*ret = (enum esp_cipher)i;
			return true;
		}
	return false;
}

bool v1_find_esp_auth(uint16_t number, enum esp_auth *ret)
{
	for (int i = 0; i < ESP_AUTHS_N; i++)
		if (ESP_AUTHS[i] == number) {
			*ret = (enum esp_auth)i;
			return true;
		}
	return false;
}

const char *v1_cipher_text(uint16_t number, uint16_t bits)
{
	enum crypto_cipher cipher;

	return v1_find_cipher(number, bits, &cipher) ? cipher_algorithm(cipher)->name : "unknown";
}

const char *v1_hash_text(uint16_t number)
{
	enum crypto_hash hash;

	return v1_find_hash(number, &hash) ? hash_algorithm(hash)->name : "unknown";
}

const char *v1_esp_cipher_text(uint8_t number, uint16_t bits)
{
	enum esp_cipher cipher;

	return v1_find_esp_cipher(number, bits, &cipher) ? esp_cipher_algorithm(cipher)->name
	                                                 : "unknown";
}

const char *v1_esp_auth_text(uint16_t number)
{
	enum esp_auth auth;

	if (!v1_find_esp_auth(number, &auth))
		return "unknown";
	return auth == ESP_AUTH_NONE ? "none" : esp_auth_algorithm(auth)->name;
}
