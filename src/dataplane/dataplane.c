/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control thread's side: owns the tables, the TAPs and the workers, and empties the workers'
 * rings. Sockets and TAPs are opened in the network namespace of the calling thread.
 */
#include "dataplane/dataplane.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "dataplane/intake.h"
#include "dataplane/path_watch.h"
#include "dataplane/port.h"
#include "dataplane/port_udp.h"
#include "dataplane/tap.h"
#include "dataplane/worker.h"
#include "dataplane/xdp.h"
#include "util/check.h"
#include "util/clock.h"
#include "util/memory.h"

struct dataplane {
	struct dataplane_options options;
	unsigned n_workers;
	struct tables *tables;
	struct worker *worker[DP_WORKERS_MAX];
	struct esp_library *esp; /* NULL: protected tunnels carry nothing */
	bool shielded;           /* the workers serve ESP and UDP port 4500 … */
	int ike_fd;              /* … of which this is one socket; borrowed from them */
	int event_fd, epoll_fd;
	bool told;                /* event_fd was written and not yet read */
	struct xdp *xdp;          /* NULL: the workers do without */
	struct intake *intake;    /* NULL: everything is received by raw sockets */
	struct path_watch *paths; /* NULL: every packet leaves through a raw socket */
	struct port *control;     /* for packets of the control thread, over worker 0's socket */
	uint16_t id;
};

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static unsigned count_workers(unsigned wanted)
{
	cpu_set_t cpus;
	unsigned n = 1;

	if (wanted)
		return wanted < DP_WORKERS_MAX ? wanted : DP_WORKERS_MAX;
	if (sched_getaffinity(0, sizeof cpus, &cpus) == 0)
		n = (unsigned)CPU_COUNT(&cpus);
	return n < DP_WORKERS_DEFAULT_MAX ? n : DP_WORKERS_DEFAULT_MAX;
}

