/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket. Each connection is a CLI session with an input buffer of one frame and two
 * output queues: what libuv is writing, and what waits for that. A session is given nothing to do
 * while more than CONTROL_QUEUE_MAX bytes of its output are unread (a client that reads never gets
 * there, for it asks one thing at a time), log lines are dropped and counted, and one that lets a
 * running command's output pile up is ended. Control thread only.
 */
#include "daemon/control.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cli/protocol.h"
#include "util/check.h"
#include "util/memory.h"

enum {
	LISTEN_BACKLOG = 16,
	IN_SIZE = PROTOCOL_HEADER_LEN + PROTOCOL_REQUEST_MAX,
	USER_SIZE = 32,
};

struct session {
	struct control *control;
	struct session *next;
	uv_pipe_t pipe;
	uv_write_t write;
	struct cli_session *cli; /* NULL: closing */
	bool may_configure;
	bool greeted;
	bool paused;  /* not reading: too much is unread */
	bool running; /* a command that cli_done ends */
	bool leaving; /* close when all is written */
	bool writing;
	struct strbuf waiting, sending;
	size_t n_log_lost;
	size_t in_len;
	char in[IN_SIZE];
};

struct control {
	uv_pipe_t listener;
	struct cli_host host;
	struct session *first;
	size_t n_sessions, n_readers;
	bool stopping, listener_closed, passed_on;
	char path[sizeof((struct sockaddr_un *)NULL)->sun_path];
};

static void free_if_done(struct control *c)
{
	if (c->stopping && c->listener_closed && !c->first)
		free(c);
}

_Static_assert((int)PROTOCOL_PAGE_AUTO == (int)CLI_LENGTH_AUTO, "both say: as the terminal is");

/* ---- output ---- */

static size_t unread(const struct session *s)
{
	return s->waiting.len + s->sending.len;
}

static void on_session_closed(uv_handle_t *handle)
{
	struct session *s = handle->data;
	struct control *c = s->control;
	struct session **at = &c->first;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	c->n_sessions--;
	c->n_readers -= !s->may_configure;
	strbuf_fini(&s->waiting);
	strbuf_fini(&s->sending);
	memory_wipe(s->in, sizeof s->in);
	free(s);
	free_if_done(c);
}

static void session_close(struct session *s)
{
	struct cli_session *cli = s->cli;

	if (uv_is_closing((uv_handle_t *)&s->pipe))
		return;
	s->cli = NULL;
	uv_close((uv_handle_t *)&s->pipe, on_session_closed);
	if (cli && !s->control->stopping)
		cli_hang_up(cli);
	cli_session_free(cli);
}

static void session_process(struct session *s);
static void session_flush(struct session *s);

static void on_written(uv_write_t *write, int status)
{
	struct session *s = write->data;

	s->writing = false;
	strbuf_fini(&s->sending);
	strbuf_init(&s->sending);
	if (!s->cli)
		return;
	if (status < 0) {
		session_close(s);
		return;
	}
	session_flush(s);
	if (s->cli && s->paused)
		session_process(s);
}

static void session_flush(struct session *s)
{
	if (s->writing || !s->cli)
		return;
	if (!s->waiting.len) {
		if (s->leaving)
			session_close(s);
		return;
	}
	const struct strbuf empty = s->sending;
	s->sending = s->waiting;
	s->waiting = empty;

	const uv_buf_t buf = uv_buf_init(s->sending.text, (unsigned)s->sending.len);
	s->write.data = s;
	s->writing = true;
	if (uv_write(&s->write, (uv_stream_t *)&s->pipe, &buf, 1, on_written) < 0) {
		s->writing = false;
		session_close(s);
	}
}

static void send_text(struct session *s, enum protocol_type type, const char *text, size_t len)
{
	const struct protocol_message message = { .type = type, .text = text, .text_len = len };

	protocol_encode(&message, &s->waiting);
}

static void send_ready(struct session *s, bool refused)
{
	char prompt[CLI_PROMPT_SIZE];
	const char *text = cli_prompt(s->cli, prompt);
	const bool streams = cli_monitors(s->cli) || cli_debug(s->cli);
	const uint8_t flags =
		(uint8_t)((refused ? PROTOCOL_REFUSED : 0) | (streams ? PROTOCOL_STREAMING : 0));
	const struct protocol_message ready = { .type = PROTOCOL_READY,
		                                .flags = flags,
		                                .page_lines = cli_terminal_length(s->cli),
		                                .text = text,
		                                .text_len = strlen(text) };

	protocol_encode(&ready, &s->waiting);
}

static void say_bye(struct session *s, const char *why)
{
	send_text(s, PROTOCOL_BYE, why, strlen(why));
	s->leaving = true;
	uv_read_stop((uv_stream_t *)&s->pipe);
	session_flush(s);
}

