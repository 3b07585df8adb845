/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/links.h"

static void take_link(struct links *l, int index, const char *name)
{
	struct netlink_event e = { .object = NETLINK_LINK, .link.index = index };

	snprintf(e.link.name, sizeof e.link.name, "%s", name);
	links_take(l, &e);
}

static struct prefix prefix(const char *text, uint8_t len)
{
	struct prefix p = { .len = len };

	assert_true(addr_parse(text, &p.addr));
	return p;
}

static void take_address(struct links *l, int index, const char *text, uint8_t len)
{
	struct netlink_event e = { .object = NETLINK_ADDRESS };

	e.address.index = index;
	e.address.prefix = prefix(text, len);
	links_take(l, &e);
}

static void expect_first(const struct links *l, int index, enum addr_family family,
                         const char *expected)
{
	char text[ADDR_TEXT_LEN];

	addr_format(&links_first_address(l, index, family)->addr, text);
	assert_string_equal(text, expected);
}

static void looks_up_what_was_dumped(void **state)
{
	struct links l = { 0 };
	struct prefix p = prefix("1.1.1.2", 24);

	(void)state;
	take_link(&l, 1, "lo");
	take_link(&l, 2, "eth0");
	take_address(&l, 1, "127.0.0.1", 8);
	take_address(&l, 2, "1.1.1.2", 24);
	take_address(&l, 2, "1.1.1.3", 24);
	take_address(&l, 2, "1.1.1.2", 24); /* the dump began again */
	take_link(&l, 2, "wan0");           /* renamed meanwhile */

	assert_int_equal(l.n_links, 2);
	assert_int_equal(l.n_addresses, 3);
	assert_null(links_by_name(&l, "eth0"));
	assert_int_equal(links_by_name(&l, "wan0")->index, 2);
	assert_string_equal(links_by_index(&l, 1)->name, "lo");
	assert_null(links_by_index(&l, 3));
	assert_string_equal(links_with_address(&l, &p.addr)->name, "wan0");
	assert_true(links_has(&l, 2, &p));
	assert_false(links_has(&l, 1, &p));
	p.len = 25;
	assert_false(links_has(&l, 2, &p));
	links_fini(&l);
}

static void first_address_is_one_to_send_to(void **state)
{
	struct links l = { 0 };

	(void)state;
	take_link(&l, 1, "lo");
	take_link(&l, 2, "eth0");
	take_address(&l, 1, "127.0.0.1", 8);
	take_address(&l, 1, "::1", 128);
	take_address(&l, 2, "fe80::1", 64);
	expect_first(&l, 1, ADDR_V4, "none");
	expect_first(&l, 1, ADDR_V6, "none");
	expect_first(&l, 2, ADDR_V6, "none");
	take_address(&l, 1, "10.0.0.1", 32);
	take_address(&l, 2, "2001:db8::1", 64);
	take_address(&l, 2, "1.1.1.2", 24);
	take_address(&l, 2, "1.1.1.3", 24);
	expect_first(&l, 1, ADDR_V4, "10.0.0.1");
	expect_first(&l, 2, ADDR_V4, "1.1.1.2");
	expect_first(&l, 2, ADDR_V6, "2001:db8::1");
	links_clear(&l);
	expect_first(&l, 2, ADDR_V4, "none");
	links_fini(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_up_what_was_dumped),
		cmocka_unit_test(first_address_is_one_to_send_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
