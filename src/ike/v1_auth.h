/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who a peer is and how it proves it: keys and identities of the configuration, HASH_I and HASH_R,
 * or signatures over them.
 */
#pragma once

#include "crypto/cert.h"
#include "ike/core.h"
#include "ike/v1_info.h"
#include "ike/v1_send.h"

/*
 * The pre-shared key for a peer of the tunnels at local: by the name that it says in clear (NULL:
 * none, as in main mode), else by the longest match of its address. NULL: there is none.
 */
const struct snap_isakmp_key *v1_auth_key(const struct ike *ike, const struct ike_host_key *host,
                                          const char *name);
/* Whether a tunnel of ours admits a peer with this identity. */
bool v1_auth_admits(const struct ike *ike, const struct ike_sa *sa,
                    const struct isakmp_payload *id);

/* SKEYID and what follows from it, when both ends' public values and nonces are there. */
bool v1_auth_keys(struct ike *ike, struct ike_sa *sa);
/*
 * Adds our ID payload and our proof to the message that has to prove us, of which o has the
 * beginning.
 */
enum v1_auth_result {
	V1_AUTH_DONE,
	V1_AUTH_SIGNING, /* o was kept, and its signature asked for: v1_auth_signed() */
	V1_AUTH_FAILED,  /* told */
};
enum v1_auth_result v1_auth_add(struct ike *ike, struct ike_sa *sa, struct v1_out *o);
/*
 * The answer to NODE_IKE_SIGN: the message with its signature, the caller's to be freed; NULL when
 * there is none (told).
 */
struct v1_out *v1_auth_signed(struct ike *ike, struct ike_sa *sa, struct crypto_part signature);

/* A peer's proof on trial. */
struct v1_proof {
	const struct isakmp_payload *id, *sig; /* sig: or HASH */
	uint8_t hash[CRYPTO_DIGEST_MAX];       /* that the peer must have made, or signed */
	size_t hash_len;
	enum ike_notify_type notify; /* what the peer is told when it is refused, … */
	char why[CERT_TEXT_SIZE];    /* … in a sentence for both ends */
	const char *advice;          /* for this end, or NULL */
};
/* Checks the peer's ID and proof, and fills in sa->peer_id. None, or a reason with its words. */
enum ike_drop v1_auth_check(struct ike *ike, struct ike_sa *sa, const struct v1_in *in,
                            struct v1_proof *ret);
