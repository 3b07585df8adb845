/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a line to an exec command: filters are cut off, the row is found, options that may come in
 * any order are left to the row, and what it printed goes through the filters.
 */
#include "cli/session.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "util/check.h"
#include "util/memory.h"

static const struct grammar_word words[] = {
	{ "all", "All debugging" },
	{ "brief", "One line an entry" },
	{ "cache", "Cache entries that come, change and go" },
	{ "clear", "Delete entries, zero counters" },
	{ "configure", "Change the configuration" },
	{ "connected", "Networks of our own interfaces" },
	{ "copy", "Copy a configuration" },
	{ "counters", "Packet counters" },
	{ "crypto", "IKE and IPsec" },
	{ "debug", "Show what happens, as it happens" },
	{ "detail", "All that is known" },
	{ "dmvpn", "Dynamic multipoint VPN" },
	{ "diagnose", "What went wrong" },
	{ "dynamic", "What was learnt" },
	{ "error", "Packets that were dropped or refused" },
	{ "extension", "Extensions of packets" },
	{ "incomplete", "What is not resolved" },
	{ "interface", "One interface" },
	{ "ip", "IP" },
	{ "ipsec", "IPsec" },
	{ "ipv4", "IPv4" },
	{ "isakmp", "IKE" },
	{ "length", "Lines of a page" },
	{ "local", "What is our own" },
	{ "memory", "To the startup configuration" },
	{ "monitor", "Log lines" },
	{ "nbma", "By its NBMA address" },
	{ "network", "By what it leads to" },
	{ "nhrp", "Next Hop Resolution Protocol" },
	{ "nhs", "Next hop servers" },
	{ "no", "Turn off" },
	{ "packet", "Packets, field by field" },
	{ "peer", "One peer" },
	{ "pki", "Certificates" },
	{ "rate", "Packets over the rate limit" },
	{ "remote", "One peer, or what is not our own" },
	{ "running-config", "Configuration in force" },
	{ "shortcut", "Networks behind other spokes" },
	{ "show", "Look at the router" },
	{ "startup-config", "Configuration that the next start loads" },
	{ "static", "What the configuration says" },
	{ "terminal", "Settings of this session" },
	{ "tunnel", "By its tunnel address" },
	{ "undebug", "Turn debugging off" },
	{ "write", "Save the configuration in force" },
	{ "A.B.C.D", "IPv4 address" },
	{ "ADDR", "IPv4 or IPv6 address" },
	{ "MASK", "IPv4 network mask" },
	{ "WORD", "Name" },
};

static struct grammar exec_grammar(void)
{
	return (struct grammar){ .rows = exec_rows,
		                 .n_rows = exec_n_rows,
		                 .stride = sizeof *exec_rows,
		                 .words = words,
		                 .n_words = sizeof words / sizeof *words };
}

static bool may_use(const void *row, void *ctx)
{
	const struct exec_row *r = row;
	const struct cli_session *s = ctx;

	if (r->flags & EXEC_PRIVILEGED && !s->privileged)
		return false;
	return !(r->flags & EXEC_MODE && s->configuring);
}

enum cli_result exec_refuse(const struct cli_session *s, const struct exec_fault *fault,
                            struct strbuf *out)
{
	char prompt[CLI_PROMPT_SIZE];
	size_t indent = 0;

	if (s->echoed)
		indent = strlen(cli_prompt(s, prompt));
	else
		strbuf_printf(out, "%s\n", fault->line);
	grammar_explain(fault->result, fault->line, fault->column, indent, out);
	return CLI_REFUSED;
}

enum cli_result exec_refuse_text(struct strbuf *out, const char *text)
{
	strbuf_printf(out, "%% %s\n", text);
	return CLI_REFUSED;
}

/* The column of the words that name an interface; that of the line's end when none do. */
static size_t interface_column(const char *line, const char *name)
{
	char found[SNAP_NAME_SIZE];
	size_t at = strspn(line, " \t");

	while (line[at]) {
		const size_t len = strcspn(line + at, " \t");
		char *rest = memory_strdup(line + at);
		const size_t second = len + strspn(rest + len, " \t");
		rest[second + strcspn(rest + second, " \t")] = '\0';
		bool same = grammar_interface_name(rest, found, sizeof found) &&
		            strcmp(found, name) == 0;
		rest[len] = '\0';
		same |= grammar_interface_name(rest, found, sizeof found) &&
		        strcmp(found, name) == 0;
		free(rest);
		if (same)
			break;
		at += second;
	}
	return at;
}

const struct grammar_arg *exec_interface(const struct exec_call *call)
{
	const struct grammar_arg *tunnel = grammar_arg(call->args, "TUNNEL");

	return tunnel ? tunnel : grammar_arg(call->args, "INTERFACE");
}

enum cli_result exec_refuse_interface(const struct exec_call *call, const char *name)
{
	const struct exec_fault fault = { GRAMMAR_INVALID, call->line,
		                          interface_column(call->line, name) };

