/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session and its modes. In configuration mode each line is applied to a copy of the running
 * snapshot, and a copy that differs is put in force at once: a refused line changes nothing. Only a
 * tunnel that is new waits for the end of its block, since what protects it comes with one of its
 * lines and until then it would send in clear.
 * Control thread only.
 */
#include "cli/session.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/check.h"
#include "util/memory.h"

struct cli_session *cli_session_new(const struct cli_host *host, const struct cli_output *output,
                                    bool privileged)
{
	struct cli_session *s = memory_new(1, sizeof *s);

	s->host = *host;
	s->output = *output;
	s->user = memory_strdup(output->user ? output->user : "console");
	s->output.user = s->user;
	s->may_configure = s->privileged = privileged;
	s->length = CLI_LENGTH_AUTO;
	return s;
}

static void forget_line(char *line)
{
	memory_wipe(line, strlen(line)); /* it may hold a secret */
	free(line);
}

static void remember_line(struct cli_session *s, const char *line)
{
	if (s->n_history && strcmp(s->history[s->n_history - 1], line) == 0)
		return;
	if (s->n_history == CLI_HISTORY_MAX) {
		forget_line(s->history[0]);
		memmove(s->history, s->history + 1, --s->n_history * sizeof *s->history);
	}
	s->history[s->n_history++] = memory_strdup(line);
}

/* ---- configuration mode ---- */

void session_configure(struct cli_session *s)
{
	s->configuring = true;
	s->mode = (struct config_mode){ 0 };
}

static void end_configuration(struct cli_session *s)
{
	struct strbuf line;

	s->configuring = false;
	s->mode = (struct config_mode){ 0 };
	strbuf_init(&line);
	strbuf_printf(&line, "%%SYS-5-CONFIG_I: Configured from console by %s", s->user);
	if (s->host.log)
		s->host.log(s->host.ctx, line.text);
	strbuf_fini(&line);
}

void cli_session_free(struct cli_session *s)
{
	if (!s)
		return;
	s->closing = true;
	if (s->running)
		s->host.ping_stop(s->host.ctx, s);
	s->debug = 0;
	if (s->configuring)
		end_configuration(s);
	while (s->n_history)
		forget_line(s->history[--s->n_history]);
	free(s->user);
	free(s);
}

/* Prints what config/ has to say about a line that it refused or took with a remark. */
static void print_remark(const struct cli_session *s, const struct config_remark *remark,
                         const char *line, struct strbuf *out)
{
	char prompt[CLI_PROMPT_SIZE];
	size_t indent = 0;

	if (!remark->line)
		return;
	if (remark->severity == CONFIG_ERROR && remark->syntax != GRAMMAR_OK) {
		if (s->echoed)
			indent = strlen(cli_prompt(s, prompt));
		else
			strbuf_printf(out, "%s\n", line);
		grammar_explain(remark->syntax, line, remark->column, indent, out);
		return;
	}
	if (remark->severity == CONFIG_ERROR || s->echoed)
		strbuf_printf(out, "%% %s\n", remark->text);
	else
		strbuf_printf(out, "%% \"%s\": %s\n", line + strspn(line, " \t"), remark->text);
}

static enum cli_result commit(struct cli_session *s, struct snapshot *next,
                              const struct snapshot *running, struct strbuf *out)
{
	enum cli_result result = CLI_DONE;
	struct strbuf error;

	if (config_equal(next, running)) {
		snapshot_free(next);
		return CLI_DONE;
	}
	strbuf_init(&error);
	if (s->host.commit(s->host.ctx, next, &error) < 0)
		result = exec_refuse_text(out, error.text);
	strbuf_fini(&error);
	return result;
}

static struct snap_tunnel *tunnel_of(const struct snapshot *s, const char *name)
{
	const struct snap_interface *i = name[0] ? snapshot_interface(s, name) : NULL;

	return i ? i->tunnel : NULL;
}

/* With two in the block of a new tunnel the last that leaves it is done with it. */
static bool others_type(const struct cli_session *s)
{
	return s->host.others_type && s->host.others_type(s->host.ctx, s, s->unfinished);
}

/* The tunnel whose block a line has left may run now; the one whose block it has begun may not. */
static void hold_unfinished(const struct cli_session *s, const struct config_mode *mode,
                            const struct snapshot *running, struct snapshot *next)
{
	const bool inside = mode->block == CONFIG_INTERFACE;
	struct snap_tunnel *left = tunnel_of(next, s->unfinished);
	struct snap_tunnel *entered = inside ? tunnel_of(next, mode->name) : NULL;

	if (left && left != entered && !others_type(s))
		left->unfinished = false;
	if (entered && !tunnel_of(running, mode->name))
		entered->unfinished = true;
}

