/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cache_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void cache_file_print(const struct node_saved_entry *e, struct strbuf *out)
{
	char target[ADDR_TEXT_LEN], nbma[ADDR_TEXT_LEN], claimed[ADDR_TEXT_LEN];

	strbuf_printf(out, "tunnel %" PRIu32 " target %s %u nbma %s claimed %s %s", e->tunnel,
	              addr_format(&e->target.addr, target), e->target.len,
	              addr_format(&e->nbma, nbma), addr_format(&e->claimed, claimed),
	              e->unique ? "unique" : "shared");
	strbuf_printf(out,
	              " holdtime %u mtu %u preference %u request-id %" PRIu32 " expires %" PRId64
	              " created %" PRId64 "\n",
	              e->holdtime_s, e->mtu_bytes, e->preference, e->request_id, e->expires_wall_ms,
	              e->created_wall_ms);
}

static bool parse_addr_or_none(const char *text, struct addr *ret)
{
	if (strcmp(text, "none") != 0)
		return addr_parse(text, ret);
	*ret = ADDR_ANY_NONE;
	return true;
}

bool cache_file_parse(const char *line, struct node_saved_entry *ret)
{
	char target[ADDR_TEXT_LEN], nbma[ADDR_TEXT_LEN], claimed[ADDR_TEXT_LEN], unique[8];
	struct node_saved_entry e = { 0 };
	int end = 0;

	int n = sscanf(line,
	               "tunnel %" SCNu32 " target %45s %" SCNu8 " nbma %45s claimed %45s %7s"
	               " holdtime %" SCNu16 " mtu %" SCNu16 " preference %" SCNu8
	               " request-id %" SCNu32 " expires %" SCNd64 " created %" SCNd64 "%n",
	               &e.tunnel, target, &e.target.len, nbma, claimed, unique, &e.holdtime_s,
	               &e.mtu_bytes, &e.preference, &e.request_id, &e.expires_wall_ms,
	               &e.created_wall_ms, &end);
	if (n != 12 || line[end] || !addr_parse(target, &e.target.addr) ||
	    e.target.len > addr_bits(&e.target.addr) || !addr_parse(nbma, &e.nbma) ||
	    !parse_addr_or_none(claimed, &e.claimed))
		return false;
	e.unique = strcmp(unique, "unique") == 0;
	if (!e.unique && strcmp(unique, "shared") != 0)
		return false;
	*ret = e;
	return true;
}
