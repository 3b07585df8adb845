/* SPDX-License-Identifier: Apache-2.0 */
/* Algorithms and settings as IOS's `show` spells them, which is not how they are configured. */
#pragma once

#include <stdbool.h>

#include "crypto/crypto.h"
#include "esp/esp.h"
#include "node/snapshot_crypto.h"
#include "show/query_crypto.h"

enum { WORDS_TRANSFORM_SIZE = 40, WORDS_CAPABILITIES_SIZE = 4, WORDS_CLOCK_SIZE = 16 };

/* "esp-256-aes esp-sha256-hmac", "esp-gcm 256". */
const char *words_transform(enum esp_cipher cipher, enum esp_auth auth,
                            char buf[static WORDS_TRANSFORM_SIZE]);
/* "Tunnel", "Transport UDP-Encaps". */
const char *words_settings(enum esp_mode mode, bool udp);
/* "aes", "3des": without the length of the key. */
const char *words_cipher_short(enum crypto_cipher cipher);
/* "psk", "rsig". */
const char *words_auth_short(enum snap_isakmp_auth auth);
/* "pre-share", "rsa-sig": as configured. */
const char *words_auth(enum snap_isakmp_auth auth);
/* "UP-ACTIVE" and so on, of a peer of query_sessions(). */
const char *words_session(const struct crypto_peer *peer);
/* Whom the peer has proved to be: an address or a name; NULL while that is not known. */
const char *words_identity(const struct ike_sa_view *sa, char buf[static ADDR_TEXT_LEN]);
/* Letters of an IKE SA's capabilities: D for dead peer detection, N for a NAT on the way. */
const char *words_capabilities(const struct ike_sa_view *sa,
                               char buf[static WORDS_CAPABILITIES_SIZE]);
/* "23:47:17", hours beyond a day too: lifetimes of IKE SAs. 0 for less than 0. */
const char *words_clock(int64_t seconds, char buf[static WORDS_CLOCK_SIZE]);
