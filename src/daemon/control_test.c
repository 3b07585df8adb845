/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket with clients that behave and clients that do not, all on one loop and one
 * thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/fake_host.h"
#include "cli/protocol.h"
#include "daemon/control.h"

struct world {
	uv_loop_t loop;
	struct fake_host fake;
	struct control *control;
	char dir[32];
	char socket_path[64];
};

struct peer {
	int fd;
	struct strbuf in;
	size_t taken;
};

static void world_start(struct world *w, const char *group)
{
	struct strbuf error;

	assert_int_equal(uv_loop_init(&w->loop), 0);
	fake_host_init(&w->fake);
	snprintf(w->dir, sizeof w->dir, "/tmp/control-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	assert_int_equal(chmod(w->dir, 0755), 0);
	snprintf(w->socket_path, sizeof w->socket_path, "%s/dmvpnd.sock", w->dir);
	const struct control_options options = { .run_dir = w->dir,
		                                 .group = group,
		                                 .host = &w->fake.host };
	strbuf_init(&error);
	assert_int_equal(control_start(&w->loop, &options, &w->control, &error), 0);
	strbuf_fini(&error);
}

static void world_stop(struct world *w)
{
	control_stop(w->control);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&w->loop), 0);
	fake_host_fini(&w->fake);
	assert_int_equal(rmdir(w->dir), 0);
}

static void spin(struct world *w)
{
	for (int i = 0; i < 50; i++)
		uv_run(&w->loop, UV_RUN_NOWAIT);
}

static int peer_connect(const struct world *w)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(sa.sun_path, sizeof sa.sun_path, "%s", w->socket_path);
	if (connect(fd, (const struct sockaddr *)&sa, sizeof sa) < 0) {
		close(fd);
		return -errno;
	}
	return fd;
}

static void peer_send(struct peer *p, enum protocol_type type, const char *text)
{
	const struct protocol_message m = {
		.type = type, .version = PROTOCOL_VERSION, .text = text, .text_len = strlen(text)
	};
	struct strbuf frame;

	strbuf_init(&frame);
	protocol_encode(&m, &frame);
	assert_int_equal(send(p->fd, frame.text, frame.len, MSG_DONTWAIT | MSG_NOSIGNAL),
	                 (ssize_t)frame.len);
	strbuf_fini(&frame);
}

/* The next frame; false when none has come and the daemon has nothing more to send. */
static bool peer_next(struct world *w, struct peer *p, struct protocol_message *ret)
{
	char bytes[4096];

	for (;;) {
		const enum protocol_result result = protocol_decode(
			p->in.text + p->taken, p->in.len - p->taken, PROTOCOL_OUTPUT_MAX, ret);
		assert_int_not_equal(result, PROTOCOL_BAD);
		if (result == PROTOCOL_MESSAGE) {
			p->taken += ret->frame_len;
			return true;
		}
		spin(w);
		const ssize_t n = recv(p->fd, bytes, sizeof bytes, MSG_DONTWAIT);
		if (n <= 0)
			return false;
		strbuf_add(&p->in, bytes, (size_t)n);
	}
}

