/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a session, for the files of this folder only. */
#pragma once

#include "cli/cli.h"
#include "cli/pipe.h"
#include "config/config.h"
#include "config/grammar.h"

struct cli_session {
	struct cli_host host;
	struct cli_output output;
	char *user;
	bool may_configure; /* may become privileged at all */
	bool privileged;    /* is it now: `enable`, `disable` */
	bool echoed;
	bool monitor;
	bool running; /* a command that cli_done ends */
	bool closing;
	unsigned debug; /* bits of enum show_debug */
	uint16_t length;
	bool configuring;
	struct config_mode mode;
	char unfinished[SNAP_NAME_SIZE]; /* the tunnel that is kept down until its block is left, or
	                                    "" */
	char *history[CLI_HISTORY_MAX];  /* oldest first */
	size_t n_history;
};

enum exec_flag {
	EXEC_PRIVILEGED = 1 << 0,
	EXEC_SHOW = 1 << 1,    /* filters may follow */
	EXEC_OPTIONS = 1 << 2, /* options in any order may follow: exec_options.c */
	EXEC_MODE = 1 << 3,    /* changes the mode: not after `do` */
};

/* One exec command as it is carried out. */
struct exec_call {
	struct cli_session *session;
	const struct grammar_args *args;
	int value;           /* of its row */
	const char *options; /* what follows an EXEC_OPTIONS row; or "" */
	size_t options_column;
	const char *line; /* the whole line, for carets */
	bool json;
	struct strbuf *out;
};

struct exec_row {
	struct grammar_row head;
	unsigned flags;
	enum cli_result (*run)(struct exec_call *call);
	int value;
};

extern const struct exec_row exec_rows[];
extern const size_t exec_n_rows;

/* ---- exec.c ---- */

/* Executes an exec command that stands in line from a column on. */
enum cli_result exec_run(struct cli_session *s, const char *line, size_t from, struct strbuf *out);
void exec_help(struct cli_session *s, const char *line, struct strbuf *out);
void exec_complete(struct cli_session *s, const char *line, struct strbuf *out);

struct exec_fault {
	enum grammar_result result;
	const char *line; /* the whole line */
	size_t column;    /* of the caret */
};

/* Refuses a line with the text of its fault. Returns CLI_REFUSED. */
enum cli_result exec_refuse(const struct cli_session *s, const struct exec_fault *fault,
                            struct strbuf *out);
/* The argument that names an interface, tunnel or not; NULL when there is none. */
const struct grammar_arg *exec_interface(const struct exec_call *call);
/* Refuses a line because there is no such interface as its argument. Returns CLI_REFUSED. */
enum cli_result exec_refuse_interface(const struct exec_call *call, const char *name);
/* Refuses with a sentence: "% text". Returns CLI_REFUSED. */
enum cli_result exec_refuse_text(struct strbuf *out, const char *text);

/* ---- exec_show.c: value is enum show_what, or one of these ---- */

enum { SHOW_OWN = 1000, SHOW_HISTORY, SHOW_CLOCK, SHOW_DEBUGGING, SHOW_PRIVILEGE };

enum cli_result exec_show(struct exec_call *call);
enum cli_result exec_show_own(struct exec_call *call);
enum cli_result exec_show_running(struct exec_call *call);
enum cli_result exec_show_startup(struct exec_call *call);

/* ---- exec_action.c ---- */

#define EXEC_CONN_ID       "<1-4294967295>" /* of an IKE SA */
#define EXEC_DEBUG_ALL_OFF "All possible debugging has been turned off\n"

enum { DEBUG_ON = 1, DEBUG_OFF, DEBUG_ALL_OFF };

enum { CLEAR_ENTRIES, CLEAR_SHORTCUTS, CLEAR_SESSIONS };

enum cli_result exec_clear_nhrp(struct exec_call *call);
enum cli_result exec_clear_nhrp_counters(struct exec_call *call);
/* value: enum node_clear_crypto */
enum cli_result exec_clear_crypto(struct exec_call *call);
enum cli_result exec_clear_counters(struct exec_call *call);
enum cli_result exec_ping(struct exec_call *call);
enum cli_result exec_debug(struct exec_call *call);
enum cli_result exec_terminal_monitor(struct exec_call *call);
enum cli_result exec_terminal_length(struct exec_call *call);
enum cli_result exec_write(struct exec_call *call);
enum cli_result exec_configure(struct exec_call *call);
enum cli_result exec_enable(struct exec_call *call);
enum cli_result exec_exit(struct exec_call *call);
/* Appends a line of IOS's for each bit, "NHRP protocol debugging is on". */
void exec_debug_text(unsigned debug, const char *indent, bool on, struct strbuf *out);

/* ---- exec_options.c: the options of `ping` ---- */

/* Reads them all into *ping. False: refused, and out says why. */
bool exec_ping_options(struct exec_call *call, struct cli_ping *ping);
/* Help for options up to "?"; first: nothing of them has been typed yet. */
enum grammar_result exec_options_help(const char *options, struct strbuf *out, size_t *ret_column);
void exec_options_complete(const char *options, struct strbuf *out);

/* ---- session.c ---- */

void session_configure(struct cli_session *s);
