/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server starts when fewer than max-connections better ones of its cluster are up or still on
 * trial; it goes when so many better ones are up. So the next one is tried as soon as one does not
 * answer, the ones that do not answer are probed on as long as they are better than what is used,
 * and no server is left before the one that takes its place has answered.
 *
 * A trial is over when the server counts as down (client.c), and in any case after NHRP_TRIAL_S: a
 * server without protection, or whose name has no address, is never even sent a request.
 *
 * A server that comes up while there are enough others proves itself for the fallback time. Until
 * then neither does anyone go for it nor is it asked; a server that flaps faster changes nothing.
 *
 * RFC 2332 knows nothing of all this; the words are those of IOS.
 */
#include "nhrp/cluster.h"

#include "nhrp/client.h"
#include "nhrp/line.h"
#include "nhrp/resolve.h"

/* More than max-connections can say. */
enum { NO_LIMIT = UINT16_MAX };

static size_t limit_of(const struct nhrp_nhs *nhs)
{
	const struct snap_cluster *cluster = &nhs->tunnel->config.cluster[nhs->config.cluster];

	return cluster->limited ? cluster->max_connections : NO_LIMIT;
}

static bool is_in_use(const struct nhrp_nhs *nhs)
{
	return nhs->state == NHRP_NHS_UP && !nhs->waiting && !nhs->proving;
}

static bool is_hoped_for(const struct nhrp_nhs *nhs)
{
	return nhs->state != NHRP_NHS_DOWN && !nhs->overdue;
}

static bool are_rivals(const struct nhrp_nhs *a, const struct nhrp_nhs *b)
{
	return a != b && !a->leaving && !b->leaving && a->config.cluster == b->config.cluster;
}

bool nhrp_cluster_is_better(const struct nhrp_tunnel *t, size_t a, size_t b)
{
	uint8_t mine = t->nhs[a]->config.priority, its = t->nhs[b]->config.priority;

	return mine < its || (mine == its && a < b);
}

bool nhrp_cluster_waits(const struct nhrp_tunnel *t, const struct addr *address,
                        const struct addr *nbma)
{
	for (size_t i = 0; i < t->n_nhs; i++)
		if (!t->nhs[i]->leaving && addr_equal(&t->nhs[i]->address, address) &&
		    addr_equal(&t->nhs[i]->nbma, nbma))
			return t->nhs[i]->waiting;
	return false;
}

/* Better servers of the same cluster for which something holds. */
static size_t count_better(const struct nhrp_tunnel *t, size_t which,
                           bool (*holds)(const struct nhrp_nhs *))
{
	size_t count = 0;

	for (size_t i = 0; i < t->n_nhs; i++)
		count += are_rivals(t->nhs[i], t->nhs[which]) &&
		         nhrp_cluster_is_better(t, i, which) && holds(t->nhs[i]);
	return count;
}

/* The cluster has as many servers in use as it may, without this one. */
static bool is_spare(const struct nhrp_nhs *nhs)
{
	const struct nhrp_tunnel *t = nhs->tunnel;
	size_t count = 0;

	for (size_t i = 0; i < t->n_nhs; i++)
		count += are_rivals(t->nhs[i], nhs) && is_in_use(t->nhs[i]);
	return count >= limit_of(nhs);
}

static bool should_wait(const struct nhrp_tunnel *t, size_t which)
{
	const struct nhrp_nhs *nhs = t->nhs[which];
	size_t limit = limit_of(nhs);

	if (limit == 0)
		return true;
	return count_better(t, which, is_hoped_for) >= limit &&
	       !(is_in_use(nhs) && count_better(t, which, is_in_use) < limit);
}

/* A trial begins when the tunnel can send, and only where another server could take the place. */
static void watch(struct nhrp *n, struct nhrp_nhs *nhs)
{
	if (limit_of(nhs) != NO_LIMIT && nhs->tunnel->up && nhs->state == NHRP_NHS_PROBING &&
	    !nhs->overdue && !timer_is_set(&nhs->choice_timer))
		timers_set(&n->timers, &nhs->choice_timer, mono_add_s(n->now.mono, NHRP_TRIAL_S));
}

void nhrp_cluster_choose(struct nhrp *n, struct nhrp_tunnel *t)
{
	for (size_t i = 0; i < t->n_nhs; i++)
		if (t->nhs[i]->proving && !is_spare(t->nhs[i]))
			nhrp_cluster_forget(n, t->nhs[i]);
	for (size_t i = 0; i < t->n_nhs; i++) {
		struct nhrp_nhs *nhs = t->nhs[i];
		bool wait = should_wait(t, i);
		if (nhs->leaving)
			continue;
		if (wait && !nhs->waiting)
			nhrp_client_rest(n, nhs);
		else if (!wait && nhs->waiting)
			nhrp_client_wake(n, nhs);
		if (!wait)
			watch(n, nhs);
	}
	nhrp_line_judge(n, t);
}

void nhrp_cluster_up(struct nhrp *n, struct nhrp_nhs *nhs)
{
	uint8_t fallback_s = nhs->tunnel->config.nhs_fallback_s;

	nhrp_cluster_forget(n, nhs);
	if (fallback_s && is_spare(nhs)) {
		nhs->proving = true;
		timers_set(&n->timers, &nhs->choice_timer, mono_add_s(n->now.mono, fallback_s));
	}
	nhrp_cluster_choose(n, nhs->tunnel);
}

void nhrp_cluster_fire(struct nhrp *n, struct nhrp_nhs *nhs)
{
	bool proven = nhs->proving;

	nhs->proving = false;
	nhs->overdue = nhs->state == NHRP_NHS_PROBING;
	nhrp_cluster_choose(n, nhs->tunnel);
	if (proven)
		nhrp_resolve_rehome(n, nhs->tunnel);
}

void nhrp_cluster_forget(struct nhrp *n, struct nhrp_nhs *nhs)
{
	nhs->overdue = nhs->proving = false;
	timers_clear(&n->timers, &nhs->choice_timer);
}
