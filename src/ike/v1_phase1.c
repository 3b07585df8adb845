/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What main and aggressive mode share. A message that makes no sense is dropped, and the exchange
 * waits for a better one: anybody can send those.
 */
#include "ike/v1_phase1.h"

#include <stdio.h>
#include <string.h>

#include "ike/fail.h"
#include "ike/host.h"
#include "ike/identity.h"
#include "ike/nat.h"
#include "ike/sa.h"
#include "ike/turn.h"
#include "ike/v1_advice.h"
#include "ike/v1_cert.h"
#include "ike/v1_info.h"
#include "ike/vendor.h"
#include "util/memory.h"
#include "util/strbuf.h"

/* The exchange has failed. */
void v1_phase1_end(struct ike *ike, struct ike_sa *sa)
{
	if (sa->probes)
		ike_host_lost(ike, sa, REASON_PEER_DEAD);
	if (sa->initiator && !ike_host_standing(sa->host))
		ike_host_failed(ike, sa->host);
	ike_sa_delete(ike, sa, REASON_REFUSED, false);
}

/* ---- policies ---- */

bool v1_phase1_can_use(const struct ike *ike, const struct ike_host_key *host,
                       enum snap_isakmp_auth auth, const char *name)
{
	if (auth == SNAP_AUTH_PRE_SHARE)
		return v1_auth_key(ike, host, name);
	return v1_cert_can_prove(ike, &host->local);
}

/* What cannot be carried through, for want of a key or a certificate, is not offered. */
void v1_phase1_policies(struct ike *ike, const struct ike_host_key *host, const char *name,
                        struct v1_policies *ret)
{
	const bool usable[] = {
		[SNAP_AUTH_RSA_SIG] = v1_phase1_can_use(ike, host, SNAP_AUTH_RSA_SIG, name),
		[SNAP_AUTH_PRE_SHARE] = v1_phase1_can_use(ike, host, SNAP_AUTH_PRE_SHARE, name),
	};
	size_t n = 0;

	v1_policies(&ike->snapshot->crypto, ike->crypto, ret);
	for (size_t i = 0; i < ret->n; i++)
		if (usable[ret->policy[i].auth])
			ret->policy[n++] = ret->policy[i];
	ret->n = n;
}

static bool has_psk_policy(const struct ike *ike)
{
	for (size_t i = 0; i < ike->snapshot->crypto.n_policies; i++)
		if (ike->snapshot->crypto.policy[i].has_authentication &&
		    ike->snapshot->crypto.policy[i].authentication == SNAP_AUTH_PRE_SHARE)
			return true;
	return false;
}

static void tell_cannot_use(struct ike *ike, const struct addr *peer, enum snap_isakmp_auth auth)
{
	char text[ADDR_TEXT_LEN];

	addr_format(peer, text);
	if (auth == SNAP_AUTH_PRE_SHARE) {
		if (ike_fail(ike, peer, "no pre-shared key for %s is configured", text))
			ike_advise(ike, peer, "crypto isakmp key KEY address %s", text);
	} else if (ike_fail(ike, peer,
	                    "authentication rsa-sig: no trustpoint has a certificate of ours and "
	                    "its key")) {
		ike_advise(ike, peer,
		           "enrollment file PATH in a crypto pki trustpoint, or "
		           "authentication pre-share in the crypto isakmp policy");
	}
}

void v1_phase1_tell_no_policies(struct ike *ike, const struct addr *peer)
{
	if (ike->snapshot->crypto.n_policies)
		tell_cannot_use(ike, peer,
		                has_psk_policy(ike) ? SNAP_AUTH_PRE_SHARE : SNAP_AUTH_RSA_SIG);
	else if (ike_fail(ike, peer, "no ISAKMP policy is configured"))
		ike_advise(ike, peer, "crypto isakmp policy 10, authentication pre-share");
}

/* ---- the first message ---- */

void v1_phase1_keep_offer(struct ike_main *m, const uint8_t *body, size_t len)
{
	free(m->sa_i);
	m->sa_i = memory_new(1, len ? len : 1);
	memcpy(m->sa_i, body, len);
	m->sa_i_len = len;
}

struct node_ike_path v1_phase1_way_back(const struct node_event *event)
{
	return (struct node_ike_path){
		.from = event->ike.path.to,
		.to = event->ike.path.from,
		.from_port = event->ike.path.to_port,
		.to_port = event->ike.path.from_port,
	};
}

/* A stranger's duplicate of message 1 is answered like the first; it is known by its cookie. */
static bool repeats_first(struct ike *ike, const struct ike_host *host,
                          const struct node_event *event, uint64_t icookie)
{
	for (struct ike_sa *sa = host->sas; sa; sa = sa->next)
		if (!sa->initiator && sa->icookie == icookie && sa->step != IKE_DELETED) {
			(void)ike_turn_repeats(ike, &sa->turn, event);
			return true;
		}
	return false;
}

/* Aggressive mode is for these alone. */
static void keep_pre_shared(struct v1_policies *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		if (p->policy[i].auth == SNAP_AUTH_PRE_SHARE)
			p->policy[n++] = p->policy[i];
	p->n = n;
}

