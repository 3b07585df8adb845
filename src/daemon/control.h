/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket, DIR/dmvpnd.sock: one CLI session (cli/cli.h) per connection, framed as
 * cli/protocol.h says. Who connects decides what it may do: root configures, members of the
 * socket's group only look. Everything here runs in the control thread. A reader that is slow, or
 * stops, costs a bounded amount of memory and never makes the daemon wait.
 */
#pragma once

#include <uv.h>

#include "cli/cli.h"
#include "node/node.h"
#include "util/strbuf.h"

#define CONTROL_SOCKET_NAME "dmvpnd.sock"

enum {
	CONTROL_SESSIONS_MAX = 32,
	CONTROL_READERS_MAX = 24,    /* of them who may only look: root always finds room */
	CONTROL_QUEUE_MAX = 1 << 20, /* bytes; a session with more unread is given no more to do */
	CONTROL_LOG_QUEUE_MAX = 1 << 18, /* bytes; log lines beyond are counted, not queued */
};

struct control;

struct control_options {
	const char *run_dir;         /* exists already */
	const char *group;           /* whose members may look; NULL: the socket is root's alone */
	const struct cli_host *host; /* copied; its ctx stays good until control_stop */
	int passed_fd; /* of control_pass_on() in an earlier life, taken in any case; 0: none */
};

/*
 * Listens. 0 and *ret, or negative errno with a sentence in error. A socket file that nobody
 * answers at is replaced; -EADDRINUSE when a daemon does. The one that was passed on is used as it
 * is, with whoever waits to be let in; its file has been given to the group already.
 */
int control_start(uv_loop_t *loop, const struct control_options *options, struct control **ret,
                  struct strbuf *error);
/*
 * Ends the sessions, removes the socket file and closes all handles; the memory goes when the loop
 * has run their close callbacks. NULL is fine.
 */
void control_stop(struct control *c);
/*
 * The listening socket for the program that comes next, as a descriptor of its own that execve()
 * leaves open; control_stop() then leaves its file. Negative errno.
 */
int control_pass_on(struct control *c);

/* cli_host's others_type. */
bool control_others_type(const struct control *c, const struct cli_session *but,
                         const char *interface);

/* A log line, "%DMVPN-5-…: text" without time, to the sessions that have `terminal monitor`. */
void control_log(struct control *c, const char *line);
/* A trace to the sessions that debug, as show_trace_debug() words it. */
void control_trace(struct control *c, const struct trace *trace);
