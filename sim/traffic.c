/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data packets between spokes, hop by hop as the data plane carries them: the peer table of each
 * router on the way decides, and a next hop that is not there is asked for as an ARP request does.
 * A packet takes no time; what is checked is where it goes.
 */
#include "world.h"

static struct sim_peer *peer_find(struct sim_router *r, const struct addr *overlay)
{
	struct sim_peer *p;

	HASH_FIND(hh, r->peers, overlay, sizeof *overlay, p);
	return p;
}

static void tell(struct sim_world *w, struct sim_router *r, enum node_event_type type,
                 const struct addr *overlay)
{
	struct node_event event = { .type = type };

	event.peer.tunnel = SIM_TUNNEL;
	event.peer.peer = *overlay;
	router_step(w, r, &event);
}

/* Where router r sends a packet for an overlay address; none: nowhere. */
static struct addr next_nbma(struct sim_world *w, struct sim_router *r, const struct addr *overlay)
{
	if (r->p2p)
		return w->router[0].nbma;
	struct sim_peer *p = peer_find(r, overlay);
	if (!p) {
		tell(w, r, NODE_WANT, overlay);
		p = peer_find(r, overlay);
	}
	if (!p)
		return ADDR_ANY_NONE;
	struct addr nbma = p->nbma;
	tell(w, r, NODE_USED, overlay);
	return nbma;
}

/* A resolved path to the wrong office is the one thing that must not be once all has settled. */
static void check_path(struct sim_world *w, struct sim_router *r, const struct sim_router *to)
{
	struct sim_peer *p = peer_find(r, &to->overlay);
	bool settled = w->now.mono.ns >= (int64_t)sim_options_settled_s(w->options) * NS_PER_S;

	if (!settled || !p || p->kind != NODE_PEER_RESOLVED)
		return;
	struct addr nbma = p->nbma;
	if (w->options->plant == CHECK_PATH)
		nbma.bytes[3] ^= 1;
	char has[ADDR_TEXT_LEN], owner[ADDR_TEXT_LEN];
	if (!check_note(w, CHECK_PATH, addr_equal(&nbma, &to->nbma)))
		check_explain(w, CHECK_PATH,
		              "router %u sends what is for router %u to %s, but that is at %s",
		              r->index, to->index, addr_format(&nbma, has),
		              addr_format(&to->nbma, owner));
}

/* Whether a packet to an NBMA address is sealed here and opened there. */
static bool pass(struct sim_world *w, struct sim_router *at, struct sim_router *next)
{
	struct sim_arrival a = { .from = at->nbma, .ret_nbma = &(struct addr){ 0 } };

	if (!w->crypto)
		return true;
	return protect_seal(at, &next->nbma, &a.seal) && protect_open(w, next, &a);
}

/* Carries a packet; the number of hops, 0 when it was lost, over SIM_HOPS_MAX when it went round.
 */
static uint32_t carry(struct sim_world *w, struct sim_router *at, const struct sim_router *to)
{
	uint32_t hops = 0;

	while (at != to && hops++ < SIM_HOPS_MAX) {
		struct addr nbma = next_nbma(w, at, &to->overlay);
		struct sim_router *next = network_find(w, &nbma);
		if (at->cut_off || !next || !next->up || next->cut_off || !pass(w, at, next))
			return 0;
		at = next;
	}
	return hops;
}

/* One of the pairs that talk; now and then it is a new one. NULL in it when a spoke is down. */
static struct sim_talk *choose_talk(struct sim_world *w)
{
	struct sim_talk *talk = &w->talk[world_between(w, 0, SIM_TALKS - 1)];

	if (!talk->from || !talk->to || world_between(w, 1, SIM_TALK_PACKETS) == 1) {
		talk->from = world_random_spoke(w);
		talk->to = world_random_spoke(w);
	}
	return talk;
}

void traffic_send(struct sim_world *w)
{
	const struct sim_talk *talk = choose_talk(w);
	struct sim_router *from = talk->from, *to = talk->to;

	if (!from || !to || from == to || !from->up || !to->up)
		return;
	uint32_t hops = carry(w, from, to);
	w->count.data_sent++;
	w->count.data_delivered += hops > 0 && hops <= SIM_HOPS_MAX;
	if (!from->p2p)
		check_path(w, from, to);
	bool settled = w->now.mono.ns >= (int64_t)sim_options_settled_s(w->options) * NS_PER_S;
	bool planted = w->options->plant == CHECK_DELIVERY;
	if (!check_note(w, CHECK_DELIVERY,
	                hops <= SIM_HOPS_MAX && (!settled || (hops > 0 && !planted))))
		check_explain(w, CHECK_DELIVERY, "a packet from router %u to router %u %s",
		              from->index, to->index,
		              hops > SIM_HOPS_MAX ? "goes round in a loop" : "is lost");
}
