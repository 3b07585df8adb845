/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Peers. A peer is made when a tunnel wants it or when it asks for quick mode itself, and stays
 * while it is wanted, has pairs of SAs, or its end has still to be told (ike_next_change). Its
 * timer is the only one that begins a negotiation.
 */
#include "ike/peer.h"

#include <string.h>

#include "ike/child.h"
#include "ike/host.h"
#include "ike/out.h"
#include "ike/sa.h"
#include "ike/tunnel.h"
#include "ike/v1_main.h"
#include "ike/v1_quick.h"
#include "util/memory.h"

enum {
	DELETE_AT_ONCE = 4, /* pairs that go in one unit of the output */
	YIELD_MS = 3000,    /* a peer that dials us gets so long, once, before we dial it */
};

static struct ike_peer_key key_of(uint32_t tunnel, const struct addr *nbma)
{
	struct ike_peer_key key;

	memset(&key, 0, sizeof key);
	key.tunnel = tunnel;
	key.nbma = *nbma;
	return key;
}

struct ike_peer *ike_peer_find(const struct ike *ike, uint32_t tunnel, const struct addr *nbma)
{
	struct ike_peer_key key = key_of(tunnel, nbma);
	struct ike_peer *peer;

	HASH_FIND(hh, ike->peers, &key, sizeof key, peer);
	return peer;
}

const struct ike_child *ike_peer_used_by(const struct ike *ike, struct ike_tunnel *t,
                                         const struct addr *nbma)
{
	const struct ike_peer *peer = ike_peer_find(ike, ike_tunnel_leader(ike, t)->number, nbma);

	return peer ? peer->current : NULL;
}

static struct ike_host *dialled_host(struct ike *ike, const struct ike_peer *peer,
                                     const struct addr *local)
{
	struct ike_host_key key = { *local, peer->key.nbma, 0 };

	if (peer->place.port) {
		key.remote = peer->place.addr;
		key.port = peer->place.port;
	}
	return ike_host_get(ike, &key);
}

struct ike_peer *ike_peer_get(struct ike *ike, struct ike_tunnel *leader, const struct addr *nbma)
{
	struct ike_peer *peer = ike_peer_find(ike, leader->number, nbma);

	if (!peer) {
		if (HASH_COUNT(ike->peers) >= IKE_PEERS_MAX)
			return NULL;
		peer = memory_new(1, sizeof *peer);
		peer->key = key_of(leader->number, nbma);
		peer->timer.kind = IKE_TIMER_PEER;
		HASH_ADD(hh, ike->peers, key, sizeof peer->key, peer);
		ike_peer_idle(ike, peer);
	}
	if (!peer->host && ike_tunnel_runs(leader))
		ike_peer_set_host(ike, peer, dialled_host(ike, peer, &leader->source));
	return peer;
}

void ike_peer_rename(struct ike *ike, struct ike_peer *peer, uint32_t tunnel)
{
	struct ike_peer *there = ike_peer_find(ike, tunnel, &peer->key.nbma);

	if (there == peer)
		return;
	HASH_DEL(ike->peers, peer);
	if (there) {
		HASH_DEL(ike->peers, there);
		there->key.tunnel = peer->key.tunnel;
		HASH_ADD(hh, ike->peers, key, sizeof there->key, there);
	}
	peer->key.tunnel = tunnel;
	HASH_ADD(hh, ike->peers, key, sizeof peer->key, peer);
}

void ike_peer_set_host(struct ike *ike, struct ike_peer *peer, struct ike_host *host)
{
	struct ike_host *old = peer->host;

	if (old == host)
		return;
	if (old) {
		struct ike_peer **at = &old->peers;
		while (*at != peer)
			at = &(*at)->next_of_host;
		*at = peer->next_of_host;
		peer->next_of_host = NULL;
	}
	peer->host = host;
	if (host) {
		peer->next_of_host = host->peers;
		host->peers = peer;
	}
	if (old)
		ike_host_release(ike, old);
}

void ike_peer_free(struct ike *ike, struct ike_peer *peer)
{
	ike_peer_set_host(ike, peer, NULL);
	timers_clear(&ike->timers, &peer->timer);
	HASH_DEL(ike->peers, peer);
	free(peer->wants);
	free(peer);
}

