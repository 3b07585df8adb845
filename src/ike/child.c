/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pairs of IPsec SAs. The latest of a peer is the one that packets leave by. Those before it are
 * old: they go with a DELETE after IKE_OLD_SA_S, so that nothing under way is lost.
 *
 * When both ends begin quick mode at once, one of them gives way (v1_quick.c), so that both make
 * pairs in the same order.
 */
#include "ike/child.h"

#include <string.h>

#include "ike/host.h"
#include "ike/late.h"
#include "ike/out.h"
#include "ike/peer.h"
#include "ike/tunnel.h"
#include "ike/v1_info.h"
#include "util/memory.h"

enum { OLD_BUSY_S = 5 }; /* an old pair by which the peer has sent within this is kept */

size_t ike_child_keymat_len(const struct ike_child *child)
{
	return (size_t)esp_cipher_algorithm(child->cipher)->key_len +
	       esp_auth_algorithm(child->auth)->key_len;
}

struct ike_child *ike_child_find(const struct ike *ike, uint32_t id)
{
	struct ike_child *child;

	HASH_FIND(hh, ike->children, &id, sizeof id, child);
	return child;
}

/* Quick modes under way have SPIs that are no child's yet; 32 random bits do not meet them. */
uint32_t ike_child_draw_spi(struct ike *ike)
{
	for (;;) {
		uint32_t spi = entropy_u32(&ike->entropy);
		struct ike_child *child;
		HASH_FIND(hh_spi, ike->children_by_spi, &spi, sizeof spi, child);
		if (spi >= ESP_SPI_MIN && !child)
			return spi;
	}
}

/* The oldest of the old ones makes room. */
static bool make_room(struct ike *ike, struct ike_peer *peer)
{
	struct ike_child *oldest = NULL;

	if (peer->n_children < IKE_CHILDREN_PER_PEER)
		return true;
	for (struct ike_child *c = peer->children; c; c = c->next_of_peer)
		if (c->old)
			oldest = c;
	if (oldest)
		ike_child_delete(ike, oldest, REASON_REPLACED, true);
	return oldest;
}

struct ike_child *ike_child_new(struct ike *ike, struct ike_peer *peer,
                                const struct ike_child *like)
{
	if (!make_room(ike, peer))
		return NULL;
	struct ike_child *child = memory_new(1, sizeof *child);
	*child = *like;
	child->id = ike->next_child_id;
	ike->next_child_id += 2;
	child->timer = (struct timer){ .kind = IKE_TIMER_CHILD };
	child->peer = peer;
	child->since = child->used_at = ike->now.mono;
	child->heard_at = (mono){ 0 };
	child->renew_at = child->settles_at = MONO_NEVER;
	child->ends_at = mono_add_s(ike->now.mono, child->lifetime_s);
	child->next_of_peer = peer->children;
	peer->children = child;
	peer->n_children++;
	child->next_of_host = child->host->children;
	child->host->children = child;
	HASH_ADD(hh, ike->children, id, sizeof child->id, child);
	HASH_ADD(hh_spi, ike->children_by_spi, spi_in, sizeof child->spi_in, child);
	timers_set(&ike->timers, &child->timer, child->ends_at);
	return child;
}

void ike_child_add(struct ike *ike, struct ike_child *child, bool outbound, const uint8_t *keymat)
{
	struct node_sa *sa = ike_out_sa(ike);

	if (!sa)
		return;
	*sa = (struct node_sa){
		.id = child->id + outbound,
		.tunnel = child->peer->key.tunnel,
		.shared = child->shared,
		.local = child->path.from,
		.nbma = child->peer->key.nbma,
		.remote = child->path.to,
		.inner_local = child->inner_local,
		.inner_remote = child->inner_remote,
		.udp_port = child->udp ? child->path.to_port : 0,
		.cipher = child->cipher,
		.auth = child->auth,
		.mode = child->mode,
		.spi = outbound ? child->spi_out : child->spi_in,
		.outbound = outbound,
		.esn = child->esn,
		.replay_packets = outbound ? 0 : child->replay_packets,
		.df_bit = ike->snapshot->crypto.df_bit,
	};
	size_t key_len = esp_cipher_algorithm(child->cipher)->key_len;
	memcpy(sa->cipher_key, keymat, key_len);
	memcpy(sa->auth_key, keymat + key_len, esp_auth_algorithm(child->auth)->key_len);
	if (outbound) {
		ike->entropy.fill(ike->entropy.ctx, sa->iv_key, sizeof sa->iv_key);
		child->has_out = true;
	} else {
		child->has_in = true;
	}
}

