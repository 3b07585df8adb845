/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fake_daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/files.h"

const char fake_spoke[] = "interface Tunnel0\n"
			  " ip address 10.10.10.2 255.255.255.0\n"
			  " ip nhrp map 10.10.10.1 1.1.1.2\n"
			  " ip nhrp network-id 1\n"
			  " ip nhrp nhs 10.10.10.1\n"
			  " tunnel source eth0\n"
			  " tunnel destination 1.1.1.2\n"
			  "interface eth0\n"
			  " ip address 2.2.2.2 255.255.255.0\n";

/* ---- the back end ---- */

static int tunnel_set(struct backend *b, const struct dp_tunnel *t)
{
	char source[ADDR_TEXT_LEN];
	struct netlink_link link;

	if (b->refuse_tunnels)
		return b->refuse_tunnels;
	strbuf_printf(&b->kernel->trace, "tunnel %u %s%s from %s\n", t->number,
	              t->up ? "up" : "down", t->up && !t->carrier ? " without carrier" : "",
	              addr_format(&t->source, source));
	if (rtnl_link(b->kernel, t->ifname, &link) < 0)
		fake_add_link(b->kernel, 100 + (int)t->number, t->ifname, false);
	return 0;
}

static void tunnel_del(struct backend *b, uint32_t number, bool remove)
{
	strbuf_printf(&b->kernel->trace, "tunnel-del %u%s\n", number, remove ? " remove" : "");
}

static void tunnel_refresh(struct backend *b, uint32_t number)
{
	strbuf_printf(&b->kernel->trace, "refresh %u\n", number);
}

static void taken_over(struct backend *b)
{
	strbuf_adds(&b->kernel->trace, "taken over\n");
}

static int peer_set(struct backend *b, uint32_t tunnel, const struct addr *peer,
                    const struct addr *nbma)
{
	char p[ADDR_TEXT_LEN], n[ADDR_TEXT_LEN];

	b->n_waiting++;
	strbuf_printf(&b->kernel->trace, "peer %u %s = %s\n", tunnel, addr_format(peer, p),
	              addr_format(nbma, n));
	return 0;
}

static void peer_del(struct backend *b, uint32_t tunnel, const struct addr *peer)
{
	char p[ADDR_TEXT_LEN];

	strbuf_printf(&b->kernel->trace, "peer-del %u %s\n", tunnel, addr_format(peer, p));
}

static int send_packet(struct backend *b, const struct backend_packet *packet)
{
	static const char *const types[] = { "?",          "resolve", "resolved", "register",
		                             "registered", "purge",   "purged",   "error" };
	char from[ADDR_TEXT_LEN], to[ADDR_TEXT_LEN];
	uint8_t type = packet->len > 17 ? packet->bytes[17] : 0;

	strbuf_printf(&b->kernel->trace, "send %u %s > %s %s\n", packet->tunnel,
	              addr_format(&packet->from, from), addr_format(&packet->to, to),
	              type < 8 ? types[type] : "?");
	return 0;
}

static int sa_add(struct backend *b, const struct node_sa *sa)
{
	char nbma[ADDR_TEXT_LEN];

	if (b->refuse_sas)
		return b->refuse_sas;
	strbuf_printf(&b->kernel->trace, "sa %u %s tunnel %u %s\n", sa->id,
	              sa->outbound ? "out" : "in", sa->tunnel, addr_format(&sa->nbma, nbma));
	return 0;
}

static void sa_del(struct backend *b, uint32_t id)
{
	strbuf_printf(&b->kernel->trace, "sa-del %u\n", id);
}

static int sa_use(struct backend *b, uint32_t tunnel, const struct addr *nbma, uint32_t id)
{
	char text[ADDR_TEXT_LEN];

	strbuf_printf(&b->kernel->trace, "sa-use %u %s = %u\n", tunnel, addr_format(nbma, text),
	              id);
	return 0;
}

static int sa_move(struct backend *b, uint32_t id, const struct addr *remote, uint16_t udp_port)
{
	char text[ADDR_TEXT_LEN];

	strbuf_printf(&b->kernel->trace, "sa-move %u %s:%u\n", id, addr_format(remote, text),
	              udp_port);
	return 0;
}

static bool sa_state(struct backend *b, uint32_t id, struct esp_sa_state *ret)
{
	strbuf_printf(&b->kernel->trace, "sa-state %u\n", id);
	*ret = (struct esp_sa_state){ .packets = id, .bytes = 100 * (uint64_t)id };
	return true;
}

static int send_ike(struct backend *b, const struct node_ike_path *path, const uint8_t *bytes,
                    size_t len)
{
	char to[ADDR_TEXT_LEN];

	(void)bytes;
	strbuf_printf(&b->kernel->trace, "ike 4500 > %s:%u %zu bytes\n", addr_format(&path->to, to),
	              path->to_port, len);
	return 0;
}

