/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A path in clear that dies says nothing: resolution goes by the hub and would find the peer well.
 * So as long as a direct path is used the peer is asked for its own address by that path, which
 * every client of NHRP answers (RFC 2332 5.2.1), and the answer must come by it as well. After so
 * many questions without one the path is dead: its packets go by the hub again.
 *
 * A dead path is asked on, less and less often, and is not learned again, whoever tells of it,
 * until it has answered: who filters packets between offices for good costs one interruption, not
 * one with each resolution. An address that is new has nothing to do with it.
 */
#include "nhrp/probe.h"

#include <string.h>

#include "nhrp/cache.h"
#include "nhrp/out.h"
#include "nhrp/tunnel.h"
#include "util/memory.h"

enum {
	RETRY_S = 1,   /* between questions that are not answered */
	IDLE_S = 30,   /* use is told every few seconds; a path unused for so long is left alone */
	DEAD_S = 7200, /* the longest life of a path that others may tell us */
	DEAD_MAX_S = 60, /* between questions to what is dead */
	DOUBLINGS = 6,   /* of the interval, from one second on beyond DEAD_MAX_S */
};

static struct nhrp_probe *find(const struct nhrp *n, uint32_t tunnel, const struct addr *peer)
{
	struct nhrp_probe_key key;
	struct nhrp_probe *p;

	memset(&key, 0, sizeof key);
	key.tunnel = tunnel;
	key.peer = *peer;
	HASH_FIND(hh, n->probes, &key, sizeof key, p);
	return p;
}

static void forget(struct nhrp *n, struct nhrp_probe *p)
{
	timers_clear(&n->timers, &p->timer);
	HASH_DEL(n->probes, p);
	free(p);
}

static struct nhrp_probe *add(struct nhrp *n, const struct nhrp_entry *hop)
{
	struct nhrp_probe *p = memory_new(1, sizeof *p);

	p->key.tunnel = hop->key.tunnel;
	p->key.peer = hop->key.target.addr;
	p->timer.kind = NHRP_TIMER_PROBE;
	HASH_ADD(hh, n->probes, key, sizeof p->key, p);
	return p;
}

static uint8_t interval_s(const struct nhrp_tunnel *t)
{
	bool asks = t->up && !t->protected && t->multipoint && !t->config.server_only;

	return asks ? snap_nhrp_keepalive_s(&t->config) : 0;
}

static bool stands(const struct nhrp_entry *hop, const struct nhrp_probe *p)
{
	return hop && nhrp_entry_is_direct(hop) && addr_equal(&hop->nbma, &p->nbma);
}

void nhrp_probe_watch(struct nhrp *n, const struct nhrp_entry *hop)
{
	const struct nhrp_tunnel *t = nhrp_tunnel_find(n, hop->key.tunnel);
	uint8_t every_s = interval_s(t);

	if (!every_s || !nhrp_entry_is_direct(hop) || nhrp_entry_waits(hop))
		return;
	struct nhrp_probe *p = find(n, t->number, &hop->key.target.addr);
	if (!p && HASH_COUNT(n->probes) >= n->cache_max)
		return;
	if (!p)
		p = add(n, hop);
	p->used = n->now.mono;
	if (addr_equal(&p->nbma, &hop->nbma))
		return;
	p->nbma = hop->nbma;
	p->tries = 0;
	p->dead = false;
	timers_set(&n->timers, &p->timer, mono_add_s(n->now.mono, every_s));
}

void nhrp_probe_soon(struct nhrp *n, const struct nhrp_entry *hop)
{
	nhrp_probe_watch(n, hop);
	struct nhrp_probe *p = find(n, hop->key.tunnel, &hop->key.target.addr);
	if (p && !p->dead)
		timers_set(&n->timers, &p->timer, n->now.mono);
}

