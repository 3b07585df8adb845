/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IKE's face to the node: events and timers. Nothing here knows the messages (ike/receive.h,
 * v1_*.h).
 */
#include "ike/ike.h"

#include <string.h>

#include "ike/child.h"
#include "ike/core.h"
#include "ike/dpd.h"
#include "ike/fail.h"
#include "ike/host.h"
#include "ike/late.h"
#include "ike/out.h"
#include "ike/peer.h"
#include "ike/sa.h"
#include "ike/trustpoint.h"
#include "ike/tunnel.h"
#include "ike/v1_info.h"
#include "ike/v1_main.h"
#include "ike/v1_quick.h"
#include "util/memory.h"

enum {
	INVALID_SPI_TOLD_MAX = 4,
	USED_PERCENT = 90, /* of its kilobytes, when an SA is renewed */
};

struct ike *ike_new(struct crypto *crypto, const struct entropy *entropy)
{
	struct ike *ike = memory_new(1, sizeof *ike);

	ike->crypto = crypto;
	ike->entropy = *entropy;
	ike->next_sa_id = IKE_ID_FIRST;
	ike->next_child_id = IKE_IPSEC_ID_FIRST;
	timers_init(&ike->timers);
	return ike;
}

void ike_hand_out_keys(struct ike *ike)
{
	ike->hands_out_keys = true;
}

static void wipe_step(struct ike *ike)
{
	if (ike->n_step_sas)
		memory_wipe(ike->step_sa, ike->n_step_sas * sizeof *ike->step_sa);
	ike->n_step_sas = 0;
}

void ike_free(struct ike *ike)
{
	if (!ike)
		return;
	ike->out = NULL;
	while (ike->sas)
		ike_sa_free(ike, ike->sas);
	while (ike->children) {
		struct ike_host *host = ike->children->host;
		ike_child_free(ike, ike->children);
		ike_host_release(ike, host);
	}
	while (ike->peers)
		ike_peer_free(ike, ike->peers);
	ike_late_free(ike);
	wipe_step(ike);
	ike_failures_free(ike);
	ike_trustpoints_free(ike);
	free(ike->tunnel);
	timers_fini(&ike->timers);
	memory_wipe(ike, sizeof *ike);
	free(ike);
}

void ike_begin(struct ike *ike, struct now now, struct node_out *out)
{
	ike->now = now;
	ike->out = out;
	if (!out)
		return;
	wipe_step(ike);
	ike_peer_reap(ike);
}

/* ---- configuration ---- */

static void update_tunnel(struct ike *ike, const struct snapshot *snapshot,
                          const struct snap_tunnel *from)
{
	const struct snap_ipsec_profile *profile =
		snap_ipsec_profile(&snapshot->crypto, from->protection.profile);
	struct ike_tunnel *t = ike_tunnel_find(ike, from->number);

	if (!t) {
		ike->tunnel = memory_resize(ike->tunnel, ike->n_tunnels + 1, sizeof *ike->tunnel);
		t = &ike->tunnel[ike->n_tunnels++];
		*t = (struct ike_tunnel){ .number = from->number };
	}
	if (!profile || !snap_profile_is_complete(&snapshot->crypto, profile))
		return;
	memcpy(t->profile, from->protection.profile, sizeof t->profile);
	t->shared = from->protection.shared;
}

struct move {
	struct ike_peer *peer;
	uint32_t tunnel;
};

/* The first of the tunnels that are what one with `shared` was. */
static const struct ike_tunnel *heir_of(const struct ike *ike, const struct ike_tunnel *before)
{
	const struct ike_tunnel *first = NULL;

	for (size_t i = 0; before->shared && i < ike->n_tunnels; i++) {
		const struct ike_tunnel *t = &ike->tunnel[i];
		if (ike_tunnel_follows(t, before) && (!first || t->number < first->number))
			first = t;
	}
	return first;
}

static bool was_leader(const struct ike_tunnel *t, const struct ike_tunnel *before, size_t n_before)
{
	for (size_t i = 0; t->shared && i < n_before; i++)
		if (before[i].number < t->number && ike_tunnel_follows(&before[i], t))
			return false;
	return true;
}

/*
 * What a group has stays with those that are left of it when its first tunnel goes, or comes. It
 * stands under the number of the first one; under another's there is only what dies, since that
 * tunnel has joined.
 */
