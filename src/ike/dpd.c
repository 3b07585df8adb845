/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dead peer detection. On demand (the default) a peer is asked when packets went to it or came from
 * it and then nothing has come for the idle time; periodically, whenever nothing has come. An
 * unanswered question is asked again each retry interval; then the peer is dead: all SAs with it
 * go, and who wants it negotiates anew.
 *
 * Who only receives asks as well when that ceases: the end that answers has nothing to send once
 * the path is dead, and would not begin before the other one has taken another way. So both give
 * the path up at the same time. A conversation that ends costs one question of each end; where
 * packets came in place of the answer, one more.
 */
#include "ike/dpd.h"

#include "ike/host.h"
#include "ike/out.h"
#include "ike/peer.h"
#include "ike/sa.h"
#include "ike/tunnel.h"
#include "ike/v1_info.h"
#include "ike/v1_main.h"

/* What the isakmp profile of its peers says, if it says something. */
static const struct snap_isakmp_profile *profile_of(const struct ike *ike,
                                                    const struct ike_host *host)
{
	for (const struct ike_peer *peer = host->peers; peer; peer = peer->next_of_host) {
		const struct ike_tunnel *t = ike_tunnel_find(ike, peer->key.tunnel);
		const struct snap_isakmp_profile *p = t ? ike_tunnel_isakmp_profile(ike, t) : NULL;
		if (p && p->keepalive_s)
			return p;
	}
	return NULL;
}

static uint16_t idle_s(const struct ike *ike, const struct ike_host *host)
{
	const struct snap_isakmp_profile *p = profile_of(ike, host);
	uint16_t s = p ? p->keepalive_s : ike->snapshot->crypto.keepalive_s;

	return s ? s : SNAP_DPD_IDLE_S;
}

static uint16_t retry_s(const struct ike *ike, const struct ike_host *host)
{
	const struct snap_isakmp_profile *p = profile_of(ike, host);
	uint16_t s = p ? p->keepalive_retry_s : ike->snapshot->crypto.keepalive_retry_s;

	return s ? s : SNAP_DPD_RETRY_S;
}

void ike_dpd_plan(struct ike *ike, struct ike_sa *sa)
{
	sa->dpd_tries = 0;
	sa->dpd_at = MONO_NEVER;
	if (sa->peer_dpd && ike->snapshot->crypto.keepalive_periodic)
		sa->dpd_at = mono_add_s(sa->host->heard_at, idle_s(ike, sa->host));
	ike_sa_arm(ike, sa);
}

static void ask(struct ike *ike, struct ike_sa *sa)
{
	if (!sa->dpd_sent)
		sa->dpd_sent = entropy_u32(&ike->entropy) >> 1;
	if (sa->dpd_tries == 0) {
		sa->dpd_sent++;
		sa->dpd_asked = ike->now.mono;
	}
	sa->dpd_tries++;
	sa->dpd_at = mono_add_s(ike->now.mono, retry_s(ike, sa->host));
	ike_info_notify(ike, sa,
	                &(struct ike_notify){ .type = IKE_NOTIFY_R_U_THERE,
	                                      .has_number = true,
	                                      .number = sa->dpd_sent });
	ike_sa_arm(ike, sa);
}

void ike_dpd_traffic(struct ike *ike, struct ike_child *child, bool in, bool out)
{
	struct ike_host *host = child->host;
	struct ike_sa *sa = ike_host_standing(host);

	if (in)
		host->heard_at = ike->now.mono;
	if (!in && !out)
		return;
	mono due = mono_add_s(host->heard_at, idle_s(ike, host));
	if (sa && sa->peer_dpd && !sa->dpd_tries) {
		sa->dpd_at = mono_min(sa->dpd_at, due);
		ike_sa_arm(ike, sa);
	} else if (!sa && !in && mono_due(due, ike->now.mono) && !ike_host_coming(host)) {
		(void)ike_main_probe(ike, host); /* without an IKE SA main mode is the question */
	}
}

void ike_dpd_fire(struct ike *ike, struct ike_sa *sa)
{
	mono heard = sa->host->heard_at;

	if (sa->dpd_tries && mono_before(sa->dpd_asked, heard)) {
		ike_dpd_plan(ike, sa);
		sa->dpd_at = mono_min(sa->dpd_at, mono_add_s(heard, idle_s(ike, sa->host)));
		ike_sa_arm(ike, sa);
		return;
	}
	if (sa->dpd_tries == 0 &&
	    mono_before(ike->now.mono, mono_add_s(heard, idle_s(ike, sa->host)))) {
		sa->dpd_at = mono_add_s(heard, idle_s(ike, sa->host));
		return;
	}
	if (sa->dpd_tries < IKE_DPD_TRIES) {
		ask(ike, sa);
		return;
	}
	ike_host_lost(ike, sa, REASON_PEER_DEAD);
}

static bool is_awaited(const struct ike_sa *sa, uint32_t number)
{
	return sa->dpd_tries && number == sa->dpd_sent;
}

bool ike_dpd_is_fresh(struct ike_sa *sa, bool is_answer, uint32_t number)
{
	if (is_answer)
		return is_awaited(sa, number);
	if (sa->was_asked && number <= sa->dpd_seen)
		return false;
	sa->was_asked = true;
	sa->dpd_seen = number;
	return true;
}

/* An earlier question is answered as well: a peer that got no answer asks by the same number. */
void ike_dpd_heed(struct ike *ike, struct ike_sa *sa, bool is_answer, uint32_t number)
{
	if (is_answer) {
		if (is_awaited(sa, number))
			ike_dpd_plan(ike, sa);
		return;
	}
	ike_info_notify(ike, sa,
	                &(struct ike_notify){ .type = IKE_NOTIFY_R_U_THERE_ACK,
	                                      .has_number = true,
	                                      .number = number });
}