static int watch(struct dataplane *dp, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(dp->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int open_events(struct dataplane *dp)
{
	dp->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	dp->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (dp->epoll_fd < 0 || dp->event_fd < 0)
		return -errno;
	int error = watch(dp, dp->event_fd);
	if (error || dp->options.port == DP_PORT_RAW)
		return error;
	error = path_watch_new(&dp->paths);
	return error ? error : watch(dp, path_watch_fd(dp->paths));
}

static int watch_intake(void *ctx, unsigned worker, int fd)
{
	struct dataplane *dp = ctx;

	return worker_watch_intake(dp->worker[worker], fd);
}

static void open_xdp(struct dataplane *dp)
{
	dp->xdp = xdp_new(INTAKE_QUEUES_MAX, dp->options.xdp_receive);
	const struct intake_options options = {
		.xdp = dp->xdp,
		.n_workers = dp->n_workers,
		.watch = watch_intake,
		.ctx = dp,
	};
	if (dp->options.xdp_receive)
		dp->intake = intake_new(&options);
}

static int open_workers(struct dataplane *dp, const char **ret_error)
{
	if (dp->options.port != DP_PORT_RAW && dp->options.port != DP_PORT_PACKET)
		open_xdp(dp);
	*ret_error = "cannot open a raw socket for GRE (is CAP_NET_RAW there?)";
	for (unsigned i = 0; i < dp->n_workers; i++) {
		const struct worker_options options = {
			.tables = dp->tables,
			.index = i,
			.n_workers = dp->n_workers,
			.port = dp->options.port,
			.xdp = dp->xdp,
			.intake = dp->intake,
			.punt_fd = dp->event_fd,
			.punt_told = &dp->told,
			.all = dp->worker,
		};
		int error = worker_new(&options, &dp->worker[i]);
		if (error)
			return error;
	}
	*ret_error = "cannot start a worker thread";
	for (unsigned i = 0; i < dp->n_workers; i++) {
		int error = worker_start(dp->worker[i]);
		if (error)
			return error;
	}
	dp->control = port_raw_new(worker_socket(dp->worker[0]));
	return 0;
}

int dataplane_new(const struct dataplane_options *options, struct dataplane **ret,
                  const char **ret_error)
{
	struct dataplane *dp = memory_new(1, sizeof *dp);

	dp->options = *options;
	dp->n_workers = count_workers(options->n_workers);
	dp->epoll_fd = dp->event_fd = -1;
	dp->tables = tables_new(options->generation);
	sa_table_init(&dp->tables->sas, dp->n_workers);
	if (options->crypto)
		dp->esp = esp_library_new(options->crypto, true);
	*ret_error = "cannot open event descriptors or a netlink socket";
	int error = open_events(dp);
	if (!error)
		error = open_workers(dp, ret_error);
	if (error) {
		dataplane_free(dp);
		return error;
	}
	*ret = dp;
	return 0;
}

static void close_taps(struct slot *slot)
{
	for (unsigned i = 0; i < slot->n_fds; i++)
		close(slot->fd[i]);
	slot->n_fds = 0;
}

void dataplane_free(struct dataplane *dp)
{
	if (!dp)
		return;
	for (unsigned i = 0; i < dp->n_workers; i++)
		worker_free(dp->worker[i]);
	for (unsigned i = 0; i < DP_TUNNELS_MAX; i++)
		if (dp->tables->slots[i])
			close_taps(dp->tables->slots[i]);
	tables_free(dp->tables);
	esp_library_free(dp->esp);
	intake_free(dp->intake);
	xdp_free(dp->xdp);
	if (dp->control)
		dp->control->ops->free(dp->control);
	path_watch_free(dp->paths);
	if (dp->event_fd >= 0)
		close(dp->event_fd);
	if (dp->epoll_fd >= 0)
		close(dp->epoll_fd);
	free(dp);
}

unsigned dataplane_workers(const struct dataplane *dp)
{
	return dp->n_workers;
}

/*
 * One queue for each worker; they serve them once the slot is published. The MAC of a new interface
 * is set to what it is: systemd's udev replaces one that nobody has set (MACAddressPolicy).
 */
static int open_taps(struct dataplane *dp, struct slot *slot, const char *ifname)
{
	bool is_new = if_nametoindex(ifname) == 0;

	for (unsigned i = 0; i < dp->n_workers; i++) {
		int fd = tap_open_queue(ifname);
		if (fd < 0)
			return fd;
		slot->fd[slot->n_fds++] = fd;
	}
	int error = tap_mac(slot->fd[0], slot->mac);
	return error || !is_new ? error : tap_set_mac(slot->fd[0], slot->mac);
}

static int new_slot(struct dataplane *dp, const struct dp_tunnel *tunnel, struct slot **ret)
{
	struct slot *slot = tables_slot_new(dp->tables, tunnel->number);

	if (!slot)
		return -ENOSPC;
	int error = open_taps(dp, slot, tunnel->ifname);
	if (error) {
		close_taps(slot);
		tables_slot_free(slot);
		return error;
	}
	tables_set(dp->tables, slot, tunnel);
	*ret = slot;
	for (unsigned i = 0; i < dp->n_workers && !error; i++)
		error = worker_add_queue(dp->worker[i], slot->fd[i], slot->at);
	return error;
}

static void drop_slot(struct dataplane *dp, struct slot *slot)
{
	if (dp->intake)
		intake_void(dp->intake);
	for (unsigned i = 0; i < slot->n_fds; i++)
		worker_del_queue(dp->worker[i], slot->fd[i]);
	tables_del(dp->tables, slot);
	close_taps(slot);
	tables_slot_free(slot);
}

static void lower_shields(struct dataplane *dp)
{
	if (dp->intake)
		intake_void(dp->intake); /* ESP is none of ours any more */
	for (unsigned i = 0; i < dp->n_workers; i++)
		worker_unshield(dp->worker[i]);
	dp->shielded = false;
}

/* Opens what protected tunnels need. */
static int raise_shields(struct dataplane *dp)
{
	int fds[DP_WORKERS_MAX];

	if (dp->shielded || !dp->esp)
		return 0;
	int error = port_udp_open(fds, dp->n_workers);
	if (error)
		return error;
	dp->ike_fd = fds[0];
	for (unsigned i = 0; i < dp->n_workers; i++) {
		if (error)
			close(fds[i]);
		else
			error = worker_shield(dp->worker[i], dp->esp, fds[i]);
	}
	if (error)
		lower_shields(dp);
	else
		dp->shielded = true;
	return error;
}

/* UDP port 4500 is ours only as long as there is a protected tunnel. */
static void lower_shields_unless_needed(struct dataplane *dp)
{
	for (unsigned i = 0; i < DP_TUNNELS_MAX; i++) {
		const struct slot *slot = dp->tables->slots[i];
		if (slot && slot->tunnel->config.protected)
			return;
	}
	if (dp->shielded)
		lower_shields(dp);
}

static bool is_v4_or_none(const struct addr *a)
{
	return a->family == ADDR_V4 || addr_is_none(a);
}

static int set_tunnel(struct dataplane *dp, const struct dp_tunnel *tunnel)
{
	struct slot *slot = tables_find(dp->tables, tunnel->number);

	if (slot && (strcmp(slot->tunnel->config.ifname, tunnel->ifname) != 0 ||
	             !tap_is_alive(slot->fd[0]))) {
		drop_slot(dp, slot);
		slot = NULL;
	}
	if (slot) {
		tables_set(dp->tables, slot, tunnel);
		return 0;
	}
	int error = new_slot(dp, tunnel, &slot);
	if (error && slot)
		drop_slot(dp, slot);
	return error;
}

int dataplane_tunnel_set(struct dataplane *dp, const struct dp_tunnel *tunnel)
{
	if (!is_v4_or_none(&tunnel->source) || !is_v4_or_none(&tunnel->destination))
		return -EAFNOSUPPORT;
	/* Even when there are no sockets: a tunnel that became protected leaks nothing. */
	int shield_error = tunnel->protected ? raise_shields(dp) : 0;
	int error = set_tunnel(dp, tunnel);
	lower_shields_unless_needed(dp);
	return error ? error : shield_error;
}

void dataplane_tunnel_del(struct dataplane *dp, uint32_t number, bool remove)
{
	struct slot *slot = tables_find(dp->tables, number);

	if (!slot)
		return;
	if (remove)
		tap_unpersist(slot->fd[0]);
	drop_slot(dp, slot);
	lower_shields_unless_needed(dp);
}

int dataplane_tunnel_carrier(struct dataplane *dp, uint32_t number, bool on)
{
	struct slot *slot = tables_find(dp->tables, number);

	return slot ? tap_set_carrier(slot->fd[0], on) : -ENOENT;
}

int dataplane_tunnel_keep_mac(struct dataplane *dp, uint32_t number)
{
	struct slot *slot = tables_find(dp->tables, number);
	uint8_t mac[DP_MAC_LEN];

	if (!slot)
		return -ENOENT;
	int error = tap_mac(slot->fd[0], mac);
	if (error || memcmp(mac, slot->mac, DP_MAC_LEN) == 0)
		return error;
	return tap_set_mac(slot->fd[0], slot->mac);
}

int dataplane_adjacency_add(struct dataplane *dp, uint32_t tunnel, const struct addr *nbma,
                            uint8_t ret_mac[static DP_MAC_LEN])
{
	struct slot *slot = tables_find(dp->tables, tunnel);

	if (!slot)
		return -ENOENT;
	if (nbma->family != ADDR_V4)
		return -EAFNOSUPPORT;
	return tables_adjacency_add(dp->tables, slot, nbma, ret_mac);
}

bool dataplane_adjacency_del(struct dataplane *dp, const uint8_t mac[static DP_MAC_LEN])
{
	struct adjacency *a = tables_adjacency(dp->tables, mac);

	if (!a)
		return false;
	tables_adjacency_del(dp->tables, a);
	return true;
}

int dataplane_multicast_add(struct dataplane *dp, uint32_t tunnel, const struct addr *nbma)
{
	struct slot *slot = tables_find(dp->tables, tunnel);

	if (!slot)
		return -ENOENT;
	if (nbma->family != ADDR_V4)
		return -EAFNOSUPPORT;
	int result = tables_member_add(dp->tables, slot, nbma);
	return result == -EEXIST ? 0 : result;
}

void dataplane_multicast_del(struct dataplane *dp, uint32_t tunnel, const struct addr *nbma)
{
	struct slot *slot = tables_find(dp->tables, tunnel);

	if (slot)
		tables_member_del(dp->tables, slot, nbma);
}

static void sum_shares(struct dp_counters *sum, const struct adjacency *a)
{
	for (unsigned i = 0; i < TABLES_COUNTERS; i++)
		counters_sum_ways(sum, &a->share[i].rx, &a->share[i].tx);
}

bool dataplane_adjacency_counters(struct dataplane *dp, const uint8_t mac[static DP_MAC_LEN],
                                  struct dp_counters *ret)
{
	const struct adjacency *a = tables_adjacency(dp->tables, mac);

	if (!a)
		return false;
	*ret = (struct dp_counters){ 0 };
	sum_shares(ret, a);
	/* What a p2p tunnel carries to the same place is counted by its built-in adjacency. */
	const struct adjacency *peer = a->slot->tunnel->peer;
	if (peer && addr_equal(&peer->nbma, &a->nbma))
		sum_shares(ret, peer);
	return true;
}

bool dataplane_tunnel_counters(struct dataplane *dp, uint32_t number, struct dp_counters *ret)
{
	const struct slot *slot = tables_find(dp->tables, number);
	const struct dp_counters *parts = slot ? slot->counters : dp->tables->nowhere;

	if (!slot && number != DP_NO_TUNNEL)
		return false;
	*ret = (struct dp_counters){ 0 };
	for (unsigned i = 0; i < TABLES_COUNTERS; i++)
		counters_sum(ret, &parts[i]);
	return true;
}

/* The worker that owns the SA seals it. */
static int send_protected(struct dataplane *dp, struct slot *slot, const struct mail *mail)
{
	struct dp_counters *counters = &slot->counters[TABLES_CONTROL];
	const struct sa *sa = sa_table_protection(&dp->tables->sas, slot->number, &mail->to);
	struct mail with_sa = *mail;

	if (!sa) {
		counter_drop(counters, DP_DROP_UNPROTECTED);
		return -ENOKEY;
	}
	with_sa.sa_id = sa->id;
	if (!mailbox_put(worker_mailbox(dp->worker[sa->owner]), &with_sa)) {
		counter_drop(counters, DP_DROP_BUSY);
		return -EAGAIN;
	}
	return 0;
}

int dataplane_send(struct dataplane *dp, uint32_t tunnel, const struct addr *from,
                   const struct addr *to, uint16_t proto, const uint8_t *bytes, size_t len)
{
	struct slot *slot = tables_find(dp->tables, tunnel);
	struct tx_packet p = { 0 };

	if (!slot)
		return -ENOENT;
	if (from->family != ADDR_V4 || to->family != ADDR_V4)
		return -EAFNOSUPPORT;
	if (slot->tunnel->config.protected) {
		const struct mail mail = {
			.type = MAIL_PACKET,
			.slot_at = slot->at,
			.tunnel = tunnel,
			.to = *to,
			.proto = proto,
			.len = (uint32_t)len,
			.bytes = (uint8_t *)(uintptr_t)bytes,
		};
		return send_protected(dp, slot, &mail);
	}
	struct encap encap = slot->tunnel->encap;
	encap.from = *from;
	encap.to = *to;
	encap.tos = TOS_CS6;
	encap_start(&p, &encap, proto);
	p.payload = bytes;
	p.payload_len = len;
	if (!encap_finish(&p, dp->id++))
		return -EMSGSIZE;
	dp->control->ops->send(dp->control, &p, 1, now_ns());
	if (p.refused) {
		counter_drop(&slot->counters[TABLES_CONTROL], DP_DROP_SEND);
		return -EIO;
	}
	counter_tx(&slot->counters[TABLES_CONTROL], 1, len, now_ns());
	return 0;
}

int dataplane_sa_add(struct dataplane *dp, const struct dp_sa *config)
{
	const struct slot *slot = tables_find(dp->tables, config->tunnel);
	enum esp_sa_error why;
	struct esp_sa *esp;

	if (config->local.family != ADDR_V4 || config->nbma.family != ADDR_V4 ||
	    config->remote.family != ADDR_V4)
		return -EAFNOSUPPORT;
	if (config->config.mode == ESP_TUNNEL &&
	    (config->inner_local.family != ADDR_V4 || config->inner_remote.family != ADDR_V4))
		return -EAFNOSUPPORT;
	if (!slot)
		return -ENOENT;
	esp = dp->esp ? esp_sa_new(dp->esp, &config->config, &why) : NULL;
	if (!esp)
		return -EINVAL;
	int error = sa_table_add(&dp->tables->sas, config, esp, slot->at);
	if (error)
		esp_sa_free(esp);
	return error;
}

void dataplane_sa_del(struct dataplane *dp, uint32_t id)
{
	struct sa *sa = sa_table_by_id(&dp->tables->sas, id);

	if (!sa)
		return;
	/* What was handed over to be sealed by it, a farewell perhaps, still is. */
	mailbox_wait(worker_mailbox(dp->worker[sa->owner]));
	tables_sa_del(dp->tables, sa);
	synchronize_rcu();
	sa_free(sa);
}

int dataplane_sa_move(struct dataplane *dp, uint32_t id, const struct addr *remote,
                      uint16_t udp_port)
{
	struct sa *sa = sa_table_by_id(&dp->tables->sas, id);

	if (!sa)
		return -ENOENT;
	if (remote->family != ADDR_V4)
		return -EAFNOSUPPORT;
	sa_set_route(sa, remote, udp_port);
	return 0;
}

int dataplane_protect(struct dataplane *dp, uint32_t tunnel, const struct addr *nbma, uint32_t id)
{
	struct sa *sa = id ? sa_table_by_id(&dp->tables->sas, id) : NULL;

	if (id && (!sa || !sa->outbound))
		return -ENOENT;
	return tables_protect(dp->tables, tunnel, nbma, sa);
}

bool dataplane_sa_state(const struct dataplane *dp, uint32_t id, struct esp_sa_state *ret)
{
	const struct sa *sa = sa_table_by_id(&dp->tables->sas, id);

	if (!sa)
		return false;
	esp_sa_state(sa->esp, ret);
	return true;
}

int dataplane_send_ike(struct dataplane *dp, const struct dp_ike *message)
{
	enum { MARKER_LEN = 4, BYTES_MAX = 16 << 10, KEEPALIVE_LEN = 1 };
	uint8_t bytes[MARKER_LEN + BYTES_MAX] = { 0 };
	size_t marker_len = message->len == KEEPALIVE_LEN ? 0 : MARKER_LEN;
	struct tx_packet p = {
		.udp_to = message->to_port,
		.tos = TOS_CS6,
		.ttl = UINT8_MAX,
		.payload = bytes,
		.payload_len = marker_len + message->len,
	};

	if (!dp->shielded)
		return -ENOTCONN;
	if (message->from.family != ADDR_V4 || message->to.family != ADDR_V4)
		return -EAFNOSUPPORT;
	if (message->len > BYTES_MAX)
		return -EMSGSIZE;
	memcpy(bytes + marker_len, message->bytes, message->len);
	encap_between(&p, &message->from, &message->to);
	return port_udp_send(dp->ike_fd, &p);
}

int dataplane_punt_fd(const struct dataplane *dp)
{
	return dp->epoll_fd;
}

/* What the peer sends comes past IP input from now on, if the port can be had. */
static void allow(struct dataplane *dp, const struct path_question *q, const struct path *path)
{
	/* The path is looked at anew before that: nothing goes to and fro between the sockets. */
	enum { LONGER_S = 4 };
	struct intake_peer peer = {
		.ifindex = path->ifindex,
		.from = q->to,
		.to = q->from,
		.esp = dp->shielded,
		.now_ns = q->now_ns,
		.until_ns = path->until_ns + LONGER_S * NS_PER_S,
	};

	memcpy(peer.own_mac, path->own_mac, DP_MAC_LEN);
	(void)intake_allow(dp->intake, &peer);
}

bool dataplane_xdp_receive(const struct dataplane *dp, struct dp_xdp_receive *ret)
{
	if (!dp->intake)
		return false;
	intake_state(dp->intake, ret);
	return true;
}

/* Paths of before are void: something has changed. */
static void void_paths(struct dataplane *dp)
{
	__atomic_add_fetch(&dp->tables->path_epoch, 1, __ATOMIC_RELEASE);
	if (dp->intake)
		intake_void(dp->intake);
}

/* Finds the path that a worker asked for. The adjacency may be gone by now. */
static void find_path(struct dataplane *dp, const struct dp_punt *asked)
{
	static const uint8_t none[DP_MAC_LEN];
	struct slot *slot = tables_find(dp->tables, asked->tunnel);
	struct adjacency *a = NULL;
	struct path path;

	if (!slot)
		return;
	if (memcmp(asked->mac, none, DP_MAC_LEN) != 0)
		a = tables_adjacency(dp->tables, asked->mac);
	else if (slot->tunnel->peer && addr_equal(&slot->tunnel->peer->nbma, &asked->to))
		a = slot->tunnel->peer;
	if (!a || !dp->paths)
		return;
	const struct path_question question = {
		.from = slot->tunnel->config.source,
		.to = a->nbma,
		.now_ns = now_ns(),
		.receives = dp->intake,
		.forced = dp->options.port != DP_PORT_AUTO,
	};
	uint32_t epoch = dp->tables->path_epoch;
	path_watch_find(dp->paths, &question, &path);
	path.epoch = epoch;
	if (path.receivable)
		allow(dp, &question, &path);
	tables_set_path(a, &path);
}

void dataplane_punt_drain(struct dataplane *dp, void (*each)(void *ctx, const struct dp_punt *punt),
                          void *ctx)
{
	uint64_t count;

	if (dp->paths && path_watch_changed(dp->paths))
		void_paths(dp);
	if (dp->intake)
		intake_tend(dp->intake, now_ns());
	(void)!read(dp->event_fd, &count, sizeof count);
	__atomic_store_n(&dp->told, false, __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < dp->n_workers; i++) {
		struct punt_ring *ring = worker_punts(dp->worker[i]);
		const struct dp_punt *punt;
		for (unsigned n = 0; n < DP_PUNT_RING && (punt = punt_ring_peek(ring)); n++) {
			if ((int)punt->type == PUNT_PATH)
				find_path(dp, punt);
			else
				each(ctx, punt);
			punt_ring_pop(ring);
		}
	}
}
