/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quick mode (RFC 2409 5.5):
 *
 *	1  HASH(1), SA, Ni, [KE], IDci, IDcr ->
 *	2      <- HASH(2), SA, Nr, [KE], IDci, IDcr
 *	3  HASH(3) ->
 *
 * A responder can be sent packets from message 2 on, an initiator from message 3 on: each puts its
 * inbound SA in force before that. The responder sends message 2 again until message 3 comes; the
 * initiator keeps message 3 for as long.
 *
 * A peer has one quick mode under way at a time, be it ours or its own.
 *
 * Selectors are the two hosts and GRE. Behind NAT a peer names addresses that we do not see; they
 * are given back as they came (RFC 3947 5), and a renewal of ours names them again.
 */
#include "ike/v1_quick.h"

#include <string.h>

#include "ike/fail.h"
#include "ike/host.h"
#include "ike/identity.h"
#include "ike/nat.h"
#include "ike/out.h"
#include "ike/peer.h"
#include "ike/sa.h"
#include "ike/tunnel.h"
#include "ike/v1_advice.h"
#include "ike/v1_info.h"
#include "ike/v1_send.h"
#include "util/memory.h"
#include "util/strbuf.h"

enum { ID_V4 = 1, ID_V6 = 5, GRE_PROTOCOL = 47, NONCE_MIN = 8, CROSSED_TRIES = 3 };

static struct ike_quick *quick_new(struct ike *ike, struct ike_sa *sa, struct ike_peer *peer,
                                   uint32_t message_id)
{
	struct ike_quick *q = memory_new(1, sizeof *q);

	q->timer.kind = IKE_TIMER_QUICK;
	q->sa = sa;
	q->peer = peer;
	q->message_id = message_id;
	q->spi_in = ike_child_draw_spi(ike);
	q->turn.at = MONO_NEVER;
	q->begun = ike->now.mono;
	q->ends_at = MONO_NEVER;
	q->next = sa->quicks;
	sa->quicks = q;
	sa->n_quicks++;
	ike_sa_note_quick(ike, sa, message_id);
	v1_iv(&sa->keys, message_id, q->iv);
	return q;
}

static void arm(struct ike *ike, struct ike_quick *q)
{
	timers_set(&ike->timers, &q->timer, mono_min(q->turn.at, q->ends_at));
}

/* The peer no longer waits for it. */
static void release_peer(struct ike *ike, struct ike_quick *q)
{
	struct ike_peer *peer = q->peer;

	if (!peer)
		return;
	q->peer = NULL;
	if (q->initiator)
		peer->quick = NULL;
	else
		peer->n_answering--;
	ike_peer_wake(ike, peer);
	ike_peer_idle(ike, peer);
}

void ike_quick_end(struct ike *ike, struct ike_quick *q)
{
	struct ike_quick **at = &q->sa->quicks;

	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	q->sa->n_quicks--;
	struct ike_child *half = q->done ? NULL : ike_child_find(ike, q->child_id);
	if (half && !half->has_out)
		ike_child_delete(ike, half, REASON_REFUSED, true);
	release_peer(ike, q);
	timers_clear(&ike->timers, &q->timer);
	ike_turn_fini(&q->turn);
	memory_wipe(q, sizeof *q);
	free(q);
}

static void fail_quick(struct ike *ike, struct ike_quick *q)
{
	struct ike_peer *peer = q->peer;

	if (peer)
		ike_peer_failed(ike, peer);
	ike_quick_end(ike, q);
}

/* ---- what both ends do ---- */

static bool draw(struct ike *ike, struct ike_quick *q)
{
	const struct dh_group *group = dh_group(q->pfs_group);
	int who = q->initiator ? IKE_OF_INITIATOR : IKE_OF_RESPONDER;

	ike->entropy.fill(ike->entropy.ctx, q->nonce[who], IKE_NONCE_LEN);
	q->nonce_len[who] = IKE_NONCE_LEN;
	for (int i = 0; group && i < 8; i++) {
		ike->entropy.fill(ike->entropy.ctx, q->private, group->private_len);
		if (crypto_dh_public(ike->crypto, group, q->private, q->public))
			return true;
	}
	return !group;
}

