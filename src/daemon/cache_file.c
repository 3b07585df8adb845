/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's line begins with "tunnel", and has nothing else but its place, if it has one; that of
 * a path, a shortcut or an answer (a network of ours that others were told) with its kind, and ends
 * with what only those have. A version that does not know one of these lines counts it as damaged,
 * and learns anew what it said.
 */
#include "daemon/cache_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WORD_SIZE = 10 };

static const char *const kinds[] = {
	[NODE_SAVED_PATH] = "path",
	[NODE_SAVED_REVERSE] = "reverse",
	[NODE_SAVED_SHORTCUT] = "shortcut",
	[NODE_SAVED_ANSWER] = "answer",
};

static void print_path(const struct node_saved_entry *e, struct strbuf *out)
{
	char own[ADDR_TEXT_LEN], via[ADDR_TEXT_LEN], asked[ADDR_TEXT_LEN], place[ADDR_TEXT_LEN];

	strbuf_printf(
		out, " network-id %" PRIu32 " own %s via %s asked-for %s place %s %u %s %s %s",
		e->network_id, addr_format(&e->own, own), addr_format(&e->via, via),
		addr_format(&e->asked_for, asked), addr_format(&e->place.addr, place),
		e->place.port, e->router ? "router" : "station",
		e->authoritative ? "authoritative" : "other", e->protected ? "protected" : "clear");
}

void cache_file_print(const struct node_saved_entry *e, struct strbuf *out)
{
	char target[ADDR_TEXT_LEN], nbma[ADDR_TEXT_LEN], claimed[ADDR_TEXT_LEN],
		place[ADDR_TEXT_LEN];

	if (e->kind != NODE_SAVED_CLIENT)
		strbuf_printf(out, "%s ", kinds[e->kind]);
	strbuf_printf(out, "tunnel %" PRIu32 " target %s %u nbma %s claimed %s %s", e->tunnel,
	              addr_format(&e->target.addr, target), e->target.len,
	              addr_format(&e->nbma, nbma), addr_format(&e->claimed, claimed),
	              e->unique ? "unique" : "shared");
	strbuf_printf(out,
	              " holdtime %u mtu %u preference %u request-id %" PRIu32 " expires %" PRId64
	              " created %" PRId64,
	              e->holdtime_s, e->mtu_bytes, e->preference, e->request_id, e->expires_wall_ms,
	              e->created_wall_ms);
	if (e->kind != NODE_SAVED_CLIENT)
		print_path(e, out);
	else if (e->place.port)
		strbuf_printf(out, " place %s %u", addr_format(&e->place.addr, place),
		              e->place.port);
	strbuf_addc(out, '\n');
}

static bool parse_addr_or_none(const char *text, struct addr *ret)
{
	if (strcmp(text, "none") != 0)
		return addr_parse(text, ret);
	*ret = ADDR_ANY_NONE;
	return true;
}

/* One of two words: whether it is the first. False when it is neither. */
static bool parse_either(const char *text, const char *yes, const char *no, bool *ret)
{
	*ret = strcmp(text, yes) == 0;
	return *ret || strcmp(text, no) == 0;
}

/* The kind that a line begins with, and *line moves on; NODE_SAVED_CLIENT when it names none. */
static enum node_saved_kind take_kind(const char **line)
{
	for (size_t i = 1; i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t len = strlen(kinds[i]);
		if (strncmp(*line, kinds[i], len) == 0 && (*line)[len] == ' ') {
			*line += len + 1;
			return (enum node_saved_kind)i;
		}
	}
	return NODE_SAVED_CLIENT;
}

/* What follows a client's columns: to the end of the line. A port is read as more than it may be,
 * for sscanf() takes 65537 as 1. */
static bool parse_path(const char *text, struct node_saved_entry *e)
{
	char own[ADDR_TEXT_LEN], via[ADDR_TEXT_LEN], asked[ADDR_TEXT_LEN], place[ADDR_TEXT_LEN];
	char router[WORD_SIZE], authoritative[WORD_SIZE + 4], protected[WORD_SIZE];
	uint32_t port = 0;
	int end = 0;

	int n = sscanf(text,
	               " network-id %" SCNu32
	               " own %45s via %45s asked-for %45s place %45s %5" SCNu32 " %9s %13s %9s%n",
	               &e->network_id, own, via, asked, place, &port, router, authoritative,
	               protected, &end);
	e->place.port = (uint16_t)port;
	return n == 9 && !text[end] && port <= UINT16_MAX && addr_parse(own, &e->own) &&
	       addr_parse(via, &e->via) && parse_addr_or_none(asked, &e->asked_for) &&
	       parse_addr_or_none(place, &e->place.addr) &&
	       parse_either(router, "router", "station", &e->router) &&
	       parse_either(authoritative, "authoritative", "other", &e->authoritative) &&
	       parse_either(protected, "protected", "clear", &e->protected);
}

/* Likewise, of a client. A place without a port is none, and not printed. */
static bool parse_client(const char *text, struct node_saved_entry *e)
{
	char place[ADDR_TEXT_LEN];
	uint32_t port;
	int end = 0;

	if (!text[0])
		return true;
	int n = sscanf(text, " place %45s %5" SCNu32 "%n", place, &port, &end);
	if (n != 2 || text[end] || port == 0 || port > UINT16_MAX)
		return false;
	e->place.port = (uint16_t)port;
	return addr_parse(place, &e->place.addr);
}

bool cache_file_parse(const char *line, struct node_saved_entry *ret)
{
	char target[ADDR_TEXT_LEN], nbma[ADDR_TEXT_LEN], claimed[ADDR_TEXT_LEN], unique[WORD_SIZE];
	struct node_saved_entry e = { .kind = take_kind(&line) };
	int end = 0;

	int n = sscanf(line,
	               "tunnel %" SCNu32 " target %45s %" SCNu8 " nbma %45s claimed %45s %9s"
	               " holdtime %" SCNu16 " mtu %" SCNu16 " preference %" SCNu8
	               " request-id %" SCNu32 " expires %" SCNd64 " created %" SCNd64 "%n",
	               &e.tunnel, target, &e.target.len, nbma, claimed, unique, &e.holdtime_s,
	               &e.mtu_bytes, &e.preference, &e.request_id, &e.expires_wall_ms,
	               &e.created_wall_ms, &end);
	if (n != 12 || !addr_parse(target, &e.target.addr) ||
	    e.target.len > addr_bits(&e.target.addr) || !addr_parse(nbma, &e.nbma) ||
	    !parse_addr_or_none(claimed, &e.claimed) ||
	    !parse_either(unique, "unique", "shared", &e.unique) || e.expires_wall_ms < 0 ||
	    e.created_wall_ms < 0)
		return false;
	if (!(e.kind == NODE_SAVED_CLIENT ? parse_client : parse_path)(line + end, &e))
		return false;
	*ret = e;
	return true;
}
