/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The show commands: those of show/ get their request from the line; the configuration, the clock
 * and what belongs to the session are printed here.
 */
#include "cli/session.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/check.h"

enum { SHOW_JSON_SCHEMA = 1 };

/* The variant that a keyword of the line asks for. */
static enum show_what show_variant(int value, const struct grammar_args *args)
{
	const bool detail = grammar_has(args, "detail");

	switch (value) {
	case SHOW_IP_NHRP:
		if (grammar_has(args, "brief"))
			return SHOW_IP_NHRP_BRIEF;
		return detail ? SHOW_IP_NHRP_DETAIL : SHOW_IP_NHRP;
	case SHOW_IP_NHRP_NHS:
		return detail ? SHOW_IP_NHRP_NHS_DETAIL : SHOW_IP_NHRP_NHS;
	case SHOW_CRYPTO_ISAKMP_SA:
		return detail ? SHOW_CRYPTO_ISAKMP_SA_DETAIL : SHOW_CRYPTO_ISAKMP_SA;
	case SHOW_CRYPTO_IPSEC_SA:
		return detail ? SHOW_CRYPTO_IPSEC_SA_DETAIL : SHOW_CRYPTO_IPSEC_SA;
	case SHOW_CRYPTO_SESSION:
		if (grammar_has(args, "brief"))
			return SHOW_CRYPTO_SESSION_BRIEF;
		return detail ? SHOW_CRYPTO_SESSION_DETAIL : SHOW_CRYPTO_SESSION;
	case SHOW_DMVPN:
		return detail ? SHOW_DMVPN_DETAIL : SHOW_DMVPN;
	default:
		return (enum show_what)value;
	}
}

/* Fills in the request's interface. False: there is no such one, and out says so. */
static bool put_interface(struct exec_call *call, struct show_request *request)
{
	const struct show_source *source = &call->session->host.show;
	const struct grammar_arg *arg = exec_interface(call);

	if (!arg)
		return true;
	const struct snapshot *running = source->running(source->ctx);
	const struct snap_interface *interface = snapshot_interface(running, arg->text);
	if (!interface) {
		(void)exec_refuse_interface(call, arg->text);
		return false;
	}
	if (interface->tunnel) {
		request->one_tunnel = true;
		request->tunnel = interface->tunnel->number;
	}
	request->interface = interface->name;
	return true;
}

/* By one of its words: the kind of entries that the line asks for. */
static enum show_entries which_entries(const struct grammar_args *args)
{
	static const char *const words[] = {
		[SHOW_ENTRIES_STATIC] = "static",         [SHOW_ENTRIES_DYNAMIC] = "dynamic",
		[SHOW_ENTRIES_INCOMPLETE] = "incomplete", [SHOW_ENTRIES_LOCAL] = "local",
		[SHOW_ENTRIES_REMOTE] = "remote",         [SHOW_ENTRIES_SHORTCUT] = "shortcut",
	};

	for (size_t i = SHOW_ENTRIES_STATIC; i < sizeof words / sizeof *words; i++)
		if (grammar_has(args, words[i]))
			return (enum show_entries)i;
	return SHOW_ENTRIES_ALL;
}

static char which_routes(const struct grammar_args *args)
{
	static const struct {
		const char *word;
		char code;
	} codes[] = { { "connected", 'C' }, { "local", 'L' }, { "nhrp", 'H' }, { "static", 'S' } };

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (grammar_has(args, codes[i].word))
			return codes[i].code;
	return '\0';
}

/* `peer` of `show dmvpn`, or the address that a line is about. */
static void put_address(const struct grammar_args *args, struct show_request *request)
{
	const struct grammar_arg *address = grammar_arg(args, "ADDR");
	const struct grammar_arg *network = grammar_arg(args, "A.B.C.D");
	const struct grammar_arg *mask = grammar_arg(args, "MASK");

	if (network && mask)
		request->network =
			prefix_network(&(struct prefix){ network->addr, mask->mask_len });
	if (!address)
		return;
	if (grammar_has(args, "nbma")) {
		request->nbma = address->addr;
	} else if (grammar_has(args, "tunnel")) {
		request->via = address->addr;
	} else {
		request->one_address = true;
		request->address = address->addr;
	}
}

