/* SPDX-License-Identifier: Apache-2.0 */
/* What the CLI may ask of the daemon: views for `show`, commits, the startup file, clearing, ping.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/files.h"
#include "util/memory.h"

enum { CONFIG_MODE = 0600 /* it holds secrets */ };

static struct now host_now(void *ctx)
{
	(void)ctx;
	return daemon_now();
}

/*
 * Before a command looks at the node it is told of the latest use. Once in an iteration of the
 * loop, so that no cursor is walking: a command runs within one.
 */
static const struct node *host_node(void *ctx)
{
	struct daemon *d = ctx;

	if (d->polled_iteration != d->iteration) {
		d->polled_iteration = d->iteration;
		daemon_poll_used(d);
	}
	return d->node;
}

static const struct snapshot *host_running(void *ctx)
{
	return ((const struct daemon *)ctx)->running;
}

/* ---- interfaces ---- */

/* IOS: NVRAM while it is as the startup file had it, manual once it was typed. */
static const char *method(const struct daemon *d, const struct snap_interface *i, bool has_address)
{
	if (i->addressing == SNAP_ADDRESS_DHCP)
		return "DHCP";
	if (i->addressing == SNAP_ADDRESS_UNSET)
		return has_address ? "other" : "unset";
	const struct snap_interface *was = snapshot_interface(d->loaded, i->name);
	bool same = was && was->n_address && prefix_equal(&was->address[0], &i->address[0]);
	return same ? "NVRAM" : "manual";
}

/* An interface that was made anew counts from 0. */
static void count_from(uint64_t *counter, uint64_t cleared)
{
	if (*counter >= cleared)
		*counter -= cleared;
}

static bool tunnel_counters(const struct daemon *d, uint32_t number, struct dp_counters *ret)
{
	const struct daemon_tunnel *t = daemon_tunnel(d, number);
	const struct dp_counters *cleared = t ? &t->cleared : &d->cleared;

	if (!d->ops->tunnel_counters(d->backend, number, ret))
		return false;
	count_from(&ret->rx_packets, cleared->rx_packets);
	count_from(&ret->rx_bytes, cleared->rx_bytes);
	count_from(&ret->tx_packets, cleared->tx_packets);
	count_from(&ret->tx_bytes, cleared->tx_bytes);
	for (size_t i = 0; i < DP_DROPS_N; i++)
		count_from(&ret->drops[i], cleared->drops[i]);
	return true;
}

static void fill_tunnel(const struct daemon *d, const struct snap_interface *i,
                        struct interface_view *v)
{
	const struct daemon_tunnel *t = daemon_tunnel(d, i->tunnel->number);

	if (!t)
		return;
	const struct netlink_link *link = links_by_name(&d->system.links, v->device);
	bool set_down = link && !link->up;
	v->line_up = t->state.dp.carrier && !set_down;
	v->down_reason =
		t->state.dp.up && set_down ? "interface is set down by hand" : t->state.down_reason;
	v->nhrp_mtu_bytes = t->state.nhrp_mtu_bytes;
	v->transport_mtu_bytes = t->state.transport_mtu_bytes;
	v->source = t->state.dp.source;
	v->mtu_bytes = t->state.dp.mtu_bytes;
	v->has_counters = tunnel_counters(d, t->number, &v->counters);
}

static bool host_interface_next(void *ctx, size_t *cursor, struct interface_view *ret)
{
	const struct daemon *d = ctx;

	if (*cursor >= d->running->n_interfaces)
		return false;
	const struct snap_interface *i = d->running->interface[(*cursor)++];
	char device[SNAP_DEVICE_SIZE];
	*ret = (struct interface_view){ .config = i, .admin_up = !i->shutdown };
	snprintf(ret->name, sizeof ret->name, "%s", i->name);
	ports_device(&d->ports, d->running, i->name, device);
	const struct netlink_link *link = links_by_name(&d->system.links, device);
	if (link) {
		memcpy(ret->device, device, sizeof ret->device);
		ret->line_up = !i->shutdown && link->up && (link->running || link->loopback);
		ret->mtu_bytes =
			link->mtu_bytes > UINT16_MAX ? UINT16_MAX : (uint16_t)link->mtu_bytes;
	}
	if (i->addressing == SNAP_ADDRESS_STATIC)
		ret->address = *snap_interface_address(i);
	else if (link && i->kind != SNAP_LOOPBACK)
		ret->address = *links_first_address(&d->system.links, link->index, ADDR_V4);
	ret->method = method(d, i, !addr_is_none(&ret->address.addr));
	if (i->kind == SNAP_TUNNEL)
		fill_tunnel(d, i, ret);
	return true;
}

/* ---- routes ---- */