static bool tunnel_counters(struct backend *b, uint32_t number, struct dp_counters *ret)
{
	(void)b;
	*ret = (struct dp_counters){ .rx_packets = number + 1 };
	return true;
}

static bool peer_counters(struct backend *b, uint32_t tunnel, const struct addr *peer,
                          struct dp_counters *ret)
{
	(void)b;
	(void)tunnel;
	(void)peer;
	(void)ret;
	return false;
}

static void each_used(struct backend *b, void (*used)(void *ctx, const struct backend_use *use),
                      void *ctx)
{
	const struct backend_use use = { b->used_tunnel, b->used, 1 };

	b->used = ADDR_ANY_NONE;
	if (!addr_is_none(&use.peer))
		used(ctx, &use);
}

static void multicast(struct backend *b, uint32_t tunnel, const struct addr *nbma, bool on)
{
	char text[ADDR_TEXT_LEN];

	strbuf_printf(&b->kernel->trace, "%s %u %s\n", on ? "multicast" : "no multicast", tunnel,
	              addr_format(nbma, text));
}

static void route_set(struct backend *b, const struct backend_route *r)
{
	char p[PREFIX_TEXT_LEN], text[ADDR_TEXT_LEN];

	b->n_waiting++;
	strbuf_printf(&b->kernel->trace, "shortcut %u %s via %s%s\n", r->tunnel,
	              prefix_format(&r->to, p), addr_format(&r->via, text),
	              r->override ? " override" : "");
}

static void route_del(struct backend *b, uint32_t tunnel, const struct prefix *to)
{
	char p[PREFIX_TEXT_LEN];

	strbuf_printf(&b->kernel->trace, "no shortcut %u %s\n", tunnel, prefix_format(to, p));
}

static int flush(struct backend *b)
{
	if (!b->n_waiting)
		return 0;
	b->n_flushed = b->n_waiting;
	b->n_waiting = 0;
	return b->refuse_changes;
}

static void refusals(const struct backend *b, struct backend_refusals *ret)
{
	*ret = (struct backend_refusals){ .neighbours = b->refuse_changes ? 1 : 0 };
}

static bool xdp_receive(const struct backend *b, struct dp_xdp_receive *ret)
{
	(void)b;
	(void)ret;
	return false;
}

static const struct backend_ops fake_ops = {
	.name = "fake",
	.tunnel_set = tunnel_set,
	.tunnel_del = tunnel_del,
	.tunnel_refresh = tunnel_refresh,
	.taken_over = taken_over,
	.peer_set = peer_set,
	.peer_del = peer_del,
	.multicast = multicast,
	.route_set = route_set,
	.route_del = route_del,
	.flush = flush,
	.refusals = refusals,
	.xdp_receive = xdp_receive,
	.send = send_packet,
	.sa_add = sa_add,
	.sa_del = sa_del,
	.sa_use = sa_use,
	.sa_move = sa_move,
	.sa_state = sa_state,
	.send_ike = send_ike,
	.tunnel_counters = tunnel_counters,
	.peer_counters = peer_counters,
	.each_used = each_used,
};

/* ---- the daemon ---- */

static void on_named(void *ctx, uint32_t cookie, const struct addr *addr, size_t n)
{
	(void)ctx;
	(void)cookie;
	(void)addr;
	(void)n;
}

static void on_save_failed(void *ctx, int error)
{
	(void)ctx;
	(void)error;
}