static void note_unfinished(struct cli_session *s)
{
	const struct snapshot *running = s->host.show.running(s->host.show.ctx);
	const struct snap_tunnel *t =
		s->mode.block == CONFIG_INTERFACE ? tunnel_of(running, s->mode.name) : NULL;

	snprintf(s->unfinished, sizeof s->unfinished, "%s", t && t->unfinished ? s->mode.name : "");
}

static enum cli_result leave_block(struct cli_session *s, struct strbuf *out)
{
	const struct snapshot *running = s->host.show.running(s->host.show.ctx);
	struct snapshot *next = snapshot_copy(running);

	s->mode = (struct config_mode){ 0 };
	hold_unfinished(s, &s->mode, running, next);
	enum cli_result result = commit(s, next, running, out);
	note_unfinished(s);
	return result;
}

static enum cli_result leave_configuration(struct cli_session *s, struct strbuf *out)
{
	enum cli_result result = leave_block(s, out);

	end_configuration(s);
	return result;
}

static enum cli_result configure_line(struct cli_session *s, const char *line, struct strbuf *out)
{
	const struct snapshot *running = s->host.show.running(s->host.show.ctx);
	struct snapshot *next = snapshot_copy(running);
	struct config_mode mode = s->mode;
	struct config_remark remark = { 0 };
	enum cli_result result = CLI_REFUSED;

	const bool taken = config_line(next, &mode, line, &remark);
	print_remark(s, &remark, line, out);
	if (taken) {
		hold_unfinished(s, &mode, running, next);
		result = commit(s, next, running, out);
	} else {
		snapshot_free(next);
	}
	if (result != CLI_REFUSED) {
		s->mode = mode;
		note_unfinished(s);
	}
	free(remark.line);
	free(remark.text);
	return result;
}

/* True when the first word of a line is an abbreviation, of at least min bytes, of a word. */
static bool first_word_is(const char *line, const char *word, size_t min)
{
	const size_t len = strcspn(line, " \t");

	return len >= min && len <= strlen(word) && strncmp(line, word, len) == 0;
}

static bool is_alone(const char *line)
{
	return !line[strcspn(line, " \t")];
}

/* Where the exec command behind `do` begins; 0: there is none. */
static size_t after_do(const char *line)
{
	if (!first_word_is(line, "do", 2) || is_alone(line))
		return 0;
	return 2 + strspn(line + 2, " \t");
}

/* A line, its first word at start, in configuration mode. */
static enum cli_result exec_in_config(struct cli_session *s, const char *line, size_t start,
                                      struct strbuf *out)
{
	const char *text = line + start;
	const size_t command = after_do(text);

	if (command)
		return exec_run(s, line, start + command, out);
	if (first_word_is(text, "end", 3) && is_alone(text))
		return leave_configuration(s, out);
	if (first_word_is(text, "exit", 2) && is_alone(text))
		return s->mode.block == CONFIG_GLOBAL ? leave_configuration(s, out)
		                                      : leave_block(s, out);
	return configure_line(s, line, out);
}

/* ---- the interface ---- */

/* A copy of a line without blanks at its end, which the caller frees. */
static char *trim(const char *line)
{
	char *copy = memory_strdup(line);
	size_t len = strlen(copy);

	while (len && isspace((unsigned char)copy[len - 1]))
		copy[--len] = '\0';
	return copy;
}

/*
 * A command without a terminal's `?` key that is refused and ends in one gets its help instead. Not
 * so a line of configuration, whose `?` may be part of a password: those behind it must not be
 * read.
 */
static enum cli_result help_instead(struct cli_session *s, char *trimmed, struct strbuf *out)
{
	trimmed[strlen(trimmed) - 1] = '\0';
	cli_help(s, trimmed, out);
	return CLI_DONE;
}

enum cli_result cli_exec(struct cli_session *s, const char *line, struct strbuf *out)
{
	check(!s->running);
	if (strlen(line) > GRAMMAR_LINE_MAX)
		return exec_refuse_text(out, "Line too long");
	/* Blanks in front stay, for a caret must stand below what was typed. */
	char *trimmed = trim(line);
	const size_t start = strspn(trimmed, " \t");
	const size_t said = out->len;
	enum cli_result result = CLI_DONE;