/* The name in the configuration of a link; "" when it has none. */
static void name_of(const struct daemon *d, int index, char *ret)
{
	const struct netlink_link *link = links_by_index(&d->system.links, index);
	char device[SNAP_DEVICE_SIZE];

	ret[0] = '\0';
	for (size_t i = 0; link && i < d->running->n_interfaces; i++) {
		const struct snap_interface *in = d->running->interface[i];
		ports_device(&d->ports, d->running, in->name, device);
		if (in->kind != SNAP_LOOPBACK && strcmp(device, link->name) == 0)
			memcpy(ret, in->name, SNAP_NAME_SIZE);
	}
}

static void add_route(struct daemon *d, const struct route_view *r)
{
	d->route_views = memory_resize(d->route_views, d->n_route_views + 1, sizeof *r);
	d->route_views[d->n_route_views++] = *r;
}

/* The network and the host route that an address of ours brings with it. */
static void add_connected(struct daemon *d, const struct snap_interface *i, const struct prefix *p)
{
	struct route_view r = { .to = prefix_network(p), .code = 'C' };

	snprintf(r.interface, sizeof r.interface, "%s", i->name);
	add_route(d, &r);
	if (p->len == addr_bits(&p->addr))
		return;
	r.to = prefix_host(&p->addr);
	r.code = 'L';
	add_route(d, &r);
}

static void collect_connected(struct daemon *d)
{
	struct interface_view v;
	size_t cursor = 0;

	while (host_interface_next(d, &cursor, &v)) {
		const struct netlink_link *link = links_by_name(&d->system.links, v.device);
		if (!v.line_up || !link)
			continue;
		if (v.config->addressing == SNAP_ADDRESS_STATIC) {
			for (size_t a = 0; a < v.config->n_address; a++) {
				if (links_has(&d->system.links, link->index, &v.config->address[a]))
					add_connected(d, v.config, &v.config->address[a]);
			}
		} else if (!addr_is_none(&v.address.addr)) {
			add_connected(d, v.config, &v.address);
		}
	}
}

enum { DISTANCE_NHRP = 250, METRIC_NHRP = 255 }; /* what IOS shows of shortcuts */

/* The kernel leaves it out: it goes by a line that is down. */
static bool is_left_out(const struct daemon *d, const struct netlink_route *r)
{
	const struct netlink_link *link = links_by_index(&d->system.links, r->index);

	for (const struct daemon_tunnel *t = d->tunnels; link && t; t = t->hh.next)
		if (strcmp(t->state.dp.ifname, link->name) == 0)
			return t->state.dp.fails_over && !t->state.dp.carrier;
	return false;
}

static void collect_static(struct daemon *d)
{
	size_t n;
	struct netlink_route *routes = system_routes(&d->system, &n);

	for (size_t i = 0; i < n; i++) {
		struct route_view r = { .to = routes[i].to,
			                .via = routes[i].via,
			                .distance = (uint8_t)routes[i].metric,
			                .code = 'S' };
		bool shortcut = routes[i].metric == 0;
		if (is_left_out(d, &routes[i]))
			continue;
		if (shortcut) {
			r.code = 'H';
			r.distance = DISTANCE_NHRP;
			r.metric = METRIC_NHRP;
		}
		if (routes[i].type == NETLINK_ROUTE_BLACKHOLE)
			snprintf(r.interface, sizeof r.interface, "Null0");
		else if (shortcut || addr_is_none(&r.via))
			name_of(d, routes[i].index, r.interface);
		add_route(d, &r);
	}
	free(routes);
}

static bool host_route_next(void *ctx, size_t *cursor, struct route_view *ret)
{
	struct daemon *d = ctx;

	if (*cursor == 0) {
		d->n_route_views = 0;
		collect_connected(d);
		collect_static(d);
	}
	if (*cursor >= d->n_route_views) {
		free(d->route_views);
		d->route_views = NULL;
		d->n_route_views = 0;
		return false;
	}
	*ret = d->route_views[(*cursor)++];
	return true;
}

/* ---- counters and program ---- */

static bool host_peer_counters(void *ctx, uint32_t tunnel, const struct addr *peer,
                               struct dp_counters *ret)
{
	struct daemon *d = ctx;

	return d->ops->peer_counters(d->backend, tunnel, peer, ret);
}

static bool host_tunnel_counters(void *ctx, uint32_t tunnel, struct dp_counters *ret)
{
	return tunnel_counters(ctx, tunnel, ret);
}

static bool host_sa_state(void *ctx, uint32_t id, struct esp_sa_state *ret)
{
	struct daemon *d = ctx;

	return d->ops->sa_state(d->backend, id, ret);
}

