/* SPDX-License-Identifier: Apache-2.0 */
/* The engine on a small set of rows: what matches, what is refused and where the caret goes, `?`
 * and TAB. */
#include "config/grammar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct row {
	struct grammar_row head;
	bool secret;
};

enum {
	ROW_MAP,
	ROW_MULTICAST,
	ROW_NHS,
	ROW_KEY,
	ROW_DESCRIPTION,
	ROW_INTERFACE,
	ROW_SHOW,
	ROW_SHORTCUT,
	ROW_SHORT,
	ROW_SHUTDOWN,
	ROW_ROUTE,
	ROW_SECRET,
	ROW_HOSTNAME,
	ROW_NONE,
	ROW_PREFIX,
};

static const struct row rows[] = {
	[ROW_MAP] = { { "ip nhrp map A.B.C.D [MASK] ADDR", "Static mapping" }, false },
	[ROW_MULTICAST] = { { "ip nhrp map multicast {ADDR|dynamic}", "Multicast mapping" },
	                    false },
	[ROW_NHS] = { { "ip nhrp nhs {A.B.C.D [nbma {ADDR|WORD} [multicast]]|dynamic nbma "
	                "{ADDR|WORD} [multicast]} [priority <0-255>]",
	                "Next hop server" },
	              false },
	[ROW_KEY] = { { "tunnel key <0-4294967295>", "Key" }, false },
	[ROW_DESCRIPTION] = { { "description LINE", "Text about this interface" }, false },
	[ROW_INTERFACE] = { { "interface INTERFACE", "Select an interface" }, false },
	[ROW_SHOW] = { { "show ip nhrp [brief|detail] [INTERFACE]", "The cache" }, false },
	[ROW_SHORTCUT] = { { "ip nhrp shortcut", "Shortcut switching" }, false },
	[ROW_SHORT] = { { "ip nhrp short", "A word that begins another" }, false },
	[ROW_SHUTDOWN] = { { "shutdown", "Shut down" }, false },
	[ROW_ROUTE] = { { "ip route A.B.C.D MASK {A.B.C.D|INTERFACE [A.B.C.D]} [<1-255>] [name "
	                  "WORD]",
	                  "Static route" },
	                false },
	[ROW_SECRET] = { { "ip secret", "Not for everyone" }, true },
	[ROW_HOSTNAME] = { { "hostname WORD", "Name of this router" }, false },
	[ROW_NONE] = { { NULL, NULL }, false },
	[ROW_PREFIX] = { { "ipv6 nhrp map X:X::X/M {A.B.C.D|X:X::X}", "IPv6 mapping" }, false },
};

static const struct grammar_word words[] = {
	{ "ip", "Internet Protocol" },
	{ "nhrp", "Next Hop Resolution Protocol" },
	{ "map", "Static mappings" },
};

static const struct grammar grammar = {
	rows, sizeof rows / sizeof rows[0], sizeof rows[0], words, sizeof words / sizeof words[0],
};

static bool is_open(const void *row, void *ctx)
{
	(void)ctx;
	return !((const struct row *)row)->secret;
}

static size_t column;

static enum grammar_result match(const char *line, size_t *ret_row, struct grammar_args *args)
{
	column = 999;
	return grammar_match(&grammar, line, is_open, NULL, ret_row, args, &column);
}

static void expect_row(const char *line, size_t row, struct grammar_args *args)
{
	size_t got = 999;
	enum grammar_result result = match(line, &got, args);

	if (result != GRAMMAR_OK || got != row)
		print_error("\"%s\": result %d, row %zu, column %zu\n", line, result, got, column);
	assert_int_equal(result, GRAMMAR_OK);
	assert_int_equal(got, row);
}

static void expect_refused(const char *line, enum grammar_result result, size_t at)
{
	struct grammar_args args;
	size_t row;
	enum grammar_result got = match(line, &row, &args);

	if (got != result || column != at)
		print_error("\"%s\": result %d, column %zu\n", line, got, column);
	assert_int_equal(got, result);
	assert_int_equal(column, at);
}

