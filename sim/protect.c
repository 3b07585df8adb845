/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Security associations of a router, as a data plane has them, with names of keys in the place of
 * cryptography: a packet carries the name of the key that it would be sealed with, and opens with
 * that key only.
 *
 * What the checkers of protection know is gathered here: every key that was ever sealed with, and
 * every encrypted IKE message by what its IV is made from.
 */
#include "world.h"

#include <string.h>

#include "util/memory.h"

enum {
	ENCRYPTED = 1,      /* ISAKMP's flag */
	QUICK_MODE = 32,    /* exchange type */
	QUICK_MESSAGES = 3, /* whose IVs follow from one another */
	NAT_T_PORT = 4500,
	IKE_COOKIES_LEN = 16,
	IKE_ID_LEN = 4,
	IKE_FLAGS_AT = 19,
	IKE_EXCHANGE_AT = 18,
	IKE_ID_AT = 20,
	IKE_HEADER_LEN = 28,
};

/* ---- names of keys ---- */

static uint64_t name_bytes(uint64_t hash, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ at[i]) * 1099511628211u;
	return hash;
}

/* All that both ends must agree on. */
static uint64_t name_keys(const struct node_sa *sa)
{
	const uint32_t how[] = { sa->cipher, sa->auth, sa->mode, sa->esn, sa->spi };
	uint64_t hash = name_bytes(SIM_FNV_START, how, sizeof how);

	hash = name_bytes(hash, sa->cipher_key, sizeof sa->cipher_key);
	return name_bytes(hash, sa->auth_key, sizeof sa->auth_key);
}

/* ---- tables ---- */

static struct sim_sa *find_id(struct sim_router *r, uint32_t id)
{
	struct sim_sa *sa;

	HASH_FIND(hh, r->sas, &id, sizeof id, sa);
	return sa;
}

static struct sim_sa *find_spi(struct sim_router *r, uint32_t spi)
{
	struct sim_sa *sa;

	HASH_FIND(hh_spi, r->sas_by_spi, &spi, sizeof spi, sa);
	return sa;
}

static struct sim_use *find_use(struct sim_router *r, const struct addr *nbma)
{
	struct sim_use *use;

	HASH_FIND(hh, r->uses, nbma, sizeof *nbma, use);
	return use;
}

void protect_add(struct sim_world *w, struct sim_router *r, const struct node_sa *from)
{
	struct sim_sa *sa = memory_new(1, sizeof *sa);

	sa->id = from->id;
	sa->spi = from->spi;
	sa->outbound = from->outbound;
	sa->nbma = from->nbma;
	sa->remote = (struct sim_place){ from->remote, from->udp_port };
	sa->keys = name_keys(from);
	HASH_ADD(hh, r->sas, id, sizeof sa->id, sa);
	if (sa->outbound) {
		check_sealing_key(w, r,
		                  name_bytes(name_bytes(SIM_FNV_START, from->cipher_key,
		                                        sizeof from->cipher_key),
		                             from->auth_key, sizeof from->auth_key));
	} else {
		replay_init(&sa->replay, from->replay_packets, from->esn);
		HASH_ADD(hh_spi, r->sas_by_spi, spi, sizeof sa->spi, sa);
	}
}

static void free_sa(struct sim_router *r, struct sim_sa *sa)
{
	HASH_DEL(r->sas, sa);
	if (!sa->outbound)
		HASH_DELETE(hh_spi, r->sas_by_spi, sa);
	free(sa);
}

/* The peer was given up, and the DELETE is under way: what crosses it finds nobody. */
static bool is_closing(const struct sim_world *w, const struct sim_router *r, uint32_t spi)
{
	for (unsigned i = 0; i < SIM_CLOSED_MAX && i < r->n_closed; i++)
		if (r->closed[i].spi == spi &&
		    !mono_due(mono_add_ms(r->closed[i].at, w->options->delay_max_ms), w->now.mono))
			return true;
	return false;
}

