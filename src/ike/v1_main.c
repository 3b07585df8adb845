/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Main mode (RFC 2409 5.4):
 *
 *	1  SA ->                  3  KE, Ni, NAT-D ->          5  ID, HASH_I (encrypted) ->
 *	2      <- SA              4      <- KE, Nr, NAT-D      6      <- ID, HASH_R
 *
 * Until message 5 has proved the peer, it gets no more than one short answer to each of its
 *messages, and its exchange ends IKE_EXCHANGE_S after its last one. A message that makes no sense
 *is dropped, and the exchange waits for a better one: anybody can send those.
 */
#include "ike/v1_main.h"

#include <stdio.h>
#include <string.h>

#include "ike/fail.h"
#include "ike/host.h"
#include "ike/identity.h"
#include "ike/nat.h"
#include "ike/out.h"
#include "ike/sa.h"
#include "ike/tunnel.h"
#include "ike/v1_auth.h"
#include "ike/v1_cert.h"
#include "ike/v1_info.h"
#include "ike/v1_send.h"
#include "util/memory.h"

void ike_main_free(struct ike_main *m)
{
	if (!m)
		return;
	free(m->sa_i);
	free(m->unsigned_out);
	memory_wipe(m, sizeof *m);
	free(m);
}

static struct crypto_part nonce_of(const struct ike_sa *sa, int who)
{
	return (struct crypto_part){ sa->main->nonce[who], sa->main->nonce_len[who] };
}

void v1_main_shared(const struct ike_sa *sa, struct v1_shared *ret)
{
	const struct dh_group *group = dh_group(sa->policy.group);
	struct ike_main *m = sa->main;

	*ret = (struct v1_shared){
		.icookie = sa->icookie,
		.rcookie = sa->rcookie,
		.nonce_i = nonce_of(sa, IKE_OF_INITIATOR),
		.nonce_r = nonce_of(sa, IKE_OF_RESPONDER),
		.public_i = { m->public[IKE_OF_INITIATOR], group -> public_len },
		.public_r = { m->public[IKE_OF_RESPONDER], group -> public_len },
		.secret = { m->secret, group->shared_len },
		.sa_i = { m->sa_i, m->sa_i_len },
	};
}

static void keep_sa_i(struct ike_main *m, const uint8_t *body, size_t len)
{
	free(m->sa_i);
	m->sa_i = memory_new(1, len ? len : 1);
	memcpy(m->sa_i, body, len);
	m->sa_i_len = len;
}

static void send(struct ike *ike, struct ike_sa *sa, struct v1_out *o, uint8_t *iv)
{
	size_t len = v1_seal(ike, sa, o, &(struct v1_sealing){ .iv = iv });
	bool expects = sa->initiator;

	if (len)
		ike_turn_send(ike, &sa->turn,
		              &(struct ike_message){ &sa->path, o->bytes, len, expects });
	if (!sa->initiator)
		sa->ends_at = mono_add_s(ike->now.mono, IKE_EXCHANGE_S);
}

/* The exchange has failed. */
static void end(struct ike *ike, struct ike_sa *sa)
{
	if (sa->probes)
		ike_host_lost(ike, sa, REASON_PEER_DEAD);
	if (sa->initiator && !ike_host_standing(sa->host))
		ike_host_failed(ike, sa->host);
	ike_sa_delete(ike, sa, REASON_REFUSED, false);
}

/* ---- policies ---- */

static bool is_usable(const struct ike *ike, const struct ike_host_key *host,
                      enum snap_isakmp_auth auth)
{
	if (auth == SNAP_AUTH_PRE_SHARE)
		return v1_auth_key(ike, host);
	return v1_cert_can_prove(ike, &host->local);
}