static void move_groups(struct ike *ike, const struct ike_tunnel *before, size_t n_before)
{
	struct move *move = memory_new(HASH_COUNT(ike->peers) + 1, sizeof *move);
	size_t n = 0;

	for (size_t i = 0; i < n_before; i++) {
		const struct ike_tunnel *heir = heir_of(ike, &before[i]);
		if (!heir || heir->number == before[i].number ||
		    !was_leader(&before[i], before, n_before))
			continue;
		for (struct ike_peer *peer = ike->peers; peer; peer = peer->hh.next)
			if (peer->key.tunnel == before[i].number)
				move[n++] = (struct move){ peer, heir->number };
	}
	for (size_t i = 0; i < n; i++)
		ike_peer_rename(ike, move[i].peer, move[i].tunnel);
	free(move);
}

static bool is_home(struct ike *ike, const struct ike_peer *peer)
{
	struct ike_tunnel *t = ike_tunnel_find(ike, peer->key.tunnel);

	if (!t || !t->profile[0] || ike_tunnel_leader(ike, t) != t)
		return false;
	return ike_tunnel_runs(t) ? peer->host && addr_equal(&peer->host->key.local, &t->source)
	                          : !peer->host;
}

static bool has_own_wants(struct ike *ike, const struct ike_peer *peer)
{
	for (size_t i = 0; i < peer->n_wants; i++) {
		struct ike_tunnel *t = ike_tunnel_find(ike, peer->wants[i]);
		if (!t || ike_tunnel_leader(ike, t)->number != peer->key.tunnel)
			return false;
	}
	return true;
}

/* What a peer's pairs were made under may have gone; its wants stay where it is still protected. */
static void rehome(struct ike *ike, struct ike_peer *peer, enum trace_reason reason)
{
	struct ike_tunnel *t = ike_tunnel_find(ike, peer->key.tunnel);
	bool up = t && ike_tunnel_runs(ike_tunnel_leader(ike, t)), home = is_home(ike, peer);
	uint32_t *wants = peer->wants;
	size_t n = peer->n_wants;

	if (home && has_own_wants(ike, peer))
		return;
	if (!home && (peer->children || peer->quick))
		ike_peer_delete_later(ike, peer, up ? reason : REASON_TUNNEL_DOWN);
	if (!home)
		ike_peer_set_host(ike, peer, NULL);
	peer->wants = NULL;
	peer->n_wants = 0;
	for (size_t i = 0; i < n; i++)
		ike_peer_want_again(ike, wants[i], peer);
	free(wants);
	ike_peer_idle(ike, peer);
}

/* before: the tunnels as they were. */
static void rehome_all(struct ike *ike, const struct ike_tunnel *before, size_t n_before,
                       enum trace_reason reason)
{
	move_groups(ike, before, n_before);
	for (struct ike_peer *peer = ike->peers; peer; peer = peer->hh.next)
		rehome(ike, peer, reason);
}

static bool is_admitted(const struct ike *ike, const struct ike_child *child)
{
	const struct ike_tunnel *t = ike_tunnel_find(ike, child->peer->key.tunnel);
	const struct snap_ipsec_profile *profile = t ? ike_tunnel_profile(ike, t) : NULL;

	if (!profile || t->shared != child->shared)
		return false;
	for (size_t i = 0; i < profile->n_sets; i++) {
		const struct snap_transform_set *set =
			snap_transform_set(&ike->snapshot->crypto, profile->set[i]);
		enum esp_mode mode =
			set && set->mode == SNAP_IPSEC_TUNNEL ? ESP_TUNNEL : ESP_TRANSPORT;
		if (set && set->cipher == child->cipher && set->auth == child->auth &&
		    set->esn == child->esn && (!set->require || mode == child->mode))
			return true;
	}
	return false;
}

static void drop_unadmitted(struct ike *ike, enum trace_reason reason)
{
	for (struct ike_sa *sa = ike->sas; sa; sa = sa->hh.next)
		if (!ike_main_is_admitted(ike, sa))
			ike_sa_delete_later(ike, sa, reason);
}

void ike_configure(struct ike *ike, const struct snapshot *snapshot)
{
	const size_t n_before = ike->n_tunnels;
	struct ike_tunnel *before = memory_copy(ike->tunnel, n_before, sizeof *before);

	ike->snapshot = snapshot;
	ike_late_end(ike);
	ike_trustpoints_configure(ike);
	for (size_t i = 0; i < ike->n_tunnels; i++) {
		memset(ike->tunnel[i].profile, 0, sizeof ike->tunnel[i].profile);
		ike->tunnel[i].shared = false;
	}
	for (size_t i = 0; i < snapshot->n_interfaces; i++)
		if (snapshot->interface[i]->tunnel)
			update_tunnel(ike, snapshot, snapshot->interface[i]->tunnel);
	rehome_all(ike, before, n_before, REASON_CONFIGURED);
	free(before);
	for (struct ike_child *child = ike->children; child; child = child->hh.next)
		if (!child->lost && !is_admitted(ike, child))
			ike_peer_delete_later(ike, child->peer, REASON_CONFIGURED);
	drop_unadmitted(ike, REASON_CONFIGURED);
}

