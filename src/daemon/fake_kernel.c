/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fake_kernel.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- for the tests ---- */

struct prefix fake_prefix(const char *text, uint8_t len)
{
	struct prefix p = { .len = len };

	assert_true(addr_parse(text, &p.addr));
	return p;
}

void fake_add_link(struct rtnl *rtnl, int index, const char *name, bool up)
{
	struct netlink_link *l = &rtnl->link[rtnl->n_links++];

	*l = (struct netlink_link){ .index = index, .up = up, .running = up, .mtu_bytes = 1500 };
	snprintf(l->name, sizeof l->name, "%s", name);
}

void fake_add_address(struct rtnl *rtnl, int index, const char *text, uint8_t len)
{
	rtnl->address[rtnl->n_addresses++] =
		(struct netlink_address){ .index = index, .prefix = fake_prefix(text, len) };
}

void fake_expect(struct rtnl *rtnl, const char *trace)
{
	assert_string_equal(rtnl->trace.text, trace);
	strbuf_truncate(&rtnl->trace, 0);
}

/* ---- netlink/rtnl.h ---- */

int rtnl_new(struct rtnl **ret)
{
	(void)ret;
	return -EPERM; /* tests have their own */
}

void rtnl_free(struct rtnl *rtnl)
{
	(void)rtnl;
}

int rtnl_notify_fd(const struct rtnl *rtnl)
{
	(void)rtnl;
	return -1;
}

int rtnl_notify(struct rtnl *rtnl, void (*each)(void *ctx, const struct netlink_event *event),
                void *ctx)
{
	(void)rtnl;
	(void)each;
	(void)ctx;
	return 0;
}

int rtnl_flush_neighbours(struct rtnl *rtnl, int index)
{
	strbuf_printf(&rtnl->trace, "flush %d\n", index);
	return 0;
}

int rtnl_link(struct rtnl *rtnl, const char *name, struct netlink_link *ret)
{
	for (size_t i = 0; i < rtnl->n_links; i++) {
		if (strcmp(rtnl->link[i].name, name) == 0) {
			*ret = rtnl->link[i];
			return 0;
		}
	}
	return -ENODEV;
}

void *rtnl_buffer(struct rtnl *rtnl)
{
	return rtnl->buffer;
}

const char *rtnl_error_text(const struct rtnl *rtnl)
{
	(void)rtnl;
	return "";
}

static struct netlink_link *link_by_index(struct rtnl *r, int index)
{
	for (size_t i = 0; i < r->n_links; i++) {
		if (r->link[i].index == index)
			return &r->link[i];
	}
	return NULL;
}

static int change_link(struct rtnl *r, struct nlmsghdr *message)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);
	struct netlink_link *link = link_by_index(r, info->ifi_index);

	if (!link)
		return -ENODEV;
	if (message->nlmsg_type == RTM_DELLINK) {
		strbuf_printf(&r->trace, "-link %d\n", info->ifi_index);
		*link = r->link[--r->n_links];
		return 0;
	}
	assert_int_equal(info->ifi_change, IFF_UP);
	link->up = info->ifi_flags & IFF_UP;
	strbuf_printf(&r->trace, "%s %d\n", link->up ? "up" : "down", link->index);
	return 0;
}

static int change_address(struct rtnl *r, const struct netlink_event *e)
{
	const struct netlink_address *a = &e->address;
	char text[PREFIX_TEXT_LEN];
	size_t i = 0;

	while (i < r->n_addresses && !(r->address[i].index == a->index &&
	                               prefix_equal(&r->address[i].prefix, &a->prefix)))
		i++;
	strbuf_printf(&r->trace, "%caddress %d %s\n", e->deleted ? '-' : '+', a->index,
	              prefix_format(&a->prefix, text));
	if (e->deleted) {
		if (i == r->n_addresses)
			return -EADDRNOTAVAIL;
		r->address[i] = r->address[--r->n_addresses];
		return 0;
	}
	r->address[r->n_addresses++] = *a;
	return 0;
}

static int change_route(struct rtnl *r, const struct netlink_event *e)
{
	char to[PREFIX_TEXT_LEN], via[ADDR_TEXT_LEN];
	size_t i = 0;

	while (i < r->n_routes && !(prefix_equal(&r->route[i].to, &e->route.to) &&
	                            r->route[i].metric == e->route.metric))
		i++;
	if (!e->deleted && r->refuse_routes)
		return r->refuse_routes;
	strbuf_printf(&r->trace, "%croute %s %s %d %u%s\n", e->deleted ? '-' : '+',
	              prefix_format(&e->route.to, to), addr_format(&e->route.via, via),
	              e->route.index, e->route.metric,
	              e->route.type == NETLINK_ROUTE_BLACKHOLE ? " blackhole" : "");
	if (e->deleted) {
		if (i == r->n_routes)
			return -ESRCH;
		r->route[i] = r->route[--r->n_routes];
		return 0;
	}
	if (i < r->n_routes)
		return -EEXIST;
	r->route[r->n_routes++] = e->route;
	return 0;
}

int rtnl_request(struct rtnl *rtnl, struct nlmsghdr *message)
{
	struct netlink_event event;

	if (message->nlmsg_type == RTM_NEWLINK || message->nlmsg_type == RTM_DELLINK)
		return change_link(rtnl, message);
	assert_true(netlink_parse(message, &event));
	return event.object == NETLINK_ADDRESS ? change_address(rtnl, &event)
	                                       : change_route(rtnl, &event);
}

/* Only backends send several at once, and the fake daemon's asks nothing of the kernel. */
void rtnl_send(struct rtnl *rtnl, struct netlink_batch *batch,
               void (*refused)(void *ctx, const struct netlink_event *event, int error), void *ctx)
{
	(void)rtnl;
	(void)refused;
	(void)ctx;
	assert_int_equal(batch->n, 0);
}

int rtnl_dump(struct rtnl *r, struct nlmsghdr *message,
              void (*each)(void *ctx, const struct netlink_event *event), void *ctx)
{
	if (message->nlmsg_type == RTM_GETLINK) {
		for (size_t i = 0; i < r->n_links; i++)
			each(ctx,
			     &(struct netlink_event){ .object = NETLINK_LINK, .link = r->link[i] });
	} else if (message->nlmsg_type == RTM_GETADDR) {
		for (size_t i = 0; i < r->n_addresses; i++)
			each(ctx, &(struct netlink_event){ .object = NETLINK_ADDRESS,
			                                   .address = r->address[i] });
	} else {
		for (size_t i = 0; i < r->n_routes; i++)
			each(ctx, &(struct netlink_event){ .object = NETLINK_ROUTE_ENTRY,
			                                   .route = r->route[i] });
	}
	return 0;
}