/* What cannot be carried through, for want of a key or a certificate, is not offered. */
static void usable_policies(struct ike *ike, const struct ike_host_key *host,
                            struct v1_policies *ret)
{
	const bool usable[] = {
		[SNAP_AUTH_RSA_SIG] = is_usable(ike, host, SNAP_AUTH_RSA_SIG),
		[SNAP_AUTH_PRE_SHARE] = is_usable(ike, host, SNAP_AUTH_PRE_SHARE),
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

static void tell_no_policies(struct ike *ike, const struct addr *peer)
{
	char text[ADDR_TEXT_LEN];

	addr_format(peer, text);
	if (!ike->snapshot->crypto.n_policies) {
		if (ike_fail(ike, peer, "no ISAKMP policy is configured"))
			ike_advise(ike, peer, "crypto isakmp policy 10, authentication pre-share");
	} else if (has_psk_policy(ike)) {
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

bool ike_main_is_admitted(const struct ike *ike, const struct ike_sa *sa)
{
	if (!ike_tunnel_at(ike, &sa->host->key.local))
		return false;
	return sa->step < IKE_STANDS || is_usable(ike, &sa->host->key, sa->policy.auth);
}

/* ---- messages 1 and 2 ---- */

bool ike_main_start(struct ike *ike, struct ike_host *host)
{
	/* RFC 3947 4: past a NAT main mode goes on at port 4500, to the port that is known. */
	const struct node_ike_path path = {
		.from = host->key.local,
		.to = host->key.remote,
		.from_port = host->key.port ? IKE_NAT_PORT : IKE_PORT,
		.to_port = host->key.port ? host->key.port : IKE_PORT,
	};
	struct v1_policies policies;
	struct v1_out o;

	usable_policies(ike, &host->key, &policies);
	if (!policies.n) {
		tell_no_policies(ike, &host->key.remote);
		return false;
	}
	struct ike_sa *sa = ike_sa_new(ike, host, &path, true);
	if (!sa)
		return false;
	sa->step = IKE_SENT_1;
	v1_begin(&o, sa, ISAKMP_MAIN, 0);
	isakmp_open(&o.b, ISAKMP_SA);
	size_t at = writer_len(&o.b.w);
	v1_offer_policies(&o.b.w, &policies);
	keep_sa_i(sa->main, o.bytes + at, writer_len(&o.b.w) - at);
	isakmp_close(&o.b);
	ike_nat_offer(ike, &o);
	send(ike, sa, &o, NULL);
	ike_sa_arm(ike, sa);
	return true;
}

bool ike_main_probe(struct ike *ike, struct ike_host *host)
{
	if (!ike_main_start(ike, host))
		return false;
	ike_host_coming(host)->probes = true;
	return true;
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

static enum ike_drop refuse(struct ike *ike, const struct node_event *event, uint64_t icookie,
                            const char *text)
{
	const struct addr *peer = &event->ike.path.from;

	if (ike_fail(ike, peer, "no ISAKMP policy fits: %s", text)) {
		ike_info_refuse(ike, event, icookie, text);
		ike_advise(ike, peer, "a crypto isakmp policy with the peer's values (%s)", text);
	}
	return IKE_DROP_NO_PROPOSAL;
}

static void send_2(struct ike *ike, struct ike_sa *sa, const struct v1_chosen *chosen)
{
	struct v1_out o;

	sa->step = IKE_SENT_2;
	v1_begin(&o, sa, ISAKMP_MAIN, 0);
	isakmp_open(&o.b, ISAKMP_SA);
	v1_answer(&o.b.w, chosen, 0);
	isakmp_close(&o.b);
	ike_nat_answer(sa, &o);
	send(ike, sa, &o, NULL);
	ike_sa_arm(ike, sa);
}

static struct node_ike_path way_back(const struct node_event *event)
{
	return (struct node_ike_path){
		.from = event->ike.path.to,
		.to = event->ike.path.from,
		.from_port = event->ike.path.to_port,
		.to_port = event->ike.path.from_port,
	};
}

static bool has_room(const struct ike *ike, const struct ike_host *host)
{
	return ike->n_half_open < IKE_HALF_OPEN_MAX &&
	       (!host || host->n_half_open < IKE_HALF_OPEN_PER_PEER);
}

enum ike_drop ike_main_answer(struct ike *ike, const struct node_event *event,
                              const struct isakmp_header *header)
{
	const struct node_ike_path path = way_back(event);
	const struct ike_host_key key = ike_host_key(&path, path.from_port == IKE_NAT_PORT);
	struct ike_host *host = ike_host_find(ike, &key);
	struct v1_policies policies;
	struct v1_chosen chosen;
	struct isakmp_message m;
	char text[V1_TEXT_SIZE];

	if (host && repeats_first(ike, host, event, header->icookie))
		return IKE_DROP_NONE;
	if (!has_room(ike, host))
		return IKE_DROP_HALF_OPEN;
	if (!isakmp_parse(event->ike.bytes, event->ike.len, &m))
		return IKE_DROP_MALFORMED;
	const struct isakmp_payload *offer = isakmp_find(&m, ISAKMP_SA);
	if (!offer || header->flags & ISAKMP_FLAG_ENCRYPTED || !header->icookie)
		return IKE_DROP_MALFORMED;
	usable_policies(ike, &key, &policies);
	if (!policies.n) {
		tell_no_policies(ike, &path.to);
		return IKE_DROP_NO_KEY;
	}
	if (!v1_choose_policy(offer, &policies, &chosen, text))
		return refuse(ike, event, header->icookie, text);
	host = ike_host_get(ike, &key);
	struct ike_sa *sa = ike_sa_new(ike, host, &path, false);
	if (!sa) {
		ike_host_release(ike, host);
		return IKE_DROP_FULL;
	}
	sa->icookie = header->icookie;
	sa->policy = chosen.policy;
	keep_sa_i(sa->main, offer->body, offer->len);
	ike_nat_read_vendors(ike, sa, &m);
	ike_turn_saw(ike, &sa->turn, event->ike.bytes, event->ike.len);
	send_2(ike, sa, &chosen);
	return IKE_DROP_NONE;
}

/* ---- messages 3 and 4 ---- */

/* Our half of the exchange: a private value, its public one, a nonce. */
static bool draw(struct ike *ike, struct ike_sa *sa)
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

static void send_exchange(struct ike *ike, struct ike_sa *sa)
{
	int who = sa->initiator ? IKE_OF_INITIATOR : IKE_OF_RESPONDER;
	struct v1_out o;

	v1_begin(&o, sa, ISAKMP_MAIN, 0);
	isakmp_add(&o.b, ISAKMP_KE, sa->main->public[who],
	           dh_group(sa->policy.group) -> public_len);
	isakmp_add(&o.b, ISAKMP_NONCE, sa->main->nonce[who], sa->main->nonce_len[who]);
	if (sa->policy.auth == SNAP_AUTH_RSA_SIG)
		v1_cert_add_requests(ike, sa, &o);
	ike_nat_add_vendors(&o);
	ike_nat_add_hashes(ike, sa, &o);
	sa->step = sa->initiator ? IKE_SENT_3 : IKE_SENT_4;
	send(ike, sa, &o, NULL);
}

/* The peer's half. */
static bool read_exchange(struct ike *ike, struct ike_sa *sa, struct v1_in *in)
{
	const struct dh_group *group = dh_group(sa->policy.group);
	const struct isakmp_payload *ke = isakmp_find(&in->m, ISAKMP_KE);
	const struct isakmp_payload *nonce = isakmp_find(&in->m, ISAKMP_NONCE);
	int who = sa->initiator ? IKE_OF_RESPONDER : IKE_OF_INITIATOR;

	if (!ke || ke->len != group->public_len || !nonce || nonce->len < 8 ||
	    nonce->len > IKE_NONCE_MAX)
		return false;
	memcpy(sa->main->public[who], ke -> body, ke -> len);
	memcpy(sa->main->nonce[who], nonce->body, nonce->len);
	sa->main->nonce_len[who] = nonce->len;
	v1_cert_read_requests(ike, sa, &in->m);
	ike_nat_read_vendors(ike, sa, &in->m);
	ike_nat_read_hashes(ike, sa, in);
	return crypto_dh_shared(ike->crypto, group, sa->main->private, ke->body, sa->main->secret);
}

static enum ike_drop read_2(struct ike *ike, struct ike_sa *sa, struct v1_in *in)
{
	const struct isakmp_payload *answer = isakmp_find(&in->m, ISAKMP_SA);
	struct v1_policies policies;
	struct v1_chosen chosen;
	char text[V1_TEXT_SIZE];

	if (!answer || !in->m.header.rcookie)
		return IKE_DROP_MALFORMED;
	usable_policies(ike, &sa->host->key, &policies);
	if (!v1_choose_policy(answer, &policies, &chosen, text))
		return IKE_DROP_NO_PROPOSAL;
	sa->rcookie = in->m.header.rcookie;
	sa->policy = chosen.policy;
	ike_nat_read_vendors(ike, sa, &in->m);
	if (!draw(ike, sa))
		return IKE_DROP_MALFORMED;
	send_exchange(ike, sa);
	return IKE_DROP_NONE;
}

static enum ike_drop read_3(struct ike *ike, struct ike_sa *sa, struct v1_in *in)
{
	if (!draw(ike, sa) || !read_exchange(ike, sa, in))
		return IKE_DROP_MALFORMED;
	if (!v1_auth_keys(ike, sa))
		return IKE_DROP_NO_KEY;
	send_exchange(ike, sa);
	return IKE_DROP_NONE;
}

/* ---- messages 5 and 6 ---- */

static void float_port(struct ike *ike, struct ike_sa *sa)
{
	struct node_ike_path path = sa->path;

	if (ike_nat_is_there(sa) && path.from_port == IKE_PORT)
		path.from_port = path.to_port = IKE_NAT_PORT;
	ike_host_settle(ike, sa, &path);
}

/* Message 5 or 6, complete. */
static void send_proof(struct ike *ike, struct ike_sa *sa, struct v1_out *o)
{
	bool contact = sa->main->contact;

	if (sa->initiator) {
		if (!ike_host_standing(sa->host) && !sa->host->children)
			ike_info_add_contact(sa, o);
		sa->step = IKE_SENT_5;
		sa->ends_at = MONO_NEVER;
		send(ike, sa, o, sa->keys.iv);
		ike_sa_arm(ike, sa);
		return;
	}
	send(ike, sa, o, sa->keys.iv);
	/* The initiator has this when it has nothing with us: what we have is of its past. */
	if (contact)
		ike_host_lost(ike, sa, REASON_PEER_DELETED);
	ike_sa_stands(ike, sa);
}

/* Sends it, or has it signed first. False: it cannot be made, and the exchange is over. */
static bool prove(struct ike *ike, struct ike_sa *sa)
{
	struct v1_out o;

	v1_begin(&o, sa, ISAKMP_MAIN, 0);
	switch (v1_auth_add(ike, sa, &o)) {
	case V1_AUTH_DONE:
		send_proof(ike, sa, &o);
		return true;
	case V1_AUTH_SIGNING:
		sa->step = IKE_SIGNING;
		ike_turn_done(&sa->turn);
		sa->ends_at = mono_add_s(ike->now.mono, IKE_EXCHANGE_S);
		return true;
	case V1_AUTH_FAILED:
		break;
	}
	end(ike, sa);
	return false;
}

void ike_signed(struct ike *ike, const struct node_event *event)
{
	const struct crypto_part signature = { event->signature.bytes, event->signature.len };
	struct ike_sa *sa = ike_sa_ours(ike, event->signature.cookie);

	if (!sa || sa->step != IKE_SIGNING)
		return;
	struct v1_out *o = v1_auth_signed(ike, sa, signature);
	if (o)
		send_proof(ike, sa, o);
	else
		end(ike, sa);
	free(o);
}

static enum ike_drop read_4(struct ike *ike, struct ike_sa *sa, struct v1_in *in)
{
	if (!read_exchange(ike, sa, in))
		return IKE_DROP_MALFORMED;
	if (!v1_auth_keys(ike, sa))
		return IKE_DROP_NO_KEY;
	float_port(ike, sa);
	return prove(ike, sa) ? IKE_DROP_NONE : IKE_DROP_NO_KEY;
}

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
static void refuse_unread(struct ike *ike, struct ike_sa *sa)
{
	const struct v1_proof proof = {
		.notify = IKE_NOTIFY_AUTHENTICATION,
		.why = "the peer's proof does not fit our pre-shared key: the keys differ",
		.advice = "the same crypto isakmp key on both ends",
	};

	if (sa->policy.auth == SNAP_AUTH_PRE_SHARE)
		refuse_proof(ike, sa, &proof);
}

static bool admits(struct ike *ike, struct ike_sa *sa, struct v1_proof *proof)
{
	char text[IKE_ID_TEXT_SIZE], advice[IKE_ID_TEXT_SIZE + 64];

	if (v1_auth_admits(ike, sa, &sa->peer_id.addr))
		return true;
	ike_identity_text(proof->id, text);
	snprintf(proof->why, sizeof proof->why,
	         "identity: offered %s, matched by no isakmp profile", text);
	snprintf(advice, sizeof advice, "match identity address %s in the crypto isakmp profile",
	         text);
	proof->advice = addr_is_none(&sa->peer_id.addr) ? NULL : advice;
	proof->notify = IKE_NOTIFY_INVALID_ID;
	refuse_proof(ike, sa, proof);
	return false;
}

static enum ike_drop read_5(struct ike *ike, struct ike_sa *sa, struct v1_in *in)
{
	const struct node_ike_path path = way_back(in->event);
	uint8_t before[CRYPTO_IV_MAX];
	struct v1_proof proof;

	v1_cert_read_requests(ike, sa, &in->m);
	enum ike_drop drop = v1_auth_check(ike, sa, in, &proof);
	memcpy(before, sa->keys.iv, sizeof before);
	if (proof.notify != IKE_NOTIFY_AUTHENTICATION || !drop)
		memcpy(sa->keys.iv, in->iv, sizeof in->iv);
	if (drop)
		refuse_proof(ike, sa, &proof);
	else if (!admits(ike, sa, &proof))
		drop = IKE_DROP_AUTHENTICATION;
	if (drop) {
		/* Message 5 may come again, and is then refused in the same way. */
		memcpy(sa->keys.iv, before, sizeof before);
		return drop;
	}
	sa->main->contact = ike_info_has_contact(&in->m);
	ike_host_settle(ike, sa, &path);
	return prove(ike, sa) ? IKE_DROP_NONE : IKE_DROP_NO_KEY;
}

static enum ike_drop read_6(struct ike *ike, struct ike_sa *sa, struct v1_in *in)
{
	struct v1_proof proof;
	enum ike_drop drop = v1_auth_check(ike, sa, in, &proof);

	if (proof.notify != IKE_NOTIFY_AUTHENTICATION || !drop)
		memcpy(sa->keys.iv, in->iv, sizeof in->iv);
	if (drop == IKE_DROP_NONE) {
		if (admits(ike, sa, &proof)) {
			ike_sa_stands(ike, sa);
			return IKE_DROP_NONE;
		}
		drop = IKE_DROP_AUTHENTICATION;
	} else {
		refuse_proof(ike, sa, &proof);
	}
	/* Somebody with the same keys has said it: there is nothing better to wait for. */
	if (proof.notify != IKE_NOTIFY_AUTHENTICATION)
		end(ike, sa);
	return drop;
}

/* ---- all later ones ---- */

static enum ike_drop read_step(struct ike *ike, struct ike_sa *sa, struct v1_in *in)
{
	switch (sa->step) {
	case IKE_SENT_1:
		return read_2(ike, sa, in);
	case IKE_SENT_2:
		return read_3(ike, sa, in);
	case IKE_SENT_3:
		return read_4(ike, sa, in);
	case IKE_SENT_4:
		return read_5(ike, sa, in);
	case IKE_SENT_5:
		return read_6(ike, sa, in);
	default:
		return IKE_DROP_EXCHANGE;
	}
}

enum ike_drop ike_main_receive(struct ike *ike, struct ike_sa *sa, const struct node_event *event)
{
	bool sealed = sa->step == IKE_SENT_4 || sa->step == IKE_SENT_5;
	struct v1_in in;

	if (ike_turn_repeats(ike, &sa->turn, event))
		return IKE_DROP_NONE;
	if (sa->step >= IKE_STANDS)
		return IKE_DROP_REPLAYED;
	in.event = event;
	in.m.header.flags = 0;
	if (!v1_open(ike, sa, sealed ? sa->keys.iv : NULL, &in)) {
		if (!sealed || !(in.m.header.flags & ISAKMP_FLAG_ENCRYPTED))
			return IKE_DROP_MALFORMED;
		refuse_unread(ike, sa);
		return IKE_DROP_DECRYPT;
	}
	enum ike_drop drop = read_step(ike, sa, &in);
	if (drop == IKE_DROP_NONE) {
		ike_turn_saw(ike, &sa->turn, event->ike.bytes, event->ike.len);
		ike_sa_arm(ike, sa);
	}
	memory_wipe(&in, sizeof in);
	return drop;
}

/* ---- failure ---- */

void ike_main_refused(struct ike *ike, struct ike_sa *sa, uint16_t type, const char *text)
{
	const struct addr *peer = &sa->host->key.remote;

	if (!sa->initiator)
		return;
	if (type == IKE_NOTIFY_NO_PROPOSAL)
		ike_fail(ike, peer, "the peer admits none of our ISAKMP policies%s%s",
		         text[0] ? ": " : "", text);
	else if (type == IKE_NOTIFY_AUTHENTICATION && !sa->main->told)
		ike_fail(ike, peer, "the peer refuses our proof: %s",
		         sa->policy.auth == SNAP_AUTH_PRE_SHARE
		                 ? "the pre-shared keys differ"
		                 : "certificate, CA or identity do not suit it");
	else if (!sa->main->told && text[0])
		ike_fail(ike, peer, "the peer refuses us: %s", text);
	else if (!sa->main->told)
		ike_fail(ike, peer, "the peer refuses main mode (notify %u)%s%s", type,
		         text[0] ? ": " : "", text);
	end(ike, sa);
}

void ike_main_disowned(struct ike *ike, struct ike_sa *sa, const char *text)
{
	ike_fail(ike, &sa->host->key.remote, "the peer refuses us: %s",
	         text[0] ? text : "certificate, CA or identity do not suit it");
	ike_sa_delete(ike, sa, REASON_REFUSED, false);
}

void ike_main_timed_out(struct ike *ike, struct ike_sa *sa)
{
	static const char *const why[] = {
		[IKE_SENT_1] = "no answer to main mode message 1: the address does not answer, or "
			       "UDP port 500 is filtered",
		[IKE_SENT_3] = "no answer to main mode message 3: it has lost us, or has no key "
			       "for us",
		[IKE_SENT_5] = "no answer to main mode message 5: the pre-shared keys differ, most "
			       "likely, or UDP port 4500 is filtered",
		[IKE_SENT_4] = "the peer fell silent after main mode message 3: the pre-shared "
			       "keys differ, most likely",
		[IKE_SIGNING] = "our signature was not made in time",
	};
	static const char *const why_signed[] = {
		[IKE_SENT_5] = "no answer to main mode message 5: the peer does not accept our "
			       "certificate, most likely, or UDP port 4500 or fragments are "
			       "filtered",
		[IKE_SENT_4] = "the peer fell silent after main mode message 3: it does not accept "
			       "our certificate authority, or UDP port 4500 or fragments are "
			       "filtered",
	};
	bool is_signed = sa->policy.auth == SNAP_AUTH_RSA_SIG &&
	                 (sa->step == IKE_SENT_4 || sa->step == IKE_SENT_5);

	/* Message 1 alone is what every scanner sends. */
	if (sa->step != IKE_SENT_2 && !sa->main->told && !ike_host_standing(sa->host))
		ike_fail(ike, &sa->host->key.remote, "%s",
		         is_signed ? why_signed[sa->step] : why[sa->step]);
	end(ike, sa);
}
