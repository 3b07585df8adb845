/* SPDX-License-Identifier: Apache-2.0 */
/* Talks to a real kernel, each test in a network namespace of its own; skipped where that is not
 * allowed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <net/if.h>
#include <linux/if_tun.h>
#include <linux/neighbour.h>
#include <libmnl/libmnl.h>

#include "netlink/rtnl.h"
#include "util/memory.h"

enum { EXIT_SKIP = 77, EVENTS_MAX = 64 };

struct world {
	struct rtnl *rtnl;
	int tap_fd;
	struct netlink_link lo, tap;
};

/* Everything that one dump or one drain gave. */
struct seen {
	struct netlink_event event[EVENTS_MAX];
	size_t n;
};

static void see(void *ctx, const struct netlink_event *event)
{
	struct seen *seen = ctx;

	if (seen->n < EVENTS_MAX)
		seen->event[seen->n++] = *event;
}

static struct addr ip(const char *text)
{
	struct addr a;

	assert_true(addr_parse(text, &a));
	return a;
}

static int setup(void **state)
{
	struct world *w = memory_new(1, sizeof *w);
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };

	memcpy(request.ifr_name, "tap0", sizeof "tap0");
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	w->tap_fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	assert_true(w->tap_fd >= 0);
	assert_int_equal(ioctl(w->tap_fd, TUNSETIFF, &request), 0);
	assert_int_equal(rtnl_new(&w->rtnl), 0);
	assert_int_equal(rtnl_link(w->rtnl, "lo", &w->lo), 0);
	assert_int_equal(rtnl_link(w->rtnl, "tap0", &w->tap), 0);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	rtnl_free(w->rtnl);
	close(w->tap_fd);
	free(w);
	return 0;
}

static void expect_ok(struct world *w, struct nlmsghdr *m)
{
	int error = rtnl_request(w->rtnl, m);

	if (error)
		print_error("%s: %s\n", strerror(-error), rtnl_error_text(w->rtnl));
	assert_int_equal(error, 0);
}

static struct seen drain(struct world *w)
{
	enum { PATIENCE_MS = 20000 };
	struct pollfd fd = { .fd = rtnl_notify_fd(w->rtnl), .events = POLLIN };
	struct seen seen = { .n = 0 };

	assert_int_equal(poll(&fd, 1, PATIENCE_MS), 1);
	assert_int_equal(rtnl_notify(w->rtnl, see, &seen), 0);
	assert_int_equal(poll(&fd, 1, 0), 0);
	return seen;
}

static void bring_up(struct world *w)
{
	expect_ok(w, netlink_link_set_no_addrgen(rtnl_buffer(w->rtnl), w->tap.index));
	expect_ok(w, netlink_link_set_up(rtnl_buffer(w->rtnl), w->tap.index, true));
	expect_ok(w, netlink_link_set_up(rtnl_buffer(w->rtnl), w->lo.index, true));
}

static void add_address(struct world *w, int index, const char *text, uint8_t len)
{
	const struct netlink_address a = { .index = index, .prefix = { ip(text), len } };

	expect_ok(w, netlink_address_add(rtnl_buffer(w->rtnl), &a));
}

