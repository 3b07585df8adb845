/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collecting: the iterators of the source and of the node's views, narrowed down to what the
 * request asks for. Runs in the control thread, between two steps of the node.
 */
#include "show/query.h"

#include <stdlib.h>
#include <string.h>

#include "show/words.h"
#include "util/memory.h"

enum { ROOM_FIRST = 16 };

static const struct node *node_of(const struct show_query *q)
{
	return q->source->node(q->source->ctx);
}

bool query_wants_tunnel(const struct show_query *q, uint32_t tunnel)
{
	return !q->request->one_tunnel || q->request->tunnel == tunnel;
}

bool query_wants_interface(const struct show_query *q, const char *name)
{
	return !q->request->interface || strcmp(q->request->interface, name) == 0;
}

static bool wants_address(const struct show_query *q, const struct addr *a)
{
	return !q->request->one_address || addr_equal(&q->request->address, a);
}

static bool wants_target(const struct show_query *q, const struct prefix *target)
{
	return !q->request->one_address || prefix_contains(target, &q->request->address);
}

static bool is_tunnel(const struct interface_view *i, uint32_t tunnel)
{
	return i->config && i->config->tunnel && i->config->tunnel->number == tunnel;
}

bool query_interface_next(const struct show_query *q, size_t *cursor, struct interface_view *ret)
{
	while (q->source->interface_next(q->source->ctx, cursor, ret)) {
		if (!query_wants_interface(q, ret->name))
			continue;
		if (!q->request->one_tunnel || is_tunnel(ret, q->request->tunnel))
			return true;
	}
	return false;
}

bool query_tunnel_next(const struct show_query *q, struct node_cursor *cursor,
                       struct nhrp_tunnel_view *ret)
{
	while (node_tunnel_next(node_of(q), cursor, ret))
		if (query_wants_tunnel(q, ret->tunnel))
			return true;
	return false;
}

bool query_tunnel_interface(const struct show_query *q, uint32_t tunnel, struct interface_view *ret)
{
	size_t cursor = 0;

	while (q->source->interface_next(q->source->ctx, &cursor, ret))
		if (is_tunnel(ret, tunnel))
			return true;
	return false;
}

static void entries_add(struct nhrp_entries *entries, const struct nhrp_entry_view *e)
{
	if (entries->n == entries->room) {
		entries->room = entries->room ? 2 * entries->room : ROOM_FIRST;
		entries->entry = memory_resize(entries->entry, entries->room, sizeof *e);
	}
	entries->entry[entries->n++] = *e;
}

static bool wants_kind(const struct show_query *q, const struct nhrp_entry_view *e)
{
	const bool local = words_entry_has(e, NHRP_FLAG_LOCAL);

	switch (q->request->entries) {
	case SHOW_ENTRIES_STATIC:
		return e->type == NHRP_ENTRY_STATIC;
	case SHOW_ENTRIES_DYNAMIC:
		return e->type == NHRP_ENTRY_DYNAMIC;
	case SHOW_ENTRIES_INCOMPLETE:
		return e->type == NHRP_ENTRY_INCOMPLETE;
	case SHOW_ENTRIES_LOCAL:
		return local;
	case SHOW_ENTRIES_REMOTE:
		return !local;
	case SHOW_ENTRIES_SHORTCUT:
		return words_entry_has(e, NHRP_FLAG_RIB) || words_entry_has(e, NHRP_FLAG_NHO);
	default:
		return true;
	}
}

static bool is_or_none(const struct addr *wanted, const struct addr *a)
{
	return addr_is_none(wanted) || addr_equal(wanted, a);
}

static bool wants_entry(const struct show_query *q, const struct nhrp_entry_view *e)
{
	const struct show_request *r = q->request;

	return query_wants_tunnel(q, e->tunnel) && wants_target(q, &e->target) &&
	       wants_kind(q, e) && is_or_none(&r->nbma, &e->nbma) && is_or_none(&r->via, &e->via) &&
	       (addr_is_none(&r->network.addr) ||
	        (e->target.len >= r->network.len && prefix_contains(&r->network, &e->target.addr)));
}

void query_entries(const struct show_query *q, struct nhrp_entries *ret)
{
	struct node_cursor cursor = { 0 };
	struct nhrp_entry_view e;

	*ret = (struct nhrp_entries){ 0 };
	while (node_entry_next(node_of(q), &cursor, &e))
		if (wants_entry(q, &e))
			entries_add(ret, &e);
}

struct nhrp_entries query_entries_of(const struct nhrp_entries *all, uint32_t tunnel)
{
	size_t start = 0, end;

	if (all->n == 0)
		return (struct nhrp_entries){ 0 };
	while (start < all->n && all->entry[start].tunnel != tunnel)
		start++;
	for (end = start; end < all->n && all->entry[end].tunnel == tunnel;)
		end++;
	return (struct nhrp_entries){ .entry = all->entry + start, .n = end - start };
}

void query_entries_fini(struct nhrp_entries *entries)
{
	free(entries->entry);
	*entries = (struct nhrp_entries){ 0 };
}

void query_tunnel_nhs(const struct show_query *q, uint32_t tunnel, struct nhs_list *ret)
{
	struct node_cursor cursor = { 0 };
	struct nhs_view nhs;

	*ret = (struct nhs_list){ 0 };
	while (node_nhs_next(node_of(q), &cursor, &nhs)) {
		if (nhs.tunnel != tunnel || !wants_address(q, &nhs.address))
			continue;
		if (ret->n == ret->room) {
			ret->room = ret->room ? 2 * ret->room : ROOM_FIRST;
			ret->nhs = memory_resize(ret->nhs, ret->room, sizeof nhs);
		}
		ret->nhs[ret->n++] = nhs;
	}
}

void query_nhs_fini(struct nhs_list *list)
{
	free(list->nhs);
	*list = (struct nhs_list){ 0 };
}

int64_t query_age_s(const struct show_query *q, mono since)
{
	return mono_seconds_between(since, q->now);
}

int64_t query_age_ns_s(const struct show_query *q, int64_t since_ns)
{
	return since_ns ? mono_seconds_between((mono){ since_ns }, q->now) : -1;
}