void ike_tunnel(struct ike *ike, uint32_t tunnel, const struct addr *source)
{
	struct ike_tunnel *t = ike_tunnel_find(ike, tunnel);

	if (!t) {
		ike->tunnel = memory_resize(ike->tunnel, ike->n_tunnels + 1, sizeof *ike->tunnel);
		t = &ike->tunnel[ike->n_tunnels++];
		*t = (struct ike_tunnel){ .number = tunnel };
	}
	if (addr_equal(&t->source, source))
		return;
	struct ike_tunnel *before = memory_copy(ike->tunnel, ike->n_tunnels, sizeof *before);
	t->source = *source;
	ike_late_end(ike);
	rehome_all(ike, before, ike->n_tunnels, REASON_NBMA_CHANGED);
	free(before);
	drop_unadmitted(ike, REASON_NBMA_CHANGED);
}

/* ---- events ---- */

/* Of two recoveries the one within so long after the other is the same. */
static bool is_past(const struct ike *ike, mono recovery)
{
	return mono_due(mono_add_s(recovery, IKE_INVALID_SPI_S), ike->now.mono);
}

static bool may_recover(const struct ike *ike, struct ike_host *host)
{
	struct ike_host *all = ike_host_base(host);

	if (host->has_recovered && !is_past(ike, host->recovered))
		return false;
	if (!all->n_recovered || is_past(ike, all->recovers_since)) {
		all->recovers_since = ike->now.mono;
		all->n_recovered = 0;
	}
	if (all->n_recovered == IKE_INVALID_SPI_PORTS)
		return false;
	all->n_recovered++;
	host->has_recovered = true;
	host->recovered = ike->now.mono;
	return true;
}

/*
 * Nobody need be where a forged port has us dial: that must not keep out who asks us, nor the true
 * port. Whom nobody has answered within IKE_INVALID_SPI_S makes room for the next of its address.
 */
static bool make_room_to_dial(struct ike *ike, struct ike_host *host)
{
	struct ike_sa *silent = NULL;
	size_t n = 0, n_here = 0;

	for (struct ike_sa *sa = ike->half_open; sa; sa = sa->next_open) {
		n += sa->recovers;
		if (!sa->recovers || ike_host_base(sa->host) != ike_host_base(host))
			continue;
		n_here++;
		if (!silent && sa->step == IKE_SENT_1 && is_past(ike, sa->begun) &&
		    !ike_host_is_used(sa->host))
			silent = sa;
	}
	if (n_here < IKE_INVALID_SPI_PORTS && n < IKE_RECOVERIES_MAX)
		return true;
	if (silent)
		ike_sa_delete(ike, silent, REASON_REPLACED, false);
	return silent;
}

static void dial(struct ike *ike, struct ike_host *host, uint32_t spi)
{
	if (ike_host_coming(host))
		return;
	if (!make_room_to_dial(ike, host)) {
		ike->counters.drops[IKE_DROP_RATE]++;
	} else if (ike_main_start(ike, host)) {
		ike_host_coming(host)->recovers = true;
		ike_host_coming(host)->unknown_spi = spi;
	}
}

/* Who has no NAT has no port of its own: what names one is told over the IKE SA that it has. */
static bool tell_one(struct ike *ike, const struct ike_host *host, uint32_t spi)
{
	struct ike_sa *sa = ike_host_standing(host);

	if (!sa)
		sa = ike_host_standing(host->base);
	if (sa)
		ike_info_invalid_spi(ike, sa, spi);
	return sa;
}

/* Without a port it may have been any peer behind a NAT: over every IKE SA with the address. */
static bool tell_all(struct ike *ike, const struct ike_host *host, uint32_t spi)
{
	int n = 0;

	for (; host && n < INVALID_SPI_TOLD_MAX; host = ike_host_next_port(host)) {
		struct ike_sa *sa = ike_host_standing(host);
		if (!sa)
			continue;
		ike_info_invalid_spi(ike, sa, spi);
		n++;
	}
	return n;
}

static bool tell_invalid_spi(struct ike *ike, const struct ike_host *host, uint32_t spi)
{
	return host->base ? tell_one(ike, host, spi) : tell_all(ike, host, spi);
}