static struct crypto_part nonce_of(const struct ike_quick *q, int who)
{
	return (struct crypto_part){ q->nonce[who], q->nonce_len[who] };
}

static bool read_nonce(struct ike_quick *q, int who, const struct v1_in *in)
{
	const struct isakmp_payload *nonce = isakmp_find(&in->m, ISAKMP_NONCE);

	if (!nonce || nonce->len < NONCE_MIN || nonce->len > IKE_NONCE_MAX)
		return false;
	memcpy(q->nonce[who], nonce->body, nonce->len);
	q->nonce_len[who] = nonce->len;
	return true;
}

/* Keys of both directions; wiped by the caller. */
struct keymats {
	uint8_t in[IKE_KEYMAT_MAX], out[IKE_KEYMAT_MAX];
};

static bool derive(const struct ike_quick *q, const struct ike_child *like, const struct v1_in *in,
                   struct keymats *ret)
{
	const struct isakmp_payload *ke = isakmp_find(&in->m, ISAKMP_KE);
	const struct dh_group *group = dh_group(like->pfs_group);
	uint8_t secret[CRYPTO_DH_MAX];
	struct v1_keymat of = {
		.nonce_i = nonce_of(q, IKE_OF_INITIATOR),
		.nonce_r = nonce_of(q, IKE_OF_RESPONDER),
	};

	if (group) {
		if (!ke || ke->len != group->public_len ||
		    !crypto_dh_shared(q->sa->keys.crypto, group, q->private, ke->body, secret))
			return false;
		of.secret = (struct crypto_part){ secret, group->shared_len };
	}
	of.spi = like->spi_in;
	v1_keymat(&q->sa->keys, &of, ret->in, ike_child_keymat_len(like));
	of.spi = like->spi_out;
	v1_keymat(&q->sa->keys, &of, ret->out, ike_child_keymat_len(like));
	memory_wipe(secret, sizeof secret);
	return true;
}

static struct ike_child child_like(const struct ike *ike, const struct ike_quick *q,
                                   const struct v1_chosen *chosen)
{
	const struct ike_tunnel *t = ike_tunnel_find(ike, q->peer->key.tunnel);
	const struct snap_ipsec_profile *profile = t ? ike_tunnel_profile(ike, t) : NULL;

	return (struct ike_child){
		.host = q->sa->host,
		.ike_id = q->sa->id,
		.begun = q->begun,
		.spi_in = q->spi_in,
		.spi_out = chosen->spi,
		.path = q->sa->path,
		.inner_local = q->inner_local,
		.inner_remote = q->inner_remote,
		.peer_id = q->sa->peer_id,
		.own = q->own,
		.cipher = chosen->suite.cipher,
		.auth = chosen->suite.auth,
		.mode = chosen->suite.mode,
		.udp = chosen->suite.udp,
		.esn = chosen->suite.esn,
		.initiator = q->initiator,
		.peer_behind_nat = q->sa->peer_behind_nat,
		.shared = t && t->shared,
		.pfs_group = chosen->suite.pfs_group,
		.replay_packets = profile ? snap_profile_replay(&ike->snapshot->crypto, profile)
		                          : SNAP_REPLAY_PACKETS,
		.lifetime_s = chosen->suite.lifetime_s,
		.lifetime_kb = chosen->suite.lifetime_kb,
	};
}

static void suites_of(const struct ike *ike, const struct ike_sa *sa, const struct ike_tunnel *t,
                      struct v1_suites *ret)
{
	const struct snap_ipsec_profile *profile = ike_tunnel_profile(ike, t);