/* ---- replacement ---- */

static void set_timer(struct ike *ike, struct ike_child *child)
{
	mono end = mono_min(child->renew_at, child->ends_at);

	timers_set(&ike->timers, &child->timer, mono_min(end, child->settles_at));
}

static void grow_old(struct ike *ike, struct ike_child *child)
{
	child->old = true;
	child->renew_at = MONO_NEVER;
	uint32_t keep_s = IKE_OLD_SA_S + entropy_between(&ike->entropy, 0, IKE_OLD_SA_JITTER_S);
	child->ends_at = mono_min(child->ends_at, mono_add_s(ike->now.mono, keep_s));
	set_timer(ike, child);
}

/* The initiator renews first; the responder, by half the margin, only if nothing came of it. */
static void plan_renewal(struct ike *ike, struct ike_child *child)
{
	int64_t life_ms = child->lifetime_s * 1000LL;
	int64_t margin_ms = life_ms / IKE_REKEY_SHARE;
	int64_t jitter_ms = life_ms / IKE_REKEY_JITTER_SHARE;

	if (jitter_ms > INT32_MAX)
		jitter_ms = INT32_MAX;
	margin_ms += entropy_between(&ike->entropy, 0, (uint32_t)jitter_ms);
	if (!child->initiator)
		margin_ms /= 2;
	child->renew_at = mono_add_ms(child->since, life_ms - margin_ms);
	set_timer(ike, child);
}

static void take_over(struct ike *ike, struct ike_child *child)
{
	struct ike_peer *peer = child->peer;
	struct ike_child *best = child;

	for (struct ike_child *c = peer->children; c; c = c->next_of_peer)
		if (c->has_out && !c->old && mono_before(best->begun, c->begun))
			best = c;
	best->settles_at = child->settles_at = MONO_NEVER;
	set_timer(ike, best);
	for (struct ike_child *c = peer->children; c; c = c->next_of_peer)
		if (c != best && c->has_out && !c->old)
			grow_old(ike, c);
	ike_peer_use(ike, peer, best, REASON_NONE);
}

/*
 * A responder may have its pair in force after message 3 only (RFC 2409 5.5; strongSwan does), and
 * packets would overtake that: the initiator goes on with the pair that it has for a while.
 */
void ike_child_stands(struct ike *ike, struct ike_child *child)
{
	struct ike_peer *peer = child->peer;

	plan_renewal(ike, child);
	peer->todo = (uint8_t)(peer->todo & ~IKE_PEER_RENEW);
	if (child->initiator && peer->current) {
		child->settles_at = mono_add_ms(ike->now.mono, IKE_SETTLE_MS);
		set_timer(ike, child);
	} else {
		take_over(ike, child);
	}
}

void ike_child_heard(struct ike *ike, struct ike_child *child)
{
	child->heard_at = ike->now.mono;
	if (!mono_is_never(child->settles_at))
		take_over(ike, child);
}

/* ---- end ---- */

static void unlink_child(struct ike *ike, struct ike_child *child)
{
	struct ike_child **at = &child->peer->children;

	while (*at != child)
		at = &(*at)->next_of_peer;
	*at = child->next_of_peer;
	child->peer->n_children--;
	child->peer->gone_in += child->packets_in;
	child->peer->gone_out += child->packets_out;
	at = &child->host->children;
	while (*at != child)
		at = &(*at)->next_of_host;
	*at = child->next_of_host;
	timers_clear(&ike->timers, &child->timer);
	HASH_DELETE(hh, ike->children, child);
	HASH_DELETE(hh_spi, ike->children_by_spi, child);
}

void ike_child_free(struct ike *ike, struct ike_child *child)
{
	unlink_child(ike, child);
	free(child);
}

/* The best of what is left; one that has grown old lives again. */
static struct ike_child *next_best(const struct ike_peer *peer)
{
	struct ike_child *best = NULL;

	for (struct ike_child *c = peer->children; c; c = c->next_of_peer)
		if (c->has_out && !c->lost && (!best || (best->old && !c->old)))
			best = c;
	return best;
}

static bool may_fall_back(enum trace_reason reason)
{
	return reason == REASON_PEER_DELETED || reason == REASON_LIFETIME;
}

