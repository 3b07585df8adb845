/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An unknown NBMA address is no common peer: each such entry leads a group of its own, because
 * parsers take a row without a count for one more entry of the last known peer.
 */
#include "show/peers.h"

#include <stdio.h>
#include <stdlib.h>

#include "show/words.h"
#include "util/memory.h"

/* One entry on its way into a group: at is its place among the entries, first that of its leader.
 */
struct place {
	const struct nhrp_entry_view *entry;
	size_t at, first, n_same;
};

static int by_nbma(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = addr_compare(&x->entry->nbma, &y->entry->nbma);

	return order ? order : (x->at > y->at) - (x->at < y->at);
}

static int by_group(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static bool same_peer(const struct place *a, const struct place *b)
{
	return !addr_is_none(&a->entry->nbma) && addr_equal(&a->entry->nbma, &b->entry->nbma);
}

/* Names each place's leader and counts the group there; places are sorted by NBMA address. */
static void group(struct place *place, size_t n)
{
	for (size_t i = 0, leader = 0; i < n; i++) {
		if (!same_peer(&place[i], &place[leader]))
			leader = i;
		place[i].first = place[leader].at;
		place[leader].n_same++;
	}
}

struct peer_rows peer_rows_new(const struct nhrp_entries *entries)
{
	struct peer_rows rows = { .n = entries->n };

	if (!entries->n)
		return rows;
	struct place *place = memory_new(entries->n, sizeof *place);
	for (size_t i = 0; i < entries->n; i++)
		place[i] = (struct place){ .entry = &entries->entry[i], .at = i };
	qsort(place, entries->n, sizeof *place, by_nbma);
	group(place, entries->n);
	qsort(place, entries->n, sizeof *place, by_group);

	rows.row = memory_new(entries->n, sizeof *rows.row);
	for (size_t i = 0; i < entries->n; i++) {
		rows.row[i] = (struct peer_row){ place[i].entry, place[i].n_same };
		rows.n_peers += place[i].n_same != 0;
	}
	free(place);
	return rows;
}

void peer_rows_free(struct peer_rows *rows)
{
	free(rows->row);
	*rows = (struct peer_rows){ 0 };
}

const char *peer_attributes(const struct nhrp_entry_view *e, char buf[static PEER_ATTRIBUTES_SIZE])
{
	static const char *const type[] = {
		[NHRP_ENTRY_STATIC] = "S",
		[NHRP_ENTRY_DYNAMIC] = "D",
		[NHRP_ENTRY_INCOMPLETE] = "I",
	};
	bool no_socket =
		words_entry_has(e, NHRP_FLAG_NO_SOCKET) || e->type == NHRP_ENTRY_INCOMPLETE;

	snprintf(buf, PEER_ATTRIBUTES_SIZE, "%s%s%s%s%s%s", type[e->type],
	         addr_is_none(&e->claimed) ? "" : "N",
	         words_entry_has(e, NHRP_FLAG_LOCAL) ? "L" : "", no_socket ? "X" : "",
	         words_entry_has(e, NHRP_FLAG_RIB) ? "T1" : "",
	         words_entry_has(e, NHRP_FLAG_NHO) ? "T2" : "");
	return buf;
}