	*ret = (struct v1_suites){ .n = 0 };
	if (!profile)
		return;
	v1_suites(&ike->snapshot->crypto, profile, ret);
	ret->draft_modes = sa->nat != IKE_NAT_RFC;
	for (size_t i = 0; i < ret->n; i++)
		ret->suite[i].udp = ike_nat_is_there(sa);
}

/* IDci and IDcr. False when there are none. */
static bool find_ids(const struct v1_in *in, const struct isakmp_payload *ret[static 2])
{
	size_t n = 0;

	for (size_t i = 0; i < in->m.n && n < 2; i++)
		if (in->m.payload[i].type == ISAKMP_ID)
			ret[n++] = &in->m.payload[i];
	return n == 2;
}

static bool is_selector(const struct isakmp_payload *id, const struct addr *seen, bool nat)
{
	uint8_t protocol = 0;
	struct addr named = v1_id_address(id, &protocol);

	return protocol == GRE_PROTOCOL && named.family == seen->family &&
	       (nat || addr_equal(&named, seen));
}

static void refuse_selectors(struct ike *ike, struct ike_sa *sa, const char *text)
{
	ike_info_notify(ike, sa,
	                &(struct ike_notify){ .type = IKE_NOTIFY_INVALID_ID, .text = text });
	ike_fail(ike, &sa->host->key.remote, "%s", text);
}

/* ---- initiator ---- */

static void add_id(struct v1_out *o, const struct addr *a)
{
	isakmp_open(&o->b, ISAKMP_ID);
	write_u8(&o->b.w, a->family == ADDR_V4 ? ID_V4 : ID_V6);
	write_u8(&o->b.w, GRE_PROTOCOL);
	write_u16(&o->b.w, 0);
	write_addr(&o->b.w, a);
	isakmp_close(&o->b);
}

static void add_keys(struct v1_out *o, const struct ike_quick *q)
{
	int who = q->initiator ? IKE_OF_INITIATOR : IKE_OF_RESPONDER;
	const struct dh_group *group = dh_group(q->pfs_group);

	isakmp_add(&o->b, ISAKMP_NONCE, q->nonce[who], q->nonce_len[who]);
	if (group)
		isakmp_add(&o->b, ISAKMP_KE, q->public, group->public_len);
}

static uint32_t draw_message_id(struct ike *ike, const struct ike_sa *sa)
{
	uint32_t id;

	do
		id = entropy_u32(&ike->entropy);
	while (!id || !ike_sa_is_new_quick(sa, id));
	return id;
}

/*
 * Behind a NAT the peer is asked for the address that it has itself: in tunnel mode it would not
 * know the one that we see as its own. What it named before is known from the pair before; else its
 * identity is as good as anything.
 */
static void name_selectors(struct ike_quick *q)
{
	const struct ike_sa *sa = q->sa;
	const struct ike_child *before = q->peer->current;
	const struct addr *own = &sa->peer_id.addr;

	q->inner_local = sa->host->key.local;
	q->inner_remote = q->peer->key.nbma;
	q->own = *own;
	if (before && ike_nat_is_there(sa)) {
		q->inner_local = before->inner_local;
		q->inner_remote = before->inner_remote;
		if (ike_identity_equal(&before->peer_id, &sa->peer_id))
			q->own = before->own;
	} else if (sa->peer_behind_nat && own->family == q->inner_remote.family) {
		q->inner_remote = *own;
	}
}