void protect_del(const struct sim_world *w, struct sim_router *r, uint32_t id)
{
	struct sim_sa *sa = find_id(r, id);

	if (!sa)
		return;
	/* One that was replaced goes when nothing is under way by it any more. */
	if (!sa->outbound && !find_use(r, &sa->nbma))
		r->closed[r->n_closed++ % SIM_CLOSED_MAX] =
			(struct sim_closed){ .spi = sa->spi, .at = w->now.mono };
	free_sa(r, sa);
}

void protect_move(struct sim_router *r, uint32_t id, const struct sim_place *remote)
{
	struct sim_sa *sa = find_id(r, id);

	if (sa)
		sa->remote = *remote;
}

void protect_use(struct sim_router *r, const struct addr *nbma, uint32_t id)
{
	struct sim_use *use = find_use(r, nbma);

	if (!use && id) {
		use = memory_new(1, sizeof *use);
		use->nbma = *nbma;
		HASH_ADD(hh, r->uses, nbma, sizeof use->nbma, use);
	}
	if (use)
		use->id = id;
	if (use && !id) {
		HASH_DEL(r->uses, use);
		free(use);
	}
}

void protect_forget(struct sim_router *r)
{
	struct sim_sa *sa, *next_sa;
	struct sim_use *use, *next_use;

	HASH_ITER (hh, r->sas, sa, next_sa)
		free_sa(r, sa);
	HASH_ITER (hh, r->uses, use, next_use) {
		HASH_DEL(r->uses, use);
		free(use);
	}
}

/* ---- packets ---- */

static struct sim_ends ends_of(const struct sim_router *r, const struct sim_sa *sa)
{
	const struct sim_place from = { r->nbma, sa->remote.port ? NAT_T_PORT : 0 };

	return (struct sim_ends){ from, sa->remote };
}

bool protect_seal(struct sim_router *r, const struct addr *nbma, struct sim_seal *ret,
                  struct sim_ends *ret_ends)
{
	const struct sim_use *use = find_use(r, nbma);
	struct sim_sa *sa = use ? find_id(r, use->id) : NULL;

	if (!sa)
		return false;
	sa->packets++;
	sa->dirty = true;
	*ret = (struct sim_seal){ sa->spi, sa->packets, sa->keys };
	*ret_ends = ends_of(r, sa);
	return true;
}

bool protect_ends(struct sim_router *r, const struct addr *nbma, struct sim_ends *ret)
{
	const struct sim_use *use = find_use(r, nbma);
	const struct sim_sa *sa = use ? find_id(r, use->id) : NULL;

	if (sa)
		*ret = ends_of(r, sa);
	return sa;
}

static void tell_unknown(struct sim_world *w, struct sim_router *r, const struct sim_place *from,
                         uint32_t spi)
{
	struct node_event event = { .type = NODE_SA_UNKNOWN };

	event.unknown.from = from->addr;
	event.unknown.udp_port = from->port;
	event.unknown.to = r->nbma;
	event.unknown.spi = spi;
	router_step(w, r, &event);
}

/* Its newest packet is from elsewhere: so the peer is (RFC 3948 4.1). */
static void tell_moved(struct sim_world *w, struct sim_router *r, const struct sim_sa *sa,
                       const struct sim_place *from)
{
	struct node_event event = { .type = NODE_SA_MOVED };

	event.moved.id = sa->id;
	event.moved.from = from->addr;
	event.moved.udp_port = from->port;
	router_step(w, r, &event);
}

bool protect_open(struct sim_world *w, struct sim_router *r, const struct sim_arrival *a)
{
	struct sim_sa *sa = find_spi(r, a->seal.spi);

	if (!sa) {
		*a->ret_stray = is_closing(w, r, a->seal.spi) ? SIM_STRAY_CLOSING : SIM_STRAY_HALF;
		tell_unknown(w, r, &a->from, a->seal.spi);
		return false;
	}
	check_opening_key(w, r, sa->keys, a->seal.keys);
	if (sa->keys != a->seal.keys || replay_accept(&sa->replay, a->seal.sequence) != REPLAY_NEW)
		return false;
	sa->packets++;
	sa->dirty = true;
	*a->ret_nbma = sa->nbma;
	bool is_newest = a->seal.sequence > sa->newest;
	if (is_newest)
		sa->newest = a->seal.sequence;
	if (is_newest && sa->remote.port && !sim_place_equal(&sa->remote, &a->from))
		tell_moved(w, r, sa, &a->from);
	return true;
}

