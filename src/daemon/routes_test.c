/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "daemon/fake_daemon.h"

static const char hub[] = "interface Tunnel0\n"
			  " ip address 10.10.10.1 255.255.255.0\n"
			  " ip nhrp network-id 1\n"
			  " tunnel source eth0\n"
			  " tunnel mode gre multipoint\n"
			  "interface eth0\n"
			  " ip address 1.1.1.2 255.255.255.0\n";

/* The hub's tunnel is interface 5, its port 2. */
static void start(struct fake_daemon *f)
{
	struct strbuf error;

	strbuf_init(&error);
	fake_add_link(&f->kernel, 5, "Tunnel0", true);
	assert_int_equal(fake_daemon_commit(f, hub, &error), 0);
	strbuf_fini(&error);
}

static struct netlink_event route(const char *to, uint8_t len, const char *via, int index)
{
	struct netlink_event e = { .object = NETLINK_ROUTE_ENTRY };

	e.route.to = fake_prefix(to, len);
	if (via)
		e.route.via = fake_prefix(via, 32).addr;
	e.route.index = index;
	e.route.metric = 20;
	e.route.protocol = 4;
	return e;
}

static void there(struct fake_daemon *f, const struct netlink_event *e)
{
	f->kernel.route[f->kernel.n_routes++] = e->route;
}

/* Asks, and says "cookie prefix via" with "tunnel" when it goes by ours. */
#define expect(f, to, what) expect_at(f, to, what, __LINE__)
static void expect_at(struct fake_daemon *f, const char *to, const char *what, int line)
{
	static uint32_t cookie;
	struct node_action a = { .type = NODE_FIND_ROUTE };
	char found[160] = "", prefix[PREFIX_TEXT_LEN], via[ADDR_TEXT_LEN];
	struct node_event e;

	a.route.cookie = ++cookie;
	a.route.to = fake_prefix(to, 32);
	daemon_ask_route(&f->d, &a);
	assert_true(daemon_answer_route(&f->d, &e));
	assert_int_equal(e.type, NODE_ROUTE);
	assert_int_equal(e.route.cookie, cookie);
	if (e.route.found)
		snprintf(found, sizeof found, "%s %s%s", prefix_format(&e.route.to, prefix),
		         addr_format(&e.route.via, via), e.route.by_tunnel ? " tunnel" : "");
	_assert_string_equal(found, what, __FILE__, line);
	assert_false(daemon_answer_route(&f->d, &e));
}

static void routes_are_found(void **state)
{
	struct fake_daemon *f = *state;
	const struct netlink_event spoke = route("192.168.2.0", 24, "10.10.10.2", 5);
	const struct netlink_event lan = route("192.168.1.0", 24, NULL, 3);

	start(f);
	there(f, &spoke);
	there(f, &lan);
	expect(f, "192.168.2.7", "192.168.2.0/24 10.10.10.2 tunnel");
	expect(f, "192.168.1.7", "192.168.1.0/24 none");
	expect(f, "192.168.9.7", "");
}

/* The table is followed once it was asked for; the node is told of what changes. */
static void changes_are_followed(void **state)
{
	struct fake_daemon *f = *state;
	struct netlink_event e = route("192.168.2.0", 24, "10.10.10.2", 5);
	struct daemon_routes *r = &f->d.routes;

	start(f);
	daemon_take_route(&f->d, &e);
	assert_false(uv_is_active((uv_handle_t *)&r->timer)); /* nobody asked yet */
	expect(f, "192.168.2.7", "");
	daemon_take_route(&f->d, &e);
	assert_true(uv_is_active((uv_handle_t *)&r->timer));
	expect(f, "192.168.2.7", "192.168.2.0/24 10.10.10.2 tunnel");
	fake_daemon_run(f, 200);
	assert_false(uv_is_active((uv_handle_t *)&r->timer));
	e.deleted = true;
	daemon_take_route(&f->d, &e);
	expect(f, "192.168.2.7", "");
}

/* A link takes its routes with it, of which the kernel says nothing. */
static void a_link_that_changes_has_all_read_again(void **state)
{
	struct fake_daemon *f = *state;
	const struct netlink_event e = route("192.168.1.0", 24, NULL, 3);

	start(f);
	there(f, &e);
	expect(f, "192.168.1.7", "192.168.1.0/24 none");
	f->kernel.n_routes--;
	expect(f, "192.168.1.7", "192.168.1.0/24 none");
	daemon_routes_stale(&f->d);
	assert_true(uv_is_active((uv_handle_t *)&f->d.routes.timer));
	expect(f, "192.168.1.7", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(routes_are_found, fake_daemon_set_up,
		                                fake_daemon_tear_down),
		cmocka_unit_test_setup_teardown(changes_are_followed, fake_daemon_set_up,
		                                fake_daemon_tear_down),
		cmocka_unit_test_setup_teardown(a_link_that_changes_has_all_read_again,
		                                fake_daemon_set_up, fake_daemon_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