void ike_quick_start(struct ike *ike, struct ike_sa *sa, struct ike_peer *peer)
{
	const struct ike_tunnel *t = ike_tunnel_find(ike, peer->key.tunnel);
	struct v1_suites suites;
	struct v1_out o;

	suites_of(ike, sa, t, &suites);
	if (!suites.n || sa->n_quicks >= IKE_QUICKS_PER_SA || !ike_sa_has_quicks_left(ike, sa)) {
		ike_peer_failed(ike, peer);
		return;
	}
	struct ike_quick *q = quick_new(ike, sa, peer, draw_message_id(ike, sa));
	q->initiator = true;
	q->pfs_group = suites.pfs_group;
	name_selectors(q);
	peer->quick = q;
	if (!draw(ike, q)) {
		fail_quick(ike, q);
		return;
	}
	v1_begin_hashed(&o, sa, ISAKMP_QUICK, q->message_id);
	isakmp_open(&o.b, ISAKMP_SA);
	v1_offer_suites(&o.b.w, &suites, q->spi_in);
	isakmp_close(&o.b);
	add_keys(&o, q);
	add_id(&o, &q->inner_local);
	add_id(&o, &q->inner_remote);
	size_t len = v1_seal(ike, sa, &o, &(struct v1_sealing){ .iv = q->iv });
	if (len)
		ike_turn_send(ike, &q->turn,
		              &(struct ike_message){ &sa->path, o.bytes, len, true });
	arm(ike, q);
}

static void send_3(struct ike *ike, struct ike_quick *q)
{
	struct v1_out o;

	v1_begin_hashed(&o, q->sa, ISAKMP_QUICK, q->message_id);
	size_t len = v1_seal(ike, q->sa, &o,
	                     &(struct v1_sealing){ .iv = q->iv,
	                                           .nonce_i = nonce_of(q, IKE_OF_INITIATOR),
	                                           .nonce_r = nonce_of(q, IKE_OF_RESPONDER),
	                                           .third = true });
	if (len)
		ike_turn_send(ike, &q->turn,
		              &(struct ike_message){ &q->sa->path, o.bytes, len, false });
	q->done = true;
	q->ends_at = mono_add_s(ike->now.mono, IKE_EXCHANGE_S);
	arm(ike, q);
}

/* Our own offer is known; what is chosen of it must be one of its transforms. */
static bool read_choice(struct ike *ike, struct ike_quick *q, const struct v1_in *in,
                        struct v1_chosen *ret)
{
	const struct ike_tunnel *t = ike_tunnel_find(ike, q->peer->key.tunnel);
	const struct isakmp_payload *answer = isakmp_find(&in->m, ISAKMP_SA);
	struct v1_suites suites;
	struct v1_mismatch why;

	suites_of(ike, q->sa, t, &suites);
	if (!answer || !v1_choose_suite(answer, &suites, ret, &why))
		return false;
	ike_info_read_lifetimes(&in->m, &ret->suite);
	return ret->suite.pfs_group == q->pfs_group;
}

/*
 * The selectors are those that we named (RFC 2409 5.5). In transport mode behind a NAT an end may
 * put in the addresses that it sees (strongSwan does): no packet carries them.
 */
static bool are_ours(const struct ike_quick *q, const struct v1_suite *suite,
                     const struct v1_in *in)
{
	bool seen_by_peer = suite->mode == ESP_TRANSPORT && ike_nat_is_there(q->sa);
	const struct isakmp_payload *id[2];

	return find_ids(in, id) && is_selector(id[0], &q->inner_local, seen_by_peer) &&
	       is_selector(id[1], &q->inner_remote, seen_by_peer);
}

static enum ike_drop read_2(struct ike *ike, struct ike_quick *q, struct v1_in *in)
{
	const struct v1_hashed hashed = { .nonce_i = nonce_of(q, IKE_OF_INITIATOR) };
	struct v1_chosen chosen;
	struct keymats keys;

