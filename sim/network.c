/* SPDX-License-Identifier: Apache-2.0 */
/* The underlay: who has which address, and what becomes of a packet on its way. */
#include "world.h"

#include <string.h>

#include "util/memory.h"

enum { REORDER_BY_MS = 200 };

struct sim_router *network_find(struct sim_world *w, const struct addr *nbma)
{
	struct sim_router *r;

	HASH_FIND(hh, w->by_nbma, nbma, sizeof *nbma, r);
	return r;
}

void network_attach(struct sim_world *w, struct sim_router *r)
{
	/* 192.168.0.0/16 and 100.64.0.0/10 */
	r->nbma = r->nat ? addr_from_u32(0xc0a80001u + w->next_private++)
	                 : addr_from_u32(0x64400001u + w->next_nbma++);
	HASH_ADD(hh, w->by_nbma, nbma, sizeof r->nbma, r);
}

void network_detach(struct sim_world *w, struct sim_router *r)
{
	HASH_DEL(w->by_nbma, r);
}

static struct sim_packet *take_packet(struct sim_world *w)
{
	struct sim_packet *p = w->free_packets;

	if (!p)
		return memory_new(1, sizeof *p);
	w->free_packets = p->next_free;
	return p;
}

static void put_packet(struct sim_world *w, struct sim_packet *p)
{
	p->next_free = w->free_packets;
	w->free_packets = p;
}

static void launch(struct sim_world *w, const struct sim_router *from, const struct sim_sending *s)
{
	const struct sim_options *o = w->options;
	uint32_t delay_ms = world_between(w, o->delay_min_ms, o->delay_max_ms);
	struct sim_packet *p = take_packet(w);

	if (!w->healed && world_chance(w, o->reorder_permille))
		delay_ms += REORDER_BY_MS;
	p->timer.kind = TIMER_PACKET;
	p->sender = from;
	p->ends = s->ends;
	p->seal = s->seal;
	p->is_ike = s->is_ike;
	p->len = s->len;
	memcpy(p->bytes, s->bytes, s->len);
	timers_set(&w->timers, &p->timer, mono_add_ms(w->now.mono, delay_ms));
}

void network_send(struct sim_world *w, const struct sim_router *from, const struct sim_sending *s)
{
	const struct sim_options *o = w->options;
	struct sim_sending outside = *s;

	w->count.sent++;
	if (from->cut_off || !network_leave(w, from, &outside.ends) ||
	    (!w->healed && world_chance(w, o->loss_permille))) {
		w->count.lost++;
		return;
	}
	launch(w, from, &outside);
	if (!w->healed && world_chance(w, o->duplicate_permille))
		launch(w, from, &outside);
}

static void deliver_ike(struct sim_world *w, struct sim_router *r, const struct sim_packet *p)
{
	struct node_event event = { .type = NODE_IKE_PACKET };

	/* A keepalive was for the NAT on its way. */
	if (p->len == 1)
		return;
	event.ike.path = (struct node_ike_path){ p->ends.from.addr, p->ends.to.addr,
		                                 p->ends.from.port, p->ends.to.port };
	event.ike.bytes = p->bytes;
	event.ike.len = p->len;
	router_step(w, r, &event);
}

static void deliver(struct sim_world *w, struct sim_router *r, const struct sim_packet *p)
{
	struct node_event event = { .type = NODE_PACKET };
	enum sim_stray stray;
	const struct sim_arrival a = { p->seal, p->ends.from, &event.packet.from, &stray };

	event.packet.tunnel = SIM_TUNNEL;
	event.packet.from = p->ends.from.addr;
	event.packet.to = p->ends.to.addr;
	event.packet.bytes = p->bytes;
	event.packet.len = p->len;
	if (w->crypto && !protect_open(w, r, &a))
		return;
	check_received(w, r, p->bytes, p->len);
	router_step(w, r, &event);
}

/* ---- where packets go ---- */

struct sim_ends network_ends(const struct sim_router *from, const struct addr *nbma)
{
	return (struct sim_ends){ { from->nbma, 0 }, { *nbma, 0 } };
}

/* Behind the same NAT routers see each other as they are. */
static bool is_local(struct sim_world *w, const struct sim_router *from, const struct addr *to)
{
	const struct sim_router *r = from->nat ? network_find(w, to) : NULL;

	return r && r->nat == from->nat;
}

bool network_leave(struct sim_world *w, const struct sim_router *from, struct sim_ends *ends)
{
	return !from->nat || is_local(w, from, &ends->to.addr) || nat_out(w, from->nat, ends);
}

/* Who has the address to which a packet goes when all NATs are behind it. */
static struct sim_router *owner_of(struct sim_world *w, const struct sim_router *from,
                                   const struct sim_ends *ends, bool translated)
{
	struct sim_router *r = network_find(w, &ends->to.addr);

	return r && (translated || !r->nat || r->nat == from->nat) ? r : NULL;
}

struct sim_router *network_reach(struct sim_world *w, const struct sim_router *from,
                                 struct sim_ends *ends)
{
	struct sim_nat *nat = nat_find(w, &ends->to.addr);

	return nat && !nat_in(w, nat, ends) ? NULL : owner_of(w, from, ends, nat != NULL);
}

struct sim_router *network_leads(struct sim_world *w, struct sim_router *from,
                                 const struct addr *nbma)
{
	struct sim_ends ends = network_ends(from, nbma);

	if (w->crypto && !protect_ends(from, nbma, &ends))
		return NULL;
	/* A flow that is not there yet would be made. */
	if (from->nat && !is_local(w, from, &ends.to.addr))
		nat_would_out(w, from->nat, &ends);
	const struct sim_nat *nat = nat_find(w, &ends.to.addr);
	return nat && !nat_would_in(w, nat, &ends) ? NULL : owner_of(w, from, &ends, nat != NULL);
}

static bool is_parted(const struct sim_router *from, const struct sim_router *to)
{
	return (from->side && to->side && from->side != to->side) ||
	       (from->only && from->only != to) || (to->only && to->only != from);
}

bool network_joins(const struct sim_router *from, const struct sim_router *to)
{
	return !from->cut_off && !to->cut_off && !is_parted(from, to);
}

void network_arrive(struct sim_world *w, struct sim_packet *p)
{
	struct sim_router *r = network_reach(w, p->sender, &p->ends);

	if (r && r->up && !r->cut_off && !is_parted(p->sender, r)) {
		w->count.delivered++;
		if (p->is_ike)
			deliver_ike(w, r, p);
		else
			deliver(w, r, p);
	} else {
		w->count.lost++;
	}
	put_packet(w, p);
}

void network_cut(struct sim_world *w, struct sim_router *r, bool off)
{
	if (r->cut_off != off)
		r->disturbed = w->now.mono;
	r->cut_off = off;
}

void network_partition(struct sim_world *w, uint32_t permille)
{
	for (uint32_t i = world_first_spoke(w); i < w->n_routers; i++)
		network_cut(w, &w->router[i], world_chance(w, permille));
}

void network_split(struct sim_world *w, uint32_t permille)
{
	for (uint32_t i = world_first_spoke(w); i < w->n_routers; i++)
		w->router[i].side = !permille                   ? SIDE_BOTH
		                    : world_chance(w, permille) ? SIDE_LEFT
		                                                : SIDE_RIGHT;
}

void network_confine(struct sim_world *w, uint32_t permille)
{
	for (uint32_t i = world_first_spoke(w); i < w->n_routers; i++) {
		struct sim_router *r = &w->router[i];
		r->only = world_chance(w, permille) ? routes_server(w, r, 0) : NULL;
	}
}
