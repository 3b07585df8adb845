/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system under a kernel that is stood in for here: links, addresses and routes in arrays. What
 * it is asked to change is a trace, "+address 2 1.1.1.2/24".
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/files.h"
#include "daemon/system.h"

enum { OBJECTS_MAX = 16 };

struct rtnl {
	_Alignas(struct nlmsghdr) char buffer[NETLINK_MESSAGE_MAX];
	struct netlink_link link[OBJECTS_MAX];
	struct netlink_address address[OBJECTS_MAX];
	struct netlink_route route[OBJECTS_MAX];
	size_t n_links, n_addresses, n_routes;
	struct strbuf trace;
	int refuse_routes; /* what every new route is answered with */
};

struct world {
	char path[64];
	int dir_fd;
	struct log log;
	int log_fd;
	struct rtnl rtnl;
	struct ledger *ledger;
	struct system sys;
	struct ports ports;
	struct snapshot *s;
	char forwarding_file[128];
};

/* ---- the kernel ---- */

void *rtnl_buffer(struct rtnl *rtnl)
{
	return rtnl->buffer;
}

const char *rtnl_error_text(const struct rtnl *rtnl)
{
	(void)rtnl;
	return "";
}

static struct netlink_link *link_by_index(struct rtnl *r, int index)
{
	for (size_t i = 0; i < r->n_links; i++) {
		if (r->link[i].index == index)
			return &r->link[i];
	}
	return NULL;
}

static int change_link(struct rtnl *r, struct nlmsghdr *message)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);
	struct netlink_link *link = link_by_index(r, info->ifi_index);

	if (!link)
		return -ENODEV;
	if (message->nlmsg_type == RTM_DELLINK) {
		strbuf_printf(&r->trace, "-link %d\n", info->ifi_index);
		*link = r->link[--r->n_links];
		return 0;
	}
	assert_int_equal(info->ifi_change, IFF_UP);
	link->up = info->ifi_flags & IFF_UP;
	strbuf_printf(&r->trace, "%s %d\n", link->up ? "up" : "down", link->index);
	return 0;
}

static int change_address(struct rtnl *r, const struct netlink_event *e)
{
	const struct netlink_address *a = &e->address;
	char text[PREFIX_TEXT_LEN];
	size_t i = 0;

	while (i < r->n_addresses && !(r->address[i].index == a->index &&
	                               prefix_equal(&r->address[i].prefix, &a->prefix)))
		i++;
	strbuf_printf(&r->trace, "%caddress %d %s\n", e->deleted ? '-' : '+', a->index,
	              prefix_format(&a->prefix, text));
	if (e->deleted) {
		if (i == r->n_addresses)
			return -EADDRNOTAVAIL;
		r->address[i] = r->address[--r->n_addresses];
		return 0;
	}
	r->address[r->n_addresses++] = *a;
	return 0;
}

static int change_route(struct rtnl *r, const struct netlink_event *e)
{
	char to[PREFIX_TEXT_LEN], via[ADDR_TEXT_LEN];
	size_t i = 0;

	while (i < r->n_routes && !(prefix_equal(&r->route[i].to, &e->route.to) &&
	                            r->route[i].metric == e->route.metric))
		i++;
	if (!e->deleted && r->refuse_routes)
		return r->refuse_routes;
	strbuf_printf(&r->trace, "%croute %s %s %d %u%s\n", e->deleted ? '-' : '+',
	              prefix_format(&e->route.to, to), addr_format(&e->route.via, via),
	              e->route.index, e->route.metric,
	              e->route.type == NETLINK_ROUTE_BLACKHOLE ? " blackhole" : "");
	if (e->deleted) {
		if (i == r->n_routes)
			return -ESRCH;
		r->route[i] = r->route[--r->n_routes];
		return 0;
	}
	if (i < r->n_routes)
		return -EEXIST;
	r->route[r->n_routes++] = e->route;
	return 0;
}

int rtnl_request(struct rtnl *rtnl, struct nlmsghdr *message)
{
	struct netlink_event event;

	if (message->nlmsg_type == RTM_NEWLINK || message->nlmsg_type == RTM_DELLINK)
		return change_link(rtnl, message);
	assert_true(netlink_parse(message, &event));
	return event.object == NETLINK_ADDRESS ? change_address(rtnl, &event)
	                                       : change_route(rtnl, &event);
}