	if (!v1_hash_is_right(q->sa, in, hashed))
		return IKE_DROP_AUTHENTICATION;
	if (!read_nonce(q, IKE_OF_RESPONDER, in))
		return IKE_DROP_MALFORMED;
	if (!read_choice(ike, q, in, &chosen))
		return IKE_DROP_NO_PROPOSAL;
	if (!are_ours(q, &chosen.suite, in)) {
		refuse_selectors(ike, q->sa,
		                 "selectors: the peer's answer names others than we did");
		fail_quick(ike, q);
		return IKE_DROP_NO_PROPOSAL;
	}
	const struct ike_child like = child_like(ike, q, &chosen);
	if (!derive(q, &like, in, &keys))
		return IKE_DROP_MALFORMED;
	struct ike_child *child = ike_child_new(ike, q->peer, &like);
	if (child) {
		memcpy(q->iv, in->iv, sizeof q->iv);
		ike_child_add(ike, child, false, keys.in);
		ike_child_add(ike, child, true, keys.out);
		send_3(ike, q);
		release_peer(ike, q);
		ike->counters.quick_mode_done++;
		ike_child_stands(ike, child);
	}
	memory_wipe(&keys, sizeof keys);
	return child ? IKE_DROP_NONE : IKE_DROP_FULL;
}

static struct ike_quick *refused(const struct ike_sa *sa, uint32_t spi)
{
	struct ike_quick *any = NULL;

	for (struct ike_quick *q = sa->quicks; q; q = q->next) {
		if (!q->initiator || q->done)
			continue;
		if (q->spi_in == spi)
			return q;
		any = q;
	}
	return any;
}

bool ike_quick_refused(struct ike *ike, struct ike_sa *sa, const struct ike_refusal *refusal)
{
	const struct addr *peer = &sa->host->key.remote;
	const char *text = refusal->text, *colon = text[0] ? ": " : "";
	struct ike_quick *q = refused(sa, refusal->spi);

	if (!q)
		return false;
	if (refusal->type == IKE_NOTIFY_NO_PROPOSAL)
		ike_fail(ike, peer, "the peer admits none of our IPsec proposals%s%s", colon, text);
	else
		ike_fail(ike, peer, "the peer refuses quick mode (notify %u)%s%s", refusal->type,
		         colon, text);
	fail_quick(ike, q);
	return true;
}

/* ---- responder ---- */

/* What message 1 asks for, borrowed from it. */
struct request {
	const struct isakmp_payload *offer, *id[2]; /* id: IDci, IDcr */
	struct addr named[2];                       /* what they name: the peer, and us */
};

/* What of it we admit, or why nothing. */
struct choice {
	struct v1_chosen chosen;
	struct v1_mismatch why;
	const struct snap_ipsec_profile *refuses; /* NULL: there is no tunnel */
};

struct accepted {
	const struct choice *choice;
	const struct request *request;
};

static enum ike_drop read_request(struct ike *ike, struct ike_sa *sa, const struct v1_in *in,
                                  struct request *ret)
{
	uint8_t protocol;

	ret->offer = isakmp_find(&in->m, ISAKMP_SA);
	if (!ret->offer)
		return IKE_DROP_MALFORMED;
	if (!find_ids(in, ret->id) ||
	    !is_selector(ret->id[0], &sa->host->key.remote, sa->peer_behind_nat) ||
	    !is_selector(ret->id[1], &sa->host->key.local, sa->behind_nat)) {
		refuse_selectors(ike, sa,
		                 "selectors: not GRE between the two addresses of the tunnel");
		return IKE_DROP_NO_PROPOSAL;
	}
	for (int i = 0; i < 2; i++)
		ret->named[i] = v1_id_address(ret->id[i], &protocol);
	return IKE_DROP_NONE;
}

/*
 * The tunnel whose profile admits the offer. Tunnels with one source cannot be told apart here; one
 * that wants the peer is preferred.
 */
