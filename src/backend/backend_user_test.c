/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The back end between a data plane and a kernel that are both stood in for here: what it asks of
 * either is one line of a trace, "add", "neigh", "del".
 */
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "backend/backend_user.h"
#include "backend/fake_dataplane.h"
#include "util/strbuf.h"

enum { NEIGHBOURS_MAX = 32 };

struct rtnl {
	_Alignas(struct nlmsghdr) char buffer[NETLINK_MESSAGE_MAX];
	struct netlink_neighbour neighbour[NEIGHBOURS_MAX];
	size_t n;
	int index;
	uint32_t mtu_bytes;
};

struct world {
	struct dataplane dp;
	struct rtnl rtnl;
	struct backend *b;
	unsigned wants, packets;
};

/* ---- the kernel ---- */

void *rtnl_buffer(struct rtnl *rtnl)
{
	return rtnl->buffer;
}

static size_t find_neighbour(const struct rtnl *rtnl, const struct addr *a)
{
	size_t i = 0;

	while (i < rtnl->n && !addr_equal(&rtnl->neighbour[i].addr, a))
		i++;
	return i;
}

static int change_neighbour(struct rtnl *rtnl, const struct netlink_event *event)
{
	const struct netlink_neighbour *n = &event->neighbour;
	size_t at = find_neighbour(rtnl, &n->addr);
	char text[ADDR_TEXT_LEN];

	addr_format(&n->addr, text);
	if (event->deleted) {
		fake_traced("neigh-del %s", text);
		if (at == rtnl->n)
			return -ENOENT;
		rtnl->neighbour[at] = rtnl->neighbour[--rtnl->n];
		return 0;
	}
	fake_traced("neigh %s = %u", text, n->mac[5]);
	assert_int_equal(n->state, NUD_PERMANENT);
	rtnl->neighbour[at] = *n;
	if (at == rtnl->n)
		rtnl->n++;
	return 0;
}

int rtnl_request(struct rtnl *rtnl, struct nlmsghdr *message)
{
	struct netlink_event event;
	const struct ifinfomsg *link = NLMSG_DATA(message);

	if (message->nlmsg_type == RTM_NEWLINK) {
		if (link->ifi_change)
			fake_traced("link flags %x of %x", link->ifi_flags, link->ifi_change);
		else
			fake_traced("link");
		return 0;
	}
	assert_true(netlink_parse(message, &event));
	if (event.object == NETLINK_ROUTE_ENTRY) {
		char to[PREFIX_TEXT_LEN], via[ADDR_TEXT_LEN];
		fake_traced("%s %s via %s dev %d", event.deleted ? "route-del" : "route",
		            prefix_format(&event.route.to, to), addr_format(&event.route.via, via),
		            event.route.index);
		return 0;
	}
	return change_neighbour(rtnl, &event);
}

void rtnl_send(struct rtnl *rtnl, struct netlink_batch *batch,
               void (*refused)(void *ctx, const struct netlink_event *event, int error), void *ctx)
{
	if (batch->n > 1)
		fake_traced("%zu at once", batch->n);
	for (struct nlmsghdr *m = NULL; (m = netlink_batch_next(batch, m));) {
		struct netlink_event event;
		int error = rtnl_request(rtnl, m);
		if (error && netlink_parse(m, &event))
			refused(ctx, &event, error);
	}
	batch->n = batch->len = 0;
}

int rtnl_dump(struct rtnl *rtnl, struct nlmsghdr *message,
              void (*each)(void *ctx, const struct netlink_event *event), void *ctx)
{
	fake_traced(message->nlmsg_type == RTM_GETROUTE ? "dump routes" : "dump");
	for (size_t i = 0; i < rtnl->n; i++) {
		struct netlink_event event = { .object = NETLINK_NEIGHBOUR };
		event.neighbour = rtnl->neighbour[i];
		each(ctx, &event);
	}
	return 0;
}

int rtnl_link(struct rtnl *rtnl, const char *name, struct netlink_link *ret)
{
	*ret = (struct netlink_link){
		.index = rtnl->index, .mtu_bytes = rtnl->mtu_bytes, .up = true, .running = true
	};
	snprintf(ret->name, sizeof ret->name, "%s", name);
	return 0;
}

int rtnl_flush_neighbours(struct rtnl *rtnl, int index)
{
	fake_traced("flush %d", index);
	rtnl->n = 0;
	return 0;
}

/* ---- the tests ---- */

