/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IKE SAs. Each is found by the cookie that we drew for it. One timer stands for all its deadlines:
 * sending again, the end of its life, renewal, dead peer detection, keepalives of NAT.
 *
 * An IKE SA that ends leaves the IPsec SAs that were made over it (RFC 2408 5.15 lets them live):
 * they go by their own DELETEs, or when the peer proves dead.
 */
#include "ike/sa.h"

#include <string.h>

#include "ike/child.h"
#include "ike/dpd.h"
#include "ike/fragment.h"
#include "ike/host.h"
#include "ike/nat.h"
#include "ike/out.h"
#include "ike/peer.h"
#include "ike/turn.h"
#include "ike/v1_info.h"
#include "ike/v1_main.h"
#include "ike/v1_quick.h"
#include "util/list.h"
#include "util/memory.h"

static uint64_t draw_cookie(struct ike *ike)
{
	for (;;) {
		uint64_t cookie =
			(uint64_t)entropy_u32(&ike->entropy) << 32 | entropy_u32(&ike->entropy);
		struct ike_sa *sa;
		HASH_FIND(hh, ike->sas, &cookie, sizeof cookie, sa);
		if (cookie && !sa)
			return cookie;
	}
}

struct ike_sa *ike_sa_new(struct ike *ike, struct ike_host *host, const struct node_ike_path *path,
                          bool initiator)
{
	if (HASH_COUNT(ike->sas) >= IKE_SAS_MAX)
		return NULL;
	struct ike_sa *sa = memory_new(1, sizeof *sa);
	sa->id = ike->next_sa_id++;
	sa->timer.kind = IKE_TIMER_SA;
	sa->host = host;
	sa->path = *path;
	sa->initiator = initiator;
	sa->ours = draw_cookie(ike);
	*(initiator ? &sa->icookie : &sa->rcookie) = sa->ours;
	sa->begun = ike->now.mono;
	sa->turn.at = sa->renew_at = sa->dpd_at = sa->keepalive_at = sa->ends_at = MONO_NEVER;
	sa->main = memory_new(1, sizeof *sa->main);
	sa->next = host->sas;
	host->sas = sa;
	host->n_half_open++;
	ike->n_half_open++;
	DL_APPEND2(ike->half_open, sa, prev_open, next_open);
	HASH_ADD(hh, ike->sas, ours, sizeof sa->ours, sa);
	return sa;
}

static void leave_half_open(struct ike *ike, struct ike_sa *sa)
{
	sa->host->n_half_open--;
	ike->n_half_open--;
	DL_DELETE2(ike->half_open, sa, prev_open, next_open);
	ike_main_free(sa->main);
	sa->main = NULL;
}

/* A peer that knows our cookie is where it says it is. */
static bool is_unproven(const struct ike_sa *sa)
{
	return sa->step == IKE_SENT_2 || sa->aggressive;
}

static bool is_full(const struct ike_host *host)
{
	return host && host->n_half_open >= IKE_HALF_OPEN_PER_PEER;
}

bool ike_sa_has_room(const struct ike *ike, const struct ike_host *host)
{
	return !is_full(host) && ike->n_half_open < IKE_HALF_OPEN_MAX;
}

bool ike_sa_make_room(struct ike *ike, const struct ike_host *host)
{
	bool host_full = is_full(host);
	struct ike_sa *sa = ike->half_open;

	if (ike_sa_has_room(ike, host))
		return true;
	while (sa && !(is_unproven(sa) && (!host_full || sa->host == host)))
		sa = sa->next_open;
	if (!sa)
		return false;
	ike->counters.drops[IKE_DROP_HALF_OPEN]++;
	ike_sa_delete(ike, sa, REASON_REPLACED, false);
	return true;
}

uint64_t ike_sa_theirs(const struct ike_sa *sa)
{
	return sa->initiator ? sa->rcookie : sa->icookie;
}

