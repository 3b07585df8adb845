/* SPDX-License-Identifier: Apache-2.0 */
/* Resolution of overlay next hops (RFC 2332 5.2.1, 5.2.2), as the client: from the wish to the
 * direct path. */
#pragma once

#include "nhrp/nhrp.h"

/* A direct path as a reply or a request tells it. */
struct nhrp_path {
	enum nhrp_origin origin; /* NHRP_BY_REPLY or NHRP_BY_REQUEST */
	struct addr target, via, nbma;
	struct udp_place place; /* of nbma behind its NAT, or none */
	struct addr claimed;    /* what the peer takes for its address; may equal nbma */
	uint16_t mtu_bytes, holdtime_s;
	uint16_t meanwhile;   /* nhrp_detour_server() */
	bool meanwhile_asked; /* … by the answer to a question for this very path */
	uint8_t preference;
	uint8_t prefix_len; /* of the network around target that a reply speaks for */
	bool is_router, is_unique, is_authoritative;
};

/* NODE_WANT */
void nhrp_resolve_want(struct nhrp *n, uint32_t tunnel, const struct addr *peer);

/* The timer of an incomplete entry or a direct path. The entry may be gone afterwards. */
void nhrp_resolve_fire(struct nhrp *n, struct nhrp_entry *e);

/* Sends an entry's request to an NBMA address. */
void nhrp_resolve_send(struct nhrp *n, const struct nhrp_entry *e, const struct addr *nbma);
/* How long before its end a path with this holding time is asked for again. */
int64_t nhrp_resolve_margin_s(uint16_t holdtime_s);

/* A Resolution Reply. */
void nhrp_resolve_reply(struct nhrp *n, const struct nhrp_received *rx);

/* An Error Indication about one of our Resolution Requests. */
void nhrp_resolve_error(struct nhrp *n, const struct nhrp_received *rx,
                        const struct nhrp_packet *request);

/* Keeps a direct path, unless something better is known. False when the addresses make no sense. */
bool nhrp_resolve_learn(struct nhrp *n, struct nhrp_tunnel *t, const struct nhrp_path *path);

/* A direct path is void: traffic goes by the hub again, and the peer is asked for anew. */
void nhrp_resolve_restart(struct nhrp *n, struct nhrp_entry *e, enum trace_reason reason);

/* Another NHS is the one to go by: packets of unresolved next hops follow. */
void nhrp_resolve_rehome(struct nhrp *n, const struct nhrp_tunnel *t);

/* Packets went to a next hop that may not have been asked for yet. */
void nhrp_resolve_used(struct nhrp *n, struct nhrp_entry *e, uint64_t packets);
/* Whether the tunnel asks for direct paths at all. */
bool nhrp_resolve_may_ask(const struct nhrp_tunnel *t);