/* What becomes of a multipoint tunnel's interface that is new to us. */
#define TAKEN_OVER(index) "tunnel 0\nlink\nlink\nlink flags 0 of 80\nflush " index "\nlink\n"

static void on_hairpin(void *ctx, const struct backend_packet *head)
{
	char text[ADDR_TEXT_LEN];

	(void)ctx;
	fake_traced("hairpin %u %s %zu", head->tunnel, addr_format(&head->from, text), head->len);
}

static void on_stranger(void *ctx, const struct backend_packet *head)
{
	char text[ADDR_TEXT_LEN];

	(void)ctx;
	fake_traced("stranger %u %s %zu", head->tunnel, addr_format(&head->from, text), head->len);
}

static void on_want(void *ctx, uint32_t tunnel, const struct addr *peer)
{
	struct world *w = ctx;
	char text[ADDR_TEXT_LEN];

	w->wants++;
	fake_traced("want %u %s", tunnel, addr_format(peer, text));
}

static void on_packet(void *ctx, const struct backend_packet *packet)
{
	struct world *w = ctx;

	w->packets++;
	fake_traced("packet %u %zu", packet->tunnel, packet->len);
}

static void on_ike(void *ctx, const struct node_ike_path *path, const uint8_t *bytes, size_t len)
{
	(void)ctx;
	fake_traced("ike from port %u to port %u len %zu first %u", path->from_port, path->to_port,
	            len, bytes[0]);
}

static void on_unknown_spi(void *ctx, const struct backend_unknown_spi *what)
{
	char text[2][ADDR_TEXT_LEN];

	(void)ctx;
	fake_traced("spi %x from %s port %u to %s", what->spi, addr_format(&what->from, text[0]),
	            what->udp_port, addr_format(&what->to, text[1]));
}

static void on_moved(void *ctx, uint32_t id, const struct addr *from, uint16_t udp_port)
{
	char text[ADDR_TEXT_LEN];

	(void)ctx;
	fake_traced("moved %u to %s port %u", id, addr_format(from, text), udp_port);
}

static void on_used(void *ctx, const struct backend_use *use)
{
	char text[ADDR_TEXT_LEN];

	(void)ctx;
	fake_traced("used %u %s by %" PRIu64, use->tunnel, addr_format(&use->peer, text),
	            use->packets);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	const struct backend_user_options options = {
		.rtnl = &w->rtnl,
		.events = { .packet = on_packet,
		            .want = on_want,
		            .hairpin = on_hairpin,
		            .stranger = on_stranger,
		            .ike = on_ike,
		            .unknown_spi = on_unknown_spi,
		            .moved = on_moved,
		            .ctx = w },
	};
	const char *why;

	w->rtnl.index = 5;
	w->rtnl.mtu_bytes = 1472;
	strbuf_init(&w->dp.trace);
	fake_dataplane(&w->dp);
	assert_int_equal(backend_user_new(&options, &w->b, &why), 0);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	backend_user_ops.free(w->b);
	strbuf_fini(&w->dp.trace);
	free(w);
	return 0;
}

static void expect(struct world *w, const char *trace)
{
	assert_string_equal(w->dp.trace.text, trace);
	strbuf_truncate(&w->dp.trace, 0);
}

static void set_tunnel(struct world *w, bool multipoint)
{
	struct dp_tunnel t = { .ifname = "Tunnel0", .mtu_bytes = 1472, .carrier = true };

	t.source = addr_v4(2, 2, 2, 2);
	if (!multipoint)
		t.destination = addr_v4(1, 1, 1, 2);
	assert_int_equal(backend_user_ops.tunnel_set(w->b, &t), 0);
}

static void set_peer(struct world *w, uint8_t peer, uint8_t nbma)
{
	struct addr p = addr_v4(10, 10, 10, peer), n = addr_v4(nbma, nbma, nbma, 2);

	assert_int_equal(backend_user_ops.peer_set(w->b, 0, &p, &n), 0);
	assert_int_equal(backend_user_ops.flush(w->b), 0);
}

static void del_peer(struct world *w, uint8_t peer)
{
	struct addr p = addr_v4(10, 10, 10, peer);

	backend_user_ops.peer_del(w->b, 0, &p);
}

static void punt(struct world *w, enum dp_punt_type type, uint8_t target)
{
	struct dp_punt *p = &w->dp.punt[w->dp.n_punts++];

	*p = (struct dp_punt){ .type = type, .target = addr_v4(10, 10, 10, target) };
	backend_user_ops.dispatch(w->b);
}

