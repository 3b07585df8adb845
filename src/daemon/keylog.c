/* SPDX-License-Identifier: Apache-2.0 */
/* Names of algorithms are Wireshark's (packet-ipsec.c, packet-isakmp.c of 4.0). */
#include "daemon/keylog.h"

#include <inttypes.h>

#include "crypto/crypto.h"
#include "esp/esp.h"

static void add_hex(struct strbuf *out, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		strbuf_printf(out, "%02x", bytes[i]);
}

/* Without quotes, in which Wireshark would take the digits themselves for the bytes. */
void keylog_ike(const struct node_action *a, struct strbuf *out)
{
	strbuf_printf(out, "uat:ikev1_decryption_table:%016" PRIx64 ",", a->keys.icookie);
	add_hex(out, a->keys.key, cipher_algorithm(a->keys.cipher)->key_len);
	strbuf_adds(out, "\n");
}

static const char *cipher_name(enum esp_cipher cipher)
{
	switch (cipher) {
	case ESP_NULL:
		return "NULL";
	case ESP_DES:
		return "DES-CBC [RFC2405]";
	case ESP_3DES:
		return "TripleDES-CBC [RFC2451]";
	case ESP_AES128:
	case ESP_AES192:
	case ESP_AES256:
		return "AES-CBC [RFC3602]";
	default:
		return "AES-GCM with 16 octet ICV [RFC4106]";
	}
}

static const char *auth_name(enum esp_auth auth)
{
	static const char *const names[ESP_AUTHS_N] = {
		[ESP_AUTH_NONE] = "NULL",
		[ESP_MD5_96] = "HMAC-MD5-96 [RFC2403]",
		[ESP_SHA1_96] = "HMAC-SHA-1-96 [RFC2404]",
		[ESP_SHA256_128] = "HMAC-SHA-256-128 [RFC4868]",
		[ESP_SHA384_192] = "HMAC-SHA-384-192 [RFC4868]",
		[ESP_SHA512_256] = "HMAC-SHA-512-256 [RFC4868]",
	};

	return names[auth];
}

static void add_key(struct strbuf *out, const uint8_t *key, size_t len)
{
	strbuf_adds(out, len ? ",\"0x" : ",\"");
	add_hex(out, key, len);
	strbuf_adds(out, "\"");
}

void keylog_sa(const struct node_sa *sa, struct strbuf *out)
{
	const struct addr *from = sa->outbound ? &sa->local : &sa->remote;
	const struct addr *to = sa->outbound ? &sa->remote : &sa->local;
	char from_text[ADDR_TEXT_LEN], to_text[ADDR_TEXT_LEN];

	strbuf_printf(out, "uat:esp_sa:\"%s\",\"%s\",\"%s\",\"0x%08x\",\"%s\"",
	              from->family == ADDR_V6 ? "IPv6" : "IPv4", addr_format(from, from_text),
	              addr_format(to, to_text), sa->spi, cipher_name(sa->cipher));
	add_key(out, sa->cipher_key, esp_cipher_algorithm(sa->cipher)->key_len);
	strbuf_printf(out, ",\"%s\"", auth_name(sa->auth));
	add_key(out, sa->auth_key, esp_auth_algorithm(sa->auth)->key_len);
	strbuf_printf(out, ",\"%s\",\"0\"\n", sa->esn ? "64-bit" : "32-bit");
}
