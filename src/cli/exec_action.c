/* SPDX-License-Identifier: Apache-2.0 */
/* The exec commands that do something: they ask the host, or change the session. */
#include "cli/session.h"

#include <string.h>

#include "util/check.h"

/* Puts the number of the line's tunnel. False: not a tunnel of ours, and out says so. */
static bool find_tunnel(struct exec_call *call, bool *ret_one, uint32_t *ret_number)
{
	const struct show_source *source = &call->session->host.show;
	const struct grammar_arg *arg = exec_interface(call);

	if (!arg)
		return true;
	const struct snap_interface *interface =
		snapshot_interface(source->running(source->ctx), arg->text);
	if (!interface || !interface->tunnel) {
		(void)exec_refuse_interface(call, arg->text);
		return false;
	}
	*ret_one = true;
	*ret_number = interface->tunnel->number;
	return true;
}

enum cli_result exec_clear_nhrp(struct exec_call *call)
{
	const struct cli_host *host = &call->session->host;
	const struct grammar_arg *address = grammar_arg(call->args, "ADDR");
	const struct grammar_arg *mask = grammar_arg(call->args, "MASK");
	struct node_event clear = { .type = NODE_CLEAR };

	if (!find_tunnel(call, &clear.clear.one_tunnel, &clear.clear.tunnel))
		return CLI_REFUSED;
	clear.clear.shortcuts = call->value == CLEAR_SHORTCUTS;
	clear.clear.sessions = call->value == CLEAR_SESSIONS;
	clear.clear.statics = grammar_has(call->args, "static");
	if (grammar_has(call->args, "nbma")) {
		clear.clear.nbma = address->addr;
	} else if (grammar_has(call->args, "tunnel")) {
		clear.clear.via = address->addr;
	} else if (address) {
		struct prefix target = prefix_host(&address->addr);
		if (mask)
			target.len = mask->mask_len;
		clear.clear.one_target = true;
		clear.clear.target = prefix_network(&target);
	}
	host->clear(host->ctx, &clear);
	return CLI_DONE;
}

enum cli_result exec_clear_nhrp_counters(struct exec_call *call)
{
	const struct cli_host *host = &call->session->host;
	struct node_event clear = { .type = NODE_CLEAR_COUNTERS };

	if (!find_tunnel(call, &clear.clear.one_tunnel, &clear.clear.tunnel))
		return CLI_REFUSED;
	host->clear(host->ctx, &clear);
	return CLI_DONE;
}

enum cli_result exec_clear_crypto(struct exec_call *call)
{
	const struct cli_host *host = &call->session->host;
	const struct grammar_arg *id = grammar_arg(call->args, EXEC_CONN_ID);
	const struct grammar_arg *remote = grammar_arg(call->args, "ADDR");
	struct node_event clear = { .type = NODE_CLEAR_CRYPTO };

	clear.clear_crypto.what = (enum node_clear_crypto)call->value;
	if (id)
		clear.clear_crypto.ike_id = (uint32_t)id->number;
	if (remote)
		clear.clear_crypto.remote = remote->addr;
	host->clear(host->ctx, &clear);
	return CLI_DONE;
}

enum cli_result exec_clear_counters(struct exec_call *call)
{
	const struct cli_host *host = &call->session->host;
	bool one_tunnel = false;
	uint32_t tunnel = 0;

	if (!find_tunnel(call, &one_tunnel, &tunnel))
		return CLI_REFUSED;
	host->clear_counters(host->ctx, one_tunnel, tunnel);
	return CLI_DONE;
}

enum cli_result exec_ping(struct exec_call *call)
{
	struct cli_session *s = call->session;
	const struct grammar_arg *to = grammar_arg(call->args, "A.B.C.D");
	struct cli_ping ping = { .repeat = CLI_PING_REPEAT_DEFAULT,
		                 .size_bytes = CLI_PING_SIZE_DEFAULT,
		                 .timeout_s = CLI_PING_TIMEOUT_S };
	enum cli_result result = CLI_RUNNING;
	struct strbuf error;

	check(to);
	ping.to = to->addr;
	if (!exec_ping_options(call, &ping))
		return CLI_REFUSED;
	strbuf_init(&error);
	s->running = true;
	if (s->host.ping(s->host.ctx, s, &ping, &error) < 0) {
		s->running = false;
		result = exec_refuse_text(call->out, error.text);
	}
	strbuf_fini(&error);
	return result;
}

