/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A peer of a multipoint tunnel is an adjacency in the data plane, whose MAC is put into the kernel
 * as a permanent neighbour of the TAP. Changes go by netlink, since a second ARP answer within a
 * second is ignored: first the new adjacency, then the neighbour, which goes out in one message
 * with the routes that change with it (changes.h). The old adjacency goes a second later, so that
 * frames that wait in the TAP with its MAC are not lost. A neighbour that names no
 * adjacency any more is found out by the workers (DP_PUNT_STALE) and written anew from our table.
 *
 * A point-to-point tunnel has one destination and no neighbours: its peers are remembered only, for
 * when it becomes multipoint. Called by the control thread.
 */
#include "backend/backend_user.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uthash.h>

#include "backend/changes.h"
#include "backend/shortcuts.h"
#include "util/clock.h"
#include "util/memory.h"

enum {
	PROTO_NHRP = 0x2001,    /* GRE protocol type, RFC 2332 5.1 */
	REPAIR_EVERY_S = 1,     /* a frame with a made-up MAC must not keep us dumping */
	RUNNING_TRIES_MAX = 50, /* a millisecond apart */
	REPAIRS_MAX = 1024,     /* of one go; the rest is found out by its next frame */
	RETIRED_MAX = 64,       /* replaced adjacencies kept a little; with more the oldest goes */
	RETIRED_NS = NS_PER_S,  /* for this long at least: longer than a frame waits in a TAP */
};

struct tunnel {
	uint32_t number;
	int index; /* of the TAP; 0: not there */
	bool multipoint, fails_over;
	bool stale;
	int64_t repaired_ns;
	UT_hash_handle hh;
};

struct peer_key {
	uint32_t tunnel;
	struct addr addr;
};

struct peer {
	struct peer_key key;
	struct addr nbma;
	bool connected; /* has an adjacency, which mac names */
	uint8_t mac[DP_MAC_LEN];
	uint64_t tx_seen;
	UT_hash_handle hh;
};

/* An NBMA address that has the multicast of a tunnel. */
struct member {
	struct peer_key key;
	UT_hash_handle hh;
};

struct retired {
	uint8_t mac[DP_MAC_LEN];
	int64_t since_ns;
};

struct backend {
	struct dataplane *dp;
	struct rtnl *rtnl;
	struct backend_events events;
	struct tunnel *tunnels;
	struct peer *peers;
	struct member *members;
	struct changes changes;
	struct shortcuts *shortcuts;
	struct retired retired[RETIRED_MAX]; /* a ring, oldest first */
	size_t retired_at, n_retired;
	bool started; /* interfaces that come now are no longer those of an earlier life */
};

static struct tunnel *find_tunnel(const struct backend *b, uint32_t number)
{
	struct tunnel *t;

	HASH_FIND(hh, b->tunnels, &number, sizeof number, t);
	return t;
}

static struct peer_key peer_key(uint32_t tunnel, const struct addr *addr)
{
	struct peer_key key;

	memset(&key, 0, sizeof key); /* padding is hashed too */
	key.tunnel = tunnel;
	key.addr = *addr;
	return key;
}

static struct peer *find_peer(const struct backend *b, uint32_t tunnel, const struct addr *addr)
{
	struct peer_key key = peer_key(tunnel, addr);
	struct peer *p;

	HASH_FIND(hh, b->peers, &key, sizeof key, p);
	return p;
}

/* ---- neighbours ---- */

static void write_neighbour(struct backend *b, const struct tunnel *t, const struct peer *p)
{
	struct netlink_neighbour n = { .index = t->index, .addr = p->key.addr, .has_mac = true };

	memcpy(n.mac, p->mac, sizeof n.mac);
	changes_neighbour_set(&b->changes, &n);
}

static void delete_neighbour(struct backend *b, const struct tunnel *t, const struct addr *addr)
{
	struct netlink_neighbour n = { .index = t->index, .addr = *addr };

	changes_neighbour_del(&b->changes, &n);
}

static int flush(struct backend *b)
{
	return changes_flush(&b->changes);
}

static void refusals(const struct backend *b, struct backend_refusals *ret)
{
	ret->neighbours = b->changes.neighbours_refused;
	ret->routes = b->changes.routes_refused;
}

static bool xdp_receive(const struct backend *b, struct dp_xdp_receive *ret)
{
	return dataplane_xdp_receive(b->dp, ret);
}