/* A hub: its interface is taken over, clients come, move and go. */
static void multipoint_peers_are_neighbours(void **state)
{
	struct world *w = *state;

	set_tunnel(w, true);
	expect(w, TAKEN_OVER("5") "carrier 0 on\n");
	set_tunnel(w, true);
	expect(w, "tunnel 0\ncarrier 0 on\n");
	set_peer(w, 2, 2);
	expect(w, "add 0 2.2.2.2 = 0\nneigh 10.10.10.2 = 0\n");
	set_peer(w, 2, 2);
	expect(w, "");
	set_peer(w, 2, 4); /* the old one stays for frames that are on their way */
	expect(w, "add 0 4.4.4.2 = 1\nneigh 10.10.10.2 = 1\n");
	del_peer(w, 2);
	expect(w, "neigh-del 10.10.10.2\ndel 1\n");
	del_peer(w, 2);
	expect(w, "");
}

/* Line down, and routes by it unused: registrations go out all the same. */
static void the_line_is_the_carrier(void **state)
{
	struct world *w = *state;
	const struct dp_tunnel t = { .ifname = "Tunnel0", .up = true, .fails_over = true };

	set_tunnel(w, true);
	w->rtnl.mtu_bytes = 0;
	strbuf_truncate(&w->dp.trace, 0);
	assert_int_equal(backend_user_ops.tunnel_set(w->b, &t), 0);
	expect(w, "tunnel 0\nlink\ncarrier 0 off\n");
	assert_int_equal(backend_user_ops.tunnel_set(w->b, &t), 0);
	expect(w, "tunnel 0\ncarrier 0 off\n");
}

static void replaced_adjacencies_go_a_little_later(void **state)
{
	const struct timespec a_second_and_more = { .tv_sec = 1, .tv_nsec = 50000000 };
	struct world *w = *state;

	set_tunnel(w, true);
	set_peer(w, 2, 2);
	set_peer(w, 2, 3);
	set_peer(w, 2, 4);
	strbuf_truncate(&w->dp.trace, 0);
	backend_user_ops.each_used(w->b, on_used, NULL);
	expect(w, "");
	nanosleep(&a_second_and_more, NULL);
	backend_user_ops.each_used(w->b, on_used, NULL);
	expect(w, "del 0\ndel 1\n");
}

static void members_are_kept_for_the_next_tunnel(void **state)
{
	struct world *w = *state;
	const struct addr nbma = addr_v4(2, 2, 2, 2), other = addr_v4(3, 3, 3, 2);

	backend_user_ops.multicast(w->b, 0, &nbma, true);
	backend_user_ops.multicast(w->b, 1, &other, true);
	strbuf_truncate(&w->dp.trace, 0);
	set_tunnel(w, true);
	expect(w, TAKEN_OVER("5") "multicast 0 2.2.2.2\ncarrier 0 on\n");
	backend_user_ops.tunnel_del(w->b, 0, false);
	strbuf_truncate(&w->dp.trace, 0);
	set_tunnel(w, true);
	assert_non_null(strstr(w->dp.trace.text, "multicast 0 2.2.2.2\n"));
	strbuf_truncate(&w->dp.trace, 0);
	backend_user_ops.multicast(w->b, 0, &nbma, false);
	backend_user_ops.multicast(w->b, 0, &nbma, false);
	set_tunnel(w, true);
	expect(w, "no multicast 0 2.2.2.2\nno multicast 0 2.2.2.2\ntunnel 0\ncarrier 0 on\n");
	backend_user_ops.multicast(w->b, 0, &nbma, true);
	backend_user_ops.tunnel_del(w->b, 0, true);
	strbuf_truncate(&w->dp.trace, 0);
	set_tunnel(w, true);
	assert_null(strstr(w->dp.trace.text, "multicast"));
}

