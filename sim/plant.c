/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults of nodes, one for each checker, two for those with two rules, so that it is known to see
 * what it is for. They stand between a node and its surroundings, in both directions: from outside,
 * a node that forgets what it heard and one that was never told are the same. The checkers are told
 * the truth about it.
 */
#include "world.h"

#include <string.h>

#include "ike/message.h"

enum {
	AFTER_S = 60,
	KEEPS_TIMES = 2,
	KEEPS_MORE = 1000,
	MESSAGE_ID_AT = 20, /* in an ISAKMP header */
	MESSAGE_ID_LEN = 4,
};

static bool is_planted(const struct sim_world *w, enum sim_checker c)
{
	return w->options->plant == (int)c && !w->options->plant_other;
}

static bool is_other_planted(const struct sim_world *w, enum sim_checker c)
{
	return w->options->plant == (int)c && w->options->plant_other;
}

static struct sim_router *victim(const struct sim_world *w)
{
	return &w->router[world_first_spoke(w)];
}

/* Another one than that which has the address. */
static struct sim_router *other_than(const struct sim_world *w, const struct addr *overlay)
{
	struct sim_router *r = victim(w);

	return addr_equal(&r->overlay, overlay) ? r + 1 : r;
}

void plant_config(const struct sim_world *w, const struct sim_router *r, struct snap_tunnel *t)
{
	/* All go back to a better server at once. */
	if (is_other_planted(w, CHECK_SERVERS))
		t->nhrp.nhs_fallback_s = 0;
	if (r != victim(w))
		return;
	/* It takes no notice of max-connections, or of its protection. */
	for (size_t i = 0; is_planted(w, CHECK_SERVERS) && i < SNAP_CLUSTERS; i++)
		t->nhrp.cluster[i].limited = false;
	if (is_planted(w, CHECK_CLEAR))
		t->protected = false;
}

/* It keeps clients that have gone long ago. */
void plant_restore(struct sim_world *w, struct sim_router *r)
{
	uint32_t n = w->n_routers * KEEPS_TIMES + KEEPS_MORE;
	struct node_event event = { .type = NODE_RESTORE };

	for (uint32_t i = 0; is_planted(w, CHECK_GROWTH) && r == victim(w) && i < n; i++) {
		struct addr gone = addr_from_u32(addr_to_u32(&r->overlay) + w->n_routers + i);
		event.saved = (struct node_saved_entry){
			.tunnel = SIM_TUNNEL,
			.target = prefix_host(&gone),
			.nbma = w->router[0].nbma,
			.holdtime_s = UINT16_MAX,
			.expires_wall_ms = w->now.wall_ms + (int64_t)UINT16_MAX * 1000,
			.created_wall_ms = w->now.wall_ms,
		};
		router_step(w, r, &event);
	}
}

static bool is_registration_of(const struct sim_router *r, const uint8_t *bytes, size_t len)
{
	struct nhrp_packet p;

	return nhrp_parse(bytes, len, &p) == NHRP_WIRE_OK && p.type == NHRP_REGISTRATION_REQUEST &&
	       addr_equal(&p.src_proto, &r->overlay);
}

static bool is_later(const struct sim_world *w)
{
	return w->now.mono.ns >= (int64_t)AFTER_S * NS_PER_S;
}

bool plant_hears(const struct sim_world *w, const struct sim_router *r,
                 const struct node_event *event)
{
	/* A hub takes no registrations of one client any more. */
	return !is_planted(w, CHECK_HUB_CACHE) || !r->hub || event->type != NODE_PACKET ||
	       !is_later(w) ||
	       !is_registration_of(victim(w), event->packet.bytes, event->packet.len);
}

static bool sets_peer(const struct sim_world *w, const struct sim_router *r, struct node_action *a)
{
	enum node_peer_kind kind = a->peer.kind;

	/* Takes one router's address for another's, as a spoke or as a hub. */
	if ((is_planted(w, CHECK_PATH) && r == victim(w) && kind == NODE_PEER_RESOLVED) ||
	    (is_planted(w, CHECK_LOOP) && r->hub && kind == NODE_PEER_REGISTERED))
		a->peer.nbma = other_than(w, &a->peer.peer)->nbma;
	/* Finds a way, and does not go it. */
	if (is_planted(w, CHECK_DELIVERY) && r == victim(w))
		return kind == NODE_PEER_STATIC;
	/* Does not leave a direct path for the hub's. */
	return !is_planted(w, CHECK_OUTLIVE) || kind == NODE_PEER_STATIC ||
	       kind == NODE_PEER_RESOLVED || r->hub;
}

static bool adds_sa(struct sim_world *w, const struct sim_router *r, struct node_action *a)
{
	if (r != victim(w))
		return true;
	w->planted_sa = *a->sa;
	/* Derives other keys than its peer. */
	if (is_planted(w, CHECK_AGREEMENT) && !a->sa->outbound)
		w->planted_sa.cipher_key[0] ^= 1;
	/* Derives no new keys. */
	if (is_planted(w, CHECK_REUSE) && a->sa->outbound) {
		memset(w->planted_sa.cipher_key, 0, sizeof w->planted_sa.cipher_key);
		memset(w->planted_sa.auth_key, 0, sizeof w->planted_sa.auth_key);
	}
	a->sa = &w->planted_sa;
	return true;
}

/* Draws no new message ids for its informational exchanges: their IVs follow from these. */
static bool sends_ike(struct sim_world *w, const struct sim_router *r, struct node_action *a)
{
	struct isakmp_header h;

	if (!is_other_planted(w, CHECK_REUSE) || r != victim(w) ||
	    !isakmp_parse_header(a->ike.bytes, a->ike.len, &h) ||
	    a->ike.len > sizeof w->planted_ike || h.exchange != ISAKMP_INFORMATIONAL ||
	    !(h.flags & ISAKMP_FLAG_ENCRYPTED))
		return true;
	memcpy(w->planted_ike, a->ike.bytes, a->ike.len);
	memset(w->planted_ike + MESSAGE_ID_AT, 1, MESSAGE_ID_LEN);
	a->ike.bytes = w->planted_ike;
	return true;
}

bool plant_does(struct sim_world *w, const struct sim_router *r, struct node_action *a)
{
	switch (a->type) {
	case NODE_SET_PEER:
		return sets_peer(w, r, a);
	case NODE_DEL_PEER:
	case NODE_DEL_ROUTE:
		return !is_planted(w, CHECK_OUTLIVE) || r->hub;
	case NODE_SEND:
		/* Does not renew its registration. */
		return !is_planted(w, CHECK_OUTAGE) || r != victim(w) || !is_later(w) ||
		       !is_registration_of(r, a->send.bytes, a->send.len);
	case NODE_RESERVE_IDS:
		return !is_planted(w, CHECK_REQUEST_ID);
	case NODE_SA_ADD:
		return adds_sa(w, r, a);
	case NODE_IKE_SEND:
		return sends_ike(w, r, a);
	default:
		return true;
	}
}