static struct ike_tunnel *choose_tunnel(struct ike *ike, const struct ike_sa *sa,
                                        const struct isakmp_payload *offer, struct choice *ret)
{
	struct ike_tunnel *best = NULL;

	for (size_t i = 0; i < ike->n_tunnels; i++) {
		struct ike_tunnel *t = &ike->tunnel[i];
		struct v1_chosen chosen;
		struct v1_suites suites;
		if (!ike_tunnel_runs(t) || !addr_equal(&t->source, &sa->host->key.local) ||
		    ike_tunnel_leader(ike, t) != t)
			continue;
		suites_of(ike, sa, t, &suites);
		if (!v1_choose_suite(offer, &suites, &chosen, &ret->why)) {
			ret->refuses = ike_tunnel_profile(ike, t);
			continue;
		}
		const struct ike_peer *peer = ike_peer_find(ike, t->number, &sa->host->key.remote);
		if (best && !(peer && peer->n_wants))
			continue;
		best = t;
		ret->chosen = chosen;
	}
	return best;
}

/* Whether somebody else has pairs by that name, be they complete or not. */
static bool is_taken(const struct ike_peer *peer, const struct ike_sa *sa)
{
	const struct ike_child *child = peer ? peer->children : NULL;

	for (; child; child = child->next_of_peer)
		if (child->host != sa->host && !child->lost &&
		    !ike_identity_equal(&child->peer_id, &sa->peer_id))
			return true;
	return false;
}

/* Two offices behind different NATs have the same address inside: no name is left for the second.
 */
static bool is_elsewhere(struct ike *ike, const struct ike_peer *own, const struct addr *outer)
{
	char text[ADDR_TEXT_LEN];

	for (struct ike_child *child = own ? own->children : NULL; child;
	     child = child->next_of_peer) {
		if (child->lost || addr_equal(&child->path.to, outer))
			continue;
		ike_fail(ike, outer, "another peer behind another NAT has its own address %s too",
		         addr_format(&own->key.nbma, text));
		return true;
	}
	return false;
}

/*
 * The peer's NBMA address is the outer one. But a second peer behind the same NAT address goes by
 * the address that it has itself, or its packets could not be told from the first one's. So does
 * one that is wanted by that name.
 */
static struct ike_peer *peer_of(struct ike *ike, const struct ike_sa *sa, struct ike_tunnel *t,
                                const struct addr *named)
{
	const struct addr *outer = &sa->host->key.remote;
	struct ike_peer *first = ike_peer_find(ike, t->number, outer);
	struct ike_peer *own = ike_peer_find(ike, t->number, named);

	if (own && own->host == sa->host && (own->children || own->n_wants))
		return own;
	bool wanted = sa->peer_behind_nat && own && own->n_wants && own->place.port &&
	              addr_equal(&own->place.addr, outer);
	bool other = sa->peer_behind_nat && is_taken(first, sa);
	if (other && is_elsewhere(ike, own, outer))
		return NULL;
	struct ike_peer *peer = ike_peer_get(ike, t, other || wanted ? named : outer);
	if (peer)
		ike_peer_go_over(ike, peer, sa->host);
	return peer;
}

static void send_2(struct ike *ike, struct ike_quick *q, const struct v1_chosen *chosen,
                   const struct request *request)
{
	struct v1_out o;

	v1_begin_hashed(&o, q->sa, ISAKMP_QUICK, q->message_id);
	isakmp_open(&o.b, ISAKMP_SA);
	v1_answer(&o.b.w, chosen, q->spi_in);
	isakmp_close(&o.b);
	add_keys(&o, q);
	for (int i = 0; i < 2; i++)
		isakmp_add(&o.b, ISAKMP_ID, request->id[i]->body, request->id[i]->len);
	if (chosen->is_shorter)
		ike_info_add_lifetimes(&o, &chosen->suite, q->spi_in);
	size_t len = v1_seal(
		ike, q->sa, &o,
		&(struct v1_sealing){ .iv = q->iv, .nonce_i = nonce_of(q, IKE_OF_INITIATOR) });
	if (len)
		ike_turn_send(ike, &q->turn,
		              &(struct ike_message){ &q->sa->path, o.bytes, len, true });
}