static void shortcuts_are_routes_of_the_interface(void **state)
{
	struct world *w = *state;
	const struct prefix to = { addr_v4(192, 168, 3, 0), 24 };
	const struct addr via = addr_v4(10, 10, 10, 3);

	backend_user_ops.route_set(w->b, &(struct backend_route){ .to = to, .via = via });
	expect(w, "");
	set_tunnel(w, true);
	assert_non_null(strstr(w->dp.trace.text,
	                       "flush 5\nlink\nroute 192.168.3.0/24 via 10.10.10.3 dev 5\n"));
	strbuf_truncate(&w->dp.trace, 0);
	backend_user_ops.tunnel_refresh(w->b, 0);
	expect(w, "mac 0\nroute 192.168.3.0/24 via 10.10.10.3 dev 5\n");
	backend_user_ops.route_del(w->b, 0, &to);
	set_peer(w, 3, 3); /* the next hop and what lies behind it change together */
	backend_user_ops.route_set(w->b, &(struct backend_route){ .to = to, .via = via });
	del_peer(w, 3);
	expect(w, "add 0 3.3.3.2 = 0\n2 at once\n"
	          "route-del 192.168.3.0/24 via 10.10.10.3 dev 5\nneigh 10.10.10.3 = 0\n2 at once\n"
	          "route 192.168.3.0/24 via 10.10.10.3 dev 5\nneigh-del 10.10.10.3\ndel 0\n");
	backend_user_ops.tunnel_del(w->b, 0, true);
	strbuf_truncate(&w->dp.trace, 0);
	set_tunnel(w, true);
	assert_null(strstr(w->dp.trace.text, "route 192"));
}

/* What turned round is told with the tunnel and the peer that it came from; and who is no peer. */
static void hairpins_are_handed_up(void **state)
{
	struct world *w = *state;
	static const uint8_t head[4] = { 0x45 };
	struct dp_punt *p = &w->dp.punt[w->dp.n_punts++];

	*p = (struct dp_punt){ .type = DP_PUNT_HAIRPIN,
		               .tunnel = 7,
		               .from = addr_v4(2, 2, 2, 2),
		               .bytes = head,
		               .len = sizeof head };
	backend_user_ops.dispatch(w->b);
	expect(w, "hairpin 7 2.2.2.2 4\n");
	w->dp.punt[w->dp.n_punts] = *p;
	w->dp.punt[w->dp.n_punts++].type = DP_PUNT_STRANGER;
	backend_user_ops.dispatch(w->b);
	expect(w, "stranger 7 2.2.2.2 4\n");
}

static void peers_wait_for_their_tunnel_and_mode(void **state)
{
	struct world *w = *state;

	set_peer(w, 1, 1);
	expect(w, "");
	set_tunnel(w, false);
	expect(w, "tunnel 0\nlink\nlink\nlink flags 80 of 80\nflush 5\nlink\ncarrier "
	          "0 on\n");
	set_tunnel(w, true);
	expect(w, "tunnel 0\nlink flags 0 of 80\nflush 5\n"
	          "add 0 1.1.1.2 = 0\nneigh 10.10.10.1 = 0\ncarrier 0 on\n");
	set_tunnel(w, false);
	expect(w, "tunnel 0\nlink flags 80 of 80\nflush 5\n"
	          "neigh-del 10.10.10.1\ndel 0\ncarrier 0 on\n");
}

static void an_interface_that_vanished_begins_anew(void **state)
{
	struct world *w = *state;

	set_tunnel(w, true);
	set_peer(w, 2, 2);
	strbuf_truncate(&w->dp.trace, 0);
	backend_user_ops.tunnel_del(w->b, 0, false);
	expect(w, "neigh-del 10.10.10.2\ndel 0\ntunnel-del 0\n");
	w->rtnl.index = 6;
	set_tunnel(w, true);
	expect(w, TAKEN_OVER("6") "add 0 2.2.2.2 = 1\nneigh 10.10.10.2 = 1\ncarrier 0 on\n");
	backend_user_ops.tunnel_del(w->b, 0, true);
	expect(w, "neigh-del 10.10.10.2\ndel 1\ntunnel-del 0 remove\n");
	set_tunnel(w, true); /* its peers are forgotten */
	expect(w, TAKEN_OVER("6") "carrier 0 on\n");
}

/* Routes of an earlier life stay until all that was kept of it is set again; afterwards an
 * interface that comes has none that are wanted. */
static void routes_are_swept_once_it_is_taken_over(void **state)
{
	struct world *w = *state;

	set_tunnel(w, true);
	strbuf_truncate(&w->dp.trace, 0);
	backend_user_ops.taken_over(w->b);
	expect(w, "dump routes\ndump routes\n"); /* of either protocol */
	w->rtnl.index = 6;
	set_tunnel(w, true);
	expect(w, "tunnel 0\nlink\nlink\nlink flags 0 of 80\nflush 6\ndump routes\n"
	          "dump routes\nlink\ncarrier 0 on\n");
}