/* Certificates are not for aggressive mode, whatever is configured. */
static void advise_policy(struct ike *ike, const struct addr *peer, const struct isakmp_message *m,
                          const struct v1_mismatch *why)
{
	struct strbuf lines;

	if (!why->can_be_written ||
	    (m->header.exchange == ISAKMP_AGGRESSIVE && why->policy.auth != SNAP_AUTH_PRE_SHARE))
		return;
	strbuf_init(&lines);
	v1_advise_policy(&ike->snapshot->crypto, &why->policy, &lines);
	ike_advise(ike, peer, "%s", lines.text);
	strbuf_fini(&lines);
}

/* Whether a policy is there that fits, and only a key or a certificate is missing. */
static bool lacks_proof(struct ike *ike, const struct isakmp_message *m, struct v1_chosen *ret)
{
	struct v1_policies all;
	struct v1_mismatch why;

	v1_policies(&ike->snapshot->crypto, ike->crypto, &all);
	if (m->header.exchange == ISAKMP_AGGRESSIVE)
		keep_pre_shared(&all);
	return v1_choose_policy(isakmp_find(m, ISAKMP_SA), &all, ret, &why);
}

static enum ike_drop refuse(struct ike *ike, const struct node_event *event,
                            const struct isakmp_message *m, const struct v1_mismatch *why)
{
	const struct addr *peer = &event->ike.path.from;
	struct v1_chosen chosen;

	if (lacks_proof(ike, m, &chosen)) {
		tell_cannot_use(ike, peer, chosen.policy.auth);
		return IKE_DROP_NO_KEY;
	}
	if (ike_fail(ike, peer, "no ISAKMP policy fits: %s", why->text)) {
		ike_info_refuse(ike, event, m->header.icookie, why->text);
		advise_policy(ike, peer, m, why);
	}
	return IKE_DROP_NO_PROPOSAL;
}

/* That aggressive mode begins with; NULL: none. */
static const char *said_name(const struct isakmp_message *m, char text[static IKE_ID_TEXT_SIZE])
{
	const struct isakmp_payload *id = isakmp_find(m, ISAKMP_ID);

	return id && m->header.exchange == ISAKMP_AGGRESSIVE ? ike_identity_name(id, text) : NULL;
}

/*
 * Aggressive mode takes two exponentiations at its first message, whose source may be forged: none
 * is displaced for it, so a flood has no more of them than the table has places in IKE_EXCHANGE_S.
 */
static bool find_room(struct ike *ike, const struct ike_host *host, uint8_t exchange)
{
	if (exchange == ISAKMP_AGGRESSIVE)
		return ike_sa_has_room(ike, host);
	return ike_sa_make_room(ike, host);
}

enum ike_drop v1_phase1_take_first(struct ike *ike, const struct node_event *event,
                                   const struct isakmp_header *header, struct v1_first *ret)
{
	const struct node_ike_path path = v1_phase1_way_back(event);
	const struct ike_host_key key = ike_host_key(&path, path.from_port == IKE_NAT_PORT);
	struct ike_host *host = ike_host_find(ike, &key);
	struct v1_policies policies;
	struct v1_mismatch why;
	char text[IKE_ID_TEXT_SIZE];

	ret->sa = NULL;
	if (host && repeats_first(ike, host, event, header->icookie))
		return IKE_DROP_NONE;
	if (!isakmp_parse(event->ike.bytes, event->ike.len, &ret->m))
		return IKE_DROP_MALFORMED;
	const struct isakmp_payload *offer = isakmp_find(&ret->m, ISAKMP_SA);
	if (!offer || header->flags & ISAKMP_FLAG_ENCRYPTED || !header->icookie)
		return IKE_DROP_MALFORMED;
	v1_phase1_policies(ike, &key, said_name(&ret->m, text), &policies);
	if (header->exchange == ISAKMP_AGGRESSIVE)
		keep_pre_shared(&policies);
	if (!policies.n) {
		v1_phase1_tell_no_policies(ike, &path.to);
		return IKE_DROP_NO_KEY;
	}
	if (!v1_choose_policy(offer, &policies, &ret->chosen, &why))
		return refuse(ike, event, &ret->m, &why);
	if (!find_room(ike, host, header->exchange))
		return IKE_DROP_HALF_OPEN;
	host = ike_host_get(ike, &key);
	struct ike_sa *sa = ike_sa_new(ike, host, &path, false);
	if (!sa) {
		ike_host_release(ike, host);
		return IKE_DROP_FULL;
	}
	sa->icookie = header->icookie;
	sa->policy = ret->chosen.policy;
	v1_phase1_keep_offer(sa->main, offer->body, offer->len);
	ike_vendor_read(ike, sa, &ret->m);
	ike_turn_saw(ike, &sa->turn, event->ike.bytes, event->ike.len);
	ret->sa = sa;
	return IKE_DROP_NONE;
}

/* ---- the exchange ---- */

