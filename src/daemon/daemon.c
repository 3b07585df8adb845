/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Start, loop and stop. The start takes locks and looks for obstacles before it touches anything;
 * what needs more than the three capabilities (directories, the control socket's group) comes
 * before they are dropped, threads come after, so that they inherit the drop.
 */
#include "daemon/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backend/backend_user.h"
#include "daemon/files.h"
#include "daemon/kernel_gre.h"
#include "daemon/notify.h"
#include "daemon/privileges.h"
#include "dataplane/tap.h"
#include "util/check.h"
#include "util/memory.h"

enum {
	APPLY_DELAY_MS = 5,   /* one look for a burst of notifications */
	POLL_EVERY_MS = 5000, /* used peers; what waits for something is tried again */
};

struct now daemon_now(void)
{
	struct timespec mono_ts, wall;

	clock_gettime(CLOCK_MONOTONIC, &mono_ts);
	clock_gettime(CLOCK_REALTIME, &wall);
	return (struct now){ .mono = { mono_ts.tv_sec * NS_PER_S + mono_ts.tv_nsec },
		             .wall_ms = (int64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000 };
}

static void fill_random(void *ctx, void *bytes, size_t len)
{
	uint8_t *at = bytes;

	(void)ctx;
	while (len) {
		ssize_t n = getrandom(at, len, 0);
		check(n > 0 || errno == EINTR);
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
}

/* ---- the loop's callbacks ---- */

static void apply_again(struct daemon *d)
{
	struct strbuf error;

	strbuf_init(&error);
	if (daemon_apply(d, NULL, &error) < 0)
		log_say(&d->log, "SYS-3-APPLY", "%s", error.text);
	strbuf_fini(&error);
}

static void on_apply_timer(uv_timer_t *timer)
{
	apply_again(timer->data);
}

void daemon_apply_soon(struct daemon *d)
{
	if (!uv_is_active((uv_handle_t *)&d->apply_timer))
		uv_timer_start(&d->apply_timer, on_apply_timer, APPLY_DELAY_MS, 0);
}

struct news {
	struct daemon *d;
	bool changed; /* what daemon_apply() looks at */
};

static void on_notification(void *ctx, const struct netlink_event *event)
{
	struct news *news = ctx;
	bool link = event->object == NETLINK_LINK || event->object == NETLINK_ADDRESS;

	news->changed |= link || (event->object == NETLINK_ROUTE_ENTRY && event->deleted &&
	                          event->route.protocol == NETLINK_ROUTE_PROTOCOL &&
	                          event->route.metric != 0);
	if (link)
		daemon_routes_stale(news->d);
	else
		daemon_take_route(news->d, event);
}

static void on_rtnl(uv_poll_t *poll, int status, int events)
{
	struct daemon *d = poll->data;
	struct news news = { .d = d };

	(void)status;
	(void)events;
	if (rtnl_notify(d->rtnl, on_notification, &news) < 0) { /* some were lost */
		news.changed = true;
		daemon_routes_stale(d);
	}
	if (news.changed)
		daemon_apply_soon(d);
}

static void on_backend(uv_poll_t *poll, int status, int events)
{
	struct daemon *d = poll->data;

	(void)status;
	(void)events;
	d->ops->dispatch(d->backend);
}

static void on_poll_timer(uv_timer_t *timer)
{
	struct daemon *d = timer->data;

	daemon_poll_used(d);
	d->ops->dispatch(d->backend); /* what ends with time, and nothing tells of */
	credentials_check(&d->credentials);
	if (d->system.waiting)
		apply_again(d);
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct daemon *d = prepare->data;

	d->iteration++;
}

static void on_named(void *ctx, uint32_t cookie, const struct addr *addr, size_t n)
{
	struct node_event event = { .type = NODE_NAMED };

	event.named.cookie = cookie;
	event.named.n = n;
	memcpy(event.named.addr, addr, n * sizeof *addr);
	daemon_step(ctx, &event);
}

static void on_log_line(void *ctx, const char *line)
{
	struct daemon *d = ctx;

	if (d->control)
		control_log(d->control, line);
}

static void on_save_failed(void *ctx, int error)
{
	struct daemon *d = ctx;

	log_say(&d->log, "SYS-3-STATE", "The cache cannot be kept in %s: %s", d->options->state_dir,
	        strerror(-error));
}

static void reload(struct daemon *d)
{
	struct config_remarks remarks = { 0 };
	struct strbuf error;

	strbuf_init(&error);
	struct snapshot *next = config_load(&d->config, &remarks, &error);
	if (next)
		config_report(&d->log, d->config.path, &remarks);
	if (next && d->options->strict && (remarks.n_errors || remarks.n_warnings)) {
		snapshot_free(next);
		strbuf_printf(&error, "%s does not pass --strict.", d->config.path);
	} else if (next) {
		struct snapshot *loaded = snapshot_copy(next);
		if (daemon_apply(d, next, &error) == 0) {
			snapshot_free(d->loaded);
			d->loaded = loaded;
		} else {
			snapshot_free(loaded);
		}
	}
	if (error.len)
		log_say(&d->log, "SYS-3-RELOAD", "The configuration stays as it is: %s",
		        error.text);
	else
		log_say(&d->log, "SYS-5-CONFIG_I", "Configured from %s by SIGHUP", d->config.path);
	config_remarks_fini(&remarks);
	strbuf_fini(&error);
}

/* The first signal counts: a service manager sends its own after ours. */
static void end(struct daemon *d, int signum)
{
	struct strbuf why;

	strbuf_init(&why);
	if (signum == SIGUSR2 && !handover_possible(&d->handover, &why))
		log_say(&d->log, "SYS-3-UPGRADE", "SIGUSR2 is not obeyed: %s", why.text);
	else
		d->end = signum == SIGUSR2   ? DAEMON_ANEW
		         : signum == SIGUSR1 ? DAEMON_KEEPS
		                             : DAEMON_STOPS;
	strbuf_fini(&why);
	if (d->end != DAEMON_RUNS)
		uv_stop(&d->loop);
}

static void on_signal(uv_signal_t *handle, int signum)
{
	struct daemon *d = handle->data;

	if (signum == SIGHUP)
		reload(d);
	else if (d->end == DAEMON_RUNS)
		end(d, signum);
}

/* ---- start ---- */

/* One sentence for the user; the start is over. */
__attribute__((format(printf, 2, 3))) static bool refuse(struct daemon *d, const char *format, ...)
{
	struct strbuf text;
	va_list args;

	strbuf_init(&text);
	strbuf_adds(&text, "dmvpnd: ");
	va_start(args, format);
	strbuf_vprintf(&text, format, args);
	va_end(args);
	strbuf_addc(&text, '\n');
	(void)!write(STDERR_FILENO, text.text, text.len);
	strbuf_fini(&text);
	d->exit_status = EXIT_FAILURE;
	return false;
}

static bool same_directory(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static bool take_directories(struct daemon *d)
{
	const struct options *o = d->options;

	d->run_dir_fd = files_open_dir(o->run_dir);
	if (d->run_dir_fd < 0)
		return refuse(d, "%s: %s.", o->run_dir, strerror(-d->run_dir_fd));
	if (flock(d->run_dir_fd, LOCK_EX | LOCK_NB) < 0)
		return refuse(d, "Another dmvpnd runs with the run directory %s.", o->run_dir);
	if (same_directory(o->run_dir, o->state_dir))
		return refuse(d, "The run directory and the state directory must be two.");
	int result = state_open(o->state_dir, &d->state);
	if (result == -EWOULDBLOCK)
		return refuse(d, "Another dmvpnd runs with the state directory %s.", o->state_dir);
	if (result == -EBADMSG)
		return refuse(d,
		              "%s/request-ids is damaged; put a number into it that is above any "
		              "request id used.",
		              o->state_dir);
	if (result < 0)
		return refuse(d, "%s: %s.", o->state_dir, strerror(-result));
	return true;
}

static bool check_privileges(struct daemon *d)
{
	struct strbuf missing;

	strbuf_init(&missing);
	bool fine = privileges_suffice(&missing);
	if (!fine)
		refuse(d, "The capability %s is missing: run it as root.", missing.text);
	strbuf_fini(&missing);
	return fine;
}

/* Whether TAP interfaces can be had, before any is wanted. */
static bool check_tun(struct daemon *d)
{
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return refuse(d, "/dev/net/tun: %s: load the kernel's module with 'modprobe tun'.",
		              strerror(errno));
	close(fd);
	return true;
}

static bool add_ports(struct daemon *d)
{
	for (size_t i = 0; i < d->options->n_ports; i++) {
		if (!ports_add(&d->ports, d->options->port[i]))
			return refuse(d,
			              "--port takes an interface's name and one device, as in "
			              "FastEthernet0/0=eth0, not \"%s\".",
			              d->options->port[i]);
	}
	return true;
}

static bool open_keylog(struct daemon *d)
{
	const char *path = d->options->keylog;

	if (!path)
		return true;
	d->keylog_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (d->keylog_fd < 0)
		return refuse(d, "%s: %s.", path, strerror(errno));
	log_say(&d->log, "CRYPTO-2-KEYLOG", "All keys are written to %s", path);
	return true;
}

/* It goes without, and says so once. */
static void tell_of_xdp(struct daemon *d)
{
	struct dp_xdp_receive now;

	if (d->ops->xdp_receive(d->backend, &now) && now.error)
		log_say(&d->log, "SYS-4-XDP", "Nothing is received by AF_XDP: %s",
		        strerror(-now.error));
}

static bool open_kernel(struct daemon *d)
{
	struct backend_user_options options = { .dataplane.n_workers = d->options->n_workers,
		                                .dataplane.xdp_receive = d->options->xdp_receive,
		                                .dataplane.crypto = d->crypto,
		                                .events = daemon_backend_events(d) };
	const char *why = NULL;

	int result = rtnl_new(&d->rtnl);
	if (result < 0)
		return refuse(d, "The kernel's netlink socket cannot be had: %s.",
		              strerror(-result));
	result = ledger_open(d->run_dir_fd, &d->ledger);
	if (result < 0)
		return refuse(d, "%s/" LEDGER_FILE ": %s.", d->options->run_dir, strerror(-result));
	system_init(&d->system, d->rtnl, d->ledger, &d->log);
	d->holds.open = tap_open_held;
	d->holds.still_holds = tap_is_held;
	(void)holds_inherit(&d->holds);
	fill_random(NULL, &options.dataplane.generation, sizeof options.dataplane.generation);
	options.rtnl = d->rtnl;
	result = backend_user_new(&options, &d->backend, &why);
	if (result < 0)
		return refuse(d, "%s: %s.", why ? why : "The data plane cannot be started",
		              strerror(-result));
	d->ops = &backend_user_ops;
	tell_of_xdp(d);
	d->n_workers = dataplane_workers(backend_user_dataplane(d->backend));
	return true;
}

static void start_timers(struct daemon *d)
{
	uv_timer_init(&d->loop, &d->node_timer);
	uv_timer_init(&d->loop, &d->apply_timer);
	uv_timer_init(&d->loop, &d->poll_timer);
	d->node_timer.data = d->apply_timer.data = d->poll_timer.data = d;
	d->saver.state = d->state;
	d->saver.print = daemon_print_cache;
	d->saver.failed = on_save_failed;
	d->saver.ctx = d;
	cache_saver_start(&d->saver, &d->loop);
	d->names = (struct names){ .loop = &d->loop, .named = on_named, .ctx = d };
	daemon_start_ike(d);
	daemon_start_routes(d);
}

static void watch(struct daemon *d)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 };

	uv_poll_init(&d->loop, &d->backend_poll, d->ops->fd(d->backend));
	uv_poll_init(&d->loop, &d->rtnl_poll, rtnl_notify_fd(d->rtnl));
	d->backend_poll.data = d->rtnl_poll.data = d;
	uv_poll_start(&d->backend_poll, UV_READABLE, on_backend);
	uv_poll_start(&d->rtnl_poll, UV_READABLE, on_rtnl);
	uv_prepare_init(&d->loop, &d->prepare);
	d->prepare.data = d;
	uv_prepare_start(&d->prepare, on_prepare);
	uv_timer_start(&d->poll_timer, on_poll_timer, POLL_EVERY_MS, POLL_EVERY_MS);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
		uv_signal_init(&d->loop, &d->signals[i]);
		d->signals[i].data = d;
		uv_signal_start(&d->signals[i], on_signal, signals[i]);
	}
	handover_signals(SIG_UNBLOCK); /* those that came while we were executed */
}

static bool start_control(struct daemon *d)
{
	struct cli_host host = daemon_cli_host(d);
	const struct control_options options = { .run_dir = d->options->run_dir,
		                                 .group = d->options->socket_group,
		                                 .host = &host,
		                                 .passed_fd = d->handover.control_fd };
	struct strbuf error;

	d->handover.control_fd = 0;
	strbuf_init(&error);
	bool fine = control_start(&d->loop, &options, &d->control, &error) == 0;
	if (!fine)
		refuse(d, "%s", error.text);
	strbuf_fini(&error);
	return fine;
}

/* Takes the snapshot in any case. */
static bool apply_first(struct daemon *d, struct snapshot *first,
                        const struct config_remarks *remarks)
{
	struct strbuf error;

	strbuf_init(&error);
	bool fine = daemon_claim(d, first, &error) == 0;
	if (fine) {
		config_report(&d->log, d->config.path, remarks);
		if (config_place_exposes(&d->config, first))
			log_say(&d->log, "SYS-4-CONFIG_READABLE", "%s: " CONFIG_EXPOSED,
			        d->config.path);
		d->loaded = snapshot_copy(first);
		fine = daemon_apply(d, first, &error) == 0;
	} else {
		snapshot_free(first);
	}
	if (!fine)
		refuse(d, "%s", error.text);
	strbuf_fini(&error);
	return fine;
}

/* ---- stop ---- */

static void close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* False when a thread of the loop's pool is still at a lookup, which may take long. */
static bool close_loop(struct daemon *d)
{
	bool idle = names_stop(&d->names);

	ike_ports_stop(&d->ike_ports);
	uv_walk(&d->loop, close_handle, NULL);
	uv_run(&d->loop, idle ? UV_RUN_DEFAULT : UV_RUN_NOWAIT);
	return uv_loop_close(&d->loop) == 0;
}

static void free_all(struct daemon *d)
{
	if (d->backend)
		d->ops->free(d->backend);
	if (d->rtnl)
		system_fini(&d->system);
	ledger_close(d->ledger);
	rtnl_free(d->rtnl);
	state_close(d->state);
	node_free(d->node);
	daemon_forget_sas(d);
	credentials_fini(&d->credentials);
	daemon_forget_routes(d);
	crypto_free(d->crypto);
	snapshot_free(d->running);
	snapshot_free(d->loaded);
	if (d->end != DAEMON_ANEW)
		holds_close(&d->holds);
	daemon_forget_ports(d);
	ports_fini(&d->ports);
	claims_release(&d->claims, NULL, NULL);
	if (d->run_dir_fd >= 0)
		close(d->run_dir_fd);
	if (d->keylog_fd >= 0)
		close(d->keylog_fd);
}

/* Peers are told nothing by one that comes again: their registrations and paths go on. */
static void stop(struct daemon *d)
{
	d->stopping = true;
	notify_send(d->end == DAEMON_ANEW ? "RELOADING=1" : "STOPPING=1");
	cache_saver_mark(&d->saver);
	cache_saver_stop(&d->saver); /* what registered stays known to the next start */
	if (d->end == DAEMON_STOPS)
		daemon_stop_node(d);
	pings_free(d->pings);
	d->pings = NULL;
	if (d->end == DAEMON_STOPS) {
		log_say(&d->log, "SYS-5-STOP", "Interfaces, routes and addresses are removed");
		daemon_unapply(d);
	} else {
		handover_signals(SIG_BLOCK);
		log_say(&d->log, "SYS-5-STOP", "Interfaces, routes and addresses stay for %s",
		        d->end == DAEMON_ANEW ? d->handover.program : "the next start");
		daemon_leave(d);
	}
}

/* Each tunnel takes a descriptor for each worker, many more than the customary 1024. */
static void raise_file_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* Everything that can refuse, before anything on the system is touched. */
static bool prepare(struct daemon *d)
{
	if (!add_ports(d) || !check_privileges(d) || !check_tun(d) || !take_directories(d) ||
	    !open_keylog(d))
		return false;
	raise_file_limit();
	if (!start_control(d))
		return false;
	d->crypto = crypto_new(); /* reads OpenSSL's files */
	if (!d->crypto)
		log_say(&d->log, "CRYPTO-3-LIBRARY",
		        "OpenSSL lacks what protection needs: protected tunnels stay down");
	int result = privileges_drop(d->options->xdp_receive);
	if (result < 0)
		return refuse(d, "Capabilities cannot be dropped: %s.", strerror(-result));
	return open_kernel(d);
}

static void run(struct daemon *d)
{
	log_say(&d->log, "SYS-5-RESTART", "System restarted -- OpenDMVPN " DMVPN_VERSION);
	kernel_gre_warn(&d->log, KERNEL_GRE_MODULE);
	daemon_restore_cache(d);
	watch(d);
	notify_send("READY=1");
	log_say(&d->log, "SYS-5-READY",
	        "dmvpnd " DMVPN_VERSION " is ready: %zu interfaces, %u workers",
	        d->running->n_interfaces, d->n_workers);
	uv_run(&d->loop, UV_RUN_DEFAULT);
	stop(d);
}

/* Without it a start with --socket-group is refused for want of privileges. */
static void pass_control_on(struct daemon *d)
{
	int fd = control_pass_on(d->control);

	if (fd < 0)
		log_say(&d->log, "SYS-3-UPGRADE", "The control socket cannot be passed on: %s",
		        strerror(-fd));
	else
		d->handover.control_fd = fd;
}

int daemon_run(const struct options *options, struct config_place *config, struct snapshot *first,
               const struct config_remarks *remarks)
{
	struct daemon *d = memory_new(1, sizeof *d);

	d->options = options;
	d->config = *config;
	d->run_dir_fd = d->keylog_fd = -1;
	d->started = daemon_now().mono;
	handover_init(&d->handover);
	log_init(&d->log, STDERR_FILENO);
	d->log.also = on_log_line;
	d->log.ctx = d;
	check(uv_loop_init(&d->loop) == 0);
	signal(SIGPIPE, SIG_IGN);

	if (prepare(d)) {
		struct node_options node = { .entropy = { fill_random, NULL },
			                     .crypto = d->crypto,
			                     .hand_out_keys = d->keylog_fd >= 0,
			                     .request_id_next = state_request_id_next(d->state) };
		d->ids_reserved = node.request_id_next;
		d->node = node_new(&node);
		d->pings = pings_new(&d->loop);
		start_timers(d);
		if (apply_first(d, first, remarks))
			run(d);
		first = NULL;
	}
	snapshot_free(first);
	if (d->end == DAEMON_ANEW)
		pass_control_on(d);
	control_stop(d->control);
	d->control = NULL;
	pings_free(d->pings);
	bool idle = close_loop(d);
	free(d->route_views);
	free_all(d);
	config_place_close(&d->config);
	if (d->end == DAEMON_ANEW) {
		int result = handover_execute(&d->handover, options, &d->holds);
		refuse(d, "%s: %s.", d->handover.program, strerror(-result));
	}
	int status = d->exit_status;
	free(d);
	if (!idle)
		_exit(status);
	return status;
}