/* A neighbour that is not there is asked for by the kernel when it has packets. */
static void on_refused(void *ctx, const struct netlink_event *event)
{
	struct backend *b = ctx;

	if (event->object == NETLINK_ROUTE_ENTRY && !event->deleted)
		shortcuts_refused(b->shortcuts, &event->route);
}

static int64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static void bury_oldest(struct backend *b)
{
	dataplane_adjacency_del(b->dp, b->retired[b->retired_at].mac);
	b->retired_at = (b->retired_at + 1) % RETIRED_MAX;
	b->n_retired--;
}

static void bury_due(struct backend *b)
{
	int64_t now_ns = monotonic_ns();

	while (b->n_retired && b->retired[b->retired_at].since_ns + RETIRED_NS <= now_ns)
		bury_oldest(b);
}

/* The adjacency has a successor; frames with its MAC may still be on their way to us. */
static void retire(struct backend *b, const uint8_t mac[static DP_MAC_LEN])
{
	if (b->n_retired == RETIRED_MAX)
		bury_oldest(b);
	struct retired *r = &b->retired[(b->retired_at + b->n_retired++) % RETIRED_MAX];
	memcpy(r->mac, mac, sizeof r->mac);
	r->since_ns = monotonic_ns();
}

static int connect_peer(struct backend *b, const struct tunnel *t, struct peer *p)
{
	uint8_t mac[DP_MAC_LEN], old[DP_MAC_LEN];
	bool replaces = p->connected;

	int result = dataplane_adjacency_add(b->dp, t->number, &p->nbma, mac);
	if (result < 0)
		return result;
	memcpy(old, p->mac, sizeof old);
	memcpy(p->mac, mac, sizeof p->mac);
	p->connected = true;
	p->tx_seen = 0;
	write_neighbour(b, t, p);
	if (replaces)
		retire(b, old);
	return 0;
}

static void disconnect_peer(struct backend *b, const struct tunnel *t, struct peer *p)
{
	if (!p->connected)
		return;
	if (t && t->index)
		delete_neighbour(b, t, &p->key.addr);
	(void)flush(b); /* counted; frames must have stopped to name it when it goes */
	dataplane_adjacency_del(b->dp, p->mac);
	p->connected = false;
}

static void forget_peer(struct backend *b, struct peer *p)
{
	HASH_DEL(b->peers, p);
	free(p);
}

/* ---- shortcuts ---- */

static void route_set(struct backend *b, const struct backend_route *route)
{
	const struct tunnel *t = find_tunnel(b, route->tunnel);
	const struct shortcut wanted = { .key = { route->tunnel, route->to },
		                         .via = route->via,
		                         .override = route->override };

	shortcuts_set(b->shortcuts, &wanted, t ? t->index : 0);
}

static void route_del(struct backend *b, uint32_t tunnel, const struct prefix *to)
{
	const struct tunnel *t = find_tunnel(b, tunnel);

	shortcuts_del(b->shortcuts, &(struct shortcut_key){ tunnel, *to }, t ? t->index : 0);
}

/* ---- multicast ---- */

static void multicast(struct backend *b, uint32_t tunnel, const struct addr *nbma, bool on)
{
	struct peer_key key = peer_key(tunnel, nbma);
	struct member *m;

	HASH_FIND(hh, b->members, &key, sizeof key, m);
	if (on && !m) {
		m = memory_new(1, sizeof *m);
		m->key = key;
		HASH_ADD(hh, b->members, key, sizeof m->key, m);
	} else if (!on && m) {
		HASH_DEL(b->members, m);
		free(m);
	}
	if (on) /* without the tunnel, or room, its next setting tries again */
		(void)dataplane_multicast_add(b->dp, tunnel, nbma);
	else
		dataplane_multicast_del(b->dp, tunnel, nbma);
}

static void settle_members(struct backend *b, uint32_t tunnel)
{
	for (const struct member *m = b->members; m; m = m->hh.next)
		if (m->key.tunnel == tunnel)
			(void)dataplane_multicast_add(b->dp, tunnel, &m->key.addr);
}

static void forget_members(struct backend *b, uint32_t tunnel)
{
	struct member *m, *next;

	HASH_ITER (hh, b->members, m, next) {
		if (m->key.tunnel != tunnel)
			continue;
		HASH_DEL(b->members, m);
		free(m);
	}
}

