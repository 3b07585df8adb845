/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates in kept blocks. A certificate begins with its head line and ends with `quit`. */
#include "config/chain.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct line {
	const char *at; /* without blanks around it */
	size_t len;
};

/* The line at *at, which is moved behind it. False at the end of the text. */
static bool next_line(const char **at, struct line *ret)
{
	if (!**at)
		return false;
	size_t len = strcspn(*at, "\n");
	const char *start = *at + strspn(*at, " \t");
	const char *end = *at + len;
	*at = end + (*end == '\n');
	while (end > start && strchr(" \t\r", end[-1]))
		end--;
	*ret = (struct line){ start, end > start ? (size_t)(end - start) : 0 };
	return true;
}

static bool begins_with(const struct line *line, const char *word)
{
	size_t len = strlen(word);

	return line->len >= len && strncasecmp(line->at, word, len) == 0;
}

static bool is_quit(const struct line *line)
{
	return line->len == 4 && strncasecmp(line->at, "quit", 4) == 0;
}

static bool opens_certificate(const struct line *line)
{
	/* One in a router's memory is a line by itself. */
	return begins_with(line, "certificate ") && !memchr(line->at, ':', line->len);
}

static int digit_of(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

static const char *add_hex(const struct line *line, struct config_certificate *ret, bool *half)
{
	for (size_t i = 0; i < line->len; i++) {
		int digit = digit_of(line->at[i]);
		if (line->at[i] == ' ' || line->at[i] == '\t')
			continue;
		if (digit < 0)
			return "not hexadecimal";
		if (!*half && ret->len == CONFIG_CERTIFICATE_MAX)
			return "too long";
		if (*half)
			ret->der[ret->len++] |= (uint8_t)digit;
		else
			ret->der[ret->len] = (uint8_t)(digit << 4);
		*half = !*half;
	}
	return NULL;
}

/* Reads up to and with `quit`. NULL, or what is wrong. */
static const char *read_hex(const char **at, struct config_certificate *ret)
{
	const char *wrong = NULL;
	struct line line;
	bool half = false;

	ret->len = 0;
	while (next_line(at, &line)) {
		if (is_quit(&line)) {
			if (wrong)
				return wrong;
			return half ? "half a byte at its end" : ret->len ? NULL : "empty";
		}
		if (!wrong)
			wrong = add_hex(&line, ret, &half);
	}
	return "it does not end with quit";
}

/* The next certificate from *at on; its head line in *ret_head. False behind the last. */
static bool next_certificate(const char **at, struct line *ret_head, const char **ret_wrong,
                             struct config_certificate *ret)
{
	while (next_line(at, ret_head)) {
		if (!opens_certificate(ret_head))
			continue;
		*ret_wrong = read_hex(at, ret);
		return true;
	}
	return false;
}

/* The trustpoint's name in a head line; NULL when the line is none. `crypto ca` is older IOS's. */
static const char *name_in(const char *line)
{
	static const char *const heads[] = { "crypto pki certificate chain ",
		                             "crypto ca certificate chain " };

	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
		if (strncasecmp(line, heads[i], strlen(heads[i])) == 0)
			return line + strlen(heads[i]) + strspn(line + strlen(heads[i]), " ");
	return NULL;
}

bool config_chain_is_head(const char *line)
{
	return name_in(line);
}

static bool is_block_of(const char *text, const char *trustpoint)
{
	const char *name = name_in(text);
	size_t len = strlen(trustpoint);

	return name && strncmp(name, trustpoint, len) == 0 &&
	       (name[len] == '\n' || name[len] == '\0');
}

void config_chain_drop(struct snapshot *s, const char *trustpoint)
{
	for (size_t i = s->foreign.n; i-- > 0;)
		if (is_block_of(s->foreign.line[i].text, trustpoint))
			snap_lines_del(&s->foreign, i);
}

static const char *block_of(const struct snapshot *s, const char *trustpoint)
{
	for (size_t i = 0; i < s->foreign.n; i++)
		if (is_block_of(s->foreign.line[i].text, trustpoint))
			return s->foreign.line[i].text;
	return NULL;
}

bool config_chain_next(const struct snapshot *s, const char *trustpoint, const char **cursor,
                       struct config_certificate *ret)
{
	struct line head;
	const char *wrong;

	if (!*cursor)
		*cursor = block_of(s, trustpoint);
	if (!*cursor)
		return false;
	while (next_certificate(cursor, &head, &wrong, ret))
		if (!wrong)
			return true;
	return false;
}

bool config_chain_is_wrong(const char *block, char text[static CONFIG_CHAIN_TEXT_SIZE])
{
	struct config_certificate cert;
	struct line head;
	const char *wrong;

	bool any = false;

	while (next_certificate(&block, &head, &wrong, &cert)) {
		if (!wrong)
			continue;
		snprintf(text, CONFIG_CHAIN_TEXT_SIZE, "%.*s: %s",
		         (int)(head.len < 100 ? head.len : 100), head.at, wrong);
		any = true;
	}
	return any;
}
