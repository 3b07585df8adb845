/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `debug crypto isakmp` and `debug crypto ipsec`. IKE tells each message, payload by payload, as it
 * is in clear, and what becomes of its SAs and exchanges; IPsec tells of the pairs of SAs.
 */
#include "show/trace_debug.h"

#include "ike/dump.h"
#include "show/words.h"

static void add_message(const struct trace *t, struct strbuf *out)
{
	char peer[ADDR_TEXT_LEN];

	if (!t->packet)
		return;
	strbuf_printf(out, "ISAKMP: %s %s peer_port %u, %zu bytes\n",
	              t->type == TRACE_IKE_SENT ? "sending packet to" : "received packet from",
	              words_addr(&t->peer, peer), t->port, t->packet_len);
	ike_dump(t->packet, t->packet_len, out);
}

static void add_reason(const struct trace *t, struct strbuf *out)
{
	if (t->reason != REASON_NONE)
		strbuf_printf(out, ", reason: %s", trace_reason_text(t->reason));
	strbuf_addc(out, '\n');
}

static void add_isakmp(const struct trace *t, struct strbuf *out)
{
	char peer[ADDR_TEXT_LEN];
	const char *who = words_addr(&t->peer, peer);

	switch (t->type) {
	case TRACE_IKE_SENT:
	case TRACE_IKE_RECEIVED:
		add_message(t, out);
		break;
	case TRACE_IKE_UP:
		strbuf_printf(out, "ISAKMP: SA has been authenticated with %s\n", who);
		break;
	case TRACE_IKE_DOWN:
		strbuf_printf(out, "ISAKMP: deleting SA with %s", who);
		add_reason(t, out);
		break;
	case TRACE_IKE_FAILED:
		strbuf_printf(out, "ISAKMP-ERROR: peer %s: %s\n", who, t->text ? t->text : "");
		break;
	case TRACE_IKE_ADVICE:
		strbuf_printf(out, "ISAKMP: for the peer %s configure: %s\n", who,
		              t->text ? t->text : "");
		break;
	default:
		break;
	}
}

static void add_ipsec(const struct trace *t, struct strbuf *out)
{
	char peer[ADDR_TEXT_LEN], name[WORDS_NAME_SIZE];

	if (t->type != TRACE_IPSEC_UP && t->type != TRACE_IPSEC_DOWN)
		return;
	strbuf_printf(out, "IPSEC: %s: SAs with %s %s", words_tunnel(t->tunnel, name),
	              words_addr(&t->peer, peer),
	              t->type == TRACE_IPSEC_DOWN ? "are gone"
	              : t->code                   ? "are renewed"
	                                          : "are created");
	add_reason(t, out);
}

void trace_debug_crypto(const struct trace *t, unsigned debug, struct strbuf *out)
{
	if (debug & DEBUG_CRYPTO_ISAKMP)
		add_isakmp(t, out);
	if (debug & DEBUG_CRYPTO_IPSEC)
		add_ipsec(t, out);
}
