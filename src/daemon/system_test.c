/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/fake_kernel.h"
#include "daemon/files.h"
#include "daemon/system.h"

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

/* ---- the world ---- */

static void add_route(struct world *w, const char *to, uint8_t len, const char *via)
{
	w->s->route = realloc(w->s->route, (w->s->n_routes + 1) * sizeof *w->s->route);
	struct snap_route *r = &w->s->route[w->s->n_routes++];
	*r = (struct snap_route){ .to = fake_prefix(to, len) };
	if (via)
		r->via = fake_prefix(via, 32).addr;
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
	port->address[0] = fake_prefix("1.1.1.2", 24);
	port->n_address = 1;
	add_route(w, "0.0.0.0", 0, "1.1.1.1");
	assert_true(ports_add(&w->ports, "Fa0/0=eth0"));
	fake_add_link(&w->rtnl, 2, "eth0", false);
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
	fake_expect(&w->rtnl, trace);
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
	fake_add_address(&w->rtnl, 2, "1.1.1.2", 24);
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
	port(w)->address[0] = fake_prefix("1.1.1.3", 24); /* meanwhile somebody edited the file */
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
	port(w)->address[1] = fake_prefix("1.1.1.1", 24); /* secondary, though lower */
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

	port(w)->address[0] = fake_prefix("1.1.1.9", 24);
	port(w)->address[1] = fake_prefix("1.1.1.2", 24);
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
	fake_add_link(&w->rtnl, 3, "eth0", false);
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
	fake_add_link(&w->rtnl, 9, "Tunnel0", true);
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
