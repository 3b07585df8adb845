/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/fake_host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/check.h"

enum { FAKE_LINES = 100 };

/* `show interfaces` alone is long, for the tests of paging. */
void show(const struct show_source *source, const struct show_request *request, struct strbuf *out)
{
	char text[ADDR_TEXT_LEN], network[PREFIX_TEXT_LEN];
	struct fake_host *f = source->ctx;

	f->n_shows++;
	if (request->what == SHOW_INTERFACES && !request->interface) {
		for (int i = 1; i <= FAKE_LINES; i++)
			strbuf_printf(out, "interface line %d\n", i);
		return;
	}
	strbuf_printf(out, "show %d%s", request->what, request->json ? " json" : "");
	if (request->what == SHOW_CRYPTO_ISAKMP_KEY)
		strbuf_adds(out, request->secrets ? " in clear" : " hidden");
	if (request->name)
		strbuf_printf(out, " name %s", request->name);
	if (request->one_tunnel)
		strbuf_printf(out, " tunnel %u", request->tunnel);
	if (request->interface)
		strbuf_printf(out, " interface %s", request->interface);
	if (request->one_address)
		strbuf_printf(out, " address %s", addr_format(&request->address, text));
	if (request->entries)
		strbuf_printf(out, " entries %d", request->entries);
	if (request->route)
		strbuf_printf(out, " code %c", request->route);
	if (!addr_is_none(&request->nbma))
		strbuf_printf(out, " nbma %s", addr_format(&request->nbma, text));
	if (!addr_is_none(&request->via))
		strbuf_printf(out, " via %s", addr_format(&request->via, text));
	if (!addr_is_none(&request->network.addr))
		strbuf_printf(out, " network %s", prefix_format(&request->network, network));
	strbuf_addc(out, '\n');
}

void show_trace_debug(const struct trace *t, unsigned debug, struct strbuf *out)
{
	if (debug & DEBUG_NHRP_PACKET && t->type == TRACE_PACKET_SENT)
		strbuf_adds(out, "NHRP: Send\n one line more\n");
}

static struct now now(void *ctx)
{
	const struct fake_host *f = ctx;

	return f->now;
}

static const struct snapshot *running(void *ctx)
{
	const struct fake_host *f = ctx;

	return f->running;
}

static bool interface_next(void *ctx, size_t *cursor, struct interface_view *ret)
{
	const struct fake_host *f = ctx;

	if (*cursor >= f->running->n_interfaces)
		return false;
	const struct snap_interface *i = f->running->interface[(*cursor)++];
	*ret = (struct interface_view){ .config = i, .address = *snap_interface_address(i) };
	snprintf(ret->name, sizeof ret->name, "%s", i->name);
	return true;
}

static void program(void *ctx, struct program_view *ret)
{
	const struct fake_host *f = ctx;

	*ret = (struct program_view){ .hostname = f->running->hostname };
}

static int commit(void *ctx, struct snapshot *next, struct strbuf *error)
{
	struct fake_host *f = ctx;

	strbuf_adds(&f->journal, "commit\n");
	if (f->fail) {
		snapshot_free(next);
		strbuf_adds(error, "The commit failed");
		return f->fail;
	}
	snapshot_free(f->running);
	f->running = next;
	return 0;
}

static int save(void *ctx, struct strbuf *error)
{
	struct fake_host *f = ctx;

	strbuf_adds(&f->journal, "save\n");
	if (f->fail) {
		strbuf_adds(error, "The disk is full");
		return f->fail;
	}
	strbuf_truncate(&f->startup, 0);
	config_print(f->running, false, &f->startup);
	return 0;
}

static int startup(void *ctx, struct strbuf *out, struct strbuf *error)
{
	struct fake_host *f = ctx;

	if (!f->startup.len) {
		strbuf_adds(error, "startup-config is not present");
		return -ENOENT;
	}
	strbuf_add(out, f->startup.text, f->startup.len);
	return 0;
}

static void clear_crypto(struct fake_host *f, const struct node_event *clear)
{
	static const char *const what[] = { [NODE_CLEAR_ISAKMP] = "isakmp",
		                            [NODE_CLEAR_IPSEC] = "ipsec",
		                            [NODE_CLEAR_SESSION] = "session" };
	char text[ADDR_TEXT_LEN];

	strbuf_printf(&f->journal, "clear crypto %s", what[clear->clear_crypto.what]);
	if (clear->clear_crypto.ike_id)
		strbuf_printf(&f->journal, " %u", clear->clear_crypto.ike_id);
	if (!addr_is_none(&clear->clear_crypto.remote))
		strbuf_printf(&f->journal, " of %s",
		              addr_format(&clear->clear_crypto.remote, text));
	strbuf_addc(&f->journal, '\n');
}

