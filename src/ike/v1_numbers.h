/* SPDX-License-Identifier: Apache-2.0 */
/* IANA's numbers of IKEv1 for the algorithms that we have, and words for those of a peer. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "crypto/crypto.h"
#include "esp/esp.h"

enum {
	V1_PROTOCOL_ISAKMP = 1,
	V1_PROTOCOL_ESP = 3,

	/* attributes of main mode (RFC 2409 appendix A) */
	V1_OAKLEY_CIPHER = 1,
	V1_OAKLEY_HASH = 2,
	V1_OAKLEY_AUTH = 3,
	V1_OAKLEY_GROUP = 4,
	V1_OAKLEY_LIFE_TYPE = 11,
	V1_OAKLEY_LIFE = 12,
	V1_OAKLEY_KEY_BITS = 14,
	V1_PSK = 1,
	V1_RSA_SIG = 3,

	/* attributes of quick mode (RFC 2407 4.5; RFC 4304) */
	V1_ESP_LIFE_TYPE = 1,
	V1_ESP_LIFE = 2,
	V1_ESP_GROUP = 3,
	V1_ESP_MODE = 4,
	V1_ESP_AUTH = 5,
	V1_ESP_KEY_BITS = 6,
	V1_ESP_ESN = 11,
	V1_TUNNEL = 1,
	V1_TRANSPORT = 2,
	V1_UDP_OFFSET = 2,           /* RFC 3947 5.1: 3 and 4 */
	V1_UDP_DRAFT_OFFSET = 61442, /* its drafts: 61443 and 61444 */
};

uint16_t v1_cipher_number(enum crypto_cipher cipher);
/* Of the key length attribute; 0: the cipher has none. */
uint16_t v1_cipher_bits(enum crypto_cipher cipher);
uint16_t v1_hash_number(enum crypto_hash hash);
uint8_t v1_esp_cipher_number(enum esp_cipher cipher);
uint16_t v1_esp_cipher_bits(enum esp_cipher cipher);
uint16_t v1_esp_auth_number(enum esp_auth auth);

/* False for what we do not have. */
bool v1_find_cipher(uint16_t number, uint16_t bits, enum crypto_cipher *ret);
bool v1_find_hash(uint16_t number, enum crypto_hash *ret);
bool v1_find_esp_cipher(uint8_t number, uint16_t bits, enum esp_cipher *ret);
bool v1_find_esp_auth(uint16_t number, enum esp_auth *ret);

/* As IOS writes it; "unknown" for what we do not have. */
const char *v1_cipher_text(uint16_t number, uint16_t bits);
const char *v1_hash_text(uint16_t number);
const char *v1_esp_cipher_text(uint8_t number, uint16_t bits);
const char *v1_esp_auth_text(uint16_t number);
