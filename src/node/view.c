/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cursors are positions in arrays or, for saved entries, the entry itself: both are good until the
 * next step, which may change what they point into.
 */
#include "node/view.h"

#include "nhrp/cache.h"
#include "nhrp/guard.h"
#include "nhrp/kept.h"
#include "nhrp/limit.h"
#include "nhrp/multicast.h"
#include "nhrp/tunnel.h"
#include "node/state.h"

static enum nhrp_peer_state peer_state(const struct node *node, const struct nhrp_entry *e)
{
	if (e->type == NHRP_ENTRY_INCOMPLETE)
		return NHRP_PEER_NHRP;
	if (!e->guard || e->guard->up)
		return NHRP_PEER_UP;
	return node->ike && ike_is_authenticated(node->ike, e->key.tunnel, &e->guard->key.nbma)
	               ? NHRP_PEER_IPSEC
	               : NHRP_PEER_IKE;
}

/* A server's own entry is up as long as the server answers. */
static void view_server(const struct nhrp_tunnel *t, const struct nhrp_entry *e,
                        struct nhrp_entry_view *ret)
{
	for (size_t i = 0; i < t->n_nhs; i++) {
		const struct nhrp_nhs *nhs = t->nhs[i];
		if (nhs->leaving || !addr_equal(&nhs->address, &e->key.target.addr))
			continue;
		if (nhs->state != NHRP_NHS_UP && ret->state == NHRP_PEER_UP)
			ret->state = NHRP_PEER_NHRP;
		ret->changed = nhs->changed;
		ret->ever_up = nhs->ever_up;
	}
}

static void view_entry(const struct node *node, const struct nhrp_entry *e,
                       struct nhrp_entry_view *ret)
{
	bool complete = e->type != NHRP_ENTRY_INCOMPLETE;

	*ret = (struct nhrp_entry_view){
		.tunnel = e->key.tunnel,
		.target = e->key.target,
		.via = complete ? e->via : ADDR_ANY_NONE,
		.nbma = complete ? e->nbma : ADDR_ANY_NONE,
		.claimed = e->claimed,
		.type = (enum nhrp_entry_type)e->type,
		.flags = e->flags,
		.state = peer_state(node, e),
		.created = e->created,
		.changed = e->changed,
		.ever_up = e->ever_up || e->origin != NHRP_BY_WANT,
		.expires = e->expires,
		.cache_hits = e->cache_hits,
		.mtu_bytes = e->type == NHRP_ENTRY_INCOMPLETE ? 0 : e->mtu_bytes,
		.holdtime_s = e->holdtime_s,
		.preference = e->preference,
		.request_id = e->request_id,
		.has_requester = e->origin == NHRP_BY_ANSWER,
		.requester = e->requester,
		.size_bytes = sizeof *e,
	};
	if (e->origin == NHRP_BY_CONFIG)
		view_server(nhrp_tunnel_find(&node->nhrp, e->key.tunnel), e, ret);
}

bool node_entry_next(const struct node *node, struct node_cursor *cursor,
                     struct nhrp_entry_view *ret)
{
	const struct nhrp *n = &node->nhrp;

	if (cursor->tunnel_i >= n->n_entries)
		return false;
	view_entry(node, nhrp_cache_sorted(n)[cursor->tunnel_i++], ret);
	return true;
}

static void view_nhs(const struct nhrp_nhs *nhs, struct nhs_view *ret)
{
	*ret = (struct nhs_view){
		.tunnel = nhs->tunnel->number,
		.address = nhs->address,
		.nbma = nhs->nbma,
		.fqdn = nhs->config.fqdn[0] ? nhs->config.fqdn : NULL,
		.expecting = !nhs->waiting,
		.waiting = nhs->waiting,
		.responding = nhs->state == NHRP_NHS_UP && !nhs->waiting,
		.dynamic = addr_is_none(&nhs->config.address),
		.priority = nhs->config.priority,
		.cluster = nhs->config.cluster,
		.requests_sent = nhs->requests_sent,
		.requests_failed = nhs->requests_failed,
		.replies_received = nhs->replies_received,
		.last_reply = nhs->last_reply,
		.request_id = nhs->request_id,
		.request_id_acked = nhs->acked_id,
		.pending = nhs->pending && !nhs->waiting,
		.retransmit_s = nhs->pending && !nhs->waiting ? nhs->interval_s : 0,
	};
}

bool node_nhs_next(const struct node *node, struct node_cursor *cursor, struct nhs_view *ret)
{
	const struct nhrp *n = &node->nhrp;

	/* after_len counts within the tunnel: SNAP_NHS_MAX of them, and those that leave. */
	for (; cursor->tunnel_i < n->n_tunnels; cursor->tunnel_i++, cursor->after_len = 0) {
		const struct nhrp_tunnel *t = n->tunnel[cursor->tunnel_i];
		while (t->running && cursor->after_len < t->n_nhs) {
			const struct nhrp_nhs *nhs = t->nhs[cursor->after_len++];
			if (nhs->leaving)
				continue;
			view_nhs(nhs, ret);
			return true;
		}
	}
	return false;
}

