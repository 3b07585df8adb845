/* SPDX-License-Identifier: Apache-2.0 */
/* IKE as plain values, for `show`. Orders are those in which things were made. */
#include <string.h>

#include "ike/child.h"
#include "ike/core.h"
#include "ike/sa.h"
#include "ike/trustpoint.h"
#include "ike/v1_send.h"
#include "ike/v1_quick.h"
#include "util/check.h"

static enum ike_state state_of(const struct ike_sa *sa)
{
	if (sa->main && sa->aggressive)
		return IKE_AG_INIT_EXCH;
	switch (sa->step) {
	case IKE_SENT_1:
		return IKE_MM_NO_STATE;
	case IKE_SENT_2:
	case IKE_SENT_3:
		return IKE_MM_SA_SETUP;
	case IKE_SENT_4:
	case IKE_SENT_5:
	case IKE_SIGNING:
		return IKE_MM_KEY_EXCH;
	case IKE_STANDS:
		return IKE_QM_IDLE;
	default:
		return IKE_MM_NO_STATE;
	}
}

static void view_sa(const struct ike_sa *sa, struct ike_sa_view *ret)
{
	*ret = (struct ike_sa_view){
		.id = sa->id,
		.local = sa->path.from,
		.remote = sa->path.to,
		.local_port = sa->path.from_port,
		.remote_port = sa->path.to_port,
		.nat_port = sa->host->key.port,
		.state = state_of(sa),
		.deleted = sa->step == IKE_DELETED || sa->replaced,
		.initiator = sa->initiator,
		.cipher = sa->policy.cipher,
		.hash = sa->policy.hash,
		.group = sa->policy.group,
		.auth = sa->policy.auth,
		.has_dpd = sa->peer_dpd,
		.behind_nat = sa->behind_nat,
		.peer_behind_nat = sa->peer_behind_nat,
		.expires = sa->ends_at,
		.icookie = sa->icookie,
		.rcookie = sa->rcookie,
		.peer_id = sa->peer_id.addr,
		.peer_name = sa->peer_name,
	};
}

bool ike_next_sa(const struct ike *ike, struct node_cursor *cursor, struct ike_sa_view *ret)
{
	const struct ike_sa *sa = cursor->at;

	if (!cursor->started)
		sa = ike->sas;
	else if (sa)
		sa = sa->hh.next;
	cursor->started = true;
	cursor->at = sa;
	if (!sa)
		return false;
	view_sa(sa, ret);
	return true;
}

static void view_child(const struct ike_child *child, struct ipsec_view *ret)
{
	*ret = (struct ipsec_view){
		.tunnel = child->peer->key.tunnel,
		.local = child->path.from,
		.remote = child->peer->key.nbma,
		.at = child->host->key.remote,
		.nat_port = child->host->key.port,
		.remote_port = child->udp ? child->path.to_port : 0,
		.wanted = child->peer->n_wants,
		.up = child->has_out && !child->lost,
		.old = child->old,
		.ike_id = child->ike_id,
		.id = child->id,
		.spi_in = child->spi_in,
		.spi_out = child->spi_out,
		.cipher = child->cipher,
		.auth = child->auth,
		.mode = child->mode,
		.udp = child->udp,
		.esn = child->esn,
		.initiator = child->initiator,
		.pfs_group = child->pfs_group,
		.replay_packets = child->replay_packets,
		.lifetime_kb = child->lifetime_kb,
		.since = child->since,
		.expires = child->ends_at,
		.peer_since = child->peer->since,
		.gone_packets_in = child->peer->gone_in,
		.gone_packets_out = child->peer->gone_out,
	};
}

/* Without a host its tunnel is down, and no session is to be had. */
static const struct ike_peer *bare_peer(const struct ike_peer *peer)
{
	while (peer && (peer->children || !peer->n_wants || !peer->host))
		peer = peer->hh.next;
	return peer;
}

/* Pairs first, then the peers that have none; tunnel_i says which of the two the cursor is in. */
bool ike_next_ipsec(const struct ike *ike, struct node_cursor *cursor, struct ipsec_view *ret)
{
	if (cursor->tunnel_i == 0) {
		const struct ike_child *child = cursor->at;
		child = cursor->started ? child->hh.next : ike->children;
		cursor->started = true;
		cursor->at = child;
		if (child) {
			view_child(child, ret);
			return true;
		}
		cursor->tunnel_i = 1;
		cursor->started = false;
	}
	const struct ike_peer *peer = cursor->at;
	if (cursor->started && !peer)
		return false;
	peer = bare_peer(cursor->started ? peer->hh.next : ike->peers);
	cursor->started = true;
	cursor->at = peer;
	if (!peer)
		return false;
	*ret = (struct ipsec_view){
		.tunnel = peer->key.tunnel,
		.local = peer->host->key.local,
		.remote = peer->key.nbma,
		.at = peer->host->key.remote,
		.nat_port = peer->host->key.port,
		.wanted = true,
		.gone_packets_in = peer->gone_in,
		.gone_packets_out = peer->gone_out,
	};
	return true;
}

static size_t turn_bytes(const struct ike_turn *turn)
{
	return turn->sent ? turn->sent_len : 0;
}

static size_t sa_bytes(const struct ike_sa *sa)
{
	size_t bytes = sizeof *sa + turn_bytes(&sa->turn);

	if (sa->main)
		bytes += sizeof *sa->main + sa->main->sa_i_len + sa->main->early_id.len +
		         (sa->main->unsigned_out ? sizeof *sa->main->unsigned_out : 0);
	for (const struct ike_quick *q = sa->quicks; q; q = q->next)
		bytes += sizeof *q + turn_bytes(&q->turn);
	for (size_t i = 0; sa->fragments && i < IKE_FRAGMENTS_MAX; i++)
		bytes += sa->fragments->len[i];
	return bytes;
}

size_t ike_memory_bytes(const struct ike *ike)
{
	size_t bytes = sizeof *ike + ike->n_tunnels * sizeof *ike->tunnel +
	               ike->timers.room * sizeof *ike->timers.heap;

	for (const struct ike_sa *sa = ike->sas; sa; sa = sa->hh.next)
		bytes += sa_bytes(sa);
	for (const struct ike_peer *peer = ike->peers; peer; peer = peer->hh.next)
		bytes += sizeof *peer + peer->n_wants * sizeof *peer->wants;
	bytes += ike_trustpoints_bytes(ike);
	bytes += HASH_COUNT(ike->hosts) * sizeof *ike->hosts;
	bytes += ike->n_late * sizeof *ike->late;
	return bytes + HASH_COUNT(ike->children) * sizeof *ike->children;
}

void ike_counters(const struct ike *ike, struct ike_counters *ret)
{
	*ret = ike->counters;
	ret->n_half_open = ike->n_half_open;
	ret->n_sas = HASH_COUNT(ike->sas);
}

const char *ike_state_text(enum ike_state state)
{
	static const char *const text[IKE_STATES_N] = {
#define X(id, text) [id] = text,
		IKE_STATES(X)
#undef X
	};

	check(state < IKE_STATES_N);
	return text[state];
}

const char *ike_drop_key(enum ike_drop drop)
{
	static const char *const key[IKE_DROPS_N] = {
#define X(id, key, text) [id] = key,
		IKE_DROPS(X)
#undef X
	};

	check(drop < IKE_DROPS_N);
	return key[drop];
}

const char *ike_drop_text(enum ike_drop drop)
{
	static const char *const words[IKE_DROPS_N] = {
#define X(id, key, text) [id] = text,
		IKE_DROPS(X)
#undef X
	};

	check(drop < IKE_DROPS_N);
	return words[drop];
}
