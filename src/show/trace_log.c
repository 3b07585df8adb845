/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traces as log lines. Peers that come and go have IOS's own mnemonics and wording; whatever keeps
 * a peer from registering is %DMVPN-3-NHRP_ERROR and says in words what to look at, and what keeps
 * it from being protected is IOS's %CRYPTO-6-IKMP_MODE_FAILURE. Renewals are not told.
 */
#include "nhrp/wire.h"
#include "show/show.h"
#include "show/words.h"

static void add_head(const struct trace *t, const char *mnemonic, struct strbuf *out)
{
	char name[WORDS_NAME_SIZE];

	strbuf_printf(out, "%%DMVPN-%s: %s: ", mnemonic, words_tunnel(t->tunnel, name));
}

static void add_peer(const struct trace *t, struct strbuf *out)
{
	char overlay[ADDR_TEXT_LEN], nbma[ADDR_TEXT_LEN];

	strbuf_printf(out, "(Tunnel: %s NBMA: %s)", words_addr(&t->overlay, overlay),
	              words_addr(&t->peer, nbma));
}

struct neighbour {
	const char *mnemonic, *who;
	bool up;
};

static void add_neighbour(const struct trace *t, const struct neighbour *n, struct strbuf *out)
{
	add_head(t, n->mnemonic, out);
	strbuf_printf(out, "%s : ", n->who);
	add_peer(t, out);
	strbuf_printf(out, " is %s", n->up ? "UP" : "DOWN");
	if (!n->up && t->reason != REASON_NONE)
		strbuf_printf(out, ", Reason: %s", trace_reason_text(t->reason));
}

/* " for Registration Request" when the trace has the packet. */
static void add_packet_type(const struct trace *t, struct strbuf *out)
{
	struct nhrp_packet p;

	if (t->packet && nhrp_parse(t->packet, t->packet_len, &p) == NHRP_WIRE_OK)
		strbuf_printf(out, " for %s", nhrp_type_name(p.type));
}

static void add_authentication(const struct trace *t, struct strbuf *out)
{
	add_head(t, "3-NHRP_ERROR", out);
	strbuf_adds(out, "Received wrong authentication string");
	add_packet_type(t, out);
	strbuf_adds(out, " from ");
	add_peer(t, out);
	strbuf_printf(out, ", Reason: authentication failure (%d)", NHRP_ERROR_AUTHENTICATION);
}

static void add_refused(const struct trace *t, struct strbuf *out)
{
	add_head(t, "3-NHRP_ERROR", out);
	strbuf_adds(out, "Registration Request refused by Next Hop Server ");
	add_peer(t, out);
	strbuf_printf(out, ", Reason: %s (%u)", nhrp_code_name((uint8_t)t->code), t->code);
	/* The server keeps our former NBMA address for the rest of its holding time. */
	if (t->code == NHRP_CODE_UNIQUE_REGISTERED)
		strbuf_adds(out, "; where the NBMA address of this router changes, configure "
		                 "\"ip nhrp registration no-unique\"");
}

static void add_rejected(const struct trace *t, struct strbuf *out)
{
	add_head(t, "3-NHRP_ERROR", out);
	strbuf_adds(out, "Registration Request rejected from Next Hop Client ");
	add_peer(t, out);
	strbuf_printf(out, ", Reason: %s (%u)", nhrp_code_name((uint8_t)t->code), t->code);
}

/* What an Error Indication means for the one who has to act on it. */
static const char *error_advice(uint16_t error)
{
	switch (error) {
	case NHRP_ERROR_UNRECOGNIZED_EXTENSION:
		return "the peer does not know an extension that it has to act on";
	case NHRP_ERROR_LOOP:
		return "next hop servers forward to each other in a circle";
	case NHRP_ERROR_UNREACHABLE:
		return "the peer has no path to the protocol address asked for";
	case NHRP_ERROR_PROTOCOL:
		return "check that NHRP is on at the peer's tunnel (ip nhrp network-id) and that "
		       "the next hop server's address is the peer's";
	case NHRP_ERROR_SDU_SIZE:
		return "the packet is too long for the peer's path";
	case NHRP_ERROR_INVALID_EXTENSION:
		return "the peer found an extension malformed";
	case NHRP_ERROR_INVALID_REPLY:
		return "the peer got a reply to a request that it had not sent";
	case NHRP_ERROR_AUTHENTICATION:
		return "\"ip nhrp authentication\" differs between this router and the peer";
	case NHRP_ERROR_HOP_COUNT:
		return "too many next hop servers on the way, or a circle of them";
	default:
		return NULL;
	}
}

static void add_error(const struct trace *t, struct strbuf *out)
{
	const char *advice = error_advice(t->code);

	add_head(t, "3-NHRP_ERROR", out);
	strbuf_adds(out, "Received Error Indication from ");
	add_peer(t, out);
	strbuf_printf(out, ", Reason: %s (%u)", nhrp_error_name(t->code), t->code);
	if (advice)
		strbuf_printf(out, "; %s", advice);
}