void ike_child_delete(struct ike *ike, struct ike_child *child, enum trace_reason reason, bool tell)
{
	struct ike_peer *peer = child->peer;
	struct ike_host *host = child->host;
	bool was_current = peer->current == child;

	unlink_child(ike, child);
	if (was_current) {
		struct ike_child *next = may_fall_back(reason) ? next_best(peer) : NULL;
		if (next && next->old) {
			next->old = false;
			next->ends_at = mono_add_s(next->since, next->lifetime_s);
			plan_renewal(ike, next);
		}
		ike_peer_use(ike, peer, next, reason);
	}
	/* What was handed over to be sealed leaves before the DELETE: dataplane_sa_del() waits. */
	if (child->has_out)
		ike_out_sa_del(ike, child->id + 1);
	if (tell)
		ike_info_delete_child(ike, child);
	if (child->has_in && child->is_deleted)
		ike_late_del(ike, child->id);
	else if (child->has_in)
		ike_out_sa_del(ike, child->id);
	free(child);
	ike_peer_idle(ike, peer);
	ike_host_release(ike, host);
}

void ike_child_lose(struct ike *ike, struct ike_child *child, enum trace_reason reason)
{
	child->lost = true;
	child->reason = (uint8_t)reason;
	timers_set(&ike->timers, &child->timer, ike->now.mono);
}

static void hand_out_move(struct ike *ike, const struct ike_child *child, uint32_t id)
{
	struct node_action *action = ike_out_action(ike, NODE_SA_MOVE);

	if (!action)
		return;
	action->move.id = id;
	action->move.remote = child->path.to;
	action->move.udp_port = child->udp ? child->path.to_port : 0;
}

void ike_child_tell_place(struct ike *ike, const struct ike_child *child)
{
	if (child->has_out)
		hand_out_move(ike, child, child->id + 1);
	if (child->has_in)
		hand_out_move(ike, child, child->id);
}

void ike_child_move(struct ike *ike, struct ike_child *child, struct ike_host *host,
                    const struct node_ike_path *path)
{
	struct ike_child **at = &child->host->children;

	while (*at != child)
		at = &(*at)->next_of_host;
	*at = child->next_of_host;
	child->next_of_host = host->children;
	host->children = child;
	child->host = host;
	child->path = *path;
	ike_child_tell_place(ike, child);
	if (child->peer->current == child)
		ike_peer_moved(ike, child->peer);
}

void ike_child_renew_now(struct ike *ike, struct ike_child *child)
{
	child->renew_at = ike->now.mono;
	set_timer(ike, child);
}

void ike_child_expire(struct ike *ike, struct ike_child *child)
{
	child->ends_at = mono_min(child->ends_at, mono_add_s(ike->now.mono, IKE_USED_UP_S));
	set_timer(ike, child);
}

void ike_child_check_idle(struct ike *ike, struct ike_child *child)
{
	const struct ike_tunnel *t = ike_tunnel_find(ike, child->peer->key.tunnel);
	const struct snap_ipsec_profile *profile = t ? ike_tunnel_profile(ike, t) : NULL;
	uint32_t idle_s = profile ? profile->idle_s : 0;

	if (!idle_s)
		idle_s = ike->snapshot->crypto.idle_s;
	if (idle_s && mono_seconds_between(child->used_at, ike->now.mono) >= idle_s)
		ike_peer_delete_later(ike, child->peer, REASON_UNWANTED);
}

/* Old, and yet the peer still sends by it: it stays until its life is over. */
static bool is_busy(const struct ike *ike, const struct ike_child *child)
{
	mono now = ike->now.mono;

	return child->old && !mono_due(mono_add_s(child->since, child->lifetime_s), now) &&
	       !mono_due(mono_add_s(child->heard_at, OLD_BUSY_S), now);
}

void ike_child_fire(struct ike *ike, struct ike_child *child)
{
	struct ike_peer *peer = child->peer;

	if (child->lost) {
		ike_child_delete(ike, child, (enum trace_reason)child->reason, false);
	} else if (mono_due(child->settles_at, ike->now.mono)) {
		take_over(ike, child);
	} else if (is_busy(ike, child)) {
		child->ends_at = mono_add_s(ike->now.mono, OLD_BUSY_S);
		set_timer(ike, child);
	} else if (mono_due(child->ends_at, ike->now.mono)) {
		ike_child_delete(ike, child, child->old ? REASON_REPLACED : REASON_LIFETIME, true);
	} else {
		child->renew_at = MONO_NEVER;
		set_timer(ike, child);
		int64_t idle_s = mono_seconds_between(child->used_at, ike->now.mono);
		if (peer->current == child && (peer->n_wants || idle_s < child->lifetime_s / 2))
			ike_peer_renew(ike, peer);
	}
}
