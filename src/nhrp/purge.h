/* SPDX-License-Identifier: Apache-2.0 */
/* Purge Requests and Replies (RFC 2332 5.2.5, 5.2.6). */
#pragma once

#include "nhrp/out.h"

struct nhrp_purge {
	uint32_t request_id;
	struct addr source;      /* our overlay address, then or now */
	struct prefix target;    /* what the void binding is for */
	struct addr destination; /* overlay address of the one who is to forget it */
};

void nhrp_purge_send(struct nhrp *n, const struct nhrp_sending *how,
                     const struct nhrp_purge *purge);

/*
 * Tells an entry's peer: a client that its registration is void, a direct peer that our address is;
 * of what we answered, all who may have it. False when more of them are to be told: call again.
 */
bool nhrp_purge_entry(struct nhrp *n, struct nhrp_entry *e);

/* A Purge Request that came in. */
void nhrp_purge_request(struct nhrp *n, const struct nhrp_received *rx);
/* A Purge Reply. We do not retransmit purges, so it is only counted, or forwarded. */
void nhrp_purge_reply(struct nhrp *n, const struct nhrp_received *rx);
