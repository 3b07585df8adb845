/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts. One lives while it has IKE SAs, pairs of IPsec SAs or peers. */
#include "ike/host.h"

#include <string.h>

#include "ike/child.h"
#include "ike/peer.h"
#include "ike/sa.h"
#include "util/memory.h"

static struct ike_host_key key_of(const struct addr *local, const struct addr *remote)
{
	struct ike_host_key key;

	memset(&key, 0, sizeof key);
	key.local = *local;
	key.remote = *remote;
	return key;
}

struct ike_host *ike_host_find(const struct ike *ike, const struct addr *local,
                               const struct addr *remote)
{
	struct ike_host_key key = key_of(local, remote);
	struct ike_host *host;

	HASH_FIND(hh, ike->hosts, &key, sizeof key, host);
	return host;
}

struct ike_host *ike_host_get(struct ike *ike, const struct addr *local, const struct addr *remote)
{
	struct ike_host *host = ike_host_find(ike, local, remote);

	if (host)
		return host;
	host = memory_new(1, sizeof *host);
	host->key = key_of(local, remote);
	HASH_ADD(hh, ike->hosts, key, sizeof host->key, host);
	return host;
}

void ike_host_release(struct ike *ike, struct ike_host *host)
{
	if (host->sas || host->children || host->peers)
		return;
	HASH_DEL(ike->hosts, host);
	free(host);
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

void ike_host_failed(struct ike *ike, struct ike_host *host)
{
	for (struct ike_peer *peer = host->peers; peer; peer = peer->next_of_host)
		ike_peer_failed(ike, peer);
}

static bool is_same(const struct ike_sa *of, const struct addr *peer_id)
{
	return !of->peer_behind_nat || addr_equal(&of->peer_id, peer_id);
}

void ike_host_lost(struct ike *ike, const struct ike_sa *of, enum trace_reason reason)
{
	struct ike_child *child, *next_child;
	struct ike_sa *sa, *next_sa;
	struct ike_host *host = of->host;

	for (child = host->children; child; child = next_child) {
		next_child = child->next_of_host;
		if (is_same(of, &child->peer_id))
			ike_child_lose(ike, child, reason);
	}
	for (sa = host->sas; sa; sa = next_sa) {
		next_sa = sa->next;
		if (sa->step == IKE_STANDS && is_same(of, &sa->peer_id) &&
		    (sa != of || reason == REASON_PEER_DEAD))
			ike_sa_delete(ike, sa, reason, false);
	}
}