struct ike_sa *ike_sa_ours(const struct ike *ike, uint64_t ours)
{
	struct ike_sa *sa;

	HASH_FIND(hh, ike->sas, &ours, sizeof ours, sa);
	return sa && sa->step != IKE_DELETED ? sa : NULL;
}

struct ike_sa *ike_sa_find(const struct ike *ike, uint64_t icookie, uint64_t rcookie)
{
	struct ike_sa *sa = ike_sa_ours(ike, icookie);

	/* Until message 2 we do not know the responder's. */
	if (sa && sa->initiator && (sa->rcookie == rcookie || sa->rcookie == 0))
		return sa;
	sa = ike_sa_ours(ike, rcookie);
	return sa && !sa->initiator && sa->icookie == icookie ? sa : NULL;
}

void ike_sa_arm(struct ike *ike, struct ike_sa *sa)
{
	mono at = mono_min(mono_min(sa->turn.at, sa->ends_at), mono_min(sa->renew_at, sa->dpd_at));

	timers_set(&ike->timers, &sa->timer, mono_min(at, sa->keepalive_at));
}

static void fire_renewal(struct ike *ike, struct ike_sa *sa)
{
	sa->renew_at = MONO_NEVER;
	if (!sa->replaced && ike_host_is_used(sa->host) && !ike_host_coming(sa->host))
		(void)ike_main_start(ike, sa->host);
}

void ike_sa_fire(struct ike *ike, struct ike_sa *sa)
{
	mono now = ike->now.mono;

	if (sa->step == IKE_DELETED) {
		ike_sa_free(ike, sa);
		return;
	}
	if (sa->leaving) {
		ike_sa_delete(ike, sa, (enum trace_reason)sa->reason, true);
		return;
	}
	if (!ike_turn_fire(ike, &sa->turn, &sa->path)) {
		ike_main_timed_out(ike, sa);
		return;
	}
	if (mono_due(sa->ends_at, now)) {
		if (sa->step == IKE_STANDS)
			ike_sa_delete(ike, sa, sa->replaced ? REASON_REPLACED : REASON_LIFETIME,
			              true);
		else
			ike_main_timed_out(ike, sa);
		return;
	}
	if (mono_due(sa->renew_at, now))
		fire_renewal(ike, sa);
	if (mono_due(sa->dpd_at, now))
		ike_dpd_fire(ike, sa);
	if (mono_due(sa->keepalive_at, now))
		ike_nat_keepalive(ike, sa);
	if (sa->step != IKE_DELETED)
		ike_sa_arm(ike, sa);
}

/* ---- standing ---- */

/*
 * Both ends began at once: the one with the higher initiator's cookie wins, and the initiator of
 * the other gives it up. An end at which that has come to stand sees by this that it was none of
 * the winner's renewals.
 */
static bool has_crossed(const struct ike_sa *older, const struct ike_sa *sa)
{
	return older->initiator != sa->initiator && !mono_before(older->stood, sa->begun);
}

static void give_up_ours(struct ike *ike, const struct ike_sa *sa)
{
	for (struct ike_sa *s = sa->host->sas; s; s = s->next)
		if (s->step < IKE_STANDS && s->initiator && s->icookie < sa->icookie)
			ike_sa_delete(ike, s, REASON_REPLACED, false);
}

static void replace(struct ike *ike, struct ike_sa *sa)
{
	sa->replaced = true;
	sa->renew_at = MONO_NEVER;
	uint32_t keep_s = IKE_OLD_SA_S + entropy_between(&ike->entropy, 0, IKE_OLD_SA_JITTER_S);
	sa->ends_at = mono_min(sa->ends_at, mono_add_s(ike->now.mono, keep_s));
	ike_sa_arm(ike, sa);
}

/* The initiator may have given it up before it stood there. */
static void restart_quicks(struct ike *ike, struct ike_sa *sa)
{
	struct ike_quick *q, *next;

	for (q = sa->quicks; q; q = next) {
		next = q->next;
		if (q->initiator && !q->done)
			ike_quick_end(ike, q);
	}
}

