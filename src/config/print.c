/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The running configuration: the rows in their order, each printing its own line, with the kept
 * lines between them in their places.
 */
#include <string.h>
#include <strings.h>

#include "config/blocks.h"
#include "config/line.h"
#include "util/memory.h"

enum { SECRET_PREFIX = 3 /* letters from which on an abbreviation announces a secret */ };

/* Keywords whose next word is a secret, and how many words may stand between ("secret 5 HASH"). */
static const char *const secrets[] = {
	"authentication", "authentication-key",
	"community",      "key",
	"key-string",     "md5",
	"password",       "psk",
	"pre-shared-key", "secret",
};

/* Abbreviated too: in logs, lines stand as they were typed. */
static bool is_secret_word(const char *word, size_t len)
{
	bool is_key = len < SECRET_PREFIX && strncasecmp(word, "key", len) == 0;

	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
		if (len >= SECRET_PREFIX && strlen(secrets[i]) >= len &&
		    strncasecmp(secrets[i], word, len) == 0)
			return true;
	return is_key;
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
		return (const char *)p->interface->tunnel;
	case BASE_OBJECT:
		break;
	}
	return p->object;
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
	const char *indent = p->block == CONFIG_GLOBAL ? "" : " ";
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

static bool is_in_scope(const struct printing *p)
{
	if (block_of_row(p->row) != p->block)
		return false;
	if (p->row->scope == SCOPE_PORT)
		return p->interface->kind == SNAP_PORT;
	return p->row->scope != SCOPE_TUNNEL || p->interface->tunnel;
}

static const struct snap_lines *kept_of(const struct printing *p)
{
	switch (p->block) {
	case CONFIG_GLOBAL:
		return &p->s->kept;
	case CONFIG_INTERFACE:
		return &p->interface->kept;
	default:
		return block_kept(p->block, p->object);
	}
}

/* Rows from one index to another, each followed by the kept lines of its place. */
static void print_rows(struct printing *p, size_t from, size_t to)
{
	const struct snap_lines *kept = kept_of(p);
	size_t next = 0;

	while (next < kept->n && kept->line[next].place < from)
		next++;
	for (size_t i = from; i < to; i++) {
		p->row = &config_rows[i];
		if (is_in_scope(p))
			print_row(p);
		for (; next < kept->n && kept->line[next].place == i; next++) {
			strbuf_adds(p->out, p->block == CONFIG_GLOBAL ? "" : " ");
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

static void print_interface(const struct printing *p, const struct snap_interface *i)
{
	struct printing inside = *p;

	inside.block = CONFIG_INTERFACE;
	inside.interface = i;
	strbuf_printf(p->out, "interface %s\n", i->name);
	print_rows(&inside, 0, config_n_rows);
	separate(p);
}

void print_block(const struct printing *p, enum config_block block, const void *object,
                 const char *head)
{
	struct printing inside = *p;

	inside.block = block;
	inside.object = object;
	separate(p);
	strbuf_printf(p->out, "%s\n", head);
	print_rows(&inside, 0, config_n_rows);
	separate(p);
}

/*
 * Index of the row that a function sets. What is global is printed in three parts: the rows before
 * those of crypto, these, and behind the interfaces the rest.
 */
static size_t find_row(bool (*set)(struct edit *e, const struct grammar_args *args))
{
	size_t i = 0;

	while (config_rows[i].set != set)
		i++;
	return i;
}

void config_print(const struct snapshot *s, bool hide, struct strbuf *out)
{
	struct printing p = { .s = s, .hide = hide, .out = out, .start = out->len };
	const size_t crypto = find_row(set_trustpoint), interface = find_row(set_interface);

	print_rows(&p, 0, crypto);
	separate(&p);
	print_foreign(&p, LINE_FOREIGN_EARLY);
	print_rows(&p, crypto, interface);
	separate(&p);
	for (size_t i = 0; i < s->n_interfaces; i++)
		print_interface(&p, s->interface[i]);
	print_rows(&p, interface, config_n_rows);
	separate(&p);
	print_foreign(&p, LINE_FOREIGN_LATE);
	strbuf_adds(out, "end\n");
}

bool config_has_secrets(const struct snapshot *s)
{
	struct strbuf open, hidden;

	strbuf_init(&open);
	strbuf_init(&hidden);
	config_print(s, false, &open);
	config_print(s, true, &hidden);
	bool differ = open.len != hidden.len || memcmp(open.text, hidden.text, open.len) != 0;
	memory_wipe(open.text, open.len);
	strbuf_fini(&open);
	strbuf_fini(&hidden);
	return differ;
}