/* ---- what the CLI session calls ---- */

static void on_print(void *ctx, const char *text, size_t len)
{
	struct session *s = ctx;

	if (s->leaving)
		return;
	if (unread(s) > CONTROL_QUEUE_MAX) {
		say_bye(s, "The terminal does not read its output");
		return;
	}
	send_text(s, PROTOCOL_OUTPUT, text, len);
	session_flush(s);
}

static void on_done(void *ctx, enum cli_result result)
{
	struct session *s = ctx;

	s->running = false;
	if (s->leaving)
		return;
	send_ready(s, result == CLI_REFUSED);
	session_flush(s);
}

static void on_log(void *ctx, const char *line)
{
	struct session *s = ctx;
	char lost[64];

	if (s->leaving || !s->greeted)
		return;
	if (unread(s) > CONTROL_LOG_QUEUE_MAX) {
		s->n_log_lost++;
		return;
	}
	if (s->n_log_lost) {
		snprintf(lost, sizeof lost, "%% %zu lines lost: the terminal was too slow",
		         s->n_log_lost);
		s->n_log_lost = 0;
		send_text(s, PROTOCOL_LOG, lost, strlen(lost));
	}
	send_text(s, PROTOCOL_LOG, line, strlen(line));
	session_flush(s);
}

/* ---- requests ---- */

static void do_exec(struct session *s, const char *line)
{
	struct strbuf out;

	strbuf_init(&out);
	const enum cli_result result = cli_exec(s->cli, line, &out);
	send_text(s, PROTOCOL_OUTPUT, out.text, out.len);
	strbuf_fini(&out);
	switch (result) {
	case CLI_RUNNING:
		s->running = true;
		session_flush(s);
		break;
	case CLI_CLOSE:
		say_bye(s, "");
		break;
	default:
		send_ready(s, result == CLI_REFUSED);
		session_flush(s);
	}
}

static void do_help(struct session *s, const char *line, bool complete)
{
	struct strbuf out;

	strbuf_init(&out);
	if (complete)
		cli_complete(s->cli, line, &out);
	else
		cli_help(s->cli, line, &out);
	send_text(s, PROTOCOL_OUTPUT, out.text, out.len);
	strbuf_fini(&out);
	send_ready(s, false);
	session_flush(s);
}

static void do_line(struct session *s, const struct protocol_message *m)
{
	char line[PROTOCOL_REQUEST_MAX + 1];

	memcpy(line, m->text, m->text_len);
	line[m->text_len] = '\0';
	if (strlen(line) != m->text_len || strpbrk(line, "\r\n"))
		say_bye(s, "Not a line of text");
	else if (m->type == PROTOCOL_EXEC)
		do_exec(s, line);
	else
		do_help(s, line, m->type == PROTOCOL_COMPLETE);
	memory_wipe(line, m->text_len);
}

static void handle(struct session *s, const struct protocol_message *m)
{
	if (m->type == PROTOCOL_HELLO && !s->greeted) {
		if (m->version != PROTOCOL_VERSION) {
			say_bye(s, "dmvpnsh and dmvpnd are of different versions");
			return;
		}
		s->greeted = true;
		cli_set_echoed(s->cli, m->flags & PROTOCOL_ECHOED);
		send_ready(s, false);
		session_flush(s);
	} else if (!s->greeted || m->type > PROTOCOL_INTERRUPT || m->type == PROTOCOL_HELLO) {
		say_bye(s, "Protocol error");
	} else if (m->type == PROTOCOL_INTERRUPT && !(m->flags & PROTOCOL_IDLE)) {
		/* The command may have ended meanwhile: then there is nothing to stop. */
		if (s->running)
			cli_interrupt(s->cli);
	} else if (s->running) {
		say_bye(s, "Protocol error");
	} else if (m->type == PROTOCOL_INTERRUPT) {
		cli_interrupt(s->cli);
		send_ready(s, false);
		session_flush(s);
	} else {
		do_line(s, m);
	}
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct session *s = handle->data;

	(void)suggested;
	*buf = uv_buf_init(s->in + s->in_len, (unsigned)(sizeof s->in - s->in_len));
}