/* What the daemon polls: of pairs that carried something since the last time. */
void protect_poll(struct sim_world *w, struct sim_router *r)
{
	uint32_t id[SIM_POLLED_MAX];
	size_t n = 0;

	for (struct sim_sa *sa = r->sas; sa && n < SIM_POLLED_MAX; sa = sa->hh.next) {
		struct sim_sa *in = sa->outbound ? find_id(r, sa->id - 1) : sa;
		if (!sa->dirty)
			continue;
		sa->dirty = false;
		if (in)
			id[n++] = in->id;
	}
	for (size_t i = 0; i < n; i++) {
		struct node_event event = { .type = NODE_SA_USED };
		const struct sim_sa *in = find_id(r, id[i]), *out = find_id(r, id[i] + 1);
		if (!in)
			continue;
		event.sa_used.id = in->id;
		event.sa_used.packets_in = in->packets;
		event.sa_used.packets_out = out ? out->packets : 0;
		router_step(w, r, &event);
	}
}

/* ---- for the checkers ---- */

/* An association that carries nothing may outlive its other half: nobody can know. */
unsigned protect_look(struct sim_world *w, struct sim_router *r, struct sim_use *use)
{
	const struct sim_sa *out = find_id(r, use->id);
	struct sim_router *peer = network_leads(w, r, &use->nbma);
	const struct sim_sa *in = out && peer && peer->up ? find_spi(peer, out->spi) : NULL;
	bool agreed = in && in->keys == out->keys;
	bool carries = out && out->packets != use->packets;

	use->one_sided = agreed || !carries ? 0 : use->one_sided + 1;
	use->packets = out ? out->packets : 0;
	return use->one_sided;
}

/*
 * RFC 2409 appendix B: an IV follows from the message id, so a message id may have one message, or
 * the three of a quick mode. The same bytes again are a retransmission.
 */
void protect_sent(struct sim_world *w, const struct sim_router *r, const uint8_t *bytes, size_t len)
{
	struct sim_ike_iv key, *known;
	uint64_t digest = name_bytes(SIM_FNV_START, bytes, len);
	size_t limit;

	if (len < IKE_HEADER_LEN || !(bytes[IKE_FLAGS_AT] & ENCRYPTED))
		return;
	memset(&key, 0, sizeof key);
	memcpy(key.of, bytes, IKE_COOKIES_LEN);
	memcpy(key.of + IKE_COOKIES_LEN, bytes + IKE_ID_AT, IKE_ID_LEN);
	/* Without one it is main mode: each message's IV is the end of the one before. */
	if (memcmp(key.of + IKE_COOKIES_LEN, (uint8_t[IKE_ID_LEN]){ 0 }, IKE_ID_LEN) == 0)
		return;
	limit = bytes[IKE_EXCHANGE_AT] == QUICK_MODE ? QUICK_MESSAGES : 1;
	HASH_FIND(hh, w->ike_ivs, key.of, sizeof key.of, known);
	if (!known) {
		known = memory_new(1, sizeof *known);
		memcpy(known->of, key.of, sizeof known->of);
		HASH_ADD(hh, w->ike_ivs, of, sizeof known->of, known);
	}
	for (size_t i = 0; i < known->n; i++)
		if (known->message[i] == digest)
			return;
	check_ike_iv(w, r, known->n < limit);
	if (known->n < QUICK_MESSAGES)
		known->message[known->n++] = digest;
}

void protect_fini(struct sim_world *w)
{
	struct sim_ike_iv *iv, *next_iv;
	struct sim_key *key, *next_key;

	HASH_ITER (hh, w->ike_ivs, iv, next_iv) {
		HASH_DEL(w->ike_ivs, iv);
		free(iv);
	}
	HASH_ITER (hh, w->keys, key, next_key) {
		HASH_DEL(w->keys, key);
		free(key);
	}
	crypto_free(w->crypto);
}