static void add_name(const struct trace *t, struct strbuf *out)
{
	add_head(t, "4-NHRP_NAME_UNRESOLVED", out);
	strbuf_printf(out, "Next Hop Server name \"%s\" does not resolve", t->text ? t->text : "");
}

static void add_nat(const struct trace *t, struct strbuf *out)
{
	add_head(t, "3-NHRP_ERROR", out);
	strbuf_adds(out, "No reply from Next Hop Server ");
	add_peer(t, out);
	strbuf_adds(out, ", and this router is behind NAT: in clear a NAT lets only one router "
	                 "behind it speak GRE with the same server; \"tunnel protection\" tells "
	                 "them apart by UDP port");
}

/* "2.2.2.2:500", "[2001:db8::2]:500"; and who it is, where several share a NAT's address. */
static void add_place(const struct trace *t, struct strbuf *out)
{
	const struct addr *at = addr_is_none(&t->at) ? &t->peer : &t->at;
	char text[ADDR_TEXT_LEN];

	strbuf_printf(out, at->family == ADDR_V6 ? "[%s]:%u" : "%s:%u", words_addr(at, text),
	              t->port);
	if (!addr_equal(at, &t->peer))
		strbuf_printf(out, ", NBMA %s", words_addr(&t->peer, text));
}

static void add_session(const struct trace *t, struct strbuf *out)
{
	char name[WORDS_NAME_SIZE];

	strbuf_printf(out, "%%CRYPTO-5-SESSION_STATUS: Crypto tunnel is %s. Peer ",
	              t->type == TRACE_IPSEC_UP ? "UP" : "DOWN");
	add_place(t, out);
	strbuf_printf(out, ", %s", words_tunnel(t->tunnel, name));
	if (t->reason != REASON_NONE)
		strbuf_printf(out, ", Reason: %s", trace_reason_text(t->reason));
}

/* What is tried every few seconds and fails is told ever less often: the 1st, 2nd, 4th, 8th time.
 */
static bool is_worth_telling(const struct trace *t)
{
	const unsigned times = t->repeats + 1U;

	return (times & (times - 1)) == 0;
}

static void add_times(const struct trace *t, struct strbuf *out)
{
	if (t->repeats)
		strbuf_printf(out, " (%u times)", t->repeats + 1U);
}

static void add_failure(const struct trace *t, struct strbuf *out)
{
	char peer[ADDR_TEXT_LEN];

	strbuf_printf(out,
	              "%%CRYPTO-6-IKMP_MODE_FAILURE: Processing of IKE failed with peer at %s: %s",
	              words_addr(&t->peer, peer), t->text ? t->text : "");
	add_times(t, out);
}

static void add_advice(const struct trace *t, struct strbuf *out)
{
	char peer[ADDR_TEXT_LEN];

	strbuf_printf(out, "%%CRYPTO-6-IKMP_ADVICE: For the peer at %s configure: %s",
	              words_addr(&t->peer, peer), t->text ? t->text : "");
}

static const struct neighbour *neighbour_of(enum trace_type type)
{
	static const struct neighbour table[TRACE_TYPES_N] = {
		[TRACE_NHS_UP] = { "5-NHRP_NHS_UP", "Next Hop Server", true },
		[TRACE_NHS_DOWN] = { "5-NHRP_NHS_DOWN", "Next Hop Server", false },
		[TRACE_NHC_UP] = { "5-NHRP_NHC_UP", "Next Hop Client", true },
		[TRACE_NHC_DOWN] = { "5-NHRP_NHC_DOWN", "Next Hop Client", false },
		[TRACE_NHP_UP] = { "5-NHRP_NHP_UP", "Next Hop Peer", true },
		[TRACE_NHP_DOWN] = { "5-NHRP_NHP_DOWN", "Next Hop Peer", false },
	};

	return table[type].mnemonic ? &table[type] : NULL;
}

bool show_trace_log(const struct trace *t, struct strbuf *out)
{
	const struct neighbour *neighbour = neighbour_of(t->type);

	if (neighbour) {
		add_neighbour(t, neighbour, out);
		return true;
	}
	switch (t->type) {
	case TRACE_AUTHENTICATION_FAILED:
		add_authentication(t, out);
		return true;
	case TRACE_REGISTRATION_REFUSED:
		add_refused(t, out);
		return true;
	case TRACE_REGISTRATION_REJECTED:
		add_rejected(t, out);
		return true;
	case TRACE_ERROR_RECEIVED:
		add_error(t, out);
		return true;
	case TRACE_NAME_UNRESOLVED:
		add_name(t, out);
		return true;
	case TRACE_NAT_SUSPECTED:
		add_nat(t, out);
		return true;
	case TRACE_IPSEC_UP:
	case TRACE_IPSEC_DOWN:
		if (t->code)
			return false;
		add_session(t, out);
		return true;
	case TRACE_IKE_FAILED:
	case TRACE_IKE_ADVICE:
		if (!is_worth_telling(t))
			return false;
		if (t->type == TRACE_IKE_FAILED)
			add_failure(t, out);
		else
			add_advice(t, out);
		return true;
	default:
		return false;
	}
}