enum cli_result exec_show(struct exec_call *call)
{
	const struct grammar_arg *name = grammar_arg(call->args, "WORD");
	struct show_request request = { .what = show_variant(call->value, call->args),
		                        .json = call->json,
		                        .secrets = call->session->may_configure };

	if (name)
		request.name = name->text;
	if (call->value == SHOW_IP_ROUTE)
		request.route = which_routes(call->args);
	else if (call->value == SHOW_IP_NHRP || call->value == SHOW_DMVPN)
		request.entries = which_entries(call->args);
	put_address(call->args, &request);
	if (!put_interface(call, &request))
		return CLI_REFUSED;
	show(&call->session->host.show, &request, call->out);
	return CLI_DONE;
}

/* ---- JSON of what is printed here: docs/json.md ---- */

static json_t *json_answer(const char *command)
{
	json_t *answer = json_object();

	check(answer);
	check(!json_object_set_new(answer, "schema", json_integer(SHOW_JSON_SCHEMA)));
	check(!json_object_set_new(answer, "command", json_string(command)));
	return answer;
}

static void json_print(json_t *answer, struct strbuf *out)
{
	char *text = json_dumps(answer, JSON_INDENT(2));

	check(text);
	strbuf_adds(out, text);
	strbuf_addc(out, '\n');
	free(text);
	json_decref(answer);
}

/* A text as an array of its lines; what is no UTF-8 is left out. */
static json_t *json_lines(const char *text)
{
	json_t *lines = json_array();

	check(lines);
	while (*text) {
		const size_t len = strcspn(text, "\n");
		json_t *line = json_stringn(text, len);
		if (line)
			check(!json_array_append_new(lines, line));
		text += len + (text[len] == '\n');
	}
	return lines;
}

static void print_config_json(const char *command, const char *text, struct strbuf *out)
{
	json_t *answer = json_answer(command);

	check(!json_object_set_new(answer, "bytes", json_integer((json_int_t)strlen(text))));
	check(!json_object_set_new(answer, "lines", json_lines(text)));
	json_print(answer, out);
}

/* ---- configurations ---- */