void ike_peer_idle(struct ike *ike, struct ike_peer *peer)
{
	if (peer->is_idle)
		return;
	peer->is_idle = true;
	peer->next_idle = ike->idle;
	ike->idle = peer;
}

void ike_peer_reap(struct ike *ike)
{
	struct ike_peer *peer = ike->idle, *next;

	ike->idle = NULL;
	for (; peer; peer = next) {
		next = peer->next_idle;
		peer->is_idle = false;
		if (peer->n_wants || peer->children || peer->quick || peer->n_answering)
			continue;
		if (peer->is_changed || peer->todo & IKE_PEER_USE)
			ike_peer_idle(ike, peer);
		else
			ike_peer_free(ike, peer);
	}
}

/* ---- up and down ---- */

static void note_change(struct ike *ike, struct ike_peer *peer)
{
	if (peer->is_changed)
		return;
	peer->is_changed = true;
	peer->next_changed = NULL;
	if (ike->changed_last)
		ike->changed_last->next_changed = peer;
	else
		ike->changed = peer;
	ike->changed_last = peer;
}

void ike_peer_moved(struct ike *ike, struct ike_peer *peer)
{
	peer->has_moved = true;
	note_change(ike, peer);
}

static bool has_moved(const struct ike_child *before, const struct ike_child *child)
{
	return before->path.to_port != child->path.to_port ||
	       !addr_equal(&before->path.to, &child->path.to) ||
	       !addr_equal(&before->own, &child->own);
}

static void trace_change(struct ike *ike, const struct ike_child *of, enum trace_type type,
                         enum trace_reason reason)
{
	ike_out_trace(ike, (struct trace){
				   .type = type,
				   .tunnel = of->peer->key.tunnel,
				   .peer = of->peer->key.nbma,
				   .at = of->path.to,
				   .port = of->path.to_port,
				   .reason = reason == REASON_REPLACED ? REASON_NONE : reason,
				   .code = reason == REASON_REPLACED,
			   });
}

static void hand_out_use(struct ike *ike, const struct ike_peer *peer)
{
	const struct ike_tunnel *leader = ike_tunnel_find(ike, peer->key.tunnel);

	for (size_t i = 0; leader && i < ike->n_tunnels; i++) {
		if (!ike_tunnel_follows(&ike->tunnel[i], leader))
			continue;
		struct node_action *action = ike_out_action(ike, NODE_SA_USE);
		if (!action)
			return;
		action->use.tunnel = ike->tunnel[i].number;
		const struct ike_child *used =
			ike_peer_used_by(ike, &ike->tunnel[i], &peer->key.nbma);
		action->use.nbma = peer->key.nbma;
		action->use.id = used ? used->id + 1 : 0;
	}
}

void ike_peer_use(struct ike *ike, struct ike_peer *peer, struct ike_child *child,
                  enum trace_reason reason)
{
	struct ike_child *before = peer->current;

	if (before == child)
		return;
	peer->current = child;
	peer->has_yielded = false;
	if (child)
		peer->n_failed = 0;
	if (!before)
		peer->since = ike->now.mono;
	hand_out_use(ike, peer);
	if (child)
		trace_change(ike, child, TRACE_IPSEC_UP, before ? REASON_REPLACED : REASON_NONE);
	else
		trace_change(ike, before, TRACE_IPSEC_DOWN, reason);
	if (!before || !child)
		note_change(ike, peer);
	else if (has_moved(before, child))
		ike_peer_moved(ike, peer);
	if (!child)
		ike_peer_wake(ike, peer);
	ike_peer_idle(ike, peer);
}

/* ---- wants ---- */

/* A main mode of ours that nobody waits for any more ends without a word. */
static void end_main(struct ike *ike, struct ike_host *host)
{
	if (ike_host_is_used(host))
		return;
	struct ike_sa *coming = ike_host_coming(host);
	if (coming && coming->initiator)
		ike_sa_delete(ike, coming, REASON_UNWANTED, false);
}

void ike_peer_go_over(struct ike *ike, struct ike_peer *peer, struct ike_host *host)
{
	struct ike_host *old = peer->host;
	struct ike_sa *coming = old && old != host ? ike_host_coming(old) : NULL;

	ike_peer_set_host(ike, peer, host);
	if (coming && coming->step == IKE_SENT_1)
		end_main(ike, old);
}