/* Handles the frames that are there; reads on only while the client reads too. */
static void session_process(struct session *s)
{
	size_t at = 0;

	while (s->cli && !s->leaving && unread(s) <= CONTROL_QUEUE_MAX) {
		struct protocol_message m;
		const enum protocol_result result =
			protocol_decode(s->in + at, s->in_len - at, PROTOCOL_REQUEST_MAX, &m);
		if (result == PROTOCOL_BAD)
			say_bye(s, "Protocol error");
		if (result != PROTOCOL_MESSAGE)
			break;
		handle(s, &m);
		at += m.frame_len;
	}
	if (!s->cli || s->leaving)
		return;
	s->in_len -= at;
	memmove(s->in, s->in + at, s->in_len);
	const bool pause = unread(s) > CONTROL_QUEUE_MAX;
	if (pause && !s->paused)
		uv_read_stop((uv_stream_t *)&s->pipe);
	else if (!pause && s->paused)
		uv_read_start((uv_stream_t *)&s->pipe, on_alloc, on_read);
	s->paused = pause;
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct session *s = stream->data;

	(void)buf;
	if (n < 0) {
		session_close(s);
		return;
	}
	s->in_len += (size_t)n;
	session_process(s);
}

/* ---- connections ---- */

static bool peer_uid(struct session *s, uid_t *ret)
{
	struct ucred peer;
	socklen_t len = sizeof peer;
	uv_os_fd_t fd;

	if (uv_fileno((uv_handle_t *)&s->pipe, &fd) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return false;
	*ret = peer.uid;
	return true;
}

/* The session may configure when it is root's, or of the user that the daemon runs as. */
static void session_open(struct session *s, uid_t uid)
{
	struct control *c = s->control;
	char user[USER_SIZE] = "root";

	if (uid != 0)
		snprintf(user, sizeof user, "uid %u", (unsigned)uid);
	const struct cli_output output = {
		.print = on_print, .done = on_done, .log = on_log, .ctx = s, .user = user
	};
	s->may_configure = uid == 0 || uid == geteuid();
	c->n_readers += !s->may_configure;
	s->cli = cli_session_new(&c->host, &output, s->may_configure);
	if (c->n_sessions > CONTROL_SESSIONS_MAX || c->n_readers > CONTROL_READERS_MAX) {
		say_bye(s, "All sessions are in use");
		return;
	}
	if (uv_read_start((uv_stream_t *)&s->pipe, on_alloc, on_read) < 0)
		session_close(s);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct control *c = listener->data;
	uid_t uid;

	if (status < 0)
		return;
	struct session *s = memory_new(1, sizeof *s);
	s->control = c;
	s->may_configure = true;
	strbuf_init(&s->waiting);
	strbuf_init(&s->sending);
	check(!uv_pipe_init(listener->loop, &s->pipe, 0));
	s->pipe.data = s;
	s->next = c->first;
	c->first = s;
	c->n_sessions++;
	if (uv_accept(listener, (uv_stream_t *)&s->pipe) < 0 || !peer_uid(s, &uid))
		session_close(s);
	else
		session_open(s, uid);
}

/* ---- start and stop ---- */

static int fail(struct strbuf *error, int number, const char *what, const char *path)
{
	strbuf_printf(error, "%s %s: %s", what, path, strerror(number));
	return -number;
}

/* Removes a socket that nobody listens at. */
static int clear_stale(const struct sockaddr_un *sa, struct strbuf *error)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return fail(error, errno, "Cannot make a socket for", sa->sun_path);
	const bool answered =
		connect(fd, (const struct sockaddr *)sa, sizeof *sa) == 0 || errno == EAGAIN;
	close(fd);
	if (answered) {
		strbuf_printf(error, "Another dmvpnd is running: it answers at %s", sa->sun_path);
		return -EADDRINUSE;
	}
	if (unlink(sa->sun_path) < 0 && errno != ENOENT)
		return fail(error, errno, "Cannot remove", sa->sun_path);
	return 0;
}

/* The mode of the file: root's alone, or the group's too. */
static int open_to_group(const char *path, const char *group, struct strbuf *error)
{
	if (!group)
		return 0;
	const struct group *g = getgrnam(group);
	if (!g) {
		strbuf_printf(error, "There is no group %s", group);
		return -ENOENT;
	}
	if (chown(path, (uid_t)-1, g->gr_gid) < 0 || chmod(path, 0660) < 0)
		return fail(error, errno, "Cannot give the group", path);
	return 0;
}

static int bind_private(int fd, const struct sockaddr_un *sa)
{
	const mode_t before = umask(0177);
	const int failed = bind(fd, (const struct sockaddr *)sa, sizeof *sa) < 0 ? -errno : 0;

	umask(before);
	return failed;
}

/* A bound socket, or negative errno. */
static int open_listener(const char *path, const char *group, struct strbuf *error)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	memcpy(sa.sun_path, path, strlen(path) + 1);
	int failed = clear_stale(&sa, error);
	if (failed)
		return failed;
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(error, errno, "Cannot make a socket for", path);
	failed = bind_private(fd, &sa);
	if (failed) {
		fail(error, -failed, "Cannot listen at", path);
		close(fd);
		return failed;
	}
	failed = open_to_group(path, group, error);
	if (failed) {
		unlink(path);
		close(fd);
		return failed;
	}
	return fd;
}

