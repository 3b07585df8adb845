/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that we change is a struct ledger_item: wanted ones come from the snapshot, noted ones
 * from the ledger; the differences are carried out or taken back. Failures are logged once per item
 * and tried again at the next occasion. Control thread.
 */
#include "daemon/system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

#include "util/memory.h"

struct complaint {
	char *item;
	UT_hash_handle hh;
};

/* By device; an interface that comes anew has another index. */
struct settled {
	char device[LEDGER_DEVICE_SIZE];
	enum ledger_kind kind;
	int index;
	UT_hash_handle hh;
};

void system_init(struct system *sys, struct rtnl *rtnl, struct ledger *ledger, struct log *log)
{
	*sys = (struct system){ .rtnl = rtnl,
		                .ledger = ledger,
		                .log = log,
		                .forwarding_file = "/proc/sys/net/ipv4/ip_forward" };
}

static void withdraw(struct system *sys, struct complaint *c)
{
	HASH_DEL(sys->complaints, c);
	free(c->item);
	free(c);
}

void system_fini(struct system *sys)
{
	struct complaint *c, *next;
	struct settled *p, *next_p;

	HASH_ITER (hh, sys->complaints, c, next)
		withdraw(sys, c);
	HASH_ITER (hh, sys->settled, p, next_p) {
		HASH_DEL(sys->settled, p);
		free(p);
	}
	links_fini(&sys->links);
}

int system_look(struct system *sys)
{
	links_clear(&sys->links);
	int result = rtnl_dump(sys->rtnl, netlink_link_dump(rtnl_buffer(sys->rtnl)), links_take,
	                       &sys->links);
	if (result == 0)
		result = rtnl_dump(sys->rtnl, netlink_address_dump(rtnl_buffer(sys->rtnl), 0),
		                   links_take, &sys->links);
	if (result < 0)
		log_say(sys->log, "SYS-3-NETLINK", "The kernel's links cannot be read: %s",
		        strerror(-result));
	return result;
}

/* ---- what is wanted ---- */

struct wanted {
	struct ledger_item *item;
	size_t n, room;
};

static void want(struct wanted *w, const struct ledger_item *item)
{
	if (w->n == w->room) {
		w->room = w->room ? w->room * 2 : 64;
		w->item = memory_resize(w->item, w->room, sizeof *w->item);
	}
	w->item[w->n++] = *item;
}

static void want_interface(struct wanted *w, const struct snap_interface *i, const char *device)
{
	struct ledger_item item = { 0 };

	snprintf(item.device, sizeof item.device, "%s", device);
	if (i->kind == SNAP_LOOPBACK && i->shutdown) /* lo itself stays */
		return;
	item.kind = i->shutdown ? LEDGER_DOWN : LEDGER_UP;
	want(w, &item);
	if (i->addressing != SNAP_ADDRESS_STATIC)
		return;
	item.kind = LEDGER_ADDRESS;
	for (size_t a = 0; a < i->n_address; a++) {
		item.prefix = i->address[a];
		want(w, &item);
	}
}

static void want_route(struct wanted *w, const struct snapshot *s, const struct ports *ports,
                       const struct snap_route *r)
{
	struct ledger_item item = { .kind = LEDGER_ROUTE, .prefix = r->to, .via = r->via };

	if (r->distance == UINT8_MAX) /* IOS: never believed */
		return;
	item.metric = r->distance ? r->distance : SNAP_DISTANCE_STATIC;
	if (r->interface[0] && strcmp(r->interface, "Null0") != 0) {
		ports_device(ports, s, r->interface, item.device);
		if (!item.device[0])
			return;
	}
	want(w, &item);
}

