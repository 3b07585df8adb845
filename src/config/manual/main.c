/* SPDX-License-Identifier: Apache-2.0 */
/* gen-manual man|markdown: prints dmvpnd.conf(5) or the command reference from the rows. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "config/blocks.h"
#include "config/config.h"

enum form { FORM_MAN, FORM_MARKDOWN };

static const struct {
	enum config_class class;
	const char *title, *text;
} classes[] = {
	{ CONFIG_WORKS, "Commands in force", "These do what they say." },
	{ CONFIG_KNOWN, "Commands known and not yet in force",
	  "These are accepted, checked and kept, and do nothing yet; "
	  "dmvpnd --check warns of each. "
	  "A tunnel of another mode, or with another form of tunnel protection, stays down." },
	{ CONFIG_NOT_OURS, "Commands that are not ours",
	  "These belong to other parts of a router. "
	  "They are kept word for word in the running configuration, with the lines of their "
	  "blocks; dmvpnd --check notes each." },
};

static const char *const intro[] = {
	"The configuration has the syntax of Cisco IOS. "
	"A line is tried in the block in which it stands, then globally. "
	"Indentation, blank lines and comments (from ! to the end of the line) do not matter; "
	"keywords may be abbreviated as long as they stay unambiguous; "
	"no before a command takes it back.",
	"In the patterns, {a|b} is one of several, [x] may be left out, <low-high> is a number, "
	"A.B.C.D an IPv4 address, X:X::X an IPv6 address, ADDR either, MASK a network mask, "
	"A.B.C.D/M and X:X::X/M prefixes, INTERFACE an interface (Fa0/0, tunnel 0, eth0), "
	"WORD one word, and LINE the rest of the line.",
};

/* Markdown takes <, | and * in text as its own; patterns stand between backquotes. */
static void print_text(enum form form, const char *text)
{
	for (; *text; text++) {
		if (form == FORM_MAN && (*text == '\\' || (*text == '.' && text[1] == '\0')))
			fputs(*text == '\\' ? "\\e" : ".", stdout);
		else if (form == FORM_MARKDOWN && strchr("<*_", *text))
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

/* A pattern in mdoc: as a literal, its quotes and minus signs as they are. */
static void print_man_pattern(const char *text)
{
	fputs(".It Ic \"", stdout);
	for (; *text; text++) {
		if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
	}
	puts("\"");
}

/* One sentence a line, as mdoc wants it. */
static void print_paragraph(enum form form, const char *text)
{
	for (; *text; text++) {
		putchar(*text);
		if (form == FORM_MAN && strchr(".;", *text) && text[1] == ' ') {
			putchar('\n');
			text++;
		}
	}
	putchar('\n');
}

static void print_entry(enum form form, const struct config_manual *m)
{
	if (form == FORM_MAN) {
		print_man_pattern(m->pattern);
	} else {
		printf("| `");
		for (const char *at = m->pattern; *at; at++)
			printf(*at == '|' ? "\\|" : "%c", *at);
		printf("` | ");
	}
	print_text(form, m->help);
	if (form == FORM_MAN)
		puts(".");
	if (m->range_and_default) {
		fputs(form == FORM_MAN ? "Default or note: " : " | ", stdout);
		print_text(form, m->range_and_default);
		if (form == FORM_MAN)
			puts(".");
	} else if (form == FORM_MARKDOWN) {
		printf(" | ");
	}
	if (form == FORM_MARKDOWN)
		puts(" |");
}

static void print_title(enum form form, enum config_block block)
{
	fputs(form == FORM_MAN ? ".Ss " : "\n### ", stdout);
	if (block == CONFIG_GLOBAL)
		puts("Global");
	else if (block == CONFIG_INTERFACE)
		puts("Under an interface");
	else
		printf("Under %s\n", block_head(block));
}

static bool has_entries(enum config_class class, enum config_block block)
{
	struct config_manual m;

	for (size_t i = 0; config_manual(i, &m); i++)
		if (m.class == class && m.block == block)
			return true;
	return false;
}

static void print_rows(enum form form, enum config_class class, enum config_block block)
{
	struct config_manual m;

	print_title(form, block);
	puts(form == FORM_MAN ? ".Bl -tag -width Ds"
	                      : "\n| command | what it does | default or note |\n|---|---|---|");
	for (size_t i = 0; config_manual(i, &m); i++)
		if (m.class == class && m.block == block)
			print_entry(form, &m);
	if (form == FORM_MAN)
		puts(".El");
}

/* The rows that are not ours are many and say little: their patterns in one list. */
static void print_not_ours(enum form form, enum config_block block)
{
	struct config_manual m;
	bool first = true;

	print_title(form, block);
	if (form == FORM_MARKDOWN)
		putchar('\n');
	for (size_t i = 0; config_manual(i, &m); i++) {
		if (m.class != CONFIG_NOT_OURS || m.block != block)
			continue;
		size_t len = strcspn(m.pattern, "[{<ALMWIX");
		while (len && m.pattern[len - 1] == ' ')
			len--;
		printf(form == FORM_MAN ? "%s%.*s" : "%s`%.*s`", first ? "" : ",\n", (int)len,
		       m.pattern);
		first = false;
	}
	puts(".");
}

static void print_head(enum form form)
{
	if (form == FORM_MAN)
		puts(".\\\" SPDX-License-Identifier: Apache-2.0\n"
		     ".\\\" Generated from the configuration's rows by gen-manual.\n"
		     ".Dd November 22, 2025\n.Dt DMVPND.CONF 5\n.Os OpenDMVPN\n"
		     ".Sh NAME\n.Nm dmvpnd.conf\n.Nd configuration of dmvpnd\n.Sh DESCRIPTION");
	else
		puts("<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
		     "<!-- Generated by gen-manual markdown, in the build directory. -->\n"
		     "# Configuration commands\n");
	for (size_t i = 0; i < sizeof intro / sizeof intro[0]; i++) {
		if (i)
			puts(form == FORM_MAN ? ".Pp" : "");
		print_paragraph(form, intro[i]);
	}
}

static void print_manual(enum form form)
{
	print_head(form);
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		if (form == FORM_MAN) {
			fputs(".Sh ", stdout);
			for (const char *at = classes[i].title; *at; at++)
				putchar(toupper((unsigned char)*at));
			putchar('\n');
		} else {
			printf("\n## %s\n\n", classes[i].title);
		}
		print_paragraph(form, classes[i].text);
		for (int block = CONFIG_GLOBAL; block < CONFIG_BLOCKS_N; block++) {
			if (!has_entries(classes[i].class, (enum config_block)block))
				continue;
			if (classes[i].class == CONFIG_NOT_OURS)
				print_not_ours(form, (enum config_block)block);
			else
				print_rows(form, classes[i].class, (enum config_block)block);
		}
	}
	if (form == FORM_MAN)
		puts(".Sh FILES\n.Bl -tag -width Ds\n.It Pa /etc/dmvpnd/dmvpnd.conf\n"
		     "The default configuration.\n.El\n"
		     ".Sh SEE ALSO\n.Xr dmvpnsh 1 ,\n.Xr dmvpnd 8");
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "man") == 0) {
		print_manual(FORM_MAN);
	} else if (argc == 2 && strcmp(argv[1], "markdown") == 0) {
		print_manual(FORM_MARKDOWN);
	} else {
		fputs("usage: gen-manual man|markdown\n", stderr);
		return 1;
	}
	return 0;
}