/* Where something stands already it is known better. */
static void note_place(struct ike *ike, struct ike_peer *peer, const struct udp_place *place)
{
	const struct ike_host *host = peer->host;

	if (!place->port || peer->current || (host && ike_host_standing(host)))
		return;
	if (!udp_place_equal(&peer->place, place))
		peer->n_failed = 0;
	peer->place = *place;
	if (!host)
		return;
	ike_peer_go_over(ike, peer, dialled_host(ike, peer, &host->key.local));
	peer->not_before = ike->now.mono;
	ike_peer_wake(ike, peer);
}

void ike_want(struct ike *ike, uint32_t tunnel, const struct addr *nbma,
              const struct udp_place *place)
{
	struct ike_tunnel *t = ike_tunnel_find(ike, tunnel);

	if (!t || !t->profile[0] || addr_is_none(nbma) || ike->stopping)
		return;
	struct ike_peer *peer = ike_peer_get(ike, ike_tunnel_leader(ike, t), nbma);
	if (!peer)
		return;
	note_place(ike, peer, place);
	for (size_t i = 0; i < peer->n_wants; i++)
		if (peer->wants[i] == tunnel)
			return;
	peer->wants = memory_resize(peer->wants, peer->n_wants + 1, sizeof *peer->wants);
	peer->wants[peer->n_wants++] = tunnel;
	if (peer->current)
		peer->todo |= IKE_PEER_USE;
	peer->not_before = ike->now.mono;
	ike_peer_wake(ike, peer);
}

void ike_place_told(struct ike *ike, uint32_t tunnel, const struct addr *nbma, bool told)
{
	struct ike_tunnel *t = ike_tunnel_find(ike, tunnel);
	struct ike_peer *peer =
		t ? ike_peer_find(ike, ike_tunnel_leader(ike, t)->number, nbma) : NULL;

	if (peer)
		peer->place_told = told && (peer->n_wants <= 1 || peer->place_told);
}

void ike_peer_want_again(struct ike *ike, uint32_t tunnel, const struct ike_peer *before)
{
	const struct addr *nbma = &before->key.nbma;
	struct ike_tunnel *t = ike_tunnel_find(ike, tunnel);
	struct ike_peer *peer = t ? ike_peer_get(ike, ike_tunnel_leader(ike, t), nbma) : NULL;

	ike_want(ike, tunnel, nbma, &before->place);
	if (!peer)
		return;
	ike_place_told(ike, tunnel, nbma, before->place_told);
	peer->todo |= IKE_PEER_USE;
	ike_peer_wake(ike, peer);
}

void ike_forget(struct ike *ike, uint32_t tunnel, const struct addr *nbma)
{
	struct ike_tunnel *t = ike_tunnel_find(ike, tunnel);
	struct ike_peer *peer =
		t ? ike_peer_find(ike, ike_tunnel_leader(ike, t)->number, nbma) : NULL;

	if (!peer)
		return;
	for (size_t i = 0; i < peer->n_wants; i++)
		if (peer->wants[i] == tunnel)
			peer->wants[i--] = peer->wants[--peer->n_wants];
	if (!peer->n_wants)
		ike_peer_delete_later(ike, peer, REASON_UNWANTED);
}

bool ike_is_up(const struct ike *ike, uint32_t tunnel, const struct addr *nbma)
{
	struct ike_tunnel *t = ike_tunnel_find(ike, tunnel);

	return t && ike_peer_used_by(ike, t, nbma);
}

/* The first of those with an address, whatever their ports. */
static const struct ike_host *first_host(const struct ike *ike, const struct addr *local,
                                         const struct addr *remote)
{
	const struct ike_host_key key = { *local, *remote, 0 };

	return ike_host_find(ike, &key);
}

bool ike_is_authenticated(const struct ike *ike, uint32_t tunnel, const struct addr *nbma)
{
	const struct ike_tunnel *t = ike_tunnel_find(ike, tunnel);
	const struct ike_host *h = t ? first_host(ike, &t->source, nbma) : NULL;

	while (h && !ike_host_standing(h))
		h = ike_host_next_port(h);
	return h;
}

