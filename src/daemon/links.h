/* SPDX-License-Identifier: Apache-2.0 */
/* Links and addresses of the network namespace as they were at the last look. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "netlink/netlink.h"

struct links {
	struct netlink_link *link;
	size_t n_links, links_room;
	struct netlink_address *address; /* in the kernel's order: primary ones first */
	size_t n_addresses, addresses_room;
};

/* Starts empty: a zeroed struct. */
void links_fini(struct links *l);
void links_clear(struct links *l);
/* Takes in one object of a dump: a link or an address; others are passed over. The ctx is a struct
 * links. */
void links_take(void *ctx, const struct netlink_event *event);

/* NULL when there is none. */
const struct netlink_link *links_by_name(const struct links *l, const char *name);
const struct netlink_link *links_by_index(const struct links *l, int index);
/* The link that has this very address, whatever the length; NULL when none has. */
const struct netlink_link *links_with_address(const struct links *l, const struct addr *a);
bool links_has(const struct links *l, int index, const struct prefix *p);
/* The first address of a link that other hosts can send to, by family; none when it has none. */
const struct prefix *links_first_address(const struct links *l, int index, enum addr_family family);