/* ---- debug ---- */

struct debug_kind {
	const char *keyword; /* behind `debug nhrp` or `debug crypto`; NULL: none */
	unsigned bit;
	const char *text;
};

static const struct debug_kind debug_kinds[] = {
	{ NULL, DEBUG_NHRP, "NHRP protocol debugging is" },
	{ "packet", DEBUG_NHRP_PACKET, "NHRP activity debugging is" },
	{ "extension", DEBUG_NHRP_EXTENSION, "NHRP extension processing debugging is" },
	{ "cache", DEBUG_NHRP_CACHE, "NHRP cache operations debugging is" },
	{ "rate", DEBUG_NHRP_RATE, "NHRP rate limiting debugging is" },
	{ "error", DEBUG_NHRP_ERROR, "NHRP errors debugging is" },
	{ "detail", DEBUG_NHRP_DETAIL, "NHRP detail debugging is" },
	{ "isakmp", DEBUG_CRYPTO_ISAKMP, "Crypto ISAKMP debugging is" },
	{ "ipsec", DEBUG_CRYPTO_IPSEC, "Crypto IPSEC debugging is" },
};

void exec_debug_text(unsigned debug, const char *indent, bool on, struct strbuf *out)
{
	for (size_t i = 0; i < sizeof debug_kinds / sizeof *debug_kinds; i++)
		if (debug & debug_kinds[i].bit)
			strbuf_printf(out, "%s%s %s\n", indent, debug_kinds[i].text,
			              on ? "on" : "off");
}

enum cli_result exec_debug(struct exec_call *call)
{
	struct cli_session *s = call->session;
	unsigned bit = DEBUG_NHRP;

	if (call->value == DEBUG_ALL_OFF) {
		s->debug = 0;
		strbuf_adds(call->out, EXEC_DEBUG_ALL_OFF);
		return CLI_DONE;
	}
	for (size_t i = 0; i < sizeof debug_kinds / sizeof *debug_kinds; i++)
		if (debug_kinds[i].keyword && grammar_has(call->args, debug_kinds[i].keyword))
			bit = debug_kinds[i].bit;
	const bool on = call->value == DEBUG_ON;
	s->debug = on ? s->debug | bit : s->debug & ~bit;
	exec_debug_text(bit, "", on, call->out);
	return CLI_DONE;
}

/* ---- the session ---- */

enum cli_result exec_terminal_monitor(struct exec_call *call)
{
	call->session->monitor = call->value;
	return CLI_DONE;
}

enum cli_result exec_terminal_length(struct exec_call *call)
{
	check(call->args->n);
	call->session->length = (uint16_t)call->args->arg[0].number;
	return CLI_DONE;
}

/* A tunnel whose lines are not all there is saved as shut down (daemon/host.c). */
static void tell_unfinished(const struct snapshot *running, struct strbuf *out)
{
	for (size_t i = 0; i < running->n_interfaces; i++) {
		const struct snap_interface *interface = running->interface[i];
		if (interface->tunnel && interface->tunnel->unfinished && !interface->shutdown)
			strbuf_printf(out,
			              "%% %s is not finished and was saved with shutdown; leave "
			              "its block and write again\n",
			              interface->name);
	}
}

enum cli_result exec_write(struct exec_call *call)
{
	const struct cli_host *host = &call->session->host;
	enum cli_result result = CLI_DONE;
	struct strbuf error;

	strbuf_init(&error);
	strbuf_adds(call->out, "Building configuration...\n");
	if (host->save(host->ctx, &error) < 0) {
		result = exec_refuse_text(call->out, error.text);
	} else {
		strbuf_adds(call->out, "[OK]\n");
		tell_unfinished(host->show.running(host->show.ctx), call->out);
	}
	strbuf_fini(&error);
	return result;
}

enum cli_result exec_configure(struct exec_call *call)
{
	if (call->session->echoed)
		strbuf_adds(call->out, "Enter configuration commands, one per line.  "
		                       "End with CNTL/Z.\n");
	session_configure(call->session);
	return CLI_DONE;
}

enum cli_result exec_enable(struct exec_call *call)
{
	struct cli_session *s = call->session;

	if (call->value && !s->may_configure)
		return exec_refuse_text(call->out, "Access denied: only root may configure");
	s->privileged = call->value;
	return CLI_DONE;
}

enum cli_result exec_exit(struct exec_call *call)
{
	(void)call;
	return CLI_CLOSE;
}
