/* SPDX-License-Identifier: Apache-2.0 */
#include "show/words_crypto.h"

#include <stdio.h>

const char *words_transform(enum esp_cipher cipher, enum esp_auth auth,
                            char buf[static WORDS_TRANSFORM_SIZE])
{
	static const char *const word[ESP_CIPHERS_N] = {
		[ESP_NULL] = "esp-null",      [ESP_DES] = "esp-des",
		[ESP_3DES] = "esp-3des",      [ESP_AES128] = "esp-aes",
		[ESP_AES192] = "esp-192-aes", [ESP_AES256] = "esp-256-aes",
		[ESP_GCM128] = "esp-gcm",     [ESP_GCM192] = "esp-gcm 192",
		[ESP_GCM256] = "esp-gcm 256",
	};
	const bool has_auth = auth != ESP_AUTH_NONE;

	snprintf(buf, WORDS_TRANSFORM_SIZE, "%s%s%s", word[cipher], has_auth ? " " : "",
	         has_auth ? esp_auth_algorithm(auth)->name : "");
	return buf;
}

const char *words_settings(enum esp_mode mode, bool udp)
{
	if (mode == ESP_TUNNEL)
		return udp ? "Tunnel UDP-Encaps" : "Tunnel";
	return udp ? "Transport UDP-Encaps" : "Transport";
}

const char *words_cipher_short(enum crypto_cipher cipher)
{
	static const char *const word[CIPHERS_N] = {
		[CIPHER_DES] = "des",    [CIPHER_3DES] = "3des",  [CIPHER_AES128] = "aes",
		[CIPHER_AES192] = "aes", [CIPHER_AES256] = "aes",
	};

	return word[cipher];
}

const char *words_auth_short(enum snap_isakmp_auth auth)
{
	return auth == SNAP_AUTH_PRE_SHARE ? "psk" : "rsig";
}

const char *words_auth(enum snap_isakmp_auth auth)
{
	return auth == SNAP_AUTH_PRE_SHARE ? "pre-share" : "rsa-sig";
}

const char *words_session(const struct crypto_peer *peer)
{
	bool stands = false, negotiates = false;

	for (size_t i = 0; i < peer->n_sas; i++) {
		stands |= !peer->sa[i].deleted && peer->sa[i].state == IKE_QM_IDLE;
		negotiates |= !peer->sa[i].deleted && peer->sa[i].state != IKE_QM_IDLE;
	}
	if (crypto_peer_current(peer))
		return stands ? "UP-ACTIVE" : "UP-NO-IKE";
	if (stands)
		return "UP-IDLE";
	return negotiates ? "DOWN-NEGOTIATING" : "DOWN";
}

const char *words_identity(const struct ike_sa_view *sa, char buf[static ADDR_TEXT_LEN])
{
	if (sa->peer_name)
		return sa->peer_name;
	return addr_is_none(&sa->peer_id) ? NULL : addr_format(&sa->peer_id, buf);
}

const char *words_capabilities(const struct ike_sa_view *sa,
                               char buf[static WORDS_CAPABILITIES_SIZE])
{
	snprintf(buf, WORDS_CAPABILITIES_SIZE, "%s%s", sa->has_dpd ? "D" : "",
	         sa->behind_nat || sa->peer_behind_nat ? "N" : "");
	return buf;
}

const char *words_clock(int64_t seconds, char buf[static WORDS_CLOCK_SIZE])
{
	enum { HOUR_S = 3600, HOURS_MAX = 9999 };
	const int64_t s = seconds < 0 ? 0 : seconds;
	const int64_t hours = s / HOUR_S > HOURS_MAX ? HOURS_MAX : s / HOUR_S;

	snprintf(buf, WORDS_CLOCK_SIZE, "%02u:%02u:%02u", (unsigned)hours, (unsigned)(s / 60 % 60),
	         (unsigned)(s % 60));
	return buf;
}
