/* SPDX-License-Identifier: Apache-2.0 */
/* Who was told of a client's address from the cache, for when that is void (RFC 2332 5.2.5). */
#pragma once

#include "nhrp/nhrp.h"

/* No padding up to the end of requester: hashed as bytes. */
struct nhrp_told_key {
	uint32_t tunnel;
	struct addr client, requester;
};

struct nhrp_told {
	UT_hash_handle hh;
	struct timer timer;
	struct nhrp_told_key key;
	struct addr nbma; /* of the requester, as it was then */
	bool is_void;
};

/* A request was answered with a registered entry. */
void nhrp_told_note(struct nhrp *n, const struct nhrp_received *rx, const struct nhrp_entry *e);
/* The entry goes before its time, or has another NBMA address: all who were told hear of it, in
 * later timers. */
void nhrp_told_void(struct nhrp *n, const struct nhrp_entry *e);

void nhrp_told_fire(struct nhrp *n, struct nhrp_told *told);
void nhrp_told_fini(struct nhrp *n);
