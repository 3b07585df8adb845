/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Aggressive mode (RFC 2409 5.4):
 *
 *	1  SA, KE, Ni, ID ->
 *	2      <- SA, KE, Nr, ID, HASH_R, NAT-D
 *	3  HASH_I, NAT-D (encrypted, as a rule) ->
 *
 * Message 2 shows a hash of the key to whoever asks, who may then try words at leisure: it is
 * answered only with `crypto isakmp aggressive-mode accept`, and never begun by us. Certificates
 * are not for it: an answer with them is several times as long as the question, of which nobody
 * knows who has sent it.
 */
#include "ike/v1_aggressive.h"

#include <string.h>

#include "ike/fail.h"
#include "ike/host.h"
#include "ike/nat.h"
#include "ike/sa.h"
#include "ike/turn.h"
#include "ike/v1_auth.h"
#include "ike/v1_info.h"
#include "ike/v1_phase1.h"
#include "ike/v1_send.h"
#include "ike/vendor.h"
#include "util/memory.h"

enum { ID_LEN_MIN = 5 /* type, protocol, port, and a contents */ };

static enum ike_drop refuse(struct ike *ike, const struct node_event *event, uint64_t icookie)
{
	static const char why[] = "aggressive mode is not accepted";
	const struct addr *peer = &event->ike.path.from;

	if (ike_fail(ike, peer, "%s", why)) {
		ike_info_refuse(ike, event, icookie, why);
		ike_advise(ike, peer,
		           "main mode at the other end, or here crypto isakmp "
		           "aggressive-mode accept");
	}
	return IKE_DROP_EXCHANGE;
}

/* The peer's identity comes before its proof. */
static bool keep_identity(struct ike_main *m, const struct isakmp_payload *id)
{
	if (!id || id->len < ID_LEN_MIN)
		return false;
	uint8_t *body = memory_new(1, id->len);
	memcpy(body, id->body, id->len);
	m->early_id = (struct isakmp_payload){ ISAKMP_ID, body, id->len };
	return true;
}

static bool read_1(struct ike *ike, struct ike_sa *sa, const struct isakmp_message *m)
{
	return keep_identity(sa->main, isakmp_find(m, ISAKMP_ID)) && v1_phase1_draw(ike, sa) &&
	       v1_phase1_read_exchange(ike, sa, m) && v1_auth_keys(ike, sa);
}

static bool send_2(struct ike *ike, struct ike_sa *sa, const struct v1_chosen *chosen)
{
	const struct ike_main *m = sa->main;
	struct v1_out o;

	v1_begin(&o, sa, ISAKMP_AGGRESSIVE, 0);
	isakmp_open(&o.b, ISAKMP_SA);
	v1_answer(&o.b.w, chosen, 0);
	isakmp_close(&o.b);
	isakmp_add(&o.b, ISAKMP_KE, m->public[IKE_OF_RESPONDER],
	           dh_group(sa->policy.group) -> public_len);
	isakmp_add(&o.b, ISAKMP_NONCE, m->nonce[IKE_OF_RESPONDER], m->nonce_len[IKE_OF_RESPONDER]);
	if (v1_auth_add(ike, sa, &o) != V1_AUTH_DONE)
		return false;
	ike_vendor_answer(sa, &o);
	ike_nat_add_hashes(ike, sa, &o);
	size_t len = v1_seal(ike, sa, &o, &(struct v1_sealing){ .iv = NULL });
	if (!len)
		return false;
	sa->step = IKE_SENT_4;
	sa->ends_at = mono_add_s(ike->now.mono, IKE_EXCHANGE_S);
	ike_turn_send(ike, &sa->turn, &(struct ike_message){ &sa->path, o.bytes, len, false });
	ike_sa_arm(ike, sa);
	return true;
}

/* What has failed goes as late as what was answered, for it has taken as long to compute. */
static void keep_place(struct ike *ike, struct ike_sa *sa)
{
	sa->leaving = true;
	sa->reason = REASON_REFUSED;
	sa->ends_at = mono_add_s(ike->now.mono, IKE_EXCHANGE_S);
	ike_sa_arm(ike, sa);
}

enum ike_drop ike_aggressive_answer(struct ike *ike, const struct node_event *event,
                                    const struct isakmp_header *header)
{
	struct v1_first first;

	if (!ike->snapshot->crypto.aggressive_accept)
		return refuse(ike, event, header->icookie);
	enum ike_drop drop = v1_phase1_take_first(ike, event, header, &first);
	struct ike_sa *sa = first.sa;
	if (!sa)
		return drop;
	sa->aggressive = true;
	if (read_1(ike, sa, &first.m) && send_2(ike, sa, &first.chosen))
		return IKE_DROP_NONE;
	keep_place(ike, sa);
	return IKE_DROP_MALFORMED;
}

static enum ike_drop read_3(struct ike *ike, struct ike_sa *sa, const struct v1_in *in)
{
	const struct node_ike_path path = v1_phase1_way_back(in->event);
	uint8_t before[CRYPTO_IV_MAX];
	struct v1_proof proof;

	memcpy(before, sa->keys.iv, sizeof before);
	enum ike_drop drop = v1_phase1_judge(ike, sa, in, &proof);
	if (drop) {
		/* A better message 3 is still read by the first IV. */
		memcpy(sa->keys.iv, before, sizeof before);
		return drop;
	}
	ike_nat_read_hashes(ike, sa, in);
	bool contact = ike_info_has_contact(&in->m);
	ike_host_settle(ike, sa, &path);
	if (contact)
		ike_host_lost(ike, sa, REASON_PEER_DELETED);
	ike_sa_stands(ike, sa);
	return IKE_DROP_NONE;
}

enum ike_drop ike_aggressive_receive(struct ike *ike, struct ike_sa *sa,
                                     const struct node_event *event)
{
	struct v1_in in = { .event = event };

	if (sa->step >= IKE_STANDS)
		return IKE_DROP_REPLAYED;
	if (!sa->aggressive || sa->step != IKE_SENT_4 ||
	    !isakmp_parse_header(event->ike.bytes, event->ike.len, &in.m.header))
		return IKE_DROP_EXCHANGE;
	bool sealed = in.m.header.flags & ISAKMP_FLAG_ENCRYPTED;
	memcpy(in.iv, sa->keys.iv, sizeof in.iv);
	if (!v1_open(ike, sa, sealed ? sa->keys.iv : NULL, &in)) {
		if (!sealed)
			return IKE_DROP_MALFORMED;
		v1_phase1_refuse_unread(ike, sa);
		return IKE_DROP_DECRYPT;
	}
	enum ike_drop drop = read_3(ike, sa, &in);
	memory_wipe(&in, sizeof in);
	return drop;
}
