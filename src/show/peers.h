/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of `show dmvpn`: cache entries of one tunnel gathered by NBMA address, in the order in
 * which the addresses first appear. The first row of each peer leads: it carries the count, the
 * others follow.
 */
#pragma once

#include <stddef.h>

#include "show/query.h"

struct peer_row {
	const struct nhrp_entry_view *entry;
	size_t n_same; /* entries with this NBMA address; 0 on followers */
};

struct peer_rows {
	struct peer_row *row;
	size_t n;
	size_t n_peers;
};

/* The rows borrow the entries. Freed by peer_rows_free. */
struct peer_rows peer_rows_new(const struct nhrp_entries *entries);
void peer_rows_free(struct peer_rows *rows);

enum { PEER_ATTRIBUTES_SIZE = 16 };
/* "D", "DT1", "DLX", "IX". */
const char *peer_attributes(const struct nhrp_entry_view *e, char buf[static PEER_ATTRIBUTES_SIZE]);