/*
 * A host that sends ESP that we do not know has SAs of an earlier life of ours. A new IKE SA with
 * INITIAL-CONTACT makes it drop them, unless it proves to be one that we have SAs with. Behind a
 * NAT it is dialled where its ESP came from, for by that its NAT lets us in. The caller has made
 * sure that the address is one of a peer's, since an SPI is easily forged.
 */
void ike_unknown_spi(struct ike *ike, const struct node_event *event)
{
	const struct ike_host_key key = { event->unknown.to, event->unknown.from,
		                          event->unknown.udp_port };

	if (ike->stopping || !ike->snapshot || ike->snapshot->crypto.no_invalid_spi_recovery ||
	    !ike_tunnel_at(ike, &key.local) || addr_is_none(&key.remote))
		return;
	struct ike_host *host = ike_host_get(ike, &key);
	if (!may_recover(ike, host))
		ike->counters.drops[IKE_DROP_RATE]++;
	else if (!tell_invalid_spi(ike, host, event->unknown.spi))
		dial(ike, host, event->unknown.spi);
	ike_host_release(ike, host);
}

/*
 * Who is not behind a NAT has no port to lose: what comes from elsewhere in its name must not turn
 * our packets away from it. Nor does an old pair move it: what was held back of that may be older
 * than the place that we know. Where we know the place already, the data plane has not been told.
 */
void ike_moved(struct ike *ike, const struct node_event *event)
{
	struct ike_child *child = ike_child_find(ike, event->moved.id);

	if (!child || child->lost || !child->udp || !child->peer_behind_nat)
		return;
	struct node_ike_path path = child->path;
	path.to = event->moved.from;
	path.to_port = event->moved.udp_port;
	if (path.to_port == child->path.to_port && addr_equal(&path.to, &child->path.to))
		ike_child_tell_place(ike, child);
	else if (!child->old)
		ike_host_move(ike, child->host, &child->peer_id, &path);
}

static bool has_reached(uint64_t bytes, uint32_t kilobytes, uint64_t percent)
{
	return kilobytes && bytes / 1024 >= (uint64_t)kilobytes * percent / 100;
}

/* Who was the initiator renews first, as by time. All may be used up between two looks. */
static void heed_bytes(struct ike *ike, struct ike_child *child, uint64_t bytes)
{
	uint64_t percent = child->initiator ? USED_PERCENT : (USED_PERCENT + 100) / 2;

	if (has_reached(bytes, child->lifetime_kb, 100))
		ike_child_expire(ike, child);
	if (has_reached(bytes, child->lifetime_kb, percent) && !mono_is_never(child->renew_at))
		ike_child_renew_now(ike, child);
}

void ike_used(struct ike *ike, const struct node_event *event)
{
	struct ike_child *child = ike_child_find(ike, event->sa_used.id);

	if (!child)
		return;
	bool in = event->sa_used.packets_in > child->packets_in;
	bool out = event->sa_used.packets_out > child->packets_out;
	uint64_t bytes = event->sa_used.bytes_in > event->sa_used.bytes_out
	                         ? event->sa_used.bytes_in
	                         : event->sa_used.bytes_out;
	child->packets_in = event->sa_used.packets_in;
	child->packets_out = event->sa_used.packets_out;
	if (in || out)
		child->used_at = ike->now.mono;
	if (in)
		ike_child_heard(ike, child);
	ike_dpd_traffic(ike, child, in, out);
	if (child->old || child->lost)
		return;
	heed_bytes(ike, child, bytes);
	ike_child_check_idle(ike, child);
}

static bool is_meant(const struct node_event *event, const struct addr *remote)
{
	return addr_is_none(&event->clear_crypto.remote) ||
	       addr_equal(&event->clear_crypto.remote, remote);
}

static bool is_host_meant(const struct node_event *event, const struct ike_host *host)
{
	return host && is_meant(event, &host->key.remote);
}

/* By its address, or by the name of a peer: behind a NAT that is shared they differ. */
static bool is_sa_meant(const struct node_event *event, const struct ike_sa *sa)
{
	if (event->clear_crypto.ike_id && event->clear_crypto.ike_id != sa->id)
		return false;
	for (const struct ike_peer *p = sa->host->peers; p; p = p->next_of_host)
		if (is_meant(event, &p->key.nbma))
			return true;
	return is_host_meant(event, sa->host);
}