static void test_links(void **state)
{
	struct world *w = *state;
	struct netlink_link link;
	static const uint8_t mac[NETLINK_MAC_LEN] = { 2, 0, 0, 1, 2, 3 };

	assert_true(w->lo.loopback);
	assert_false(w->tap.loopback || w->tap.up);
	assert_true(w->tap.has_mac);
	assert_int_equal(rtnl_link(w->rtnl, "no-such-link", &link), -ENODEV);
	assert_int_equal(rtnl_link(w->rtnl, "", &link), -ENODEV);
	assert_int_equal(rtnl_link(w->rtnl, "a-name-that-is-too-long", &link), -ENODEV);

	bring_up(w);
	expect_ok(w, netlink_link_set_mtu(rtnl_buffer(w->rtnl), w->tap.index, 1400));
	expect_ok(w, netlink_link_set_gso_segments(rtnl_buffer(w->rtnl), w->tap.index, 44));
	expect_ok(w, netlink_link_set_mac(rtnl_buffer(w->rtnl), w->tap.index, mac));
	assert_int_equal(rtnl_link(w->rtnl, "tap0", &link), 0);
	assert_true(link.up && link.carrier);
	assert_int_equal(link.mtu_bytes, 1400);
	assert_memory_equal(link.mac, mac, sizeof mac);
	expect_ok(w, netlink_link_set_up(rtnl_buffer(w->rtnl), w->tap.index, false));
	assert_int_equal(rtnl_link(w->rtnl, "tap0", &link), 0);
	assert_false(link.up);

	struct seen seen = { .n = 0 };
	assert_int_equal(rtnl_dump(w->rtnl, netlink_link_dump(rtnl_buffer(w->rtnl)), see, &seen),
	                 0);
	assert_true(seen.n >= 2); /* kernels with tunnel modules bring links of their own */
	assert_string_equal(seen.event[0].link.name, "lo");
}

static void test_no_link_local_address(void **state)
{
	struct world *w = *state;
	struct seen seen = { .n = 0 };

	bring_up(w);
	assert_int_equal(rtnl_dump(w->rtnl,
	                           netlink_address_dump(rtnl_buffer(w->rtnl), w->tap.index), see,
	                           &seen),
	                 0);
	assert_int_equal(seen.n, 0);
}

static void test_addresses(void **state)
{
	struct world *w = *state;
	const struct netlink_address a = { .index = w->tap.index,
		                           .prefix = { ip("192.168.0.2"), 24 } };
	struct seen seen = { .n = 0 };

	add_address(w, w->tap.index, "192.168.0.2", 24);
	add_address(w, w->tap.index, "fd00::2", 64);
	add_address(w, w->lo.index, "10.1.1.1", 32);
	assert_int_equal(rtnl_request(w->rtnl, netlink_address_add(rtnl_buffer(w->rtnl), &a)),
	                 -EEXIST);
	assert_int_equal(rtnl_dump(w->rtnl,
	                           netlink_address_dump(rtnl_buffer(w->rtnl), w->tap.index), see,
	                           &seen),
	                 0);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.event[0].object, NETLINK_ADDRESS);
	assert_true(prefix_equal(&seen.event[0].address.prefix, &a.prefix));
	assert_int_equal(seen.event[0].address.index, w->tap.index);

	expect_ok(w, netlink_address_del(rtnl_buffer(w->rtnl), &a));
	assert_int_equal(rtnl_request(w->rtnl, netlink_address_del(rtnl_buffer(w->rtnl), &a)),
	                 -EADDRNOTAVAIL);
	seen.n = 0;
	assert_int_equal(
		rtnl_dump(w->rtnl, netlink_address_dump(rtnl_buffer(w->rtnl), 0), see, &seen), 0);
	assert_int_equal(seen.n, 2); /* fd00::2 and 10.1.1.1: lo is down, without ::1 */
}

static struct seen our_routes(struct world *w)
{
	struct seen seen = { .n = 0 };
	struct nlmsghdr *m =
		netlink_route_dump(rtnl_buffer(w->rtnl), ADDR_NONE, NETLINK_ROUTE_PROTOCOL);

	assert_int_equal(rtnl_dump(w->rtnl, m, see, &seen), 0);
	return seen;
}

static void expect_route(const struct seen *seen, const struct netlink_route *want)
{
	for (size_t i = 0; i < seen->n; i++) {
		const struct netlink_route *r = &seen->event[i].route;
		if (prefix_equal(&r->to, &want->to) && r->type == want->type &&
		    addr_equal(&r->via, &want->via) &&
		    (want->index == 0 || r->index == want->index) &&
		    (want->metric == 0 || r->metric == want->metric))
			return;
	}
	fail_msg("route is not there");
}

