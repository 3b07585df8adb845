/* SPDX-License-Identifier: Apache-2.0 */
/* Making, wiping and reading associations. */
#include "esp/esp.h"

#include <stdlib.h>

#include "esp/internal.h"
#include "util/check.h"
#include "util/memory.h"

static enum esp_sa_error judge(const struct esp_library *l, const struct esp_sa_config *config)
{
	if (config->spi < ESP_SPI_MIN)
		return ESP_SA_SPI;
	if (!esp_library_has(l, config->cipher, config->auth))
		return ESP_SA_ALGORITHM;
	if (!esp_cipher_is_gcm(config->cipher) && config->auth == ESP_AUTH_NONE)
		return ESP_SA_NO_AUTH;
	if (esp_cipher_is_gcm(config->cipher) && config->auth != ESP_AUTH_NONE)
		return ESP_SA_TWO_AUTHS;
	if (config->outbound)
		return ESP_SA_OK;
	if (config->replay_packets % REPLAY_WORD_BITS || config->replay_packets > ESP_REPLAY_MAX)
		return ESP_SA_REPLAY;
	/* RFC 4303 3.4.3: the window is what tells the high half of a sequence number. */
	if (config->esn && !config->replay_packets)
		return ESP_SA_ESN;
	return ESP_SA_OK;
}

static void set_sizes(struct esp_sa *sa)
{
	const struct esp_cipher_algorithm *cipher = esp_cipher_algorithm(sa->cipher);
	const struct esp_auth_algorithm *auth = esp_auth_algorithm(sa->auth);

	sa->gcm = esp_cipher_is_gcm(sa->cipher);
	sa->suite = (uint8_t)(sa->cipher * ESP_AUTHS_N + sa->auth);
	sa->iv_len = cipher->iv_len;
	sa->header_len = (uint8_t)(ESP_HEADER_LEN + cipher->iv_len);
	sa->align = cipher->align;
	sa->icv_len = sa->gcm ? cipher->icv_len : auth->icv_len;
	sa->len_min = (uint8_t)(sa->header_len + sa->icv_len +
	                        (sa->align > ESP_TRAILER_LEN ? sa->align : ESP_ALIGN_MIN));
}

static void set_keys(struct esp_sa *sa, const struct esp_sa_config *config)
{
	const struct esp_cipher_algorithm *cipher = esp_cipher_algorithm(sa->cipher);

	check(config->cipher_key || !cipher->key_len);
	check(config->auth_key || sa->auth == ESP_AUTH_NONE);
	check(config->iv_key || !sa->outbound || !esp_cipher_is_cbc(sa->cipher));
	if (cipher->salt_len)
		memcpy(sa->salt, config->cipher_key + cipher->key_len - cipher->salt_len,
		       cipher->salt_len);
	esp_openssl_key(sa, config);
#ifdef ESP_WITH_IPSECMB
	if (sa->library->mb)
		sa->mb = mb_keys_new(sa->library->mb, config);
#endif
}

struct esp_sa *esp_sa_new(const struct esp_library *l, const struct esp_sa_config *config,
                          enum esp_sa_error *ret_error)
{
	enum esp_sa_error error = judge(l, config);

	if (error != ESP_SA_OK) {
		*ret_error = error;
		return NULL;
	}
	struct esp_sa *sa = aligned_alloc(ESP_LINE, sizeof *sa);
	check(sa);
	memset(sa, 0, sizeof *sa);
	sa->library = l;
	sa->cipher_by = l->cipher_by[config->cipher];
	sa->auth_by = l->auth_by[config->auth];
	sa->spi = config->spi;
	sa->cipher = (uint8_t)config->cipher;
	sa->auth = (uint8_t)config->auth;
	sa->mode = (uint8_t)config->mode;
	sa->outbound = config->outbound;
	sa->esn = config->esn;
	sa->sequence_last = config->esn ? UINT64_MAX : UINT32_MAX;
	sa->iv_used = sizeof sa->iv;
	if (!sa->outbound)
		replay_init(&sa->replay, config->replay_packets, config->esn);
	set_sizes(sa);
	set_keys(sa, config);
	return sa;
}

void esp_sa_free(struct esp_sa *sa)
{
	if (!sa)
		return;
	esp_openssl_forget(sa);
#ifdef ESP_WITH_IPSECMB
	mb_keys_free(sa->mb);
#endif
	memory_wipe(sa, sizeof *sa);
	free(sa);
}

uint32_t esp_sa_spi(const struct esp_sa *sa)
{
	return sa->spi;
}

enum esp_mode esp_sa_mode(const struct esp_sa *sa)
{
	return sa->mode;
}

size_t esp_sa_header_len(const struct esp_sa *sa)
{
	return sa->header_len;
}

size_t esp_sa_overhead(const struct esp_sa *sa)
{
	return sa->header_len + (sa->align - 1u) + ESP_TRAILER_LEN + sa->icv_len;
}

void esp_sa_state(const struct esp_sa *sa, struct esp_sa_state *ret)
{
	const uint64_t *sequence = sa->outbound ? &sa->sequence : &sa->replay.top;

	ret->sequence = __atomic_load_n(sequence, __ATOMIC_RELAXED);
	/* What is sealed is numbered, from 1 on. */
	ret->packets =
		__atomic_load_n(sa->outbound ? &sa->sequence : &sa->packets, __ATOMIC_RELAXED);
	ret->bytes = __atomic_load_n(&sa->bytes, __ATOMIC_RELAXED);
	for (int i = 0; i < ESP_DROPS_N; i++)
		ret->drops[i] = __atomic_load_n(&sa->drops[i], __ATOMIC_RELAXED);
}
