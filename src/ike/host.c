/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts. One lives while it has IKE SAs, pairs of IPsec SAs or peers. */
#include "ike/host.h"

#include <string.h>

#include "ike/child.h"
#include "ike/identity.h"
#include "ike/nat.h"
#include "ike/peer.h"
#include "ike/sa.h"
#include "ike/v1_info.h"
#include "util/memory.h"

enum { DEAD_TOLD_MAX = 8 }; /* DELETEs of pairs at once to a peer that may be dead */

struct ike_host_key ike_host_key(const struct node_ike_path *path, bool nat)
{
	struct ike_host_key key;

	memset(&key, 0, sizeof key);
	key.local = path->from;
	key.remote = path->to;
	key.port = nat ? path->to_port : 0;
	return key;
}

/* With its padding zeroed: it is hashed as bytes. */
static struct ike_host_key clean(const struct ike_host_key *key, uint16_t port)
{
	const struct node_ike_path path = { .from = key->local,
		                            .to = key->remote,
		                            .to_port = port };

	return ike_host_key(&path, true);
}

struct ike_host *ike_host_find(const struct ike *ike, const struct ike_host_key *key)
{
	const struct ike_host_key wanted = clean(key, key->port);
	struct ike_host *host;

	HASH_FIND(hh, ike->hosts, &wanted, sizeof wanted, host);
	return host;
}

static struct ike_host *host_new(struct ike *ike, const struct ike_host_key *key)
{
	struct ike_host *host = memory_new(1, sizeof *host);

	host->key = *key;
	HASH_ADD(hh, ike->hosts, key, sizeof host->key, host);
	return host;
}

struct ike_host *ike_host_get(struct ike *ike, const struct ike_host_key *key)
{
	const struct ike_host_key wanted = clean(key, key->port), bare = clean(key, 0);
	struct ike_host *host = ike_host_find(ike, &wanted);
	struct ike_host *base = ike_host_find(ike, &bare);

	if (host)
		return host;
	if (!base)
		base = host_new(ike, &bare);
	if (!key->port)
		return base;
	host = host_new(ike, &wanted);
	host->base = base;
	host->next_port = base->ports;
	base->ports = host;
	return host;
}

void ike_host_release(struct ike *ike, struct ike_host *host)
{
	struct ike_host *base = host->base;

	if (host->sas || host->children || host->peers || host->ports || host->held)
		return;
	if (base) {
		struct ike_host **at = &base->ports;
		while (*at != host)
			at = &(*at)->next_port;
		*at = host->next_port;
	}
	HASH_DEL(ike->hosts, host);
	free(host);
	if (base)
		ike_host_release(ike, base);
}

struct ike_host *ike_host_base(struct ike_host *host)
{
	return host->base ? host->base : host;
}

struct ike_host *ike_host_next_port(const struct ike_host *host)
{
	return host->base ? host->next_port : host->ports;
}

struct ike_sa *ike_host_standing(const struct ike_host *host)
{
	for (struct ike_sa *sa = host->sas; sa; sa = sa->next)
		if (sa->step == IKE_STANDS && !sa->replaced)
			return sa;
	return NULL;
}

struct ike_sa *ike_host_coming(const struct ike_host *host)
{
	struct ike_sa *theirs = NULL;

	for (struct ike_sa *sa = host->sas; sa; sa = sa->next) {
		if (sa->step >= IKE_STANDS)
			continue;
		if (sa->initiator)
			return sa;
		theirs = sa;
	}
	return theirs;
}

static bool has_sas_with(const struct ike_host *host, const struct ike_identity *who)
{
	for (const struct ike_sa *sa = host->sas; sa; sa = sa->next)
		if (sa->step == IKE_STANDS && (!who || ike_identity_equal(&sa->peer_id, who)))
			return true;
	for (const struct ike_child *child = host->children; child; child = child->next_of_host)
		if (!who || ike_identity_equal(&child->peer_id, who))
			return true;
	return false;
}

bool ike_host_has_elsewhere(struct ike_host *host, const struct ike_identity *who)
{
	const struct ike_host *h = ike_host_base(host);

	for (; h; h = ike_host_next_port(h))
		if (h != host && has_sas_with(h, who))
			return true;
	return false;
}

bool ike_host_is_used(const struct ike_host *host)
{
	if (host->children)
		return true;
	for (const struct ike_peer *peer = host->peers; peer; peer = peer->next_of_host)
		if (peer->n_wants)
			return true;
	return false;
}

void ike_host_wake(struct ike *ike, struct ike_host *host)
{
	for (struct ike_peer *peer = host->peers; peer; peer = peer->next_of_host) {
		peer->not_before = ike->now.mono;
		ike_peer_wake(ike, peer);
	}
}

/* Behind NAT a peer may have lost its port, and we try the way that needs none. */
static void forget_port(struct ike *ike, struct ike_host *host)
{
	struct ike_peer *peer, *next;

	host->held = true;
	for (peer = host->peers; peer; peer = next) {
		next = peer->next_of_host;
		if (addr_equal(&peer->key.nbma, &host->key.remote))
			ike_peer_set_host(ike, peer, host->base);
	}
	host->held = false;
	ike_host_release(ike, host);
}