static void test_routes(void **state)
{
	struct world *w = *state;
	const struct netlink_route routes[] = {
		{ .to = { ip("172.16.0.0"), 12 }, .via = ip("192.168.0.1"), .metric = 5 },
		{ .to = { ip("10.2.0.0"), 16 }, .index = w->tap.index },
		{ .type = NETLINK_ROUTE_BLACKHOLE, .to = { ip("10.0.0.0"), 8 }, .metric = 254 },
		{ .to = { ip("0.0.0.0"), 0 }, .via = ip("192.168.0.9"), .index = w->tap.index },
		{ .to = { ip("2001:db8::"), 32 }, .via = ip("fd00::9"), .index = w->tap.index },
		{ .type = NETLINK_ROUTE_BLACKHOLE, .to = { ip("fd11::"), 64 } },
	};
	const size_t n = sizeof routes / sizeof *routes;

	bring_up(w);
	add_address(w, w->tap.index, "192.168.0.2", 24);
	add_address(w, w->tap.index, "fd00::2", 64);
	for (size_t i = 0; i < n; i++)
		expect_ok(w, netlink_route_add(rtnl_buffer(w->rtnl), &routes[i]));
	assert_int_equal(rtnl_request(w->rtnl, netlink_route_add(rtnl_buffer(w->rtnl), routes)),
	                 -EEXIST);
	struct seen seen = our_routes(w);
	assert_int_equal(seen.n, n);
	for (size_t i = 0; i < n; i++)
		expect_route(&seen, &routes[i]);

	struct netlink_route moved = routes[0];
	moved.via = ip("192.168.0.7");
	expect_ok(w, netlink_route_replace(rtnl_buffer(w->rtnl), &moved));
	seen = our_routes(w);
	assert_int_equal(seen.n, n);
	expect_route(&seen, &moved);

	expect_ok(w, netlink_route_del(rtnl_buffer(w->rtnl), &moved));
	for (size_t i = 1; i < n; i++)
		expect_ok(w, netlink_route_del(rtnl_buffer(w->rtnl), &routes[i]));
	assert_int_equal(our_routes(w).n, 0);
	assert_int_equal(rtnl_request(w->rtnl, netlink_route_del(rtnl_buffer(w->rtnl), routes)),
	                 -ESRCH);
}

static void test_error_text(void **state)
{
	struct world *w = *state;
	const struct netlink_route r = { .to = { ip("10.0.0.0"), 8 }, .via = ip("203.0.113.1") };

	bring_up(w);
	assert_string_equal(rtnl_error_text(w->rtnl), "");
	assert_int_equal(rtnl_request(w->rtnl, netlink_route_add(rtnl_buffer(w->rtnl), &r)),
	                 -ENETUNREACH);
	assert_string_equal(rtnl_error_text(w->rtnl), "Nexthop has invalid gateway");
	bring_up(w);
	assert_string_equal(rtnl_error_text(w->rtnl), "");
}

static struct seen neighbours(struct world *w)
{
	struct seen seen = { .n = 0 };
	struct nlmsghdr *m = netlink_neighbour_dump(rtnl_buffer(w->rtnl), w->tap.index);

	assert_int_equal(rtnl_dump(w->rtnl, m, see, &seen), 0);
	return seen;
}

static void test_neighbours(void **state)
{
	struct world *w = *state;
	struct netlink_neighbour n = { .index = w->tap.index,
		                       .addr = ip("192.168.0.3"),
		                       .has_mac = true,
		                       .mac = { 2, 0, 0, 0, 0, 3 } };

	bring_up(w);
	add_address(w, w->tap.index, "192.168.0.2", 24);
	expect_ok(w, netlink_neighbour_replace(rtnl_buffer(w->rtnl), &n));
	n.mac[5] = 4;
	expect_ok(w, netlink_neighbour_replace(rtnl_buffer(w->rtnl), &n));
	struct seen seen = neighbours(w);
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.event[0].neighbour.mac[5], 4);
	assert_int_equal(seen.event[0].neighbour.state, NUD_PERMANENT);
	expect_ok(w, netlink_neighbour_del(rtnl_buffer(w->rtnl), &n));
	for (uint8_t i = 0; i < 50; i++) {
		n.addr = addr_v4(192, 168, 0, (uint8_t)(10 + i));
		expect_ok(w, netlink_neighbour_replace(rtnl_buffer(w->rtnl), &n));
	}
	assert_int_equal(rtnl_flush_neighbours(w->rtnl, w->tap.index), 0);
	seen = neighbours(w);
	for (size_t i = 0; i < seen.n; i++) /* the kernel may keep a dead one for a while */
		assert_false(seen.event[i].neighbour.state & NUD_PERMANENT);
}

