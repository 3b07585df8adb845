/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens any bytes as a burst under associations of every kind of suite: none may open, and none may
 * be read beyond its end. Then seals them by the one that the first byte chooses: that must open,
 * and must not with a byte changed.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "esp/esp.h"
#include "esp/outer.h"
#include "util/check.h"
#include "util/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { SUITES = 8, PAYLOAD_MAX = 1600, SPI = 0x41414141 };

/* Slow to make, and without a state that one input could leave to the next. */
struct world {
	struct crypto *crypto;
	struct esp_library *library;
	struct esp_engine *engine;
};

struct ends {
	struct esp_engine *engine;
	struct esp_sa *out[SUITES], *in[SUITES];
};

static const struct {
	enum esp_cipher cipher;
	enum esp_auth auth;
	enum esp_mode mode;
	bool esn;
	uint16_t replay;
} kinds[SUITES] = {
	{ ESP_NULL, ESP_SHA1_96, ESP_TRANSPORT, false, 0 },
	{ ESP_AES128, ESP_SHA1_96, ESP_TRANSPORT, false, 64 },
	{ ESP_AES256, ESP_SHA512_256, ESP_TUNNEL, true, 1024 },
	{ ESP_3DES, ESP_MD5_96, ESP_TRANSPORT, false, 64 },
	{ ESP_AES192, ESP_SHA384_192, ESP_TRANSPORT, true, 64 },
	{ ESP_GCM128, ESP_AUTH_NONE, ESP_TRANSPORT, false, 64 },
	{ ESP_GCM256, ESP_AUTH_NONE, ESP_TUNNEL, true, 128 },
	{ ESP_GCM192, ESP_AUTH_NONE, ESP_TRANSPORT, false, 0 },
};

static const struct world *world(void)
{
	static struct world w;

	if (!w.crypto) {
		w.crypto = crypto_new();
		check(w.crypto);
		w.library = esp_library_new(w.crypto, true);
		w.engine = esp_engine_new(w.library);
	}
	return &w;
}

static void make_ends(struct ends *e)
{
	static const uint8_t key[ESP_AUTH_KEY_MAX] = { 1, 2, 3 };
	const struct esp_library *library = world()->library;

	e->engine = world()->engine;
	for (int i = 0; i < SUITES; i++) {
		struct esp_sa_config c = {
			.spi = SPI,
			.outbound = true,
			.mode = kinds[i].mode,
			.cipher = kinds[i].cipher,
			.auth = kinds[i].auth,
			.cipher_key = key,
			.auth_key = key,
			.iv_key = key,
			.esn = kinds[i].esn,
			.replay_packets = kinds[i].replay,
		};
		enum esp_sa_error error;
		e->out[i] = esp_sa_new(library, &c, &error);
		c.outbound = false;
		e->in[i] = esp_sa_new(library, &c, &error);
		check(e->out[i] && e->in[i]);
	}
}

static void free_ends(struct ends *e)
{
	for (int i = 0; i < SUITES; i++) {
		esp_sa_free(e->out[i]);
		esp_sa_free(e->in[i]);
	}
}

/* As they came: whatever is wrong, the packet stays within its memory. */
static void open_raw(struct ends *e, const uint8_t *bytes, size_t len)
{
	struct esp_packet p[SUITES] = { 0 };

	for (int i = 0; i < SUITES; i++) {
		p[i].sa = e->in[i];
		p[i].len = len;
		p[i].bytes = (uint8_t *)memory_new(1, len + 1) + 1;
		memcpy(p[i].bytes, bytes, len);
		if (len >= 4)
			memset(p[i].bytes, SPI & 0xff, 4);
	}
	esp_open(e->engine, p, SUITES);
	for (int i = 0; i < SUITES; i++) {
		check(p[i].drop < ESP_DROPS_N);
		/* Without the keys nobody makes 96 bits fit. */
		check(p[i].drop != ESP_DROP_NONE);
		free(p[i].bytes - 1);
	}
}

static void seal(struct ends *e, int kind, struct esp_packet *p, const uint8_t *bytes)
{
	memcpy(p->bytes, bytes, p->len);
	p->sa = e->out[kind];
	p->next_header = kinds[kind].mode == ESP_TUNNEL ? 4 : 47;
	esp_seal(e->engine, p, 1);
	check(p->drop == ESP_DROP_NONE);
	p->sa = e->in[kind];
}

/* There and back; then with one byte changed, when it must not open. */
static void there_and_back(struct ends *e, int kind, const uint8_t *bytes, size_t len)
{
	uint8_t buffer[ESP_HEADROOM + PAYLOAD_MAX + ESP_TAILROOM];
	struct esp_packet p = { .bytes = buffer + ESP_HEADROOM,
		                .len = len,
		                .headroom = ESP_HEADROOM,
		                .tailroom = sizeof buffer - ESP_HEADROOM - len };
	struct esp_packet bad = p;

	seal(e, kind, &p, bytes);
	esp_open(e->engine, &p, 1);
	check(p.drop == ESP_DROP_NONE && p.len == len && memcmp(p.bytes, bytes, len) == 0);
	struct esp_inner inner;
	if (kinds[kind].mode == ESP_TUNNEL && esp_inner_parse(p.bytes, p.len, &inner))
		check(inner.header_len <= inner.len && inner.len <= p.len);

	seal(e, kind, &bad, bytes);
	bad.bytes[len * 7 % bad.len] ^= 0x10;
	esp_open(e->engine, &bad, 1);
	check(bad.drop != ESP_DROP_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct ends e;

	if (len < 1 || len - 1 > PAYLOAD_MAX)
		return 0;
	make_ends(&e);
	open_raw(&e, bytes + 1, len - 1);
	there_and_back(&e, bytes[0] % SUITES, bytes + 1, len - 1);
	esp_udp_kind(bytes, len);
	free_ends(&e);
	return 0;
}