bool nhrp_probe_refuses(struct nhrp *n, const struct nhrp_tunnel *t, const struct nhrp_path *path)
{
	struct nhrp_probe *p = find(n, t->number, &path->target);

	if (!p || !p->dead || !addr_equal(&p->nbma, &path->nbma))
		return false;
	p->used = n->now.mono;
	return true;
}

/* By the path itself, past every server. */
static void ask(struct nhrp *n, struct nhrp_probe *p)
{
	struct nhrp_entry question = { .origin = NHRP_BY_WANT };

	if (p->tries == 0 || p->dead)
		p->request_id = nhrp_out_request_id(n);
	question.key.tunnel = p->key.tunnel;
	question.key.target = prefix_host(&p->key.peer);
	question.request_id = p->request_id;
	nhrp_resolve_send(n, &question, &p->nbma);
	if (p->tries < UINT8_MAX)
		p->tries++;
}

static uint32_t pause_s(const struct nhrp_tunnel *t, const struct nhrp_probe *p)
{
	if (!p->dead)
		return RETRY_S;
	uint32_t s = (uint32_t)interval_s(t) << (p->tries < DOUBLINGS ? p->tries : DOUBLINGS);
	return s < DEAD_MAX_S ? s : DEAD_MAX_S;
}

static bool is_over(const struct nhrp *n, const struct nhrp_probe *p, const struct nhrp_entry *hop)
{
	if (!p->dead && !stands(hop, p))
		return true;
	return mono_due(mono_add_s(p->used, p->dead ? DEAD_S : IDLE_S), n->now.mono);
}

void nhrp_probe_fire(struct nhrp *n, struct nhrp_probe *p)
{
	const struct nhrp_tunnel *t = nhrp_tunnel_find(n, p->key.tunnel);
	struct nhrp_entry *hop = nhrp_cache_find_host(n, p->key.tunnel, &p->key.peer);

	if (!t || !interval_s(t) || is_over(n, p, hop)) {
		forget(n, p);
		return;
	}
	if (!p->dead && p->tries >= snap_nhrp_keepalive_tries(&t->config)) {
		p->dead = true;
		p->tries = 0;
		nhrp_resolve_restart(n, hop, REASON_PEER_DEAD);
	} else {
		ask(n, p);
	}
	timers_set(&n->timers, &p->timer, mono_add_s(n->now.mono, pause_s(t, p)));
}

/* The answer is what was told of the path before: who wants the peer hears it now. */
static bool revive(struct nhrp *n, const struct nhrp_received *rx, const struct nhrp_probe *p)
{
	struct nhrp_entry *hop = nhrp_cache_find_host(n, p->key.tunnel, &p->key.peer);

	if (!hop || hop->origin != NHRP_BY_WANT) {
		nhrp_resolve_want(n, p->key.tunnel, &p->key.peer);
		return true;
	}
	hop->request_id = rx->packet.request_id;
	hop->pending = true;
	return false;
}

bool nhrp_probe_answered(struct nhrp *n, const struct nhrp_received *rx)
{
	struct nhrp_probe *p = find(n, rx->tunnel->number, &rx->packet.dst_proto);

	if (!p || !p->tries || p->request_id != rx->packet.request_id)
		return false;
	if (!addr_equal(&p->nbma, &rx->from)) /* it came round by a server */
		return true;
	bool was_dead = p->dead;
	p->tries = 0;
	p->dead = false;
	timers_set(&n->timers, &p->timer, mono_add_s(n->now.mono, interval_s(rx->tunnel)));
	return !was_dead || revive(n, rx, p);
}

void nhrp_probe_forgive(struct nhrp *n)
{
	struct nhrp_probe *p, *next;

	HASH_ITER (hh, n->probes, p, next)
		if (p->dead)
			forget(n, p);
}

void nhrp_probe_end(struct nhrp *n)
{
	struct nhrp_probe *p, *next;

	HASH_ITER (hh, n->probes, p, next)
		forget(n, p);
}
