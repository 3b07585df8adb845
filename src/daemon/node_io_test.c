/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/cache_file.h"
#include "daemon/fake_daemon.h"
#include "daemon/files.h"
#include "node/view.h"

static const char hub[] = "interface Tunnel0\n"
			  " ip address 10.10.10.1 255.255.255.0\n"
			  " ip nhrp network-id 1\n"
			  " tunnel source eth0\n"
			  " tunnel mode gre multipoint\n"
			  "interface eth0\n"
			  " ip address 1.1.1.2 255.255.255.0\n";

static void commit(struct fake_daemon *f, const char *text)
{
	struct strbuf error;

	strbuf_init(&error);
	assert_int_equal(fake_daemon_commit(f, text, &error), 0);
	strbuf_fini(&error);
}

static bool traced(const struct fake_daemon *f, const char *text)
{
	return strstr(f->kernel.trace.text, text) != NULL;
}

static void request_ids_are_on_disk_before_they_are_sent(void **state)
{
	struct fake_daemon *f = *state;
	struct strbuf text;

	commit(f, fake_spoke);
	assert_true(traced(f, "register"));
	strbuf_init(&text);
	assert_int_equal(files_read(state_dir_fd(f->d.state), "request-ids", 100, &text), 0);
	assert_true(state_request_id_next(f->d.state) >= NODE_REQUEST_ID_BLOCK);
	strbuf_fini(&text);
}

static void nothing_is_sent_with_ids_that_may_repeat(void **state)
{
	struct fake_daemon *f = *state;

	/* Something in the way of the new file. */
	assert_int_equal(mkdirat(state_dir_fd(f->d.state), ".request-ids.new", 0700), 0);
	commit(f, fake_spoke);
	fake_daemon_run(f, 1200); /* it is sent again a second later */
	assert_false(traced(f, "send"));
	assert_int_equal(fake_daemon_logged(f, "%SYS-2-STATE"), 1);
	assert_int_equal(unlinkat(state_dir_fd(f->d.state), ".request-ids.new", AT_REMOVEDIR), 0);
	fake_daemon_run(f, 4500);
	assert_true(traced(f, "register"));
}

/* A client that an earlier life of the hub knew. */
static const struct node_saved_entry client = {
	.target = { { ADDR_V4, { 10, 10, 10, 2 } }, 32 },
	.nbma = { ADDR_V4, { 2, 2, 2, 2 } },
	.unique = true,
	.holdtime_s = 7200,
	.mtu_bytes = 17916,
	.request_id = 7,
};

static void the_cache_outlives_the_daemon(void **state)
{
	struct fake_daemon *f = *state;
	struct node_saved_entry e = client;
	struct strbuf text;

	strbuf_init(&text);
	e.expires_wall_ms = daemon_now().wall_ms + 7200 * 1000;
	e.created_wall_ms = e.expires_wall_ms - 7200 * 1000;
	strbuf_adds(&text, CACHE_FILE_HEAD);
	cache_file_print(&e, &text);
	assert_int_equal(state_save_cache(f->d.state, text.text), 0);

	commit(f, hub);
	daemon_restore_cache(&f->d);
	assert_true(traced(f, "peer 0 10.10.10.2 = 2.2.2.2\n"));
	assert_int_equal(fake_daemon_logged(f, "%NHRP-6-RESTORED: 1 "), 1);
	strbuf_truncate(&text, 0);
	daemon_print_cache(&f->d, &text);
	assert_int_equal(strncmp(text.text, CACHE_FILE_HEAD, strlen(CACHE_FILE_HEAD)), 0);
	assert_non_null(strstr(text.text, "target 10.10.10.2 32 nbma 2.2.2.2"));
	strbuf_fini(&text);
}

