/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether direct paths in clear still carry anything (`ip nhrp keepalive`). Protected ones have
 * dead peer detection.
 */
#pragma once

#include "nhrp/nhrp.h"
#include "nhrp/resolve.h"

/* No padding up to the end of peer: hashed as bytes. */
struct nhrp_probe_key {
	uint32_t tunnel;
	struct addr peer; /* overlay next hop */
};

struct nhrp_probe {
	UT_hash_handle hh;
	struct timer timer;
	struct nhrp_probe_key key;
	struct addr nbma;
	mono used;           /* when anybody last cared for the path */
	uint32_t request_id; /* of the question that is unanswered, with tries */
	uint8_t tries;       /* questions in a row without an answer */
	bool dead;           /* the path is not to be used until it answers */
};

/* A direct path has come to stand, or is used. Others are no matter. */
void nhrp_probe_watch(struct nhrp *n, const struct nhrp_entry *hop);
/* A direct path is of an earlier life: its peer is asked at once. */
void nhrp_probe_soon(struct nhrp *n, const struct nhrp_entry *hop);
/* The path that is told is known to be dead. */
bool nhrp_probe_refuses(struct nhrp *n, const struct nhrp_tunnel *t, const struct nhrp_path *path);
/* A Resolution Reply. True: it is an answer to a probe, and nobody else's. */
bool nhrp_probe_answered(struct nhrp *n, const struct nhrp_received *rx);
/* The timer. The probe may be gone afterwards. */
void nhrp_probe_fire(struct nhrp *n, struct nhrp_probe *p);
/* What is dead may be tried again at once (clear ip nhrp). */
void nhrp_probe_forgive(struct nhrp *n);
/* None is asked any more: the router stops, or is freed. */
void nhrp_probe_end(struct nhrp *n);