static void mtu_follows_the_tunnel(void **state)
{
	struct world *w = *state;

	w->rtnl.mtu_bytes = 1500;
	set_tunnel(w, true);
	expect(w, "tunnel 0\nlink\nlink\nlink\nlink flags 0 of 80\nflush 5\nlink\n"
	          "carrier 0 on\n");
}

static void refresh_writes_neighbours_again(void **state)
{
	struct world *w = *state;

	set_tunnel(w, true);
	set_peer(w, 2, 2);
	set_peer(w, 3, 3);
	strbuf_truncate(&w->dp.trace, 0);
	w->rtnl.n = 0; /* the interface was down */
	backend_user_ops.tunnel_refresh(w->b, 0);
	/* The MAC first: the kernel forgets neighbours with it. */
	expect(w, "mac 0\n2 at once\nneigh 10.10.10.2 = 0\nneigh 10.10.10.3 = 1\n");
	backend_user_ops.tunnel_refresh(w->b, 9);
	expect(w, "");
}

static void wants_that_the_table_answers_stay_here(void **state)
{
	struct world *w = *state;

	set_tunnel(w, true);
	set_peer(w, 2, 2);
	strbuf_truncate(&w->dp.trace, 0);
	punt(w, DP_PUNT_WANT, 2);
	expect(w, "neigh 10.10.10.2 = 0\n");
	punt(w, DP_PUNT_WANT, 3);
	expect(w, "want 0 10.10.10.3\n");
	assert_int_equal(w->wants, 1);
}

static void only_nhrp_goes_up(void **state)
{
	struct world *w = *state;

	w->dp.punt[0] = (struct dp_punt){ .type = DP_PUNT_PACKET, .proto = 0x2001, .len = 100 };
	w->dp.punt[1] = (struct dp_punt){ .type = DP_PUNT_PACKET, .proto = 0x2002, .len = 100 };
	w->dp.n_punts = 2;
	backend_user_ops.dispatch(w->b);
	expect(w, "packet 0 100\n");
	assert_int_equal(w->packets, 1);
	const struct backend_packet packet = { .bytes = (const uint8_t *)"x", .len = 1 };
	assert_int_equal(backend_user_ops.send(w->b, &packet), 0);
	expect(w, "send 0 2001 1\n");
	assert_int_equal(backend_user_ops.fd(w->b), 77);
}

/* Two wrong ones: one of a peer of ours, one of nobody's. */
static void stale_neighbours_are_mended(void **state)
{
	struct world *w = *state;

	set_tunnel(w, true);
	set_peer(w, 2, 2);
	set_peer(w, 3, 3);
	w->rtnl.neighbour[find_neighbour(&w->rtnl, &w->rtnl.neighbour[0].addr)].mac[5] = 9;
	w->rtnl.neighbour[w->rtnl.n++] = (struct netlink_neighbour){
		.index = 5, .addr = addr_v4(10, 10, 10, 7), .has_mac = true, .mac = { 1 }
	};
	w->rtnl.neighbour[w->rtnl.n++] = (struct netlink_neighbour){
		.index = 5, .addr = addr_v4(224, 0, 0, 1), .has_mac = true, .state = NUD_NOARP
	};
	strbuf_truncate(&w->dp.trace, 0);
	punt(w, DP_PUNT_STALE, 2);
	expect(w, "dump\n2 at once\nneigh 10.10.10.2 = 0\nneigh-del 10.10.10.7\n");
	punt(w, DP_PUNT_STALE, 2); /* not again within a second */
	expect(w, "");
}

static void use_is_told_once(void **state)
{
	struct world *w = *state;
	struct dp_counters counters;
	struct addr two = addr_v4(10, 10, 10, 2), nobody = addr_v4(10, 10, 10, 9);

	set_tunnel(w, true);
	set_peer(w, 2, 2);
	set_peer(w, 3, 3);
	strbuf_truncate(&w->dp.trace, 0);
	backend_user_ops.each_used(w->b, on_used, NULL);
	expect(w, "");
	w->dp.tx[1] = 5;
	backend_user_ops.each_used(w->b, on_used, NULL);
	expect(w, "used 0 10.10.10.3 by 5\n");
	w->dp.tx[1] = 7;
	backend_user_ops.each_used(w->b, on_used, NULL);
	expect(w, "used 0 10.10.10.3 by 2\n");
	backend_user_ops.each_used(w->b, on_used, NULL);
	expect(w, "");
	assert_true(backend_user_ops.peer_counters(w->b, 0, &two, &counters));
	assert_false(backend_user_ops.peer_counters(w->b, 0, &nobody, &counters));
	assert_true(backend_user_ops.tunnel_counters(w->b, 0, &counters));
}

