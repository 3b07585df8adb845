/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traces as lines of `debug nhrp …`, worded as IOS words them. Plain `debug nhrp` tells what is
 * done, `packet` what the packets hold, `extension` their extensions alone, `detail` where they
 * go, `cache` what becomes of entries, `error` what is refused and dropped, `rate` what max-send
 * held back.
 */
#include <string.h>

#include "nhrp/dump.h"
#include "nhrp/wire.h"
#include "show/trace_debug.h"
#include "show/words.h"

static void add_packet_head(const struct trace *t, const char *verb, struct strbuf *out)
{
	struct nhrp_packet p;
	char src[ADDR_TEXT_LEN], dst[ADDR_TEXT_LEN], buf[WORDS_NAME_SIZE];
	const char *name = words_tunnel(t->tunnel, buf);

	if (nhrp_parse(t->packet, t->packet_len, &p) != NHRP_WIRE_OK) {
		strbuf_printf(out, "NHRP: %s malformed packet via %s vrf 0, packet size: %zu\n",
		              verb, name, t->packet_len);
		return;
	}
	strbuf_printf(out, "NHRP: %s %s via %s vrf 0, packet size: %zu\n", verb,
	              nhrp_type_name(p.type), name, t->packet_len);
	if (t->type != TRACE_PACKET_RECEIVED)
		strbuf_printf(out, " src: %s, dst: %s\n", words_addr(&p.src_proto, src),
		              words_addr(&p.dst_proto, dst));
}

/* Where the lines of the extensions begin in a dump; its end when there are none. */
static const char *extensions_of(const char *dump)
{
	const char *at = strstr(dump, " Extension(");

	while (at && at > dump && at[-1] != '\n')
		at--;
	return at ? at : "";
}

static void add_packet_body(const struct trace *t, unsigned debug, struct strbuf *out)
{
	struct strbuf dump;

	strbuf_init(&dump);
	nhrp_dump(t->packet, t->packet_len, &dump);
	strbuf_adds(out, debug & DEBUG_NHRP_PACKET ? dump.text : extensions_of(dump.text));
	strbuf_fini(&dump);
}

/* Requests are what is sent again and again: one line each. */
static void add_rate(const struct trace *t, struct strbuf *out)
{
	struct nhrp_packet p;
	char dst[ADDR_TEXT_LEN];

	if (t->type != TRACE_PACKET_SENT ||
	    nhrp_parse(t->packet, t->packet_len, &p) != NHRP_WIRE_OK ||
	    (p.type != NHRP_REGISTRATION_REQUEST && p.type != NHRP_RESOLUTION_REQUEST))
		return;
	strbuf_printf(out, "NHRP-RATE: Sending %s for %s, reqid %u\n", nhrp_type_name(p.type),
	              words_addr(&p.dst_proto, dst), p.request_id);
}

static void add_packet(const struct trace *t, unsigned debug, struct strbuf *out)
{
	const unsigned body = DEBUG_NHRP_PACKET | DEBUG_NHRP_EXTENSION;
	const unsigned way = DEBUG_NHRP | DEBUG_NHRP_DETAIL;
	const char *verb = t->type == TRACE_PACKET_SENT        ? "Send"
	                   : t->type == TRACE_PACKET_FORWARDED ? "Forward"
	                                                       : "Receive";
	char nbma[ADDR_TEXT_LEN], name[WORDS_NAME_SIZE];

	if (!t->packet)
		return;
	if (debug & DEBUG_NHRP_RATE)
		add_rate(t, out);
	if (!(debug & (body | way)))
		return;
	add_packet_head(t, verb, out);
	if (debug & body)
		add_packet_body(t, debug, out);
	if (debug & DEBUG_NHRP_DETAIL)
		strbuf_printf(out, "NHRP: Tunnel NBMA addr %s\n", words_addr(&t->peer, nbma));
	if (debug & way)
		strbuf_printf(out, "NHRP: %zu bytes %s %s\n", t->packet_len,
		              t->type == TRACE_PACKET_RECEIVED ? "in" : "out",
		              words_tunnel(t->tunnel, name));
}

static void add_drop(const struct trace *t, unsigned debug, struct strbuf *out)
{
	bool is_rate = t->drop == DROP_RATE;
	char nbma[ADDR_TEXT_LEN], name[WORDS_NAME_SIZE];

	if (!(debug & (DEBUG_NHRP_ERROR | (is_rate ? DEBUG_NHRP_RATE : 0U))))
		return;
	strbuf_printf(out, "NHRP-%s: %s: packet of NBMA %s dropped: %s\n",
	              is_rate ? "RATE" : "ERROR", words_tunnel(t->tunnel, name),
	              words_addr(&t->peer, nbma), node_drop_text(t->drop));
}

