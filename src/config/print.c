/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The running configuration: the rows in their order, each printing its own line, with the kept
 * lines between them in their places.
 */
#include <string.h>

#include "config/line.h"

/* Keywords whose next word is a secret, and how many words may stand between ("secret 5 HASH"). */
static const char *const secrets[] = {
	"authentication", "authentication-key",
	"community",      "key",
	"key-string",     "md5",
	"password",       "psk",
	"pre-shared-key", "secret",
};

static bool is_secret_word(const char *word, size_t len)
{
	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
		if (strlen(secrets[i]) == len && strncmp(secrets[i], word, len) == 0)
			return true;
	return false;
}

/* Words that may stand between a secret's keyword and the secret, or are no secret themselves. */
static bool is_open_word(const char *word, size_t len)
{
	static const char *const words[] = { "0",
		                             "5",
		                             "6",
		                             "7",
		                             "8",
		                             "9",
		                             "chain",
		                             "local",
		                             "remote",
		                             "address",
		                             "zeroize",
		                             "encryption",
		                             "pre-share",
		                             "rsa-sig",
		                             "rsa-encr",
		                             "ecdsa-sig",
		                             "message-digest",
		                             "mode",
		                             "login",
		                             "default",
		                             "hex",
		                             "key-chain",
		                             "generate",
		                             "password",
		                             "config-key",
		                             "key",
		                             "md5",
		                             "ipsec",
		                             "eap",
		                             "group" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strlen(words[i]) == len && strncmp(words[i], word, len) == 0)
			return true;
	return false;
}

/* Copies a line and puts <hidden> for what follows a word that announces a secret. */
static void print_hidden(const char *line, size_t len, struct strbuf *out)
{
	bool next = false;

	for (size_t i = 0; i < len;) {
		size_t blanks = strspn(line + i, " \t");
		strbuf_add(out, line + i, blanks);
		i += blanks;
		size_t word = strcspn(line + i, " \t\n");
		if (!word)
			break;
		if (next && !is_open_word(line + i, word)) {
			strbuf_adds(out, "<hidden>");
			next = false;
		} else {
			next = is_secret_word(line + i, word) ||
			       (next && word == 1 && line[i] >= '0' && line[i] <= '9') ||
			       (next && strchr("lrh", line[i]));
			strbuf_add(out, line + i, word);
		}
		i += word;
	}
}

void config_print_hidden(const char *line, struct strbuf *out)
{
	print_hidden(line, strlen(line), out);
}

static void print_text(const struct printing *p, const char *text)
{
	if (!p->hide) {
		strbuf_adds(p->out, text);
		strbuf_addc(p->out, '\n');
		return;
	}
	while (*text) {
		size_t len = strcspn(text, "\n");
		print_hidden(text, len, p->out);
		strbuf_addc(p->out, '\n');
		text += len + (text[len] == '\n');
	}
}

static const char *base_of(const struct printing *p)
{
	switch (p->row->field.base) {
	case BASE_SNAPSHOT:
		return (const char *)p->s;
	case BASE_INTERFACE:
		return (const char *)p->interface;
	case BASE_TUNNEL:
		break;
	}
	return (const char *)p->interface->tunnel;
}

static void print_number(const struct printing *p, const char *indent)
{
	const struct row_field *f = &p->row->field;
	const char *at = base_of(p) + f->offset, *pattern = p->row->yes.pattern;
	unsigned long value = f->size == 1   ? *(const uint8_t *)at
	                      : f->size == 2 ? *(const uint16_t *)at
	                                     : *(const uint32_t *)at;
	bool present = f->has ? *(const bool *)(base_of(p) + f->has) : value != 0;

	if (present)
		strbuf_printf(p->out, "%s%.*s%lu\n", indent, (int)strcspn(pattern, "<"), pattern,
		              value);
}

static void print_row(const struct printing *p)
{
	const char *indent = p->interface ? " " : "";
	const struct row *row = p->row;

	if (row->flags & ROW_ALIAS)
		return;
	switch (row->kind) {
	case ROW_CUSTOM:
		if (row->print)
			row->print(p);
		break;
	case ROW_NUMBER:
		print_number(p, indent);
		break;
	case ROW_FLAG:
	case ROW_NO:
		if (*(const bool *)(base_of(p) + row->field.offset))
			strbuf_printf(p->out, "%s%s%s\n", indent, row->kind == ROW_NO ? "no " : "",
			              row->yes.pattern);
		break;
	case ROW_KEPT:
	case ROW_MODE:
	case ROW_MARK:
		break;
	}
}

static bool is_in_scope(const struct row *row, const struct snap_interface *i)
{
	switch (row->scope) {
	case SCOPE_GLOBAL:
		return !i;
	case SCOPE_INTERFACE:
		return i;
	case SCOPE_PORT:
		return i && i->kind == SNAP_PORT;
	case SCOPE_TUNNEL:
		break;
	}
	return i && i->tunnel;
}

/* Rows from one index to another, each followed by the kept lines of its place. */
static void print_rows(struct printing *p, size_t from, size_t to)
{
	const struct snap_lines *kept = p->interface ? &p->interface->kept : &p->s->kept;
	size_t next = 0;

	while (next < kept->n && kept->line[next].place < from)
		next++;
	for (size_t i = from; i < to; i++) {
		p->row = &config_rows[i];
		if (is_in_scope(p->row, p->interface))
			print_row(p);
		for (; next < kept->n && kept->line[next].place == i; next++) {
			strbuf_adds(p->out, p->interface ? " " : "");
			print_text(p, kept->line[next].text);
		}
	}
}

/* One "!" between blocks, none at the start. */
static void separate(const struct printing *p)
{
	const struct strbuf *out = p->out;
	size_t len = out->len - p->start;

	if (len && (len < 3 || strcmp(out->text + out->len - 3, "\n!\n") != 0))
		strbuf_adds(p->out, "!\n");
}

static void print_foreign(const struct printing *p, uint16_t place)
{
	const struct snap_lines *foreign = &p->s->foreign;

	for (size_t i = 0; i < foreign->n; i++) {
		bool is_block = strchr(foreign->line[i].text, '\n');
		if (foreign->line[i].place != place)
			continue;
		print_text(p, foreign->line[i].text);
		if (is_block)
			separate(p);
	}
	separate(p);
}

static void print_interface(struct printing *p, const struct snap_interface *i)
{
	p->interface = i;
	strbuf_printf(p->out, "interface %s\n", i->name);
	print_rows(p, 0, config_n_rows);
	separate(p);
	p->interface = NULL;
}

/* Index of the row that opens interfaces: global rows before it come first, those behind it last.
 */
static size_t interface_row(void)
{
	size_t i = 0;

	while (config_rows[i].set != set_interface)
		i++;
	return i;
}

void config_print(const struct snapshot *s, bool hide, struct strbuf *out)
{
	struct printing p = { .s = s, .hide = hide, .out = out, .start = out->len };

	print_rows(&p, 0, interface_row());
	separate(&p);
	print_foreign(&p, LINE_FOREIGN_EARLY);
	for (size_t i = 0; i < s->n_interfaces; i++)
		print_interface(&p, s->interface[i]);
	print_rows(&p, interface_row(), config_n_rows);
	separate(&p);
	print_foreign(&p, LINE_FOREIGN_LATE);
	strbuf_adds(out, "end\n");
}