static void test_notifications(void **state)
{
	struct world *w = *state;
	const struct netlink_neighbour n = { .index = w->tap.index,
		                             .addr = ip("192.168.0.3"),
		                             .has_mac = true,
		                             .mac = { 2, 0, 0, 0, 0, 3 } };
	const struct netlink_route r = { .to = { ip("10.0.0.0"), 8 }, .via = ip("192.168.0.3") };
	bool had[4] = { false };

	bring_up(w);
	add_address(w, w->tap.index, "192.168.0.2", 24);
	expect_ok(w, netlink_neighbour_replace(rtnl_buffer(w->rtnl), &n));
	expect_ok(w, netlink_route_add(rtnl_buffer(w->rtnl), &r));
	struct seen seen = drain(w);
	for (size_t i = 0; i < seen.n; i++)
		had[seen.event[i].object] = true;
	assert_true(had[NETLINK_LINK] && had[NETLINK_ADDRESS] && had[NETLINK_ROUTE_ENTRY] &&
	            had[NETLINK_NEIGHBOUR]);

	expect_ok(w, netlink_route_del(rtnl_buffer(w->rtnl), &r));
	seen = drain(w);
	assert_int_equal(seen.n, 1);
	assert_true(seen.event[0].deleted);
	assert_true(prefix_equal(&seen.event[0].route.to, &r.to));
	assert_int_equal(seen.event[0].route.protocol, NETLINK_ROUTE_PROTOCOL);
}

/* A callback may send requests of its own. */
static void delete_it(void *ctx, const struct netlink_event *event)
{
	struct world *w = ctx;

	if (event->object == NETLINK_NEIGHBOUR && !event->deleted &&
	    event->neighbour.state & NUD_PERMANENT)
		expect_ok(w, netlink_neighbour_del(rtnl_buffer(w->rtnl), &event->neighbour));
}

static void test_request_within_a_notification(void **state)
{
	struct world *w = *state;
	struct netlink_neighbour n = { .index = w->tap.index, .has_mac = true };

	bring_up(w);
	for (uint8_t i = 0; i < 5; i++) {
		n.addr = addr_v4(192, 168, 0, (uint8_t)(10 + i));
		expect_ok(w, netlink_neighbour_replace(rtnl_buffer(w->rtnl), &n));
	}
	assert_int_equal(rtnl_notify(w->rtnl, delete_it, w), 0);
	struct seen seen = neighbours(w);
	for (size_t i = 0; i < seen.n; i++)
		assert_false(seen.event[i].neighbour.state & NUD_PERMANENT);
}

static void test_lost_notifications(void **state)
{
	struct world *w = *state;
	struct seen seen = { .n = 0 };
	int error = 0;

	/* No buffer is endless: the kernel doubles this to its smallest, and a few messages fill
	 * it. */
	assert_int_equal(setsockopt(rtnl_notify_fd(w->rtnl), SOL_SOCKET, SO_RCVBUF, &(int){ 1 },
	                            sizeof(int)),
	                 0);
	for (int i = 0; i < 20; i++) {
		expect_ok(w, netlink_link_set_up(rtnl_buffer(w->rtnl), w->tap.index, true));
		expect_ok(w, netlink_link_set_up(rtnl_buffer(w->rtnl), w->tap.index, false));
	}
	for (int i = 0; i < 10 && !error; i++)
		error = rtnl_notify(w->rtnl, see, &seen);
	assert_int_equal(error, -ENOBUFS);
	assert_int_equal(rtnl_notify(w->rtnl, see, &seen), 0);
}

struct refusals {
	struct netlink_event event[2];
	int error[2];
	size_t n;
};