static bool peer_is_closed(struct world *w, struct peer *p)
{
	char byte;

	spin(w);
	return recv(p->fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static void peer_close(struct peer *p)
{
	close(p->fd);
	strbuf_fini(&p->in);
}

static void expect_next(struct world *w, struct peer *p, enum protocol_type type, const char *text)
{
	struct protocol_message m;

	assert_true(peer_next(w, p, &m));
	assert_int_equal(m.type, type);
	assert_int_equal(m.text_len, strlen(text));
	assert_memory_equal(m.text, text, m.text_len);
}

static void peer_open(struct world *w, struct peer *p)
{
	p->taken = 0;
	strbuf_init(&p->in);
	p->fd = peer_connect(w);
	assert_true(p->fd >= 0);
	peer_send(p, PROTOCOL_HELLO, "");
	expect_next(w, p, PROTOCOL_READY, "R1#");
}

static void test_a_command(void **state)
{
	struct world w;
	struct peer p;

	(void)state;
	world_start(&w, NULL);
	peer_open(&w, &p);
	peer_send(&p, PROTOCOL_EXEC, "show privilege");
	expect_next(&w, &p, PROTOCOL_OUTPUT, "Current privilege level is 15\n");
	expect_next(&w, &p, PROTOCOL_READY, "R1#");
	peer_send(&p, PROTOCOL_HELP, "show privi");
	expect_next(&w, &p, PROTOCOL_OUTPUT, "privilege\n");
	expect_next(&w, &p, PROTOCOL_READY, "R1#");
	peer_send(&p, PROTOCOL_EXEC, "exit");
	expect_next(&w, &p, PROTOCOL_BYE, "");
	assert_true(peer_is_closed(&w, &p));
	peer_close(&p);
	world_stop(&w);
}

static void enter_new_tunnel(struct world *w, struct peer *p)
{
	peer_open(w, p);
	peer_send(p, PROTOCOL_EXEC, "configure terminal");
	expect_next(w, p, PROTOCOL_READY, "R1(config)#");
	peer_send(p, PROTOCOL_EXEC, "interface Tunnel7");
	expect_next(w, p, PROTOCOL_READY, "R1(config-if)#");
}

static bool is_held(const struct world *w)
{
	return snapshot_tunnel(w->fake.running, 7)->tunnel->unfinished;
}

/* Whoever is lost leaves the tunnel down, and a line in the log; the daemon's end says nothing. */
static void test_a_session_that_is_lost_in_a_block(void **state)
{
	(void)state;
	for (int stops = 0; stops <= 1; stops++) {
		struct world w;
		struct peer p;
		world_start(&w, NULL);
		enter_new_tunnel(&w, &p);
		if (stops)
			control_stop(w.control);
		peer_close(&p);
		spin(&w);
		assert_true(is_held(&w));
		assert_true(stops == !strstr(w.fake.journal.text, "%SYS-4-UNFINISHED: Tunnel7 "));
		if (!stops)
			control_stop(w.control);
		w.control = NULL;
		world_stop(&w);
	}
}

static const struct world *asked_world;

static bool others_type(void *ctx, const struct cli_session *but, const char *interface)
{
	(void)ctx;
	return control_others_type(asked_world->control, but, interface);
}

/* The first that leaves it, or is lost, has nothing to say as long as there is another. */
static void test_two_sessions_in_the_block_of_a_new_tunnel(void **state)
{
	(void)state;
	for (int lost = 0; lost <= 1; lost++) {
		struct world w;
		struct peer first, second;
		world_start(&w, NULL);
		control_stop(w.control);
		uv_run(&w.loop, UV_RUN_DEFAULT);
		w.fake.host.others_type = others_type;
		asked_world = &w;
		const struct control_options options = { .run_dir = w.dir, .host = &w.fake.host };
		struct strbuf error;
		strbuf_init(&error);
		assert_int_equal(control_start(&w.loop, &options, &w.control, &error), 0);
		strbuf_fini(&error);

		enter_new_tunnel(&w, &first);
		enter_new_tunnel(&w, &second);
		peer_send(&first, PROTOCOL_EXEC, "exit");
		expect_next(&w, &first, PROTOCOL_READY, "R1(config)#");
		assert_true(is_held(&w));
		if (lost) {
			peer_send(&first, PROTOCOL_EXEC, "interface Tunnel7");
			expect_next(&w, &first, PROTOCOL_READY, "R1(config-if)#");
		}
		peer_close(&first);
		spin(&w);
		assert_true(is_held(&w));
		peer_send(&second, PROTOCOL_EXEC, "end");
		expect_next(&w, &second, PROTOCOL_READY, "R1#");
		assert_false(is_held(&w));
		assert_null(strstr(w.fake.journal.text, "UNFINISHED"));
		peer_close(&second);
		spin(&w);
		world_stop(&w);
	}
}

static void test_what_is_not_the_protocol(void **state)
{
	struct world w;
	struct peer p;

	(void)state;
	world_start(&w, NULL);
	peer_open(&w, &p);
	assert_int_equal(write(p.fd, "GET / HTTP/1.1\r\n", 16), 16);
	expect_next(&w, &p, PROTOCOL_BYE, "Protocol error");
	assert_true(peer_is_closed(&w, &p));
	peer_close(&p);

	peer_open(&w, &p);
	peer_send(&p, PROTOCOL_EXEC, "show\nclock");
	expect_next(&w, &p, PROTOCOL_BYE, "Not a line of text");
	peer_close(&p);

	peer_open(&w, &p);
	peer_send(&p, PROTOCOL_LOG, "from a client");
	expect_next(&w, &p, PROTOCOL_BYE, "Protocol error");
	peer_close(&p);
	world_stop(&w);
}

static void test_one_request_at_a_time(void **state)
{
	struct world w;
	struct peer p;

	(void)state;
	world_start(&w, NULL);
	peer_open(&w, &p);
	peer_send(&p, PROTOCOL_EXEC, "ping 10.0.0.1");
	spin(&w);
	peer_send(&p, PROTOCOL_INTERRUPT, "");
	expect_next(&w, &p, PROTOCOL_OUTPUT, "stopped\n");
	expect_next(&w, &p, PROTOCOL_READY, "R1#");
	/* It came too late: nothing is to be stopped, and nothing is answered. */
	peer_send(&p, PROTOCOL_INTERRUPT, "");
	peer_send(&p, PROTOCOL_EXEC, "ping 10.0.0.1");
	peer_send(&p, PROTOCOL_EXEC, "show privilege");
	expect_next(&w, &p, PROTOCOL_BYE, "Protocol error");
	peer_close(&p);
	world_stop(&w);
	/* world_stop's check of leaks covers the ping that was running. */
}

/* A client that asks and never reads gets no more work done than its queue holds. */
static void test_a_client_that_does_not_read(void **state)
{
	enum { ASKED = 4000 };
	struct world w;
	struct peer idle, busy;
	struct protocol_message m;
	size_t n_ready = 0, n_lines = 0;

	(void)state;
	world_start(&w, NULL);
	peer_open(&w, &idle);
	peer_open(&w, &busy);
	int room = 8 << 20;
	assert_int_equal(setsockopt(idle.fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room), 0);
	for (int i = 0; i < ASKED; i++) {
		peer_send(&idle, PROTOCOL_EXEC, "show interfaces");
		spin(&w);
	}
	const size_t done_unread = w.fake.n_shows;
	assert_true(done_unread < ASKED);
	/* Each answer has some 1,800 bytes; the kernel's buffers hold some too. */
	assert_true(done_unread * 1800 < CONTROL_QUEUE_MAX + (4 << 20));

	/* Meanwhile others are served. */
	peer_send(&busy, PROTOCOL_EXEC, "show privilege");
	expect_next(&w, &busy, PROTOCOL_OUTPUT, "Current privilege level is 15\n");

	/* And once it reads, it gets everything, in order. */
	while (n_ready < ASKED && peer_next(&w, &idle, &m)) {
		n_ready += m.type == PROTOCOL_READY;
		n_lines += m.type == PROTOCOL_OUTPUT;
		if (idle.taken == idle.in.len) {
			strbuf_truncate(&idle.in, 0);
			idle.taken = 0;
		}
	}
	assert_int_equal(n_ready, ASKED);
	assert_int_equal(n_lines, ASKED);
	peer_close(&idle);
	peer_close(&busy);
	world_stop(&w);
}

static void test_log_lines_are_dropped_and_counted(void **state)
{
	enum { LOGGED = 40000 };
	struct world w;
	struct peer p;
	struct protocol_message m;
	size_t n = 0, n_lost = 0;

	(void)state;
	world_start(&w, NULL);
	peer_open(&w, &p);
	control_log(w.control, "%TEST-5-UNHEARD: before terminal monitor");
	peer_send(&p, PROTOCOL_EXEC, "terminal monitor");
	expect_next(&w, &p, PROTOCOL_READY, "R1#");
	for (int i = 0; i < LOGGED; i++)
		control_log(w.control, "%TEST-5-FLOOD: a line");
	while (peer_next(&w, &p, &m)) {
		assert_int_equal(m.type, PROTOCOL_LOG);
		n++;
	}
	assert_true(n < LOGGED && n > 1000);
	control_log(w.control, "%TEST-5-AFTER: a line");
	assert_true(peer_next(&w, &p, &m));
	assert_int_equal(sscanf(m.text, "%% %zu lines lost", &n_lost), 1);
	assert_int_equal(n + n_lost, LOGGED);
	assert_true(peer_next(&w, &p, &m));
	assert_non_null(memmem(m.text, m.text_len, ": %TEST-5-AFTER: a line", 23));
	peer_close(&p);
	world_stop(&w);
}

static void test_traces_go_to_those_who_debug(void **state)
{
	static const struct trace sent = { .type = TRACE_PACKET_SENT };
	struct world w;
	struct peer p;
	struct protocol_message m;

	(void)state;
	world_start(&w, NULL);
	peer_open(&w, &p);
	control_trace(w.control, &sent);
	peer_send(&p, PROTOCOL_EXEC, "debug nhrp packet");
	expect_next(&w, &p, PROTOCOL_OUTPUT, "NHRP activity debugging is on\n");
	assert_true(peer_next(&w, &p, &m));
	assert_int_equal(m.flags, PROTOCOL_STREAMING);
	control_trace(w.control, &sent);
	assert_true(peer_next(&w, &p, &m));
	assert_non_null(memmem(m.text, m.text_len, ": NHRP: Send", 12));
	assert_true(peer_next(&w, &p, &m));
	assert_non_null(memmem(m.text, m.text_len, ":  one line more", 16));
	peer_close(&p);
	spin(&w);
	world_stop(&w);
}

static void test_sessions_are_bounded(void **state)
{
	struct world w;
	struct peer p[CONTROL_SESSIONS_MAX], one_more = { .taken = 0 };

	(void)state;
	world_start(&w, NULL);
	for (size_t i = 0; i < CONTROL_SESSIONS_MAX; i++)
		peer_open(&w, &p[i]);
	strbuf_init(&one_more.in);
	one_more.fd = peer_connect(&w);
	assert_true(one_more.fd >= 0);
	expect_next(&w, &one_more, PROTOCOL_BYE, "All sessions are in use");
	peer_close(&one_more);
	peer_close(&p[0]);
	spin(&w);
	peer_open(&w, &p[0]);
	for (size_t i = 0; i < CONTROL_SESSIONS_MAX; i++)
		peer_close(&p[i]);
	world_stop(&w);
}

/* Tries as another user; its exit status: 0 may look, 1 may not connect. */
static pid_t fork_member(struct world *w, gid_t gid)
{
	const pid_t pid = fork();

	if (pid)
		return pid;
	struct peer p = { .taken = 0 };
	char bytes[256] = "";
	if (setgid(gid) < 0 || setuid(65534) < 0)
		_exit(2);
	p.fd = peer_connect(w);
	if (p.fd < 0)
		_exit(1);
	peer_send(&p, PROTOCOL_HELLO, "");
	const ssize_t n = read(p.fd, bytes, sizeof bytes - 1);
	_exit(n > 0 && memmem(bytes, (size_t)n, "R1>", 3) ? 0 : 3);
}

static int member_status(struct world *w, pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		spin(w);
		usleep(1000);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_the_group_may_look(void **state)
{
	enum { MEMBER_GID = 65534, OTHER_GID = 65533 };
	struct world w;
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	world_start(&w, "nogroup");
	assert_int_equal(stat(w.socket_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(member_status(&w, fork_member(&w, MEMBER_GID)), 0);
	assert_int_equal(member_status(&w, fork_member(&w, OTHER_GID)), 1);
	world_stop(&w);

	world_start(&w, NULL);
	assert_int_equal(stat(w.socket_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(member_status(&w, fork_member(&w, MEMBER_GID)), 1);
	world_stop(&w);
}

static void expect_no_start(struct world *w, const struct control_options *options, int number,
                            const char *part)
{
	struct control *c;
	struct strbuf error;

	strbuf_init(&error);
	assert_int_equal(control_start(&w->loop, options, &c, &error), number);
	assert_non_null(strstr(error.text, part));
	strbuf_fini(&error);
}

static void test_starts_that_fail(void **state)
{
	struct world w;
	char long_dir[200];

	(void)state;
	memset(long_dir, 'x', sizeof long_dir - 1);
	long_dir[sizeof long_dir - 1] = '\0';
	world_start(&w, NULL);
	const struct control_options again = { .run_dir = w.dir,
		                               .group = NULL,
		                               .host = &w.fake.host };
	const struct control_options nowhere = { .run_dir = "/nonexistent",
		                                 .group = NULL,
		                                 .host = &w.fake.host };
	const struct control_options too_long = { .run_dir = long_dir,
		                                  .group = NULL,
		                                  .host = &w.fake.host };
	expect_no_start(&w, &again, -EADDRINUSE, "Another dmvpnd is running");
	expect_no_start(&w, &nowhere, -ENOENT, "Cannot listen at /nonexistent/dmvpnd.sock");
	expect_no_start(&w, &too_long, -ENAMETOOLONG, "too long");
	world_stop(&w);
}

static void test_a_stale_socket_is_replaced(void **state)
{
	struct world w;
	struct peer p;
	struct strbuf error;

	(void)state;
	world_start(&w, NULL);
	control_stop(w.control);
	uv_run(&w.loop, UV_RUN_DEFAULT);
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	snprintf(sa.sun_path, sizeof sa.sun_path, "%s", w.socket_path);
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&sa, sizeof sa), 0);
	close(fd);

	const struct control_options options = { .run_dir = w.dir,
		                                 .group = NULL,
		                                 .host = &w.fake.host };
	strbuf_init(&error);
	assert_int_equal(control_start(&w.loop, &options, &w.control, &error), 0);
	strbuf_fini(&error);
	peer_open(&w, &p);
	peer_close(&p);

	const struct control_options strange = { .run_dir = w.dir,
		                                 .group = "no such group",
		                                 .host = &w.fake.host };
	expect_no_start(&w, &strange, -EADDRINUSE, "Another");
	world_stop(&w);
}

/* Whoever connects meanwhile waits, and the file and its group stay as they are. */
static void test_passed_on(void **state)
{
	struct world w = { 0 };
	struct peer p = { 0 };
	struct stat before, after;
	struct strbuf error;

	(void)state;
	world_start(&w, NULL);
	assert_int_equal(lstat(w.socket_path, &before), 0);
	int fd = control_pass_on(w.control);
	assert_true(fd > STDERR_FILENO);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	control_stop(w.control);
	uv_run(&w.loop, UV_RUN_DEFAULT);
	p.fd = peer_connect(&w);
	assert_true(p.fd >= 0);

	/* A group that nobody may be given: the socket is not touched. */
	const struct control_options next = {
		.run_dir = w.dir, .group = "no such group", .host = &w.fake.host, .passed_fd = fd
	};
	strbuf_init(&error);
	assert_int_equal(control_start(&w.loop, &next, &w.control, &error), 0);
	assert_int_equal(lstat(w.socket_path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	strbuf_init(&p.in);
	peer_send(&p, PROTOCOL_HELLO, "");
	spin(&w);
	char byte;
	assert_int_equal(recv(p.fd, &byte, 1, MSG_DONTWAIT), 1);
	close(p.fd);
	strbuf_fini(&p.in);
	spin(&w);
	strbuf_fini(&error);
	world_stop(&w);
}

/* What is no socket of ours is closed, and one is made as ever. */
static void test_passed_something_else(void **state)
{
	struct world w = { 0 };
	struct peer p;
	struct strbuf error;

	(void)state;
	world_start(&w, NULL);
	control_stop(w.control);
	uv_run(&w.loop, UV_RUN_DEFAULT);
	const int fd = open("/dev/null", O_RDONLY);
	const struct control_options next = { .run_dir = w.dir,
		                              .host = &w.fake.host,
		                              .passed_fd = fd };
	strbuf_init(&error);
	assert_int_equal(control_start(&w.loop, &next, &w.control, &error), 0);
	strbuf_fini(&error);
	peer_open(&w, &p);
	peer_close(&p);
	world_stop(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_passed_on),
		cmocka_unit_test(test_passed_something_else),
		cmocka_unit_test(test_a_command),
		cmocka_unit_test(test_a_session_that_is_lost_in_a_block),
		cmocka_unit_test(test_two_sessions_in_the_block_of_a_new_tunnel),
		cmocka_unit_test(test_what_is_not_the_protocol),
		cmocka_unit_test(test_one_request_at_a_time),
		cmocka_unit_test(test_a_client_that_does_not_read),
		cmocka_unit_test(test_log_lines_are_dropped_and_counted),
		cmocka_unit_test(test_traces_go_to_those_who_debug),
		cmocka_unit_test(test_sessions_are_bounded),
		cmocka_unit_test(test_the_group_may_look),
		cmocka_unit_test(test_starts_that_fail),
		cmocka_unit_test(test_a_stale_socket_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