/* ---- tunnels ---- */

/* Brings the interface to what the tunnel wants. fresh: it is new to us, whatever it was before. */
static int shape_interface(struct backend *b, struct tunnel *t, const struct dp_tunnel *want,
                           const struct netlink_link *link)
{
	bool multipoint = addr_is_none(&want->destination);
	bool fresh = link->index != t->index;
	int result = 0;

	if (fresh)
		result = rtnl_request(
			b->rtnl, netlink_link_set_no_addrgen(rtnl_buffer(b->rtnl), link->index));
	if (result == -EOPNOTSUPP || result == -EAFNOSUPPORT) /* a kernel without IPv6 */
		result = 0;
	if (fresh) /* only makes things faster: a refusal is no failure */
		(void)rtnl_request(b->rtnl,
		                   netlink_link_set_gso_segments(rtnl_buffer(b->rtnl), link->index,
		                                                 DP_FRAME_SEGMENTS));
	if (result == 0 && link->mtu_bytes != want->mtu_bytes)
		result = rtnl_request(b->rtnl, netlink_link_set_mtu(rtnl_buffer(b->rtnl),
		                                                    link->index, want->mtu_bytes));
	if (result == 0 && (fresh || multipoint != t->multipoint))
		result = rtnl_request(b->rtnl, netlink_link_set_arp(rtnl_buffer(b->rtnl),
		                                                    link->index, multipoint));
	/* At take-over all neighbours go first: their MACs are of an earlier life, and frames with
	 * those would be lost, where the kernel keeps what has no neighbour yet. */
	if (result == 0 && (fresh || multipoint != t->multipoint))
		result = rtnl_flush_neighbours(b->rtnl, link->index);
	if (result == 0 && fresh && b->started)
		result = shortcuts_sweep(b->shortcuts, link->index);
	if (result == 0 && (fresh || want->fails_over != t->fails_over))
		result = rtnl_request(
			b->rtnl, netlink_link_set_ignore_linkdown(rtnl_buffer(b->rtnl), link->index,
		                                                  want->fails_over));
	if (result < 0)
		return result;
	t->index = link->index;
	t->multipoint = multipoint;
	t->fails_over = want->fails_over;
	return 0;
}

/* Peers of a multipoint tunnel have adjacencies, those of others have none. */
static void settle_peers(struct backend *b, const struct tunnel *t)
{
	for (struct peer *p = b->peers; p; p = p->hh.next) {
		if (p->key.tunnel != t->number)
			continue;
		if (t->multipoint && !p->connected)
			(void)connect_peer(b, t, p); /* the next want tries again */
		else if (t->multipoint)
			write_neighbour(b, t, p);
		else
			disconnect_peer(b, t, p);
	}
}

/*
 * The kernel lets packets out some time after the carrier came, when a work queue of its own has
 * run; what is sent before is dropped without a word. Recent kernels catch up when asked for the
 * link.
 */
static void await_running(struct backend *b, const char *ifname)
{
	const struct timespec pause = { .tv_nsec = NS_PER_MS };
	struct netlink_link link;

	for (int i = 0; i < RUNNING_TRIES_MAX; i++) {
		if (rtnl_link(b->rtnl, ifname, &link) < 0 || link.running)
			return;
		nanosleep(&pause, NULL);
	}
}

static int tunnel_set(struct backend *b, const struct dp_tunnel *want)
{
	struct tunnel *t = find_tunnel(b, want->number);
	struct netlink_link link;

	int result = dataplane_tunnel_set(b->dp, want);
	if (result < 0)
		return result;
	if (!t) {
		t = memory_new(1, sizeof *t);
		t->number = want->number;
		HASH_ADD(hh, b->tunnels, number, sizeof t->number, t);
	}
	bool was_multipoint = t->multipoint;
	int was_index = t->index;
	result = rtnl_link(b->rtnl, want->ifname, &link);
	if (result == 0)
		result = shape_interface(b, t, want, &link);
	if (result < 0)
		return result;
	if (t->index != was_index || t->multipoint != was_multipoint) {
		settle_peers(b, t);
		shortcuts_settle(b->shortcuts, t->number, t->index);
		(void)flush(b); /* counted, and not the tunnel's fault */
	}
	settle_members(b, t->number);
	result = dataplane_tunnel_carrier(b->dp, want->number, want->carrier);
	if (result == 0 && want->carrier && link.up)
		await_running(b, want->ifname);
	return result;
}

