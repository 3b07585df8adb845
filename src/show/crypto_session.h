/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions of IKE and IPsec, as `show crypto session detail` and `show dmvpn detail` have them. */
#pragma once

#include "show/query_crypto.h"

/* The lines of a session's IKE SAs. */
void session_add_ike(const struct show_query *q, const struct crypto_peer *peer,
                     struct strbuf *out);
/* The lines of its flow; with_counters: what it has carried, and what is left of its life. */
void session_add_flow(const struct show_query *q, const struct crypto_peer *peer,
                      bool with_counters, struct strbuf *out);
/* Whom the peer says to be, "(none)" while that is not known. */
const char *session_peer_id(const struct crypto_peer *peer, char buf[static ADDR_TEXT_LEN]);
/* Adds the peer's session to an array. */
void session_put(const struct show_query *q, json_t *sessions, const struct crypto_peer *peer);