	if (trimmed[start] && trimmed[start] != '!') {
		remember_line(s, trimmed + start);
		result = s->configuring ? exec_in_config(s, trimmed, start, out)
		                        : exec_run(s, trimmed, start, out);
	}
	if (result == CLI_REFUSED && !s->configuring && trimmed[strlen(trimmed) - 1] == '?') {
		strbuf_truncate(out, said);
		result = help_instead(s, trimmed, out);
	}
	forget_line(trimmed);
	return result;
}

static void stop_debugging(struct cli_session *s)
{
	static const char text[] = EXEC_DEBUG_ALL_OFF;

	s->debug = 0;
	cli_print(s, text, sizeof text - 1);
}

/* What is to be said about it has no place in an answer. */
static void break_off(struct cli_session *s)
{
	struct strbuf said;

	strbuf_init(&said);
	(void)leave_configuration(s, &said);
	if (said.len)
		cli_print(s, said.text, said.len);
	strbuf_fini(&said);
}

void cli_interrupt(struct cli_session *s)
{
	if (s->running)
		s->host.ping_stop(s->host.ctx, s);
	else if (s->configuring)
		break_off(s);
	else if (s->debug)
		stop_debugging(s);
}

bool cli_types(const struct cli_session *s, const char *interface)
{
	return s->unfinished[0] && strcmp(s->unfinished, interface) == 0;
}

void cli_hang_up(struct cli_session *s)
{
	const struct snapshot *running = s->host.show.running(s->host.show.ctx);
	const struct snap_tunnel *t = tunnel_of(running, s->unfinished);
	struct strbuf line;

	if (!t || !t->unfinished || others_type(s) || !s->host.log)
		return;
	strbuf_init(&line);
	strbuf_printf(&line,
	              "%%SYS-4-UNFINISHED: %s stays down: the session of %s was lost in the block "
	              "that makes it; enter 'interface %s' again, and leave it by 'exit'",
	              s->unfinished, s->user, s->unfinished);
	s->unfinished[0] = '\0';
	s->host.log(s->host.ctx, line.text);
	strbuf_fini(&line);
}

const char *cli_prompt(const struct cli_session *s, char buf[static CLI_PROMPT_SIZE])
{
	const struct show_source *source = &s->host.show;
	struct program_view program = { 0 };

	source->program(source->ctx, &program);
	const char *hostname = program.hostname ? program.hostname : "";
	if (s->configuring)
		snprintf(buf, CLI_PROMPT_SIZE, "%.*s(%s)#", SNAP_NAME_SIZE - 1, hostname,
		         config_mode_name(&s->mode));
	else
		snprintf(buf, CLI_PROMPT_SIZE, "%.*s%c", SNAP_NAME_SIZE - 1, hostname,
		         s->privileged ? '#' : '>');
	return buf;
}

void cli_help(struct cli_session *s, const char *line, struct strbuf *out)
{
	const char *text = line + strspn(line, " \t");
	const size_t command = s->configuring ? after_do(text) : 0;

	if (!s->configuring || command)
		exec_help(s, text + command, out);
	else
		config_help(&s->mode, text, out);
}

void cli_complete(struct cli_session *s, const char *line, struct strbuf *out)
{
	const char *text = line + strspn(line, " \t");
	const size_t command = s->configuring ? after_do(text) : 0;

	if (!s->configuring || command)
		exec_complete(s, text + command, out);
	else
		config_complete(&s->mode, text, out);
}

void cli_print(struct cli_session *s, const char *text, size_t len)
{
	if (!s->closing)
		s->output.print(s->output.ctx, text, len);
}

void cli_done(struct cli_session *s, bool ok)
{
	check(s->running);
	s->running = false;
	if (!s->closing)
		s->output.done(s->output.ctx, ok ? CLI_DONE : CLI_REFUSED);
}

void cli_set_echoed(struct cli_session *s, bool echoed)
{
	s->echoed = echoed;
}

uint16_t cli_terminal_length(const struct cli_session *s)
{
	return s->length;
}

unsigned cli_debug(const struct cli_session *s)
{
	return s->debug;
}

bool cli_monitors(const struct cli_session *s)
{
	return s->monitor;
}

void cli_log(struct cli_session *s, const char *line)
{
	if (!s->closing && (s->monitor || s->debug))
		s->output.log(s->output.ctx, line);
}
