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

#include "daemon/files.h"
#include "daemon/ledger.h"

struct place {
	char path[64];
	int dir_fd;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	snprintf(p->path, sizeof p->path, "/tmp/ledger-test-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	p->dir_fd = files_open_dir(p->path);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	unlinkat(p->dir_fd, LEDGER_FILE, 0);
	close(p->dir_fd);
	assert_int_equal(rmdir(p->path), 0);
	free(p);
	return 0;
}

static struct ledger_item item(const char *line)
{
	struct ledger_item i;

	assert_true(ledger_item_parse(line, &i));
	return i;
}

static const char address[] = "address eth0 1.1.1.2/24 - 0";
static const char route[] = "route - 0.0.0.0/0 1.1.1.1 1";
static const char forwarding[] = "forwarding - - - 0";

static struct ledger *opened(const struct place *p)
{
	struct ledger *l = NULL;

	assert_int_equal(ledger_open(p->dir_fd, &l), 0);
	return l;
}

static bool has(const struct ledger *l, const char *line)
{
	struct ledger_item i = item(line);

	return ledger_has(l, &i);
}

static void note(struct ledger *l, const char *line)
{
	struct ledger_item i = item(line);

	assert_int_equal(ledger_note(l, &i), 0);
}

static void forget(struct ledger *l, const char *line)
{
	struct ledger_item i = item(line);

	ledger_forget(l, &i);
}

static void append_raw(const struct place *p, const char *text)
{
	int fd = openat(p->dir_fd, LEDGER_FILE, O_WRONLY | O_APPEND);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void lines_round_trip(void **state)
{
	static const char *const lines[] = {
		"route - 10.0.0.0/8 - 200",
		"route Tunnel0 10.0.0.0/8 10.10.10.1 1",
		"address eth0 1.1.1.2/24 - 0",
		"address lo 2001:db8::1/128 - 0",
		"up eth0 - - 0",
		"down eth1 - - 0",
		"tunnel Tunnel21474836 - - 0",
		"forwarding - - - 0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct ledger_item it = item(lines[i]);
		struct strbuf out;
		strbuf_init(&out);
		ledger_item_print(&it, &out);
		assert_string_equal(out.text, lines[i]);
		strbuf_fini(&out);
	}
}

static void nonsense_is_no_item(void **state)
{
	static const char *const lines[] = {
		"",
		"route",
		"bridge - - - 0",
		"route - 10.0.0.0/33 - 0",
		"route - 10.0.0.0/ - 0",
		"route - 10.0.0.0 - 0",
		"route - 10.0.0.0/8 nowhere 0",
		"address eth0 1.1.1.2/24 - 0 more",
		"address a-name-that-is-too-long 1.1.1.2/24 - 0",
	};
	struct ledger_item i;

	(void)state;
	for (size_t n = 0; n < sizeof lines / sizeof lines[0]; n++)
		assert_false(ledger_item_parse(lines[n], &i));
}

static void items_are_described(void **state)
{
	static const char *const both[][2] = {
		{ "route - 0.0.0.0/0 2.2.2.1 1", "route 0.0.0.0/0 via 2.2.2.1" },
		{ "route Tunnel0 10.0.0.0/8 - 1", "route 10.0.0.0/8 on Tunnel0" },
		{ "address eth0 1.1.1.2/24 - 0", "address 1.1.1.2/24 on eth0" },
		{ "up eth0 - - 0", "state up on eth0" },
		{ "tunnel Tunnel0 - - 0", "interface Tunnel0" },
	};
	struct ledger_item i;
	struct strbuf text;

	(void)state;
	strbuf_init(&text);
	for (size_t n = 0; n < sizeof both / sizeof both[0]; n++) {
		assert_true(ledger_item_parse(both[n][0], &i));
		strbuf_truncate(&text, 0);
		ledger_item_describe(&i, &text);
		assert_string_equal(text.text, both[n][1]);
	}
	strbuf_fini(&text);
}

static void items_have_an_order(void **state)
{
	static const char *const lines[] = {
		"route - 10.0.0.0/8 - 1",       "route - 10.0.0.0/8 1.1.1.1 1",
		"route - 10.0.0.0/8 1.1.1.1 2", "route - 10.0.0.0/9 - 1",
		"route Tunnel0 10.0.0.0/8 - 1", "address eth0 1.1.1.2/24 - 0",
		"address eth0 1.1.1.3/24 - 0",  "up eth0 - - 0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		for (size_t j = 0; j < sizeof lines / sizeof lines[0]; j++) {
			struct ledger_item a = item(lines[i]), b = item(lines[j]);
			int order = ledger_item_compare(&a, &b);
			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
	}
}

static void survives_being_killed(void **state)
{
	struct place *p = *state;
	struct ledger *l = opened(p);
	size_t n;

	note(l, forwarding);
	note(l, address);
	note(l, address);
	note(l, route);
	note(l, "up eth0 - - 0");
	forget(l, "up eth0 - - 0");
	ledger_close(l); /* with things noted, the same as being killed */

	append_raw(p, "+ tunnel Tun"); /* cut off */
	l = opened(p);
	assert_int_equal(ledger_count(l), 3);
	assert_true(has(l, address) && has(l, route) && has(l, forwarding));
	struct ledger_item *items = ledger_items(l, &n);
	assert_int_equal(n, 3);
	assert_int_equal(items[0].kind, LEDGER_ROUTE);
	assert_int_equal(items[1].kind, LEDGER_ADDRESS);
	assert_int_equal(items[2].kind, LEDGER_FORWARDING);
	free(items);
	ledger_close(l);
}

static void empty_ledger_leaves_no_file(void **state)
{
	struct place *p = *state;
	struct ledger *l = opened(p);

	note(l, address);
	forget(l, address);
	forget(l, route); /* never noted */
	assert_int_equal(ledger_count(l), 0);
	ledger_close(l);
	assert_int_equal(faccessat(p->dir_fd, LEDGER_FILE, F_OK, 0), -1);
}

static void another_boot_starts_afresh(void **state)
{
	struct place *p = *state;
	static const char text[] = "boot of-yesterday netns 1\n+ address eth0 1.1.1.2/24 - 0\n";

	assert_int_equal(files_replace(p->dir_fd, LEDGER_FILE, 0600, text), 0);
	struct ledger *l = opened(p);
	assert_int_equal(ledger_count(l), 0);
	ledger_close(l);
}

static void junk_lines_are_passed_over(void **state)
{
	struct place *p = *state;
	struct ledger *l = opened(p);

	note(l, address);
	ledger_close(l);
	append_raw(p, "\n?? what\n+\n- nothing\n+ route - 0.0.0.0/0 1.1.1.1 1\n");
	l = opened(p);
	assert_int_equal(ledger_count(l), 2);
	assert_true(has(l, address) && has(l, route));
	ledger_close(l);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_round_trip),    cmocka_unit_test(nonsense_is_no_item),
		cmocka_unit_test(items_have_an_order), cmocka_unit_test(items_are_described),
		TEST(survives_being_killed),           TEST(empty_ledger_leaves_no_file),
		TEST(another_boot_starts_afresh),      TEST(junk_lines_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