static void clear_any(void *ctx, const struct node_event *clear)
{
	struct fake_host *f = ctx;
	char text[PREFIX_TEXT_LEN];

	if (clear->type == NODE_CLEAR_CRYPTO) {
		clear_crypto(f, clear);
		return;
	}
	strbuf_adds(&f->journal, clear->type == NODE_CLEAR ? "clear" : "clear counters");
	if (clear->clear.one_tunnel)
		strbuf_printf(&f->journal, " tunnel %u", clear->clear.tunnel);
	if (clear->clear.one_target)
		strbuf_printf(&f->journal, " target %s", prefix_format(&clear->clear.target, text));
	if (clear->clear.shortcuts)
		strbuf_adds(&f->journal, " shortcuts");
	if (clear->clear.sessions)
		strbuf_printf(&f->journal, " sessions%s",
		              clear->clear.statics ? " and static" : "");
	if (!addr_is_none(&clear->clear.nbma))
		strbuf_printf(&f->journal, " nbma %s", addr_format(&clear->clear.nbma, text));
	if (!addr_is_none(&clear->clear.via))
		strbuf_printf(&f->journal, " via %s", addr_format(&clear->clear.via, text));
	strbuf_addc(&f->journal, '\n');
}

static void clear_counters(void *ctx, bool one_tunnel, uint32_t tunnel)
{
	struct fake_host *f = ctx;

	strbuf_printf(&f->journal, "clear data plane %s %u\n", one_tunnel ? "tunnel" : "all",
	              tunnel);
}

static int ping(void *ctx, struct cli_session *session, const struct cli_ping *request,
                struct strbuf *error)
{
	struct fake_host *f = ctx;
	char to[ADDR_TEXT_LEN], from[ADDR_TEXT_LEN];

	if (f->fail) {
		strbuf_adds(error, "Cannot ping");
		return f->fail;
	}
	check(!f->pinging);
	f->pinging = session;
	strbuf_printf(&f->journal, "ping %s from %s repeat %u size %u timeout %u%s\n",
	              addr_format(&request->to, to), addr_format(&request->source, from),
	              request->repeat, request->size_bytes, request->timeout_s,
	              request->df ? " df" : "");
	return 0;
}

static void ping_stop(void *ctx, struct cli_session *session)
{
	struct fake_host *f = ctx;

	if (f->pinging != session)
		return;
	f->pinging = NULL;
	strbuf_adds(&f->journal, "ping stop\n");
	cli_print(session, "stopped\n", 8);
	cli_done(session, true);
}

static void log_line(void *ctx, const char *line)
{
	struct fake_host *f = ctx;

	strbuf_printf(&f->journal, "log %s\n", line);
}

static const char config[] = "hostname R1\n"
			     "interface Tunnel0\n"
			     " ip address 10.10.10.1 255.255.255.0\n"
			     " ip nhrp authentication secret\n"
			     " ip nhrp network-id 1\n"
			     "interface Tunnel1\n"
			     "interface FastEthernet0/0\n"
			     " ip address 1.1.1.2 255.255.255.0\n";

static bool others_type(void *ctx, const struct cli_session *but, const char *interface)
{
	const struct fake_host *f = ctx;

	(void)but;
	(void)interface;
	return f->others;
}

void fake_host_init(struct fake_host *f)
{
	struct config_remarks remarks = { 0 };

	*f = (struct fake_host){
		.host = { .ctx = f,
		          .show = { .ctx = f,
		                    .now = now,
		                    .running = running,
		                    .interface_next = interface_next,
		                    .program = program },
		          .commit = commit,
		          .save = save,
		          .startup = startup,
		          .clear = clear_any,
		          .clear_counters = clear_counters,
		          .ping = ping,
		          .ping_stop = ping_stop,
		          .others_type = others_type,
		          .log = log_line },
	};
	strbuf_init(&f->startup);
	strbuf_init(&f->journal);
	f->running = config_parse(config, sizeof config - 1, &remarks);
	check(!remarks.n_errors);
	config_remarks_fini(&remarks);
}

void fake_host_fini(struct fake_host *f)
{
	snapshot_free(f->running);
	strbuf_fini(&f->startup);
	strbuf_fini(&f->journal);
}
