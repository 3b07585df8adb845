/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "daemon/fib.h"

static struct netlink_event route(const char *to, const char *via, uint32_t metric)
{
	struct netlink_event e = { .object = NETLINK_ROUTE_ENTRY };
	char address[ADDR_TEXT_LEN];
	unsigned len;

	assert_int_equal(sscanf(to, "%45[^/]/%u", address, &len), 2);
	assert_true(addr_parse(address, &e.route.to.addr));
	e.route.to.len = (uint8_t)len;
	if (via)
		assert_true(addr_parse(via, &e.route.via));
	e.route.metric = metric;
	e.route.table = NETLINK_TABLE_MAIN;
	e.route.protocol = 4;
	e.route.index = 2;
	return e;
}

static void add(struct fib *f, const char *to, const char *via, uint32_t metric)
{
	struct netlink_event e = route(to, via, metric);

	assert_true(fib_take(f, &e));
	assert_false(fib_take(f, &e));
}

static void del(struct fib *f, const char *to, const char *via, uint32_t metric)
{
	struct netlink_event e = route(to, via, metric);

	e.deleted = true;
	assert_true(fib_take(f, &e));
	assert_false(fib_take(f, &e));
}

static void replace(struct fib *f, const char *to, const char *via, uint32_t metric)
{
	struct netlink_event e = route(to, via, metric);

	e.replaces = true;
	assert_true(fib_take(f, &e));
}

/* Looks an address up and says "prefix via". */
#define expect(f, to, what) expect_at(f, to, what, __LINE__)
static void expect_at(const struct fib *f, const char *to, const char *what, int line)
{
	char found[PREFIX_TEXT_LEN + ADDR_TEXT_LEN] = "", prefix[PREFIX_TEXT_LEN],
				     via[ADDR_TEXT_LEN];
	struct netlink_route r;
	struct addr a;

	assert_true(addr_parse(to, &a));
	if (fib_find(f, &a, &r))
		snprintf(found, sizeof found, "%s %s", prefix_format(&r.to, prefix),
		         addr_format(&r.via, via));
	_assert_string_equal(found, what, __FILE__, line);
}

static void longest_match_then_least_metric(void **state)
{
	struct fib *f = fib_new();

	(void)state;
	expect(f, "192.168.3.7", "");
	add(f, "0.0.0.0/0", "1.1.1.1", 0);
	add(f, "192.168.0.0/16", "10.0.0.1", 20);
	add(f, "192.168.3.0/24", "10.0.0.1", 20);
	add(f, "192.168.3.0/24", "10.0.0.9", 5);
	expect(f, "192.168.3.7", "192.168.3.0/24 10.0.0.9");
	expect(f, "192.168.4.7", "192.168.0.0/16 10.0.0.1");
	expect(f, "8.8.8.8", "0.0.0.0/0 1.1.1.1");
	expect(f, "2001:db8::1", "");
	del(f, "192.168.3.0/24", "10.0.0.9", 5);
	expect(f, "192.168.3.7", "192.168.3.0/24 10.0.0.1");
	del(f, "192.168.3.0/24", "10.0.0.1", 20);
	expect(f, "192.168.3.7", "192.168.0.0/16 10.0.0.1");
	fib_clear(f);
	expect(f, "8.8.8.8", "");
	fib_free(f);
}

/* The kernel tells the new one only. */
static void a_replaced_route_is_gone(void **state)
{
	struct fib *f = fib_new();

	(void)state;
	add(f, "192.168.3.0/24", "10.0.0.1", 20);
	add(f, "192.168.3.0/24", "10.0.0.2", 20);
	add(f, "192.168.3.0/24", "10.0.0.3", 30);
	replace(f, "192.168.3.0/24", "10.0.0.4", 20);
	expect(f, "192.168.3.7", "192.168.3.0/24 10.0.0.4");
	del(f, "192.168.3.0/24", "10.0.0.4", 20);
	expect(f, "192.168.3.7", "192.168.3.0/24 10.0.0.3");
	replace(f, "192.168.9.0/24", "10.0.0.4", 20);
	expect(f, "192.168.9.7", "192.168.9.0/24 10.0.0.4");
	fib_free(f);
}

/* A summary to nowhere is no way, whatever lies under it. */
static void what_drops_packets_is_no_way(void **state)
{
	struct netlink_event hole = route("192.168.0.0/16", NULL, 254);
	struct fib *f = fib_new();

	(void)state;
	add(f, "0.0.0.0/0", "1.1.1.1", 0);
	hole.route.type = NETLINK_ROUTE_BLACKHOLE;
	assert_true(fib_take(f, &hole));
	expect(f, "192.168.3.7", "");
	fib_free(f);
}

static void shortcuts_and_other_tables_are_left_out(void **state)
{
	struct netlink_event e = route("192.168.3.0/24", "10.0.0.3", 0);
	struct fib *f = fib_new();

	(void)state;
	e.route.protocol = NETLINK_ROUTE_PROTOCOL;
	assert_false(fib_take(f, &e));
	e.route.protocol = NETLINK_ROUTE_OVERRIDE;
	assert_false(fib_take(f, &e));
	e.route.protocol = NETLINK_ROUTE_PROTOCOL;
	e.route.metric = 1; /* of the configuration */
	assert_true(fib_take(f, &e));
	e.route.metric = 2;
	e.route.table = 100;
	assert_false(fib_take(f, &e));
	e.object = NETLINK_LINK;
	assert_false(fib_take(f, &e));
	fib_free(f);
	fib_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longest_match_then_least_metric),
		cmocka_unit_test(a_replaced_route_is_gone),
		cmocka_unit_test(what_drops_packets_is_no_way),
		cmocka_unit_test(shortcuts_and_other_tables_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
