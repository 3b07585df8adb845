/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One for each client and requester, with a timer: the end of the holding time that was told, after
 * which the requester has forgotten by itself, or now, when it has to be told. When there are too
 * many the next ones are not kept: their holding time has to do.
 */
#include "nhrp/told.h"

#include <string.h>

#include "nhrp/cache.h"
#include "nhrp/forward.h"
#include "nhrp/out.h"
#include "nhrp/purge.h"
#include "nhrp/tunnel.h"
#include "util/memory.h"

_Static_assert(offsetof(struct nhrp_told_key, requester) == sizeof(uint32_t) + sizeof(struct addr),
               "hashed as bytes");

enum { KEY_LEN = offsetof(struct nhrp_told_key, requester) + sizeof(struct addr) };

void nhrp_told_note(struct nhrp *n, const struct nhrp_received *rx, const struct nhrp_entry *e)
{
	struct nhrp_told_key key;
	struct nhrp_told *told;

	memset(&key, 0, sizeof key);
	key.tunnel = rx->tunnel->number;
	key.client = e->via;
	key.requester = rx->packet.src_proto;
	HASH_FIND(hh, n->told, &key, KEY_LEN, told);
	if (!told && HASH_COUNT(n->told) >= NHRP_TOLD_MAX)
		return;
	if (!told) {
		told = memory_new(1, sizeof *told);
		told->timer.kind = NHRP_TIMER_TOLD;
		memcpy(&told->key, &key, sizeof key);
		HASH_ADD(hh, n->told, key, KEY_LEN, told);
	}
	told->nbma = nhrp_forward_requester(rx);
	told->is_void = false;
	timers_set(&n->timers, &told->timer, e->expires);
}

void nhrp_told_void(struct nhrp *n, const struct nhrp_entry *e)
{
	for (struct nhrp_told *told = n->told; told; told = told->hh.next) {
		if (told->key.tunnel != e->key.tunnel || !addr_equal(&told->key.client, &e->via))
			continue;
		told->is_void = true;
		timers_set(&n->timers, &told->timer, n->now.mono);
	}
}

static void forget(struct nhrp *n, struct nhrp_told *told)
{
	HASH_DEL(n->told, told);
	timers_clear(&n->timers, &told->timer);
	free(told);
}

void nhrp_told_fire(struct nhrp *n, struct nhrp_told *told)
{
	struct nhrp_tunnel *t = nhrp_tunnel_find(n, told->key.tunnel);

	if (told->is_void && t && t->up) {
		const struct nhrp_entry *e =
			nhrp_cache_find_host(n, t->number, &told->key.requester);
		const struct nhrp_sending how = { .tunnel = t,
			                          .to = e && nhrp_entry_is_path(e) ? e->nbma
			                                                           : told->nbma };
		nhrp_purge_send(n, &how,
		                &(struct nhrp_purge){ .request_id = nhrp_out_request_id(n),
		                                      .source = t->address.addr,
		                                      .target = prefix_host(&told->key.client),
		                                      .destination = told->key.requester });
	}
	forget(n, told);
}

void nhrp_told_fini(struct nhrp *n)
{
	struct nhrp_told *told, *next;

	HASH_ITER (hh, n->told, told, next)
		forget(n, told);
}