static void tunnel_del(struct backend *b, uint32_t number, bool remove)
{
	struct tunnel *t = find_tunnel(b, number);
	struct peer *p, *next;

	HASH_ITER (hh, b->peers, p, next) {
		if (p->key.tunnel != number)
			continue;
		disconnect_peer(b, t, p);
		if (remove)
			forget_peer(b, p);
	}
	if (remove) {
		forget_members(b, number);
		shortcuts_forget(b->shortcuts, number);
	}
	if (!t)
		return;
	dataplane_tunnel_del(b->dp, number, remove);
	HASH_DEL(b->tunnels, t);
	free(t);
}

static void taken_over(struct backend *b)
{
	b->started = true;
	for (const struct tunnel *t = b->tunnels; t; t = t->hh.next)
		if (t->index)
			(void)shortcuts_sweep(b->shortcuts, t->index); /* refusals are counted */
}

static void tunnel_refresh(struct backend *b, uint32_t number)
{
	struct tunnel *t = find_tunnel(b, number);

	if (!t || !t->index)
		return;
	(void)dataplane_tunnel_keep_mac(b->dp, number);
	settle_peers(b, t);
	shortcuts_settle(b->shortcuts, number, t->index);
	(void)flush(b);
}

/* ---- peers ---- */

static int peer_set(struct backend *b, uint32_t tunnel, const struct addr *addr,
                    const struct addr *nbma)
{
	struct tunnel *t = find_tunnel(b, tunnel);
	struct peer *p = find_peer(b, tunnel, addr);

	if (p && p->connected && addr_equal(&p->nbma, nbma))
		return 0;
	if (!p) {
		p = memory_new(1, sizeof *p);
		p->key = peer_key(tunnel, addr);
		HASH_ADD(hh, b->peers, key, sizeof p->key, p);
	}
	p->nbma = *nbma;
	return t && t->index && t->multipoint ? connect_peer(b, t, p) : 0;
}

static void peer_del(struct backend *b, uint32_t tunnel, const struct addr *addr)
{
	struct peer *p = find_peer(b, tunnel, addr);

	if (!p)
		return;
	disconnect_peer(b, find_tunnel(b, tunnel), p);
	forget_peer(b, p);
}

static int send_nhrp(struct backend *b, const struct backend_packet *p)
{
	return dataplane_send(b->dp, p->tunnel, &p->from, &p->to, PROTO_NHRP, p->bytes, p->len);
}

/* ---- protection ---- */

static enum dp_df df_bit(enum snap_df_bit bit)
{
	switch (bit) {
	case SNAP_DF_CLEAR:
		return DP_DF_CLEAR;
	case SNAP_DF_SET:
		return DP_DF_SET;
	case SNAP_DF_COPY:
		break;
	}
	return DP_DF_COPY;
}

static int sa_add(struct backend *b, const struct node_sa *sa)
{
	const struct dp_sa wanted = {
		.id = sa->id,
		.tunnel = sa->tunnel,
		.shared = sa->shared,
		.local = sa->local,
		.nbma = sa->nbma,
		.remote = sa->remote,
		.inner_local = sa->inner_local,
		.inner_remote = sa->inner_remote,
		.udp_port = sa->udp_port,
		.config = { .spi = sa->spi,
		            .outbound = sa->outbound,
		            .mode = sa->mode,
		            .cipher = sa->cipher,
		            .auth = sa->auth,
		            .cipher_key = sa->cipher_key,
		            .auth_key = sa->auth_key,
		            .iv_key = sa->iv_key,
		            .esn = sa->esn,
		            .replay_packets = sa->replay_packets },
		.df = df_bit(sa->df_bit),
	};

	return dataplane_sa_add(b->dp, &wanted);
}

static void sa_del(struct backend *b, uint32_t id)
{
	dataplane_sa_del(b->dp, id);
}

static int sa_use(struct backend *b, uint32_t tunnel, const struct addr *nbma, uint32_t id)
{
	return dataplane_protect(b->dp, tunnel, nbma, id);
}

static int sa_move(struct backend *b, uint32_t id, const struct addr *remote, uint16_t udp_port)
{
	return dataplane_sa_move(b->dp, id, remote, udp_port);
}

static bool sa_state(struct backend *b, uint32_t id, struct esp_sa_state *ret)
{
	return dataplane_sa_state(b->dp, id, ret);
}

