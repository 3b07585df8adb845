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

#include <string.h>

#include "ike/fail.h"
#include "ike/host.h"
#include "ike/nat.h"
#include "ike/sa.h"
#include "ike/tunnel.h"
#include "ike/v1_auth.h"
#include "ike/v1_cert.h"
#include "ike/v1_info.h"
#include "ike/v1_phase1.h"
#include "ike/v1_send.h"
#include "ike/vendor.h"
#include "util/memory.h"

void ike_main_free(struct ike_main *m)
{
	if (!m)
		return;
	free(m->sa_i);
	free(m->unsigned_out);
	free((void *)(uintptr_t)m->early_id.body);
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

bool ike_main_is_admitted(const struct ike *ike, const struct ike_sa *sa)
{
	if (!ike_tunnel_at(ike, &sa->host->key.local))
		return false;
	return sa->step < IKE_STANDS || v1_phase1_can_use(ike, &sa->host->key, sa->policy.auth,
	                                                  sa->aggressive ? sa->peer_name : NULL);
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

	v1_phase1_policies(ike, &host->key, NULL, &policies);
	if (!policies.n) {
		v1_phase1_tell_no_policies(ike, &host->key.remote);
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
	v1_phase1_keep_offer(sa->main, o.bytes + at, writer_len(&o.b.w) - at);
	isakmp_close(&o.b);
	ike_vendor_offer(ike, &o);
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

static void send_2(struct ike *ike, struct ike_sa *sa, const struct v1_chosen *chosen)
{
	struct v1_out o;

	sa->step = IKE_SENT_2;
	v1_begin(&o, sa, ISAKMP_MAIN, 0);
	isakmp_open(&o.b, ISAKMP_SA);
	v1_answer(&o.b.w, chosen, 0);
	isakmp_close(&o.b);
	ike_vendor_answer(sa, &o);
	send(ike, sa, &o, NULL);
	ike_sa_arm(ike, sa);
}

enum ike_drop ike_main_answer(struct ike *ike, const struct node_event *event,
                              const struct isakmp_header *header)
{
	struct v1_first first;
	enum ike_drop drop = v1_phase1_take_first(ike, event, header, &first);

	if (first.sa)
		send_2(ike, first.sa, &first.chosen);
	return drop;
}

/* ---- messages 3 and 4 ---- */

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
	ike_vendor_add(ike, sa, &o);
	ike_nat_add_hashes(ike, sa, &o);
	sa->step = sa->initiator ? IKE_SENT_3 : IKE_SENT_4;
	send(ike, sa, &o, NULL);
}

/* Hashes of NAT traversal stand beside the values. */
static bool read_exchange(struct ike *ike, struct ike_sa *sa, struct v1_in *in)
{
	if (!v1_phase1_read_exchange(ike, sa, &in->m))
		return false;
	ike_nat_read_hashes(ike, sa, in);
	return true;
}

static enum ike_drop read_2(struct ike *ike, struct ike_sa *sa, struct v1_in *in)
{
	const struct isakmp_payload *answer = isakmp_find(&in->m, ISAKMP_SA);
	struct v1_policies policies;
	struct v1_chosen chosen;
	struct v1_mismatch why;

	if (!answer || !in->m.header.rcookie)
		return IKE_DROP_MALFORMED;
	v1_phase1_policies(ike, &sa->host->key, NULL, &policies);
	if (!v1_choose_policy(answer, &policies, &chosen, &why))
		return IKE_DROP_NO_PROPOSAL;
	sa->rcookie = in->m.header.rcookie;
	sa->policy = chosen.policy;
	ike_vendor_read(ike, sa, &in->m);
	if (!v1_phase1_draw(ike, sa))
		return IKE_DROP_MALFORMED;
	send_exchange(ike, sa);
	return IKE_DROP_NONE;
}

static enum ike_drop read_3(struct ike *ike, struct ike_sa *sa, struct v1_in *in)
{
	if (!v1_phase1_draw(ike, sa) || !read_exchange(ike, sa, in))
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

static bool is_first_at_host(const struct ike_sa *sa)
{
	return !ike_host_standing(sa->host) && !sa->host->children;
}

/*
 * A forged port may lead to a peer all the same that we have healthy SAs with at its own. While
 * there are any at the address INITIAL-CONTACT waits until it is known who answers.
 */
static void tell_who_recovers(struct ike *ike, struct ike_sa *sa, bool first)
{
	if (first && !ike_host_has_elsewhere(sa->host, &sa->peer_id))
		ike_info_notify(ike, sa,
		                &(struct ike_notify){ .type = IKE_NOTIFY_INITIAL_CONTACT });
	else
		ike_info_invalid_spi(ike, sa, sa->unknown_spi);
}

/* Message 5 or 6, complete. */
static void send_proof(struct ike *ike, struct ike_sa *sa, struct v1_out *o)
{
	bool contact = sa->main->contact;

	if (sa->initiator) {
		contact = is_first_at_host(sa) &&
		          !(sa->recovers && ike_host_has_elsewhere(sa->host, NULL));
		if (contact)
			ike_info_add_contact(sa, o);
		sa->main->contact = contact;
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
	v1_phase1_end(ike, sa);
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
		v1_phase1_end(ike, sa);
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

static enum ike_drop read_5(struct ike *ike, struct ike_sa *sa, struct v1_in *in)
{
	const struct node_ike_path path = v1_phase1_way_back(in->event);
	uint8_t before[CRYPTO_IV_MAX];
	struct v1_proof proof;

	v1_cert_read_requests(ike, sa, &in->m);
	memcpy(before, sa->keys.iv, sizeof before);
	enum ike_drop drop = v1_phase1_judge(ike, sa, in, &proof);
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
	enum ike_drop drop = v1_phase1_judge(ike, sa, in, &proof);

	bool first = is_first_at_host(sa), tells = sa->recovers && !sa->main->contact;
	if (drop == IKE_DROP_NONE) {
		ike_sa_stands(ike, sa);
		if (tells)
			tell_who_recovers(ike, sa, first);
	} else if (proof.notify != IKE_NOTIFY_AUTHENTICATION) {
		/* Somebody with the same keys has said it: there is nothing better to wait for. */
		v1_phase1_end(ike, sa);
	}
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
	if (sa->aggressive)
		return IKE_DROP_EXCHANGE;
	in.event = event;
	in.m.header.flags = 0;
	if (!v1_open(ike, sa, sealed ? sa->keys.iv : NULL, &in)) {
		if (!sealed || !(in.m.header.flags & ISAKMP_FLAG_ENCRYPTED))
			return IKE_DROP_MALFORMED;
		v1_phase1_refuse_unread(ike, sa);
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
	v1_phase1_end(ike, sa);
}

void ike_main_disowned(struct ike *ike, struct ike_sa *sa, const char *text)
{
	ike_fail(ike, &sa->host->key.remote, "the peer refuses us: %s",
	         text[0] ? text : "certificate, CA or identity do not suit it");
	ike_sa_delete(ike, sa, REASON_REFUSED, false);
}

static const char *why_silent(const struct ike_sa *sa)
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

	if (sa->aggressive)
		return "the peer fell silent after aggressive mode message 2: the pre-shared keys "
		       "differ, most likely";
	if (sa->step == IKE_SENT_1 && sa->path.from_port == IKE_NAT_PORT)
		return "no answer to main mode message 1 from behind its NAT: a NAT on the way "
		       "lets nothing through, or the peer is gone";
	return is_signed ? why_signed[sa->step] : why[sa->step];
}

void ike_main_timed_out(struct ike *ike, struct ike_sa *sa)
{
	/* Message 1 alone is what every scanner sends. */
	if (sa->step != IKE_SENT_2 && !sa->main->told && !ike_host_standing(sa->host))
		ike_fail(ike, &sa->host->key.remote, "%s", why_silent(sa));
	v1_phase1_end(ike, sa);
}