static size_t resident_bytes(void)
{
	size_t pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f) {
		if (fscanf(f, "%*s %zu", &pages) != 1)
			pages = 0;
		fclose(f);
	}
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void host_program(void *ctx, struct program_view *ret)
{
	struct daemon *d = ctx;

	struct backend_refusals refused;

	d->ops->refusals(d->backend, &refused);
	if (uname(&d->uname) < 0)
		d->uname = (struct utsname){ 0 };
	*ret = (struct program_view){
		.version = DMVPN_VERSION,
		.hostname = d->running->hostname[0] ? d->running->hostname : d->uname.nodename,
		.started = d->started,
		.n_workers = d->n_workers,
		.backend = d->ops->name,
		.config_file = d->config.path,
		.kernel = d->uname.release,
		.memory_bytes = resident_bytes(),
		.neighbours_refused = refused.neighbours,
		.routes_refused = refused.routes,
	};
	struct dp_xdp_receive xdp;
	ret->xdp_receive = d->ops->xdp_receive(d->backend, &xdp);
	if (!ret->xdp_receive)
		return;
	ret->n_xdp_ports = xdp.n_ports;
	ret->xdp_packets = xdp.n_packets;
	ret->xdp_dropped = xdp.n_dropped;
	ret->xdp_error = xdp.error ? strerror(-xdp.error) : NULL;
}

/* ---- changes ---- */

static int host_commit(void *ctx, struct snapshot *next, struct strbuf *error)
{
	return daemon_apply(ctx, next, error);
}

/* A tunnel whose lines are not all there yet must not run with those at the next start. */
static void shut_unfinished(struct snapshot *s)
{
	for (size_t i = 0; i < s->n_interfaces; i++) {
		const struct snap_tunnel *t = s->interface[i]->tunnel;
		if (t && t->unfinished)
			s->interface[i]->shutdown = true;
	}
}

static int host_save(void *ctx, struct strbuf *error)
{
	struct daemon *d = ctx;
	struct snapshot *kept = snapshot_copy(d->running);
	struct strbuf text;

	strbuf_init(&text);
	shut_unfinished(kept);
	config_print(kept, false, &text);
	snapshot_free(kept);
	int result = files_replace(d->config.dir_fd, d->config.name, CONFIG_MODE, text.text);
	if (text.len)
		memory_wipe(text.text, text.len);
	strbuf_fini(&text);
	if (result < 0)
		strbuf_printf(error, "%s: %s.", d->config.path, strerror(-result));
	return result;
}

static int host_startup(void *ctx, struct strbuf *out, struct strbuf *error)
{
	struct daemon *d = ctx;

	int result = files_read(d->config.dir_fd, d->config.name, CONFIG_FILE_MAX, out);
	if (result < 0)
		strbuf_printf(error, "%s: %s.", d->config.path, strerror(-result));
	return result;
}

static void host_clear(void *ctx, const struct node_event *clear)
{
	daemon_step(ctx, clear);
}

static void host_clear_counters(void *ctx, bool one_tunnel, uint32_t tunnel)
{
	struct daemon *d = ctx;
	struct node_event event = { .type = NODE_CLEAR_COUNTERS };

	for (struct daemon_tunnel *t = d->tunnels; t; t = t->hh.next)
		if (!one_tunnel || t->number == tunnel)
			(void)d->ops->tunnel_counters(d->backend, t->number, &t->cleared);
	if (!one_tunnel)
		(void)d->ops->tunnel_counters(d->backend, DP_NO_TUNNEL, &d->cleared);
	event.clear.one_tunnel = one_tunnel;
	event.clear.tunnel = tunnel;
	daemon_step(d, &event);
}

static int host_ping(void *ctx, struct cli_session *session, const struct cli_ping *ping,
                     struct strbuf *error)
{
	struct daemon *d = ctx;

	return pings_start(d->pings, session, ping, error);
}

static void host_ping_stop(void *ctx, struct cli_session *session)
{
	struct daemon *d = ctx;

	if (d->pings)
		pings_stop(d->pings, session);
}

static void host_log(void *ctx, const char *line)
{
	struct daemon *d = ctx;

	log_line(&d->log, line);
}

static bool host_others_type(void *ctx, const struct cli_session *but, const char *interface)
{
	const struct daemon *d = ctx;

	return d->control && control_others_type(d->control, but, interface);
}

struct cli_host daemon_cli_host(struct daemon *d)
{
	return (struct cli_host){
		.ctx = d,
		.others_type = host_others_type,
		.show = { .ctx = d,
		          .now = host_now,
		          .node = host_node,
		          .running = host_running,
		          .interface_next = host_interface_next,
		          .route_next = host_route_next,
		          .peer_counters = host_peer_counters,
		          .tunnel_counters = host_tunnel_counters,
		          .sa_state = host_sa_state,
		          .program = host_program },
		.commit = host_commit,
		.save = host_save,
		.startup = host_startup,
		.clear = host_clear,
		.clear_counters = host_clear_counters,
		.ping = host_ping,
		.ping_stop = host_ping_stop,
		.log = host_log,
	};
}
