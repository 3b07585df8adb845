/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boxes that translate addresses as Linux's masquerading does: each flow has a port of its own, is
 * known by both of its ends, and is forgotten when nothing has gone either way for a while. GRE and
 * bare ESP have no ports: of two inside that speak to the same address one is shut out.
 */
#include "world.h"

#include "util/memory.h"

enum {
	FORGETS_S = 30, /* Linux's conntrack, of GRE and of unanswered UDP */
	FIRST_PORT = 20000,
	LAST_PORT = 60000,
	PUBLIC_NETWORK = 0xc6120000, /* 198.18.0.0/15 */
	FLOWS_MIN = 16,
};

struct sim_flow {
	struct sim_place inside, outside;
	uint16_t port; /* ours, as the outside sees it */
	mono used;
};

bool sim_place_equal(const struct sim_place *a, const struct sim_place *b)
{
	return a->port == b->port && addr_equal(&a->addr, &b->addr);
}

static bool is_known(const struct sim_world *w, const struct sim_flow *flow)
{
	return !mono_due(mono_add_s(flow->used, FORGETS_S), w->now.mono);
}

static struct sim_flow *find_out(const struct sim_world *w, const struct sim_nat *nat,
                                 const struct sim_ends *ends)
{
	for (size_t i = 0; i < nat->n_flows; i++)
		if (is_known(w, &nat->flow[i]) &&
		    sim_place_equal(&nat->flow[i].inside, &ends->from) &&
		    sim_place_equal(&nat->flow[i].outside, &ends->to))
			return &nat->flow[i];
	return NULL;
}

static struct sim_flow *find_in(const struct sim_world *w, const struct sim_nat *nat,
                                const struct sim_ends *ends)
{
	for (size_t i = 0; i < nat->n_flows; i++)
		if (is_known(w, &nat->flow[i]) && nat->flow[i].port == ends->to.port &&
		    sim_place_equal(&nat->flow[i].outside, &ends->from))
			return &nat->flow[i];
	return NULL;
}

static struct sim_flow *new_flow(const struct sim_world *w, struct sim_nat *nat)
{
	for (size_t i = 0; i < nat->n_flows; i++)
		if (!is_known(w, &nat->flow[i]))
			return &nat->flow[i];
	if (nat->n_flows == nat->room) {
		nat->room = nat->room ? 2 * nat->room : FLOWS_MIN;
		nat->flow = memory_resize(nat->flow, nat->room, sizeof *nat->flow);
	}
	return &nat->flow[nat->n_flows++];
}

static uint16_t next_port(struct sim_nat *nat)
{
	nat->port = nat->port < FIRST_PORT || nat->port == LAST_PORT ? FIRST_PORT : nat->port + 1;
	return nat->port;
}

bool nat_out(struct sim_world *w, struct sim_nat *nat, struct sim_ends *ends)
{
	struct sim_flow *flow = find_out(w, nat, ends);

	if (!flow) {
		const struct sim_ends back = { ends->to, { nat->public, 0 } };
		if (!ends->from.port && find_in(w, nat, &back))
			return false;
		flow = new_flow(w, nat);
		*flow = (struct sim_flow){ .inside = ends->from, .outside = ends->to };
		flow->port = ends->from.port ? next_port(nat) : 0;
	}
	flow->used = w->now.mono;
	ends->from = (struct sim_place){ nat->public, flow->port };
	return true;
}

bool nat_in(struct sim_world *w, struct sim_nat *nat, struct sim_ends *ends)
{
	struct sim_flow *flow = find_in(w, nat, ends);

	if (!flow)
		return false;
	flow->used = w->now.mono;
	ends->to = flow->inside;
	return true;
}

bool nat_would_out(const struct sim_world *w, const struct sim_nat *nat, struct sim_ends *ends)
{
	const struct sim_flow *flow = find_out(w, nat, ends);

	if (flow)
		ends->from = (struct sim_place){ nat->public, flow->port };
	return flow;
}

bool nat_would_in(const struct sim_world *w, const struct sim_nat *nat, struct sim_ends *ends)
{
	const struct sim_flow *flow = find_in(w, nat, ends);

	if (flow)
		ends->to = flow->inside;
	return flow;
}

/* ---- boxes ---- */

static void attach(struct sim_world *w, struct sim_nat *nat)
{
	nat->public = addr_from_u32(PUBLIC_NETWORK + w->next_public++);
	HASH_ADD(hh, w->nats, public, sizeof nat->public, nat);
}

struct sim_nat *nat_find(const struct sim_world *w, const struct addr *public)
{
	struct sim_nat *nat;

	HASH_FIND(hh, w->nats, public, sizeof *public, nat);
	return nat;
}

struct sim_nat *nat_new(struct sim_world *w)
{
	struct sim_nat *nat = memory_new(1, sizeof *nat);

	attach(w, nat);
	return nat;
}

void nat_rebind(struct sim_world *w, uint32_t permille, bool renumber)
{
	struct sim_nat *nat, *next, *renumbered = NULL;

	HASH_ITER (hh, w->nats, nat, next) {
		if (!world_chance(w, permille))
			continue;
		nat->n_flows = 0;
		if (!renumber)
			continue;
		HASH_DEL(w->nats, nat);
		nat->next = renumbered;
		renumbered = nat;
	}
	for (; renumbered; renumbered = renumbered->next)
		attach(w, renumbered);
}

void nat_fini(struct sim_world *w)
{
	struct sim_nat *nat, *next;

	HASH_ITER (hh, w->nats, nat, next) {
		HASH_DEL(w->nats, nat);
		free(nat->flow);
		free(nat);
	}
}