static void replace_others(struct ike *ike, struct ike_sa *sa)
{
	struct ike_sa *best = sa;

	for (struct ike_sa *s = sa->host->sas; s; s = s->next)
		if (s != sa && s->step == IKE_STANDS && !s->replaced && has_crossed(s, sa) &&
		    s->icookie > best->icookie)
			best = s;
	for (struct ike_sa *s = sa->host->sas; s; s = s->next) {
		if (s == best || s->step != IKE_STANDS || s->replaced)
			continue;
		replace(ike, s);
		if (has_crossed(s, sa) || s == sa)
			restart_quicks(ike, s);
	}
}

static void plan_renewal(struct ike *ike, struct ike_sa *sa)
{
	int64_t life_ms = sa->policy.lifetime_s * 1000LL;
	int64_t jitter_ms = life_ms / IKE_REKEY_JITTER_SHARE;
	int64_t margin_ms = life_ms / IKE_REKEY_SHARE;

	if (jitter_ms > INT32_MAX)
		jitter_ms = INT32_MAX;
	margin_ms += entropy_between(&ike->entropy, 0, (uint32_t)jitter_ms);
	if (!sa->initiator)
		margin_ms /= 2;
	sa->ends_at = mono_add_ms(sa->stood, life_ms);
	sa->renew_at = mono_add_ms(sa->stood, life_ms - margin_ms);
}

void ike_sa_stands(struct ike *ike, struct ike_sa *sa)
{
	leave_half_open(ike, sa);
	sa->step = IKE_STANDS;
	sa->stood = ike->now.mono;
	ike->counters.main_mode_done++;
	ike_turn_done(&sa->turn);
	sa->host->heard_at = ike->now.mono;
	plan_renewal(ike, sa);
	replace_others(ike, sa);
	give_up_ours(ike, sa);
	ike_nat_plan_keepalive(ike, sa);
	ike_dpd_plan(ike, sa);
	ike_sa_arm(ike, sa);
	ike_out_trace(ike, (struct trace){ .type = TRACE_IKE_UP,
	                                   .peer = sa->host->key.remote,
	                                   .port = sa->path.to_port });
	ike_host_wake(ike, sa->host);
}

void ike_sa_heard_from(struct ike *ike, struct ike_sa *sa, const struct node_event *event)
{
	const struct node_ike_path path = {
		.from = event->ike.path.to,
		.to = event->ike.path.from,
		.from_port = event->ike.path.to_port,
		.to_port = event->ike.path.from_port,
	};

	if (sa->peer_behind_nat &&
	    (path.to_port != sa->path.to_port || !addr_equal(&path.to, &sa->path.to)))
		ike_host_move(ike, sa->host, &sa->peer_id, &path);
	sa->host->heard_at = ike->now.mono;
}

bool ike_sa_is_new_info(const struct ike_sa *sa, uint32_t message_id)
{
	for (size_t i = 0; i < IKE_SEEN_INFOS; i++)
		if (sa->seen_info[i] == message_id)
			return false;
	return true;
}

void ike_sa_note_info(struct ike_sa *sa, uint32_t message_id)
{
	sa->seen_info[sa->n_seen_infos++ % IKE_SEEN_INFOS] = message_id;
}

bool ike_sa_has_quicks_left(struct ike *ike, struct ike_sa *sa)
{
	if (sa->n_seen_quicks < IKE_SEEN_QUICKS_MAX)
		return true;
	ike_sa_delete_later(ike, sa, REASON_LIFETIME);
	return false;
}

bool ike_sa_is_new_quick(const struct ike_sa *sa, uint32_t message_id)
{
	for (size_t i = 0; i < sa->n_seen_quicks; i++)
		if (sa->seen_quick[i] == message_id)
			return false;
	return true;
}