static void a_line_fills_the_slots_of_its_row(void **state)
{
	struct grammar_args args;
	const struct addr hub = addr_v4(10, 0, 0, 1), nbma = addr_v4(1, 1, 1, 2);

	(void)state;
	expect_row("ip nhrp map 10.0.0.1 1.1.1.2", ROW_MAP, &args);
	assert_int_equal(args.n, 2);
	assert_true(addr_equal(&grammar_arg(&args, "A.B.C.D")->addr, &hub));
	assert_true(addr_equal(&grammar_arg(&args, "ADDR")->addr, &nbma));
	assert_null(grammar_arg(&args, "MASK"));

	expect_row("  ip   nhrp\tmap 10.0.0.0 255.255.255.0 1.1.1.2  ", ROW_MAP, &args);
	assert_int_equal(args.n, 3);
	assert_int_equal(grammar_arg(&args, "MASK")->mask_len, 24);
	assert_string_equal(grammar_arg(&args, "ADDR")->text, "1.1.1.2");

	expect_row("tunnel key 4294967295", ROW_KEY, &args);
	assert_true(args.arg[0].number == 4294967295u);
	assert_string_equal(args.arg[0].name, "<0-4294967295>");

	expect_row("description  The  hub ! of  all ", ROW_DESCRIPTION, &args);
	assert_string_equal(args.arg[0].text, "The  hub ! of  all");

	expect_row("ipv6 nhrp map FC00:1::/64 1.2.3.4", ROW_PREFIX, &args);
	assert_int_equal(args.arg[0].prefix.len, 64);
	assert_int_equal(args.arg[0].prefix.addr.family, ADDR_V6);
	assert_int_equal(args.arg[1].addr.family, ADDR_V4);
}

static void alternatives_and_optional_words_are_reported(void **state)
{
	struct grammar_args args;

	(void)state;
	expect_row("ip nhrp nhs 10.0.0.1", ROW_NHS, &args);
	assert_int_equal(args.n, 1);
	assert_false(grammar_has(&args, "multicast"));

	expect_row("ip nhrp nhs 10.0.0.1 nbma hub.example.net mul pri 7", ROW_NHS, &args);
	assert_true(grammar_has(&args, "nbma"));
	assert_true(grammar_has(&args, "multicast"));
	assert_string_equal(grammar_arg(&args, "WORD")->text, "hub.example.net");
	assert_int_equal(grammar_arg(&args, "<0-255>")->number, 7);

	expect_row("ip nhrp nhs dynamic nbma 2001:db8::1 priority 0", ROW_NHS, &args);
	assert_true(grammar_has(&args, "dynamic"));
	assert_int_equal(grammar_arg(&args, "ADDR")->addr.family, ADDR_V6);
	assert_null(grammar_arg(&args, "WORD"));

	expect_row("show ip nhrp", ROW_SHOW, &args);
	assert_int_equal(args.n, 0);
	expect_row("sho ip nh br tu0", ROW_SHOW, &args);
	assert_true(grammar_has(&args, "brief"));
	assert_string_equal(grammar_arg(&args, "INTERFACE")->text, "Tunnel0");
	expect_row("sho ip nh tunnel 10", ROW_SHOW, &args);
	assert_string_equal(grammar_arg(&args, "INTERFACE")->text, "Tunnel10");
}

static void keywords_are_abbreviated_while_unambiguous(void **state)
{
	struct grammar_args args;

	(void)state;
	expect_row("IP NHRP Map Mul Dyn", ROW_MULTICAST, &args);
	expect_row("shu", ROW_SHUTDOWN, &args);
	expect_refused("sh", GRAMMAR_AMBIGUOUS, 0);
	expect_refused("ip n m 1.1.1.1", GRAMMAR_INCOMPLETE, 14);
	/* "ip" is a whole word although "ipv6" is longer; "i" may also be "interface". */
	expect_refused("i nhrp short", GRAMMAR_AMBIGUOUS, 0);
	expect_row("ip nhrp short", ROW_SHORT, &args);
	expect_row("ip nhrp shortc", ROW_SHORTCUT, &args);
	expect_refused("ip nhrp sho", GRAMMAR_AMBIGUOUS, 8);
}