/* And the other way round, by turns. */
static void try_places(struct ike *ike, struct ike_host *host)
{
	struct ike_peer *peer, *next;

	host->held = true;
	for (peer = host->peers; peer; peer = next) {
		next = peer->next_of_host;
		const struct ike_host_key key = { host->key.local, peer->place.addr,
			                          peer->place.port };
		if (peer->place.port)
			ike_peer_set_host(ike, peer, ike_host_get(ike, &key));
	}
	host->held = false;
	ike_host_release(ike, host);
}

void ike_host_failed(struct ike *ike, struct ike_host *host)
{
	for (struct ike_peer *peer = host->peers; peer; peer = peer->next_of_host)
		ike_peer_failed(ike, peer);
	if (host->children || ike_host_standing(host))
		return;
	if (host->base)
		forget_port(ike, host);
	else
		try_places(ike, host);
}

/* ---- the end of all ---- */

/*
 * Who does not answer may hear us yet, where only the way from him is dead. He learns by DELETE
 * that nothing of his arrives, and need not find that out by himself.
 */
static void lose_children(struct ike *ike, struct ike_host *host, const struct ike_sa *of,
                          enum trace_reason reason)
{
	struct ike_child *child, *next;
	unsigned n_told = 0;

	for (child = host->children; child; child = next) {
		next = child->next_of_host;
		if (host != of->host && !ike_identity_equal(&of->peer_id, &child->peer_id))
			continue;
		if (reason != REASON_PEER_DEAD && !mono_before(child->since, of->begun))
			continue;
		if (reason == REASON_PEER_DEAD && n_told++ < DEAD_TOLD_MAX)
			ike_info_delete_child(ike, child);
		ike_child_lose(ike, child, reason);
	}
}

static void lose_sas(struct ike *ike, struct ike_host *host, const struct ike_sa *of,
                     enum trace_reason reason)
{
	struct ike_sa *sa, *next;

	for (sa = host->sas; sa; sa = next) {
		next = sa->next;
		if (sa->step != IKE_STANDS ||
		    (host != of->host && !ike_identity_equal(&of->peer_id, &sa->peer_id)))
			continue;
		bool dead = reason == REASON_PEER_DEAD;
		if (dead || (sa != of && mono_before(sa->stood, of->begun)))
			ike_sa_delete(ike, sa, reason, dead);
	}
}

/* What a peer behind NAT has left under an earlier port is known by its identity. */
void ike_host_lost(struct ike *ike, const struct ike_sa *of, enum trace_reason reason)
{
	struct ike_host *host = ike_host_base(of->host);

	for (; host; host = ike_host_next_port(host)) {
		if (host != of->host && !of->peer_behind_nat)
			continue;
		lose_children(ike, host, of, reason);
		lose_sas(ike, host, of, reason);
	}
}

/* ---- going over ---- */

static void relink(struct ike_sa *sa, struct ike_host *to)
{
	struct ike_sa **at = &sa->host->sas;

	while (*at != sa)
		at = &(*at)->next;
	*at = sa->next;
	if (sa->main) {
		sa->host->n_half_open--;
		to->n_half_open++;
	}
	sa->next = to->sas;
	to->sas = sa;
	sa->host = to;
}

/* Frees `from` when nothing is left of it. */
static void leave(struct ike *ike, struct ike_host *from, struct ike_host *to)
{
	from->held = true;
	while (from->peers && !ike_host_standing(from))
		ike_peer_set_host(ike, from->peers, to);
	from->held = false;
	ike_host_release(ike, from);
}

void ike_host_settle(struct ike *ike, struct ike_sa *sa, const struct node_ike_path *path)
{
	const struct ike_host_key key = ike_host_key(path, ike_nat_is_there(sa));
	struct ike_host *from = sa->host, *to = ike_host_get(ike, &key);

	sa->path = *path;
	if (to == from)
		return;
	relink(sa, to);
	leave(ike, from, to);
}

/* Peers behind one NAT that have changed places meet at one port for a while. */
static bool has_others(const struct ike_host *host, const struct ike_identity *who)
{
	for (const struct ike_sa *sa = host->sas; sa; sa = sa->next)
		if (sa->step == IKE_STANDS && !ike_identity_equal(&sa->peer_id, who))
			return true;
	for (const struct ike_child *child = host->children; child; child = child->next_of_host)
		if (!ike_identity_equal(&child->peer_id, who))
			return true;
	return false;
}

static void move_sas(struct ike_host *host, struct ike_host *to, const struct ike_identity *who,
                     const struct node_ike_path *path)
{
	struct ike_sa *sa, *next;

	for (sa = host->sas; sa; sa = next) {
		next = sa->next;
		if (who && !ike_identity_equal(&sa->peer_id, who))
			continue;
		if (sa->step >= IKE_STANDS)
			sa->path = *path;
		relink(sa, to);
	}
}

void ike_host_move(struct ike *ike, struct ike_host *host, const struct ike_identity *who,
                   const struct node_ike_path *path)
{
	const struct ike_host_key key = ike_host_key(path, true);
	struct ike_host *to = ike_host_get(ike, &key);
	bool others = has_others(host, who);
	struct ike_child *child, *next;

	host->held = true;
	move_sas(host, to, others ? who : NULL, path);
	for (child = host->children; child; child = next) {
		next = child->next_of_host;
		if (others && !ike_identity_equal(&child->peer_id, who))
			continue;
		ike_peer_set_host(ike, child->peer, to);
		ike_child_move(ike, child, to, path);
	}
	to->heard_at = host->heard_at;
	host->held = false;
	if (others)
		ike_host_release(ike, host);
	else
		leave(ike, host, to);
}
