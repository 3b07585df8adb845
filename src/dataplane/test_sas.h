/* SPDX-License-Identifier: Apache-2.0 */
/* Associations for tests that have tables and no workers: AES-128-CBC, SHA-1, one key for all. */
#pragma once

#include "crypto/crypto.h"
#include "dataplane/sa_table.h"
#include "dataplane/test_packets.h"
#include "esp/esp.h"

enum { TEST_SPI = 4000 };

struct test_crypto {
	struct crypto *crypto;
	struct esp_library *library;
	struct esp_engine *engine;
};

static inline void test_crypto_init(struct test_crypto *c)
{
	c->crypto = crypto_new();
	c->library = esp_library_new(c->crypto, false);
	c->engine = esp_engine_new(c->library);
}

static inline void test_crypto_fini(struct test_crypto *c)
{
	esp_engine_free(c->engine);
	esp_library_free(c->library);
	crypto_free(c->crypto);
}

/* Tunnel 3, 192.0.2.1 to 192.0.2.9. */
static inline struct dp_sa test_sa(uint32_t id, bool outbound)
{
	static const uint8_t key[ESP_AUTH_KEY_MAX] = { 7, 7 };

	return (struct dp_sa){
		.id = id,
		.tunnel = 3,
		.local = addr_v4(192, 0, 2, 1),
		.nbma = addr_v4(192, 0, 2, 9),
		.remote = addr_v4(192, 0, 2, 9),
		.inner_local = addr_v4(192, 0, 2, 1),
		.inner_remote = addr_v4(192, 0, 2, 9),
		.config = { .spi = TEST_SPI + id,
		            .outbound = outbound,
		            .cipher = ESP_AES128,
		            .auth = ESP_SHA1_96,
		            .cipher_key = key,
		            .auth_key = key,
		            .iv_key = key,
		            .replay_packets = 64 },
	};
}

/* Adds it to the table. */
static inline struct sa *test_sa_add(struct sa_table *t, struct test_crypto *c,
                                     const struct dp_sa *config)
{
	enum esp_sa_error error;
	struct esp_sa *esp = esp_sa_new(c->library, &config->config, &error);

	assert_non_null(esp);
	assert_int_equal(sa_table_add(t, config, esp, 0), 0);
	return sa_table_by_id(t, config->id);
}