static void view_tunnel(const struct nhrp_tunnel *t, struct nhrp_tunnel_view *ret)
{
	bool has_nhs = false;

	for (size_t i = 0; i < t->n_nhs; i++)
		has_nhs |= !t->nhs[i]->leaving;
	*ret = (struct nhrp_tunnel_view){
		.tunnel = t->number,
		.up = t->up,
		.source = t->source,
		.is_hub = t->n_registered || !has_nhs,
		.is_spoke = has_nhs,
		.n_entries = t->n_entries,
		.traffic = t->traffic,
		.max_send_packets = nhrp_limit_packets(t),
		.max_send_every_s = nhrp_limit_every_s(t),
		.max_send_used = (uint16_t)t->sent_in_window,
	};
}

bool node_tunnel_next(const struct node *node, struct node_cursor *cursor,
                      struct nhrp_tunnel_view *ret)
{
	const struct nhrp *n = &node->nhrp;

	while (cursor->tunnel_i < n->n_tunnels) {
		const struct nhrp_tunnel *t = n->tunnel[cursor->tunnel_i++];
		if (!t->running)
			continue;
		view_tunnel(t, ret);
		return true;
	}
	return false;
}

bool node_multicast_next(const struct node *node, struct node_cursor *cursor,
                         struct multicast_view *ret)
{
	const struct nhrp_member *m = cursor->at;

	m = cursor->started ? (m ? m->hh.next : NULL) : node->nhrp.members;
	cursor->started = true;
	/* What nobody holds any more is about to go. */
	while (m && !m->holders)
		m = m->hh.next;
	cursor->at = m;
	if (m)
		nhrp_multicast_view(&node->nhrp, m, ret);
	return m != NULL;
}

bool node_saved_next(const struct node *node, struct node_cursor *cursor, struct now now,
                     struct node_saved_entry *ret)
{
	const struct nhrp_entry *e = cursor->at;

	if (e || !cursor->started)
		e = nhrp_kept_next(&node->nhrp, e);
	cursor->started = true;
	cursor->at = e;
	if (e)
		nhrp_kept_view(&node->nhrp, e, now, ret);
	return e != NULL;
}

bool node_ike_sa_next(const struct node *node, struct node_cursor *cursor, struct ike_sa_view *ret)
{
	return node->ike && ike_next_sa(node->ike, cursor, ret);
}

bool node_certificate_next(const struct node *node, struct node_cursor *cursor,
                           struct certificate_view *ret)
{
	return node->ike && ike_next_certificate(node->ike, cursor, ret);
}

bool node_ipsec_next(const struct node *node, struct node_cursor *cursor, struct ipsec_view *ret)
{
	return node->ike && ike_next_ipsec(node->ike, cursor, ret);
}

bool node_ike_failure_next(const struct node *node, struct node_cursor *cursor,
                           struct ike_failure_view *ret)
{
	return node->ike && ike_next_failure(node->ike, cursor, ret);
}

void node_ike_counters(const struct node *node, struct ike_counters *ret)
{
	*ret = (struct ike_counters){ 0 };
	if (node->ike)
		ike_counters(node->ike, ret);
}

uint64_t node_drops(const struct node *node, enum node_drop drop)
{
	return (unsigned)drop < NODE_DROPS_N ? node->nhrp.drops[drop] : 0;
}

size_t node_memory_bytes(const struct node *node)
{
	const struct nhrp *n = &node->nhrp;
	size_t bytes = sizeof *node + n->n_entries * sizeof(struct nhrp_entry);

	if (n->entries)
		bytes += HASH_OVERHEAD(hh, n->entries) - n->n_entries * sizeof(UT_hash_handle);
	if (n->guards)
		bytes += HASH_OVERHEAD(hh, n->guards) +
		         HASH_COUNT(n->guards) *
		                 (sizeof(struct nhrp_guard) - sizeof(UT_hash_handle));
	if (node->ike)
		bytes += ike_memory_bytes(node->ike);
	bytes += n->timers.room * sizeof *n->timers.heap;
	bytes += n->sorted_room * sizeof *n->sorted;
	for (size_t i = 0; i < n->n_tunnels; i++)
		bytes +=
			sizeof *n->tunnel + sizeof(struct nhrp_tunnel) +
			n->tunnel[i]->n_nhs * (sizeof(struct nhrp_nhs *) + sizeof(struct nhrp_nhs));
	return bytes;
}

const char *nhrp_entry_flag_word(enum nhrp_entry_flag flag)
{
	static const char *const words[NHRP_ENTRY_FLAGS_N] = {
#define X(id, word) word,
		NHRP_ENTRY_FLAGS(X)
#undef X
	};

	return (unsigned)flag < NHRP_ENTRY_FLAGS_N ? words[flag] : "unknown";
}
