/* SPDX-License-Identifier: Apache-2.0 */
/* Who a peer is and how it proves it: keys and identities of the configuration, HASH_I and HASH_R.
 */
#pragma once

#include "ike/core.h"
#include "ike/v1_send.h"

/* The pre-shared key for a peer of the tunnels at local, by the longest match; NULL: none. */
const struct snap_isakmp_key *v1_auth_key(const struct ike *ike, const struct ike_host_key *host);
/* Whether a tunnel of ours admits a peer with this identity. */
bool v1_auth_admits(const struct ike *ike, const struct ike_sa *sa, const struct addr *identity);

/* SKEYID and what follows from it, when both ends' public values and nonces are there. */
bool v1_auth_keys(struct ike *ike, struct ike_sa *sa);
/* Adds our ID payload and our proof to message 5 or 6. */
void v1_auth_add(struct ike *ike, const struct ike_sa *sa, struct v1_out *o);
/* Checks the peer's, in message 5 or 6, and fills in sa->peer_id. A reason, or none. */
enum ike_drop v1_auth_check(struct ike *ike, struct ike_sa *sa, const struct v1_in *in);
