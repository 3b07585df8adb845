/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table that is indexed by the hash of source and destination, one flow to a place. It is a hint:
 * a flow that was pushed out by another is found with a later packet, since both go on.
 *
 * IPv4 only, as is what is done with it. Worker threads, under RCU.
 */
#include "dataplane/hairpin.h"

#include <string.h>

#include "dataplane/bytes.h"
#include "dataplane/tables.h"
#include "util/checksum.h"
#include "util/clock.h"

enum { SOURCE_AT = 12, TTL_AT = 8, CHECKSUM_AT = 10, CHECK_SHIFT = 16, NBMA_SHIFT = 32 };

_Static_assert(DP_TUNNELS_MAX <= 1 << CHECK_SHIFT, "a slot's place fits");

/* splitmix64's finalizer over both addresses: every bit of the result depends on all of them. */
static uint64_t hash_flow(const uint8_t *packet)
{
	uint64_t x = (uint64_t)bytes_u32(packet + SOURCE_AT) << 32 |
	             bytes_u32(packet + SOURCE_AT + ADDR_V4_LEN);

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static uint16_t check_of(uint64_t flow)
{
	return (uint16_t)(flow >> 48);
}

static uint32_t ms_of(int64_t now_ns)
{
	return (uint32_t)(now_ns / NS_PER_MS);
}

static uint64_t pack(const struct hairpin_packet *p, uint64_t flow)
{
	return (uint64_t)addr_to_u32(p->nbma) << NBMA_SHIFT |
	       (uint64_t)check_of(flow) << CHECK_SHIFT | p->slot->at;
}

#define LOAD(field)         __atomic_load_n(&(field), __ATOMIC_RELAXED)
#define STORE(field, value) __atomic_store_n(&(field), value, __ATOMIC_RELAXED)

void hairpin_note(struct tables *t, const struct hairpin_packet *p)
{
	uint64_t flow = hash_flow(p->bytes), from = pack(p, flow);
	struct hairpin_flow *f = &t->hairpins[flow % HAIRPIN_FLOWS];
	uint32_t now_ms = ms_of(p->now_ns);

	/* Mostly it is there already: the cache line stays shared. */
	if (LOAD(f->flow) != flow)
		STORE(f->flow, flow);
	if (LOAD(f->from) != from) {
		STORE(f->from, from);
		STORE(f->told_ms, now_ms - HAIRPIN_AGAIN_MS);
	}
	if (now_ms - LOAD(f->seen_ms) > HAIRPIN_FRESH_MS / 4)
		STORE(f->seen_ms, now_ms);
}

/* The tunnel that the flow came by, when it is of the network that it leaves by and wants to know.
 */
static bool is_told(struct tables *t, uint64_t from, const struct slot *out, uint32_t *ret_tunnel)
{
	uint16_t at = (uint16_t)from;
	const struct slot *slot = at < DP_TUNNELS_MAX ? rcu_dereference(t->slots[at]) : NULL;

	if (!slot)
		return false;
	const struct dp_tunnel *came = &rcu_dereference(slot->tunnel)->config;
	const struct dp_tunnel *leaves = &rcu_dereference(out->tunnel)->config;
	*ret_tunnel = slot->number;
	return came->redirect && came->network_id == leaves->network_id;
}

static void copy_head(const struct hairpin_packet *p, uint8_t ret[static DP_HAIRPIN_LEN])
{
	memset(ret, 0, DP_HAIRPIN_LEN);
	memcpy(ret, p->bytes, p->in->len < DP_HAIRPIN_LEN ? p->in->len : DP_HAIRPIN_LEN);
	if (p->in->options)
		return;
	ret[TTL_AT]++;
	bytes_set_u16(ret + CHECKSUM_AT, 0);
	bytes_set_u16(ret + CHECKSUM_AT, checksum(ret, IPV4_LEN));
}

bool hairpin_find(struct tables *t, const struct hairpin_packet *p, struct hairpin *ret)
{
	uint64_t flow = hash_flow(p->bytes);
	struct hairpin_flow *f = &t->hairpins[flow % HAIRPIN_FLOWS];
	uint64_t from = LOAD(f->from);
	uint32_t now_ms = ms_of(p->now_ns), nbma = (uint32_t)(from >> NBMA_SHIFT);

	if (LOAD(f->flow) != flow || (uint16_t)(from >> CHECK_SHIFT) != check_of(flow) ||
	    now_ms - LOAD(f->seen_ms) > HAIRPIN_FRESH_MS || nbma == addr_to_u32(p->nbma) ||
	    now_ms - LOAD(f->told_ms) < HAIRPIN_AGAIN_MS)
		return false;
	if (!is_told(t, from, p->slot, &ret->tunnel))
		return false;
	STORE(f->told_ms, now_ms);
	ret->from = addr_from_u32(nbma);
	copy_head(p, ret->head);
	return true;
}
