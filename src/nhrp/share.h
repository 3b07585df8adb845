/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several protected clients behind one public address. Which of them an association is with is
 * known by the address that the peer has itself; an entry whose client that is not does not use it.
 */
#pragma once

#include "nhrp/guard.h"
#include "nhrp/nhrp.h"
#include "nhrp/resolve.h"

/* A client by where it is seen, and by the address that it has itself. */
struct nhrp_client_id {
	struct addr public, own;
};

/*
 * Puts into a path the NBMA address that its client goes by here: the public one, or, where another
 * one behind it has that, its own. False when there is none by which it could not be taken for
 * somebody else: packets for it go by a server.
 */
bool nhrp_share_name(const struct nhrp *n, const struct nhrp_tunnel *t, struct nhrp_path *path);
/* Whether the entry's association stands, but with another client than the entry's. */
bool nhrp_share_is_others(const struct nhrp_entry *e);
/* The entry's client has itself another address than before. */
bool nhrp_share_differs(const struct nhrp_entry *e, const struct nhrp_path *path);
/* Under which NBMA address a client can be sent to now; none: under none. */
struct addr nhrp_share_way(const struct nhrp *n, const struct nhrp_tunnel *t,
                           const struct nhrp_client_id *who);
/* An address has come to be another client's: those that it was meant for go by their own. */
void nhrp_share_taken(struct nhrp *n, struct nhrp_guard *g);