static void use_reaches_the_entry(void **state)
{
	struct fake_daemon *f = *state;
	struct node_cursor cursor = { 0 };
	struct nhrp_entry_view v;
	struct node_event restore = { .type = NODE_RESTORE, .saved = client };

	commit(f, hub);
	restore.saved.expires_wall_ms = daemon_now().wall_ms + 100000;
	restore.saved.created_wall_ms = daemon_now().wall_ms;
	daemon_step(&f->d, &restore);
	f->backend.used = client.target.addr;
	daemon_poll_used(&f->d);
	assert_true(node_entry_next(f->d.node, &cursor, &v));
	assert_true(v.flags & 1u << NHRP_FLAG_USED);
}

static void packets_and_wants_are_events(void **state)
{
	struct fake_daemon *f = *state;
	struct backend_events events = daemon_backend_events(&f->d);
	struct addr unknown = addr_v4(10, 10, 10, 9);
	uint8_t junk[40] = { 0 };
	const struct backend_packet packet = { .from = addr_v4(1, 1, 1, 2),
		                               .to = addr_v4(2, 2, 2, 2),
		                               .bytes = junk,
		                               .len = sizeof junk };
	struct node_cursor cursor = { 0 };
	struct nhrp_tunnel_view v;

	commit(f, fake_spoke);
	events.packet(events.ctx, &packet);
	assert_true(node_tunnel_next(f->d.node, &cursor, &v));
	assert_int_equal(v.traffic.drops[DROP_MALFORMED], 1);
	events.want(events.ctx, 0, &unknown);
}

/* Data from where no client is. */
static void strangers_are_events(void **state)
{
	struct fake_daemon *f = *state;
	struct backend_events events = daemon_backend_events(&f->d);
	static const uint8_t head[28] = { 0x45, [12] = 10, 10, 10, 9 };
	const struct backend_packet packet = { .from = addr_v4(2, 2, 2, 2),
		                               .bytes = head,
		                               .len = sizeof head };
	struct node_cursor cursor = { 0 };
	struct nhrp_tunnel_view v;

	commit(f, hub);
	events.stranger(events.ctx, &packet);
	events.stranger(events.ctx, &packet);
	assert_true(node_tunnel_next(f->d.node, &cursor, &v));
	assert_int_equal(v.traffic.sent[NHRP_ERROR_INDICATION], 1);
	assert_int_equal(v.traffic.drops[DROP_TOLD], 1);
}

/* One flush for all that a step changes; the log has the first refusal only. */
static void a_steps_changes_go_out_together(void **state)
{
	struct fake_daemon *f = *state;
	struct node_event restore = { .type = NODE_RESTORE, .saved = client };
	const struct node_event clear = { .type = NODE_CLEAR };

	commit(f, hub);
	restore.saved.expires_wall_ms = daemon_now().wall_ms + 100000;
	restore.saved.created_wall_ms = daemon_now().wall_ms;
	f->backend.refuse_changes = -ENOBUFS;
	for (uint8_t i = 2; i < 5; i++) {
		restore.saved.target.addr.bytes[3] = i;
		daemon_step(&f->d, &restore);
		assert_int_equal(f->backend.n_waiting, 0);
		assert_int_equal(f->backend.n_flushed, 1);
	}
	assert_int_equal(fake_daemon_logged(f, "%NETLINK-3-REFUSED"), 1);
	daemon_step(&f->d, &clear);
}

static void a_stopped_node_is_silent(void **state)
{
	struct fake_daemon *f = *state;

	commit(f, fake_spoke);
	f->d.stopping = true;
	daemon_stop_node(&f->d);
	assert_true(f->d.node_stopped);
	strbuf_truncate(&f->kernel.trace, 0);
	fake_daemon_run(f, 1200); /* nothing is sent afterwards */
	fake_expect(&f->kernel, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_daemon_set_up, fake_daemon_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(request_ids_are_on_disk_before_they_are_sent),
		TEST(nothing_is_sent_with_ids_that_may_repeat),
		TEST(the_cache_outlives_the_daemon),
		TEST(use_reaches_the_entry),
		TEST(packets_and_wants_are_events),
		TEST(strangers_are_events),
		TEST(a_steps_changes_go_out_together),
		TEST(a_stopped_node_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