static void associations_reach_the_data_plane(void **state)
{
	struct world *w = *state;
	const struct addr nbma = addr_v4(2, 2, 2, 2);
	const struct node_sa sa = {
		.id = 7,
		.tunnel = 3,
		.nbma = nbma,
		.udp_port = 4444,
		.cipher = ESP_GCM128,
		.mode = ESP_TUNNEL,
		.spi = 0xabc,
		.outbound = true,
		.df_bit = SNAP_DF_SET,
		.cipher_key = { 9 },
	};
	const struct node_ike_path path = { .to_port = 4500 };
	struct esp_sa_state carried;
	uint8_t message[3] = { 5 };

	assert_int_equal(backend_user_ops.sa_add(w->b, &sa), 0);
	assert_int_equal(backend_user_ops.sa_use(w->b, 3, &nbma, 7), 0);
	assert_int_equal(backend_user_ops.sa_move(w->b, 7, &nbma, 5000), 0);
	assert_true(backend_user_ops.sa_state(w->b, 7, &carried));
	assert_int_equal(carried.packets, 7);
	backend_user_ops.sa_del(w->b, 7);
	assert_int_equal(backend_user_ops.send_ike(w->b, &path, message, 3), 0);
	expect(w, "sa 7 tunnel 3 spi abc out mode 1 cipher 6 key 9 port 4444 df 2\n"
	          "protect 3 2.2.2.2 7\nsa-move 7 2.2.2.2 5000\nsa-del 7\n"
	          "ike port 4500 len 3\n");
	w->dp.punt[0] = (struct dp_punt){
		.type = DP_PUNT_IKE, .from_port = 4444, .bytes = message, .len = 3
	};
	w->dp.punt[1] = (struct dp_punt){ .type = DP_PUNT_SPI,
		                          .spi = 0xabc,
		                          .from_port = 5000,
		                          .from = nbma,
		                          .to = addr_v4(1, 1, 1, 1) };
	w->dp.punt[2] =
		(struct dp_punt){ .type = DP_PUNT_MOVED, .sa = 6, .from = nbma, .from_port = 5000 };
	w->dp.n_punts = 3;
	backend_user_ops.dispatch(w->b);
	expect(w, "ike from port 4444 to port 4500 len 3 first 5\n"
	          "spi abc from 2.2.2.2 port 5000 to 1.1.1.1\nmoved 6 to 2.2.2.2 port 5000\n");
}

static void a_full_table_is_no_crash(void **state)
{
	struct world *w = *state;
	struct addr n = addr_v4(9, 9, 9, 9);

	set_tunnel(w, true);
	for (uint8_t i = 0; i < FAKE_ADJACENCIES_MAX; i++) {
		struct addr p = addr_v4(10, 10, 11, i);
		if (w->rtnl.n == NEIGHBOURS_MAX)
			w->rtnl.n = 0;
		assert_int_equal(backend_user_ops.peer_set(w->b, 0, &p, &n), 0);
	}
	struct addr p = addr_v4(10, 10, 12, 1);
	assert_int_equal(backend_user_ops.peer_set(w->b, 0, &p, &n), -ENOSPC);
	backend_user_ops.peer_del(w->b, 0, &p);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(multipoint_peers_are_neighbours),
		TEST(the_line_is_the_carrier),
		TEST(replaced_adjacencies_go_a_little_later),
		TEST(members_are_kept_for_the_next_tunnel),
		TEST(shortcuts_are_routes_of_the_interface),
		TEST(hairpins_are_handed_up),
		TEST(peers_wait_for_their_tunnel_and_mode),
		TEST(an_interface_that_vanished_begins_anew),
		TEST(routes_are_swept_once_it_is_taken_over),
		TEST(mtu_follows_the_tunnel),
		TEST(refresh_writes_neighbours_again),
		TEST(wants_that_the_table_answers_stay_here),
		TEST(only_nhrp_goes_up),
		TEST(stale_neighbours_are_mended),
		TEST(use_is_told_once),
		TEST(associations_reach_the_data_plane),
		TEST(a_full_table_is_no_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
