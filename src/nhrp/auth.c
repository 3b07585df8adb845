/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pairwise, in clear text, as IOS does it (not RFC 2332 5.3.4's keyed hash). All routers of a
 * network share one text, so a packet with an authentication where none is configured is refused
 * like a wrong one. A failure is told once for each peer, to the log and to the peer itself (RFC
 * 2332 5.3.4 has an Error Indication for each packet; IOS sends none): NHRP_AUTH_PEERS_MAX peers
 * are remembered.
 */
#include "nhrp/auth.h"

#include <string.h>

#include "nhrp/error.h"
#include "nhrp/out.h"
#include "util/memory.h"
#include "util/writer.h"

enum { CLEAR_TEXT = 1 };

void nhrp_auth_configure(struct nhrp *n, struct nhrp_tunnel *t)
{
	uint8_t value[NHRP_AUTH_BYTES_MAX] = { 0 };
	struct writer w = writer_over(value, sizeof value);
	size_t text_len = strnlen(t->config.authentication, SNAP_AUTH_SIZE);

	if (text_len) {
		write_u32(&w, CLEAR_TEXT);
		write_bytes(&w, t->config.authentication, text_len);
	}
	if (writer_len(&w) != t->auth_len || memcmp(value, t->auth, sizeof value) != 0) {
		n->n_auth_peers = 0;
		memcpy(t->auth, value, sizeof value);
		t->auth_len = (uint16_t)writer_len(&w);
	}
	memory_wipe(value, sizeof value);
	memory_wipe(t->config.authentication, sizeof t->config.authentication);
}

static bool equal_in_constant_time(const uint8_t *a, const uint8_t *b, size_t len)
{
	uint8_t differ = 0;

	for (size_t i = 0; i < len; i++)
		differ = (uint8_t)(differ | (a[i] ^ b[i]));
	return differ == 0;
}

bool nhrp_auth_check(const struct nhrp_tunnel *t, const struct nhrp_packet *packet)
{
	const struct nhrp_extension *ext = nhrp_extension_find(packet, NHRP_EXT_AUTHENTICATION);

	if (!ext || !t->auth_len)
		return !ext && !t->auth_len;
	return ext->value_len == t->auth_len &&
	       equal_in_constant_time(ext->value, t->auth, t->auth_len);
}

void nhrp_auth_put(const struct nhrp_tunnel *t, struct nhrp_packet *packet)
{
	if (t->auth_len)
		nhrp_extension_set(packet, (struct nhrp_extension){
						   .type = NHRP_EXT_AUTHENTICATION,
						   .compulsory = true,
						   .value = t->auth,
						   .value_len = t->auth_len,
					   });
	else
		nhrp_extension_del(packet, NHRP_EXT_AUTHENTICATION);
}

/* Puts the peer among those that were told. False when it is, or there is no room. */
static bool is_news(struct nhrp *n, const struct nhrp_received *rx)
{
	for (size_t i = 0; i < n->n_auth_peers; i++)
		if (addr_equal(&n->auth_peer[i], &rx->from))
			return false;
	if (n->n_auth_peers == NHRP_AUTH_PEERS_MAX) {
		if (!mono_due(mono_add_s(n->auth_since, NHRP_AUTH_FORGET_S), n->now.mono))
			return false;
		n->n_auth_peers = 0;
	}
	if (n->n_auth_peers == 0)
		n->auth_since = n->now.mono;
	n->auth_peer[n->n_auth_peers++] = rx->from;
	return true;
}

void nhrp_auth_failed(struct nhrp *n, const struct nhrp_received *rx)
{
	if (!is_news(n, rx)) {
		nhrp_out_drop(n, rx, DROP_AUTHENTICATION);
		return;
	}
	nhrp_error_send(n, rx,
	                (struct nhrp_complaint){ .drop = DROP_AUTHENTICATION,
	                                         .error = NHRP_ERROR_AUTHENTICATION });
	nhrp_out_trace(n, (struct trace){
				  .type = TRACE_AUTHENTICATION_FAILED,
				  .tunnel = rx->tunnel->number,
				  .overlay = rx->packet.src_proto,
				  .peer = rx->from,
				  .packet = rx->bytes,
				  .packet_len = rx->len,
			  });
}