static int send_ike(struct backend *b, const struct node_ike_path *path, const uint8_t *bytes,
                    size_t len)
{
	const struct dp_ike message = {
		.from = path->from,
		.to = path->to,
		.to_port = path->to_port,
		.bytes = bytes,
		.len = len,
	};

	return dataplane_send_ike(b->dp, &message);
}

static bool tunnel_counters(struct backend *b, uint32_t number, struct dp_counters *ret)
{
	return dataplane_tunnel_counters(b->dp, number, ret);
}

static bool peer_counters(struct backend *b, uint32_t tunnel, const struct addr *addr,
                          struct dp_counters *ret)
{
	const struct peer *p = find_peer(b, tunnel, addr);

	return p && p->connected && dataplane_adjacency_counters(b->dp, p->mac, ret);
}

/* Collected first: what is told may set and delete peers. */
static void each_used(struct backend *b, void (*used)(void *ctx, const struct backend_use *use),
                      void *ctx)
{
	struct backend_use *uses = memory_new(HASH_COUNT(b->peers) + 1, sizeof *uses);
	struct dp_counters counters;
	size_t n = 0;

	bury_due(b);
	for (struct peer *p = b->peers; p; p = p->hh.next) {
		if (!p->connected || !dataplane_adjacency_counters(b->dp, p->mac, &counters) ||
		    counters.tx_packets == p->tx_seen)
			continue;
		uses[n++] = (struct backend_use){ p->key.tunnel, p->key.addr,
			                          counters.tx_packets - p->tx_seen };
		p->tx_seen = counters.tx_packets;
	}
	for (size_t i = 0; i < n; i++)
		used(ctx, &uses[i]);
	free(uses);
}

/* ---- what the workers hand up ---- */

static void take_want(struct backend *b, const struct dp_punt *punt)
{
	struct tunnel *t = find_tunnel(b, punt->tunnel);
	struct peer *p = find_peer(b, punt->tunnel, &punt->target);
	int result = -ENOENT;

	/* The kernel asks for what it was told before: somebody flushed it. */
	if (t && t->multipoint && p && p->connected) {
		write_neighbour(b, t, p);
		result = flush(b);
	} else if (t && t->multipoint && p) {
		result = connect_peer(b, t, p);
		if (result == 0)
			result = flush(b);
	}
	if (result < 0)
		b->events.want(b->events.ctx, punt->tunnel, &punt->target);
}

/* A packet, or the head of one that turns round or whose sender is no peer. */
static void hand_up(struct backend *b, const struct dp_punt *punt,
                    void (*take)(void *ctx, const struct backend_packet *packet))
{
	const struct backend_packet packet = { .tunnel = punt->tunnel,
		                               .from = punt->from,
		                               .to = punt->to,
		                               .bytes = punt->bytes,
		                               .len = punt->len };

	take(b->events.ctx, &packet);
}

static void take_ike(struct backend *b, const struct dp_punt *punt)
{
	const struct node_ike_path path = { .from = punt->from,
		                            .to = punt->to,
		                            .from_port = punt->from_port,
		                            .to_port = DP_NAT_PORT };

	b->events.ike(b->events.ctx, &path, punt->bytes, punt->len);
}

static void take_punt(void *ctx, const struct dp_punt *punt)
{
	struct backend *b = ctx;
	struct tunnel *t;

	switch (punt->type) {
	case DP_PUNT_PACKET:
		if (punt->proto == PROTO_NHRP)
			hand_up(b, punt, b->events.packet);
		break;
	case DP_PUNT_WANT:
		take_want(b, punt);
		break;
	case DP_PUNT_STALE:
		t = find_tunnel(b, punt->tunnel);
		if (t)
			t->stale = true;
		break;
	case DP_PUNT_HAIRPIN:
		hand_up(b, punt, b->events.hairpin);
		break;
	case DP_PUNT_STRANGER:
		hand_up(b, punt, b->events.stranger);
		break;
	case DP_PUNT_IKE:
		take_ike(b, punt);
		break;
	case DP_PUNT_SPI:
		b->events.unknown_spi(b->events.ctx,
		                      &(struct backend_unknown_spi){ punt->from, punt->to,
		                                                     punt->from_port, punt->spi });
		break;
	case DP_PUNT_MOVED:
		b->events.moved(b->events.ctx, punt->sa, &punt->from, punt->from_port);
		break;
	}
}