static void advise(struct ike *ike, const struct addr *peer, const struct choice *choice)
{
	struct strbuf lines;

	strbuf_init(&lines);
	if (choice->why.can_be_written && choice->refuses &&
	    v1_advise_suite(&ike->snapshot->crypto, choice->refuses, &choice->why.suite, &lines))
		ike_advise(ike, peer, "%s", lines.text);
	strbuf_fini(&lines);
}

static enum ike_drop refuse(struct ike *ike, struct ike_sa *sa, const struct choice *choice)
{
	const struct addr *peer = &sa->host->key.remote;
	const char *text = choice->why.text;

	ike_info_notify(ike, sa,
	                &(struct ike_notify){ .type = IKE_NOTIFY_NO_PROPOSAL, .text = text });
	if (ike_fail(ike, peer, "no IPsec proposal fits: %s", text))
		advise(ike, peer, choice);
	return IKE_DROP_NO_PROPOSAL;
}

/* The pair, its inbound SA in force, and message 2. */
static enum ike_drop accept(struct ike *ike, struct ike_quick *q, const struct v1_in *in,
                            const struct accepted *what)
{
	const struct ike_child like = child_like(ike, q, &what->choice->chosen);
	struct keymats keys;

	q->pfs_group = like.pfs_group;
	if (!read_nonce(q, IKE_OF_INITIATOR, in) || !draw(ike, q) || !derive(q, &like, in, &keys))
		return IKE_DROP_MALFORMED;
	struct ike_child *child = ike_child_new(ike, q->peer, &like);
	if (child) {
		q->child_id = child->id;
		memcpy(q->iv, in->iv, sizeof q->iv);
		memcpy(q->keymat_out, keys.out, sizeof q->keymat_out);
		ike_child_add(ike, child, false, keys.in);
		send_2(ike, q, &what->choice->chosen, what->request);
	}
	memory_wipe(&keys, sizeof keys);
	return child ? IKE_DROP_NONE : IKE_DROP_FULL;
}

/*
 * Both ends have begun at once: the higher message id wins, and the other end gives its own up. A
 * peer that knows nothing of this rule gets its answer when it has asked for a while.
 */
static bool gives_way(struct ike *ike, struct ike_peer *peer, uint32_t message_id)
{
	struct ike_quick *ours = peer->quick;

	if (!ours)
		return true;
	if (ours->message_id > message_id && ours->turn.tries <= CROSSED_TRIES)
		return false;
	ike_quick_end(ike, ours);
	return true;
}

static enum ike_drop read_1(struct ike *ike, struct ike_sa *sa, struct v1_in *in)
{
	struct choice choice = { .why.text = "no protected tunnel" };
	struct request request;

	if (!v1_hash_is_right(sa, in, (struct v1_hashed){ 0 }))
		return IKE_DROP_AUTHENTICATION;
	if (!ike_sa_is_new_quick(sa, in->m.header.message_id))
		return IKE_DROP_REPLAYED;
	if (sa->n_quicks >= IKE_QUICKS_PER_SA || !ike_sa_has_quicks_left(ike, sa))
		return IKE_DROP_FULL;
	enum ike_drop drop = read_request(ike, sa, in, &request);
	if (drop)
		return drop;
	struct ike_tunnel *t = choose_tunnel(ike, sa, request.offer, &choice);
	if (!t)
		return refuse(ike, sa, &choice);
	struct ike_peer *peer = peer_of(ike, sa, t, &request.named[0]);
	if (!peer)
		return IKE_DROP_FULL;
	if (!gives_way(ike, peer, in->m.header.message_id))
		return IKE_DROP_CROSSED;
	struct ike_quick *q = quick_new(ike, sa, peer, in->m.header.message_id);
	q->inner_remote = q->own = request.named[0];
	q->inner_local = request.named[1];
	peer->n_answering++;
	drop = accept(ike, q, in, &(struct accepted){ &choice, &request });
	if (drop) {
		ike_quick_end(ike, q);
		return drop;
	}
	ike_turn_saw(ike, &q->turn, in->event->ike.bytes, in->event->ike.len);
	arm(ike, q);
	return IKE_DROP_NONE;
}