bool ike_knows(const struct ike *ike, const struct addr *local, const struct addr *remote)
{
	const struct ike_host *h = first_host(ike, local, remote);

	while (h && !h->peers && !ike_host_standing(h))
		h = ike_host_next_port(h);
	return h;
}

/* ---- what is to be done ---- */

void ike_peer_wake(struct ike *ike, struct ike_peer *peer)
{
	mono at = ike->now.mono;

	if (!peer->todo && !peer->n_wants)
		return;
	if (!(peer->todo & (IKE_PEER_DELETE | IKE_PEER_USE)) && mono_before(at, peer->not_before))
		at = peer->not_before;
	timers_set(&ike->timers, &peer->timer, at);
}

/*
 * A server that does not answer is asked on and on, for without it there is nothing. Whom a server
 * has told us the place of is reached by it meanwhile, and his NAT may never let us in.
 */
static uint32_t retry_s(const struct ike_peer *peer)
{
	uint32_t s = IKE_RETRY_S;

	for (unsigned i = 1; peer->place_told && i < peer->n_failed; i++)
		s = s * 2 < IKE_PLACE_RETRY_MAX_S ? s * 2 : IKE_PLACE_RETRY_MAX_S;
	return s;
}

void ike_peer_failed(struct ike *ike, struct ike_peer *peer)
{
	if (peer->n_failed < UINT8_MAX)
		peer->n_failed++;
	peer->not_before = mono_add_s(ike->now.mono, retry_s(peer));
	ike_peer_wake(ike, peer);
	ike_peer_idle(ike, peer);
}

void ike_peer_renew(struct ike *ike, struct ike_peer *peer)
{
	peer->todo |= IKE_PEER_RENEW;
	ike_peer_wake(ike, peer);
}

void ike_peer_delete_later(struct ike *ike, struct ike_peer *peer, enum trace_reason reason)
{
	peer->todo |= IKE_PEER_DELETE;
	peer->reason = (uint8_t)reason;
	ike_peer_wake(ike, peer);
}

static void delete_some(struct ike *ike, struct ike_peer *peer)
{
	if (peer->quick)
		ike_quick_end(ike, peer->quick);
	for (int i = 0; peer->children && i < DELETE_AT_ONCE; i++)
		ike_child_delete(ike, peer->children, (enum trace_reason)peer->reason, true);
	if (!peer->children) {
		peer->todo = (uint8_t)(peer->todo & ~IKE_PEER_DELETE);
		if (peer->host)
			end_main(ike, peer->host);
	}
	ike_peer_wake(ike, peer);
	ike_peer_idle(ike, peer);
}

static void negotiate(struct ike *ike, struct ike_peer *peer)
{
	struct ike_sa *sa = ike_host_standing(peer->host);
	struct ike_sa *coming = ike_host_coming(peer->host);

	if (sa) {
		ike_quick_start(ike, sa, peer);
	} else if (!coming) {
		if (!ike_main_start(ike, peer->host))
			ike_peer_failed(ike, peer);
	} else if (!coming->initiator && peer->has_yielded) {
		if (!ike_main_start(ike, peer->host))
			ike_peer_failed(ike, peer);
	} else if (!coming->initiator) {
		peer->has_yielded = true;
		peer->not_before = mono_add_ms(ike->now.mono, YIELD_MS);
		ike_peer_wake(ike, peer);
	}
}

/* Who knows it already does not mind. */
static void use_again(struct ike *ike, struct ike_peer *peer)
{
	peer->todo = (uint8_t)(peer->todo & ~IKE_PEER_USE);
	hand_out_use(ike, peer);
	peer->told_up = !peer->current;
	note_change(ike, peer);
	ike_peer_idle(ike, peer);
}

void ike_peer_fire(struct ike *ike, struct ike_peer *peer)
{
	if (peer->todo & IKE_PEER_DELETE) {
		delete_some(ike, peer);
		return;
	}
	if (peer->todo & IKE_PEER_USE)
		use_again(ike, peer);
	bool wanted = (peer->n_wants && !peer->current) || peer->todo & IKE_PEER_RENEW;
	if (!wanted || !peer->host || peer->quick || peer->n_answering)
		return;
	if (mono_before(ike->now.mono, peer->not_before)) {
		ike_peer_wake(ike, peer);
		return;
	}
	negotiate(ike, peer);
}