static void make_directories(struct fake_daemon *f)
{
	snprintf(f->path, sizeof f->path, "/tmp/fake-daemon-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	snprintf(f->run, sizeof f->run, "%s/run", f->path);
	snprintf(f->state, sizeof f->state, "%s/state", f->path);
	snprintf(f->conf, sizeof f->conf, "%s/dmvpnd.conf", f->path);
	snprintf(f->log, sizeof f->log, "%s/log", f->path);
	snprintf(f->forwarding, sizeof f->forwarding, "%s/ip_forward", f->path);
	int dir = files_open_dir(f->path);
	assert_int_equal(files_replace(dir, "dmvpnd.conf", 0600, "hostname R2\n"), 0);
	assert_int_equal(files_replace(dir, "ip_forward", 0600, "0\n"), 0);
	close(dir);
	f->options.run_dir = f->run;
	f->options.state_dir = f->state;
	f->options.config = f->conf;
}

/* What holds a TAP that is not there. */
static int open_held(const char *device)
{
	(void)device;
	return eventfd(0, EFD_CLOEXEC);
}

static void start_loop(struct daemon *d)
{
	assert_int_equal(uv_loop_init(&d->loop), 0);
	uv_timer_init(&d->loop, &d->node_timer);
	uv_timer_init(&d->loop, &d->apply_timer);
	d->node_timer.data = d->apply_timer.data = d;
	d->names = (struct names){ .loop = &d->loop, .named = on_named, .ctx = d };
	daemon_start_ike(d);
	daemon_start_routes(d);
	d->saver.state = d->state;
	d->saver.print = daemon_print_cache;
	d->saver.failed = on_save_failed;
	d->saver.ctx = d;
	cache_saver_start(&d->saver, &d->loop);
}

int fake_daemon_set_up(void **state)
{
	struct fake_daemon *f = calloc(1, sizeof *f);
	struct daemon *d = &f->d;
	struct node_options node = { .entropy = prng_entropy(&f->prng) };
	struct strbuf error;

	/* Devices are claimed within a network namespace: one of its own, for tests run side by
	 * side. */
	if (unshare(CLONE_NEWNET) < 0)
		assert_int_equal(unshare(CLONE_NEWUSER | CLONE_NEWNET), 0);
	make_directories(f);
	prng_seed(&f->prng, 1);
	strbuf_init(&f->kernel.trace);
	strbuf_init(&error);
	d->options = &f->options;
	log_init(&d->log, open(f->log, O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600));
	assert_true(config_place_open(&d->config, f->conf, &error));
	d->run_dir_fd = files_open_dir(f->run);
	d->keylog_fd = -1;
	assert_int_equal(ledger_open(d->run_dir_fd, &d->ledger), 0);
	assert_int_equal(state_open(f->state, &d->state), 0);
	system_init(&d->system, &f->kernel, d->ledger, &d->log);
	d->system.forwarding_file = f->forwarding;
	f->backend.kernel = &f->kernel;
	d->backend = &f->backend;
	d->holds.open = open_held;
	d->ops = &fake_ops;
	d->crypto = node.crypto = crypto_new();
	start_loop(d);
	d->node = node_new(&node);
	d->loaded = snapshot_new();
	fake_add_link(&f->kernel, 1, "lo", true);
	f->kernel.link[0].loopback = true;
	fake_add_link(&f->kernel, 2, "eth0", true);
	assert_int_equal(daemon_apply(d, snapshot_new(), &error), 0);
	strbuf_fini(&error);
	*state = f;
	return 0;
}

static void close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void remove_files(const struct fake_daemon *f)
{
	unlinkat(state_dir_fd(f->d.state), "cache", 0);
	unlinkat(state_dir_fd(f->d.state), "request-ids", 0);
	unlinkat(state_dir_fd(f->d.state), ".request-ids.new", AT_REMOVEDIR);
	unlink(f->conf);
	unlink(f->log);
	unlink(f->forwarding);
}

int fake_daemon_tear_down(void **state)
{
	struct fake_daemon *f = *state;
	struct daemon *d = &f->d;

	daemon_unapply(d);
	cache_saver_stop(&d->saver);
	(void)names_stop(&d->names);
	ike_ports_stop(&d->ike_ports);
	uv_walk(&d->loop, close_handle, NULL);
	uv_run(&d->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&d->loop), 0);
	system_fini(&d->system);
	ledger_close(d->ledger);
	close(d->run_dir_fd);
	remove_files(f);
	state_close(d->state);
	node_free(d->node);
	daemon_forget_sas(d);
	credentials_fini(&d->credentials);
	daemon_forget_routes(d);
	crypto_free(d->crypto);
	snapshot_free(d->running);
	snapshot_free(d->loaded);
	config_place_close(&d->config);
	daemon_forget_ports(d);
	ports_fini(&d->ports);
	free(d->route_views);
	close(d->log.fd);
	strbuf_fini(&f->kernel.trace);
	assert_int_equal(rmdir(f->run), 0); /* the run directory was left empty */
	assert_int_equal(rmdir(f->state), 0);
	assert_int_equal(rmdir(f->path), 0);
	free(f);
	return 0;
}

int fake_daemon_commit(struct fake_daemon *f, const char *text, struct strbuf *error)
{
	struct config_remarks remarks = { 0 };
	struct snapshot *next = config_parse(text, strlen(text), &remarks);

	assert_int_equal(remarks.n_errors, 0);
	config_remarks_fini(&remarks);
	return daemon_apply(&f->d, next, error);
}

size_t fake_daemon_logged(const struct fake_daemon *f, const char *text)
{
	struct strbuf log;
	size_t n = 0;
	int dir = files_open_dir(f->path);

	strbuf_init(&log);
	assert_int_equal(files_read(dir, "log", 1 << 20, &log), 0);
	for (const char *at = log.text; (at = strstr(at, text)); at++)
		n++;
	strbuf_fini(&log);
	close(dir);
	return n;
}

static void on_time(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

void fake_daemon_run(struct fake_daemon *f, uint64_t ms)
{
	uv_timer_t timer;

	uv_timer_init(&f->d.loop, &timer);
	uv_timer_start(&timer, on_time, ms, 0);
	uv_run(&f->d.loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&f->d.loop, UV_RUN_NOWAIT);
}