	return exec_refuse(call->session, &fault, call->out);
}

/* A command found in a line. */
struct found {
	const struct exec_row *row;
	struct grammar_args args;
	size_t head_len; /* where the options begin */
};

/*
 * Finds the longest head of the command, ended by a blank, that is a row with options. words_only:
 * the text is being typed, and its last word belongs to the options.
 */
static bool find_head(struct cli_session *s, const char *command, struct found *f)
{
	const struct grammar grammar = exec_grammar();
	char *head = memory_strdup(command);
	bool found = false;

	for (size_t len = strlen(head); !found && len; len--) {
		if (!isblank((unsigned char)command[len]) ||
		    isblank((unsigned char)command[len - 1]))
			continue;
		head[len] = '\0';
		size_t row, column;
		if (grammar_match(&grammar, head, may_use, s, &row, &f->args, &column) !=
		    GRAMMAR_OK)
			continue;
		f->row = &exec_rows[row];
		f->head_len = len;
		found = f->row->flags & EXEC_OPTIONS;
	}
	free(head);
	return found;
}

static enum grammar_result find(struct cli_session *s, const char *command, struct found *f,
                                size_t *ret_column)
{
	const struct grammar grammar = exec_grammar();
	size_t row;
	enum grammar_result result =
		grammar_match(&grammar, command, may_use, s, &row, &f->args, ret_column);

	if (result == GRAMMAR_OK) {
		f->row = &exec_rows[row];
		f->head_len = strlen(command);
		return result;
	}
	return find_head(s, command, f) ? GRAMMAR_OK : result;
}

/* start: where the line's filters begin. */
static enum cli_result refuse_pipe(const struct exec_call *call, size_t start,
                                   const struct pipe_error *error)
{
	const struct exec_fault fault = { error->result, call->line, start + error->column };

	if (error->result != GRAMMAR_OK)
		return exec_refuse(call->session, &fault, call->out);
	if (!call->session->echoed)
		strbuf_printf(call->out, "%s\n", call->line);
	return exec_refuse_text(call->out, error->text);
}

static enum cli_result run_found(const struct found *f, struct exec_call *call)
{
	const size_t start = pipe_start(call->line);
	const char *bar = call->line + start;
	const struct exec_fault no_filters = { GRAMMAR_INVALID, call->line, start };
	struct pipe pipe = { 0 };
	struct pipe_error error;

	if (*bar && !(f->row->flags & EXEC_SHOW))
		return exec_refuse(call->session, &no_filters, call->out);
	if (*bar && !pipe_parse(bar, &pipe, &error))
		return refuse_pipe(call, start, &error);
	const size_t before = call->out->len;
	call->json = pipe.json;
	call->args = &f->args;
	call->value = f->row->value;
	enum cli_result result = f->row->run(call);
	if (result == CLI_DONE)
		pipe_run(&pipe, call->out, before);
	pipe_fini(&pipe);
	return result;
}

enum cli_result exec_run(struct cli_session *s, const char *line, size_t from, struct strbuf *out)
{
	char *command = memory_strdup(line + from);
	struct found *f = memory_new(1, sizeof *f);
	struct exec_call call = { .session = s, .line = line, .out = out };
	enum cli_result result = CLI_DONE;
	size_t column = 0;

	command[pipe_start(command)] = '\0';
	enum grammar_result matched = find(s, command, f, &column);
	if (matched == GRAMMAR_OK) {
		call.options = command + f->head_len;
		call.options_column = from + f->head_len;
		result = run_found(f, &call);
	} else if (matched != GRAMMAR_EMPTY) {
		const struct exec_fault fault = { matched, line, from + column };
		result = exec_refuse(s, &fault, out);
	}
	free(f);
	free(command);
	return result;
}

void exec_help(struct cli_session *s, const char *line, struct strbuf *out)
{
	const struct grammar grammar = exec_grammar();
	const char *bar = line + pipe_start(line);
	struct found *f = memory_new(1, sizeof *f);
	enum grammar_result result;
	size_t column = 0;

	if (*bar) {
		result = pipe_help(bar, out, &column);
		column += (size_t)(bar - line);
	} else if (find_head(s, line, f)) {
		result = exec_options_help(line + f->head_len, out, &column);
		column += f->head_len;
	} else {
		result = grammar_help(&grammar, line, may_use, s, out, &column);
	}
	if (result == GRAMMAR_INVALID)
		strbuf_adds(out, "% Unrecognized command\n");
	else
		grammar_explain(result, line, column, 0, out);
	free(f);
}

void exec_complete(struct cli_session *s, const char *line, struct strbuf *out)
{
	const struct grammar grammar = exec_grammar();
	const char *bar = line + pipe_start(line);
	struct found *f = memory_new(1, sizeof *f);

	if (*bar)
		pipe_complete(bar, out);
	else if (find_head(s, line, f))
		exec_options_complete(line + f->head_len, out);
	else
		grammar_complete(&grammar, line, may_use, s, out);
	free(f);
}
