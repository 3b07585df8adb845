/* SPDX-License-Identifier: Apache-2.0 */
/* Packets that pass through us as a transit NHS. */
#pragma once

#include "nhrp/nhrp.h"

/* A request, by a tunnel that need not be the one it came by, to an NBMA address. */
void nhrp_forward_by(struct nhrp *n, const struct nhrp_received *rx, struct nhrp_tunnel *t,
                     const struct addr *to);
/* Towards the destination address. False, and nothing done, when we know no way there. */
bool nhrp_forward_try(struct nhrp *n, const struct nhrp_received *rx);
/* The same; without a way it is dropped with an Error Indication. */
void nhrp_forward_request(struct nhrp *n, const struct nhrp_received *rx);
/* Towards the source address, who made the request. */
void nhrp_forward_reply(struct nhrp *n, const struct nhrp_received *rx);

/* An Error Indication, towards its destination address. False, and nothing done, when we know no
 * way there. */
bool nhrp_forward_error(struct nhrp *n, const struct nhrp_received *rx);

/* The NBMA address at which the one who made a request can be reached. */
struct addr nhrp_forward_requester(const struct nhrp_received *rx);
/* Where an answer to it goes: there, or, while that address is not protected, the way it came. */
struct addr nhrp_forward_back(const struct nhrp *n, const struct nhrp_received *rx);
