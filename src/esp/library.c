/* SPDX-License-Identifier: Apache-2.0 */
/* Which library does which algorithm, decided once; and the engines that the workers run with. */
#include "esp/esp.h"

#include <stdlib.h>

#include "esp/internal.h"
#include "util/check.h"
#include "util/memory.h"

#ifdef ESP_WITH_IPSECMB
static void prefer_ipsecmb(struct esp_library *l)
{
	l->mb = mb_engine_new();
	if (!l->mb)
		return;
	for (int i = 0; i < ESP_CIPHERS_N; i++)
		if (mb_has_cipher((enum esp_cipher)i))
			l->cipher_by[i] = &esp_ipsecmb;
	for (int i = 0; i < ESP_AUTHS_N; i++)
		if (mb_has_auth((enum esp_auth)i))
			l->auth_by[i] = &esp_ipsecmb;
}
#endif

struct esp_library *esp_library_new(struct crypto *crypto, bool accelerate)
{
	struct esp_library *l = memory_new(1, sizeof *l);

	esp_openssl_fetch(l, crypto);
#ifdef ESP_WITH_IPSECMB
	if (accelerate)
		prefer_ipsecmb(l);
#else
	(void)accelerate;
#endif
	return l;
}

void esp_library_free(struct esp_library *l)
{
	if (!l)
		return;
	esp_openssl_drop(l);
#ifdef ESP_WITH_IPSECMB
	mb_engine_free(l->mb);
#endif
	free(l);
}

bool esp_library_has(const struct esp_library *l, enum esp_cipher cipher, enum esp_auth auth)
{
	check(cipher < ESP_CIPHERS_N && auth < ESP_AUTHS_N);
	return (cipher == ESP_NULL || l->cipher_by[cipher]) &&
	       (auth == ESP_AUTH_NONE || l->auth_by[auth]);
}

const char *esp_library_cipher_provider(const struct esp_library *l, enum esp_cipher cipher)
{
	check(cipher < ESP_CIPHERS_N);
	return l->cipher_by[cipher] ? l->cipher_by[cipher]->name : "";
}

const char *esp_library_auth_provider(const struct esp_library *l, enum esp_auth auth)
{
	check(auth < ESP_AUTHS_N);
	return l->auth_by[auth] ? l->auth_by[auth]->name : "";
}

struct esp_engine *esp_engine_new(const struct esp_library *l)
{
	struct esp_engine *e = memory_new(1, sizeof *e);

	e->library = l;
#ifdef ESP_WITH_IPSECMB
	if (l->mb) {
		e->mb = mb_engine_new();
		check(e->mb);
	}
#endif
	return e;
}

void esp_engine_free(struct esp_engine *e)
{
	if (!e)
		return;
#ifdef ESP_WITH_IPSECMB
	mb_engine_free(e->mb);
#endif
	memory_wipe(e, sizeof *e);
	free(e);
}
