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
	r->nbma = addr_from_u32(0x64400001u + w->next_nbma++); /* 100.64.0.0/10 */
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
	p->from = from->nbma;
	p->to = s->to;
	p->seal = s->seal;
	p->path = s->path;
	p->len = s->len;
	memcpy(p->bytes, s->bytes, s->len);
	timers_set(&w->timers, &p->timer, mono_add_ms(w->now.mono, delay_ms));
}

void network_send(struct sim_world *w, const struct sim_router *from, const struct sim_sending *s)
{
	const struct sim_options *o = w->options;

	w->count.sent++;
	if (from->cut_off || (!w->healed && world_chance(w, o->loss_permille))) {
		w->count.lost++;
		return;
	}
	launch(w, from, s);
	if (!w->healed && world_chance(w, o->duplicate_permille))
		launch(w, from, s);
}

static void deliver_ike(struct sim_world *w, struct sim_router *r, const struct sim_packet *p)
{
	struct node_event event = { .type = NODE_IKE_PACKET };

	event.ike.path = p->path;
	event.ike.bytes = p->bytes;
	event.ike.len = p->len;
	router_step(w, r, &event);
}

static void deliver(struct sim_world *w, struct sim_router *r, const struct sim_packet *p)
{
	struct node_event event = { .type = NODE_PACKET };
	bool closing;
	const struct sim_arrival a = { p->seal, p->from, &event.packet.from, &closing };

	event.packet.tunnel = SIM_TUNNEL;
	event.packet.from = p->from;
	event.packet.to = p->to;
	event.packet.bytes = p->bytes;
	event.packet.len = p->len;
	if (w->crypto && !protect_open(w, r, &a))
		return;
	check_received(w, r, p->bytes, p->len);
	router_step(w, r, &event);
}

bool network_joins(const struct sim_router *from, const struct sim_router *to)
{
	bool parted = from->side && to->side && from->side != to->side;

	return !from->cut_off && !to->cut_off && !parted;
}

void network_arrive(struct sim_world *w, struct sim_packet *p)
{
	struct sim_router *r = network_find(w, &p->to), *from = network_find(w, &p->from);

	if (r && r->up && !r->cut_off && (!from || !from->side || network_joins(from, r))) {
		w->count.delivered++;
		if (p->path.from_port)
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
