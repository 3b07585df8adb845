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

static void expect_help(const char *line, const char *text)
{
	struct strbuf out;
	size_t at;

	strbuf_init(&out);
	enum grammar_result result = grammar_help(&grammar, line, is_open, NULL, &out, &at);
	assert_string_equal(out.text, text);
	assert_int_equal(result, GRAMMAR_OK);
	strbuf_fini(&out);
}

static void help_lists_what_can_follow(void **state)
{
	(void)state;
	expect_help("ip nhrp ", "  map       Static mappings\n"
	                        "  nhs       Next hop server\n"
	                        "  short     A word that begins another\n"
	                        "  shortcut  Shortcut switching\n");
	expect_help("ip nhrp map ", "  A.B.C.D    IP address\n"
	                            "  multicast  Multicast mapping\n");
	expect_help("ip nhrp nhs 1.1.1.1 ", "  nbma      Next hop server\n"
	                                    "  priority  Next hop server\n"
	                                    "  <cr>\n");
	expect_help("tunnel key ", "  <0-4294967295>  Key\n");
	expect_help("tunnel key 1 ", "  <cr>\n");
	expect_help("ip nhrp map 1.1.1.1 ", "  A.B.C.D  Network mask\n"
	                                    "  X:X::X   IPv6 address\n");
	expect_help("interface tunnel ", "  <0-2147483647>  Interface number\n");
}

static void help_inside_a_word_lists_the_words_on_one_line(void **state)
{
	(void)state;
	expect_help("sh", "show  shutdown\n");
	expect_help("ip nhrp s", "short  shortcut\n");
	expect_help("ip nhrp map m", "multicast\n");
	expect_help("tunnel key 12", "<0-4294967295>\n");
	expect_help("interface g", "GigabitEthernet\n");
}

static void help_for_what_cannot_be_says_where(void **state)
{
	struct strbuf out;
	size_t at;

	(void)state;
	strbuf_init(&out);
	assert_int_equal(grammar_help(&grammar, "ip zork ", NULL, NULL, &out, &at),
	                 GRAMMAR_INVALID);
	assert_int_equal(at, 3);
	assert_int_equal(grammar_help(&grammar, "ip z", NULL, NULL, &out, &at), GRAMMAR_INVALID);
	assert_int_equal(at, 3);
	assert_int_equal(grammar_help(&grammar, "sh ip ", NULL, NULL, &out, &at),
	                 GRAMMAR_AMBIGUOUS);
	assert_int_equal(at, 0);
	assert_int_equal(out.len, 0);
	strbuf_fini(&out);
}

static void expect_completions(const char *line, const char *text)
{
	struct strbuf out;

	strbuf_init(&out);
	grammar_complete(&grammar, line, is_open, NULL, &out);
	assert_string_equal(out.text, text);
	strbuf_fini(&out);
}

static void tab_offers_whole_keywords(void **state)
{
	(void)state;
	expect_completions("shu", "shutdown\n");
	expect_completions("ip nhrp sh", "short\nshortcut\n");
	expect_completions("tunnel key ", "");
	expect_completions("interface Tu", "Tunnel\n");
	expect_completions("zork ", "");
}

static void errors_read_as_on_ios(void **state)
{
	struct strbuf out;

	(void)state;
	strbuf_init(&out);
	grammar_explain(GRAMMAR_INVALID, "ip zork", 3, 3, &out);
	grammar_explain(GRAMMAR_INVALID, "\xc3\xa9 x", 3, 0, &out);
	grammar_explain(GRAMMAR_INCOMPLETE, "ip", 2, 3, &out);
	grammar_explain(GRAMMAR_AMBIGUOUS, "sh ip", 0, 3, &out);
	grammar_explain(GRAMMAR_OK, "shut", 0, 3, &out);
	assert_string_equal(out.text, "      ^\n"
	                              "% Invalid input detected at '^' marker.\n"
	                              "  ^\n"
	                              "% Invalid input detected at '^' marker.\n"
	                              "% Incomplete command.\n"
	                              "% Ambiguous command:  \"sh ip\"\n");
	strbuf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_lists_what_can_follow),
		cmocka_unit_test(help_inside_a_word_lists_the_words_on_one_line),
		cmocka_unit_test(help_for_what_cannot_be_says_where),
		cmocka_unit_test(tab_offers_whole_keywords),
		cmocka_unit_test(errors_read_as_on_ios),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
