/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data packets between spokes, hop by hop as the data plane carries them: the routes and the peer
 * table of each router on the way decide, a next hop that is not there is asked for as an ARP
 * request does, and who turns a packet round, or has it from where no peer is, is told of it.
 * A packet takes no time; what is checked is where it goes.
 */
#include "world.h"

#include <string.h>

enum {
	HEAD_LEN = 20,
	HEAD_VERSION = 0x45,
	HEAD_FROM = 12,
	HEAD_TO = 16,
	QUEUE_MS = 3000, /* the kernel keeps packets for a neighbour that it asks for three times */
	RECOVERY_MS = 2000, /* a main mode and a quick mode, from the first unknown SPI on */
};

/* A packet on its way. */
struct journey {
	struct addr from, to; /* inner */
	struct addr last;     /* NBMA address that it came from; none: from the site */
	enum sim_stray stray; /* why no association was there for it */
	bool waits;           /* for a next hop that is being resolved, in the kernel's queue */
};

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
	event.peer.packets = 1;
	router_step(w, r, &event);
}

/* Where router r sends a packet by an overlay next hop; none: nowhere. */
static struct addr next_nbma(struct sim_world *w, struct sim_router *r, const struct addr *overlay)
{
	if (r->p2p)
		return w->router[0].nbma;
	if (addr_is_none(overlay))
		return ADDR_ANY_NONE;
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
	char has[ADDR_TEXT_LEN], owner[ADDR_TEXT_LEN];
	if (!check_note(w, CHECK_PATH, network_leads(w, r, &p->nbma) == to))
		check_explain(w, CHECK_PATH,
		              "router %u sends what is for router %u to %s, but that is at %s",
		              r->index, to->index, addr_format(&p->nbma, has),
		              addr_format(&to->nbma, owner));
}

/* The head of a packet, as the data plane tells a router of it that it has come to. */
static void tell_head(struct sim_world *w, struct sim_router *r, enum node_event_type type,
                      const struct journey *j)
{
	struct node_event event = { .type = type };
	uint8_t head[HEAD_LEN] = { HEAD_VERSION };

	memcpy(head + HEAD_FROM, j->from.bytes, ADDR_V4_LEN);
	memcpy(head + HEAD_TO, j->to.bytes, ADDR_V4_LEN);
	event.hairpin.tunnel = SIM_TUNNEL;
	event.hairpin.from = j->last;
	event.hairpin.bytes = head;
	event.hairpin.len = sizeof head;
	router_step(w, r, &event);
}

/* A packet came to router r in clear from another: it may not know who that is. A p2p tunnel hears
 * its peer only. */
static void check_sender(struct sim_world *w, struct sim_router *r, const struct sim_router *sender,
                         const struct journey *j)
{
	const struct sim_peer *p = peer_find(r, &sender->overlay);

	if (!r->p2p && (!p || !addr_equal(&p->nbma, &j->last)))
		tell_head(w, r, NODE_STRANGER, j);
}

/* Sends a packet to an NBMA address: who gets it, and whose it was then; NULL: it is lost. */
static struct sim_router *cross(struct sim_world *w, struct sim_router *at, const struct addr *nbma,
                                struct journey *j)
{
	struct sim_ends ends = network_ends(at, nbma);
	struct sim_arrival a = { .ret_nbma = &j->last, .ret_stray = &j->stray };

	/* What nobody gets is sealed and counted as well: that is how dead peers are found. */
	if (addr_is_none(nbma) || (w->crypto && !protect_seal(at, nbma, &a.seal, &ends)) ||
	    !network_leave(w, at, &ends))
		return NULL;
	struct sim_router *next = network_reach(w, at, &ends);
	if (!next || !next->up || !network_joins(at, next))
		return NULL;
	a.from = ends.from;
	j->last = ends.from.addr;
	if (w->crypto)
		return protect_open(w, next, &a) ? next : NULL;
	check_sender(w, next, at, j);
	return next;
}

/* Carries a packet; the number of hops, 0 when it was lost, over SIM_HOPS_MAX when it went round.
 */
