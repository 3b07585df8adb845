/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/links.h"

#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

enum { ROOM_MIN = 16 };

void links_clear(struct links *l)
{
	l->n_links = 0;
	l->n_addresses = 0;
}

void links_fini(struct links *l)
{
	free(l->link);
	free(l->address);
	*l = (struct links){ 0 };
}

static void *grown(void *array, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return array;
	*room = *room ? *room * 2 : ROOM_MIN;
	return memory_resize(array, *room, size);
}

/* A dump that was begun again gives objects twice. */
static void take_link(struct links *l, const struct netlink_link *link)
{
	for (size_t i = 0; i < l->n_links; i++) {
		if (l->link[i].index == link->index) {
			l->link[i] = *link;
			return;
		}
	}
	l->link = grown(l->link, l->n_links, &l->links_room, sizeof *l->link);
	l->link[l->n_links++] = *link;
}

static void take_address(struct links *l, const struct netlink_address *address)
{
	if (links_has(l, address->index, &address->prefix))
		return;
	l->address = grown(l->address, l->n_addresses, &l->addresses_room, sizeof *l->address);
	l->address[l->n_addresses++] = *address;
}

void links_take(void *ctx, const struct netlink_event *event)
{
	if (event->deleted)
		return;
	if (event->object == NETLINK_LINK)
		take_link(ctx, &event->link);
	else if (event->object == NETLINK_ADDRESS)
		take_address(ctx, &event->address);
}

const struct netlink_link *links_by_name(const struct links *l, const char *name)
{
	for (size_t i = 0; i < l->n_links; i++) {
		if (strcmp(l->link[i].name, name) == 0)
			return &l->link[i];
	}
	return NULL;
}

const struct netlink_link *links_by_index(const struct links *l, int index)
{
	for (size_t i = 0; i < l->n_links; i++) {
		if (l->link[i].index == index)
			return &l->link[i];
	}
	return NULL;
}

const struct netlink_link *links_with_address(const struct links *l, const struct addr *a)
{
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (addr_equal(&l->address[i].prefix.addr, a))
			return links_by_index(l, l->address[i].index);
	}
	return NULL;
}

bool links_has(const struct links *l, int index, const struct prefix *p)
{
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (l->address[i].index == index && prefix_equal(&l->address[i].prefix, p))
			return true;
	}
	return false;
}

static bool is_reachable(const struct netlink_address *a)
{
	const struct addr *addr = &a->prefix.addr;

	if (addr->family == ADDR_V4)
		return addr->bytes[0] != 127;
	bool link_local = addr->bytes[0] == 0xfe && (addr->bytes[1] & 0xc0) == 0x80;
	struct addr loopback = { .family = ADDR_V6, .bytes = { [15] = 1 } };
	return !link_local && !a->tentative && !addr_equal(addr, &loopback);
}

const struct prefix *links_first_address(const struct links *l, int index, enum addr_family family)
{
	static const struct prefix none;

	for (size_t i = 0; i < l->n_addresses; i++) {
		const struct netlink_address *a = &l->address[i];
		if (a->index == index && a->prefix.addr.family == family && is_reachable(a))
			return &a->prefix;
	}
	return &none;
}