static bool listens_at(int fd, const char *path)
{
	struct sockaddr_un sa;
	struct stat file;
	socklen_t len = sizeof sa, n = sizeof(int);
	int listens = 0;

	memset(&sa, 0, sizeof sa);
	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n) == 0 && listens &&
	       getsockname(fd, (struct sockaddr *)&sa, &len) == 0 && sa.sun_family == AF_UNIX &&
	       strcmp(sa.sun_path, path) == 0 && lstat(path, &file) == 0 && S_ISSOCK(file.st_mode);
}

/* The listener that was passed on, or -1. */
static int take_passed(int fd, const char *path)
{
	if (!fd)
		return -1;
	if (listens_at(fd, path) && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
		return fd;
	close(fd);
	return -1;
}

int control_start(uv_loop_t *loop, const struct control_options *options, struct control **ret,
                  struct strbuf *error)
{
	struct control *c = memory_new(1, sizeof *c);
	const int len =
		snprintf(c->path, sizeof c->path, "%s/%s", options->run_dir, CONTROL_SOCKET_NAME);

	if (len < 0 || (size_t)len >= sizeof c->path) {
		strbuf_printf(error, "The run directory's name is too long for a socket: %s",
		              options->run_dir);
		free(c);
		return -ENAMETOOLONG;
	}
	int fd = take_passed(options->passed_fd, c->path);
	if (fd < 0)
		fd = open_listener(c->path, options->group, error);
	if (fd < 0) {
		free(c);
		return fd;
	}
	c->host = *options->host;
	check(!uv_pipe_init(loop, &c->listener, 0));
	c->listener.data = c;
	int failed = uv_pipe_open(&c->listener, fd);
	if (failed)
		close(fd);
	else
		failed = uv_listen((uv_stream_t *)&c->listener, LISTEN_BACKLOG, on_connection);
	if (failed) {
		strbuf_printf(error, "Cannot listen at %s: %s", c->path, uv_strerror(failed));
		control_stop(c);
		return failed;
	}
	*ret = c;
	return 0;
}

static void on_listener_closed(uv_handle_t *handle)
{
	struct control *c = handle->data;

	c->listener_closed = true;
	free_if_done(c);
}

void control_stop(struct control *c)
{
	if (!c)
		return;
	c->stopping = true;
	for (struct session *s = c->first; s; s = s->next)
		session_close(s);
	if (!c->passed_on)
		unlink(c->path);
	uv_close((uv_handle_t *)&c->listener, on_listener_closed);
}

int control_pass_on(struct control *c)
{
	uv_os_fd_t listener;

	if (uv_fileno((uv_handle_t *)&c->listener, &listener) < 0)
		return -EBADF;
	int fd = fcntl(listener, F_DUPFD, STDERR_FILENO + 1);
	if (fd < 0)
		return -errno;
	c->passed_on = true;
	return fd;
}

bool control_others_type(const struct control *c, const struct cli_session *but,
                         const char *interface)
{
	for (const struct session *s = c->first; s; s = s->next)
		if (s->cli && s->cli != but && cli_types(s->cli, interface))
			return true;
	return false;
}

/* ---- log and debug ---- */

/* "Nov 22 21:25:26.123: ", as IOS puts before what it sends to a terminal. */
static void put_time(struct strbuf *out)
{
	struct timespec now;
	struct tm tm;
	char text[32];

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	strftime(text, sizeof text, "%b %e %H:%M:%S", &tm);
	strbuf_printf(out, "%s.%03ld: ", text, now.tv_nsec / 1000000);
}

static void log_lines(struct session *s, const char *text)
{
	struct strbuf line;

	strbuf_init(&line);
	while (*text && s->cli) {
		const size_t len = strcspn(text, "\n");
		strbuf_truncate(&line, 0);
		put_time(&line);
		strbuf_add(&line, text, len);
		cli_log(s->cli, line.text);
		text += len + (text[len] == '\n');
	}
	strbuf_fini(&line);
}

void control_log(struct control *c, const char *line)
{
	for (struct session *s = c->first; s; s = s->next)
		if (s->cli && cli_monitors(s->cli))
			log_lines(s, line);
}

void control_trace(struct control *c, const struct trace *trace)
{
	for (struct session *s = c->first; s; s = s->next) {
		struct strbuf text;
		if (!s->cli || !cli_debug(s->cli))
			continue;
		strbuf_init(&text);
		show_trace_debug(trace, cli_debug(s->cli), &text);
		log_lines(s, text.text);
		strbuf_fini(&text);
	}
}