/* Our half of the exchange: a private value, its public one, a nonce. */
bool v1_phase1_draw(struct ike *ike, struct ike_sa *sa)
{
	const struct dh_group *group = dh_group(sa->policy.group);
	int who = sa->initiator ? IKE_OF_INITIATOR : IKE_OF_RESPONDER;
	struct ike_main *m = sa->main;

	ike->entropy.fill(ike->entropy.ctx, m->nonce[who], IKE_NONCE_LEN);
	m->nonce_len[who] = IKE_NONCE_LEN;
	for (int i = 0; i < 8; i++) {
		ike->entropy.fill(ike->entropy.ctx, m->private, group->private_len);
		if (crypto_dh_public(ike->crypto, group, m->private, m->public[who]))
			return true;
	}
	return false;
}

/* The peer's half. */
bool v1_phase1_read_exchange(struct ike *ike, struct ike_sa *sa, const struct isakmp_message *m)
{
	const struct dh_group *group = dh_group(sa->policy.group);
	const struct isakmp_payload *ke = isakmp_find(m, ISAKMP_KE);
	const struct isakmp_payload *nonce = isakmp_find(m, ISAKMP_NONCE);
	int who = sa->initiator ? IKE_OF_RESPONDER : IKE_OF_INITIATOR;

	if (!ke || ke->len != group->public_len || !nonce || nonce->len < 8 ||
	    nonce->len > IKE_NONCE_MAX)
		return false;
	memcpy(sa->main->public[who], ke -> body, ke -> len);
	memcpy(sa->main->nonce[who], nonce->body, nonce->len);
	sa->main->nonce_len[who] = nonce->len;
	v1_cert_read_requests(ike, sa, m);
	ike_vendor_read(ike, sa, m);
	return crypto_dh_shared(ike->crypto, group, sa->main->private, ke->body, sa->main->secret);
}

/* ---- proofs ---- */

/* Once per exchange, for a message that is sent again fails again. */
static void tell_refused(struct ike *ike, struct ike_sa *sa, const struct v1_proof *proof)
{
	if (sa->main->told)
		return;
	sa->main->told = true;
	if (ike_fail(ike, &sa->host->key.remote, "%s", proof->why) && proof->advice)
		ike_advise(ike, &sa->host->key.remote, "%s", proof->advice);
}

/* With pre-shared keys that differ there is no key that the peer could read our words by. */
static void refuse_proof(struct ike *ike, struct ike_sa *sa, const struct v1_proof *proof)
{
	tell_refused(ike, sa, proof);
	if (proof->notify == IKE_NOTIFY_AUTHENTICATION) {
		if (!sa->initiator)
			ike_info_refuse_proof(ike, sa);
		return;
	}
	ike_info_notify(ike, sa, &(struct ike_notify){ .type = proof->notify, .text = proof->why });
}

/* A message that does not decrypt: with pre-shared keys that is how they show to differ. */
void v1_phase1_refuse_unread(struct ike *ike, struct ike_sa *sa)
{
	const struct v1_proof proof = {
		.notify = IKE_NOTIFY_AUTHENTICATION,
		.why = "the peer's proof does not fit our pre-shared key: the keys differ",
		.advice = "the same crypto isakmp key on both ends",
	};

	if (sa->policy.auth == SNAP_AUTH_PRE_SHARE)
		refuse_proof(ike, sa, &proof);
}

/* A name that is no host's is let in with all others only. */
static void advise_match(const struct ike_sa *sa, const struct v1_proof *proof, const char *text,
                         char advice[static V1_TEXT_SIZE])
{
	bool is_host = ike_identity_is_host(proof->id, text, false);
	bool is_address = !addr_is_none(&sa->peer_id.addr);

	snprintf(advice, V1_TEXT_SIZE, "match identity %s %.140s in the crypto isakmp profile",
	         is_host ? "host" : "address", is_host || is_address ? text : "0.0.0.0");
}

static bool admits(struct ike *ike, struct ike_sa *sa, struct v1_proof *proof)
{
	char text[IKE_ID_TEXT_SIZE], advice[V1_TEXT_SIZE];

	if (v1_auth_admits(ike, sa, proof->id))
		return true;
	ike_identity_text(proof->id, text);
	snprintf(proof->why, sizeof proof->why,
	         "identity: offered %s, matched by no isakmp profile", text);
	advise_match(sa, proof, text, advice);
	proof->advice = advice;
	proof->notify = IKE_NOTIFY_INVALID_ID;
	refuse_proof(ike, sa, proof);
	proof->advice = NULL;
	return false;
}

enum ike_drop v1_phase1_judge(struct ike *ike, struct ike_sa *sa, const struct v1_in *in,
                              struct v1_proof *ret)
{
	enum ike_drop drop = v1_auth_check(ike, sa, in, ret);

	/* Words for the peer go under the IV that its message has left. */
	if (ret->notify != IKE_NOTIFY_AUTHENTICATION || !drop)
		memcpy(sa->keys.iv, in->iv, sizeof in->iv);
	if (drop)
		refuse_proof(ike, sa, ret);
	else if (!admits(ike, sa, ret))
		drop = IKE_DROP_AUTHENTICATION;
	return drop;
}
