/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Protected tunnels: towards which NBMA addresses NHRP wants protection, and where it stands. Who
 * protects is not NHRP's business: node/ carries wants out and what came of them in.
 *
 * Whatever sends to an NBMA address (a server, a cache entry, a tunnel for its destination) points
 * to its guard; the address is wanted as long as something does, and NHRP_GUARD_S longer.
 */
#pragma once

#include "nhrp/nhrp.h"

/* An NBMA address of a protected tunnel. No padding that is not zeroed: hashed as bytes. */
struct nhrp_guard_key {
	uint32_t tunnel;
	struct addr nbma;
};

struct nhrp_guard {
	UT_hash_handle hh;
	struct timer timer; /* nothing points to it: the end of its being wanted */
	struct nhrp_guard_key key;
	struct nhrp_guard *next_untold;
	struct udp_place
		place; /* behind NAT: where it is while it is up, and may be when it is not */
	struct udp_place told; /* where it is by a server's word, or none */
	struct addr own;       /* that its peer has itself, or should have; or none */
	uint16_t owner;        /* another one with each peer that has it; 0: none had it yet */
	uint32_t n_pointers;
	bool up, untold;
	bool wanted;
};

/*
 * Makes *at point to the guard of an address, instead of to what it pointed to. None: to none. On a
 * p2p tunnel that is its destination whatever the address; without protection it stays NULL.
 */
void nhrp_guard_point(struct nhrp *n, struct nhrp_guard **at, const struct nhrp_tunnel *t,
                      const struct addr *nbma);
/* The tunnel's own: its destination and its multicast addresses. config: its tables as they are
 * being applied; NULL: it points to nothing any more. */
void nhrp_guard_tunnel(struct nhrp *n, struct nhrp_tunnel *t, const struct snap_nhrp *config);

/* NULL when nothing was heard of the address. */
struct nhrp_guard *nhrp_guard_find(const struct nhrp *n, const struct nhrp_tunnel *t,
                                   const struct addr *nbma);
/* Whether packets may go to an address now. */
bool nhrp_guard_is_up(const struct nhrp *n, const struct nhrp_tunnel *t, const struct addr *nbma);
/* Whether anything of a tunnel with this source sends to an address. */
bool nhrp_guard_knows(const struct nhrp *n, const struct addr *source, const struct addr *nbma);

/*
 * Where an address is reached behind its NAT, by the word of a server; no place says nothing. Who
 * protects hears of it, unless the address is up and he knows better. own: what the peer has
 * itself.
 */
void nhrp_guard_place(struct nhrp *n, struct nhrp_guard *g, const struct udp_place *place,
                      const struct addr *own);

/* Likewise by what was kept of an earlier life. It says where to dial whom, not who has the port.
 */
void nhrp_guard_kept(struct nhrp *n, struct nhrp_guard *g, const struct udp_place *place,
                     const struct addr *own);

/* An address whose being wanted, or place, may have changed since the last call. */
struct nhrp_want {
	uint32_t tunnel;
	struct addr nbma;
	struct udp_place place;
	bool wanted;
	bool told;       /* the place is a server's word, by which packets go meanwhile */
	struct addr own; /* told by who protects */
};
bool nhrp_guard_next(struct nhrp *n, struct nhrp_want *ret);
/* All that is wanted is to be told again by nhrp_guard_next(). */
void nhrp_guard_retell(struct nhrp *n);

/* Protection came up, moved or went: servers are registered with, paths become direct or go by the
 * hub. */
void nhrp_guard_changed(struct nhrp *n, const struct nhrp_want *which, bool up);

void nhrp_guard_fire(struct nhrp *n, struct nhrp_guard *g);
void nhrp_guard_fini(struct nhrp *n);