int rtnl_dump(struct rtnl *r, struct nlmsghdr *message,
              void (*each)(void *ctx, const struct netlink_event *event), void *ctx)
{
	if (message->nlmsg_type == RTM_GETLINK) {
		for (size_t i = 0; i < r->n_links; i++)
			each(ctx,
			     &(struct netlink_event){ .object = NETLINK_LINK, .link = r->link[i] });
	} else if (message->nlmsg_type == RTM_GETADDR) {
		for (size_t i = 0; i < r->n_addresses; i++)
			each(ctx, &(struct netlink_event){ .object = NETLINK_ADDRESS,
			                                   .address = r->address[i] });
	} else {
		for (size_t i = 0; i < r->n_routes; i++)
			each(ctx, &(struct netlink_event){ .object = NETLINK_ROUTE_ENTRY,
			                                   .route = r->route[i] });
	}
	return 0;
}

/* ---- the world ---- */

static struct prefix prefix(const char *text, uint8_t len)
{
	struct prefix p = { .len = len };

	assert_true(addr_parse(text, &p.addr));
	return p;
}

static void add_link(struct world *w, int index, const char *name, bool up)
{
	struct netlink_link *l = &w->rtnl.link[w->rtnl.n_links++];

	*l = (struct netlink_link){ .index = index, .up = up, .running = up, .mtu_bytes = 1500 };
	snprintf(l->name, sizeof l->name, "%s", name);
}

static void add_route(struct world *w, const char *to, uint8_t len, const char *via)
{
	w->s->route = realloc(w->s->route, (w->s->n_routes + 1) * sizeof *w->s->route);
	struct snap_route *r = &w->s->route[w->s->n_routes++];
	*r = (struct snap_route){ .to = prefix(to, len) };
	if (via)
		r->via = prefix(via, 32).addr;
	else
		snprintf(r->interface, sizeof r->interface, "Null0");
}

static void begin(struct world *w)
{
	assert_int_equal(ledger_open(w->dir_fd, &w->ledger), 0);
	system_init(&w->sys, &w->rtnl, w->ledger, &w->log);
	w->sys.forwarding_file = w->forwarding_file;
	assert_int_equal(system_look(&w->sys), 0);
}

static void end(struct world *w)
{
	system_fini(&w->sys);
	ledger_close(w->ledger);
}

/* A spoke's port with its address and default route, in a system that has the port, down. */
static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	snprintf(w->path, sizeof w->path, "/tmp/system-test-XXXXXX");
	assert_non_null(mkdtemp(w->path));
	w->dir_fd = files_open_dir(w->path);
	snprintf(w->forwarding_file, sizeof w->forwarding_file, "%s/ip_forward", w->path);
	assert_int_equal(files_replace(w->dir_fd, "ip_forward", 0600, "0\n"), 0);
	w->log_fd = openat(w->dir_fd, "log", O_CREAT | O_RDWR, 0600);
	log_init(&w->log, w->log_fd);
	strbuf_init(&w->rtnl.trace);
	w->s = snapshot_new();
	struct snap_interface *port = snapshot_add_interface(w->s, SNAP_PORT, "FastEthernet0/0");
	port->addressing = SNAP_ADDRESS_STATIC;
	port->address[0] = prefix("1.1.1.2", 24);
	port->n_address = 1;
	add_route(w, "0.0.0.0", 0, "1.1.1.1");
	assert_true(ports_add(&w->ports, "Fa0/0=eth0"));
	add_link(w, 2, "eth0", false);
	begin(w);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	end(w);
	snapshot_free(w->s);
	ports_fini(&w->ports);
	strbuf_fini(&w->rtnl.trace);
	close(w->log_fd);
	unlinkat(w->dir_fd, "ip_forward", 0);
	unlinkat(w->dir_fd, "log", 0);
	unlinkat(w->dir_fd, LEDGER_FILE, 0);
	close(w->dir_fd);
	assert_int_equal(rmdir(w->path), 0);
	free(w);
	return 0;
}

static void apply(struct world *w)
{
	size_t n;

	assert_int_equal(system_look(&w->sys), 0);
	struct ledger_item *wanted = system_wanted(w->s, &w->ports, &w->sys.links, &n);
	system_remove_unwanted(&w->sys, wanted, n);
	system_add_interfaces(&w->sys, wanted, n);
	system_add_routes(&w->sys, wanted, n);
	free(wanted);
}

