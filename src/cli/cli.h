/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One operator's session: modes, the exec commands, pipes. It lives in dmvpnd, one per connection
 * of the control socket; dmvpnsh is the terminal. All that it asks of the daemon goes through
 * struct cli_host, so that tests drive it without one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "node/snapshot.h"
#include "show/show.h"
#include "util/strbuf.h"

struct cli_session;

enum {
	CLI_PING_REPEAT_DEFAULT = 5,
	CLI_PING_SIZE_DEFAULT = 100, /* bytes of the whole IP packet */
	CLI_PING_TIMEOUT_S = 2,
	CLI_HISTORY_MAX = 256,
	CLI_LENGTH_AUTO = 0xffff,
	CLI_PROMPT_SIZE = SNAP_NAME_SIZE + CONFIG_PROMPT_SIZE + 4,
};

struct cli_ping {
	struct addr to;
	struct addr source; /* none: the kernel's choice */
	uint32_t repeat, size_bytes, timeout_s;
	bool df;
};

struct cli_host {
	void *ctx;
	struct show_source show;
	/* Puts a snapshot in force. Takes it in any case. 0, or negative errno with a sentence in
	 * error. */
	int (*commit)(void *ctx, struct snapshot *next, struct strbuf *error);
	/* Writes the running configuration to the startup file, atomically. */
	int (*save)(void *ctx, struct strbuf *error);
	/* Appends the text of the startup file. Negative errno with a sentence in error. */
	int (*startup)(void *ctx, struct strbuf *out, struct strbuf *error);
	/* NODE_CLEAR, NODE_CLEAR_COUNTERS, NODE_CLEAR_CRYPTO. */
	void (*clear)(void *ctx, const struct node_event *clear);
	void (*clear_counters)(void *ctx, bool one_tunnel, uint32_t tunnel);
	/* Starts a ping whose output goes to the session by cli_print and ends by cli_done. */
	int (*ping)(void *ctx, struct cli_session *session, const struct cli_ping *ping,
	            struct strbuf *error);
	/* Ends the session's ping, if it has one: prints the rate so far, calls cli_done at once.
	 */
	void (*ping_stop)(void *ctx, struct cli_session *session);
	/* Writes a line to the daemon's log: "%SYS-5-CONFIG_I: Configured from console by root". */
	void (*log)(void *ctx, const char *line);
	/* Whether a session other than this one is in the block of an interface that is kept down
	 * until it is left (cli_types). NULL: there is only one. */
	bool (*others_type)(void *ctx, const struct cli_session *but, const char *interface);
};

enum cli_result {
	CLI_DONE,    /* output is complete */
	CLI_REFUSED, /* the command was refused; output says why */
	CLI_RUNNING, /* more output follows by cli_print until cli_done */
	CLI_CLOSE,   /* exit from exec mode */
};

struct cli_output { /* how a running command's output and log lines reach the terminal */
	void (*print)(void *ctx, const char *text, size_t len);
	void (*done)(void *ctx, enum cli_result result);
	void (*log)(void *ctx, const char *line); /* asynchronous: terminal monitor, debug */
	void *ctx;
	const char *user; /* who types, for the log; copied */
};

/* privileged: may configure, clear and debug; others may only look. host and output are borrowed.
 */
struct cli_session *cli_session_new(const struct cli_host *host, const struct cli_output *output,
                                    bool privileged);
void cli_session_free(struct cli_session *s);

/*
 * echoed: the terminal shows prompt and line, so a caret goes below them. Else, and at first, a
 * refused line is printed above its caret.
 */
void cli_set_echoed(struct cli_session *s, bool echoed);
/* Lines of a page: `terminal length`; 0: no paging; CLI_LENGTH_AUTO: as many as the terminal has.
 */
uint16_t cli_terminal_length(const struct cli_session *s);

/*
 * Executes a line; output is appended to out. A refused command (not a line of configuration) that
 * ends in `?` is helped instead.
 */
enum cli_result cli_exec(struct cli_session *s, const char *line, struct strbuf *out);
/* Ctrl-C: stops what is running; in configuration mode goes back to exec. */
void cli_interrupt(struct cli_session *s);
/*
 * The operator was lost, and not by `exit`. Who typed the block of a new tunnel may not have come
 * to the line that protects it, so the tunnel stays down, and the log says so. Puts nothing in
 * force: it may be called from inside of the host's calls. The session is good for being freed
 * only.
 */
void cli_hang_up(struct cli_session *s);
/* Whether it is in the block of this interface, which is kept down until the block is left. */
bool cli_types(const struct cli_session *s, const char *interface);
/* "R1#", "R1(config-if)#". */
const char *cli_prompt(const struct cli_session *s, char buf[static CLI_PROMPT_SIZE]);
void cli_help(struct cli_session *s, const char *line, struct strbuf *out);
void cli_complete(struct cli_session *s, const char *line, struct strbuf *out);

/* From the host, for a running command. */
void cli_print(struct cli_session *s, const char *text, size_t len);
void cli_done(struct cli_session *s, bool ok);

/* What this session debugs (enum show_debug), and whether it wants log lines. */
unsigned cli_debug(const struct cli_session *s);
bool cli_monitors(const struct cli_session *s);
/* Sends a log or debug line to the session's terminal if it wants it. */
void cli_log(struct cli_session *s, const char *line);