static enum ike_drop read_3(struct ike *ike, struct ike_quick *q, struct v1_in *in)
{
	struct ike_child *child = ike_child_find(ike, q->child_id);
	const struct v1_hashed hashed = {
		.nonce_i = nonce_of(q, IKE_OF_INITIATOR),
		.nonce_r = nonce_of(q, IKE_OF_RESPONDER),
		.third = true,
	};

	if (!v1_hash_is_right(q->sa, in, hashed))
		return IKE_DROP_AUTHENTICATION;
	if (child) {
		ike_child_add(ike, child, true, q->keymat_out);
		ike->counters.quick_mode_done++;
		q->done = true;
		release_peer(ike, q);
		ike_child_stands(ike, child);
	}
	ike_quick_end(ike, q);
	return IKE_DROP_NONE;
}

/* ---- both ---- */

static struct ike_quick *find(const struct ike_sa *sa, uint32_t message_id)
{
	for (struct ike_quick *q = sa->quicks; q; q = q->next)
		if (q->message_id == message_id)
			return q;
	return NULL;
}

static enum ike_drop read_open(struct ike *ike, struct ike_sa *sa, struct ike_quick *q,
                               struct v1_in *in)
{
	enum ike_drop drop;
	struct ike_host *host = sa->host;

	if (!q)
		drop = read_1(ike, sa, in);
	else if (q->done)
		return IKE_DROP_REPLAYED;
	else
		drop = q->initiator ? read_2(ike, q, in) : read_3(ike, q, in);
	/* Message 1 has nothing of ours in its hash: one that was refused may come again, by
	 * anybody. */
	if (drop == IKE_DROP_NONE && q && sa->host == host)
		ike_sa_heard_from(ike, sa, in->event);
	if (drop == IKE_DROP_NONE && q && find(sa, in->m.header.message_id) == q)
		ike_turn_saw(ike, &q->turn, in->event->ike.bytes, in->event->ike.len);
	return drop;
}

enum ike_drop ike_quick_receive(struct ike *ike, struct ike_sa *sa, const struct node_event *event)
{
	struct isakmp_header header;
	struct v1_in in;
	uint8_t iv[CRYPTO_IV_MAX];

	if (!isakmp_parse_header(event->ike.bytes, event->ike.len, &header))
		return IKE_DROP_MALFORMED;
	if (sa->step != IKE_STANDS || !header.message_id)
		return IKE_DROP_EXCHANGE;
	struct ike_quick *q = find(sa, header.message_id);
	if (q && ike_turn_repeats(ike, &q->turn, event))
		return IKE_DROP_NONE;
	if (q)
		memcpy(iv, q->iv, sizeof iv);
	else
		v1_iv(&sa->keys, header.message_id, iv);
	in.event = event;
	if (!v1_open(ike, sa, iv, &in))
		return IKE_DROP_DECRYPT;
	enum ike_drop drop = read_open(ike, sa, q, &in);
	memory_wipe(&in, sizeof in);
	return drop;
}

static void time_out(struct ike *ike, struct ike_quick *q)
{
	struct ike_sa *sa = q->sa;
	bool initiator = q->initiator;

	ike_fail(ike, &sa->host->key.remote,
	         initiator ? "no answer to quick mode: the peer has lost the IKE SA, or refuses "
	                     "the proposal silently"
	                   : "the peer fell silent in quick mode after message 2");
	fail_quick(ike, q);
	if (initiator)
		ike_sa_delete(ike, sa, REASON_PEER_DEAD, true);
}

void ike_quick_fire(struct ike *ike, struct ike_quick *q)
{
	if (!ike_turn_fire(ike, &q->turn, &q->sa->path))
		time_out(ike, q);
	else if (mono_due(q->ends_at, ike->now.mono))
		ike_quick_end(ike, q);
	else
		arm(ike, q);
}