struct repairs {
	const struct backend *b;
	const struct tunnel *t;
	struct addr *wrong;
	size_t n;
};

/* Notes neighbours whose MAC is not the one in our table. */
static void check_neighbour(void *ctx, const struct netlink_event *event)
{
	struct repairs *r = ctx;
	const struct netlink_neighbour *n = &event->neighbour;

	if (event->object != NETLINK_NEIGHBOUR || n->index != r->t->index || !n->has_mac ||
	    n->state & NUD_NOARP || r->n == REPAIRS_MAX)
		return;
	const struct peer *p = find_peer(r->b, r->t->number, &n->addr);
	if (!p || !p->connected || memcmp(p->mac, n->mac, DP_MAC_LEN) != 0)
		r->wrong[r->n++] = n->addr;
}

static void repair(struct backend *b, struct tunnel *t)
{
	struct repairs r = { b, t, memory_new(REPAIRS_MAX, sizeof(struct addr)), 0 };

	(void)rtnl_dump(b->rtnl, netlink_neighbour_dump(rtnl_buffer(b->rtnl), t->index),
	                check_neighbour, &r);
	for (size_t i = 0; i < r.n; i++) {
		const struct peer *p = find_peer(b, t->number, &r.wrong[i]);
		if (p && p->connected)
			write_neighbour(b, t, p);
		else
			delete_neighbour(b, t, &r.wrong[i]);
	}
	(void)flush(b);
	free(r.wrong);
}

static void dispatch(struct backend *b)
{
	dataplane_punt_drain(b->dp, take_punt, b);
	for (struct tunnel *t = b->tunnels; t; t = t->hh.next) {
		if (!t->stale)
			continue;
		int64_t now = monotonic_ns();
		t->stale = false;
		if (!t->multipoint ||
		    (t->repaired_ns && now - t->repaired_ns < REPAIR_EVERY_S * NS_PER_S))
			continue;
		t->repaired_ns = now;
		repair(b, t);
	}
}

static int fd(const struct backend *b)
{
	return dataplane_punt_fd(b->dp);
}

static void free_backend(struct backend *b)
{
	struct tunnel *t, *next_t;
	struct peer *p, *next_p;
	struct member *m, *next_m;

	if (!b)
		return;
	dataplane_free(b->dp);
	HASH_ITER (hh, b->tunnels, t, next_t) {
		HASH_DEL(b->tunnels, t);
		free(t);
	}
	HASH_ITER (hh, b->peers, p, next_p)
		forget_peer(b, p);
	shortcuts_free(b->shortcuts);
	HASH_ITER (hh, b->members, m, next_m) {
		HASH_DEL(b->members, m);
		free(m);
	}
	free(b);
}

const struct backend_ops backend_user_ops = {
	.name = "user",
	.tunnel_set = tunnel_set,
	.tunnel_del = tunnel_del,
	.taken_over = taken_over,
	.tunnel_refresh = tunnel_refresh,
	.peer_set = peer_set,
	.peer_del = peer_del,
	.multicast = multicast,
	.route_set = route_set,
	.route_del = route_del,
	.flush = flush,
	.refusals = refusals,
	.xdp_receive = xdp_receive,
	.send = send_nhrp,
	.sa_add = sa_add,
	.sa_del = sa_del,
	.sa_use = sa_use,
	.sa_move = sa_move,
	.sa_state = sa_state,
	.send_ike = send_ike,
	.tunnel_counters = tunnel_counters,
	.peer_counters = peer_counters,
	.each_used = each_used,
	.fd = fd,
	.dispatch = dispatch,
	.free = free_backend,
};

int backend_user_new(const struct backend_user_options *options, struct backend **ret,
                     const char **ret_error)
{
	struct backend *b = memory_new(1, sizeof *b);

	b->rtnl = options->rtnl;
	b->events = options->events;
	b->changes = (struct changes){ .rtnl = b->rtnl, .refused = on_refused, .ctx = b };
	b->shortcuts = shortcuts_new(&b->changes);
	int result = dataplane_new(&options->dataplane, &b->dp, ret_error);
	if (result < 0) {
		shortcuts_free(b->shortcuts);
		free(b);
		return result;
	}
	*ret = b;
	return 0;
}

const struct dataplane *backend_user_dataplane(const struct backend *b)
{
	return b->dp;
}