static uint32_t carry(struct sim_world *w, struct sim_router *at, const struct sim_router *to,
                      struct journey *j)
{
	uint32_t hops = 0;

	*j = (struct journey){ .from = routes_host(w, at), .to = routes_host(w, to) };
	while (at != to && hops++ < SIM_HOPS_MAX) {
		struct addr via = routes_via(w, at, &j->to);
		struct addr nbma = next_nbma(w, at, &via);
		j->waits = addr_is_none(&nbma) && !addr_is_none(&via);
		if (!addr_is_none(&j->last) && w->options->phase3)
			tell_head(w, at, NODE_HAIRPIN, j);
		at = cross(w, at, &nbma, j);
		if (!at)
			return 0;
	}
	return hops;
}

uint32_t traffic_follow(struct sim_world *w, struct sim_router *at, const struct addr *to)
{
	const struct sim_router *owner = routes_owner(w, to);
	uint32_t hops = 0;

	while (at && at->up && at != owner && hops <= SIM_HOPS_MAX) {
		struct addr via = routes_via(w, at, to);
		const struct sim_peer *p = peer_find(at, &via);
		if (!p)
			return hops;
		at = network_leads(w, at, &p->nbma);
		hops++;
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
		talk->failing = MONO_NEVER;
	}
	return talk;
}

static bool is_possible(const struct sim_router *from, const struct sim_router *to)
{
	return from && to && from != to && from->up && to->up;
}

static bool fails_for(const struct sim_world *w, const struct sim_talk *talk, int64_t ms)
{
	return !mono_is_never(talk->failing) &&
	       mono_due(mono_add_ms(talk->failing, ms), w->now.mono);
}

/* What is kept for a while is not lost yet. */
static bool is_kept(const struct sim_world *w, const struct sim_talk *talk, const struct journey *j)
{
	return j->waits && !fails_for(w, talk, QUEUE_MS);
}

/* Of an association that carried nothing nobody could know that its other half was gone. */
static bool is_found_out(const struct sim_world *w, const struct sim_talk *talk,
                         const struct journey *j)
{
	return j->stray == SIM_STRAY_HALF && !fails_for(w, talk, RECOVERY_MS);
}

/* Sends a packet and looks at what became of it; whether it arrived. */
static bool send_data(struct sim_world *w, const struct sim_talk *talk)
{
	struct sim_router *from = talk->from, *to = talk->to;
	struct journey j;
	uint32_t hops = carry(w, from, to, &j);
	bool settled = w->now.mono.ns >= (int64_t)sim_options_settled_s(w->options) * NS_PER_S;
	bool forgiven = !settled || j.stray == SIM_STRAY_CLOSING || is_kept(w, talk, &j) ||
	                is_found_out(w, talk, &j);

	w->count.data_sent++;
	w->count.data_direct += hops == 1;
	w->count.data_delivered += hops > 0 && hops <= SIM_HOPS_MAX;
	if (!from->p2p)
		check_path(w, from, to);
	if (!check_note(w, CHECK_DELIVERY, hops <= SIM_HOPS_MAX && (forgiven || hops > 0)))
		check_explain(w, CHECK_DELIVERY, "a packet from router %u to router %u %s",
		              from->index, to->index,
		              hops > SIM_HOPS_MAX ? "goes round in a loop" : "is lost");
	return hops > 0 && hops <= SIM_HOPS_MAX;
}

void traffic_send(struct sim_world *w)
{
	struct sim_talk *talk = choose_talk(w);

	if (is_possible(talk->from, talk->to))
		check_outage(w, talk, send_data(w, talk));
}

struct sim_router *traffic_race(struct sim_world *w)
{
	struct sim_router *one = world_random_spoke(w), *other = world_random_spoke(w);

	if (!is_possible(one, other))
		return NULL;
	send_data(w, &(struct sim_talk){ one, other, MONO_NEVER });
	send_data(w, &(struct sim_talk){ other, one, MONO_NEVER });
	return other;
}