/* Cuts a printed configuration down to one interface's block. False when it has none. */
static bool keep_interface(struct strbuf *config, const char *name)
{
	struct strbuf head, block;

	strbuf_init(&head);
	strbuf_init(&block);
	strbuf_printf(&head, "interface %s\n", name);
	const char *at = config->text;
	while (*at && strncmp(at, head.text, head.len) != 0) {
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	const bool found = *at;
	while (*at && (block.len == 0 || *at == ' ')) {
		const size_t len = strcspn(at, "\n");
		strbuf_add(&block, at, len);
		strbuf_addc(&block, '\n');
		at += len + (at[len] == '\n');
	}
	strbuf_adds(&block, "end\n");
	strbuf_truncate(config, 0);
	strbuf_add(config, block.text, block.len);
	strbuf_fini(&block);
	strbuf_fini(&head);
	return found;
}

enum cli_result exec_show_running(struct exec_call *call)
{
	const struct cli_session *s = call->session;
	const struct grammar_arg *interface = exec_interface(call);
	const struct snapshot *running = s->host.show.running(s->host.show.ctx);
	enum cli_result result = CLI_DONE;
	struct strbuf config;

	strbuf_init(&config);
	config_print(running, !s->may_configure, &config);
	if (interface && !keep_interface(&config, interface->text)) {
		result = exec_refuse_interface(call, interface->text);
	} else if (call->json) {
		print_config_json("show running-config", config.text, call->out);
	} else {
		strbuf_printf(call->out,
		              "Building configuration...\n\nCurrent configuration : %zu bytes\n"
		              "!\n%s",
		              config.len, config.text);
	}
	strbuf_fini(&config);
	return result;
}

/* Those who only look get the secrets hidden, which takes reading and printing the text. */
static void hide_secrets(struct strbuf *text)
{
	struct config_remarks remarks = { 0 };
	struct snapshot *startup = config_parse(text->text, text->len, &remarks);

	strbuf_truncate(text, 0);
	config_print(startup, true, text);
	snapshot_free(startup);
	config_remarks_fini(&remarks);
}

enum cli_result exec_show_startup(struct exec_call *call)
{
	const struct cli_session *s = call->session;
	enum cli_result result = CLI_DONE;
	struct strbuf text, error;

	strbuf_init(&text);
	strbuf_init(&error);
	if (s->host.startup(s->host.ctx, &text, &error) < 0) {
		result = exec_refuse_text(call->out, error.text);
	} else {
		if (!s->may_configure)
			hide_secrets(&text);
		if (call->json)
			print_config_json("show startup-config", text.text, call->out);
		else
			strbuf_printf(call->out, "Using %zu bytes\n%s", text.len, text.text);
		if (!call->json && text.len && text.text[text.len - 1] != '\n')
			strbuf_addc(call->out, '\n');
	}
	strbuf_fini(&error);
	strbuf_fini(&text);
	return result;
}

/* ---- the session's own ---- */

static void print_history(const struct exec_call *call)
{
	const struct cli_session *s = call->session;
	struct strbuf lines;

	strbuf_init(&lines);
	for (size_t i = 0; i < s->n_history; i++)
		strbuf_printf(&lines, "%s%s\n", call->json ? "" : "  ", s->history[i]);
	if (call->json) {
		json_t *answer = json_answer("show history");
		check(!json_object_set_new(answer, "history", json_lines(lines.text)));
		json_print(answer, call->out);
	} else {
		strbuf_add(call->out, lines.text, lines.len);
	}
	strbuf_fini(&lines);
}

static void print_clock(const struct exec_call *call)
{
	const struct show_source *source = &call->session->host.show;
	const struct now now = source->now(source->ctx);
	const time_t seconds = now.wall_ms / 1000;
	const int ms = (int)(now.wall_ms % 1000);
	char time_of_day[16], zone_and_day[64];
	struct tm tm;

	localtime_r(&seconds, &tm);
	if (call->json) {
		json_t *answer = json_answer("show clock");
		check(!json_object_set_new(answer, "wall_ms", json_integer(now.wall_ms)));
		json_print(answer, call->out);
		return;
	}
	strftime(time_of_day, sizeof time_of_day, "%H:%M:%S", &tm);
	strftime(zone_and_day, sizeof zone_and_day, "%Z %a %b %e %Y", &tm);
	strbuf_printf(call->out, "%s.%03d %s\n", time_of_day, ms, zone_and_day);
}

/* IOS has a heading for each part of it that is debugged. */
static void add_debugging(unsigned debug, const char *heading, struct strbuf *out)
{
	if (debug)
		strbuf_printf(out, "%s:\n", heading);
	exec_debug_text(debug, "  ", true, out);
}

static void print_debugging(const struct exec_call *call)
{
	const unsigned debug = call->session->debug;
	struct strbuf lines;

	if (!call->json) {
		add_debugging(debug & DEBUG_NHRP_ALL, "NHRP", call->out);
		add_debugging(debug & ~(unsigned)DEBUG_NHRP_ALL, "Cryptographic Subsystem",
		              call->out);
		return;
	}
	strbuf_init(&lines);
	exec_debug_text(debug, "", true, &lines);
	json_t *answer = json_answer("show debugging");
	check(!json_object_set_new(answer, "debugging", json_lines(lines.text)));
	json_print(answer, call->out);
	strbuf_fini(&lines);
}

static void print_privilege(const struct exec_call *call)
{
	enum { LEVEL_USER = 1, LEVEL_PRIVILEGED = 15 };
	const int level = call->session->privileged ? LEVEL_PRIVILEGED : LEVEL_USER;

	if (call->json) {
		json_t *answer = json_answer("show privilege");
		check(!json_object_set_new(answer, "level", json_integer(level)));
		json_print(answer, call->out);
	} else {
		strbuf_printf(call->out, "Current privilege level is %d\n", level);
	}
}

enum cli_result exec_show_own(struct exec_call *call)
{
	switch (call->value) {
	case SHOW_HISTORY:
		print_history(call);
		break;
	case SHOW_CLOCK:
		print_clock(call);
		break;
	case SHOW_DEBUGGING:
		print_debugging(call);
		break;
	case SHOW_PRIVILEGE:
		print_privilege(call);
		break;
	}
	return CLI_DONE;
}
