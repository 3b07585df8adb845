/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of `ping`, which may come in any order: a table of their own, matched piece by piece,
 * the longest piece first.
 */
#include "cli/session.h"

#include <ctype.h>
#include <string.h>

enum option { OPTION_DF_BIT, OPTION_REPEAT, OPTION_SIZE, OPTION_SOURCE, OPTION_TIMEOUT };

struct option_row {
	struct grammar_row head;
	enum option option;
};

static const struct option_row rows[] = {
	{ { "df-bit", "Set the don't-fragment bit" }, OPTION_DF_BIT },
	{ { "repeat <1-2147483647>", "How many" }, OPTION_REPEAT },
	{ { "size <36-18024>", "Bytes of the whole IP packet" }, OPTION_SIZE },
	{ { "source {A.B.C.D|INTERFACE}", "Source address, or the interface that has it" },
	  OPTION_SOURCE },
	{ { "timeout <1-3600>", "Seconds to wait for an answer" }, OPTION_TIMEOUT },
};

static const struct grammar grammar = { .rows = rows,
	                                .n_rows = sizeof rows / sizeof *rows,
	                                .stride = sizeof *rows };

/* A piece of the options: one of them, from at, len bytes long. */
struct piece {
	const struct option_row *row;
	struct grammar_args args;
	size_t len;
};

static bool ends_word(const char *text, size_t len)
{
	return len && !isblank((unsigned char)text[len - 1]) &&
	       (!text[len] || isblank((unsigned char)text[len]));
}

/* The longest option that text begins with. followed: a blank must follow it. */
static bool first_piece(const char *text, bool followed, struct piece *ret)
{
	char head[GRAMMAR_LINE_MAX];

	for (size_t len = strlen(text); len && len < sizeof head; len--) {
		size_t row, column;
		if (!ends_word(text, len) || (followed && !text[len]))
			continue;
		memcpy(head, text, len);
		head[len] = '\0';
		if (grammar_match(&grammar, head, NULL, NULL, &row, &ret->args, &column) !=
		    GRAMMAR_OK)
			continue;
		ret->row = &rows[row];
		ret->len = len;
		return true;
	}
	return false;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* The address of an interface, as `source Loopback0` wants it. */
static bool interface_address(const struct show_source *source, const char *name, struct addr *ret)
{
	struct interface_view view;
	size_t cursor = 0;

	while (source->interface_next(source->ctx, &cursor, &view)) {
		if (strcmp(view.name, name) == 0) {
			*ret = view.address.addr;
			return !addr_is_none(ret);
		}
	}
	return false;
}

static bool put_source(struct exec_call *call, const struct grammar_args *args,
                       struct cli_ping *ping)
{
	const struct grammar_arg *address = grammar_arg(args, "A.B.C.D");
	const struct grammar_arg *interface = grammar_arg(args, "INTERFACE");

	if (address) {
		ping->source = address->addr;
		return true;
	}
	if (interface &&
	    interface_address(&call->session->host.show, interface->text, &ping->source))
		return true;
	(void)exec_refuse_text(call->out,
	                       "Invalid source interface - it does not exist or has no IP address");
	return false;
}

static bool apply(struct exec_call *call, const struct piece *piece, struct cli_ping *ping)
{
	const struct grammar_arg *arg = piece->args.n ? &piece->args.arg[0] : NULL;
	const uint32_t number = arg ? (uint32_t)arg->number : 0;

	switch (piece->row->option) {
	case OPTION_DF_BIT:
		ping->df = true;
		return true;
	case OPTION_REPEAT:
		ping->repeat = number;
		return true;
	case OPTION_SIZE:
		ping->size_bytes = number;
		return true;
	case OPTION_SOURCE:
		return put_source(call, &piece->args, ping);
	case OPTION_TIMEOUT:
		ping->timeout_s = number;
		return true;
	}
	return false;
}

bool exec_ping_options(struct exec_call *call, struct cli_ping *ping)
{
	const char *at = skip_blanks(call->options);
	struct piece piece;

	while (*at && first_piece(at, false, &piece)) {
		if (!apply(call, &piece, ping))
			return false;
		at = skip_blanks(at + piece.len);
	}
	if (!*at)
		return true;
	size_t row, column = 0;
	struct exec_fault fault = { .line = call->line };
	fault.result = grammar_match(&grammar, at, NULL, NULL, &row, &piece.args, &column);
	fault.column = call->options_column + (size_t)(at - call->options) + column;
	(void)exec_refuse(call->session, &fault, call->out);
	return false;
}

/* Where the option begins that is being typed. */
static const char *last_piece(const char *options)
{
	const char *at = skip_blanks(options);
	struct piece piece;

	while (*at && first_piece(at, true, &piece))
		at = skip_blanks(at + piece.len);
	return at;
}

enum grammar_result exec_options_help(const char *options, struct strbuf *out, size_t *ret_column)
{
	const char *last = last_piece(options);
	enum grammar_result result = grammar_help(&grammar, last, NULL, NULL, out, ret_column);

	*ret_column += (size_t)(last - options);
	if (!*last)
		strbuf_adds(out, "  <cr>\n");
	return result;
}

void exec_options_complete(const char *options, struct strbuf *out)
{
	grammar_complete(&grammar, last_piece(options), NULL, NULL, out);
}
