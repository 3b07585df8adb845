/* SPDX-License-Identifier: Apache-2.0 */
/* The cache: which NBMA address an overlay address is reached by. */
#pragma once

#include "nhrp/nhrp.h"

/* The entry of exactly this target, or NULL. Entries about to be deleted are not found. */
struct nhrp_entry *nhrp_cache_find(const struct nhrp *n, uint32_t tunnel,
                                   const struct prefix *target);
struct nhrp_entry *nhrp_cache_find_host(const struct nhrp *n, uint32_t tunnel,
                                        const struct addr *target);
/* The complete entry with the longest target that contains the address, or NULL. */
struct nhrp_entry *nhrp_cache_match(const struct nhrp *n, const struct nhrp_tunnel *t,
                                    const struct addr *address);
/* The longest of those, complete or not, that are accepted. */
struct nhrp_entry *nhrp_cache_match_where(const struct nhrp *n, const struct nhrp_tunnel *t,
                                          const struct addr *address,
                                          bool (*accept)(const struct nhrp_tunnel *t,
                                                         const struct nhrp_entry *e));

/*
 * A new entry; what was there for the target is gone (with its traces) first. NULL when the cache
 * is full. The caller fills it in, says in `todo` what is to be told, and calls
 * nhrp_cache_settle().
 */
struct nhrp_entry *nhrp_cache_add(struct nhrp *n, struct nhrp_tunnel *t,
                                  const struct prefix *target, enum nhrp_origin origin);

/*
 * The entry of a target made static, whatever it was before, or a new one. Says nothing yet, so
 * that many can be claimed in one step. NULL when the cache is full.
 */
struct nhrp_entry *nhrp_cache_claim(struct nhrp *n, struct nhrp_tunnel *t,
                                    const struct prefix *target);

/* Changes where an entry comes from, and with it its type. */
void nhrp_cache_become(struct nhrp *n, struct nhrp_entry *e, enum nhrp_origin origin);

/* Makes the entry want protection of its NBMA address, or not, as it is now. */
void nhrp_cache_guard(struct nhrp *n, struct nhrp_entry *e);
/* Hands out what is to be told now, and sets the timer to `due`. */
void nhrp_cache_settle(struct nhrp *n, struct nhrp_entry *e);
/* The same in a later timer, for changes of many entries at once. */
void nhrp_cache_settle_later(struct nhrp *n, struct nhrp_entry *e, uint8_t todo);

/* Deletes an entry now, with its traces. */
void nhrp_cache_delete(struct nhrp *n, struct nhrp_entry *e, enum trace_reason reason);
/* In a later timer; nothing finds the entry any more. */
void nhrp_cache_delete_later(struct nhrp *n, struct nhrp_entry *e, enum trace_reason reason);

/* Sets the life of an entry: it expires holdtime_s from now. */
void nhrp_cache_hold(struct nhrp *n, struct nhrp_entry *e, uint16_t holdtime_s);

static inline bool nhrp_entry_has(const struct nhrp_entry *e, enum nhrp_entry_flag flag)
{
	return e->flags & 1u << flag;
}

static inline void nhrp_entry_set(struct nhrp_entry *e, enum nhrp_entry_flag flag, bool on)
{
	e->flags = on ? e->flags | 1u << flag : e->flags & ~(1u << flag);
}

/* The overlay next hop that traffic for the entry goes to; none when it has no path. */
struct addr nhrp_entry_peer(const struct nhrp_entry *e);
/* Complete and not our own: packets can be forwarded by it. */
bool nhrp_entry_is_path(const struct nhrp_entry *e);

/* A network behind another client, or what may become one. */
static inline bool nhrp_entry_is_shortcut(const struct nhrp_entry *e)
{
	return e->origin == NHRP_BY_SHORTCUT || e->origin == NHRP_BY_INDICATION;
}

/* What we tell others about ourselves: nothing that packets of ours could go by. */
static inline bool nhrp_entry_is_own(const struct nhrp_entry *e)
{
	return e->origin == NHRP_BY_ANSWER || e->origin == NHRP_BY_SUMMARY;
}

/* A path to another client, resolved by us or by it. */
static inline bool nhrp_entry_is_direct(const struct nhrp_entry *e)
{
	return e->origin == NHRP_BY_REPLY || e->origin == NHRP_BY_REQUEST;
}

/* A direct path that cannot be gone, for its peer is not protected yet, or is behind a NAT that
 * lets nothing in: packets go by an NHS. */
bool nhrp_entry_waits(const struct nhrp_entry *e);
/* A direct path is none any more; tells it if it stood. */
void nhrp_cache_path_down(struct nhrp *n, struct nhrp_entry *e, enum trace_reason reason);

/* All entries in the order of `show`: tunnel, incomplete last, target. */
struct nhrp_entry **nhrp_cache_sorted(const struct nhrp *n);