void ike_sa_note_quick(struct ike *ike, struct ike_sa *sa, uint32_t message_id)
{
	const size_t last = sa->initiator ? IKE_SEEN_QUICKS_LAST : IKE_SEEN_QUICKS_LAST / 2;
	size_t n = sa->n_seen_quicks++;

	if ((n & (n - 1)) == 0) /* it is full at each power of two */
		sa->seen_quick = memory_resize(sa->seen_quick, n ? 2 * n : 1, sizeof message_id);
	sa->seen_quick[n] = message_id;
	if (sa->n_seen_quicks != IKE_SEEN_QUICKS_MAX - last)
		return;
	sa->renew_at = ike->now.mono;
	ike_sa_arm(ike, sa);
}

/* ---- end ---- */

/* The peer has ended the one that we prefer: what we have put aside serves again. */
static void revive(struct ike *ike, const struct ike_host *host)
{
	if (ike_host_standing(host))
		return;
	for (struct ike_sa *sa = host->sas; sa; sa = sa->next) {
		if (sa->step != IKE_STANDS || sa->leaving)
			continue;
		sa->replaced = false;
		plan_renewal(ike, sa);
		ike_sa_arm(ike, sa);
		return;
	}
}

void ike_sa_delete(struct ike *ike, struct ike_sa *sa, enum trace_reason reason, bool tell)
{
	if (sa->step == IKE_DELETED)
		return;
	if (sa->step == IKE_STANDS) {
		if (tell)
			ike_info_delete_sa(ike, sa);
		ike_out_trace(ike, (struct trace){ .type = TRACE_IKE_DOWN,
		                                   .peer = sa->host->key.remote,
		                                   .port = sa->path.to_port,
		                                   .reason = reason });
	} else {
		leave_half_open(ike, sa);
		if (reason != REASON_REFUSED && reason != REASON_REPLACED)
			ike_host_wake(ike, sa->host);
	}
	sa->step = IKE_DELETED;
	if (reason == REASON_PEER_DELETED)
		revive(ike, sa->host);
	while (sa->quicks)
		ike_quick_end(ike, sa->quicks);
	timers_set(&ike->timers, &sa->timer, ike->now.mono);
}

void ike_sa_delete_later(struct ike *ike, struct ike_sa *sa, enum trace_reason reason)
{
	if (sa->step == IKE_DELETED)
		return;
	sa->leaving = true;
	sa->reason = (uint8_t)reason;
	timers_set(&ike->timers, &sa->timer, ike->now.mono);
}

static uint64_t cookie_at(const uint8_t *bytes)
{
	uint64_t cookie = 0;

	for (int i = 0; i < 8; i++)
		cookie = cookie << 8 | bytes[i];
	return cookie;
}

void ike_sa_deleted_by_peer(struct ike *ike, const struct ike_sa *over, const uint8_t *cookies,
                            size_t len)
{
	struct ike_sa *sa;

	if (len != 16)
		return;
	sa = ike_sa_find(ike, cookie_at(cookies), cookie_at(cookies + 8));
	if (sa && sa->host == over->host)
		ike_sa_delete(ike, sa, REASON_PEER_DELETED, false);
}

void ike_sa_free(struct ike *ike, struct ike_sa *sa)
{
	struct ike_host *host = sa->host;
	struct ike_sa **at = &host->sas;

	while (sa->quicks)
		ike_quick_end(ike, sa->quicks);
	if (sa->main)
		leave_half_open(ike, sa);
	while (*at != sa)
		at = &(*at)->next;
	*at = sa->next;
	timers_clear(&ike->timers, &sa->timer);
	HASH_DEL(ike->sas, sa);
	ike_turn_fini(&sa->turn);
	ike_fragments_free(sa->fragments);
	free(sa->peer_name);
	free(sa->seen_quick);
	memory_wipe(sa, sizeof *sa);
	free(sa);
	ike_host_release(ike, host);
}