static void refuse(void *ctx, const struct netlink_event *event, int error)
{
	struct refusals *r = ctx;

	assert_true(r->n < 2);
	r->event[r->n] = *event;
	r->error[r->n++] = error;
}

/* The kernel does all that it can of a batch, and says which it could not. */
static void test_batch(void **state)
{
	struct world *w = *state;
	const struct netlink_neighbour n = { .index = w->tap.index,
		                             .addr = ip("192.168.0.3"),
		                             .has_mac = true };
	const struct netlink_route good = { .to = { ip("10.0.0.0"), 8 }, .via = n.addr },
				   bad = { .to = { ip("11.0.0.0"), 8 }, .via = ip("203.0.113.1") };
	struct netlink_batch batch = { 0 };
	struct refusals refused = { .n = 0 };

	bring_up(w);
	add_address(w, w->tap.index, "192.168.0.2", 24);
	(void)drain(w);
	netlink_batch_add(&batch, netlink_route_prepend(rtnl_buffer(w->rtnl), &bad));
	netlink_batch_add(&batch, netlink_neighbour_replace(rtnl_buffer(w->rtnl), &n));
	netlink_batch_add(&batch, netlink_route_prepend(rtnl_buffer(w->rtnl), &good));
	netlink_batch_add(&batch, netlink_route_del(rtnl_buffer(w->rtnl), &bad));
	rtnl_send(w->rtnl, &batch, refuse, &refused);
	assert_int_equal(batch.n, 0);
	assert_int_equal(refused.n, 2);
	assert_int_equal(refused.error[0], -ENETUNREACH);
	assert_true(prefix_equal(&refused.event[0].route.to, &bad.to));
	assert_int_equal(refused.error[1], -ESRCH);
	assert_true(refused.event[1].deleted);
	assert_string_equal(rtnl_error_text(w->rtnl), "Nexthop has invalid gateway");
	assert_int_equal(neighbours(w).n, 1);
	assert_int_equal(our_routes(w).n, 1);
	rtnl_send(w->rtnl, &batch, refuse, &refused);
	expect_ok(w, netlink_route_del(rtnl_buffer(w->rtnl), &good));
}

static char setting(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char c = '?';

	assert_true(fd >= 0);
	assert_int_equal(read(fd, &c, 1), 1);
	close(fd);
	return c;
}

static void test_ignore_linkdown(void **state)
{
	static const char path[] = "/proc/sys/net/ipv4/conf/tap0/ignore_routes_with_linkdown";
	struct world *w = *state;

	assert_int_equal(setting(path), '0');
	expect_ok(w, netlink_link_set_ignore_linkdown(rtnl_buffer(w->rtnl), w->tap.index, true));
	assert_int_equal(setting(path), '1');
	expect_ok(w, netlink_link_set_ignore_linkdown(rtnl_buffer(w->rtnl), w->tap.index, false));
	assert_int_equal(setting(path), '0');
}

static void test_link_del(void **state)
{
	struct world *w = *state;
	struct netlink_link link;

	expect_ok(w, netlink_link_del(rtnl_buffer(w->rtnl), w->tap.index));
	assert_int_equal(rtnl_link(w->rtnl, "tap0", &link), -ENODEV);
	assert_int_equal(
		rtnl_request(w->rtnl, netlink_link_del(rtnl_buffer(w->rtnl), w->tap.index)),
		-ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_links, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_link_local_address, setup, teardown),
		cmocka_unit_test_setup_teardown(test_addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_routes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_error_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_neighbours, setup, teardown),
		cmocka_unit_test_setup_teardown(test_notifications, setup, teardown),
		cmocka_unit_test_setup_teardown(test_request_within_a_notification, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_lost_notifications, setup, teardown),
		cmocka_unit_test_setup_teardown(test_batch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ignore_linkdown, setup, teardown),
		cmocka_unit_test_setup_teardown(test_link_del, setup, teardown),
	};

	if (unshare(CLONE_NEWNET) < 0 || access("/dev/net/tun", R_OK | W_OK) < 0) {
		printf("skipped: needs root and /dev/net/tun: %s\n", strerror(errno));
		return EXIT_SKIP;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