static void expect(struct world *w, const char *trace)
{
	assert_string_equal(w->rtnl.trace.text, trace);
	strbuf_truncate(&w->rtnl.trace, 0);
}

static void expect_forwarding(const struct world *w, char expected)
{
	struct strbuf text;

	strbuf_init(&text);
	assert_int_equal(files_read(w->dir_fd, "ip_forward", 16, &text), 0);
	assert_int_equal(text.text[0], expected);
	strbuf_fini(&text);
}

static size_t logged_lines(const struct world *w)
{
	struct strbuf text;
	size_t n = 0;

	strbuf_init(&text);
	assert_int_equal(files_read(w->dir_fd, "log", 1 << 20, &text), 0);
	for (size_t i = 0; i < text.len; i++)
		n += text.text[i] == '\n';
	strbuf_fini(&text);
	return n;
}

static struct snap_interface *port(const struct world *w)
{
	return w->s->interface[0];
}

/* ---- the tests ---- */

static void everything_comes_and_goes(void **state)
{
	struct world *w = *state;

	apply(w);
	expect(w, "up 2\n+address 2 1.1.1.2/24\n+route 0.0.0.0/0 1.1.1.1 0 1\n");
	expect_forwarding(w, '1');
	assert_int_equal(ledger_count(w->ledger), 4);
	apply(w);
	expect(w, "");
	system_remove_all(&w->sys);
	expect(w, "-route 0.0.0.0/0 1.1.1.1 0 1\n-address 2 1.1.1.2/24\ndown 2\n");
	expect_forwarding(w, '0');
	assert_int_equal(ledger_count(w->ledger), 0);
}

static void what_was_there_stays(void **state)
{
	struct world *w = *state;

	w->rtnl.link[0].up = true;
	w->rtnl.address[w->rtnl.n_addresses++] =
		(struct netlink_address){ .index = 2, .prefix = prefix("1.1.1.2", 24) };
	assert_int_equal(files_replace(w->dir_fd, "ip_forward", 0600, "1\n"), 0);
	apply(w);
	expect(w, "+route 0.0.0.0/0 1.1.1.1 0 1\n");
	system_remove_all(&w->sys);
	expect(w, "-route 0.0.0.0/0 1.1.1.1 0 1\n");
	expect_forwarding(w, '1');
}

static void a_killed_daemons_things_are_known(void **state)
{
	struct world *w = *state;

	apply(w);
	end(w); /* its ledger stays, as after a kill */
	strbuf_truncate(&w->rtnl.trace, 0);
	begin(w);
	apply(w);
	expect(w, "");
	port(w)->address[0] = prefix("1.1.1.3", 24); /* meanwhile somebody edited the file */
	apply(w);
	expect(w, "-address 2 1.1.1.2/24\n+address 2 1.1.1.3/24\n");
	system_remove_all(&w->sys);
	expect(w, "-route 0.0.0.0/0 1.1.1.1 0 1\n-address 2 1.1.1.3/24\ndown 2\n");
	expect_forwarding(w, '0');
}

static void only_differences_are_carried_out(void **state)
{
	struct world *w = *state;

	apply(w);
	strbuf_truncate(&w->rtnl.trace, 0);
	port(w)->address[1] = prefix("1.1.1.1", 24); /* secondary, though lower */
	port(w)->n_address = 2;
	add_route(w, "10.0.0.0", 8, NULL);
	w->s->route[1].distance = 250;
	w->s->no_ip_routing = true;
	apply(w);
	expect(w, "+address 2 1.1.1.1/24\n+route 10.0.0.0/8 none 0 250 blackhole\n");
	expect_forwarding(w, '0');
	w->s->route[1].distance = 255; /* never believed */
	apply(w);
	expect(w, "-route 10.0.0.0/8 none 0 250 blackhole\n");
}

static void addresses_keep_their_order(void **state)
{
	struct world *w = *state;

	port(w)->address[0] = prefix("1.1.1.9", 24);
	port(w)->address[1] = prefix("1.1.1.2", 24);
	port(w)->n_address = 2;
	apply(w);
	expect(w, "up 2\n+address 2 1.1.1.9/24\n+address 2 1.1.1.2/24\n"
	          "+route 0.0.0.0/0 1.1.1.1 0 1\n");
}

