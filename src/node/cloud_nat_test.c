/* SPDX-License-Identifier: Apache-2.0 */
/* The NAT before a router of a cloud. What it remembers of UDP it forgets, as Linux's does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "node/cloud_test.h"

enum {
	HOLE_MS = 30000,
	ONE_PORT = 20000,   /* the port inside and so much … */
	MANY_PORTS = 50000, /* or one more than the latest, from here on … */
	APART = 1000,       /* … and so much for each router, since they may share an address */
};

static bool is_translated(const struct cloud_router *r, const struct cloud_packet *p)
{
	return r->spec.nat != CLOUD_NAT_OPEN && p->path.from_port;
}

static uint16_t draw_port(const struct cloud *c, const struct cloud_router *r, uint16_t inside)
{
	size_t own = (size_t)(r - c->router) * APART + r->port_offset;

	if (r->spec.nat == CLOUD_NAT_ONE_PORT)
		return (uint16_t)(ONE_PORT + own + inside);
	return (uint16_t)(MANY_PORTS + own + r->n_holes);
}

static struct cloud_hole *hole_to(struct cloud *c, struct cloud_router *r,
                                  const struct cloud_packet *p)
{
	const struct udp_place remote = { p->to, p->path.to_port };

	for (size_t i = 0; i < r->n_holes; i++)
		if (r->hole[i].inside == p->path.from_port &&
		    udp_place_equal(&r->hole[i].remote, &remote) &&
		    r->hole[i].until_ms >= c->now_ms)
			return &r->hole[i];
	assert_in_range(r->n_holes, 0, CLOUD_HOLES_MAX - 1);
	struct cloud_hole *hole = &r->hole[r->n_holes];
	*hole = (struct cloud_hole){ .remote = remote, .inside = p->path.from_port };
	hole->outside = draw_port(c, r, p->path.from_port);
	r->n_holes++;
	return hole;
}

void cloud_nat_leave(struct cloud *c, struct cloud_router *r, struct cloud_packet *p)
{
	if (!is_translated(r, p))
		return;
	struct cloud_hole *hole = hole_to(c, r, p);
	hole->until_ms = c->now_ms + HOLE_MS;
	p->path.from_port = hole->outside;
}

bool cloud_nat_enter(const struct cloud *c, struct cloud_router *r, struct cloud_packet *p)
{
	const struct udp_place from = { p->from, p->path.from_port };

	if (!is_translated(r, p))
		return true;
	for (size_t i = 0; i < r->n_holes; i++) {
		struct cloud_hole *hole = &r->hole[i];
		if (hole->outside != p->path.to_port || !udp_place_equal(&hole->remote, &from) ||
		    hole->until_ms < c->now_ms)
			continue;
		hole->until_ms = c->now_ms + HOLE_MS;
		p->path.to_port = hole->inside;
		return true;
	}
	return false;
}

void cloud_nat_forget(struct cloud_router *r)
{
	r->n_holes = 0;
	r->port_offset++;
}

bool cloud_nat_moved(const struct cloud_router *r, const struct cloud_packet *p,
                     struct node_event *ret)
{
	for (size_t i = 0; i < r->n_sas; i++) {
		const struct cloud_sa *sa = &r->sa[i];
		if (sa->outbound || sa->spi != p->spi || !sa->udp_port ||
		    (sa->udp_port == p->path.from_port && addr_equal(&sa->remote, &p->from)))
			continue;
		*ret = (struct node_event){ .type = NODE_SA_MOVED };
		ret->moved.id = sa->id;
		ret->moved.from = p->from;
		ret->moved.udp_port = p->path.from_port;
		return true;
	}
	return false;
}