static void add_cache(const struct trace *t, unsigned debug, struct strbuf *out)
{
	const char *verb = t->type == TRACE_CACHE_ADDED     ? "add"
	                   : t->type == TRACE_CACHE_UPDATED ? "update"
	                                                    : "delete";
	char name[WORDS_NAME_SIZE], overlay[ADDR_TEXT_LEN], nbma[ADDR_TEXT_LEN];
	const char *next_hop = words_addr(&t->overlay, overlay);

	if (!(debug & DEBUG_NHRP_CACHE))
		return;
	strbuf_printf(out, "NHRP: %s: Cache %s for target %s/%u next-hop %s",
	              words_tunnel(t->tunnel, name), verb, next_hop, addr_bits(&t->overlay),
	              next_hop);
	if (t->reason != REASON_NONE)
		strbuf_printf(out, ", %s", trace_reason_text(t->reason));
	strbuf_printf(out, "\n           %s\n", words_addr(&t->peer, nbma));
}

/* What the log tells too, for those who watch errors only. */
static void add_failure(const struct trace *t, unsigned debug, struct strbuf *out)
{
	char name[WORDS_NAME_SIZE], overlay[ADDR_TEXT_LEN], nbma[ADDR_TEXT_LEN];

	if (!(debug & DEBUG_NHRP_ERROR))
		return;
	strbuf_printf(out, "NHRP-ERROR: %s: ", words_tunnel(t->tunnel, name));
	switch (t->type) {
	case TRACE_AUTHENTICATION_FAILED:
		strbuf_adds(out, "authentication failure");
		break;
	case TRACE_ERROR_RECEIVED:
		strbuf_printf(out, "Error Indication, %s (%u)", nhrp_error_name(t->code), t->code);
		break;
	case TRACE_NAT_SUSPECTED:
		strbuf_adds(out, "no reply from behind NAT");
		break;
	case TRACE_NAME_UNRESOLVED:
		strbuf_printf(out, "name %s does not resolve\n", t->text ? t->text : "");
		return;
	default:
		strbuf_printf(out, "registration %s, %s (%u)", trace_type_word(t->type),
		              nhrp_code_name((uint8_t)t->code), t->code);
		break;
	}
	strbuf_printf(out, ", peer %s NBMA %s\n", words_addr(&t->overlay, overlay),
	              words_addr(&t->peer, nbma));
}

static void add_neighbour(const struct trace *t, unsigned debug, struct strbuf *out)
{
	char name[WORDS_NAME_SIZE], overlay[ADDR_TEXT_LEN], nbma[ADDR_TEXT_LEN];

	if (!(debug & (DEBUG_NHRP | DEBUG_NHRP_DETAIL)))
		return;
	strbuf_printf(out, "NHRP: %s: %s %s NBMA %s", words_tunnel(t->tunnel, name),
	              trace_type_word(t->type), words_addr(&t->overlay, overlay),
	              words_addr(&t->peer, nbma));
	if (t->reason != REASON_NONE)
		strbuf_printf(out, ", %s", trace_reason_text(t->reason));
	strbuf_addc(out, '\n');
}

void show_trace_debug(const struct trace *t, unsigned debug, struct strbuf *out)
{
	switch (t->type) {
	case TRACE_PACKET_SENT:
	case TRACE_PACKET_FORWARDED:
	case TRACE_PACKET_RECEIVED:
		add_packet(t, debug, out);
		break;
	case TRACE_PACKET_DROPPED:
		add_drop(t, debug, out);
		break;
	case TRACE_CACHE_ADDED:
	case TRACE_CACHE_UPDATED:
	case TRACE_CACHE_DELETED:
		add_cache(t, debug, out);
		break;
	case TRACE_NHS_UP:
	case TRACE_NHS_DOWN:
	case TRACE_NHC_UP:
	case TRACE_NHC_DOWN:
	case TRACE_NHP_UP:
	case TRACE_NHP_DOWN:
		add_neighbour(t, debug, out);
		break;
	case TRACE_REGISTRATION_REFUSED:
	case TRACE_REGISTRATION_REJECTED:
	case TRACE_AUTHENTICATION_FAILED:
	case TRACE_ERROR_RECEIVED:
	case TRACE_NAME_UNRESOLVED:
	case TRACE_NAT_SUSPECTED:
		add_failure(t, debug, out);
		break;
	case TRACE_IKE_UP:
	case TRACE_IKE_DOWN:
	case TRACE_IPSEC_UP:
	case TRACE_IPSEC_DOWN:
	case TRACE_IKE_FAILED:
	case TRACE_IKE_ADVICE:
	case TRACE_IKE_SENT:
	case TRACE_IKE_RECEIVED:
		trace_debug_crypto(t, debug, out);
		break;
	case TRACE_TYPES_N:
		break;
	}
}