struct ledger_item *system_wanted(const struct snapshot *s, const struct ports *ports,
                                  const struct links *links, size_t *ret_n)
{
	struct wanted w = { 0 };
	char device[SNAP_DEVICE_SIZE];

	if (!s->no_ip_routing)
		want(&w, &(struct ledger_item){ .kind = LEDGER_FORWARDING });
	for (size_t i = 0; i < s->n_interfaces; i++) {
		ports_device(ports, s, s->interface[i]->name, device);
		if (links_by_name(links, device))
			want_interface(&w, s->interface[i], device);
	}
	for (size_t i = 0; i < s->n_routes; i++)
		want_route(&w, s, ports, &s->route[i]);
	*ret_n = w.n;
	return w.item;
}

/* ---- doing and undoing ---- */

static struct netlink_route route_of(const struct ledger_item *item, int index)
{
	bool blackhole = !item->device[0] && addr_is_none(&item->via);

	return (struct netlink_route){
		.type = blackhole ? NETLINK_ROUTE_BLACKHOLE : NETLINK_ROUTE_UNICAST,
		.to = item->prefix,
		.via = item->via,
		.index = index,
		.metric = item->metric,
	};
}

static int write_forwarding(const struct system *sys, bool on)
{
	int fd = open(sys->forwarding_file, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	int result = write(fd, on ? "1" : "0", 1) == 1 ? 0 : -errno;
	close(fd);
	return result;
}

static bool forwards(const struct system *sys)
{
	char c = '0';
	int fd = open(sys->forwarding_file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	ssize_t n = read(fd, &c, 1);
	close(fd);
	return n == 1 && c != '0';
}

static int change_address(struct system *sys, const struct ledger_item *item, int index, bool add)
{
	struct netlink_address a = { .index = index, .prefix = item->prefix };
	void *buf = rtnl_buffer(sys->rtnl);

	return rtnl_request(sys->rtnl,
	                    add ? netlink_address_add(buf, &a) : netlink_address_del(buf, &a));
}

static int set_up(struct system *sys, int index, bool up)
{
	return rtnl_request(sys->rtnl, netlink_link_set_up(rtnl_buffer(sys->rtnl), index, up));
}

static int change_route(struct system *sys, const struct ledger_item *item, int index, bool add)
{
	struct netlink_route r = route_of(item, index);
	void *buf = rtnl_buffer(sys->rtnl);

	return rtnl_request(sys->rtnl,
	                    add ? netlink_route_add(buf, &r) : netlink_route_del(buf, &r));
}

/* index: of the item's device, 0 where it has none. */
static int carry_out(struct system *sys, const struct ledger_item *item, int index)
{
	switch (item->kind) {
	case LEDGER_ROUTE:
		return change_route(sys, item, index, true);
	case LEDGER_ADDRESS:
		return change_address(sys, item, index, true);
	case LEDGER_UP:
		return set_up(sys, index, true);
	case LEDGER_DOWN:
		return set_up(sys, index, false);
	case LEDGER_FORWARDING:
		return write_forwarding(sys, true);
	default:
		return 0;
	}
}

static int undo(struct system *sys, const struct ledger_item *item, int index)
{
	switch (item->kind) {
	case LEDGER_ROUTE:
		return change_route(sys, item, index, false);
	case LEDGER_ADDRESS:
		return change_address(sys, item, index, false);
	case LEDGER_UP:
		return set_up(sys, index, false);
	case LEDGER_DOWN:
		return set_up(sys, index, true);
	case LEDGER_TUNNEL:
		return rtnl_request(sys->rtnl, netlink_link_del(rtnl_buffer(sys->rtnl), index));
	case LEDGER_FORWARDING:
		return write_forwarding(sys, false);
	default:
		return 0;
	}
}

/* True the first time for an item, until it is withdrawn. */
static bool complain(struct system *sys, const char *item)
{
	struct complaint *c;

	HASH_FIND_STR(sys->complaints, item, c);
	if (c)
		return false;
	c = memory_new(1, sizeof *c);
	c->item = memory_strdup(item);
	HASH_ADD_KEYPTR(hh, sys->complaints, c->item, strlen(c->item), c);
	return true;
}

/* The next hop, or the link, may come yet; anything else will not mend by itself. */
static bool may_come(const struct ledger_item *item, int error)
{
	return item->kind == LEDGER_ROUTE &&
	       (error == -ENETUNREACH || error == -ENETDOWN || error == -EHOSTUNREACH ||
	        error == -ENODEV || error == -EINVAL);
}

static void report(struct system *sys, const struct ledger_item *item, int error, const char *verb)
{
	struct strbuf text;

	strbuf_init(&text);
	ledger_item_describe(item, &text);
	if (error == 0 || may_come(item, error)) {
		struct complaint *c;
		HASH_FIND_STR(sys->complaints, text.text, c);
		if (c && error == 0)
			withdraw(sys, c);
	} else if (complain(sys, text.text)) {
		const char *why = rtnl_error_text(sys->rtnl);
		log_say(sys->log, "SYS-3-APPLY", "Cannot %s %s: %s%s%s", verb, text.text,
		        strerror(-error), why[0] ? ": " : "", why);
	}
	strbuf_fini(&text);
}

/* Whether this was done to the port before; it is its operator's business since. */
static bool is_settled(const struct system *sys, const struct ledger_item *item,
                       const struct netlink_link *link)
{
	const struct settled *p;

	HASH_FIND_STR(sys->settled, item->device, p);
	return p && p->index == link->index && p->kind == item->kind;
}

static void settle(struct system *sys, const struct ledger_item *item, int index)
{
	struct settled *p;

	if (item->kind != LEDGER_UP && item->kind != LEDGER_DOWN)
		return;
	HASH_FIND_STR(sys->settled, item->device, p);
	if (!p) {
		p = memory_new(1, sizeof *p);
		memcpy(p->device, item->device, sizeof p->device);
		HASH_ADD_STR(sys->settled, device, p);
	}
	p->index = index;
	p->kind = item->kind;
}

static int device_index(const struct system *sys, const struct ledger_item *item)
{
	const struct netlink_link *link = links_by_name(&sys->links, item->device);

	return link ? link->index : 0;
}

static void add(struct system *sys, const struct ledger_item *item)
{
	int index = device_index(sys, item);
	bool noted = ledger_has(sys->ledger, item);

	if (item->device[0] && !index) {
		sys->waiting = true;
		return;
	}
	int result = ledger_note(sys->ledger, item);
	if (result == 0)
		result = carry_out(sys, item, index);
	if (result < 0 && !noted)
		ledger_forget(sys->ledger, item);
	if (result < 0)
		sys->waiting = true;
	else
		settle(sys, item, index);
	report(sys, item, result, "add");
}

/* What is gone already, or went with its device, counts as undone. */
static void take_back(struct system *sys, const struct ledger_item *item)
{
	int index = device_index(sys, item), result = 0;

	if (!item->device[0] || index)
		result = undo(sys, item, index);
	if (result == -EADDRNOTAVAIL || result == -ESRCH || result == -ENODEV)
		result = 0;
	if (result == 0)
		ledger_forget(sys->ledger, item);
	report(sys, item, result, "remove");
}

static int compare(const void *a, const void *b)
{
	return ledger_item_compare(a, b);
}

void system_remove_unwanted(struct system *sys, const struct ledger_item *wanted, size_t n)
{
	size_t n_noted;
	struct ledger_item *noted = ledger_items(sys->ledger, &n_noted);
	struct ledger_item *sorted = memory_new(n + 1, sizeof *sorted);

	sys->waiting = false;
	if (n) {
		memcpy(sorted, wanted, n * sizeof *sorted);
		qsort(sorted, n, sizeof *sorted, compare);
	}
	for (size_t i = 0; i < n_noted; i++) {
		if (noted[i].kind != LEDGER_TUNNEL &&
		    !bsearch(&noted[i], sorted, n, sizeof *sorted, compare))
			take_back(sys, &noted[i]);
	}
	free(sorted);
	free(noted);
	(void)system_look(sys);
}

static bool is_there(struct system *sys, const struct ledger_item *item)
{
	const struct netlink_link *link = links_by_name(&sys->links, item->device);

	switch (item->kind) {
	case LEDGER_ADDRESS:
		return link && links_has(&sys->links, link->index, &item->prefix);
	case LEDGER_UP:
	case LEDGER_DOWN:
		if (link && link->up == (item->kind == LEDGER_UP))
			settle(sys, item, link->index);
		return link && is_settled(sys, item, link);
	case LEDGER_FORWARDING:
		return forwards(sys);
	default:
		return true;
	}
}

void system_add_interfaces(struct system *sys, const struct ledger_item *wanted, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (wanted[i].kind != LEDGER_ROUTE && !is_there(sys, &wanted[i]))
			add(sys, &wanted[i]);
	}
	(void)system_look(sys);
}

/* Routes of ours that the kernel has, sorted by compare_routes(). */
struct routes {
	struct netlink_route *route;
	size_t n, room;
};

static void take_route(void *ctx, const struct netlink_event *event)
{
	struct routes *r = ctx;

	if (event->object != NETLINK_ROUTE_ENTRY || event->deleted ||
	    event->route.protocol != NETLINK_ROUTE_PROTOCOL)
		return;
	if (r->n == r->room) {
		r->room = r->room ? r->room * 2 : 64;
		r->route = memory_resize(r->route, r->room, sizeof *r->route);
	}
	r->route[r->n++] = event->route;
}

static int compare_routes(const void *a, const void *b)
{
	const struct netlink_route *x = a, *y = b;
	int order = addr_compare(&x->to.addr, &y->to.addr);

	if (!order)
		order = (x->to.len > y->to.len) - (x->to.len < y->to.len);
	if (!order)
		order = (x->metric > y->metric) - (x->metric < y->metric);
	if (!order)
		order = addr_compare(&x->via, &y->via);
	return order;
}

struct netlink_route *system_routes(struct system *sys, size_t *ret_n)
{
	struct routes have = { 0 };
	struct nlmsghdr *dump =
		netlink_route_dump(rtnl_buffer(sys->rtnl), ADDR_V4, NETLINK_ROUTE_PROTOCOL);

	int result = rtnl_dump(sys->rtnl, dump, take_route, &have);
	if (result < 0)
		log_say(sys->log, "SYS-3-NETLINK", "The kernel's routes cannot be read: %s",
		        strerror(-result));
	if (have.n)
		qsort(have.route, have.n, sizeof *have.route, compare_routes);
	*ret_n = have.n;
	return have.route;
}

void system_add_routes(struct system *sys, const struct ledger_item *wanted, size_t n)
{
	size_t n_have;
	struct netlink_route *have = system_routes(sys, &n_have);

	for (size_t i = 0; i < n; i++) {
		struct netlink_route key = route_of(&wanted[i], 0);
		if (wanted[i].kind == LEDGER_ROUTE &&
		    (!n_have || !bsearch(&key, have, n_have, sizeof *have, compare_routes)))
			add(sys, &wanted[i]);
	}
	free(have);
}

void system_remove_all(struct system *sys)
{
	size_t n;

	if (system_look(sys) < 0)
		return;
	struct ledger_item *noted = ledger_items(sys->ledger, &n);
	for (size_t i = 0; i < n; i++)
		take_back(sys, &noted[i]);
	free(noted);
}

static struct ledger_item tunnel_item(const char *device)
{
	struct ledger_item item = { .kind = LEDGER_TUNNEL };

	snprintf(item.device, sizeof item.device, "%s", device);
	return item;
}

int system_note_tunnel(struct system *sys, const char *device)
{
	struct ledger_item item = tunnel_item(device);

	return ledger_note(sys->ledger, &item);
}

void system_remove_tunnel(struct system *sys, const char *device)
{
	struct ledger_item item = tunnel_item(device);

	(void)system_look(sys);
	take_back(sys, &item);
}
