/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where NHRP meets IKE. NHRP says to which NBMA addresses it sends (nhrp/guard.h), IKE protects
 * these and says when one is up or lost; nothing of either is known to the other.
 *
 * NHRP's timers go first: what it withdraws must leave before the SAs that it leaves by. What it
 * wants is then told to IKE, and what IKE brought up to NHRP, whose registrations go out in the
 * same step.
 */
#include "node/protect.h"

#include "nhrp/cache.h"
#include "nhrp/guard.h"

static void tell_wants(struct node *node)
{
	struct nhrp_want want;

	while (nhrp_guard_next(&node->nhrp, &want)) {
		if (!node->ike)
			continue;
		if (!want.wanted) {
			ike_forget(node->ike, want.tunnel, &want.nbma);
			continue;
		}
		ike_want(node->ike, want.tunnel, &want.nbma, &want.place);
		ike_place_told(node->ike, want.tunnel, &want.nbma, want.told);
	}
}

static void tell_changes(struct node *node)
{
	struct ike_change change;

	while (ike_next_change(node->ike, &change))
		nhrp_guard_changed(&node->nhrp,
		                   &(struct nhrp_want){ .tunnel = change.tunnel,
		                                        .nbma = change.nbma,
		                                        .place = change.place,
		                                        .own = change.own },
		                   change.up);
}

/* IKE knows nothing of a peer whose tunnel had no profile when it was wanted. */
static void configure(struct node *node, const struct snapshot *snapshot)
{
	ike_configure(node->ike, snapshot);
	nhrp_guard_retell(&node->nhrp);
}

static void tunnel_state(struct node *node, const struct node_event *event)
{
	const struct addr none = ADDR_ANY_NONE;

	ike_tunnel(node->ike, event->state.tunnel, event->state.up ? &event->state.source : &none);
}

/*
 * A forged SPI must not make us dial strangers. Behind a NAT a peer may come from an address that
 * is not the name he goes by: that one is known to IKE only.
 */
static void unknown_spi(struct node *node, const struct node_event *event)
{
	struct nhrp *n = &node->nhrp;
	const struct addr *from = &event->unknown.from, *to = &event->unknown.to;

	if (nhrp_guard_knows(n, to, from) || ike_knows(node->ike, to, from))
		ike_unknown_spi(node->ike, event);
	else
		n->drops[DROP_STRANGER]++;
}

/* What NHRP has marked to go is still among its entries. */
static void clear_sessions(struct node *node, const struct node_event *event)
{
	if (!event->clear.sessions)
		return;
	for (const struct nhrp_entry *e = node->nhrp.entries; e; e = e->hh.next)
		if (nhrp_entry_is_path(e) && nhrp_clears(event, e) &&
		    (e->type != NHRP_ENTRY_STATIC || event->clear.statics))
			ike_clear_peer(node->ike, e->key.tunnel, &e->nbma);
}

void node_protect_handle(struct node *node, const struct node_event *event)
{
	if (!node->ike) {
		if (event->type == NODE_IKE_PACKET || event->type == NODE_SA_UNKNOWN)
			node->nhrp.drops[DROP_NO_TUNNEL]++;
		return;
	}
	switch (event->type) {
	case NODE_CONFIGURE:
		configure(node, event->snapshot);
		break;
	case NODE_TUNNEL:
		tunnel_state(node, event);
		break;
	case NODE_IKE_PACKET:
		ike_packet(node->ike, event);
		break;
	case NODE_SA_UNKNOWN:
		unknown_spi(node, event);
		break;
	case NODE_SA_MOVED:
		ike_moved(node->ike, event);
		break;
	case NODE_SA_USED:
		ike_used(node->ike, event);
		break;
	case NODE_CLEAR:
		clear_sessions(node, event);
		break;
	case NODE_CLEAR_CRYPTO:
		ike_clear(node->ike, event);
		break;
	case NODE_CREDENTIALS:
		ike_credentials(node->ike, event);
		break;
	case NODE_IKE_SIGNED:
		ike_signed(node->ike, event);
		break;
	default:
		break;
	}
}

void node_protect_run(struct node *node)
{
	nhrp_run(&node->nhrp);
	tell_wants(node);
	if (!node->ike)
		return;
	ike_run(node->ike);
	tell_changes(node);
	nhrp_run(&node->nhrp);
	tell_wants(node);
}

bool node_protect_stop(struct node *node)
{
	if (!node->ike)
		return true;
	if (!node->ike_stopped) {
		node->ike_stopped = true;
		ike_stop(node->ike);
		ike_run(node->ike);
		tell_changes(node);
	}
	return ike_is_silent(node->ike);
}
