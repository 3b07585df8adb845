/* SPDX-License-Identifier: Apache-2.0 */
/* Associations, packets and both ways of doing the work, for the tests of this folder. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "esp/esp.h"
#include "util/entropy.h"
#include "util/memory.h"

enum { TEST_PACKET_MAX = 2048, TEST_SUITES_MAX = ESP_CIPHERS_N * ESP_AUTHS_N };

/* Plain is OpenSSL alone, fast what this machine chooses. */
enum { TEST_PLAIN, TEST_FAST, TEST_LIBRARIES_N };

struct test_esp {
	struct crypto *crypto;
	struct esp_library *library[TEST_LIBRARIES_N];
	struct esp_engine *engine[TEST_LIBRARIES_N];
	struct prng prng;
	struct entropy entropy;
};

struct test_keys {
	uint8_t cipher[ESP_CIPHER_KEY_MAX], auth[ESP_AUTH_KEY_MAX], iv[ESP_IV_KEY_LEN];
};

struct test_suite {
	enum esp_cipher cipher;
	enum esp_auth auth;
};

/* A packet with its buffer around it. */
struct test_buffer {
	uint8_t bytes[ESP_HEADROOM + TEST_PACKET_MAX + ESP_TAILROOM];
};

static inline int test_esp_setup(void **state)
{
	struct test_esp *t = memory_new(1, sizeof *t);

	t->crypto = crypto_new();
	for (int i = 0; i < TEST_LIBRARIES_N; i++) {
		t->library[i] = esp_library_new(t->crypto, i == TEST_FAST);
		t->engine[i] = esp_engine_new(t->library[i]);
	}
	prng_seed(&t->prng, 4303);
	t->entropy = prng_entropy(&t->prng);
	*state = t;
	return 0;
}

static inline int test_esp_teardown(void **state)
{
	struct test_esp *t = *state;

	for (int i = 0; i < TEST_LIBRARIES_N; i++) {
		esp_engine_free(t->engine[i]);
		esp_library_free(t->library[i]);
	}
	crypto_free(t->crypto);
	free(t);
	return 0;
}

static inline void test_fill(struct test_esp *t, void *bytes, size_t len)
{
	t->entropy.fill(t->entropy.ctx, bytes, len);
}

/* Every suite that makes an association and that OpenSSL has here. */
static inline size_t test_suites(const struct test_esp *t, struct test_suite *ret)
{
	size_t n = 0;

	for (int c = 0; c < ESP_CIPHERS_N; c++)
		for (int a = 0; a < ESP_AUTHS_N; a++)
			if (esp_library_has(t->library[TEST_PLAIN], (enum esp_cipher)c,
			                    (enum esp_auth)a) &&
			    (c >= ESP_GCM128) == (a == ESP_AUTH_NONE))
				ret[n++] =
					(struct test_suite){ (enum esp_cipher)c, (enum esp_auth)a };
	return n;
}

/* With random keys that live in keys. */
static inline struct esp_sa_config test_config(struct test_esp *t, struct test_suite suite,
                                               struct test_keys *keys)
{
	test_fill(t, keys, sizeof *keys);
	return (struct esp_sa_config){
		.spi = ESP_SPI_MIN + entropy_between(&t->entropy, 0, 1U << 30),
		.outbound = true,
		.cipher = suite.cipher,
		.auth = suite.auth,
		.cipher_key = keys->cipher,
		.auth_key = keys->auth,
		.iv_key = keys->iv,
		.replay_packets = 64,
	};
}

static inline struct esp_sa *test_sa(const struct test_esp *t, int library,
                                     const struct esp_sa_config *config)
{
	enum esp_sa_error error = ESP_SA_OK;
	struct esp_sa *sa = esp_sa_new(t->library[library], config, &error);

	assert_int_equal(error, ESP_SA_OK);
	assert_non_null(sa);
	return sa;
}

/* The same association at the other end. */
static inline struct esp_sa *test_sa_in(const struct test_esp *t, int library,
                                        struct esp_sa_config config)
{
	config.outbound = false;
	return test_sa(t, library, &config);
}

static inline struct esp_packet test_packet(struct test_buffer *b, struct esp_sa *sa,
                                            const void *payload, size_t len)
{
	memcpy(b->bytes + ESP_HEADROOM, payload, len);
	return (struct esp_packet){
		.sa = sa,
		.bytes = b->bytes + ESP_HEADROOM,
		.len = len,
		.headroom = ESP_HEADROOM,
		.tailroom = sizeof b->bytes - ESP_HEADROOM - len,
		.next_header = 47,
		.drop = ESP_DROPS_N,
	};
}

/* A received one, at the very start of the buffer. */
static inline struct esp_packet test_received(struct test_buffer *b, struct esp_sa *sa,
                                              const void *bytes, size_t len)
{
	memcpy(b->bytes, bytes, len);
	return (struct esp_packet){ .sa = sa, .bytes = b->bytes, .len = len, .drop = ESP_DROPS_N };
}