void ike_clear(struct ike *ike, const struct node_event *event)
{
	enum node_clear_crypto what = event->clear_crypto.what;

	ike_late_end(ike);
	for (struct ike_peer *p = ike->peers; p; p = p->hh.next)
		if (what != NODE_CLEAR_ISAKMP && p->children &&
		    (is_meant(event, &p->key.nbma) || is_host_meant(event, p->host)))
			ike_peer_delete_later(ike, p, REASON_CLEARED);
	for (struct ike_sa *sa = ike->sas; sa; sa = sa->hh.next)
		if (what != NODE_CLEAR_IPSEC && is_sa_meant(event, sa))
			ike_sa_delete_later(ike, sa, REASON_CLEARED);
}

void ike_clear_peer(struct ike *ike, uint32_t tunnel, const struct addr *nbma)
{
	struct ike_tunnel *t = ike_tunnel_find(ike, tunnel);
	struct ike_peer *p = t ? ike_peer_find(ike, ike_tunnel_leader(ike, t)->number, nbma) : NULL;

	if (!p)
		return;
	if (p->children)
		ike_peer_delete_later(ike, p, REASON_CLEARED);
	for (struct ike_sa *sa = p->host ? p->host->sas : NULL; sa; sa = sa->next)
		ike_sa_delete_later(ike, sa, REASON_CLEARED);
}

void ike_stop(struct ike *ike)
{
	ike->stopping = true;
	ike_late_end(ike);
	for (struct ike_peer *p = ike->peers; p; p = p->hh.next) {
		p->n_wants = 0;
		ike_peer_delete_later(ike, p, REASON_STOPPED);
	}
	for (struct ike_sa *sa = ike->sas; sa; sa = sa->hh.next)
		ike_sa_delete_later(ike, sa, REASON_STOPPED);
}

bool ike_is_silent(const struct ike *ike)
{
	if (ike->sas || ike->children || ike->late)
		return false;
	for (const struct ike_peer *p = ike->peers; p; p = p->hh.next)
		if (p->todo & IKE_PEER_USE)
			return false;
	return true;
}

/* ---- timers ---- */

static void fire(struct ike *ike, struct timer *timer)
{
	switch (timer->kind) {
	case IKE_TIMER_PEER:
		ike_peer_fire(ike, ike_owner_of(timer, struct ike_peer, timer));
		break;
	case IKE_TIMER_SA:
		ike_sa_fire(ike, ike_owner_of(timer, struct ike_sa, timer));
		break;
	case IKE_TIMER_QUICK:
		ike_quick_fire(ike, ike_owner_of(timer, struct ike_quick, timer));
		break;
	case IKE_TIMER_LATE:
		ike_late_fire(ike, ike_owner_of(timer, struct ike_late, timer));
		break;
	default:
		ike_child_fire(ike, ike_owner_of(timer, struct ike_child, timer));
	}
}

void ike_run(struct ike *ike)
{
	while (ike_out_has_room(ike)) {
		struct timer *timer = timers_pop_due(&ike->timers, ike->now.mono);
		if (!timer)
			break;
		fire(ike, timer);
	}
}

mono ike_deadline(const struct ike *ike)
{
	return timers_deadline(&ike->timers);
}

static struct udp_place place_of(const struct ike_child *child)
{
	if (!child || !child->udp || !child->peer_behind_nat)
		return (struct udp_place){ 0 };
	return (struct udp_place){ child->path.to, child->path.to_port };
}

/* One change for each tunnel of the peer's group; what came and went between two calls is none. */
bool ike_next_change(struct ike *ike, struct ike_change *ret)
{
	while (ike->changed) {
		struct ike_peer *peer = ike->changed;
		const struct ike_tunnel *leader = ike_tunnel_find(ike, peer->key.tunnel);
		bool up = peer->current;
		bool is_news = up != peer->told_up || (up && peer->has_moved);
		while (leader && is_news && ike->change_at < ike->n_tunnels) {
			struct ike_tunnel *t = &ike->tunnel[ike->change_at++];
			if (!ike_tunnel_follows(t, leader))
				continue;
			const struct ike_child *used = ike_peer_used_by(ike, t, &peer->key.nbma);
			*ret = (struct ike_change){ t->number, peer->key.nbma, place_of(used),
				                    used ? used->own : ADDR_ANY_NONE, used };
			return true;
		}
		ike->change_at = 0;
		peer->told_up = up;
		peer->has_moved = peer->is_changed = false;
		ike->changed = peer->next_changed;
		if (!ike->changed)
			ike->changed_last = NULL;
		ike_peer_idle(ike, peer);
	}
	return false;
}