static void the_caret_points_at_the_word_that_is_wrong(void **state)
{
	(void)state;
	expect_refused("zork", GRAMMAR_INVALID, 0);
	expect_refused("  ip nhrp zork", GRAMMAR_INVALID, 10);
	expect_refused("tunnel key 4294967296", GRAMMAR_INVALID, 11);
	expect_refused("tunnel key 99999999999999999999999", GRAMMAR_INVALID, 11);
	expect_refused("tunnel key -1", GRAMMAR_INVALID, 11);
	expect_refused("tunnel key 1 2", GRAMMAR_INVALID, 13);
	expect_refused("tunnel key", GRAMMAR_INCOMPLETE, 10);
	expect_refused("tunnel key   ", GRAMMAR_INCOMPLETE, 10);
	expect_refused("ip nhrp nhs 10.0.0.1 priority 256", GRAMMAR_INVALID, 30);
	expect_refused("ip nhrp nhs 10.0.0.1 nbma", GRAMMAR_INCOMPLETE, 25);
	expect_refused("ip route 0.0.0.0 255.0.255.0 1.1.1.1", GRAMMAR_INVALID, 17);
	expect_refused("ip nhrp map 10.0.0.256 1.1.1.1", GRAMMAR_INVALID, 12);
	expect_refused("ip secret", GRAMMAR_INVALID, 3);
	expect_refused("ipv6 nhrp map fc00::/129 1.1.1.1", GRAMMAR_INVALID, 14);
	expect_refused("interface Tunnel 99999999999", GRAMMAR_INVALID, 17);
	expect_refused("interface tunnel", GRAMMAR_INCOMPLETE, 16);
	expect_refused("hostname a b", GRAMMAR_INVALID, 11);
}

static void blank_lines_and_comments_are_empty(void **state)
{
	(void)state;
	expect_refused("", GRAMMAR_EMPTY, 0);
	expect_refused(" \t\r", GRAMMAR_EMPTY, 0);
	expect_refused("  ! ip nhrp", GRAMMAR_EMPTY, 0);
}

static void lines_have_limits(void **state)
{
	static char line[GRAMMAR_LINE_MAX + 2];
	struct grammar_args args;

	(void)state;
	memset(line, 'x', GRAMMAR_LINE_MAX);
	expect_refused(line, GRAMMAR_TOO_LONG, 0);
	memcpy(line, "description ", 12);
	line[GRAMMAR_LINE_MAX - 1] = '\0';
	expect_row(line, ROW_DESCRIPTION, &args);
	assert_int_equal(strlen(args.arg[0].text), GRAMMAR_LINE_MAX - 13);
	memcpy(line, "interface 9", 11);
	expect_refused(line, GRAMMAR_INVALID, 10);
	for (size_t i = 12; i < 400; i += 2)
		memcpy(line + i, "y ", 3);
	memcpy(line, "description ", 12);
	expect_row(line, ROW_DESCRIPTION, &args);
	assert_int_equal(strlen(args.arg[0].text), 387);
	memcpy(line, "hostname h h", 12);
	expect_refused(line, GRAMMAR_INVALID, 11);
}

static void a_route_takes_a_next_hop_an_interface_or_both(void **state)
{
	struct grammar_args args;

	(void)state;
	expect_row("ip route 0.0.0.0 0.0.0.0 1.1.1.1", ROW_ROUTE, &args);
	assert_int_equal(args.n, 3);
	assert_string_equal(args.arg[2].name, "A.B.C.D");
	expect_row("ip route 0.0.0.0 0.0.0.0 fastEthernet 0/0 1.1.1.1 200 name dsl", ROW_ROUTE,
	           &args);
	assert_string_equal(grammar_arg(&args, "INTERFACE")->text, "FastEthernet0/0");
	assert_string_equal(args.arg[3].text, "1.1.1.1");
	assert_int_equal(grammar_arg(&args, "<1-255>")->number, 200);
	assert_string_equal(grammar_arg(&args, "WORD")->text, "dsl");
	expect_row("ip route 10.0.0.0 255.0.0.0 null0", ROW_ROUTE, &args);
	assert_string_equal(grammar_arg(&args, "INTERFACE")->text, "Null0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_fills_the_slots_of_its_row),
		cmocka_unit_test(alternatives_and_optional_words_are_reported),
		cmocka_unit_test(keywords_are_abbreviated_while_unambiguous),
		cmocka_unit_test(the_caret_points_at_the_word_that_is_wrong),
		cmocka_unit_test(blank_lines_and_comments_are_empty),
		cmocka_unit_test(lines_have_limits),
		cmocka_unit_test(a_route_takes_a_next_hop_an_interface_or_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