static void a_port_is_brought_up_once(void **state)
{
	struct world *w = *state;

	apply(w);
	strbuf_truncate(&w->rtnl.trace, 0);
	w->rtnl.link[0].up = false; /* by hand */
	apply(w);
	expect(w, "");
	w->rtnl.link[0].index = 7; /* unplugged, plugged in again */
	w->rtnl.n_addresses = 0;
	apply(w);
	expect(w, "up 7\n+address 7 1.1.1.2/24\n");
	port(w)->shutdown = true;
	apply(w);
	expect(w, "down 7\n");
	port(w)->shutdown = false;
	apply(w);
	expect(w, "up 7\n");
}

static void shutdown_of_a_port_that_was_up_is_put_back(void **state)
{
	struct world *w = *state;

	w->rtnl.link[0].up = true;
	port(w)->shutdown = true;
	w->s->n_routes = 0;
	apply(w);
	expect(w, "down 2\n+address 2 1.1.1.2/24\n");
	system_remove_all(&w->sys);
	expect(w, "-address 2 1.1.1.2/24\nup 2\n");
}

static void dhcp_addresses_are_the_systems(void **state)
{
	struct world *w = *state;

	port(w)->addressing = SNAP_ADDRESS_DHCP;
	w->s->n_routes = 0;
	apply(w);
	expect(w, "up 2\n");
}

static void a_port_that_is_not_there_is_waited_for(void **state)
{
	struct world *w = *state;

	w->rtnl.n_links = 0;
	w->rtnl.refuse_routes = -ENETUNREACH;
	apply(w);
	expect(w, "");
	assert_true(w->sys.waiting);
	assert_int_equal(logged_lines(w), 0);
	add_link(w, 3, "eth0", false);
	w->rtnl.refuse_routes = 0;
	apply(w);
	expect(w, "up 3\n+address 3 1.1.1.2/24\n+route 0.0.0.0/0 1.1.1.1 0 1\n");
	assert_false(w->sys.waiting);
}

static void a_failure_is_logged_once(void **state)
{
	struct world *w = *state;

	w->rtnl.refuse_routes = -EPERM;
	apply(w);
	apply(w);
	assert_int_equal(logged_lines(w), 1);
	assert_int_equal(ledger_count(w->ledger), 3); /* not noted: it is not there */
	w->rtnl.refuse_routes = 0;
	apply(w);
	assert_int_equal(ledger_count(w->ledger), 4);
}

static void routes_lost_with_a_link_come_back(void **state)
{
	struct world *w = *state;

	apply(w);
	strbuf_truncate(&w->rtnl.trace, 0);
	w->rtnl.n_routes = 0; /* the kernel takes them when a link goes down */
	apply(w);
	expect(w, "+route 0.0.0.0/0 1.1.1.1 0 1\n");
	size_t n;
	struct netlink_route *routes = system_routes(&w->sys, &n);
	assert_int_equal(n, 1);
	free(routes);
}

static void tunnels_are_noted_and_removed(void **state)
{
	struct world *w = *state;

	assert_int_equal(system_note_tunnel(&w->sys, "Tunnel0"), 0);
	add_link(w, 9, "Tunnel0", true);
	system_remove_tunnel(&w->sys, "Tunnel0");
	expect(w, "-link 9\n");
	assert_int_equal(system_note_tunnel(&w->sys, "Tunnel1"), 0);
	system_remove_tunnel(&w->sys, "Tunnel1"); /* it went by itself */
	expect(w, "");
	assert_int_equal(ledger_count(w->ledger), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everything_comes_and_goes),
		TEST(what_was_there_stays),
		TEST(a_killed_daemons_things_are_known),
		TEST(only_differences_are_carried_out),
		TEST(addresses_keep_their_order),
		TEST(a_port_is_brought_up_once),
		TEST(shutdown_of_a_port_that_was_up_is_put_back),
		TEST(dhcp_addresses_are_the_systems),
		TEST(a_port_that_is_not_there_is_waited_for),
		TEST(a_failure_is_logged_once),
		TEST(routes_lost_with_a_link_come_back),
		TEST(tunnels_are_noted_and_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
